# nixpkgs' builders for Go and Rust, over the machine's own toolchains.
{
  lib,
  derive,
  machine,
}:
{
  # `go mod vendor` as a fixed-output derivation, so that a wrong hash fails as it would for a
  # user, and a build that sees nothing else. The caches are the machine's, for speed.
  buildGoModule =
    {
      pname,
      version,
      src,
      modRoot,
      vendorHash,
      env,
      ldflags,
      ...
    }@attrs:
    let
      modules =
        let
          base = {
            name = "${pname}-${version}-go-modules";
            outputHashMode = "recursive";
            outputHashAlgo = if vendorHash == "" then "sha256" else null;
            outputHash = vendorHash;
            impureEnvVars = [
              "GOPROXY"
              "http_proxy"
              "https_proxy"
            ];
            inherit src;
            goSum = attrs.goSum or null;
            postBuild = "";
          };
          final = base // attrs.overrideModAttrs base;
        in
        derive (
          final
          // {
            script = ''
              export PATH=${machine.go}/bin:$PATH GOTOOLCHAIN=local GOPATH=$TMPDIR/go
              export GOPROXY=file://${machine.goModules}/cache/download,${machine.goProxy} GOFLAGS=-modcacherw
              cp -r $src source && chmod -R u+w source && cd source/${modRoot}
              go mod vendor
              ${final.postBuild}
              cp -r vendor $out
            '';
          }
        );
    in
    derive {
      name = "${pname}-${version}";
      inherit src env;
      passthru.goModules = modules;
      inherit (attrs) meta;
      script = ''
        export PATH=${machine.go}/bin:$PATH GOTOOLCHAIN=local GOPATH=$TMPDIR/go GOCACHE=${machine.goCache}
        export GOPROXY=off GOSUMDB=off GOFLAGS="-mod=vendor -trimpath -buildvcs=false"
        cp -r $src source && chmod -R u+w source && cd source/${modRoot}
        cp -r ${modules} vendor
        ${attrs.postConfigure or ""}
        for package in ${lib.concatStringsSep " " (map (p: "./${p}") attrs.subPackages)}; do
          go install -ldflags="${lib.concatStringsSep " " ldflags}" "$package"
        done
        mkdir -p $out && cp -r "$GOPATH/bin" $out
        ${attrs.postInstall or ""}
      '';
    };

  # With the phases that the flake has of its own.
  rustPlatform.buildRustPackage =
    {
      pname,
      version,
      src,
      sourceRoot ? "source",
      cargoLock,
      env ? { },
      nativeBuildInputs ? [ ],
      preBuild ? "",
      buildPhase ? "cargo build --release --offline --locked",
      postBuild ? "",
      doCheck ? true,
      checkPhase ? "cargo test --release --offline --locked",
      installPhase ? ''
        mkdir -p $out/bin
        find target/release -maxdepth 1 -type f -executable -exec install -t $out/bin {} +
      '',
      postInstall ? "",
      passthru ? { },
      meta ? { },
    }:
    derive {
      name = "${pname}-${version}";
      inherit
        src
        env
        nativeBuildInputs
        passthru
        meta
        ;
      script = ''
        export PATH=${machine.rust}/bin:$PATH CARGO_HOME=$TMPDIR/cargo
        mkdir $CARGO_HOME && ln -s ${machine.cargoHome}/registry $CARGO_HOME/registry
        # As stdenv unpacks, with the store's times.
        cp -r --preserve=timestamps $src source && chmod -R u+w source && cd ${sourceRoot}
        cmp ${cargoLock.lockFile} Cargo.lock
        ${preBuild}
        ${buildPhase}
        ${postBuild}
        ${lib.optionalString doCheck checkPhase}
        ${installPhase}
        ${postInstall}
      '';
    };
}
