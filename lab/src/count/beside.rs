//! Instructions that were counted before, with a campaign's CPU times beside them.

use std::fs;
use std::path::Path;

use analysis::instructions::{Beside, Counts};
use anyhow::{Context, anyhow};

use super::{Args, write};
use crate::Answer;

/// Where the picture lies if nothing is said.
const PICTURE: &str = "scatter.svg";

pub fn run(args: &Args, counts: &Path, summary: &Path) -> anyhow::Result<Answer> {
    let read = |file: &Path| {
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
    };
    let table = Counts::read(&read(counts)?);
    let table = table.map_err(|e| anyhow!("{}: {e}", counts.display()))?;
    let beside = Beside::new(table, &read(summary)?);
    let beside =
        beside.map_err(|e| anyhow!("{} beside {}: {e}", counts.display(), summary.display()))?;
    let picture = args.svg.as_deref().unwrap_or(Path::new(PICTURE));
    // The page and its picture lie in one folder.
    let name = picture
        .file_name()
        .map_or(PICTURE.into(), |name| name.to_string_lossy());
    let page = beside.markdown(&name);
    if args.svg.is_some() {
        write(picture, &beside.svg()?)?;
    }
    match &args.markdown {
        Some(file) => write(file, &page)?,
        None => print!("{page}"),
    }
    Ok(Answer::Good)
}
