//! A static look at a server's own source: what its class does not allow, line by line.
//!
//! Black-box checks cannot tell a router from a switch that answers the same. The look is a Go
//! program, because only Go's own parser and type checker read Go: the files of `look/`, compiled
//! into the lab and run by the toolchain that builds the servers. What it reads is what that
//! toolchain says is compiled.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use builder::Binary;
use catalog::Framework;
use catalog::framework::{Feature, Language};
use record::{Class, engine_module};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::check::Failure;

/// The program's files.
const PROGRAM: [(&str, &str); 16] = [
    ("allowed.go", include_str!("../../look/allowed.go")),
    ("flow.go", include_str!("../../look/flow.go")),
    ("grammar.go", include_str!("../../look/grammar.go")),
    ("literals.go", include_str!("../../look/literals.go")),
    ("load.go", include_str!("../../look/load.go")),
    ("main.go", include_str!("../../look/main.go")),
    ("members.go", include_str!("../../look/members.go")),
    ("message.go", include_str!("../../look/message.go")),
    ("parameters.go", include_str!("../../look/parameters.go")),
    ("settings.go", include_str!("../../look/settings.go")),
    ("state.go", include_str!("../../look/state.go")),
    ("text.go", include_str!("../../look/text.go")),
    ("uses.go", include_str!("../../look/uses.go")),
    ("versions.go", include_str!("../../look/versions.go")),
    ("ways.go", include_str!("../../look/ways.go")),
    ("whose.go", include_str!("../../look/whose.go")),
];
/// Its module, which says by which version of the language it is run.
const MODULE: (&str, &str) = ("go.mod", include_str!("../../look/go.mod"));
/// How many findings are told in full.
const TOLD: usize = 3;

/// One thing that a source does and its class does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `app/app.go:57`
    pub place: String,
    /// What `exceptions` in framework.yaml would have to name.
    pub key: String,
    /// What it is, for people.
    pub words: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} [{}] {}", self.place, self.key, self.words)
    }
}

/// Looks at all Go files of a framework's folder but its tests; nothing where the language has no
/// such rule, or where a prebuilt server came without its source.
pub async fn look(framework: &Framework, binary: &Binary) -> Option<Result<(), Failure>> {
    if framework.language != Language::Go || framework.prebuilt.is_some() {
        return None;
    }
    // The build folder, which the store of binaries lies in.
    let beside = binary
        .path
        .ancestors()
        .nth(2)
        .unwrap_or_else(|| Path::new("."));
    let all = findings(&rules(framework), &folders(framework), beside).await;
    Some(all.map_err(unseen).and_then(|all| judge(framework, all)))
}

fn unseen(e: Unseen) -> Failure {
    let failure = Failure::new("its source", "Go files that can be read", &e);
    match e {
        Unseen::Failed(_) => failure,
        Unseen::Folder(_) | Unseen::NoGo(_) => failure.of_the_lab(),
    }
}

/// Findings that are declared go by, and so many are declared as there are.
fn judge(framework: &Framework, all: Vec<Finding>) -> Result<(), Failure> {
    let found: BTreeSet<_> = all.iter().map(|f| f.key.clone()).collect();
    let declared = |key: &str| framework.exceptions.iter().any(|e| e.allow == key);
    let idle: Vec<_> = (framework.exceptions.iter())
        .filter(|e| e.is_of_source() && !found.contains(&e.allow))
        .map(|e| format!("`{}`", e.allow))
        .collect();
    if !idle.is_empty() {
        return Err(Failure::new(
            "its exceptions",
            "only such that its source needs",
            format!("{} for nothing", idle.join(", ")),
        ));
    }
    let left: Vec<_> = all.into_iter().filter(|f| !declared(&f.key)).collect();
    if left.is_empty() {
        return Ok(());
    }
    let told: Vec<_> = left.iter().take(TOLD).map(Finding::to_string).collect();
    let more = match left.len() - told.len() {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    };
    Err(Failure::new(
        "its source",
        format!(
            "nothing but what class `{}` allows, or `exceptions` in framework.yaml with the words in brackets",
            framework.class.name()
        ),
        format!("{}{more}", told.join("; ")),
    ))
}

