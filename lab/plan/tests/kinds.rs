//! That a new kind of experiment is a file and a line in each of four crates stays true: nothing
//! else of the plan, the run, the raw data and the report tells kinds apart.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates that every kind has its part in, and the command that uses them; what only their folders
/// of kinds may name.
const CRATES: [(&str, &[&str]); 5] = [
    ("plan", &KIND),
    ("run", &KIND),
    ("record", &KIND),
    ("", &KIND),
    // What is of one kind is reached through the trait.
    (
        "../analysis",
        &[
            "ProtocolKind::",
            "kinds::article",
            "kinds::crossed",
            "kinds::soak",
        ],
    ),
];

const KIND: [&str; 4] = ["ProtocolKind::", " Kind::", "(Kind::", "kinds::Kind::"];

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
    for (name, named) in CRATES {
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
            if let Some(words) = named.iter().find(|words| text.contains(**words)) {
                offenders.push(format!("{name} {}: {words}", place.display()));
            }
        }
    }
    assert!(offenders.is_empty(), "{offenders:#?}");
}

/// The kinds that have a line in a crate's registry.
fn registered(registry: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(registry).unwrap();
    let list = text.split("// The registry").nth(1).unwrap();
    let list = list.split("#[cfg(test)]").next().unwrap();
    let list = &list[list.find("kinds!").unwrap() + "kinds!".len()..];
    let is_comment = |line: &&str| line.starts_with("//") || line.starts_with('#');
    let lines = list.lines().map(str::trim).filter(|line| !is_comment(line));
    let words = lines.flat_map(|line| match line.contains(',') {
        true => line.split(',').collect(),
        false => vec![line.split(' ').next().unwrap_or_default()],
    });
    words
        .map(|word| word.trim_matches(|c: char| !c.is_alphabetic()).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn every_kind_has_a_file_and_a_line_in_each_of_the_four_crates() {
    let kinds = registered(&lab().join("record/src/kinds/mod.rs"));
    assert!(kinds.contains("Crossed") && kinds.len() >= 3, "{kinds:?}");
    for name in ["record", "plan", "run", "../analysis"] {
        let folder = lab().join(name).join("src/kinds");
        assert_eq!(registered(&folder.join("mod.rs")), kinds, "{name}");
        for kind in &kinds {
            let file = kind.to_lowercase();
            let one = folder.join(format!("{file}.rs")).is_file();
            let several = folder.join(file).join("mod.rs").is_file();
            assert!(one || several, "{} has no {kind}", folder.display());
        }
    }
}
