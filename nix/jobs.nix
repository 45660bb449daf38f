# Repetitions of each experiment on each host that can run one by itself: a folder of them all, which
# has each of them as an attribute too.
{
  lib,
  linkFarm,
  hosts,
  run,
}:
let
  repetitions = lib.range 1 10;
  names = map (lib.removeSuffix ".yaml") (
    builtins.filter (lib.hasSuffix ".yaml") (builtins.attrNames (builtins.readDir ../lab/experiments))
  );
  # `vie-routers`: what the switches of one of our own designs cost is asked by `run`, and no farm's
  # question.
  designs = builtins.attrNames (builtins.readDir ../reference);
  ofDesign = name: builtins.any (design: lib.hasPrefix "${design}-" name) designs;
  experiments = builtins.filter (name: !ofDesign name) names;
  job =
    { host, experiment, ... }@words:
    let
      runs = builtins.listToAttrs (
        map (
          number: lib.nameValuePair "run-${toString number}" (run (words // { inherit number; }))
        ) repetitions
      );
    in
    linkFarm "${experiment}-${host}" runs
    // runs
    // {
      inherit runs;
      meta.description = "Repetitions of ${experiment} on the host ${host}";
    };
in
lib.mapAttrs (
  host: _:
  lib.genAttrs experiments (experiment: job { inherit host experiment; })
  // {
    # A minute that shows the way there and back, in any sandbox, and no figures.
    smoke = job {
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
