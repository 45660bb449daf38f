//! The committed list of mutations.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

/// A deliberate error in one place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    /// What it is called, unique in all lists.
    pub name: String,
    /// The file, from the checkout's root.
    pub file: String,
    /// A text that stands in the file once.
    pub text: String,
    /// What stands there instead.
    pub with: String,
    /// What would be wrong, as a sentence that goes on after "nothing noticed that".
    pub falsifies: String,
    /// The words after `cargo test` of the cheapest test that fails.
    pub test: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutation: Vec<Mutation>,
}

/// The checkout that this program was built from.
pub fn checkout() -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize()
        .with_context(|| format!("the checkout {} is gone", root.display()))
}

/// All lists, by the names of their files and in the order in which they stand there: mutations
/// of one crate follow each other, so that little is compiled between two.
pub fn load(root: &Path) -> anyhow::Result<Vec<Mutation>> {
    let folder = root.join("lab/mutations/list");
    let listed =
        std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let list: List = toml::from_str(&text).with_context(|| file.display().to_string())?;
        all.extend(list.mutation);
    }
    let mut names = BTreeSet::new();
    for mutation in &all {
        let name = &mutation.name;
        ensure!(
            names.insert(name.clone()),
            "two mutations are called {name}"
        );
        ensure!(mutation.text != mutation.with, "{name} changes nothing");
        ensure!(
            mutation.test.starts_with("-p "),
            "{name}: `test` names no package: `-p CRATE ...` goes after `cargo test`"
        );
    }
    Ok(all)
}

impl Mutation {
    /// The text stands in the file of a checkout, and only once.
    pub fn stands_once(&self, root: &Path) -> anyhow::Result<()> {
        self.mutated(root).map(drop)
    }

    /// The file's contents with the mutation.
    pub fn mutated(&self, root: &Path) -> anyhow::Result<String> {
        let path = root.join(&self.file);
        let contents = std::fs::read_to_string(&path)
            .with_context(|| format!("{}: cannot read {}", self.name, path.display()))?;
        match contents.matches(&self.text).count() {
            1 => Ok(contents.replace(&self.text, &self.with)),
            n => bail!(
                "{}: its text stands in {} {n} times instead of once: the list is stale, \
                 look for what became of `{}`",
                self.name,
                self.file,
                self.text.trim()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_stands_once_in_the_checkout() {
        let root = checkout().unwrap();
        let all = load(&root).unwrap();
        assert!(all.len() >= 40, "{}", all.len());
        let stale: Vec<String> = all
            .iter()
            .filter_map(|m| m.stands_once(&root).err())
            .map(|e| format!("{e:#}"))
            .collect();
        assert!(stale.is_empty(), "{}", stale.join("\n"));
    }

    #[test]
    fn a_stale_text_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mutation = Mutation {
            name: "doubled".to_owned(),
            file: "a.rs".to_owned(),
            text: "x * 2".to_owned(),
            with: "x".to_owned(),
            falsifies: String::new(),
            test: "-p a".to_owned(),
        };
        let says = |contents: &str| {
            std::fs::write(folder.path().join("a.rs"), contents).unwrap();
            mutation.mutated(folder.path()).map_err(|e| e.to_string())
        };
        assert_eq!(says("let y = x * 2;").unwrap(), "let y = x;");
        for (contents, times) in [("x * 2 + x * 2", "2 times"), ("x + x", "0 times")] {
            let error = says(contents).unwrap_err();
            assert!(
                error.contains("doubled") && error.contains(times),
                "{error}"
            );
        }
    }
}
