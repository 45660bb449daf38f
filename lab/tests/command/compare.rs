//! Two versions of one framework in one campaign, and the self-check.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use record::{Campaign, DuetKind, Observation, Status};

use crate::support::{Bench, alone, lab, measured, nobody_survives, root, run, wait_for};

/// Launches of each kind in the quick form.
const LAUNCHES: usize = 3;

#[test]
fn a_framework_is_compared_with_its_folder_at_a_revision() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp"], 2, 100);
    let words = [
        "--compare",
        "HEAD",
        "--frameworks",
        "chi",
        "--quick",
        "--json",
    ];
    let ended = measured(|| bench.bench(&experiment, &words));
    ended.expect_status(0);
    nobody_survives(bench.path());
    let campaign = bench.latest();
    let comparison = campaign.file.method.comparison.as_ref().unwrap();
    assert_eq!((&*comparison.base, &*comparison.new), ("chi", "chi-new"));
    assert!(comparison.base_is.starts_with("revision HEAD ("));
    holds_the_duet(&campaign);
    let rows = rows(&campaign);
    assert!(
        rows.iter()
            .any(|r| r.cell.mode == "saturation" && r.cell.framework == "chi-new")
    );

    let summary: serde_json::Value = serde_json::from_str(&ended.stdout()).unwrap();
    let found = &summary["comparison"];
    assert_eq!(found["versions"]["new"], "chi-new");
    let metrics = found["metrics"].as_array().unwrap();
    assert_eq!(metrics[0]["design"], "duet");
    assert_eq!(metrics[0]["n"], LAUNCHES);
    // Nobody has changed the folder since: whatever was measured, these are the same bytes.
    assert!(
        metrics
            .iter()
            .all(|m| m["verdict"] == "the same machine code" && m["worse"] == false)
    );
    let answer = found["answer"].as_str().unwrap();
    assert!(answer.contains("the same machine code"), "{answer}");
    let designs: BTreeSet<_> = metrics
        .iter()
        .map(|m| m["design"].as_str().unwrap())
        .collect();
    assert_eq!(designs, BTreeSet::from(["duet", "interleaved"]));
    let report = std::fs::read_to_string(campaign.dir.report().join("report.md")).unwrap();
    assert!(report.contains("## Base against new"), "{report}");
}

#[test]
fn a_module_is_replaced_by_a_working_copy() {
    let _alone = alone();
    let bench = Bench::new();
    let module = "github.com/go-chi/chi/v5";
    let list = Command::new("go")
        .args(["list", "-m", "-f", "{{.Dir}}", module])
        .current_dir(root().join("frameworks/chi"))
        .output()
        .unwrap();
    let source = String::from_utf8(list.stdout).unwrap();
    let copy = bench.path().join("my-checkout");
    let copied = Command::new("cp")
        .arg("-R")
        .arg(source.trim())
        .arg(&copy)
        .status();
    assert!(copied.unwrap().success());
    let experiment = bench.experiment(&["nethttp"], 1, 100);
    let replace = format!("{module}={}", copy.display());
    let words = ["--compare", "chi", "--replace", &replace, "--quick"];
    let ended = measured(|| bench.bench(&experiment, &words));
    ended.expect_status(0);
    let campaign = bench.latest();
    holds_the_duet(&campaign);
    let new = campaign
        .file
        .frameworks
        .iter()
        .find(|f| f.name == "chi-new");
    assert_eq!(new.unwrap().version, "(devel)");
    let is = &campaign.file.method.comparison.as_ref().unwrap().new_is;
    assert_eq!(*is, format!("{module} from the folder my-checkout"));

    // What does not build is named, and nothing is measured.
    for entry in std::fs::read_dir(&copy).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "go") {
            let _ = Command::new("chmod").arg("u+w").arg(&path).status();
            std::fs::remove_file(&path)
                .or_else(|_| make_writable(&copy, &path))
                .unwrap();
        }
    }
    std::fs::write(copy.join("chi.go"), "package chi\n").unwrap();
    let ended = run(bench.bench(&experiment, &words));
    ended.expect_status(1);
    let said = ended.stderr();
    let wanted = format!(
        "there is nothing to compare, as chi-new ({module} from the folder my-checkout) does not build"
    );
    assert!(said.contains(&wanted), "{said}");
    assert_eq!(bench.latest().file.status, Status::Failed);
    assert!(!bench.rows().contains("duet"));
}

/// The module cache is read-only, and so is a copy of it.
fn make_writable(folder: &Path, file: &Path) -> std::io::Result<()> {
    let _ = Command::new("chmod")
        .arg("-R")
        .arg("u+w")
        .arg(folder)
        .status();
    std::fs::remove_file(file)
}

