//! The command line, with wrk's letters where wrk has them.

use crate::{Spec, SpecDraft};
use std::io::Read;
use std::path::PathBuf;

/// Offer HTTP load and measure what comes back.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// http://HOST[:PORT][/PATH]
    #[arg(required_unless_present = "spec")]
    pub url: Option<String>,
    /// Read the whole specification as JSON from this file, or from standard input (-); prints
    /// one JSON outcome
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    pub spec: Option<PathBuf>,
}

impl Args {
    /// The checked specification.
    pub fn spec(&self) -> Result<Spec, String> {
        if let Some(path) = &self.spec {
            let text = read(path)?;
            return serde_json::from_str(&text)
                .map_err(|error| format!("{}: {error}", path.display()));
        }
        let url = self.url.clone().ok_or("a URL or --spec is needed")?;
        SpecDraft::new(url)
            .check()
            .map_err(|error| error.to_string())
    }
}

fn read(path: &PathBuf) -> Result<String, String> {
    let mut text = String::new();
    let result = if path.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(path).map(|content| text = content)
    };
    result.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(text)
}
