# The lab's command.
{ lib, rustPlatform }:
rustPlatform.buildRustPackage {
  pname = "lab";
  inherit ((lib.importTOML ../Cargo.toml).workspace.package) version;
  # Only what it is compiled from: a change to an experiment or a test builds nothing anew.
  src = lib.fileset.toSource {
    root = ../.;
    fileset =
      lib.fileset.difference
        (lib.fileset.unions [
          ../.go-version
          ../Cargo.toml
          ../Cargo.lock
          ../analysis
          ../frameworks/kit/plaintext.txt
          ../lab
        ])
        (
          lib.fileset.unions [
            ../analysis/tests
            ../lab/experiments
            ../lab/mutations/list
            ../lab/tests
          ]
        );
  };
  cargoLock.lockFile = ../Cargo.lock;
  # The tests start servers that Go has to build first; they run outside, by .ci/run.
  doCheck = false;
  meta = {
    description = "Benchmarks of Go web frameworks that can be believed";
    license = [
      lib.licenses.mit
      lib.licenses.asl20
    ];
    mainProgram = "lab";
    platforms = lib.platforms.linux;
  };
}
