//! What is newer than the versions that the frameworks' folders pin.
//!
//! Go asks the module proxy, once for each folder. A proxy that does not list a module's versions
//! leaves its row open: that is told, and is no error.

use std::collections::{BTreeMap, BTreeSet};

use catalog::Framework;
use catalog::framework::Language;
use serde::Deserialize;
use sys::stderr;

use crate::go;

/// A module at the version that folders pin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pinned {
    /// Its path.
    pub module: String,
    /// The version.
    pub version: String,
}

/// What the module proxy says of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Newest {
    /// It lists nothing newer.
    This,
    /// It lists a newer version.
    Other(String),
    /// It does not say; why, in Go's words.
    Untold(String),
}

/// A row of the table: what is pinned, what is newer, and who pins it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is pinned.
    pub pinned: Pinned,
    /// What is newer.
    pub newest: Newest,
    /// What the version's author says against it: deprecated, or retracted.
    pub warning: Option<String>,
    /// The frameworks and variants, sorted.
    pub by: BTreeSet<String>,
}

/// Asks for what a folder is about: the framework's own module, its engine's, and what else the
/// folder names directly. Of a server in Rust nothing is asked: its lock file is Cargo's, not Go's.
///
/// # Errors
/// In Go's words, where `go` cannot be run or the folder's `go.mod` cannot be read.
pub fn of(framework: &Framework) -> Result<Vec<Row>, String> {
    if framework.language != Language::Go {
        return Ok(Vec::new());
    }
    let edited = run(framework, &["mod", "edit", "-json"])?;
    let file: ModFile = serde_json::from_str(&edited).map_err(|e| e.to_string())?;
    let replaced: BTreeSet<_> = file.replace.iter().flatten().map(|r| &r.old.path).collect();
    let engine = record::engine_module(&framework.engine);
    let asked: Vec<_> = file
        .require
        .iter()
        .flatten()
        .filter(|r| !replaced.contains(&r.path))
        .filter(|r| !r.indirect || r.path == framework.module || Some(r.path.as_str()) == engine)
        .map(|r| r.path.as_str())
        .collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let words = ["list", "-m", "-u", "-e", "-json"];
    let words: Vec<_> = words.into_iter().chain(asked).collect();
    let told = run(framework, &words)?;
    serde_json::Deserializer::from_str(&told)
        .into_iter::<Listed>()
        .map(|listed| {
            let listed = listed.map_err(|e| e.to_string())?;
            Ok(listed.row(&framework.name))
        })
        .collect()
}

/// One row for each module and version, whoever pins it; sorted by module.
pub fn joined(rows: impl IntoIterator<Item = Row>) -> Vec<Row> {
    let mut all: BTreeMap<Pinned, Row> = BTreeMap::new();
    for row in rows {
        all.entry(row.pinned.clone())
            .and_modify(|kept| kept.by.extend(row.by.clone()))
            .or_insert(row);
    }
    all.into_values().collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModFile {
    require: Option<Vec<Required>>,
    replace: Option<Vec<Replaced>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Required {
    path: String,
    #[serde(default)]
    indirect: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Replaced {
    old: Named,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    path: String,
}

/// What `go list -m -u -e -json` says of a module.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    path: String,
    #[serde(default)]
    version: String,
    update: Option<Update>,
    error: Option<Failure>,
    deprecated: Option<String>,
    retracted: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    err: String,
}

impl Listed {
    fn row(self, framework: &str) -> Row {
        let newest = match (self.update, self.error) {
            (Some(update), _) => Newest::Other(update.version),
            (None, Some(failure)) => Newest::Untold(
                stderr::said_by_go(&failure.err).unwrap_or_else(|| "no reason given".to_owned()),
            ),
            (None, None) => Newest::This,
        };
        let retracted = self.retracted.map(|why| match why.join("; ") {
            why if why.is_empty() => "retracted".to_owned(),
            why => format!("retracted: {why}"),
        });
        let deprecated = self.deprecated.map(|why| format!("deprecated: {why}"));
        Row {
            pinned: Pinned {
                module: self.path,
                version: self.version,
            },
            newest,
            warning: retracted.or(deprecated),
            by: BTreeSet::from([framework.to_owned()]),
        }
    }
}

fn run(framework: &Framework, words: &[&str]) -> Result<String, String> {
    let output = go::command(&framework.folder)
        .args(words)
        .output()
        .map_err(|e| format!("`go` cannot be run: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = stderr::said_by_go(&String::from_utf8_lossy(&output.stderr));
    Err(said.unwrap_or_else(|| output.status.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(json: &str) -> Row {
        serde_json::from_str::<Listed>(json).unwrap().row("mine")
    }

    #[test]
    fn what_go_says_becomes_a_row() {
        let this = row(r#"{"Path": "m/a", "Version": "v1.0.0"}"#);
        assert_eq!((&this.newest, &this.warning), (&Newest::This, &None));
        let other = row(
            r#"{"Path": "m/a", "Version": "v1.0.0", "Update": {"Path": "m/a", "Version": "v1.2.0"},
                "Retracted": ["lost data"], "Deprecated": "use m/b"}"#,
        );
        assert_eq!(other.newest, Newest::Other("v1.2.0".to_owned()));
        assert_eq!(other.warning.as_deref(), Some("retracted: lost data"));
        let untold = row(
            r#"{"Path": "m/a", "Version": "v1.0.0", "Error": {"Err": "reading m/a: 403\n\tnot available"}}"#,
        );
        let why = "reading m/a: 403; not available".to_owned();
        assert_eq!(untold.newest, Newest::Untold(why));
    }

    #[test]
    fn who_pins_the_same_shares_a_row() {
        let rows = ["v2", "v1", "v2"]
            .map(|version| row(&format!(r#"{{"Path": "m/a", "Version": "{version}"}}"#)));
        let mut rows: Vec<_> = rows.into();
        rows[2].by = BTreeSet::from(["other".to_owned()]);
        let all = joined(rows);
        let versions: Vec<_> = all.iter().map(|r| r.pinned.version.as_str()).collect();
        assert_eq!(versions, ["v1", "v2"]);
        assert_eq!(
            all[1].by,
            BTreeSet::from(["mine".to_owned(), "other".to_owned()])
        );
    }
}
