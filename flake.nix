{
  description = "Benchmarks of Go web frameworks that can be believed";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      # Used and tested on x86_64; aarch64 is offered untried.
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      hosts = import ./nix/hosts.nix { inherit lib; };
      perSystem = lib.genAttrs systems (
        system:
        import ./nix {
          inherit lib hosts;
          pkgs = nixpkgs.legacyPackages.${system};
          # Every campaign names it; one of an unknown revision is not published.
          revision = self.rev or self.dirtyRev or "unknown";
        }
      );
      output = name: lib.mapAttrs (_: outputs: outputs.${name}) perSystem;
    in
    {
      # The lab, a server for each framework, all of them in `frameworks`, and:
      #   nix run .#bench -- --quick   measures the store's servers, from any checkout
      #   nix build .#report           reports/ as a static site
      packages = output "packages";
      checks = output "checks";
      devShells = output "devShells";
      formatter = output "formatter";

      # A machine to measure on is set to one of the profiles in hosts/ by `benchHost.profile`.
      nixosModules.benchHost = import ./hosts/module.nix;
      nixosConfigurations = lib.mapAttrs (
        name: profile:
        lib.nixosSystem {
          modules = [
            self.nixosModules.benchHost
            (import ./nix/machine.nix {
              inherit name;
              system = profile.system or "x86_64-linux";
            })
          ];
        }
      ) hosts;

      # Campaigns as derivations, which Nix's remote builders or Hydra bring to the hosts:
      # <host>.<experiment>.run-<n>. `lab collect` makes one campaign of their outputs.
      hydraJobs = import ./nix/jobs.nix { inherit lib hosts perSystem; };
    };
}
