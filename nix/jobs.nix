# Repetitions of each experiment on each host that can run one by itself.
{
  lib,
  hosts,
  run,
}:
let
  repetitions = lib.range 1 10;
  # The store has no server for a variant of a framework (`hertz@sonic`): an experiment that names
  # one is left out, instead of failing on the host.
  isOfTheStore = file: !lib.hasInfix "@" (builtins.readFile (../lab/experiments + "/${file}"));
  experiments = map (lib.removeSuffix ".yaml") (
    builtins.filter (file: lib.hasSuffix ".yaml" file && isOfTheStore file) (
      builtins.attrNames (builtins.readDir ../lab/experiments)
    )
  );
  runs =
    words:
    builtins.listToAttrs (
      map (
        number: lib.nameValuePair "run-${toString number}" (run (words // { inherit number; }))
      ) repetitions
    );
in
lib.mapAttrs (
  host: _:
  lib.genAttrs experiments (experiment: runs { inherit host experiment; })
  // {
    # A minute that shows the way there and back, in any sandbox, and no figures.
    smoke = runs {
      inherit host;
      experiment = "headline";
      onHost = false;
      words = [
        "--quick"
        "--frameworks"
        "nethttp,gin"
        "--scenarios"
        "json"
      ];
    };
  }
) (lib.filterAttrs (_: profile: profile.role == "both") hosts)
