# A virtual machine made from the host module: what the profile says is so once it runs, by the
# kernel's own word and by the lab's audit. For machines that have nixpkgs and can start virtual
# machines; .ci/nix counts it as skipped where they do not.
{
  lib,
  lab,
  hosts,
}:
let
  name = "two-core-vm";
  profile = hosts.${name};
in
{
  name = "bench-host";
  nodes.host = {
    imports = [ ../hosts/module.nix ];
    benchHost.profile = name;
    virtualisation.cores = profile.machine.cpus;
    environment.systemPackages = [ lab ];
    environment.etc.checkout.source = import ./checkout.nix { inherit lib; };
  };
  testScript = ''
    host.wait_for_unit("multi-user.target")
    ${lib.concatLines (
      lib.mapAttrsToList (key: value: ''
        found = host.succeed("sysctl -n ${key}").split()
        assert found == "${toString value}".split(), f"${key} is {found}"
      '') profile.sysctl
    )}
    host.succeed("cd /etc/checkout && lab host audit ${name} >&2")
  '';
}
