//! What a ledger says, in one number: so that a campaign can name the ledger that was there
//! before it ran.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The SHA-256 of the ledger's files, each with its name and length, in the order of their names.
///
/// ```
/// let one = claims::digest(&[("a.yaml".to_owned(), b"x".to_vec())]);
/// let other = claims::digest(&[("a.yaml".to_owned(), b"y".to_vec())]);
/// assert!(one.len() == 64 && one != other);
/// ```
pub fn digest(files: &[(String, Vec<u8>)]) -> String {
    let mut files: Vec<_> = files.iter().collect();
    files.sort();
    let mut sum = Sha256::new();
    for (name, bytes) in files {
        sum.update(format!("{name} {}\n", bytes.len()));
        sum.update(bytes);
    }
    let mut text = String::new();
    for byte in sum.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
