//! The `go` command as the lab runs it: one Go for everybody, in an environment of the lab's own.
//!
//! A user's environment is made for the user's work. Of it only that reaches `go` which says
//! where things lie, how modules come and how fast to work ([`PASSED`]); what shapes a binary is
//! set here ([`GO_ENV`]) or left at the toolchain's own default. So two users of one checkout
//! build the same servers.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use sys::stderr;

/// The Go that builds every server, `1.26.8`: the text of `.go-version`. Any Go from 1.21 on
/// fetches it once by way of the module proxy, and verifies it against the checksum database.
pub const PINNED: &str = include_str!("../../../.go-version").trim_ascii();

/// What the lab sets for every run of `go`; [`command`] adds `GOTOOLCHAIN`.
pub const GO_ENV: [(&str, &str); 5] = [
    ("CGO_ENABLED", "0"),
    ("GOAMD64", "v1"),
    // What `go env -w` has kept for this user is passed on by the same list as the environment.
    ("GOENV", "off"),
    ("GOFLAGS", "-trimpath -buildvcs=false"),
    ("GOWORK", "off"),
];

/// What of the user's environment, or of `go env -w`, reaches `go`. Sorted; each of them says
///
/// - where things lie: the home folder, caches, temporary files, programs;
/// - how modules and toolchains are fetched, which `go.sum` and the checksum database hold to
///   their contents: proxies, certificates, credentials, and what git needs for a module that
///   comes by way of it;
/// - how fast the toolchain itself works.
///
/// Everything else is withheld: `GOEXPERIMENT`, `GOOS`, `GOARCH`, `GOROOT`, `GO111MODULE`,
/// `GODEBUG`, `CC`, `CGO_*` and their like.
const PASSED: [&str; 43] = [
    "ALL_PROXY",
    "GIT_ASKPASS",
    "GIT_CONFIG_GLOBAL",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GOAUTH",
    "GOCACHE",
    "GOCACHEPROG",
    "GOGC",
    "GOINSECURE",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "GOMODCACHE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOPATH",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
    "GOTMPDIR",
    "GOVCS",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LOGNAME",
    "NETRC",
    "NIX_SSL_CERT_FILE",
    "NO_PROXY",
    "PATH",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "USER",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "socks_proxy",
];

/// Which Go is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The value of `GOTOOLCHAIN`: `go1.26.8`, or `local` where that cannot be had.
    pub toolchain: String,
    /// Why it is not the pinned one.
    pub why_not: Option<String>,
}

/// Which Go is used, decided once for the process: the pinned one, else the one on PATH, since
/// `go` itself only fails where it cannot fetch another. The first call may fetch it.
pub fn choice() -> &'static Choice {
    static CHOICE: OnceLock<Choice> = OnceLock::new();
    CHOICE.get_or_init(choose)
}

/// Whether there is any Go on PATH.
pub fn is_installed() -> bool {
    on_path().is_some()
}

/// Whether the Go on PATH is the pinned one, as far as its files say: then nothing is fetched.
pub fn is_here() -> bool {
    let release = on_path().and_then(|go| {
        let root = root_of(&go)?;
        std::fs::read_to_string(root.join("VERSION")).ok()
    });
    release.is_some_and(|text| text.lines().next() == Some(&format!("go{PINNED}")))
}

/// The `go` command, in the folder of a module; its input is empty.
pub fn command(folder: &Path) -> Command {
    let mut command = bare(&choice().toolchain);
    command.current_dir(folder);
    command
}

/// The local `go`, for what any version can do.
pub(super) fn local() -> Command {
    bare("local")
}

/// Variables that shape what `go` makes, or break it, and that a user may have set for a purpose:
/// who has should hear that they do not reach the servers.
const SHAPING: [&str; 23] = [
    "CC",
    "CGO_CFLAGS",
    "CGO_ENABLED",
    "CGO_LDFLAGS",
    "CXX",
    "GO111MODULE",
    "GO386",
    "GOAMD64",
    "GOARCH",
    "GOARM",
    "GOARM64",
    "GODEBUG",
    "GOEXPERIMENT",
    "GOFIPS140",
    "GOFLAGS",
    "GOMIPS",
    "GOMIPS64",
    "GOOS",
    "GOPPC64",
    "GORISCV64",
    "GOROOT",
    "GOWORK",
    "GO_EXTLINK_ENABLED",
];

/// Those of the user's variables that shape what `go` makes and are withheld from it, sorted; not
/// those that ask for what the lab sets anyway.
pub fn withheld() -> Vec<&'static str> {
    withheld_of(&user())
}

