//! Servers in Rust: `cargo build` by the folder's own lock file, in an environment of the lab's own.
//!
//! As with Go, of a user's environment only that reaches Cargo which says where things lie and how
//! packages are fetched; what shapes a binary is set here or stands in the folder's `Cargo.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{Binary, BuildError, code, hex};
use sha2::{Digest, Sha256};

/// The words of every build.
pub const CARGO_FLAGS: [&str; 3] = ["build", "--release", "--locked"];

/// What the lab sets for every build; `RUSTFLAGS` comes to it, see [`rust_flags`].
pub const CARGO_ENV: [(&str, &str); 2] =
    [("CARGO_INCREMENTAL", "0"), ("CARGO_TERM_COLOR", "never")];

/// The compiler's flags: the processor that Go's `GOAMD64=v1` means, and no names in the file.
const FLAGS: &str = "-Ctarget-cpu=x86-64 -Cstrip=symbols";

/// What of the user's environment reaches Cargo. Sorted.
const PASSED: [&str; 22] = [
    "ALL_PROXY",
    "CARGO_HOME",
    "CARGO_HTTP_CAINFO",
    "CARGO_NET_OFFLINE",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LOGNAME",
    "NIX_SSL_CERT_FILE",
    "NO_PROXY",
    "PATH",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "USER",
    "XDG_CACHE_HOME",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The file in a framework's folder that makes it one of Rust's.
const MANIFEST: &str = "Cargo.toml";
const LOCK: &str = "Cargo.lock";

/// A program of the toolchain in a folder, in that environment.
fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let kept = PASSED.map(|name| (name, std::env::var_os(name)));
    command.env_clear();
    for (name, value) in kept {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    if let Some(toolchain) = chosen() {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    command.envs(CARGO_ENV).current_dir(folder);
    command.stdin(std::process::Stdio::null());
    command
}

/// The release that `rust-toolchain.toml` pins.
fn pinned() -> &'static str {
    let text = include_str!("../../../rust-toolchain.toml");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("channel = "));
    line.unwrap_or_default().trim_matches('"')
}

/// Another name that the pinned release has on this machine, where rustup does not know it by its
/// number and may not fetch it: `stable`, if that is what it is.
fn chosen() -> Option<&'static str> {
    static CHOSEN: OnceLock<Option<&'static str>> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let says = |toolchain: Option<&str>| {
            let mut rustc = Command::new("rustc");
            rustc.arg("-vV");
            if let Some(name) = toolchain {
                rustc.env("RUSTUP_TOOLCHAIN", name);
            }
            let output = rustc.output().ok().filter(|o| o.status.success())?;
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let pinned = format!("release: {}", pinned());
        let is = |toolchain| says(toolchain).is_some_and(|text| text.lines().any(|l| l == pinned));
        (!is(None) && is(Some("stable"))).then_some("stable")
    })
}

/// What the compiler says of itself: release, commit, host and LLVM.
///
/// # Errors
/// [`BuildError`] where there is none.
pub(super) fn compiler(folder: &Path) -> Result<String, BuildError> {
    let mut rustc = command("rustc", folder);
    rustc.arg("-vV");
    let output = rustc.output().map_err(BuildError::io(
        "`rustc` cannot be run; install the Rust that rust-toolchain.toml names",
    ))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(BuildError::io("`rustc -vV` fails")(words));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The flags with the paths of this machine taken out of what is compiled in.
fn rust_flags(folder: &Path) -> String {
    let root = folder.ancestors().nth(2).unwrap_or(folder);
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let mut flags = format!("{FLAGS} --remap-path-prefix={}=.", root.display());
    if let Some(home) = home {
        flags += &format!(" --remap-path-prefix={}=cargo", home.display());
    }
    flags
}

/// `cargo build` of a folder into `target`.
///
/// Cargo reads `.cargo/config.toml` from where it is started on, not from where the package lies. It is
/// started in `target`, so that no such file of a framework's has a say: one could put another library in the
/// declared one's place, or another compiler before the compiler.
///
/// # Errors
/// [`BuildError`] where `target` cannot be made.
pub(super) fn build(folder: &Path, target: &Path) -> Result<Command, BuildError> {
    let what = format!("{} cannot be made", target.display());
    std::fs::create_dir_all(target).map_err(BuildError::io(what))?;
    let mut cargo = command("cargo", target);
    cargo.args(CARGO_FLAGS);
    cargo.arg("--manifest-path").arg(folder.join(MANIFEST));
    cargo.env("CARGO_TARGET_DIR", target);
    cargo.env("RUSTFLAGS", rust_flags(folder));
    Ok(cargo)
}

/// Where that build leaves its program.
pub(super) fn built(target: &Path, name: &str) -> PathBuf {
    target.join("release").join(name)
}

/// The flags as they decide what a binary is: without the paths.
pub(super) fn flags() -> String {
    format!("{} {FLAGS}", CARGO_FLAGS.join(" "))
}

/// Folders beside a package that it is built from: the `path` of each of its dependencies.
pub(super) fn beside(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(MANIFEST)).unwrap_or_default();
    let mut all: Vec<_> = paths(&text).into_values().collect();
    all.sort();
    all
}