#[test]
fn a_comparison_that_was_killed_goes_on() {
    let _alone = alone();
    let bench = Bench::new();
    let experiment = bench.experiment(&["nethttp"], 1, 100);
    let words = ["--compare", "HEAD", "--frameworks", "chi", "--quick"];
    let mut child = bench
        .bench(&experiment, &words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let table = bench.results().join("latest/observations.csv");
    wait_for(&mut child, || {
        let text = std::fs::read_to_string(&table).unwrap_or_default();
        text.contains("# end duet 2\n").then_some(())
    });
    child.kill().unwrap();
    child.wait().unwrap();
    nobody_survives(bench.path());
    let latest = bench.results().join("latest");
    let mut resume = lab(&["bench", "--resume"]);
    resume.arg(&latest);
    run(resume).expect_status(0);
    nobody_survives(bench.path());
    let campaign = bench.latest();
    assert_eq!(campaign.file.status, Status::Complete);
    assert_eq!(campaign.file.course.resumes.len(), 1);
    holds_the_duet(&campaign);
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_is_measured() {
    let bench = Bench::new();
    let gin = "github.com/gin-gonic/gin";
    let folder = format!("{gin}={}", bench.path().display());
    for (words, says) in [
        (
            &["--compare", "no-such-revision", "--frameworks", "gin"][..],
            "there is no git revision `no-such-revision`",
        ),
        (&["--compare", "HEAD"], "needs one framework"),
        (
            &["--compare", "HEAD", "--frameworks", "gin,chi"],
            "needs one framework",
        ),
        (
            &["--compare", "gni", "--replace", "a@v1"],
            "there is no framework `gni`",
        ),
        (
            &["--compare", "gin", "--replace", gin],
            "--replace takes MODULE=FOLDER",
        ),
        (
            &[
                "--compare",
                "gin",
                "--replace",
                "github.com/labstack/echo/v4@v4.1.0",
            ],
            "gin does not use the module github.com/labstack/echo/v4",
        ),
        (
            &["--compare", "gin", "--replace", &folder],
            "it has no go.mod",
        ),
        (
            &[
                "--compare",
                "gin",
                "--frameworks",
                "gin",
                "--replace",
                "a@v1",
            ],
            "leave --frameworks out",
        ),
        (&["--replace", "a@v1"], "--compare"),
        (
            &["article", "--compare", "HEAD", "--frameworks", "gin"],
            "has one server after the other, which compares nothing",
        ),
    ] {
        let mut command = lab(&["bench"]);
        command.args(words).arg("--out").arg(bench.results());
        let refused = run(command);
        refused.expect_status(2);
        assert!(
            refused.stderr().contains(says),
            "{words:?}: {}",
            refused.stderr()
        );
    }
    assert!(!bench.results().exists());
}

#[test]
fn a_self_check_says_what_it_found_and_whether_the_machine_is_fit() {
    let _alone = alone();
    let bench = Bench::new();
    let mut command = lab(&[
        "bench",
        "selfcheck",
        "--quick",
        "--json",
        "--seed",
        "3",
        "--out",
    ]);
    command.arg(bench.results());
    let ended = run(command);
    nobody_survives(bench.path());
    let found: serde_json::Value = serde_json::from_str(&ended.stdout()).unwrap();
    // Whether a busy machine is fit is not for a test to say; that the answer is one is.
    let fit = found["fit"].as_bool().unwrap();
    ended.expect_status(i32::from(!fit));
    assert_eq!(fit, found["objections"].as_array().unwrap().is_empty());
    // Four disjoint pairs, by requests/s and by CPU time.
    assert_eq!(found["copies"].as_array().unwrap().len(), 8);
    let truth = found["control"]["truth"].as_f64().unwrap();
    assert!((1.001..1.2).contains(&truth), "{truth}");
}

fn rows(campaign: &Campaign) -> Vec<Observation> {
    let (rows, held) = campaign.rows().unwrap();
    // A window in which a busy machine got no answer has no values beyond its rate.
    let missing = |f: &record::Finding| f.kind != record::FindingKind::Values;
    assert!(!held.findings.iter().any(missing), "{:?}", held.findings);
    rows
}

/// Every launch of two servers is there exactly once, with either server first in about half.
fn holds_the_duet(campaign: &Campaign) {
    let rows = rows(campaign);
    let base = &campaign.file.design.baseline;
    let mut launches = BTreeSet::new();
    for kind in DuetKind::ALL {
        let of = |metric: &str| -> Vec<&Observation> {
            let mine = rows.iter().filter(|r| r.cell.mode == kind.mode());
            mine.filter(|r| r.metric.name() == metric).collect()
        };
        let cpu = of("cpu_per_request");
        assert_eq!(cpu.len(), 2 * LAUNCHES, "{kind:?}");
        let mut base_first = 0;
        for pair in cpu.chunks(2) {
            let cells = [&pair[0].cell, &pair[1].cell];
            assert_eq!(cells.map(|c| c.window), [1, 2]);
            assert_eq!(cells[0].launch, cells[1].launch);
            assert!(launches.insert(cells[0].launch), "{:?}", cells[0]);
            let is_base = |c: &record::Cell| c.framework == *base && c.variant.is_empty();
            assert_ne!(is_base(cells[0]), is_base(cells[1]));
            base_first += usize::from(is_base(cells[0]));
        }
        assert!(
            (1..LAUNCHES).contains(&base_first),
            "{kind:?}: sides are not swapped"
        );
        let spins = of("spin_per_request");
        let wanted = if kind == DuetKind::Control {
            cpu.len()
        } else {
            0
        };
        assert_eq!(spins.len(), wanted, "{kind:?}");
        for pair in spins.chunks(2) {
            // The base burns as little as can be counted, which is mostly the counting, its copy a
            // microsecond more. Where a busy machine kept requests from being sent, how many shared
            // what was burnt is not known well enough to tell.
            let of = |spins: bool| {
                let mut both = pair.iter().filter(|r| (r.cell.variant == "spin") == spins);
                both.next().unwrap().value
            };
            let (little, much) = (of(false), of(true));
            let mut flags = pair.iter().flat_map(|row| row.validity.flags());
            let is_told = !flags.any(|flag| flag == record::Flag::RateMissed);
            assert!(little > 0.0 && much > 0.0, "{pair:?}");
            assert!(!is_told || much - little > 0.4, "{pair:?}");
        }
    }
    assert_eq!(launches.len(), 3 * LAUNCHES);
}
