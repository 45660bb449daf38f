//! What is committed under `reports/` is what its raw data give, byte for byte.

use std::path::{Path, PathBuf};

/// Every folder with a campaign file at or below this one.
fn campaigns(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("campaign.yaml").is_file() {
        found.push(folder.to_owned());
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            campaigns(&entry.path(), found);
        }
    }
}

#[test]
fn published_reports_are_what_their_raw_data_give() {
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports");
    let mut found = Vec::new();
    campaigns(&reports, &mut found);
    for folder in &found {
        let analysis = analysis::analyse(folder).unwrap();
        for (name, bytes) in analysis::report::render(&analysis).unwrap().files {
            let committed = std::fs::read(folder.join(&name)).unwrap_or_default();
            assert!(
                committed == bytes,
                "{} is not what its raw data give; publish it again with `lab report {} --publish`",
                folder.join(name).display(),
                folder.display()
            );
        }
    }
    println!("{} published reports were rendered again", found.len());
}
