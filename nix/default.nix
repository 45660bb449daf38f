# What the flake offers on one system.
{
  lib,
  pkgs,
  hosts,
  revision,
}:
let
  lab = pkgs.callPackage ./lab.nix { };
  servers = import ./servers.nix { inherit lib pkgs; };
  # A folder for each framework with its description and its server, as `--frameworks-from` takes it.
  frameworks = pkgs.linkFarm "frameworks" servers;
  bench = pkgs.callPackage ./bench.nix { inherit lab frameworks revision; };
  report = pkgs.callPackage ./report.nix { inherit lab; };
in
{
  packages = servers // {
    inherit
      lab
      frameworks
      bench
      report
      ;
    default = bench;
  };
  checks = import ./checks.nix {
    inherit
      lib
      pkgs
      lab
      servers
      frameworks
      hosts
      ;
  };
  devShells.default = pkgs.mkShell {
    packages = [
      pkgs.cargo
      pkgs.clippy
      pkgs.rustc
      pkgs.rustfmt
      pkgs.go
      pkgs.jq
      pkgs.nixfmt
      pkgs.deadnix
    ];
  };
  formatter = pkgs.nixfmt-tree;
  run = pkgs.callPackage ./run.nix { inherit lab frameworks revision; };
}
