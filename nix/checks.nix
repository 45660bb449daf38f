# `nix flake check`.
{
  lib,
  pkgs,
  go,
  workspace,
  servers,
  frameworks,
  hosts,
}:
let
  inherit (workspace) lab;
  check =
    name: inputs: script:
    pkgs.runCommand name { nativeBuildInputs = inputs; } "${script}\ntouch $out";
  checkout = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../frameworks
      ../lab/experiments
    ];
  };
  lock = lib.importJSON ../flake.lock;
  pin = lock.nodes.nixpkgs;
in
{
  inherit (workspace) clippy tests;

  # What is committed under reports/ is what its raw data give.
  report = check "report-is-rendered" [ lab ] "lab site --check --from ${../reports}";

  # One input, pinned by revision and content.
  lock =
    assert lib.assertMsg (
      lock.version == 7
      &&
        builtins.attrNames lock.nodes == [
          "nixpkgs"
          "root"
        ]
    ) "flake.lock has other inputs than nixpkgs";
    assert lib.assertMsg (
      pin.original == {
        type = "github";
        owner = "NixOS";
        repo = "nixpkgs";
        ref = "nixos-26.05";
      }
    ) "flake.lock was made for another branch than flake.nix names";
    assert lib.assertMsg (
      builtins.match "[0-9a-f]{40}" pin.locked.rev != null
      && builtins.match "sha256-[A-Za-z0-9+/]{43}=" pin.locked.narHash != null
      && pin.locked.lastModified > 0
    ) "flake.lock does not pin nixpkgs by revision, hash and time";
    check "lock" [ ] "";

  # The committed hashes, computed again by the lab from the folders that Nix fetched. That these
  # are what go.mod asks for is the Go command's own check in every build, and that they are what
  # the module proxy serves today is `lab vendor-hashes --check`'s, which needs the network.
  vendor-hashes =
    let
      inGo = lib.filterAttrs (_: server: server ? goModules) servers;
      vendored = pkgs.linkFarm "vendored" (lib.mapAttrs (_: server: server.goModules) inGo);
    in
    check "vendor-hashes" [ lab ] ''
      cd ${checkout}
      lab vendor-hashes --check --vendored ${vendored}
    '';

  # Every server of the store was built as `lab` builds it, and holds the contract.
  servers = check "servers" [ lab go ] ''
    for server in ${frameworks}/*; do
      name=$(basename "$server")
      program=$server/bin/''${name##*@}
      # What follows is what Go writes into what it builds.
      [ ! -e ${checkout}/frameworks/$name/Cargo.toml ] || continue
      go version -m "$program" > receipt
      for setting in -trimpath=true CGO_ENABLED=0 GOAMD64=v1; do
        grep -q "build.$setting$" receipt || { echo "$name was not built with $setting"; exit 1; }
      done
      if [ -n "$(go tool buildid "$program")" ]; then
        echo "$name has a build id, which the lab's own builds leave out"
        exit 1
      fi
    done
    cp -r ${checkout} checkout && chmod -R u+w checkout && cd checkout
    lab check --variants --frameworks-from ${frameworks}
  '';

  format = check "format" [ pkgs.cargo pkgs.rustfmt go pkgs.nixfmt ] ''
    cp -r ${lib.cleanSource ../.} checkout && chmod -R u+w checkout && cd checkout
    cargo fmt --all --check
    [ -z "$(gofmt -l frameworks reference lab/tests)" ]
    nixfmt --check flake.nix nix/*.nix hosts/*.nix
  '';

  # Needs a builder that can start virtual machines.
  host = pkgs.testers.runNixOSTest (import ./vm-test.nix { inherit lib lab hosts; });
}