/// The words that tell the program what the class allows.
fn rules(framework: &Framework) -> Vec<String> {
    let mut words = vec![format!("-module={}", framework.module)];
    words.extend(engine_module(&framework.engine).map(|engine| format!("-engine={engine}")));
    // An engine, or an article's design, parses HTTP and finds routes by itself, and so does what
    // is varied of one.
    let class = framework.origin.class.unwrap_or(framework.class);
    if matches!(class, Class::Engine | Class::Reference) {
        words.push("-raw".to_owned());
    }
    let set: Vec<_> = framework.settings.iter().map(|s| s.set.as_str()).collect();
    words.push(format!("-settings={}", set.join("; ")));
    let heeded = [
        (Feature::Routes, "routes"),
        (Feature::Middleware, "middleware"),
        (Feature::Spin, "spin"),
    ];
    let heeded: Vec<_> = (heeded.iter())
        .filter(|(feature, _)| framework.supports.contains(feature))
        .map(|(_, word)| *word)
        .collect();
    words.push(format!("-supports={}", heeded.join(" ")));
    if !framework.origin.replaced.is_empty() {
        words.push("-replaced".to_owned());
    }
    words
}

/// A variant's source is its own and its framework's.
fn folders(framework: &Framework) -> Vec<PathBuf> {
    let varied = framework.origin.varied.clone();
    std::iter::once(framework.folder.clone())
        .chain(varied)
        .collect()
}

/// Whether the look works at all, by a file of the lab's own that there is nothing to say of.
///
/// # Errors
/// The toolchain's words, or the system's. Where there is no `go`, nothing: each framework says so.
pub async fn works(build_folder: &Path) -> Result<(), String> {
    let folder = build_folder.join("look/nothing");
    let write = || {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("go.mod"), "module nothing\n")?;
        fs::write(folder.join("main.go"), "package main\n\nfunc main() {}\n")
    };
    write().map_err(|e| format!("{} cannot be written: {e}", folder.display()))?;
    match findings(&[], &[folder], build_folder).await {
        Ok(_) => Ok(()),
        Err(Unseen::NoGo(e)) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e.to_string()),
    }
}

/// Why nothing could be seen of a source.
#[derive(Debug, thiserror::Error)]
enum Unseen {
    #[error("{0}")]
    Folder(String),
    #[error("`go run` cannot be started: {0}")]
    NoGo(std::io::Error),
    #[error("{0}")]
    Failed(String),
}

/// What the program prints: a line a finding, its parts parted by tabs.
async fn findings(
    rules: &[String],
    folders: &[PathBuf],
    beside: &Path,
) -> Result<Vec<Finding>, Unseen> {
    let at = beside.join("look").join(version());
    // Checks may run side by side, so each file is put in place whole.
    let write = || {
        fs::create_dir_all(&at)?;
        for (name, text) in PROGRAM.into_iter().chain([MODULE]) {
            let file = tempfile_in(&at);
            fs::write(&file, text)?;
            fs::rename(&file, at.join(name))?;
        }
        Ok(())
    };
    write().map_err(|e: std::io::Error| {
        Unseen::Folder(format!("{} cannot be written: {e}", at.display()))
    })?;
    let mut command = builder::go::command(&at);
    command.arg("run");
    command.args(PROGRAM.map(|(name, _)| name));
    command.args(rules).args(folders);
    let output = Command::from(command)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(Unseen::NoGo)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if !output.status.success() {
        return Err(Unseen::Failed(text(&output.stderr)));
    }
    text(&output.stdout).lines().map(parse).collect()
}

fn parse(line: &str) -> Result<Finding, Unseen> {
    let mut parts = line.split('\t').map(str::to_owned);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(place), Some(key), Some(words)) => Ok(Finding { place, key, words }),
        _ => Err(Unseen::Failed(format!("`{line}` is no finding"))),
    }
}

/// Two labs of different versions may share a build folder.
fn version() -> String {
    let mut hash = Sha256::new();
    for (_, text) in PROGRAM.into_iter().chain([MODULE]) {
        hash.update(text);
    }
    let digest = hash.finalize();
    digest[..4].iter().map(|b| format!("{b:02x}")).collect()
}

/// A name of its own for each caller.
fn tempfile_in(folder: &Path) -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("file.{}.{number}", std::process::id()))
}
