# `nix run .#bench`: the lab over the servers of the store, in the caller's checkout.
{
  writeShellApplication,
  git,
  go,
  lab,
  frameworks,
  revision,
}:
writeShellApplication {
  name = "bench";
  runtimeInputs = [
    git
    go # reads what the servers were built from
    lab
  ];
  text = ''
    exec lab bench --frameworks-from ${frameworks} --revision ${revision} "$@"
  '';
}
