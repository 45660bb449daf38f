# One derivation a framework: every folder of frameworks/ that has a framework.yaml.
{ lib, pkgs }:
let
  root = ../frameworks;
  isFramework =
    name: type: type == "directory" && builtins.pathExists (root + "/${name}/framework.yaml");
  server =
    name: _:
    let
      folder = root + "/${name}";
      sums = folder + "/go.sum";
    in
    pkgs.buildGoModule (
      {
        pname = name;
        version = "0.1.0";
        src = lib.fileset.toSource {
          inherit root;
          fileset = lib.fileset.unions [
            (root + "/kit")
            folder
          ];
        };
        modRoot = name;
        subPackages = [ "." ];

        vendorHash = lib.fileContents (folder + "/vendor-hash");
        # `go mod vendor` copies the kit as well, which `replace` names. The hash leaves it out, so
        # that a change to the kit changes none of the hashes, and the build puts it back.
        overrideModAttrs = _: { postBuild = "rm -r vendor/bench.lab"; };
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
        ];

        # The servers' own tests run with the lab's, by `cargo test`.
        doCheck = false;
        postInstall = "install -m 644 framework.yaml $out/framework.yaml";
        meta.mainProgram = name;
      }
      # A go.mod without requirements has none.
      // lib.optionalAttrs (builtins.pathExists sums) { goSum = sums; }
    );
  # Everybody measures servers of one Go. nixpkgs decides the patch release, and each campaign
  # names the one that its servers say they were built by.
  pinned = lib.fileContents ../.go-version;
  minor = lib.versions.majorMinor;
in
assert lib.assertMsg (minor pkgs.go.version == minor pinned)
  "nixpkgs has Go ${pkgs.go.version}, and the servers are built by Go ${pinned} (.go-version): choose a nixpkgs of that minor release";
lib.mapAttrs server (lib.filterAttrs isFramework (builtins.readDir root))
