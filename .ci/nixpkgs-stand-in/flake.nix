# Stands in for nixpkgs where there is no binary cache: the attributes that ../../flake.nix uses,
# as derivations over the machine's own toolchains. `.ci/nix` copies this folder, writes
# machine.nix beside it and passes it by --override-input.
#
# What it builds links to the machine's libraries and is never published. It shows that the flake
# evaluates, that its derivations have all their inputs, and that they do what they should; not
# that nixpkgs' own builders do the same. `.ci/nix-real` puts a copy of nixpkgs, or of its lib
# alone, beside this file: lib and the module system are then nixpkgs' own.
{
  description = "A stand-in for nixpkgs over the machine's own toolchains";

  outputs =
    _:
    let
      real = builtins.pathExists ./nixpkgs/lib/default.nix;
      lib = (if real then import ./nixpkgs/lib else import ./lib.nix) // {
        nixosSystem = import (if real then ./nixos-by-lib.nix else ./nixos.nix) { inherit lib pkgs; };
      };
      machine = import ./machine.nix;
      pkgs = import ./packages.nix { inherit lib machine; };
    in
    {
      inherit lib;
      legacyPackages.x86_64-linux = pkgs;
    };
}
