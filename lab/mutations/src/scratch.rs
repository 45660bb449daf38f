//! A copy of the checkout, where texts are replaced. The checkout itself is never written to.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::mutation::Mutation;

/// The copy.
pub struct Scratch {
    /// Where its files are.
    pub tree: PathBuf,
    /// Where they are compiled to: a folder of its own, so that no wrong program is left where
    /// somebody would run it.
    pub target: PathBuf,
    /// Held as long as this lives: two runs in one copy would see each other's mutations.
    _lock: File,
}

impl Scratch {
    /// Makes the copy, or brings the one of an earlier run up to date: what git knows, and what
    /// is new and not ignored, as it stands in the working tree.
    pub fn copy(root: &Path, cache: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(cache).with_context(|| format!("cannot create {}", cache.display()))?;
        let lock = File::create(cache.join("lock"))
            .with_context(|| format!("cannot write into {}", cache.display()))?;
        ensure!(
            lock.try_lock().is_ok(),
            "another run uses {}: wait for it, or name another --cache",
            cache.display()
        );
        let listed = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root)
            .output()
            .context("git cannot be run")?;
        ensure!(
            listed.status.success(),
            "git cannot list {}: {}",
            root.display(),
            String::from_utf8_lossy(&listed.stderr).trim()
        );
        let listed = String::from_utf8_lossy(&listed.stdout);
        let files: BTreeSet<&Path> = listed
            .split('\0')
            .map(Path::new)
            .filter(|file| root.join(file).is_file())
            .collect();
        let scratch = Self {
            tree: cache.join("tree"),
            target: cache.join("target"),
            _lock: lock,
        };
        for file in &files {
            let contents = fs::read(root.join(file))
                .with_context(|| format!("cannot read {}", file.display()))?;
            scratch.write(file, &contents)?;
        }
        scratch.forget(&scratch.tree, &files)?;
        Ok(scratch)
    }

    /// Replaces a text; it is put back when what comes of this is dropped.
    pub fn with(&self, mutation: &Mutation) -> anyhow::Result<Changed> {
        let path = self.tree.join(&mutation.file);
        let mutated = mutation.mutated(&self.tree)?;
        let before = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        self.write(Path::new(&mutation.file), mutated.as_bytes())?;
        Ok(Changed { path, before })
    }

    /// Writes a file unless it is the same already: what did not change is not compiled again.
    fn write(&self, file: &Path, contents: &[u8]) -> anyhow::Result<()> {
        let path = self.tree.join(file);
        if fs::read(&path).is_ok_and(|before| before == contents) {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.tree);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, contents))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes what is not in the checkout any more; `target` at the top is the tests' own.
    fn forget(&self, folder: &Path, files: &BTreeSet<&Path>) -> anyhow::Result<()> {
        let entries =
            fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(file) = path.strip_prefix(&self.tree) else {
                continue;
            };
            if file == Path::new("target") || files.contains(file) {
                continue;
            }
            if path.is_dir() {
                self.forget(&path, files)?;
            } else {
                fs::remove_file(&path)
                    .with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(())
    }
}

/// A file of the copy that is not what it should be, as long as this lives.
pub struct Changed {
    path: PathBuf,
    before: Vec<u8>,
}

impl Drop for Changed {
    fn drop(&mut self) {
        // What cannot be put back is put back by the next run's copy.
        let _ = fs::write(&self.path, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_follows_the_checkout_and_a_change_is_undone() {
        let folder = tempfile::tempdir().unwrap();
        let (root, cache) = (folder.path().join("root"), folder.path().join("cache"));
        fs::create_dir_all(root.join("src")).unwrap();
        let git = Command::new("git")
            .arg("init")
            .arg("-q")
            .arg(&root)
            .status();
        assert!(git.unwrap().success());
        fs::write(root.join("src/a.rs"), "one").unwrap();
        fs::write(root.join("b.rs"), "two").unwrap();
        let scratch = Scratch::copy(&root, &cache).unwrap();
        let read = |file: &str| fs::read_to_string(cache.join("tree").join(file)).ok();
        assert_eq!(read("src/a.rs").as_deref(), Some("one"));

        let mutation = Mutation {
            name: "m".to_owned(),
            file: "src/a.rs".to_owned(),
            text: "one".to_owned(),
            with: "other".to_owned(),
            falsifies: String::new(),
            test: String::new(),
        };
        let changed = scratch.with(&mutation).unwrap();
        assert_eq!(read("src/a.rs").as_deref(), Some("other"));
        drop(changed);
        assert_eq!(read("src/a.rs").as_deref(), Some("one"));

        fs::remove_file(root.join("b.rs")).unwrap();
        fs::write(root.join("src/a.rs"), "three").unwrap();
        let refused = Scratch::copy(&root, &cache).err().unwrap();
        assert!(
            refused.to_string().contains("another run uses"),
            "{refused}"
        );
        drop(scratch);
        Scratch::copy(&root, &cache).unwrap();
        assert_eq!(read("b.rs"), None);
        assert_eq!(read("src/a.rs").as_deref(), Some("three"));
        assert_eq!(fs::read_to_string(root.join("src/a.rs")).unwrap(), "three");
    }
}
