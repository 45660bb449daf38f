//! What is committed under `reports/` is what its raw data give, byte for byte.

use std::path::Path;

use analysis::site::{faults, published};

#[test]
fn published_reports_are_what_their_raw_data_give() {
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports");
    let found = published(&reports).unwrap();
    for report in &found {
        let faults = faults(report).unwrap();
        assert!(
            faults.is_empty(),
            "{}: {}; publish it again with `lab report {0} --publish`",
            report.folder.display(),
            faults.join("; ")
        );
    }
    println!("{} published reports were rendered again", found.len());
}
