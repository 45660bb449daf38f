# What the flake offers on one system.
{
  lib,
  pkgs,
  hosts,
  revision,
}:
let
  go = import ./go.nix { inherit lib pkgs; };
  workspace = pkgs.callPackage ./workspace.nix { };
  inherit (workspace) lab;
  # No server of a Go that is not the pinned one.
  servers = builtins.seq go (import ./servers.nix { inherit lib pkgs; });
  # A folder for each framework with its description and its server, and for each of its variants, as
  # `--frameworks-from` takes it.
  frameworks = pkgs.linkFarm "frameworks" servers // {
    meta = {
      description = "The servers of all frameworks, one folder each";
      platforms = [ "x86_64-linux" ];
    };
  };
  bench = pkgs.callPackage ./bench.nix {
    inherit
      go
      lab
      frameworks
      revision
      ;
  };
  run = pkgs.callPackage ./run.nix { inherit go lab frameworks; };
  jobs = pkgs.callPackage ./jobs.nix { inherit hosts run; };
in
{
  inherit servers;
  packages = {
    inherit lab frameworks bench;
    collect = pkgs.callPackage ./collect.nix { inherit lab jobs revision; };
    report = pkgs.callPackage ./report.nix { inherit lab; };
    image = pkgs.callPackage ./image.nix { inherit bench revision; };
    default = bench;
  };
  checks = import ./checks.nix {
    inherit
      lib
      pkgs
      go
      workspace
      servers
      frameworks
      hosts
      ;
  };
  devShells.default = pkgs.mkShell {
    packages = [
      go
      pkgs.actionlint
      pkgs.cargo
      pkgs.clippy
      pkgs.deadnix
      pkgs.gcc
      pkgs.git
      pkgs.gopls
      pkgs.jq
      pkgs.nixfmt
      # Counts instructions: `lab count`.
      pkgs.qemu-user
      pkgs.rust-analyzer
      pkgs.rustc
      pkgs.rustfmt
      pkgs.shellcheck
    ];
  };
  formatter = pkgs.nixfmt-tree;
  inherit jobs;
}
