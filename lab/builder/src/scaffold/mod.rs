//! A new framework's folder: what the contract asks of each, with the answers left open.
//!
//! The sources compile and the check fails, naming what is still to be written: a scaffold that
//! passed would be a server of the standard library under another name.

use std::fs;
use std::path::{Path, PathBuf};

use catalog::framework::{FILE, is_name};
use sys::stderr::said_by_go;

use crate::go;

/// The files of the folder, `framework.yaml` last: with it the folder is a framework.
const FILES: [(&str, &str); 4] = [
    ("main.go", include_str!("files/main.go.txt")),
    ("app/app.go", include_str!("files/app.go.txt")),
    ("app/app_test.go", include_str!("files/app_test.go.txt")),
    (FILE, include_str!("files/framework.yaml.txt")),
];

/// What is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaffold {
    name: String,
    module: String,
    version: String,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The folder.
    pub folder: PathBuf,
    /// The module's version that is pinned in it.
    pub version: String,
}

/// Why no folder was made; nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// The name cannot be one.
    #[error(
        "`{0}` cannot be a framework's name: allowed are 1 to 40 characters of a-z, 0-9 and -, the first a letter"
    )]
    Name(String),
    /// The module's path cannot be one.
    #[error(
        "`{0}` is no module: give its path as `go get` takes it, such as github.com/gin-gonic/gin or github.com/gin-gonic/gin@v1.12.0"
    )]
    Module(String),
    /// There is such a folder.
    #[error("{} is there already: choose another name, or remove it", .0.display())]
    Exists(PathBuf),
    /// The toolchain says no.
    #[error("`go {words}` failed: {why}{}", if words.ends_with("@latest") { " (where the newest version cannot be found out, name one: --module PATH@VERSION)" } else { "" })]
    Go {
        /// What it was asked.
        words: String,
        /// Its answer, on one line.
        why: String,
    },
    /// The module has no package that a server could import.
    #[error("module {0} has no package that can be imported")]
    NoPackage(String),
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
}

impl Scaffold {
    /// Checks a name and a module, `PATH` or `PATH@VERSION`.
    ///
    /// # Errors
    /// [`ScaffoldError::Name`], [`ScaffoldError::Module`].
    pub fn new(name: &str, module: &str) -> Result<Self, ScaffoldError> {
        if !is_name(name) {
            return Err(ScaffoldError::Name(name.to_owned()));
        }
        let (path, version) = module.split_once('@').unwrap_or((module, "latest"));
        let host = path.split('/').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        let good = host.contains('.')
            && !host.starts_with('.')
            && path.chars().all(plain)
            && !path.ends_with('/')
            && !version.is_empty()
            && version.chars().all(|c| plain(c) || c == '+');
        if !good {
            return Err(ScaffoldError::Module(module.to_owned()));
        }
        Ok(Self {
            name: name.to_owned(),
            module: path.to_owned(),
            version: version.to_owned(),
        })
    }

    /// Makes `frameworks/<name>`: sources that compile, the module at one version, `go.sum`.
    ///
    /// # Errors
    /// [`ScaffoldError`].
    pub fn make(&self, frameworks: &Path) -> Result<Made, ScaffoldError> {
        let folder = frameworks.join(&self.name);
        if folder.exists() {
            return Err(ScaffoldError::Exists(folder));
        }
        let draft = Draft(folder.clone());
        self.write(&folder, "go.mod", &self.go_mod())?;
        let wanted = format!("{}@{}", self.module, self.version);
        run_go(&folder, &["get", &wanted])?;
        let package = self.package(&folder)?;
        let (declared, sources) = (FILES[3], &FILES[..3]);
        for (file, template) in sources {
            self.write(&folder, file, &self.filled(template, &package))?;
        }
        run_go(&folder, &["mod", "tidy"])?;
        // The order of the imports depends on the name.
        run_go(&folder, &["fmt", "./..."])?;
        run_go(&folder, &["vet", "./..."])?;
        let version = run_go(&folder, &["list", "-m", "-f", "{{.Version}}", &self.module])?;
        self.write(&folder, declared.0, &self.filled(declared.1, &package))?;
        draft.keep();
        Ok(Made {
            folder,
            version: version.trim().to_owned(),
        })
    }

    fn go_mod(&self) -> String {
        format!(
            "module bench.lab/{}\n\ngo 1.26\n\nrequire bench.lab/kit v0.0.0\n\nreplace bench.lab/kit => ../kit\n",
            self.name
        )
    }

