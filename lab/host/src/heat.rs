//! How warm the CPUs are, and how often they were slowed for it.
//!
//! A core that gets too warm is slowed by the hardware, without a word to whoever runs on it. Where
//! it is counted, an equal count before and after says that it did not happen.

use std::collections::BTreeMap;

use record::audit::Setting;

use super::audit::{CPUS, Finding, finding};
use super::machine::Machine;
use super::profile::Wanted;

const THROTTLING: &str = "thermal-throttling";
const NEVER: &str = "never while measuring";
const SENSORS: &str = "/sys/class/hwmon";
/// The names of the sensors that are in CPUs.
const OF_CPUS: [&str; 4] = ["coretemp", "cpu_thermal", "k10temp", "zenpower"];
const ZONES: &str = "/sys/class/thermal";

/// What the profile wants of it.
pub(super) fn audit(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let mut findings = Vec::new();
    if wanted.power.unthrottled {
        // By itself a count is neither good nor bad: `judge` looks at what came on top.
        let found = throttled(machine).map(|_| NEVER.to_owned());
        findings.push(finding(
            THROTTLING,
            Some(NEVER.to_owned()),
            found,
            |_, _| true,
            Some("this machine does not count it"),
        ));
    }
    if let Some(most) = wanted.power.warmest {
        let hottest = hottest(machine);
        let limit = format!("at most {most} °C");
        let found = hottest.map(|now| match now <= i64::from(most) {
            // In one way of writing, however warm it is below that.
            true => limit.clone(),
            false => format!("{now} °C"),
        });
        findings.push(finding(
            "temperature",
            Some(limit.clone()),
            found,
            |wanted, found| wanted == found,
            Some(match hottest {
                None => "this machine shows no temperature of its CPUs",
                Some(_) => "let the machine cool down",
            }),
        ));
    }
    findings
}

/// Says in the audit at a campaign's end how often the cores were slowed since the count was another.
pub fn judge(settings: &mut [Setting], machine: &Machine, before: Option<u64>) {
    let since = before.zip(throttled(machine));
    let slowed = since.map_or(0, |(before, now)| now.saturating_sub(before));
    let ours = settings.iter_mut().filter(|s| s.name == THROTTLING);
    for setting in ours.filter(|s| slowed > 0 && s.wanted.is_some()) {
        setting.found = Some(format!("{slowed} times"));
        setting.matches = false;
    }
}

/// What a campaign keeps of it, before or after.
pub fn facts(machine: &Machine, when: &str) -> BTreeMap<String, String> {
    let temperature = hottest(machine).map(|now| ("temperature", format!("{now} °C")));
    let throttled = throttled(machine).map(|count| (THROTTLING, format!("{count} times")));
    (temperature.into_iter().chain(throttled))
        .map(|(name, value)| (format!("{name}-{when}"), value))
        .collect()
}

/// The count that a campaign has kept when it began.
pub fn count_of(facts: &BTreeMap<String, String>) -> Option<u64> {
    let said = facts.get(&format!("{THROTTLING}-before"))?;
    said.split(' ').next()?.parse().ok()
}

/// How often cores and packages were slowed since the boot; nothing where nobody counts.
pub fn throttled(machine: &Machine) -> Option<u64> {
    let counts: Vec<u64> = (machine.names(CPUS, "cpu").iter())
        .flat_map(|cpu| {
            ["core", "package"]
                .map(|of| format!("{CPUS}/{cpu}/thermal_throttle/{of}_throttle_count"))
        })
        .filter_map(|file| machine.read(&file)?.parse().ok())
        .collect();
    (!counts.is_empty()).then(|| counts.iter().sum())
}

/// The highest temperature of a CPU, in whole degrees; nothing where none is shown.
fn hottest(machine: &Machine) -> Option<i64> {
    let sensors = (machine.names(SENSORS, "hwmon").into_iter())
        .map(|name| format!("{SENSORS}/{name}"))
        .filter(|folder| {
            let name = machine.read(&format!("{folder}/name"));
            name.is_some_and(|name| OF_CPUS.contains(&name.as_str()))
        })
        .flat_map(|folder| {
            let inputs = machine.names(&folder, "temp").into_iter();
            let inputs = inputs.filter(|name| name.ends_with("_input"));
            inputs.map(move |name| format!("{folder}/{name}"))
        });
    let zones = (machine.names(ZONES, "thermal_zone").into_iter())
        .map(|name| format!("{ZONES}/{name}"))
        .filter(|folder| {
            let kind = machine.read(&format!("{folder}/type"));
            kind.is_some_and(|kind| kind.starts_with("x86_pkg") || kind.starts_with("cpu"))
        })
        .map(|folder| format!("{folder}/temp"));
    let thousandths = |file: String| machine.read(&file)?.parse::<i64>().ok();
    let hottest = sensors.chain(zones).filter_map(thousandths).max()?;
    Some(hottest.div_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Machine) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let machine = Machine::at(folder.path());
        (folder, machine)
    }

    fn found(machine: &Machine) -> Vec<(String, bool)> {
        let mut wanted = Wanted::nothing();
        wanted.power.unthrottled = true;
        wanted.power.warmest = Some(80);
        let findings = audit(machine, &wanted);
        (findings.iter())
            .map(|f| (f.setting.found().to_owned(), f.setting.matches))
            .collect()
    }

    #[test]
    fn the_hottest_cpu_and_all_counts_are_told() {
        let core = "sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count";
        let package = "sys/devices/system/cpu/cpu1/thermal_throttle/package_throttle_count";
        let (_folder, machine) = machine(&[
            (core, "2\n"),
            (package, "5\n"),
            ("sys/class/hwmon/hwmon0/name", "nvme\n"),
            ("sys/class/hwmon/hwmon0/temp1_input", "99000\n"),
            ("sys/class/hwmon/hwmon1/name", "coretemp\n"),
            ("sys/class/hwmon/hwmon1/temp1_input", "61900\n"),
            ("sys/class/hwmon/hwmon1/temp1_crit", "100000\n"),
            ("sys/class/hwmon/hwmon1/temp2_input", "64500\n"),
            ("sys/class/thermal/thermal_zone0/type", "acpitz\n"),
            ("sys/class/thermal/thermal_zone0/temp", "98000\n"),
        ]);
        let limit = "at most 80 °C".to_owned();
        assert_eq!(found(&machine), [(NEVER.to_owned(), true), (limit, true)]);
        let mut wanted = Wanted::nothing();
        wanted.power.unthrottled = true;
        let settings = || -> Vec<Setting> {
            let findings = audit(&machine, &wanted);
            findings.into_iter().map(|f| f.setting).collect()
        };
        for (before, says) in [(Some(7), NEVER), (Some(4), "3 times"), (None, NEVER)] {
            let mut after = settings();
            judge(&mut after, &machine, before);
            assert_eq!((after[0].found(), after[0].matches), (says, says == NEVER));
        }
        let facts = facts(&machine, "before");
        assert_eq!(facts["temperature-before"], "64 °C");
        assert_eq!(facts["thermal-throttling-before"], "7 times");
        assert_eq!(count_of(&facts), Some(7));
        machine
            .write("/sys/class/hwmon/hwmon1/temp2_input", "81000")
            .unwrap();
        assert_eq!(found(&machine)[1], ("81 °C".to_owned(), false));
    }

    #[test]
    fn a_machine_that_does_not_tell_differs() {
        let (_folder, machine) = machine(&[]);
        assert_eq!(
            found(&machine),
            ["absent"; 2].map(|a| (a.to_owned(), false))
        );
        assert!(facts(&machine, "before").is_empty());
    }
}
