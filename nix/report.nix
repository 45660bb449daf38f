# The static site that reports/ gives: no clock and no network, so the same bytes each time.
{
  lib,
  runCommand,
  lab,
}:
runCommand "report"
  {
    nativeBuildInputs = [ lab ];
    meta = {
      description = "What is published under reports/, as a static site";
      platforms = [ "x86_64-linux" ];
    };
  }
  ''
    lab site --from ${
      lib.fileset.toSource {
        root = ../reports;
        fileset = ../reports;
      }
    } --out $out
  ''
