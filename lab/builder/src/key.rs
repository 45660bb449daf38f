//! Everything that decides what a binary is, as one name: equal keys, equal binaries.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use catalog::Framework;
use catalog::framework::Language;
use place::kind_of;
use sha2::{Digest, Sha256};

use super::{BuildError, GO_ENV, GO_FLAGS, Toolchain, hex, rust};

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
    let mut facts = Facts::new("server/3");
    facts.add("name", framework.name.as_bytes());
    let folder = &framework.folder;
    match framework.language {
        Language::Go => {
            facts.add("toolchain", toolchain.fingerprint.as_bytes());
            facts.add("flags", GO_FLAGS.join("\n").as_bytes());
            for (name, value) in GO_ENV {
                facts.add(name, value.as_bytes());
            }
        }
        Language::Rust => {
            facts.add("toolchain", rust::compiler(folder)?.as_bytes());
            facts.add("flags", rust::flags().as_bytes());
        }
    }
    sources("", folder, &mut facts)?;
    for beside in beside(framework) {
        sources(&beside, &folder.join(&beside), &mut facts)?;
    }
    Ok(facts.digest())
}

/// The folders outside of its own that a server is built from, as it names them.
pub(super) fn beside(framework: &Framework) -> Vec<String> {
    match framework.language {
        Language::Go => {
            let module = fs::read_to_string(framework.folder.join("go.mod"));
            replaced_by_folders(&module.unwrap_or_default())
        }
        Language::Rust => rust::beside(&framework.folder),
    }
}

/// Adds all files below a folder: any of them may be compiled or embedded.
///
/// What is no file (a link to nothing, a FIFO, a socket, a device) is never opened: Go would
/// neither compile nor embed it, and reading it might never end. A link to a folder is told, too:
/// what is behind it may be imported and change without a trace here. Under a name that Go does not
/// look at, an editor's lock for instance, it is none of ours; elsewhere it is told.
fn sources(name: &str, folder: &Path, facts: &mut Facts) -> Result<(), BuildError> {
    below(name, folder, false, facts)
}

fn below(name: &str, folder: &Path, unseen: bool, facts: &mut Facts) -> Result<(), BuildError> {
    let unreadable = |what: &Path| BuildError::io(format!("{} cannot be read", what.display()));
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
        .map_err(unreadable(folder))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (file, path) = (entry.file_name(), entry.path());
        let name = format!("{name}/{}", file.to_string_lossy());
        let unseen = unseen || unseen_by_go(&file);
        let kind = entry.file_type().map_err(unreadable(&path))?;
        if kind.is_dir() {
            // A repository's history is no source.
            // Nor is what Cargo leaves behind where it is run by hand.
            if file != ".git" && !(file == "target" && path.join("CACHEDIR.TAG").is_file()) {
                below(&name, &path, unseen, facts)?;
            }
            continue;
        }
        match fs::metadata(&path) {
            Ok(what) if what.is_file() => {
                facts.add(&name, &fs::read(&path).map_err(unreadable(&path))?);
            }
            _ if unseen => {}
            // Go's patterns pass them by, and an import's path goes through them.
            Ok(what) if what.is_dir() => return Err(no_file(&path, "a link to a folder")),
            Ok(what) => return Err(no_file(&path, kind_of(what.file_type()))),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && kind.is_symlink() => {
                return Err(no_file(&path, "a link to nothing"));
            }
            Err(e) => return Err(unreadable(&path)(e)),
        }
    }
    Ok(())
}

/// Whether Go passes by a file or folder of this name: it compiles nothing of it.
fn unseen_by_go(name: &OsStr) -> bool {
    name == "testdata"
        || name.as_encoded_bytes().starts_with(b".")
        || name.as_encoded_bytes().starts_with(b"_")
}

fn no_file(path: &Path, kind: &str) -> BuildError {
    BuildError::Io {
        what: format!("{} is {kind}", path.display()),
        why: "a server is built from files only; remove it, or begin its name with `.` or `_`"
            .to_owned(),
    }
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

    fn digest(folder: &Path) -> Result<String, BuildError> {
        let mut facts = Facts::new("test");
        sources("", folder, &mut facts).map(|()| facts.digest())
    }

    #[test]
    fn what_is_no_file_is_passed_by_or_named_and_never_opened() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("app/testdata")).unwrap();
        fs::create_dir_all(at("_old")).unwrap();
        fs::write(at("main.go"), "package main\n").unwrap();
        let before = digest(folder.path()).unwrap();
        let fifo = |path: &Path| {
            let path = std::ffi::CString::new(path.as_os_str().as_encoded_bytes()).unwrap();
            // SAFETY: the path is a string that ends in a zero and lives through the call.
            assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
        };
        // What editors, tests and old copies leave behind.
        symlink("user@host.1234:5678", at(".#main.go")).unwrap();
        fifo(&at(".main.go.swp"));
        fifo(&at("app/testdata/pipe"));
        symlink("nothing", at("_old/link")).unwrap();
        symlink(".", at("_old/itself")).unwrap();
        assert_eq!(digest(folder.path()).unwrap(), before);
        let socket = std::os::unix::net::UnixListener::bind(at("app/socket")).unwrap();
        for (name, kind) in [
            ("app/socket", "a socket"),
            ("pipe", "a FIFO"),
            ("main.go~", "a link to nothing"),
            ("itself", "a link to a folder"),
        ] {
            match name {
                "pipe" => fifo(&at(name)),
                "main.go~" => symlink("nothing", at(name)).unwrap(),
                "itself" => symlink(".", at(name)).unwrap(),
                _ => {}
            }
            let error = digest(folder.path()).unwrap_err().to_string();
            let says = format!("{} is {kind}", at(name).display());
            assert!(error.contains(&says), "{says}: {error}");
            fs::remove_file(at(name)).unwrap();
        }
        drop(socket);
        assert_eq!(digest(folder.path()).unwrap(), before);
        // A file counts under any name: it may be embedded.
        fs::write(at("_old/page.html"), "x").unwrap();
        assert_ne!(digest(folder.path()).unwrap(), before);
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
