//! A framework: a folder recognised by its `framework.yaml`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use place::file::{YamlError, YamlFile};
use record::Class;
use serde::Deserialize;

use super::exception::{self, Exception};
use super::variant::{self, Variant};

/// The file that makes a folder a framework.
pub const FILE: &str = "framework.yaml";
const SCHEMA: &str = "framework/1";

/// A server under test, as its folder declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// The folder's name, by which everything refers to it.
    pub name: String,
    /// What tables show.
    pub title: String,
    /// Which table it belongs to.
    pub class: Class,
    /// The language, which decides how it is built.
    pub language: Language,
    /// What speaks HTTP for it.
    pub engine: String,
    /// The family of its router.
    pub router: String,
    /// The Go module it is about, `std` for the standard library; the package, in Rust.
    pub module: String,
    /// The project's page.
    pub homepage: String,
    /// Which optional parts of the contract it implements.
    pub supports: BTreeSet<Feature>,
    /// What it answers to HEAD on a path that has a GET route.
    pub head: u16,
    /// What it answers to a known path with the wrong method.
    pub wrong_method: u16,
    /// Where its router or its engine departs from the contract by design; the check holds it
    /// to what it declares.
    pub departs: BTreeSet<Departure>,
    /// Settings that are not the project's defaults, each with its reason.
    pub settings: Vec<Setting>,
    /// What it does that its class does not allow, each with its reason.
    pub exceptions: Vec<Exception>,
    /// The same framework with one setting changed.
    pub variants: Vec<Variant>,
    /// Where it lies.
    pub folder: PathBuf,
    /// What it is built with.
    pub origin: Origin,
    /// Its server, where somebody else built it; absent where the lab does.
    pub prebuilt: Option<PathBuf>,
}

/// What else a server is built from, and by whose word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The folder of the kit that it has to use; nothing where no checkout says.
    pub kit: Option<PathBuf>,
    /// The folder of the framework that a variant varies.
    pub varied: Option<PathBuf>,
    /// Of a variant: the class of its framework, whose rules its source is held to.
    pub class: Option<Class>,
    /// Modules that the command replaces.
    pub replaced: BTreeSet<String>,
    /// It is of an earlier revision of the checkout, with the kit of that one.
    pub earlier: bool,
    /// It lies outside of the checkout, where nobody but its user answers for its source.
    pub outside: bool,
}

/// The language of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Built by `go build`.
    Go,
    /// Built by `cargo build`.
    Rust,
}

impl Language {
    /// The language's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Rust => "rust",
        }
    }
}

/// An optional part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// `ROUTES`
    Routes,
    /// `MIDDLEWARE`
    Middleware,
    /// `SPIN_NS`
    Spin,
    /// `PROBE_FD`
    Probe,
    /// `TLS_CERT`, `TLS_KEY`
    Tls,
}

impl Feature {
    /// The part's name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Routes => "routes",
            Self::Middleware => "middleware",
            Self::Spin => "spin",
            Self::Probe => "probe",
            Self::Tls => "tls",
        }
    }
}

/// A way in which a framework departs from the contract by its own design, without a switch.
///
/// Departures are declared so that they are shown and checked, neither hidden nor a reason to
/// leave a framework out whose measured answers are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Departure {
    /// Static routes beside parameters are refused at the start.
    OverlapRefused,
    /// Of two routes that match, the one registered first wins, be it static or not.
    FirstRouteWins,
    /// A path that begins like a static route is not given to the route with parameters.
    NoBacktracking,
    /// Parameters are percent-decoded twice, so that those that hold an escape come out wrong.
    DecodesTwice,
    /// Answers have no Content-Length but come in chunks.
    Chunked,
    /// Memory grows with each path that was asked for.
    MemoryGrows,
    /// JSON has `<`, `>` and `&` as they are, where encoding/json by itself hides them from browsers.
    LeavesHtml,
}

impl Departure {
    /// The departure's name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::OverlapRefused => "overlap-refused",
            Self::FirstRouteWins => "first-route-wins",
            Self::NoBacktracking => "no-backtracking",
            Self::DecodesTwice => "decodes-twice",
            Self::Chunked => "chunked",
            Self::MemoryGrows => "memory-grows",
            Self::LeavesHtml => "leaves-html",
        }
    }
}

