//! Fresh copies of executables: every start of a campaign runs a file of its own.
//!
//! A file's place in the page cache is drawn when it is written and stays for as long as the
//! file is there, and the length of its path moves the first stack frame. A campaign that runs
//! the same file over and over measures that draw along with the program: a copy of one
//! executable started 12 % faster than the original, in 60 rounds in turn. So a start copies the
//! executable to a path whose length is the same for all, under a name that is the same for all,
//! and the copy goes when the server does.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The name of every copy.
const NAME: &str = "server";

/// A copy of an executable, removed when this is dropped.
#[derive(Debug)]
pub struct Fresh {
    folder: PathBuf,
}

impl Fresh {
    /// Copies an executable below a folder, which is made where it is not there.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn copy(executable: &Path, below: &Path) -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Ten digits each: no process id and no count of starts is longer.
        let folder = below.join(format!("{:010}-{number:010}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let copy = Self { folder };
        fs::copy(executable, copy.path())?;
        Ok(copy)
    }

    /// The copy.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// Removes what earlier labs left below a folder when they were killed. Only for who is
    /// alone there.
    pub fn clear(below: &Path) {
        let _ = fs::remove_dir_all(below);
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_files_of_their_own_on_paths_of_one_length() {
        let folder = tempfile::tempdir().unwrap();
        let made = [
            folder.path().join("gin"),
            folder.path().join("fasthttprouter"),
        ];
        for file in &made {
            fs::write(file, file.display().to_string()).unwrap();
        }
        let below = folder.path().join("fresh");
        let copies = made
            .each_ref()
            .map(|file| Fresh::copy(file, &below).unwrap());
        let paths = copies.each_ref().map(Fresh::path);
        assert_ne!(paths[0], paths[1]);
        assert_eq!(paths[0].as_os_str().len(), paths[1].as_os_str().len());
        assert_eq!(paths[0].file_name(), paths[1].file_name());
        assert_eq!(fs::read(&made[1]).unwrap(), fs::read(&paths[1]).unwrap());
        drop(copies);
        assert_eq!(fs::read_dir(&below).unwrap().count(), 0);
    }
}
