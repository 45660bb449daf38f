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
  cpus = profile.cpus or { };
  measured = lib.concatStringsSep "," (
    builtins.filter (list: list != null) [
      (cpus.server or null)
      (cpus.instrument or null)
    ]
  );
  late =
    lib.optional (kernel ? irqs) ''
      # Some are bound to their CPU by the driver, and refuse.
      for file in /proc/irq/*/smp_affinity_list; do
        echo ${kernel.irqs} > "$file" || echo "$file refuses ${kernel.irqs}"
      done
    ''
    ++ lib.optional (power.steady or false) ''
      for policy in /sys/devices/system/cpu/cpufreq/policy*; do
        [ ! -e "$policy/scaling_min_freq" ] || cat "$policy/scaling_max_freq" > "$policy/scaling_min_freq"
      done
    ''
    ++ lib.optional (cpus.partition or false) ''
      cd /sys/fs/cgroup
      echo +cpuset > cgroup.subtree_control
      mkdir -p lab-measured
      echo ${measured} > lab-measured/cpuset.cpus
      echo root > lab-measured/cpuset.cpus.partition
    '';
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

    # Of what is set only once the machine runs: the interrupts of devices that came late, limits
    # that depend on what the cores can do, a partition. Audited by the lab, like all else.
    systemd.services.bench-host = lib.mkIf (late != [ ]) {
      description = "What the host profile ${cfg.profile} says of a running machine";
      wantedBy = [ "multi-user.target" ];
      after = [
        "cpufreq.service"
        "systemd-udev-settle.service"
        "systemd-tmpfiles-setup.service"
      ];
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
      };
      script = lib.concatStringsSep "\n" late;
    };

    # The service that sets it does not start where there is no cpufreq, as in virtual machines.
    powerManagement.cpuFreqGovernor = lib.mkIf (power ? governor) power.governor;

    boot.kernelParams =
      lib.optional (kernel ? isolated) "isolcpus=domain,managed_irq,${kernel.isolated}"
      ++ lib.optionals (kernel ? tickless) [
        "nohz_full=${kernel.tickless}"
        "rcu_nocbs=${kernel.tickless}"
      ]
      ++ lib.optional (kernel ? irqs) "irqaffinity=${kernel.irqs}"
      ++ lib.optional (kernel ? workqueues) "workqueue.unbound_cpus=${kernel.workqueues}"
      ++ lib.optional (!(power.smt or true)) "nosmt"
      ++ lib.optional (
        memory ? transparent_hugepages
      ) "transparent_hugepage=${memory.transparent_hugepages}"
      ++ kernel.parameters or [ ];

    # Two drivers, two switches with opposite senses; `w-` passes over the one that is not there.
    systemd.tmpfiles.rules =
      lib.optionals (power ? boost) [
        "w- /sys/devices/system/cpu/cpufreq/boost - - - - ${if power.boost then "1" else "0"}"
        "w- /sys/devices/system/cpu/intel_pstate/no_turbo - - - - ${if power.boost then "0" else "1"}"
      ]
      # So that the lab, which holds it while it measures, need not be root.
      ++ lib.optional (power ? wake_up_us) "z /dev/cpu_dma_latency 0666 - - - -";

    systemd.settings.Manager = lib.mkMerge [
      # mkDefault: a machine that says more keeps it.
      (lib.mkIf (limits ? nofile) { DefaultLimitNOFILE = lib.mkDefault nofile; })
      # Keeps services off the measured cores. isolcpus would also end load balancing between
      # them, and a server's threads would share one core.
      (lib.mkIf (cpus ? housekeeping) { CPUAffinity = cpus.housekeeping; })
    ];
    # Before the machine's own: the last line counts.
    security.pam.loginLimits = lib.mkBefore (
      lib.optional (limits ? nofile) {
        domain = "*";
        type = "-";
        item = "nofile";
        value = toString nofile;
      }
    );

    # What wakes up by itself. Time synchronisation stays: README.md says why. mkDefault: a
    # machine that says otherwise may, and the audit tells.
    nix.gc.automatic = off "nix-gc.timer";
    nix.optimise.automatic = off "nix-optimise.timer";
    services.logrotate.enable = off "logrotate.timer";
    services.fstrim.enable = off "fstrim.timer";
    services.irqbalance.enable = off "irqbalance.service";
    services.cron.enable = off "cron.service";
  };
}
