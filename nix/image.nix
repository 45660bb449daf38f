# An OCI image of lab and servers, for those who have containers and no Nix. A container's network
# has the kernel's default settings instead of the host's, so no campaign from there is pinned.
#
#   nix build .#image && docker load < result
#   docker run --rm -v "$PWD/results:/checkout/results" go-bench-lab:REVISION --quick
{
  lib,
  dockerTools,
  bench,
  revision,
}:
dockerTools.buildLayeredImage {
  name = "go-bench-lab";
  tag = revision;
  extraCommands = ''
    cp -r ${import ./checkout.nix { inherit lib; }} checkout
    chmod u+w checkout
    mkdir -m 1777 tmp
  '';
  config = {
    Entrypoint = [ (lib.getExe bench) ];
    WorkingDir = "/checkout";
    Volumes."/checkout/results" = { };
  };
  meta = {
    description = "An image of lab and servers, for containers";
    platforms = [ "x86_64-linux" ];
  };
}
