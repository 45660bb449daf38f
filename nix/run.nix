# A campaign as a derivation, for the machine that offers the host's feature. A derivation runs
# once, so every repetition is one of its own, with a number; each draws its own orders from the
# number and the seed that all of them share. It is of what is measured and not of a commit, so a
# word in a page measures nothing anew; `nix run .#collect` names the revision.
{
  lib,
  runCommand,
  systemd,
  util-linux,
  go,
  lab,
  frameworks,
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
  checkout = import ./checkout.nix { inherit lib; };
  # Twelve hexadecimal digits: a number that every reader of JSON can hold. What is measured
  # decides it, not the commit.
  seed = lib.fromHexString (
    builtins.substring 0 12 (builtins.hashString "sha256" "${host} ${experiment} ${lab} ${frameworks}")
  );
in
runCommand "${experiment}-${host}-run-${toString number}"
  {
    nativeBuildInputs = [
      go # reads what the servers were built from
      lab
      systemd # the audit asks it for the units that are to be quiet
      util-linux
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
    meta.description = "One campaign of ${experiment} on the host ${host}";
  }
  ''
    cd ${checkout}
    # Nix' own is a folder that must not be.
    export HOME="$TMPDIR"
    # Another farm's run may be on the host, beside which the lab refuses to measure: this one waits.
    # Status 1 with a whole campaign: a framework had to be left out, which `lab collect` tells.
    flock --close ${builtins.storeDir} \
      lab bench ${experiment} ${lib.escapeShellArgs words} --host ${host} --seed ${toString seed} \
      --repetition ${toString number} --frameworks-from ${frameworks} --revision unknown \
      --out "$TMPDIR/results" || [ $? = 1 ]
    cp -r "$TMPDIR/results/latest/." $out
  ''
