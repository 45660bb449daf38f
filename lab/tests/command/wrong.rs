//! When things go wrong: each way gives one clear sentence that names the framework, the
//! others go on, and what was measured stays readable.

use std::time::{Duration, Instant};

use record::{Metric, Status};

use crate::support::{
    Bench, PATIENCE, alone, excluded, lab, nobody_survives, run, servers, state, until_seen,
    wait_for,
};

#[test]
fn a_server_that_changes_others_has_nobody_excluded_in_its_place() {
    let _alone = alone();
    let bench = Bench::new();
    bench.misbehaving("sabotages");
    let experiment = bench.experiment(&["nethttp", "sabotages"], 2, 300);
    let ended = run(bench.bench(&experiment, &[]));
    ended.expect_status(1);
    let said = ended.stderr();
    for words in [
        "nethttp, nethttp@twin",
        " are not as started: nethttp has a thread with the nice value 19 that was given 0",
        "It was seen after sabotages",
        "Not changed: sabotages",
        "Nobody is left out for it",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let file = bench.latest().file;
    assert_eq!(file.status, Status::Failed);
    for framework in &file.frameworks {
        assert_eq!(framework.excluded, None, "{}", framework.name);
    }
}

#[test]
fn servers_that_misbehave_are_named_and_the_others_go_on() {
    let _alone = alone();
    let bench = Bench::new();
    for behaviour in [
        "exits",
        "never-listens",
        "hangs",
        "dies",
        "lies",
        "sheds",
        "stales",
        "mistypes",
        "slackens",
        "lags",
        "weighs",
        "deaf",
    ] {
        bench.misbehaving(behaviour);
    }
    bench.unbuildable("no-build");
    let experiment = bench.experiment(
        &[
            "nethttp",
            "exits",
            "never-listens",
            "hangs",
            "dies",
            "lies",
            "sheds",
            "stales",
            "mistypes",
            "slackens",
            "lags",
            "weighs",
            "deaf",
            "no-build",
        ],
        2,
        300,
    );
    // Of one that hangs a machine that stands still says nothing.
    let ended = until_seen(
        || bench.bench(&experiment, &[]),
        |ended| ended.stderr().contains("FAILED hangs "),
    );
    ended.expect_status(1);
    let campaign = bench.latest();
    assert_eq!(campaign.file.status, Status::Complete);
    for (name, stage, words) in [
        (
            "exits",
            "contract check",
            "exited with status 3 before it answered",
        ),
        ("exits", "contract check", "no database at db.internal:5432"),
        (
            "never-listens",
            "contract check",
            "did not listen on 127.0.0.1",
        ),
        ("never-listens", "contract check", "waiting for the moon"),
        ("hangs", "under load", "no right answer"),
        ("dies", "under load", "exited with status 7 under load"),
        ("dies", "under load", "fatal error: out of luck"),
        ("lies", "under load", "wrong answers under load"),
        ("lies", "under load", "sorry"),
        ("stales", "under load", "wrong answers under load"),
        (
            "stales",
            "under load",
            "Date `Mon, 01 Jan 2024 00:00:00 GMT`, which is not the time of the answer",
        ),
        ("mistypes", "under load", "Content-Type `text/html`"),
        ("slackens", "under load", "has set GOGC to off"),
        (
            "weighs",
            "under load",
            "MiB under load, and so seldom collects",
        ),
        (
            "deaf",
            "contract check",
            "did not stop within 5 s of SIGTERM",
        ),
        ("no-build", "built", "does not build"),
        ("no-build", "built", "undefined: missing"),
    ] {
        let sentence = excluded(&campaign.file, name);
        assert!(sentence.contains(words), "{name}: {words}: {sentence}");
        assert!(sentence.contains(stage), "{name}: {stage}: {sentence}");
        assert!(
            ended.stderr().contains(&format!("FAILED {name} ")),
            "{}",
            ended.stderr()
        );
    }
    let rows = bench.rows();
    let measured = |name: &str, variant: &str| {
        let cell = format!(
            ",{name},{variant},plaintext,saturation,{},",
            Metric::Throughput.name()
        );
        rows.lines().filter(|l| l.contains(&cell)).count()
    };
    assert_eq!(
        (measured("nethttp", ""), measured("nethttp", "twin")),
        (2, 2),
        "{rows}"
    );
    // Shedding load is honest: it stays, and its errors stand beside its rate.
    assert_eq!(measured("sheds", ""), 2, "{rows}");
    let flagged =
        |l: &str| l.contains(",sheds,") && l.rsplit(',').next().unwrap().contains("errors");
    assert!(rows.lines().any(flagged), "{rows}");
    let heavy =
        |l: &str| l.contains(",weighs,") && l.rsplit(',').next().unwrap().contains("large-heap");
    assert!(rows.lines().any(heavy), "{rows}");
    let report = std::fs::read_to_string(campaign.dir.report().join("report.md")).unwrap();
    assert!(report.contains("out of luck"), "{report}");
    nobody_survives(bench.path());
}

#[test]
fn an_answer_that_is_kept_from_block_to_block_is_another_blocks() {
    let _alone = alone();
    let bench = Bench::new();
    bench.misbehaving("clings");
    let experiment = bench.experiment(&["nethttp", "clings"], 2, 300);
    let text = std::fs::read_to_string(&experiment).unwrap();
    let json = text.replace("scenarios: [plaintext]", "scenarios: [json]");
    std::fs::write(&experiment, json).unwrap();
    let ended = run(bench.bench(&experiment, &[]));
    ended.expect_status(1);
    let sentence = excluded(&bench.latest().file, "clings").to_owned();
    assert!(
        sentence.contains("does not hold the contract: salt: GET /json"),
        "{sentence}"
    );
    // The first block is its own.
    let rows = bench.rows();
    let measured = |l: &&str| l.contains(",clings,,json,saturation,throughput,");
    assert_eq!(rows.lines().filter(measured).count(), 1, "{rows}");
}

#[test]
fn without_go_every_framework_says_so() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp", "gin"], 1, 100);
    let mut command = bench.bench(&experiment, &[]);
    command.env("PATH", "/nonexistent");
    let ended = run(command);
    ended.expect_status(1);
    let stderr = ended.stderr();
    for name in ["nethttp", "gin"] {
        let line = format!(
            "FAILED {name} cannot be built: there is no `go` on PATH; install Go 1.26 or newer"
        );
        assert!(stderr.contains(&line), "{stderr}");
    }
    assert!(!stderr.contains("--resume"), "{stderr}");
    assert_eq!(bench.latest().file.status, Status::Failed);
}

