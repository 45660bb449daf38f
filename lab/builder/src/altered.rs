//! Versions of a framework that do the same as the framework itself: what the lab itself is
//! tried on.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use catalog::framework::Framework;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::versions::{self, Version, VersionError};

/// What is changed of a framework that no request can notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alteration {
    /// A function that nothing calls: the linker leaves it away, and the bytes are the same.
    Unused,
    /// Functions that a start would call under a variable that is never set: other bytes, which
    /// move what a request does call.
    OffPath,
}

/// The file that is added to the kit, which every server is built from.
const ADDED: &str = "kit/altered.go";
/// The file of the kit that gets a function which nothing calls. A file of its own would be
/// named in the tables by which the runtime finds lines, and move all that comes behind them.
const TOUCHED: &str = "kit/message.go";

/// A copy of a framework and of the kit in `folder`, changed; how is drawn from `seed`.
///
/// # Errors
/// [`VersionError`] when it cannot be copied.
pub fn altered(
    framework: &Framework,
    alteration: Alteration,
    seed: u64,
    folder: &Path,
) -> Result<Version, VersionError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let version = versions::copied(framework, folder)?;
    let (file, text) = match alteration {
        Alteration::Unused => (TOUCHED, unused(&mut rng)),
        Alteration::OffPath => (ADDED, off_path(&mut rng)),
    };
    let file = folder.join("frameworks").join(file);
    let written = File::options()
        .append(true)
        .create(alteration == Alteration::OffPath)
        .open(&file)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| VersionError::Io {
        what: "write",
        path: file,
        source,
    })?;
    Ok(version)
}

fn unused(rng: &mut ChaCha8Rng) -> String {
    let factor = rng.random_range(3..1000);
    format!("\nfunc altered(x int) int {{ return x * {factor} }}\n")
}

fn off_path(rng: &mut ChaCha8Rng) -> String {
    let functions = rng.random_range(1..=64);
    let mut text = String::from("package kit\n\nimport \"os\"\n\nvar alteredSink uint64\n");
    let mut calls = String::new();
    for number in 0..functions {
        let (rounds, factor) = (rng.random_range(2..100), rng.random_range(3..10_000));
        text += &format!(
            "\n//go:noinline\nfunc altered{number}(x uint64) {{\n\tfor i := range x % {rounds} {{\n\t\talteredSink = alteredSink*{factor} + i\n\t}}\n}}\n"
        );
        calls += &format!("\t\taltered{number}(uint64(len(name)))\n");
    }
    text + &format!(
        "\nfunc init() {{\n\tif name := os.Getenv(\"ALTERED\"); name != \"\" {{\n{calls}\t}}\n}}\n"
    )
}
