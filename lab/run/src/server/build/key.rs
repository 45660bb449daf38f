//! Everything that decides what a binary is, as one name: equal keys, equal binaries.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{BuildError, GO_ENV, GO_FLAGS, Toolchain, hex};
use crate::plan::Framework;

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
/// modules beside it that it is built from, toolchain, flags, and the environment that the lab
/// sets; the user's has no part in it ([`super::go`]).
pub fn of(framework: &Framework, toolchain: &Toolchain) -> Result<String, BuildError> {
    let mut facts = Facts::new("server/2");
    facts.add("name", framework.name.as_bytes());
    facts.add("toolchain", toolchain.fingerprint.as_bytes());
    facts.add("flags", GO_FLAGS.join("\n").as_bytes());
    for (name, value) in GO_ENV {
        facts.add(name, value.as_bytes());
    }
    sources("", &framework.folder, &mut facts)?;
    let module = fs::read_to_string(framework.folder.join("go.mod")).unwrap_or_default();
    for beside in replaced_by_folders(&module) {
        sources(&beside, &framework.folder.join(&beside), &mut facts)?;
    }
    Ok(facts.digest())
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
