{
  description = "Benchmarks of Go web frameworks that can be believed";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      # Servers are built for GOAMD64=v1 and the profiles are of such machines: nothing else is offered.
      system = "x86_64-linux";
      hosts = import ./nix/hosts.nix { inherit lib; };
      offers =
        pkgs:
        import ./nix {
          inherit lib hosts pkgs;
          # Every campaign names it; one of an unknown revision is not published.
          revision = self.rev or self.dirtyRev or "unknown";
        };
      ours = offers nixpkgs.legacyPackages.${system};
    in
    {
      # The lab, all servers in `frameworks`, and:
      #   nix run .#bench -- --quick   measures the store's servers, from any checkout
      #   nix build .#report           reports/ as a static site
      #   nix build .#image            lab and servers for those who have containers and no Nix
      packages.${system} = ours.packages;
      # The servers one by one, `nix build .#chi`, which are too many for `nix flake show`.
      legacyPackages.${system} = ours.servers;
      checks.${system} = ours.checks;
      devShells.${system} = ours.devShells;
      formatter.${system} = ours.formatter;
      # The same by the Go and Rust of another nixpkgs: `pkgs.go-bench-lab.bench`.
      overlays.default =
        final: _:
        let
          theirs = offers final;
        in
        {
          go-bench-lab = theirs.servers // theirs.packages;
        };

      # A machine to measure on is set to one of the profiles in hosts/ by `benchHost.profile`.
      nixosModules = lib.genAttrs [ "default" "benchHost" ] (_: ./hosts/module.nix);
      nixosConfigurations = lib.mapAttrs (
        name: _:
        lib.nixosSystem {
          modules = [
            self.nixosModules.default
            (import ./nix/machine.nix { inherit name system; })
          ];
        }
      ) hosts;

      # Campaigns as derivations, which Nix's remote builders or Hydra bring to the hosts:
      # <host>.<experiment> is ten repetitions, <host>.<experiment>.run-<n> one. `nix run .#collect -- result*` makes one campaign of them.
      hydraJobs = ours.jobs;
    };
}
