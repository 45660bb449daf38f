//! Servers are built once for what they are made of: a toolchain that counts its calls.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use builder::go::PINNED;

use crate::support::{self, Bench, Run, alone, lab, root};

/// A folder that looks like an installed toolchain; its `go` writes down each call.
struct CountingGo {
    root: PathBuf,
}

impl CountingGo {
    /// One that says it is the pinned version.
    fn new(folder: &Path) -> Self {
        Self::of(folder, PINNED, "")
    }

    /// One that says it is `version`, and does `first` before it calls the real one.
    fn of(folder: &Path, version: &str, first: &str) -> Self {
        let root = folder.join("toolchain");
        std::fs::create_dir_all(root.join("bin")).unwrap();
        std::fs::create_dir_all(root.join("pkg/tool")).unwrap();
        std::fs::write(root.join("VERSION"), format!("go{version}\nof a test\n")).unwrap();
        let real = Command::new("sh").args(["-c", "command -v go"]).output();
        let real = String::from_utf8(real.unwrap().stdout).unwrap();
        let script = format!(
            "#!/bin/sh\necho \"$*\" >> '{}'\n{first}\nexec {} \"$@\"\n",
            root.join("calls").display(),
            real.trim()
        );
        let program = root.join("bin/go");
        std::fs::write(&program, script).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(program, mode).unwrap();
        Self { root }
    }

    /// Runs a command with this toolchain; gives its end and what building asked of the
    /// toolchain meanwhile.
    fn with(&self, mut command: Command) -> (Run, Vec<String>) {
        let calls = self.root.join("calls");
        let _ = std::fs::remove_file(&calls);
        let path = std::env::var("PATH").unwrap();
        let bin = self.root.join("bin").display().to_string();
        command.env("PATH", format!("{bin}:{path}"));
        let ended = support::run(command);
        let calls = std::fs::read_to_string(calls).unwrap_or_default();
        // The check of a server reads its sources by a Go program of its own.
        let of_builds = calls.lines().filter(|call| !call.starts_with("run "));
        (ended, of_builds.map(str::to_owned).collect())
    }
}

/// A framework whose sources are like no other's, built from a copy of the kit.
fn framework(bench: &Bench) -> PathBuf {
    bench.misbehaving("none");
    let folder = bench.path().join("frameworks/none");
    let (from, kit) = (root().join("frameworks/kit"), bench.path().join("kit"));
    std::fs::create_dir(&kit).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), kit.join(entry.file_name())).unwrap();
        }
    }
    let module = std::fs::read_to_string(folder.join("go.mod")).unwrap();
    let shared = root().join("frameworks").display().to_string();
    let module = module.replace(&format!("{shared}/kit"), "../../kit");
    assert!(module.contains("=> ../../kit"), "{module}");
    std::fs::write(folder.join("go.mod"), module).unwrap();
    append(
        &folder.join("server.go"),
        &format!("// {:?}\n", SystemTime::now()),
    );
    folder
}

fn append(file: &Path, text: &str) {
    let before = std::fs::read_to_string(file).unwrap();
    std::fs::write(file, before + text).unwrap();
}

#[test]
fn a_server_is_compiled_when_what_it_is_made_of_changed_and_only_then() {
    let bench = Bench::new();
    let go = CountingGo::new(bench.path());
    let folder = framework(&bench);
    let outside = bench.path().join("frameworks").display().to_string();
    let check = || {
        let (ended, calls) = go.with(lab(&["check", "none", "--framework-dir", &outside]));
        ended.expect_status(0);
        calls
    };
    let compiled = |calls: &[String]| calls.iter().any(|call| call.starts_with("build "));
    assert!(compiled(&check()), "the first time");
    assert_eq!(check(), [""; 0], "nothing changed");
    let source = std::fs::File::open(folder.join("server.go")).unwrap();
    source.set_modified(SystemTime::now()).unwrap();
    assert_eq!(check(), [""; 0], "a new time is no change");
    append(&folder.join("server.go"), "// changed\n");
    assert!(compiled(&check()), "a source changed");
    append(&bench.path().join("kit/run.go"), "// changed\n");
    assert!(compiled(&check()), "the kit changed");
    append(&folder.join("go.mod"), "// changed\n");
    assert!(compiled(&check()), "the module's file changed");
    append(&go.root.join("VERSION"), "changed\n");
    assert!(compiled(&check()), "the toolchain changed");
    assert_eq!(check(), [""; 0], "nothing changed since");

    // Other tests have servers of the same name built at the same time.
    let place = || PathBuf::from(built(&go, &bench, &[]).0["path"].as_str().unwrap());
    let binary = place();
    let mut bytes = std::fs::read(&binary).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&binary, &bytes).unwrap();
    assert!(
        compiled(&check()),
        "the binary is not what its receipt says"
    );
    assert_ne!(std::fs::read(place()).unwrap(), bytes);
    std::fs::remove_file(binary.with_file_name("receipt.json")).unwrap();
    assert!(compiled(&check()), "there is no receipt");
    assert_eq!(check(), [""; 0]);
}

#[test]
fn a_second_bench_builds_nothing_and_says_so() {
    let _alone = alone();
    let bench = Bench::new();
    let go = CountingGo::new(bench.path());
    framework(&bench);
    let experiment = bench.experiment(&["nethttp", "none"], 1, 50);
    let (first, calls) = go.with(bench.bench(&experiment, &[]));
    first.expect_nobody_blamed();
    let built = calls.iter().filter(|call| call.starts_with("build "));
    assert_eq!(built.count(), 2);
    assert!(
        first.stderr().contains("Building 2 servers"),
        "{}",
        first.stderr()
    );
    let toolchain = |bench: &Bench| bench.latest().file.toolchains["go"].clone();
    let before = toolchain(&bench);
    assert!(before.starts_with("go version go1."), "{before}");
    let (second, calls) = go.with(bench.bench(&experiment, &[]));
    second.expect_nobody_blamed();
    assert_eq!(calls, [""; 0]);
    assert!(
        second.stderr().contains("All 2 servers are built already"),
        "{}",
        second.stderr()
    );
    assert_eq!(toolchain(&bench), before);
}

