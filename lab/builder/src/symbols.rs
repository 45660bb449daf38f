//! A server with its symbols: for profiles, attribution, and whatever else names functions.
//!
//! What is measured is linked without them (`-s -w`), as servers are shipped. This is another file,
//! from the same source by the same toolchain with the same flags but those two; its code is the
//! same at the same addresses, while its tables of data lie elsewhere. Who uses it holds that (the
//! crate `instructions` compares the code byte by byte) and says that it is another file.

use std::fs;
use std::path::{Path, PathBuf};

use catalog::Framework;
use catalog::framework::Language;
use sys::stderr;

use super::{BuildError, GO_FLAGS, Toolchain, go, key, run};

/// As the flags of the server itself, without the two that leave symbols away.
const LINK: &str = "-buildid=";

/// Links a framework's server with its symbols, below `folder`; one that is there already is taken.
/// Nothing for a server that somebody else has built, or one in Rust: that is placed anew at each start,
/// so that addresses in it name no functions.
///
/// # Errors
/// [`BuildError`]. The compiler's output is in `log`.
pub async fn with_symbols(
    framework: &Framework,
    folder: &Path,
    log: &Path,
) -> Result<Option<PathBuf>, BuildError> {
    if framework.prebuilt.is_some() || framework.language != Language::Go {
        return Ok(None);
    }
    let toolchain = Toolchain::find(folder).await?;
    let place = folder.join("symbols").join(&framework.name);
    let file = place.join(key::of(framework, &toolchain)?);
    if file.is_file() {
        return Ok(Some(file));
    }
    // Those of other sources: nobody goes back to them often enough to keep 10 MB each.
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place)
        .map_err(BuildError::io("the folder for symbols cannot be created"))?;
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    let mut command = go::command(&framework.folder);
    command
        .arg("build")
        .args(&GO_FLAGS[..GO_FLAGS.len() - 1])
        .arg(LINK)
        .arg("-o")
        .arg(&draft)
        .arg(".");
    let output = run(command).await?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        fs::write(log, &text).map_err(BuildError::io("the build's output cannot be kept"))?;
        return Err(BuildError::Failed {
            log: log.to_owned(),
            last: stderr::said_by_go(&String::from_utf8_lossy(&text)),
        });
    }
    fs::rename(&draft, &file).map_err(BuildError::io(format!(
        "{} cannot be written",
        file.display()
    )))?;
    Ok(Some(file))
}
