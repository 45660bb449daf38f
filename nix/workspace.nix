# The lab's command, and what cargo says of the whole workspace. Dependencies are compiled apart
# from our own sources, once for each Cargo.lock: an edit of the lab does not build polars again.
{
  lib,
  rustPlatform,
  clippy,
  runCommand,
}:
let
  inherit (lib) fileset;
  manifest = lib.importTOML ../Cargo.toml;
  source =
    files:
    fileset.toSource {
      root = ../.;
      fileset = files;
    };
  # What is compiled or read at compile time, tests included; no page of the documentation.
  all =
    fileset.difference
      (fileset.unions [
        ../.go-version
        ../Cargo.toml
        ../Cargo.lock
        ../analysis
        ../frameworks/kit/plaintext.txt
        ../frameworks/kit/turn_amd64.s
        ../lab
        ../rust-toolchain.toml
      ])
      (
        fileset.unions [
          (fileset.fileFilter (file: file.hasExt "md") ../lab/claims)
          (fileset.fileFilter (file: file.hasExt "md") ../lab/load)
          ../lab/load/fuzz
          ../lab/load/plots
          ../lab/load/versus.sh
          ../lab/mutations/list
        ]
      );
  build =
    name: arguments:
    rustPlatform.buildRustPackage (
      {
        pname = name;
        inherit (manifest.workspace.package) version;
        cargoLock.lockFile = ../Cargo.lock;
        doCheck = false;
      }
      // arguments
    );

  # Each crate without its code.
  hollow =
    let
      manifests = source (
        fileset.unions (
          [
            ../Cargo.toml
            ../Cargo.lock
          ]
          ++ map (member: ../. + "/${member}/Cargo.toml") manifest.workspace.members
        )
      );
    in
    runCommand "lab-without-code" { } ''
      cp -r ${manifests} $out
      chmod -R u+w $out
      for member in ${toString manifest.workspace.members}; do
        mkdir $out/$member/src
        touch $out/$member/src/lib.rs
        echo 'fn main() {}' > $out/$member/src/main.rs
      done
    '';
  dependencies = build "lab-dependencies" {
    src = hollow;
    # The store's times are all the same, by which cargo would take the hollow crates for ours.
    postBuild = ''
      for folder in target/*/release target/release; do
        for member in ${
          toString (map (member: baseNameOf (toString member)) manifest.workspace.members)
        }; do
          rm -rf $folder/.fingerprint/$member-* $folder/deps/$member-* $folder/deps/lib$member-* \
            $folder/$member $folder/lib$member.*
        done
      done
    '';
    installPhase = "mkdir $out && cp -r --preserve=timestamps target $out/target";
    meta.description = "What the lab depends on, compiled";
  };
  compiled = ''
    cp -r --preserve=timestamps ${dependencies}/target target
    chmod -R u+w target
  '';
in
{
  lab = build "lab" {
    # Only what it is compiled from: a change to an experiment or a test builds nothing anew.
    src = source (
      fileset.difference all (
        fileset.unions [
          ../analysis/examples
          ../analysis/tests
          ../lab/claims/ledger
          ../lab/claims/tests
          ../lab/count/examples
          ../lab/count/tests
          ../lab/experiments
          ../lab/facts/go
          ../lab/facts/tests
          ../lab/instructions/tests
          ../lab/instrument/tests
          ../lab/load/examples
          ../lab/load/tests
          ../lab/record/tests
          ../lab/stats/tests
          ../lab/tests
          ../lab/trials
        ]
      )
    );
    preBuild = compiled;
    passthru = { inherit dependencies; };
    meta = {
      description = "Benchmarks of Go web frameworks that can be believed";
      license = [
        lib.licenses.mit
        lib.licenses.asl20
      ];
      mainProgram = "lab";
      platforms = [ "x86_64-linux" ];
    };
  };

  clippy = build "lab-clippy" {
    src = source all;
    nativeBuildInputs = [ clippy ];
    buildPhase = "cargo clippy --offline --locked --workspace --all-targets -- -D warnings";
    installPhase = "touch $out";
  };

  # What needs neither a socket nor Go: the crates that compute. The others' tests start servers
  # that Go has to build first; .ci/run runs them all.
  tests = build "lab-tests" {
    src = source (
      fileset.unions [
        all
        ../reports
      ]
    );
    buildPhase = "cargo test --offline --locked -p analysis -p claims -p record -p stats";
    installPhase = "touch $out";
  };
}
