//! What of an executable decides how it runs: the bytes that the kernel maps, without those that
//! only name it.

use object::{Object, ObjectSection, SectionFlags, elf};
use sha2::{Digest, Sha256};

use super::hex;

/// Sections that are mapped and that no instruction depends on: names and build settings, which
/// are read by who asks for them, and notes.
const NAMES: [&str; 2] = [".go.buildinfo", ".note."];

/// The SHA-256, in hex, over the sections of an ELF executable that are mapped when it runs, with
/// their names and addresses: equal for two files whose code and data are the same bytes at the
/// same places. Nothing for a file of another kind.
pub fn digest(executable: &[u8]) -> Option<String> {
    let file = object::File::parse(executable).ok()?;
    let mut hash = Sha256::new();
    let mut mapped = false;
    for section in file.sections() {
        let name = section.name().ok()?;
        let SectionFlags::Elf { sh_flags } = section.flags() else {
            return None;
        };
        if sh_flags & u64::from(elf::SHF_ALLOC) == 0 || NAMES.iter().any(|n| name.starts_with(n)) {
            continue;
        }
        mapped = true;
        let data = section.data().ok()?;
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update(section.address().to_le_bytes());
        hash.update(section.size().to_le_bytes());
        hash.update(data);
    }
    mapped.then(|| hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mapped_counts_and_what_names_does_not() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let whole = digest(&this).unwrap();
        let section = |name: &str| {
            let file = object::File::parse(&*this).unwrap();
            let section = file.section_by_name(name).unwrap();
            section.file_range().unwrap().0 as usize
        };
        let with = |at: usize| {
            let mut other = this.clone();
            other[at] ^= 0xff;
            digest(&other).unwrap()
        };
        assert_ne!(with(section(".text")), whole);
        assert_ne!(with(section(".rodata")), whole);
        // Behind the note's head, which is parsed.
        assert_eq!(with(section(".note.ABI-tag") + 16), whole);
        assert_eq!(digest(b"#!/bin/sh\n"), None);
    }
}
