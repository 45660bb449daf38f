//! The launches of two servers behind the table of a trial, in a table of their own.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use analysis::trials::DuetLaunch;
use anyhow::Context;

/// The launches of two servers behind the rows of a trial, so that anyone can compute them again.
pub struct Launches {
    path: PathBuf,
    columns: &'static str,
    rows: Vec<String>,
}

/// The fields of a line of two servers at once.
pub const COLUMNS: &str = "try,launch,first,base_us,other_us";

impl Launches {
    /// Opens the table of those tries that stand in the trial's own: what a try wrote before it
    /// was broken off goes.
    pub fn open(path: PathBuf, columns: &'static str, tries: &[String]) -> anyhow::Result<Self> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
        };
        let number = |row: &str| row.split(',').next().unwrap_or_default().to_owned();
        let known: BTreeSet<String> = tries.iter().map(|row| number(row)).collect();
        let rows = (text.lines())
            .filter(|row| known.contains(&number(row)))
            .map(str::to_owned)
            .collect();
        Ok(Self {
            path,
            columns,
            rows,
        })
    }

    /// Adds those of a try.
    pub fn add(&mut self, rows: Vec<String>) {
        self.rows.extend(rows);
    }

    /// Writes them; a trial without such launches has no such file.
    pub fn write(&self, head: &str) -> anyhow::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let comments: String = (head.lines().filter(|line| line.starts_with('#')))
            .map(|line| format!("{line}\n"))
            .collect();
        let text = format!("{comments}{}\n{}\n", self.columns, self.rows.join("\n"));
        record::writer::replace(&self.path, text.as_bytes())?;
        Ok(())
    }
}

/// The lines of a try of two servers at once, as [`COLUMNS`] names their fields.
pub fn of_a_duet(number: u32, launches: &[DuetLaunch]) -> Vec<String> {
    let row = |one: &DuetLaunch| {
        let first = if one.base_first { "base" } else { "other" };
        let DuetLaunch {
            launch,
            base,
            other,
            ..
        } = one;
        format!("{number},{launch},{first},{base:.6},{other:.6}")
    };
    launches.iter().map(row).collect()
}