#[test]
fn too_few_file_descriptors_are_said_before_anything_starts() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp"], 1, 100);
    let text = std::fs::read_to_string(&experiment).unwrap();
    std::fs::write(
        &experiment,
        text.replace("connections: 8", "connections: 5000"),
    )
    .unwrap();
    let inner = bench.bench(&experiment, &[]);
    let words: Vec<_> = inner
        .get_args()
        .map(|a| a.to_str().unwrap().to_owned())
        .collect();
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "ulimit -n 1000; exec \"$0\" \"$@\""])
        .arg(inner.get_program())
        .args(words)
        .current_dir(crate::support::root());
    let ended = run(command);
    ended.expect_status(2);
    let stderr = ended.stderr();
    assert!(!stderr.contains("--resume"), "{stderr}");
    assert!(
        stderr.contains(
            "5000 connections need 5256 file descriptors in a process, and a process of this user may open 1000"
        ),
        "{stderr}"
    );
    assert!(stderr.contains("ulimit -Hn 5256"), "{stderr}");
    assert!(!bench.results().exists(), "nothing was begun");
}

#[test]
fn a_full_disk_ends_the_campaign_and_leaves_the_blocks_before_it() {
    let _alone = alone();
    let bench = Bench::new();
    // So many blocks that it is not over before the disk is full.
    let experiment = bench.experiment(&["nethttp"], 200, 100);
    let mut child = started(&bench, &experiment);
    // The next block's histogram meets a device that is always full.
    let rows = after_two_blocks(&mut child, &bench);
    let hlog = bench
        .results()
        .join("latest/histograms/plaintext.saturation/nethttp.launch1.hlog");
    let full = bench.path().join("full");
    std::os::unix::fs::symlink("/dev/full", &full).unwrap();
    // In one step: nobody can make the file anew in between.
    std::fs::rename(&full, &hlog).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("No space left on device"), "{stderr}");
    assert!(stderr.contains("free some space"), "{stderr}");
    assert_eq!(bench.latest().file.status, Status::Failed);
    assert!(bench.rows().starts_with(&rows));
    nobody_survives(bench.path());
}

