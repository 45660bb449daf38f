//! The hashes by which a Nix build pins what a Go module vendors.
//!
//! One file a framework, so that `flake.nix` stays as it is when a `go.mod` changes, and
//! computed here, so that it takes no Nix to change one.

mod nar;

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use catalog::Framework;
use sha2::{Digest, Sha256};

/// The file in a framework's folder that holds the hash.
pub const FILE: &str = "vendor-hash";
/// The module path of the project's own modules. `go mod vendor` copies the kit, which each
/// framework's `replace` names; the hash leaves it out, so that a change to the kit changes no hash.
const OURS: &str = "bench.lab";

/// Why there is no hash. Each is a sentence that goes on after the framework's name.
#[derive(Debug, thiserror::Error)]
pub enum VendorError {
    /// The toolchain is not there.
    #[error("cannot be vendored: there is no `go` on PATH; install Go 1.26 or newer")]
    NoGo,
    /// The toolchain says no.
    #[error("cannot be vendored; `go mod vendor` says: {0}")]
    Failed(String),
    /// Something cannot be read or written.
    #[error("cannot be vendored: {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// The system's words.
        source: std::io::Error,
    },
}

impl VendorError {
    fn io(what: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let what = format!("cannot {what} {}", path.display());
        move |source| Self::Io { what, source }
    }
}

/// Vendors a framework's modules into `scratch` and hashes what came.
///
/// # Errors
/// [`VendorError`].
pub fn hash(framework: &Framework, scratch: &Path) -> Result<String, VendorError> {
    let vendor = scratch.join(&framework.name);
    let output = crate::go::command(&framework.folder)
        .args(["mod", "vendor", "-o"])
        .arg(&vendor)
        .env("GOFLAGS", "")
        .output()
        .map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => VendorError::NoGo,
            _ => VendorError::io("run `go` in", &framework.folder)(source),
        })?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(VendorError::Failed(words));
    }
    let ours = vendor.join(OURS);
    if ours.exists() {
        fs::remove_dir_all(&ours).map_err(VendorError::io("remove", &ours))?;
    }
    hash_of(&vendor)
}

/// The hash of a folder in the form that Nix takes, `sha256-...=`: that of `nix hash path`.
///
/// # Errors
/// [`VendorError::Io`].
pub fn hash_of(folder: &Path) -> Result<String, VendorError> {
    let mut archive = Digesting(Sha256::new());
    nar::write(folder, &mut archive).map_err(VendorError::io("read", folder))?;
    let encoded = base64::engine::general_purpose::STANDARD.encode(archive.0.finalize());
    Ok(format!("sha256-{encoded}"))
}

/// A digest as something to write to.
struct Digesting(Sha256);

impl std::io::Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Where a framework's hash is kept.
pub fn place(framework: &Framework) -> PathBuf {
    framework.folder.join(FILE)
}

/// The hash that is kept; absent where there is none yet.
///
/// # Errors
/// [`VendorError::Io`].
pub fn kept(framework: &Framework) -> Result<Option<String>, VendorError> {
    let path = place(framework);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim_end_matches('\n').to_owned())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(VendorError::io("read", &path)(e)),
    }
}

/// Keeps a hash.
///
/// # Errors
/// [`VendorError::Io`].
pub fn keep(framework: &Framework, hash: &str) -> Result<(), VendorError> {
    let path = place(framework);
    fs::write(&path, format!("{hash}\n")).map_err(VendorError::io("write", &path))
}
