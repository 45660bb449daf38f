//! Where campaigns are kept.

use std::path::Path;

use anyhow::bail;

/// Refuses a place for results where a file stands, before anything is measured for it.
///
/// # Errors
/// A sentence with the option, the file and the remedy.
pub fn holds_folders(out: &Path) -> anyhow::Result<()> {
    match out.ancestors().find(|place| place.exists()) {
        Some(place) if !place.as_os_str().is_empty() && !place.is_dir() => bail!(
            "--out {}: {} is no folder, and campaigns are kept in a folder: name another one, or move that away",
            out.display(),
            place.display()
        ),
        _ => Ok(()),
    }
}