/// What `lab build` says of one framework, as JSON.
fn built(go: &CountingGo, bench: &Bench, more: &[(&str, &str)]) -> (serde_json::Value, String) {
    let outside = bench.path().join("frameworks");
    let mut command = lab(&["build", "none", "--json", "--framework-dir"]);
    command.arg(&outside).envs(more.iter().copied());
    let (ended, _) = go.with(command);
    ended.expect_status(0);
    let said: serde_json::Value = serde_json::from_str(&ended.stdout()).unwrap();
    (said["frameworks"][0].clone(), ended.stderr())
}

#[test]
fn what_a_user_has_set_for_other_work_reaches_no_server() {
    let bench = Bench::new();
    let go = CountingGo::new(bench.path());
    framework(&bench);
    // Whoever runs this test may have some of them set.
    let unset = ["CGO_ENABLED", "GOAMD64", "GOFLAGS", "GOWORK"].map(|name| (name, ""));
    let (plain, said) = built(&go, &bench, &unset);
    assert!(!said.contains("kept from the builds"), "{said}");
    // So that it is compiled once more.
    std::fs::remove_file(plain["path"].as_str().unwrap()).unwrap();
    let settings = bench.path().join("go-env");
    std::fs::write(&settings, "GOEXPERIMENT=jsonv2\nGO386=softfloat\n").unwrap();
    let hostile = [
        ("CC", "false"),
        ("CGO_CFLAGS", "-DX"),
        ("CGO_ENABLED", "1"),
        ("GO111MODULE", "off"),
        ("GOAMD64", "v2"),
        ("GOARCH", "arm64"),
        ("GODEBUG", "x509sha1=1"),
        ("GOENV", settings.to_str().unwrap()),
        ("GOFIPS140", "latest"),
        ("GOFLAGS", "-tags=other -mod=mod"),
        ("GOOS", "windows"),
        ("GOROOT", "/nowhere"),
        ("GOTOOLCHAIN", "go1.20.1"),
        ("GOWORK", "/nowhere/go.work"),
    ];
    let (hostile, said) = built(&go, &bench, &hostile);
    assert_eq!(hostile["compiled"], true);
    assert_eq!(hostile["sha256"], plain["sha256"]);
    let told = "kept from the builds, so that everybody builds the same: CC, CGO_CFLAGS, CGO_ENABLED, GO111MODULE, GO386, GOAMD64, GOARCH, GODEBUG, GOEXPERIMENT, GOFIPS140, GOFLAGS, GOOS, GOROOT, GOWORK\n";
    assert!(said.contains(told), "{said}");
}

#[test]
fn another_go_on_path_is_asked_for_the_pinned_one() {
    let bench = Bench::new();
    let asked = bench.path().join("asked");
    let first = format!("echo \"$GOTOOLCHAIN $1\" >> '{}'", asked.display());
    let go = CountingGo::of(bench.path(), "1.22.0", &first);
    framework(&bench);
    let (one, said) = built(&go, &bench, &[]);
    assert_eq!(one["toolchain"], format!("go{PINNED}"));
    assert!(said.contains("`go` fetches it, once"), "{said}");
    let asked = std::fs::read_to_string(asked).unwrap();
    for wanted in ["version", "build"] {
        let line = format!("go{PINNED} {wanted}");
        assert!(asked.lines().any(|l| l == line), "{line}: {asked}");
    }
}

#[test]
fn where_the_pinned_go_cannot_be_had_the_local_one_builds_and_that_is_said() {
    let _alone = alone();
    let bench = Bench::new();
    let first = "if [ \"$GOTOOLCHAIN\" != local ]; then echo 'go: no network here' >&2; exit 1; fi";
    let go = CountingGo::of(bench.path(), "1.26.0", first);
    framework(&bench);
    let experiment = bench.experiment(&["nethttp", "none"], 1, 50);
    let (ended, _) = go.with(bench.bench(&experiment, &[]));
    ended.expect_nobody_blamed();
    let told = format!("Go {PINNED} cannot be had (go: no network here)");
    assert!(ended.stderr().contains(&told), "{}", ended.stderr());
    let campaign = bench.latest();
    assert_eq!(campaign.file.toolchains["GOTOOLCHAIN"], "local");
    let note = &campaign.file.notes[0];
    assert_eq!(note.framework, "lab");
    assert!(note.what.contains("could not be had (go: no network here)"));
    let report = bench.results().join("latest/report/report.md");
    let report = std::fs::read_to_string(report).unwrap();
    assert!(report.contains("could not be had"), "{report}");
}

#[test]
fn what_failed_to_build_is_not_counted_as_compiled() {
    let bench = Bench::new();
    bench.unbuildable("no-build");
    let outside = bench.path().join("frameworks").display().to_string();
    let build = |more: &[&str]| {
        let words = [&["build", "no-build", "--framework-dir", &outside], more].concat();
        let ended = support::run(lab(&words));
        ended.expect_status(1);
        ended.stdout()
    };
    let said = build(&[]);
    assert!(said.contains("\n0 of 1 compiled, 1 failed, in "), "{said}");
    let said: serde_json::Value = serde_json::from_str(&build(&["--json"])).unwrap();
    assert_eq!(said["good"], false);
}