fn withheld_of(user: &BTreeMap<OsString, OsString>) -> Vec<&'static str> {
    let is_lost = |name: &&str| {
        user.get(OsStr::new(name)).is_some_and(|value| {
            !value.is_empty() && !GO_ENV.iter().any(|&(n, v)| n == *name && v == value)
        })
    };
    SHAPING.into_iter().filter(is_lost).collect()
}

fn bare(toolchain: &str) -> Command {
    let mut command = Command::new("go");
    command
        .env_clear()
        .envs(user().into_iter().filter(|(name, _)| passes(name)))
        .envs(GO_ENV)
        .env("GOTOOLCHAIN", toolchain)
        .stdin(Stdio::null());
    command
}

fn passes(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| PASSED.contains(&name))
}

/// What the user has set: by `go env -w`, and before that in the environment.
fn user() -> BTreeMap<OsString, OsString> {
    let mut all = settings_file()
        .and_then(|file| std::fs::read_to_string(file).ok())
        .map(|text| kept(&text))
        .unwrap_or_default();
    all.extend(std::env::vars_os());
    all
}

/// The file of `go env -w`.
fn settings_file() -> Option<PathBuf> {
    if let Some(file) = std::env::var_os("GOENV") {
        return (file != "off").then(|| PathBuf::from(file));
    }
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let config = config.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")));
    Some(config?.join("go/env"))
}

/// Its lines, `NAME=VALUE`; `#` begins a comment.
fn kept(text: &str) -> BTreeMap<OsString, OsString> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

fn choose() -> Choice {
    let pinned = format!("go{PINNED}");
    let not = |why: String| Choice {
        toolchain: "local".to_owned(),
        why_not: Some(why),
    };
    let here = Choice {
        toolchain: pinned.clone(),
        why_not: None,
    };
    if is_here() {
        return here;
    }
    let output = match bare(&pinned).arg("version").output() {
        Ok(output) => output,
        Err(e) => return not(e.to_string()),
    };
    if !output.status.success() {
        let said = stderr::said_by_go(&String::from_utf8_lossy(&output.stderr));
        return not(said.unwrap_or_else(|| output.status.to_string()));
    }
    // Before 1.21 no Go heeded GOTOOLCHAIN.
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match version.split(' ').any(|word| word == pinned) {
        true => here,
        false => not(format!("asked for {pinned}, `go version` says `{version}`")),
    }
}

/// The first executable `go` in the folders of PATH, without links.
pub(super) fn on_path() -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join("go"))
        .find(|file| {
            std::fs::metadata(file)
                .is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
        })?;
    Some(found.canonicalize().unwrap_or(found))
}

/// The root of the toolchain that a `go` belongs to, as the Go project and distributions install
/// it; nothing for a wrapper that picks a toolchain by rules of its own.
pub(super) fn root_of(go: &Path) -> Option<&Path> {
    let root = go.ancestors().nth(2)?;
    (root.join("VERSION").is_file() && root.join("pkg/tool").is_dir()).then_some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_set_and_does_not_get_is_named() {
        let set = [
            ("CGO_ENABLED", "0"),
            ("GOAMD64", "v3"),
            ("GOFLAGS", "-mod=mod"),
            ("GOPROXY", "direct"),
            ("GOWORK", ""),
        ];
        let user = set.map(|(name, value)| (name.into(), value.into())).into();
        assert_eq!(withheld_of(&user), ["GOAMD64", "GOFLAGS"]);
        assert!(SHAPING.is_sorted());
    }

    #[test]
    fn the_pinned_version_is_exact() {
        let parts: Vec<_> = PINNED.split('.').map(str::parse::<u32>).collect();
        assert!(
            parts.len() == 3 && parts.iter().all(Result::is_ok),
            "{PINNED}"
        );
    }

    #[test]
    fn only_what_shapes_no_binary_is_passed() {
        assert!(PASSED.is_sorted() && SHAPING.is_sorted());
        for name in [
            "PATH",
            "GOPROXY",
            "GOMODCACHE",
            "https_proxy",
            "SSL_CERT_FILE",
        ] {
            assert!(passes(OsStr::new(name)), "{name}");
        }
        let set = [
            "CGO_ENABLED",
            "GOAMD64",
            "GOFLAGS",
            "GOTOOLCHAIN",
            "LD_PRELOAD",
        ];
        for name in SHAPING.iter().chain(&set) {
            assert!(!passes(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn settings_of_go_env_are_read() {
        let all = kept("# a comment\nGOPROXY=https://a,direct\nGOFLAGS=-tags=a=b\n\nnothing\n");
        let all: Vec<_> = all.iter().map(|(n, v)| (n.to_str(), v.to_str())).collect();
        assert_eq!(
            all,
            [
                (Some("GOFLAGS"), Some("-tags=a=b")),
                (Some("GOPROXY"), Some("https://a,direct")),
            ]
        );
    }
}
