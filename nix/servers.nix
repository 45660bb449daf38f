# One derivation a framework, every folder of frameworks/ that has a framework.yaml, and one each of
# its variants, by the lab's names: `hertz`, `hertz@sonic`. A server whose design has no published
# release is built from the folder of its name in reference/, too.
{ lib, pkgs }:
let
  inherit (lib.fileset)
    difference
    fileFilter
    toSource
    unions
    ;
  root = ../frameworks;
  designs = ../reference;
  both =
    predicate:
    unions (
      map (fileFilter predicate) [
        root
        designs
      ]
    );
  pages = both (file: file.hasExt "md");
  tests = both (file: lib.hasSuffix "_test.go" file.name);
  # Both folders lie in it as they lie in the checkout, since modules name each other by their places.
  source =
    fileset:
    toSource {
      root = ../.;
      inherit fileset;
    };
  designOf = framework: designs + "/${framework}";
  hasDesign = framework: builtins.pathExists (designOf framework);
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

  # A server in Rust, by its own lock file, which has the hash of each package.
  crate =
    name:
    let
      folder = root + "/${name}";
    in
    pkgs.rustPlatform.buildRustPackage {
      pname = name;
      version = "0.1.0";
      src = source (
        difference (unions ([ folder ] ++ lib.optional (hasDesign name) (designOf name))) pages
      );
      sourceRoot = "source/frameworks/${name}";
      cargoLock.lockFile = folder + "/Cargo.lock";
      # As `lab` builds them.
      env.RUSTFLAGS = "-Ctarget-cpu=x86-64 -Cstrip=symbols";
      doCheck = false;
      postInstall = "install -m 644 framework.yaml $out/framework.yaml";
      meta = {
        description = "The benchmark's server of ${name}";
        license = [
          lib.licenses.mit
          lib.licenses.asl20
        ];
        mainProgram = name;
        platforms = [ "x86_64-linux" ];
      };
    };

  server =
    name: if builtins.pathExists (root + "/${name}/Cargo.toml") then crate name else moduleOf name;

  moduleOf =
    name:
    let
      parts = lib.splitString "@" name;
      framework = builtins.head parts;
      isVariant = builtins.length parts > 1;
      program = lib.last parts;
      place = if isVariant then "${framework}/variants/${program}" else framework;
      modRoot = "frameworks/${place}";
      folder = root + "/${place}";
      sums = folder + "/go.sum";
      variants = root + "/${framework}/variants";
      # The framework without its variants, which have a go.mod of their own, and without pages.
      own = difference (unions (
        [
          (root + "/kit")
          (root + "/${framework}")
        ]
        ++ lib.optional (hasDesign framework) (designOf framework)
      )) (unions ([ pages ] ++ lib.optional (builtins.pathExists variants) variants));
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
          cp -r ${toString (map (part: "${ours}/frameworks/${part}") replaced)} vendor/bench.lab
          ${lib.optionalString (hasDesign framework) ''
            mkdir vendor/bench.lab/reference
            cp -r ${ours}/reference/${framework} vendor/bench.lab/reference
          ''}
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