/// A setting that differs from the project's default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What is set to what.
    pub set: String,
    /// Why.
    pub why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    name: String,
    title: String,
    class: Class,
    language: Language,
    engine: WireEngine,
    router: Router,
    module: String,
    homepage: String,
    supports: BTreeSet<Feature>,
    head: u16,
    wrong_method: u16,
    #[serde(default)]
    departs: BTreeSet<Departure>,
    settings: Vec<Setting>,
    #[serde(default)]
    exceptions: Vec<Exception>,
    #[serde(default)]
    variants: Vec<Variant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum WireEngine {
    #[serde(rename = "net/http")]
    NetHttp,
    #[serde(rename = "fasthttp")]
    Fasthttp,
    #[serde(rename = "netpoll")]
    Netpoll,
    #[serde(rename = "own")]
    Own,
}

impl WireEngine {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NetHttp => "net/http",
            Self::Fasthttp => "fasthttp",
            Self::Netpoll => "netpoll",
            Self::Own => "own",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Router {
    Radix,
    SegmentTree,
    Linear,
    Bucket,
    None,
}

impl Framework {
    /// Reads and checks a folder's `framework.yaml`.
    ///
    /// # Errors
    /// A sentence with file and line, and the allowed values where there is a choice.
    pub fn load(folder: &Path) -> Result<Self, YamlError> {
        let (framework, file) = Self::read(folder)?;
        variant::checked(&framework.variants, folder, &file)?;
        Ok(framework)
    }

    fn read(folder: &Path) -> Result<(Self, YamlFile), YamlError> {
        let file = YamlFile::read(&folder.join(FILE))?;
        let wire: Wire = file.parse()?;
        file.require_schema(&wire.schema, SCHEMA)?;
        if !is_name(&wire.name) {
            return Err(file.bad_key(
                "name",
                format!(
                    "name is `{}`, allowed are 1 to 40 characters of a-z, 0-9 and -, the first a letter",
                    wire.name
                ),
            ));
        }
        let folder_name = folder.file_name().map(|n| n.to_string_lossy().into_owned());
        if folder_name.as_deref() != Some(&wire.name) {
            return Err(file.bad_key(
                "name",
                format!(
                    "name is `{}`, but the folder is called `{}`: they must be the same",
                    wire.name,
                    folder_name.unwrap_or_default()
                ),
            ));
        }
        for (key, status, allowed) in [
            ("head", wire.head, &[200, 404, 405, 501][..]),
            ("wrong_method", wire.wrong_method, &[404, 405][..]),
        ] {
            if !allowed.contains(&status) {
                let allowed: Vec<_> = allowed.iter().map(u16::to_string).collect();
                return Err(file.bad_key(
                    key,
                    format!("{key} is {status}, allowed are {}", allowed.join(", ")),
                ));
            }
        }
        for (key, value) in [("title", &wire.title), ("module", &wire.module)] {
            if value.trim().is_empty() {
                return Err(file.bad_key(key, format!("{key} is empty")));
            }
        }
        // Its source is looked at by nobody, and it has no probe to be asked by.
        if wire.language == Language::Rust && wire.class == Class::Idiomatic {
            return Err(file.bad_key(
                "class",
                "class is `idiomatic`, and so its source has to be looked at, which is there for Go only: a server in Rust is of class `reference` or `engine`",
            ));
        }
        exception::checked(&wire.exceptions, wire.class, &file)?;
        let framework = Self {
            name: wire.name,
            title: wire.title,
            class: wire.class,
            language: wire.language,
            engine: wire.engine.name().to_owned(),
            router: match wire.router {
                Router::Radix => "radix",
                Router::SegmentTree => "segment-tree",
                Router::Linear => "linear",
                Router::Bucket => "bucket",
                Router::None => "none",
            }
            .to_owned(),
            module: wire.module,
            homepage: wire.homepage,
            supports: wire.supports,
            head: wire.head,
            wrong_method: wire.wrong_method,
            departs: wire.departs,
            settings: wire.settings,
            exceptions: wire.exceptions,
            variants: wire.variants,
            folder: folder.to_owned(),
            origin: Origin::default(),
            prebuilt: None,
        };
        Ok((framework, file))
    }

    /// Reads a folder that holds a server as well, `bin/<name>`, and nothing to build it from. Of its
    /// variants those are known that were built too, beside it: `<name>@<variant>/bin/<variant>`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_prebuilt(folder: &Path) -> Result<Self, YamlError> {
        let (mut framework, _) = Self::read(folder)?;
        let name = framework.name.clone();
        (framework.variants).retain(|v| variant::built(folder, &name, &v.name).exists());
        framework.prebuilt = Some(folder.join("bin").join(&framework.name));
        Ok(framework)
    }
}

/// Whether a name can be a folder's and stand in a campaign's files.
pub fn is_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "schema: framework/1
name: gin
title: Gin
class: idiomatic
language: go
engine: net/http
router: radix
module: github.com/gin-gonic/gin
homepage: https://gin-gonic.com
supports: [routes, probe]
head: 404
wrong_method: 405
settings:
  - set: HandleMethodNotAllowed = true
    why: the contract asks for 405
