//! The page of what was counted before, with a campaign's CPU times beside it.

use std::fs;
use std::path::Path;

use analysis::instructions::{Kept, PAGES};
use anyhow::Context;

use crate::Answer;

pub fn run(folder: &Path, summary: Option<&Path>) -> anyhow::Result<Answer> {
    let read = |file: &Path| {
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
    };
    let summary = summary.map(read).transpose()?;
    let rendered = Kept::read(folder)?.render(summary.as_deref(), "lab count --read")?;
    analysis::report::write(&rendered, folder)?;
    println!("{}", folder.join(PAGES[1]).display());
    Ok(Answer::Good)
}
