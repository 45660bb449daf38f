//! The table of a trial: a line for each comparison of each try, committed.

use std::fs;
use std::path::{Path, PathBuf};

use analysis::trials::Tried;
use anyhow::{Context, bail};
use plan::trial::{Trial, TrialDesign};

use super::counted;
use super::launches::{self, Launches};

/// The fields of a line.
pub const COLUMNS: &str =
    "try,seed,campaign,what,pairs,ratio,low,high,level,truth,found,holds,seconds";

/// What a line says of its try.
pub struct Try {
    pub seed: u64,
    /// The campaign, or what stands for it.
    pub id: String,
    pub seconds: Option<f64>,
}

/// A text as it is committed, whichever way a checkout ends its lines.
fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The table of a trial: what is committed of it.
pub struct Table {
    launches: Launches,
    path: PathBuf,
    head: String,
    rows: Vec<String>,
}

impl Table {
    /// Opens the table, a new one where there is none. One of another declaration is refused:
    /// tries of two designs do not add up.
    pub fn open(folder: &Path, trial: &Trial, declared: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(declared)
            .with_context(|| format!("cannot read {}", declared.display()))?;
        let sha256 = builder::sha256_of(unix(&text).as_bytes());
        let path = folder.join(format!("{}.csv", trial.name));
        let head = format!(
            "# {}: {}\n# declared by {} with SHA-256 {sha256}\n{COLUMNS}\n",
            trial.name,
            trial.title,
            declared.file_name().unwrap_or_default().to_string_lossy()
        );
        let rows = match fs::read_to_string(&path) {
            Ok(text) => match unix(&text).strip_prefix(&head) {
                Some(rows) => rows.lines().map(str::to_owned).collect(),
                None => bail!(
                    "{} is the table of another declaration than {}: move one of the two away",
                    path.display(),
                    declared.display()
                ),
            },
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
        };
        let (what, columns) = match trial.design {
            TrialDesign::Counted(_) => ("starts", counted::COLUMNS),
            _ => ("launches", launches::COLUMNS),
        };
        let behind = folder.join(format!("{}.{what}.csv", trial.name));
        let launches = Launches::open(behind, columns, &rows)?;
        Ok(Self {
            launches,
            path,
            head,
            rows,
        })
    }

    /// All comparisons so far, a line each, as [`COLUMNS`] names their fields.
    pub fn rows(&self) -> &[String] {
        &self.rows
    }

    /// Whether a try is in it.
    pub fn holds(&self, number: u32) -> bool {
        let number = format!("{number},");
        self.rows.iter().any(|row| row.starts_with(&number))
    }

    /// Adds all comparisons of a try, whatever came of them, and the lines that they were computed
    /// from, in one write.
    pub fn add(
        &mut self,
        number: u32,
        of: &Try,
        found: &[Tried],
        behind: Vec<String>,
    ) -> anyhow::Result<()> {
        for one in found {
            let number_of =
                |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.6}"));
            let [low, high, level] = one.interval.map_or([None; 3], |i| i.map(Some));
            let row = [
                number.to_string(),
                of.seed.to_string(),
                of.id.clone(),
                one.what.clone(),
                one.n.to_string(),
                format!("{:.6}", one.ratio),
                number_of(low),
                number_of(high),
                level.map_or_else(String::new, |l| l.to_string()),
                number_of(one.truth),
                one.found.to_string(),
                one.holds().map_or_else(String::new, |h| h.to_string()),
                of.seconds.map_or_else(String::new, |s| format!("{s:.0}")),
            ];
            self.rows.push(row.join(","));
            println!("{}", row.join(" "));
        }
        self.launches.add(behind);
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let text = format!("{}{}\n", self.head, self.rows.join("\n"));
        // First what the new rows were computed from: rows without it would never get it.
        self.launches.write(&self.head)?;
        record::writer::replace(&self.path, text.as_bytes())?;
        Ok(())
    }
}