/// What of a manifest is not for the program: by a `path` there it names its own files, or what only tests need.
const BESIDE_THE_PROGRAM: [&str; 6] =
    ["bench", "bin", "dev-dependencies", "example", "lib", "test"];

/// Whatever a manifest takes from a folder, in whichever of its tables: the crate's name with its path.
fn paths(manifest: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut all = manifest.parse::<toml::Table>().unwrap_or_default();
    all.retain(|name, _| !BESIDE_THE_PROGRAM.contains(&name));
    gather(&all, &mut found);
    found
}

fn gather(table: &toml::Table, found: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        let Some(inner) = value.as_table() else {
            continue;
        };
        if let Some(path) = inner.get("path").and_then(toml::Value::as_str) {
            found.insert(name.clone(), path.to_owned());
        }
        gather(inner, found);
    }
}

/// A program that shapes the build, where the folder has one.
fn script(folder: &Path, manifest: &str) -> Option<String> {
    let all = manifest.parse::<toml::Table>().unwrap_or_default();
    let named = all.get("package").and_then(|package| package.get("build"));
    match named {
        Some(toml::Value::String(named)) => Some(named.clone()),
        Some(toml::Value::Boolean(false)) => None,
        _ => (folder.join("build.rs").exists()).then(|| "build.rs".to_owned()),
    }
}

/// What an executable is made of, by the lock file that Cargo was held to.
pub(super) fn receipt(folder: &Path, path: PathBuf) -> Result<Binary, BuildError> {
    let what = format!("{} cannot be read", path.display());
    let content = std::fs::read(&path).map_err(BuildError::io(what))?;
    let lock = folder.join(LOCK);
    let what = format!("{} cannot be read", lock.display());
    let lock = std::fs::read_to_string(&lock).map_err(BuildError::io(what))?;
    let manifest = std::fs::read_to_string(folder.join(MANIFEST)).unwrap_or_default();
    let says = compiler(folder)?;
    let release = says.lines().find_map(|line| line.strip_prefix("release: "));
    let mut settings = BTreeMap::from([("RUSTFLAGS".to_owned(), FLAGS.to_owned())]);
    let script = script(folder, &manifest);
    settings.extend(script.map(|script| ("build".to_owned(), script)));
    Ok(Binary {
        sha256: hex(&Sha256::digest(&content)),
        code: code::digest(&content),
        bytes: content.len() as u64,
        path,
        toolchain: format!("rust{}", release.unwrap_or("?")),
        modules: packages(&lock),
        replaced: paths(&manifest),
        settings,
        ..Binary::default()
    })
}

/// The packages of a lock file with their versions.
fn packages(lock: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut name = None;
    for line in lock.lines() {
        let value = |key: &str| Some(line.strip_prefix(key)?.trim_matches('"').to_owned());
        if let Some(text) = value("name = ") {
            name = Some(text);
        } else if let Some(version) = value("version = ")
            && let Some(name) = name.take()
        {
            found.insert(name, version);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_names_packages_and_a_manifest_the_folders_beside() {
        let lock = "# It is generated.\nversion = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"b\"\nversion = \"0.1.0\"\ndependencies = [\n \"a\",\n]\n";
        let packages = packages(lock);
        assert_eq!(packages.len(), 2);
        assert_eq!(packages["a"], "1.2.3");
        let manifest = "[package]\nname = \"b\"\n\n[dependencies]\na = \"1\"\nc = { path = \"../../reference/c\" }\n\n[dev-dependencies]\nd = { path = \"../d\" }\n";
        let beside = |manifest: &str| paths(manifest).into_iter().collect::<Vec<_>>();
        let c = [("c".to_owned(), "../../reference/c".to_owned())];
        assert_eq!(beside(manifest), c);
        for hidden in [
            "[dependencies.c]\npath = \"../../reference/c\"",
            "[dependencies]\nc.path = '../../reference/c'",
            "[patch.crates-io]\nc = { version = \"1\", \"path\" = \"../../reference/c\" }",
            "[target.'cfg(unix)'.dependencies.c]\npath = \"../../reference\\u002fc\"",
        ] {
            assert_eq!(beside(hidden), c, "{hidden}");
        }
    }

    #[test]
    fn a_program_that_shapes_the_build_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let told = |manifest: &str| script(folder.path(), manifest);
        assert_eq!(told("[package]\nname = 'a'"), None);
        assert_eq!(
            told("[package]\nbuild = 'make.rs'").as_deref(),
            Some("make.rs")
        );
        std::fs::write(folder.path().join("build.rs"), "").unwrap();
        assert_eq!(told("[package]\nname = 'a'").as_deref(), Some("build.rs"));
        assert_eq!(told("[package]\nbuild = false"), None);
    }

    #[test]
    fn the_pinned_release_is_a_number() {
        assert!(
            pinned().split('.').all(|part| part.parse::<u32>().is_ok()),
            "{}",
            pinned()
        );
    }

    #[test]
    fn what_is_passed_is_sorted() {
        assert!(PASSED.is_sorted());
    }
}
