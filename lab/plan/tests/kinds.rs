//! That a new kind of experiment is a file and a line in each of three crates stays true: nothing
//! else of the plan, the run and the raw data tells kinds apart.

use std::fs;
use std::path::{Path, PathBuf};

/// The crates that every kind has its part in, and the command that uses them.
const CRATES: [&str; 4] = ["plan", "run", "record", ""];

fn sources(below: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn lab() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn only_the_folders_of_kinds_tell_them_apart() {
    let mut offenders = Vec::new();
    for name in CRATES {
        let src = lab().join(name).join("src");
        let mut files = Vec::new();
        sources(&src, &mut files);
        assert!(files.len() > 20, "{}", src.display());
        for file in files {
            let place = file.strip_prefix(&src).unwrap();
            if place.starts_with("kinds") || place.ends_with("tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            let named = ["ProtocolKind::", " Kind::", "(Kind::", "kinds::Kind::"];
            if let Some(words) = named.iter().find(|words| text.contains(**words)) {
                offenders.push(format!("{name} {}: {words}", place.display()));
            }
        }
    }
    assert!(offenders.is_empty(), "{offenders:#?}");
}
