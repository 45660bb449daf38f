# The least of a NixOS machine around a profile, so that it evaluates as it stands; a real one adds
# its disks, its boot loader, its users and its network.
{ name, system }:
{
  benchHost.profile = name;
  networking.hostName = name;
  nixpkgs.hostPlatform = system;
  boot.loader.grub.enable = false;
  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
  };
  system.stateVersion = "26.05";
  # It takes the runs that ask for it by name, one at a time, and lets them out of the sandbox to
  # be measured under the host's own settings. That it takes nothing else is said by the builder's
  # line of the machine that farms out: its last field, the mandatory features.
  nix.settings = {
    sandbox = "relaxed";
    system-features = [
      "benchmark"
      name
    ];
    max-jobs = 1;
  };
  # Who farms out comes in as nix-ssh, with a key that the machine adds here. It is trusted, since
  # lab and servers come from there and no cache has signed them.
  nix.sshServe = {
    enable = true;
    protocol = "ssh-ng";
    write = true;
    trusted = true;
    keys = [ ];
  };
}
