# Repetitions of each experiment on each host that can run one by itself.
{
  lib,
  hosts,
  perSystem,
}:
let
  repetitions = lib.range 1 10;
  experiments = map (lib.removeSuffix ".yaml") (
    lib.filter (lib.hasSuffix ".yaml") (builtins.attrNames (builtins.readDir ../lab/experiments))
  );
  runs =
    host: profile: run:
    builtins.listToAttrs (
      map (
        number:
        lib.nameValuePair "run-${toString number}" (
          perSystem.${profile.system or "x86_64-linux"}.run (run // { inherit host number; })
        )
      ) repetitions
    );
in
lib.mapAttrs (
  host: profile:
  lib.genAttrs experiments (experiment: runs host profile { inherit experiment; })
  // {
    # A minute that shows the way there and back, in any sandbox, and no figures.
    smoke = runs host profile {
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
