# `nix run .#collect -- result*`: one campaign of runs, with the revision that they are of. A run is
# of this one exactly if the flake of this one gives the same derivation.
{
  lib,
  writeShellApplication,
  lab,
  jobs,
  revision,
}:
let
  runs = lib.concatMap (job: builtins.attrValues job.runs) (
    lib.concatMap builtins.attrValues (builtins.attrValues jobs)
  );
  # Their names alone: this builds, and so measures, none of them.
  names = map (run: builtins.unsafeDiscardStringContext run.outPath) runs;
in
writeShellApplication {
  name = "collect";
  runtimeInputs = [ lab ];
  text = ''
    value=
    for word in "$@"; do
      if [ -n "$value" ]; then
        value=
        continue
      fi
      case $word in
        --out | --revision) value=follows ;;
        -*) ;;
        *)
          case $(realpath -- "$word") in
            ${lib.concatStringsSep " | " names}) ;;
            *)
              echo "collect: $word is no run of revision ${revision}: check out the one that it was built from" >&2
              exit 2
              ;;
          esac
          ;;
      esac
    done
    exec lab collect --revision ${revision} "$@"
  '';
  meta = {
    description = "Makes one campaign of the runs of hydraJobs";
    platforms = [ "x86_64-linux" ];
  };
}
