# Stands in for nixpkgs where there is no binary cache: the attributes that ../../flake.nix uses,
# as derivations over the machine's own toolchains. `.ci/nix` copies this folder, writes
# machine.nix beside it and passes it by --override-input.
#
# What it builds links to the machine's libraries and is never published. It shows that the flake
# evaluates, that its derivations have all their inputs, and that they do what they should; not
# that nixpkgs' own builders do the same, and not that NixOS takes the host module.
{
  description = "A stand-in for nixpkgs over the machine's own toolchains";

  outputs =
    _:
    let
      lib = import ./lib.nix // {
        nixosSystem = import ./nixos.nix { inherit lib pkgs; };
      };
      machine = import ./machine.nix;
      pkgs = import ./packages.nix { inherit lib machine; };
    in
    {
      inherit lib;
      # For the other systems too, so that they evaluate; only the machine's own can be built.
      legacyPackages = lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
      ] (_: pkgs);
    };
}
