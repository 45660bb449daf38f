//! The file of `--hlog`: made before the run, so that a path that cannot be written costs no
//! measurement, and written through to the disk after it.

use load::{Outcome, hlog};
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A log that can be written, and has not been. Dropped like that it leaves no file where there
/// was none: an empty one would read as a log in which nothing happened.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: File,
    is_new: bool,
}

impl Drop for LogFile {
    fn drop(&mut self) {
        if self.is_new {
            // One that cannot be removed is empty, and the run's own error is told.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl LogFile {
    /// Opens the file, or makes it; what it holds stays until there is something new to write.
    pub fn open(path: &Path) -> Result<Self, String> {
        let mut options = File::options();
        options.write(true);
        let (file, is_new) = match options.clone().create_new(true).open(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                (options.create(true).open(path), false)
            }
            made => (made, true),
        };
        Ok(Self {
            path: path.to_owned(),
            file: file.map_err(|error| format!("cannot write {}: {error}", path.display()))?,
            is_new,
        })
    }

    /// Writes the log and sees it through to the disk, where a full one shows.
    pub fn write(mut self, outcome: &Outcome) -> Result<(), String> {
        let failed = |error: String| {
            format!(
                "cannot write {}: {error}. The result was printed; the log is missing or not whole",
                self.path.display()
            )
        };
        let io = |error: std::io::Error| failed(error.to_string());
        self.is_new = false;
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