    /// The package that a server would import: the module's own, else the one nearest to it.
    fn package(&self, folder: &Path) -> Result<String, ScaffoldError> {
        let all = format!("{}/...", self.module);
        let words = [
            "list",
            "-e",
            "-f",
            "{{if and .GoFiles (ne .Name \"main\")}}{{.ImportPath}}{{end}}",
            &all,
        ];
        let found = run_go(folder, &words)?;
        let hidden = |path: &&str| !path.split('/').any(|part| part == "internal");
        found
            .lines()
            .filter(hidden)
            .min_by_key(|path| (path.len(), path.to_owned()))
            .map(str::to_owned)
            .ok_or_else(|| ScaffoldError::NoPackage(self.module.clone()))
    }

    /// What tables will show until somebody writes it better: `gin` of `github.com/gin-gonic/gin/v2`.
    fn title(&self) -> &str {
        let is_version = |part: &&str| {
            let digits = part.strip_prefix('v').unwrap_or_default();
            !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
        };
        let mut parts = self.module.rsplit('/');
        parts.find(|part| !is_version(part)).unwrap_or(&self.name)
    }

    fn filled(&self, template: &str, package: &str) -> String {
        let homepage = match self.module.split('/').collect::<Vec<_>>()[..] {
            ["github.com", owner, name, ..] => format!("https://github.com/{owner}/{name}"),
            _ => format!("https://pkg.go.dev/{}", self.module),
        };
        template
            .replace("{{name}}", &self.name)
            .replace("{{title}}", self.title())
            .replace("{{module}}", &self.module)
            .replace("{{package}}", package)
            .replace("{{homepage}}", &homepage)
    }

    fn write(&self, folder: &Path, file: &str, text: &str) -> Result<(), ScaffoldError> {
        let path = folder.join(file);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|source| ScaffoldError::Write { path, source })
    }
}

/// A folder that goes again unless it is kept.
struct Draft(PathBuf);

impl Draft {
    fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run_go(folder: &Path, words: &[&str]) -> Result<String, ScaffoldError> {
    let failed = |why: String| ScaffoldError::Go {
        words: words.join(" "),
        why,
    };
    let output = go::command(folder)
        .args(words)
        .output()
        .map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                failed("there is no `go` on PATH; install Go 1.26 or newer".to_owned())
            }
            _ => failed(e.to_string()),
        })?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let why = said_by_go(&words).unwrap_or_else(|| output.status.to_string());
        return Err(failed(why));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_modules_are_checked() {
        for name in ["", "Gin", "9lives", "a b", "../x", &"x".repeat(41)] {
            let error = Scaffold::new(name, "github.com/a/b").unwrap_err();
            assert!(matches!(error, ScaffoldError::Name(_)), "{name}");
        }
        for module in [
            "",
            "gin",
            "-x/y",
            "github.com/a b",
            "github.com/a/",
            "a.b/c@",
            "../kit",
        ] {
            let error = Scaffold::new("x", module).unwrap_err();
            assert!(error.to_string().contains("is no module"), "{module}");
        }
        let made = Scaffold::new("x", "gopkg.in/macaron.v1@v1.5.1").unwrap();
        assert_eq!(
            (made.title(), made.version.as_str()),
            ("macaron.v1", "v1.5.1")
        );
        let made = Scaffold::new("x", "github.com/gofiber/fiber/v3").unwrap();
        assert_eq!((made.title(), made.version.as_str()), ("fiber", "latest"));
    }

    #[test]
    fn every_place_in_the_files_is_filled() {
        let made = Scaffold::new("mine", "github.com/a/b/v2").unwrap();
        for (file, template) in FILES {
            let text = made.filled(template, "github.com/a/b/v2");
            // The contract's own path has single braces.
            assert!(!text.contains("{{"), "{file}: {text}");
        }
        let declared = made.filled(FILES[3].1, "github.com/a/b/v2");
        assert!(
            declared.contains("homepage: https://github.com/a/b\n"),
            "{declared}"
        );
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("mine");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(FILE), declared).unwrap();
        let framework = catalog::Framework::load(&folder).unwrap();
        assert_eq!(
            (framework.name.as_str(), framework.title.as_str()),
            ("mine", "b")
        );
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mine")).unwrap();
        let made = Scaffold::new("mine", "github.com/a/b").unwrap();
        let error = made.make(folder.path()).unwrap_err();
        assert!(error.to_string().contains("is there already"), "{error}");
        assert!(folder.path().join("mine").is_dir());
    }
}
