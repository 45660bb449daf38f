//! Everything that decides what a binary is, as one name: equal keys, equal binaries.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{BuildError, GO_ENV, GO_FLAGS, Toolchain, hex};
use crate::plan::Framework;

/// Variables of the Go toolchain that say where things lie or how fast they are made, and not
/// what is made.
const HARMLESS: [&str; 19] = [
    "GOAUTH",
    "GOBIN",
    "GOCACHE",
    "GOCACHEPROG",
    "GODEBUG",
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
    "GOTRACEBACK",
    "GOVCS",
];

/// Named facts, taken together as one digest.
pub struct Facts(Sha256);

impl Facts {
    pub fn new(of: &str) -> Self {
        let mut facts = Self(Sha256::new());
        facts.add("of", of.as_bytes());
        facts
    }

    /// Lengths are hashed too, so that no two lists of facts run into the same bytes.
    pub fn add(&mut self, name: &str, value: &[u8]) {
        for part in [name.as_bytes(), value] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    pub fn digest(self) -> String {
        hex(&self.0.finalize()[..16])
    }
}

/// The key of a framework's server: sources, `go.mod` and `go.sum` of its module and of the
/// modules beside it that it is built from, toolchain, flags and environment.
pub fn of(framework: &Framework, toolchain: &Toolchain) -> Result<String, BuildError> {
    let mut facts = Facts::new("server/1");
    facts.add("name", framework.name.as_bytes());
    facts.add("toolchain", toolchain.fingerprint.as_bytes());
    facts.add("flags", GO_FLAGS.join("\n").as_bytes());
    for (name, value) in GO_ENV {
        facts.add(name, value.as_bytes());
    }
    for (name, value) in environment(std::env::vars_os().filter_map(|(name, value)| {
        let bytes = value.as_encoded_bytes().to_vec();
        Some((name.into_string().ok()?, bytes))
    })) {
        facts.add(&name, &value);
    }
    facts.add("go env", &settings());
    sources("", &framework.folder, &mut facts)?;
    let module = fs::read_to_string(framework.folder.join("go.mod")).unwrap_or_default();
    for beside in replaced_by_folders(&module) {
        sources(&beside, &framework.folder.join(&beside), &mut facts)?;
    }
    Ok(facts.digest())
}

/// The variables that may change a binary, sorted.
fn environment(all: impl Iterator<Item = (String, Vec<u8>)>) -> BTreeMap<String, Vec<u8>> {
    all.filter(|(name, _)| name.starts_with("GO") || name.starts_with("CGO_"))
        .filter(|(name, _)| !HARMLESS.contains(&name.as_str()))
        .filter(|(name, _)| !GO_ENV.iter().any(|(ours, _)| ours == name))
        .collect()
}

/// What `go env -w` has kept for this user.
fn settings() -> Vec<u8> {
    let folder = || {
        let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
        config.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")))
    };
    let file = match std::env::var_os("GOENV") {
        Some(file) => Some(PathBuf::from(file)),
        None => folder().map(|f| f.join("go/env")),
    };
    file.and_then(|f| fs::read(f).ok()).unwrap_or_default()
}

/// Adds all files below a folder: any of them may be compiled or embedded.
fn sources(name: &str, folder: &Path, facts: &mut Facts) -> Result<(), BuildError> {
    let unreadable = || BuildError::io(format!("{} cannot be read", folder.display()));
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
        .map_err(unreadable())?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let file = entry.file_name();
        let name = format!("{name}/{}", file.to_string_lossy());
        // The toolchain does not follow links to folders; a repository's history is no source.
        let kind = entry.file_type().map_err(unreadable())?;
        if kind.is_dir() {
            if file != ".git" {
                sources(&name, &entry.path(), facts)?;
            }
        } else if !entry.path().is_dir() {
            facts.add(&name, &fs::read(entry.path()).map_err(unreadable())?);
        }
    }
    Ok(())
}

/// The folders that a `go.mod` puts in the place of modules.
fn replaced_by_folders(module: &str) -> Vec<String> {
    let is_folder = |word: &&str| ["./", "../", "/"].iter().any(|p| word.starts_with(p));
    let mut folders: Vec<_> = module
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .filter_map(|line| line.split_once("=>")?.1.split_whitespace().next())
        .map(|word| word.trim_matches(['"', '`']))
        .filter(is_folder)
        .map(str::to_owned)
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_found_in_both_forms_of_replace() {
        let module = "module m\n\nreplace bench.lab/kit => ../kit // beside it\n\nreplace (\n\ta v1.0.0 => /b/a\n\tc => example.com/c v1.2.3\n\t// d => ../d\n)\n";
        assert_eq!(replaced_by_folders(module), ["../kit", "/b/a"]);
    }

    #[test]
    fn only_what_may_change_a_binary_is_taken_from_the_environment() {
        let all = [
            "GOEXPERIMENT",
            "GOARCH",
            "GOCACHE",
            "GOFLAGS",
            "PATH",
            "CGO_CFLAGS",
        ];
        let kept = environment(all.map(|n| (n.to_owned(), b"x".to_vec())).into_iter());
        let kept: Vec<_> = kept.keys().map(String::as_str).collect();
        assert_eq!(kept, ["CGO_CFLAGS", "GOARCH", "GOEXPERIMENT"]);
    }

    #[test]
    fn facts_do_not_run_into_each_other() {
        let digest = |facts: &[(&str, &str)]| {
            let mut all = Facts::new("test");
            for (name, value) in facts {
                all.add(name, value.as_bytes());
            }
            all.digest()
        };
        assert_ne!(digest(&[("a", "bc")]), digest(&[("ab", "c")]));
        assert_ne!(digest(&[("a", "b"), ("c", "d")]), digest(&[("a", "bcd")]));
        assert_eq!(digest(&[("a", "b")]).len(), 32);
    }
}
