# The Go that everybody's servers are built by: nixpkgs', held to what the checkout asks of it.
# nixpkgs decides the patch release, and each campaign names the one that its servers say they were
# built by.
{ lib, pkgs }:
let
  inherit (pkgs) go;
  pinned = lib.fileContents ../.go-version;
  minor = lib.versions.majorMinor;

  root = ../frameworks;
  folders =
    folder:
    lib.optionals (builtins.pathExists folder) (
      map (name: folder + "/${name}") (
        builtins.attrNames (lib.filterAttrs (_: type: type == "directory") (builtins.readDir folder))
      )
    );
  modules = builtins.filter (folder: builtins.pathExists (folder + "/go.mod")) (
    folders root ++ builtins.concatMap (framework: folders (framework + "/variants")) (folders root)
  );
  # The version in a go.mod's line `go 1.26.5`: with an older one the Go command refuses it.
  asks =
    folder:
    lib.concatMapStringsSep "" (lib.removePrefix "go ") (
      builtins.filter (lib.hasPrefix "go ") (
        lib.splitString "\n" (builtins.readFile (folder + "/go.mod"))
      )
    );
  ahead = builtins.filter (folder: lib.versionOlder go.version (asks folder)) modules;
  tell =
    folder:
    "frameworks${lib.removePrefix (toString root) (toString folder)}/go.mod asks for Go ${asks folder}";
in
assert lib.assertMsg (minor go.version == minor pinned)
  "nixpkgs has Go ${go.version}, and the servers are built by Go ${pinned} (.go-version): choose a nixpkgs of that minor release";
assert lib.assertMsg (ahead == [ ])
  "nixpkgs has Go ${go.version}, and ${
    lib.concatMapStringsSep ", " tell ahead
  }: choose a newer nixpkgs (`nix flake update`), or a module that asks for less";
go