#[test]
fn ctrl_c_stops_everything_and_says_where_the_data_is() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp"], 200, 100);
    let mut child = started(&bench, &experiment);
    after_two_blocks(&mut child, &bench);
    unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(
        stderr.contains("Interrupted") && stderr.contains("results/tiny-"),
        "{stderr}"
    );
    assert_eq!(bench.latest().file.status, Status::Interrupted);
    nobody_survives(bench.path());
    // What was measured up to here is a report.
    let latest = bench.results().join("latest");
    run(lab(&["report", latest.to_str().unwrap()])).expect_status(0);
}

#[test]
fn kill_9_of_the_lab_takes_all_servers_along_also_the_paused_ones() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp", "gin"], 200, 100);
    let mut child = started(&bench, &experiment);
    let paused = wait_for(&mut child, || {
        let all: Vec<_> = servers(bench.path(), "nethttp")
            .into_iter()
            .chain(servers(bench.path(), "gin"))
            .collect();
        let stopped = all.iter().filter(|pid| state(**pid) == Some('T')).count();
        (all.len() == 3 && stopped == 2).then_some(all)
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while paused
        .iter()
        .any(|pid| state(*pid).is_some_and(|s| s != 'Z'))
    {
        assert!(Instant::now() < deadline, "a server outlived the lab");
        std::thread::sleep(Duration::from_millis(20));
    }
    let campaign = bench.latest();
    assert_eq!(campaign.file.status, Status::Running);
    let latest = bench.results().join("latest");
    run(lab(&["report", latest.to_str().unwrap()])).expect_status(0);
}

fn started(bench: &Bench, experiment: &str) -> std::process::Child {
    bench
        .bench(experiment, &[])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until two blocks are on the disk; gives the table as it then stands.
fn after_two_blocks(child: &mut std::process::Child, bench: &Bench) -> String {
    wait_for(child, || {
        let table = bench.results().join("latest/observations.csv");
        let text = std::fs::read_to_string(table).unwrap_or_default();
        text.contains("# end block 2").then_some(text)
    })
}

/// The lab draws free ports, so it has to be forced into one that is taken.
#[tokio::test]
async fn a_port_in_use_is_said_with_the_servers_own_words() {
    use catalog::Framework;
    use plan::Project;
    use server::{Fault, Server, StartOptions};

    let project = Project::find(&crate::support::root()).unwrap();
    let framework = Framework::load(&project.root().join("frameworks/nethttp")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("build.txt");
    let binary = builder::build(&framework, &project.build_folder(), &log)
        .await
        .unwrap();
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let options = StartOptions {
        stderr: folder.path().join("stderr.txt"),
        ..StartOptions::default()
    };
    let address = taken.local_addr().unwrap();
    let mut server = Server::start_at(&binary, &options, address).unwrap();
    let error = server.ready(Duration::from_secs(10)).await.unwrap_err();
    let early = matches!(error.fault, Fault::ExitedEarly { .. });
    assert!(early, "{error}");
    assert!(
        error.to_string().contains("exited with status 1"),
        "{error}"
    );
    let words = error.words.unwrap();
    assert!(
        words.contains(&format!("{address} is already in use")),
        "{words}"
    );
}
