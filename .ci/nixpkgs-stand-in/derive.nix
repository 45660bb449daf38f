# Runs a script with the machine's tools and those of `nativeBuildInputs`.
{ lib }:
let
  make =
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
        system = "x86_64-linux";
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
in
make
