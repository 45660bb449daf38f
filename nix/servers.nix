# One derivation a framework: every folder of frameworks/ that has a framework.yaml.
{ lib, pkgs }:
let
  inherit (lib.fileset)
    difference
    fileFilter
    toSource
    unions
    ;
  root = ../frameworks;
  pages = fileFilter (file: file.hasExt "md") root;
  tests = fileFilter (file: lib.hasSuffix "_test.go" file.name) root;
  source = fileset: toSource { inherit root fileset; };
  isFramework =
    name: type: type == "directory" && builtins.pathExists (root + "/${name}/framework.yaml");
  server =
    name: _:
    let
      folder = root + "/${name}";
      sums = folder + "/go.sum";
      variants = folder + "/variants";
      # Neither a variant, which has a go.mod of its own, nor a page.
      module = difference (unions [
        (root + "/kit")
        folder
      ]) (unions ([ pages ] ++ lib.optional (builtins.pathExists variants) variants));
      compiled = difference module tests;
    in
    pkgs.buildGoModule (
      {
        pname = name;
        version = "0.1.0";
        src = source compiled;
        modRoot = name;
        subPackages = [ "." ];

        vendorHash = lib.fileContents (folder + "/vendor-hash");
        # `go mod vendor` copies the kit as well, which `replace` names. The hash leaves it out, so
        # that a change to the kit changes none of the hashes, and the build puts it back. What the
        # tests import is vendored too, and so part of the hash.
        overrideModAttrs = _: {
          src = source module;
          postBuild = "rm -r vendor/bench.lab";
        };
        postConfigure = ''
          chmod u+w vendor
          mkdir vendor/bench.lab
          cp -r ../kit vendor/bench.lab/kit
        '';

        # As `lab` builds them; -trimpath is nixpkgs' default.
        env = {
          CGO_ENABLED = "0";
          GOAMD64 = "v1";
        };
        ldflags = [
          "-s"
          "-w"
          "-buildid="
        ];

        # The servers' own tests run with the lab's, by `cargo test`.
        doCheck = false;
        postInstall = "install -m 644 framework.yaml $out/framework.yaml";
        meta = {
          description = "The benchmark's server of the framework ${name}";
          license = [
            lib.licenses.mit
            lib.licenses.asl20
          ];
          mainProgram = name;
          platforms = [ "x86_64-linux" ];
        };
      }
      # A go.mod without requirements has none.
      // lib.optionalAttrs (builtins.pathExists sums) { goSum = sums; }
    );
in
lib.mapAttrs server (lib.filterAttrs isFramework (builtins.readDir root))
