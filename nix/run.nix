# A campaign as a derivation, for the machine that offers the host's feature. A derivation runs
# once, so every repetition is one of its own, with a number; each draws its own orders from the
# number and the seed that all of them share.
{
  lib,
  runCommand,
  go,
  lab,
  frameworks,
  revision,
}:
{
  host,
  experiment,
  number,
  # More words for `lab bench`.
  words ? [ ],
  # Outside of the build sandbox. In it a run has a network of its own, with the kernel's default
  # settings instead of the host's, so no campaign from there is pinned.
  onHost ? true,
}:
let
  # A checkout, as far as `lab bench` reads one.
  checkout = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../frameworks/README.md
      ../hosts
      ../lab/experiments
    ];
  };
  # Twelve hexadecimal digits: a number that every reader of JSON can hold.
  seed = lib.fromHexString (
    builtins.substring 0 12 (builtins.hashString "sha256" "${host} ${experiment} ${revision}")
  );
in
runCommand "${experiment}-${host}-run-${toString number}"
  {
    nativeBuildInputs = [
      go # reads what the servers were built from
      lab
    ];
    # "benchmark" is on by default everywhere and would keep nobody out.
    requiredSystemFeatures = [
      "benchmark"
      host
    ];
    # Another machine's measurement is no substitute for this one's.
    allowSubstitutes = false;
    # The host's Nix has to allow it: `sandbox = relaxed`, as ./machine.nix sets.
    __noChroot = onHost;
  }
  ''
    cd ${checkout}
    # Status 1 with a whole campaign: a framework had to be left out, which `lab collect` tells.
    lab bench ${experiment} ${lib.escapeShellArgs words} --host ${host} --seed ${toString seed} \
      --repetition ${toString number} --frameworks-from ${frameworks} --revision ${revision} \
      --out "$TMPDIR/results" || [ $? = 1 ]
    cp -r "$TMPDIR/results/latest/." $out
  ''
