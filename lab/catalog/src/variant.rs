//! Variants: a framework with one of its settings changed, where that changes results.
//!
//! A variant is a folder `variants/NAME` inside of its framework's, with a `go.mod` and a
//! `main.go` of its own, and declared in the framework's file. In a plan it is a framework like
//! any other, called `framework@variant`.

use std::path::{Path, PathBuf};

use place::Problem;
use place::file::{YamlError, YamlFile};
use record::Class;
use serde::Deserialize;

use super::exception::{self, Exception};
use super::framework::{Framework, Origin, Setting, WireEngine, is_name};

/// The folder that holds a framework's variants.
const FOLDER: &str = "variants";

/// What a framework's file says of a variant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The folder's name, and what stands behind the `@`.
    pub name: String,
    /// What tables show.
    pub title: String,
    /// What is set to what.
    pub set: String,
    /// Why it is worth measuring.
    pub why: String,
    /// What speaks HTTP for it, where that is another.
    #[serde(default)]
    pub(super) engine: Option<WireEngine>,
    /// What it does beyond its framework's exceptions.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
}

/// Checks what a file declares: every variant has a name of its own and a folder.
pub(super) fn checked(
    variants: &[Variant],
    folder: &Path,
    file: &YamlFile,
) -> Result<(), YamlError> {
    for (i, variant) in variants.iter().enumerate() {
        let name = &variant.name;
        let problem = if !is_name(name) {
            "allowed are 1 to 40 characters of a-z, 0-9 and -, the first a letter".to_owned()
        } else if variants[..i].iter().any(|v| v.name == *name) {
            "there are two of that name".to_owned()
        } else if !folder.join(FOLDER).join(name).join("go.mod").is_file() {
            format!("there is no {FOLDER}/{name}/go.mod beside the file")
        } else {
            exception::checked(&variant.exceptions, Class::Variant, file)?;
            continue;
        };
        let problem = Problem::at("name", format!("variant `{name}`: {problem}"));
        return Err(file.refuse(problem.within(["variants".into(), i.into()])));
    }
    Ok(())
}

/// The server of a variant that somebody else built, beside the framework's folder.
pub(super) fn built(folder: &Path, framework: &str, variant: &str) -> PathBuf {
    let beside = folder.with_file_name(format!("{framework}@{variant}"));
    beside.join("bin").join(variant)
}

impl Framework {
    /// The framework's variants, as frameworks of class `variant`.
    pub fn variants(&self) -> impl Iterator<Item = Self> {
        self.variants.iter().map(|variant| {
            let mut settings = self.settings.clone();
            settings.push(Setting {
                set: variant.set.clone(),
                why: variant.why.clone(),
            });
            Self {
                name: format!("{}@{}", self.name, variant.name),
                title: variant.title.clone(),
                class: Class::Variant,
                engine: variant
                    .engine
                    .map_or_else(|| self.engine.clone(), |e| e.name().to_owned()),
                folder: self.folder.join(FOLDER).join(&variant.name),
                settings,
                exceptions: [&self.exceptions[..], &variant.exceptions].concat(),
                origin: Origin {
                    varied: Some(self.folder.clone()),
                    class: Some(self.class),
                    ..self.origin.clone()
                },
                variants: Vec::new(),
                prebuilt: (self.prebuilt.as_ref())
                    .map(|_| built(&self.folder, &self.name, &variant.name)),
                ..self.clone()
            }
        })
    }
}
