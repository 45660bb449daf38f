# The options of NixOS that hosts/module.nix and nix/ set, with the types that NixOS declares for
# them and the file of nixos/modules that does. What is not in this list does not exist here: a
# misspelt option is an error, as it is for NixOS.
{ lib }:
let
  inherit (lib) types;
  inherit (types)
    attrsOf
    bool
    enum
    int
    listOf
    nullOr
    oneOf
    package
    path
    str
    ;
  option = file: type: { inherit file type; };
  value = nullOr (oneOf [
    bool
    int
    str
  ]);
  # What ends in a file of `key = value`.
  settings = attrsOf (
    nullOr (oneOf [
      bool
      int
      str
      (listOf str)
    ])
  );
  fileSystem = types.submodule {
    options = {
      device = lib.mkOption { type = nullOr str; };
      fsType = lib.mkOption { type = str; };
    };
  };
  file = types.submodule {
    options.source = lib.mkOption { type = path; };
  };
  # Of a service's many settings, those that are used.
  service = types.submodule {
    options = {
      after = lib.mkOption { type = listOf str; };
      description = lib.mkOption { type = str; };
      script = lib.mkOption { type = str; };
      serviceConfig = lib.mkOption { type = settings; };
      wantedBy = lib.mkOption { type = listOf str; };
    };
  };
  limit = types.submodule {
    options = {
      domain = lib.mkOption { type = str; };
      type = lib.mkOption {
        type = enum [
          "-"
          "hard"
          "soft"
        ];
      };
      item = lib.mkOption { type = str; };
      value = lib.mkOption {
        type = oneOf [
          str
          int
        ];
      };
    };
  };
in
{
  "boot.kernel.sysctl" = option "config/sysctl.nix" (attrsOf value);
  "boot.kernelParams" = option "system/boot/kernel.nix" (
    listOf (types.strMatching ''([^"[:space:]]|"[^"]*")+'')
  );
  "boot.loader.grub.enable" = option "system/boot/loader/grub/grub.nix" bool;
  "environment.etc" = option "system/etc/etc.nix" (attrsOf file);
  "environment.systemPackages" = option "config/system-path.nix" (listOf package);
  "fileSystems" = option "tasks/filesystems.nix" (attrsOf fileSystem);
  "networking.hostName" = option "tasks/network-interfaces.nix" (
    types.strMatching "^$|^[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?$"
  );
  "nix.gc.automatic" = option "services/misc/nix-gc.nix" bool;
  "nix.optimise.automatic" = option "services/misc/nix-optimise.nix" bool;
  "nix.settings" = option "config/nix.nix" settings;
  "nix.sshServe.enable" = option "services/misc/nix-ssh-serve.nix" bool;
  "nix.sshServe.keys" = option "services/misc/nix-ssh-serve.nix" (listOf str);
  "nix.sshServe.protocol" = option "services/misc/nix-ssh-serve.nix" (enum [
    "ssh"
    "ssh-ng"
  ]);
  "nix.sshServe.trusted" = option "services/misc/nix-ssh-serve.nix" bool;
  "nix.sshServe.write" = option "services/misc/nix-ssh-serve.nix" bool;
  "nixpkgs.hostPlatform" = option "misc/nixpkgs.nix" str;
  "powerManagement.cpuFreqGovernor" = option "tasks/cpu-freq.nix" (nullOr str);
  "security.pam.loginLimits" = option "security/pam.nix" (listOf limit);
  "services.cron.enable" = option "services/scheduling/cron.nix" bool;
  "services.fstrim.enable" = option "services/misc/fstrim.nix" bool;
  "services.irqbalance.enable" = option "services/hardware/irqbalance.nix" bool;
  "services.logrotate.enable" = option "services/logging/logrotate.nix" bool;
  "system.stateVersion" = option "misc/version.nix" str;
  "systemd.services" = option "system/boot/systemd.nix" (attrsOf service);
  "systemd.settings.Manager" = option "system/boot/systemd.nix" settings;
  "systemd.tmpfiles.rules" = option "system/boot/systemd/tmpfiles.nix" (listOf str);
  "virtualisation.cores" = option "virtualisation/qemu-vm.nix" types.ints.positive;
}