";

    fn load(text: &str) -> Result<Framework, String> {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("gin");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(FILE), text).unwrap();
        Framework::load(&folder).map_err(|e| e.to_string())
    }

    #[test]
    fn a_whole_file_is_taken() {
        let framework = load(GOOD).unwrap();
        assert_eq!(framework.name, "gin");
        assert!(framework.supports.contains(&Feature::Probe));
    }

    #[test]
    fn errors_name_file_line_and_what_is_allowed() {
        for (from, to, line, says) in [
            ("class: idiomatic", "class: fast", 4, "idiomatic"),
            ("router: radix", "router: magic", 7, "segment-tree"),
            ("head: 404", "head: 418", 11, "200, 404, 405, 501"),
            ("head: 404", "heads: 404", 11, "head"),
            ("name: gin", "name: echo", 2, "the folder is called `gin`"),
            (
                "supports: [routes, probe]",
                "supports: [routes, http3]",
                10,
                "middleware",
            ),
            (
                "schema: framework/1",
                "schema: framework/2",
                1,
                "framework/1",
            ),
            ("title: Gin", "title: ''", 3, "title is empty"),
            (
                "settings:",
                "exceptions:\n  - {allow: teleport, why: x}\nsettings:",
                14,
                "condition, directive",
            ),
            (
                "settings:",
                "exceptions:\n  - {allow: replace a => b, why: x}\nsettings:",
                14,
                "the checkout's kit alone",
            ),
            (
                "settings:",
                "exceptions:\n  - {allow: mention Path, why: fast}\nsettings:",
                14,
                "no reason makes this idiomatic",
            ),
            (
                "settings:",
                "exceptions:\n  - {allow: import _ unsafe, why: fast}\nsettings:",
                14,
                "no reason makes this idiomatic",
            ),
            ("language: go", "language: rust", 4, "looked at"),
            (
                "settings:",
                "exceptions:\n  - {allow: import os, why: ''}\nsettings:",
                14,
                "has no reason",
            ),
            (
                "settings:",
                "departs: [is-slow]\nsettings:",
                13,
                "overlap-refused",
            ),
        ] {
            let err = load(&GOOD.replace(from, to)).unwrap_err();
            assert!(
                err.contains(&format!("framework.yaml:{line}: ")),
                "{to}: {err}"
            );
            assert!(err.contains(says), "{to}: {err}");
        }
    }

    #[test]
    fn a_prebuilt_server_lies_beside_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("gin");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(FILE), GOOD).unwrap();
        assert_eq!(Framework::load(&folder).unwrap().prebuilt, None);
        let prebuilt = Framework::load_prebuilt(&folder).unwrap().prebuilt;
        assert_eq!(prebuilt, Some(folder.join("bin/gin")));
    }

    #[test]
    fn a_variant_is_a_framework_of_its_own() {
        let text = format!(
            "{GOOD}variants:\n  - name: sonic\n    title: Gin with sonic\n    set: encoder = sonic\n    why: its own\n"
        );
        let err = load(&text).unwrap_err();
        assert!(err.contains("no variants/sonic/go.mod"), "{err}");
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("gin");
        let inside = folder.join("variants/sonic");
        std::fs::create_dir_all(&inside).unwrap();
        std::fs::write(inside.join("go.mod"), "module m\n").unwrap();
        std::fs::write(folder.join(FILE), text).unwrap();
        let all: Vec<_> = Framework::load(&folder).unwrap().variants().collect();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].name, "gin@sonic");
        assert_eq!(all[0].class, Class::Variant);
        assert_eq!(all[0].folder, inside);
        assert_eq!(all[0].settings.len(), 2);
        std::fs::remove_dir_all(folder.join("variants")).unwrap();
        let built = Framework::load_prebuilt(&folder).unwrap();
        assert_eq!(built.variants().count(), 0, "they were not built with it");
        let server = dir.path().join("gin@sonic/bin/sonic");
        std::fs::create_dir_all(server.parent().unwrap()).unwrap();
        std::fs::write(&server, "").unwrap();
        let built = Framework::load_prebuilt(&folder).unwrap();
        let variant = built.variants().next().unwrap();
        assert_eq!(variant.name, "gin@sonic");
        assert_eq!(variant.prebuilt, Some(server));
    }

    #[test]
    fn a_missing_key_is_named() {
        let err = load(&GOOD.replace("class: idiomatic\n", "")).unwrap_err();
        assert!(err.contains("missing field `class`"), "{err}");
    }
}
