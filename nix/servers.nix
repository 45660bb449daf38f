# One derivation a framework, every folder of frameworks/ that has a framework.yaml, and one each of
# its variants, by the lab's names: `hertz`, `hertz@sonic`.
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
  variantsOf =
    framework:
    let
      folder = root + "/${framework}/variants";
    in
    lib.optionals (builtins.pathExists folder) (
      map (variant: "${framework}@${variant}") (
        builtins.attrNames (lib.filterAttrs (_: type: type == "directory") (builtins.readDir folder))
      )
    );
  frameworks = builtins.attrNames (lib.filterAttrs isFramework (builtins.readDir root));

  server =
    name:
    let
      parts = lib.splitString "@" name;
      framework = builtins.head parts;
      isVariant = builtins.length parts > 1;
      program = lib.last parts;
      modRoot = if isVariant then "${framework}/variants/${program}" else framework;
      folder = root + "/${modRoot}";
      sums = folder + "/go.sum";
      variants = root + "/${framework}/variants";
      # The framework without its variants, which have a go.mod of their own, and without pages.
      own = difference (unions [
        (root + "/kit")
        (root + "/${framework}")
      ]) (unions ([ pages ] ++ lib.optional (builtins.pathExists variants) variants));
      module =
        if isVariant then
          unions [
            own
            folder
          ]
        else
          own;
      compiled = difference module tests;
      ours = source (difference own tests);
      replaced = [ "kit" ] ++ lib.optional isVariant framework;
    in
    pkgs.buildGoModule (
      {
        pname = lib.concatStringsSep "-" parts;
        version = "0.1.0";
        src = source compiled;
        inherit modRoot;
        subPackages = [ "." ];

        vendorHash = lib.fileContents (folder + "/vendor-hash");
        # `go mod vendor` copies our own modules as well, which `replace` names: the kit, and a
        # variant's framework. The hash leaves them out, so that a change to the kit changes none of
        # the hashes, and the build puts them back. What the tests import is vendored too, and so part
        # of the hash.
        overrideModAttrs = _: {
          src = source module;
          postBuild = "rm -r vendor/bench.lab";
        };
        postConfigure = ''
          chmod u+w vendor
          mkdir vendor/bench.lab
          cp -r ${toString (map (part: "${ours}/${part}") replaced)} vendor/bench.lab
          chmod -R u+w vendor/bench.lab
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
        # A variant stands in its framework's.
        postInstall = lib.optionalString (!isVariant) "install -m 644 framework.yaml $out/framework.yaml";
        meta = {
          description = "The benchmark's server of ${name}";
          license = [
            lib.licenses.mit
            lib.licenses.asl20
          ];
          mainProgram = program;
          platforms = [ "x86_64-linux" ];
        };
      }
      # A go.mod without requirements has none.
      // lib.optionalAttrs (builtins.pathExists sums) { goSum = sums; }
    );
in
lib.genAttrs (frameworks ++ builtins.concatMap variantsOf frameworks) server
