//! The file of `--hlog`: made before the run, so that a path that cannot be written costs no
//! measurement, and written through to the disk after it.

use load::{Outcome, hlog};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// A log that can be written, and has not been.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: File,
}

impl LogFile {
    /// Opens the file, or makes it; what it holds stays until there is something new to write.
    pub fn open(path: &Path) -> Result<Self, String> {
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        Ok(Self {
            path: path.to_owned(),
            file: file.map_err(|error| format!("cannot write {}: {error}", path.display()))?,
        })
    }

    /// Writes the log and sees it through to the disk, where a full one shows.
    pub fn write(self, outcome: &Outcome) -> Result<(), String> {
        let failed = |error: String| {
            format!(
                "cannot write {}: {error}. The result was printed; the log is missing or not whole",
                self.path.display()
            )
        };
        let io = |error: std::io::Error| failed(error.to_string());
        let is_file = self.file.metadata().map_err(io)?.is_file();
        if is_file {
            self.file.set_len(0).map_err(io)?;
        }
        let mut out = BufWriter::new(&self.file);
        hlog::write(outcome, &mut out).map_err(failed)?;
        out.flush().map_err(io)?;
        drop(out);
        if is_file {
            self.file.sync_all().map_err(io)?;
        }
        Ok(())
    }
}
