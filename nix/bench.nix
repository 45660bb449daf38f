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
    for word in "$@"; do
      case $word in
        --compare | --compare=*)
          echo "bench: $word builds both of its sides from git, and the servers of the store are of one revision:" >&2
          echo "bench: nix develop --command cargo run --release -- bench $*" >&2
          exit 2
          ;;
      esac
    done
    exec lab bench --frameworks-from ${frameworks} --revision ${revision} "$@"
  '';
  meta = {
    description = "Measures the servers of the store from any folder of a checkout";
    platforms = [ "x86_64-linux" ];
  };
}
