# The builders and packages that the flake uses. The machine's folders in machine.nix are given to
# the sandbox by .ci/nix.
{ lib, machine }:
let
  system = builtins.currentSystem or "x86_64-linux";

  # Runs a script with the machine's tools and those of `nativeBuildInputs`.
  derive =
    {
      script,
      nativeBuildInputs ? [ ],
      ...
    }@attrs:
    derivation (
      builtins.removeAttrs attrs [
        "script"
        "nativeBuildInputs"
        "meta"
        "passthru"
        "env"
      ]
      // (attrs.env or { })
      // {
        inherit system;
        builder = "/bin/bash";
        args = [
          "-euc"
          ''
            set -o pipefail
            export HOME="$TMPDIR" TZ=UTC PATH=${
              lib.concatStringsSep ":" (
                map (p: "${p}/bin") nativeBuildInputs
                ++ [
                  "/usr/bin"
                  "/bin"
                ]
              )
            }
            ${script}
          ''
        ];
      }
    )
    // {
      meta = attrs.meta or { };
    }
    // (attrs.passthru or { });

  # A folder with a link bin/NAME to each of the machine's programs.
  tools =
    name: programs:
    derive {
      inherit name;
      script = ''
        mkdir -p $out/bin
        ${lib.concatLines (map (program: "ln -s ${program} $out/bin/") programs)}
      '';
      meta.mainProgram = name;
    };
  # Named by path, since the proxies that version managers put on PATH do not work in a sandbox.
  rust = program: tools program [ "${machine.rust}/bin/${program}" ];

  pkgs = {
    inherit lib;
    cargo = tools "cargo" (
      map (p: "${machine.rust}/bin/${p}") [
        "cargo"
        "cargo-fmt"
      ]
    );
    rustc = rust "rustc";
    rustfmt = rust "rustfmt";
    clippy = rust "cargo-clippy";
    go =
      tools "go" (
        map (p: "${machine.go}/bin/${p}") [
          "go"
          "gofmt"
        ]
      )
      // {
        version = machine.goVersion;
      };
    git = tools "git" [ "/usr/bin/git" ];
    jq = tools "jq" [ "/usr/bin/jq" ];
    bashInteractive = tools "bash" [ "/bin/bash" ];
    nixfmt = tools "nixfmt" [ machine.nixfmt ];
    nixfmt-tree = pkgs.nixfmt;
    deadnix = tools "deadnix" [ machine.deadnix ];

    callPackage =
      file: arguments:
      let
        make = import file;
        known = pkgs // arguments;
      in
      make (lib.mapAttrs (name: _: known.${name}) (builtins.functionArgs make) // arguments);

    runCommand =
      name: attrs: script:
      derive (attrs // { inherit name script; });

    writeText =
      name: text:
      derive {
        inherit name text;
        passAsFile = [ "text" ];
        script = "cp $textPath $out";
      };

    linkFarm =
      name: entries:
      derive {
        inherit name;
        script = ''
          mkdir $out
          ${lib.concatLines (lib.mapAttrsToList (entry: target: "ln -s ${target} $out/${entry}") entries)}
        '';
      };

    writeShellApplication =
      {
        name,
        text,
        runtimeInputs ? [ ],
      }:
      derive {
        inherit name;
        program = ''
          #!/bin/bash
          set -o errexit -o nounset -o pipefail
          export PATH="${lib.makeBinPath runtimeInputs}:$PATH"
          ${text}
        '';
        passAsFile = [ "program" ];
        script = ''
          mkdir -p $out/bin
          cp $programPath $out/bin/${name}
          chmod +x $out/bin/${name}
          bash -n $out/bin/${name}
        '';
        meta.mainProgram = name;
      };

    mkShell =
      attrs:
      derive {
        name = "shell";
        PATH = "${lib.makeBinPath attrs.packages}:/usr/bin:/bin";
        # `nix develop` writes what it finds to every output that this names.
        outputs = [ "out" ];
        script = "export > $out";
      };

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
            go install -ldflags="${lib.concatStringsSep " " ldflags} -buildid=" "$package"
          done
          mkdir -p $out && cp -r "$GOPATH/bin" $out
          ${attrs.postInstall or ""}
        '';
      };

    rustPlatform.buildRustPackage =
      {
        pname,
        version,
        src,
        cargoLock,
        ...
      }@attrs:
      derive {
        name = "${pname}-${version}";
        inherit src;
        inherit (attrs) meta;
        script = ''
          cmp ${cargoLock.lockFile} $src/Cargo.lock
          export PATH=${machine.rust}/bin:$PATH CARGO_HOME=$TMPDIR/cargo
          mkdir $CARGO_HOME && ln -s ${machine.cargoHome}/registry $CARGO_HOME/registry
          cp -r $src source && chmod -R u+w source && cd source
          cargo build --release --offline --locked
          mkdir -p $out/bin
          find target/release -maxdepth 1 -type f -executable -exec install -t $out/bin {} +
        '';
      };
  };
in
pkgs
