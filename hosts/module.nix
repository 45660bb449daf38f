# A NixOS machine that is one of the profiles beside this file:
#
#   benchHost.profile = "article-8core";
#
# The lab reads the same files: `lab host audit article-8core` says whether it came out so.
{ config, lib, ... }:
let
  names = map (lib.removeSuffix ".toml") (
    builtins.filter (lib.hasSuffix ".toml") (builtins.attrNames (builtins.readDir ./.))
  );
  cfg = config.benchHost;
  profile = lib.importTOML (./. + "/${cfg.profile}.toml");
  power = profile.power or { };
  memory = profile.memory or { };
  kernel = profile.kernel or { };
  limits = profile.limits or { };
  # The least hard limit: systemd's own, where that is higher, stays.
  nofile = lib.max limits.nofile 524288;
  units = (profile.quiet or { }).units or [ ];
  off = unit: lib.mkIf (builtins.elem unit units) (lib.mkDefault false);
in
{
  options.benchHost.profile = lib.mkOption {
    type = lib.types.nullOr (lib.types.enum names);
    default = null;
    example = "article-8core";
    description = "The host profile that this machine is set to; null leaves it as it is.";
  };

  config = lib.mkIf (cfg.profile != null) {
    boot.kernel.sysctl = profile.sysctl or { };

    # The service that sets it does not start where there is no cpufreq, as in virtual machines.
    powerManagement.cpuFreqGovernor = lib.mkIf (power ? governor) power.governor;

    boot.kernelParams =
      lib.optional (kernel ? isolated) "isolcpus=domain,managed_irq,${kernel.isolated}"
      ++ lib.optionals (kernel ? tickless) [
        "nohz_full=${kernel.tickless}"
        "rcu_nocbs=${kernel.tickless}"
      ]
      ++ lib.optional (kernel ? irqs) "irqaffinity=${kernel.irqs}"
      ++ lib.optional (!(power.smt or true)) "nosmt"
      ++ lib.optional (
        memory ? transparent_hugepages
      ) "transparent_hugepage=${memory.transparent_hugepages}"
      ++ kernel.parameters or [ ];

    # Two drivers, two switches with opposite senses; `w-` passes over the one that is not there.
    systemd.tmpfiles.rules = lib.optionals (power ? boost) [
      "w- /sys/devices/system/cpu/cpufreq/boost - - - - ${if power.boost then "1" else "0"}"
      "w- /sys/devices/system/cpu/intel_pstate/no_turbo - - - - ${if power.boost then "0" else "1"}"
    ];

    systemd.settings.Manager = lib.mkMerge [
      (lib.mkIf (limits ? nofile) { DefaultLimitNOFILE = nofile; })
      # Keeps services off the measured cores. isolcpus would also end load balancing between
      # them, and a server's threads would share one core.
      (lib.mkIf (profile.cpus ? housekeeping) { CPUAffinity = profile.cpus.housekeeping; })
    ];
    security.pam.loginLimits = lib.optional (limits ? nofile) {
      domain = "*";
      type = "-";
      item = "nofile";
      value = toString nofile;
    };

    # What wakes up by itself. Time synchronisation stays: README.md says why. mkDefault: a
    # machine that says otherwise may, and the audit tells.
    nix.gc.automatic = off "nix-gc.timer";
    nix.optimise.automatic = off "nix-optimise.timer";
    services.logrotate.enable = off "logrotate.timer";
    services.fstrim.enable = off "fstrim.timer";
  };
}
