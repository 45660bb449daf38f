//! From a host profile to a published report: pinned only if the machine was what it says.

use record::Status;

use crate::support::{Bench, alone, lab, run};

/// A profile that wants what this machine has: it matches until somebody changes something.
fn profile(bench: &Bench, swappiness: &str) -> String {
    let path = bench.path().join("here.toml");
    let text = format!(
        "schema = \"host-profile/1\"\ntitle = \"This machine\"\nrole = \"both\"\n[cpus]\nserver = \"0\"\ninstrument = \"1\"\ngomaxprocs = 1\n[sysctl]\n\"vm.swappiness\" = {swappiness}\n"
    );
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn swappiness() -> String {
    let text = std::fs::read_to_string("/proc/sys/vm/swappiness").unwrap();
    text.trim().to_owned()
}

#[test]
fn a_machine_that_matches_is_pinned_and_published_under_its_profile() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp", "chi"], 2, 200);
    let matching = profile(&bench, &swappiness());
    // What is published is of a revision, also where the test's checkout has changes.
    let measure = |profile: &str| {
        let words = ["--host", profile, "--revision", "0123abc"];
        run(bench.bench(&experiment, &words)).expect_nobody_blamed();
    };
    measure(&matching);
    let file = bench.latest().file;
    assert!(file.pinned, "{:?}", file.audit);
    assert_eq!(file.host["profile"], "here");
    assert_eq!(file.host["gomaxprocs"], "1");
    assert_eq!(
        (&file.cpus.server[..], &file.cpus.instrument[..]),
        (&[0][..], &[1][..])
    );
    let latest = bench.results().join("latest");
    let report = std::fs::read_to_string(latest.join("report/report.md")).unwrap();
    assert!(
        report.contains("**Pinned**: the machine matched profile `here`"),
        "{report}"
    );
    let reports = bench.path().join("reports");
    let publish = || {
        let mut command = lab(&["report", "--publish", "--to"]);
        command.arg(&reports).arg(&latest);
        run(command)
    };
    publish().expect_status(0);
    assert!(reports.join("here/tiny/report.md").is_file());

    // The same machine against a profile that wants something else.
    measure(&profile(&bench, "7"));
    assert!(!bench.latest().file.pinned);
    let refused = publish();
    refused.expect_status(2);
    let says = format!(
        "vm.swappiness was {} before the campaign, and profile here wants 7",
        swappiness()
    );
    assert!(refused.stderr().contains(&says), "{}", refused.stderr());
    let report = std::fs::read_to_string(latest.join("report/report.md")).unwrap();
    assert!(
        report.contains(&format!("**Unpinned**: {says}.")),
        "{report}"
    );
}

#[test]
fn a_campaign_is_not_resumed_on_a_host_that_changed() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp"], 1, 200);
    let matching = profile(&bench, &swappiness());
    run(bench.bench(&experiment, &["--host", &matching])).expect_nobody_blamed();
    let latest = bench.results().join("latest");
    let path = latest.join("campaign.yaml");
    let written = std::fs::read_to_string(&path).unwrap();
    let broken =
        record::campaign::unsealed(&written).replace("status: complete", "status: running");
    std::fs::write(&path, &broken).unwrap();
    let resume = || {
        let mut command = lab(&["bench", "--resume"]);
        command.arg(&latest);
        run(command)
    };
    profile(&bench, "7");
    let refused = resume();
    refused.expect_status(2);
    let says = format!(
        "the host's vm.swappiness was to be {} and is to be 7",
        swappiness()
    );
    assert!(refused.stderr().contains(&says), "{}", refused.stderr());
    profile(&bench, &swappiness());
    std::fs::write(
        &path,
        broken.replacen(&format!("found: '{}'", swappiness()), "found: '7'", 1),
    )
    .unwrap();
    let refused = resume();
    refused.expect_status(2);
    assert!(
        refused.stderr().contains(" was 7 and is "),
        "{}",
        refused.stderr()
    );
    std::fs::write(&path, &broken).unwrap();
    resume().expect_nobody_blamed();
    let file = bench.latest().file;
    assert_eq!((file.status, file.pinned), (Status::Complete, true));
}

#[test]
fn a_profile_for_another_machine_is_refused_before_anything_is_measured() {
    let bench = Bench::new();
    let profile = bench.path().join("far.toml");
    let text = "schema = \"host-profile/1\"\ntitle = \"Another\"\nrole = \"both\"\n[cpus]\nserver = \"900\"\ninstrument = \"901\"\n";
    std::fs::write(&profile, text).unwrap();
    let profile = profile.display().to_string();
    let refused = run(lab(&["bench", "--quick", "--host", &profile]));
    refused.expect_status(2);
    assert!(
        refused.stderr().contains("gives CPUs 900,901"),
        "{}",
        refused.stderr()
    );
    let pair = run(lab(&["bench", "--quick", "--host", "pair-server"]));
    pair.expect_status(2);
    assert!(
        pair.stderr().contains("one of two machines"),
        "{}",
        pair.stderr()
    );
}
