//! Nix's archive format: the bytes over which Nix hashes a tree of files.
//!
//! The format is that of the Nix manual, "Nix Archive (NAR) format": names, contents and the
//! executable bit, in the order of the names' bytes, and nothing of owners or times.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes the archive of a file, link or folder.
pub fn write(path: &Path, to: &mut impl Write) -> io::Result<()> {
    text(b"nix-archive-1", to)?;
    node(path, to)
}

fn node(path: &Path, to: &mut impl Write) -> io::Result<()> {
    let facts = fs::symlink_metadata(path)?;
    text(b"(", to)?;
    text(b"type", to)?;
    if facts.is_symlink() {
        text(b"symlink", to)?;
        text(b"target", to)?;
        text(fs::read_link(path)?.as_os_str().as_bytes(), to)?;
    } else if facts.is_dir() {
        text(b"directory", to)?;
        let mut entries = fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            text(b"entry", to)?;
            text(b"(", to)?;
            text(b"name", to)?;
            text(entry.file_name().as_bytes(), to)?;
            text(b"node", to)?;
            node(&entry.path(), to)?;
            text(b")", to)?;
        }
    } else if facts.is_file() {
        text(b"regular", to)?;
        if facts.permissions().mode() & 0o100 != 0 {
            text(b"executable", to)?;
            text(b"", to)?;
        }
        text(b"contents", to)?;
        contents(path, facts.len(), to)?;
    } else {
        return Err(io::Error::other(format!(
            "{} is neither a file, a folder nor a link",
            path.display()
        )));
    }
    text(b")", to)
}

/// A length in eight bytes, the bytes, and zeros up to a multiple of eight.
fn text(bytes: &[u8], to: &mut impl Write) -> io::Result<()> {
    to.write_all(&(bytes.len() as u64).to_le_bytes())?;
    to.write_all(bytes)?;
    pad(bytes.len() as u64, to)
}

fn contents(path: &Path, length: u64, to: &mut impl Write) -> io::Result<()> {
    to.write_all(&length.to_le_bytes())?;
    let copied = io::copy(&mut File::open(path)?.take(length), to)?;
    if copied != length {
        return Err(io::Error::other(format!(
            "{} became shorter while it was read",
            path.display()
        )));
    }
    pad(length, to)
}

fn pad(length: u64, to: &mut impl Write) -> io::Result<()> {
    let over = (length % 8) as usize;
    if over == 0 {
        return Ok(());
    }
    to.write_all(&[0; 8][over..])
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// A tree with one of everything: an executable, a link, an empty file and folder, a file of
    /// eight bytes, and names whose order by bytes is not that of a dictionary.
    fn tree(folder: &Path) {
        fs::create_dir_all(folder.join("a/empty")).unwrap();
        fs::write(folder.join("a/eight"), "12345678").unwrap();
        fs::write(folder.join("a.b"), "a point sorts before a slash\n").unwrap();
        fs::write(folder.join("B"), "").unwrap();
        fs::write(folder.join("run"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(folder.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink("a/eight", folder.join("link")).unwrap();
    }

    fn hex(folder: &Path) -> String {
        let mut archive = Vec::new();
        write(folder, &mut archive).unwrap();
        let digest = Sha256::digest(archive);
        digest.iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn a_file_is_written_byte_by_byte_as_the_format_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        fs::write(&file, "hi").unwrap();
        let mut bytes = Vec::new();
        write(&file, &mut bytes).unwrap();
        let word = |text: &str| {
            let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
            bytes.extend(text.as_bytes());
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            bytes
        };
        let expected: Vec<u8> = [
            "nix-archive-1",
            "(",
            "type",
            "regular",
            "contents",
            "hi",
            ")",
        ]
        .into_iter()
        .flat_map(word)
        .collect();
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_tree_has_the_hash_that_nix_computes() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().join("tree");
        tree(&top);
        // `nix-hash --type sha256 TREE` of Nix 2.26.3.
        assert_eq!(
            hex(&top),
            "6832d29e9d4d4ae5cae2c37ce69c9b636b22a52eced197017e142b6d46e91233"
        );
    }

    #[test]
    fn names_contents_and_the_executable_bit_count_and_times_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("1"), folder.path().join("2"));
        tree(&first);
        tree(&second);
        let same = hex(&first);
        assert_eq!(same, hex(&second));
        fs::set_permissions(second.join("run"), fs::Permissions::from_mode(0o644)).unwrap();
        assert_ne!(same, hex(&second));
        fs::set_permissions(second.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(second.join("B"), second.join("C")).unwrap();
        assert_ne!(same, hex(&second));
    }
}
