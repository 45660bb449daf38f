//! One campaign at a time on a host: two would measure each other.
//!
//! A lock of the kernel's (flock) on a file that all users of the machine find at the same
//! place. It ends with the process that holds it, however that ends, so there is nothing to
//! clean up after a crash; what stands in the file only says who to ask.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The file's name.
const NAME: &str = "lab-bench.lock";
/// The variable that moves the file to another folder: containers that share a machine but
/// not its `/tmp` name one that they do share.
pub const FOLDER: &str = "LAB_LOCK_DIR";

/// The host, taken for one campaign until this is dropped.
#[derive(Debug)]
pub struct HostLock {
    _file: File,
}

/// Why the host cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it.
    #[error(
        "another campaign is measuring on this host ({holder}): wait until it has ended, or stop it; two at a time would measure each other"
    )]
    Taken {
        /// `process 123, campaign headline-...`, as the holder wrote it.
        holder: String,
    },
    /// The file cannot be opened or locked.
    #[error(
        "the lock that keeps two campaigns off one host, {}, cannot be used: {source}; {FOLDER} names another folder for it",
        path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
}

impl HostLock {
    /// Takes the host for a campaign.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn take(campaign: &str) -> Result<Self, LockError> {
        let folder = std::env::var_os(FOLDER).map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
        Self::take_in(&folder, campaign)
    }

    fn take_in(folder: &Path, campaign: &str) -> Result<Self, LockError> {
        let path = folder.join(NAME);
        let unusable = |source| LockError::Unusable {
            path: path.clone(),
            source,
        };
        let mut file = open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(unusable)?;
                let holder = match holder.trim() {
                    "" => "it has not said which".to_owned(),
                    said => said.to_owned(),
                };
                return Err(LockError::Taken { holder });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let says = format!("process {}, campaign {campaign}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(says.as_bytes()))
            .map_err(unusable)?;
        Ok(Self { _file: file })
    }
}

/// Opens the file, or makes it so that all users can.
///
/// It is never removed: who waits at a removed file would hold a lock that nobody else sees.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options
        .read(true)
        .write(true)
        .custom_flags(libc::O_NOFOLLOW);
    match options.open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let file = options.create(true).open(path)?;
            file.set_permissions(std::fs::Permissions::from_mode(0o666))?;
            Ok(file)
        }
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_is_first_and_may_come_after() {
        let folder = tempfile::tempdir().unwrap();
        let first = HostLock::take_in(folder.path(), "headline-1").unwrap();
        let refused = HostLock::take_in(folder.path(), "headline-2").unwrap_err();
        let holder = format!("process {}, campaign headline-1", std::process::id());
        assert!(refused.to_string().contains(&holder), "{refused}");
        drop(first);
        HostLock::take_in(folder.path(), "headline-2").unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let refused = HostLock::take_in(Path::new("/nonexistent"), "x").unwrap_err();
        assert!(refused.to_string().contains("/nonexistent/"), "{refused}");
    }
}
