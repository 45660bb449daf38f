//! All probes on one server.

use std::collections::BTreeMap;
use std::path::Path;

use builder::Binary;
use catalog::Framework;
use catalog::framework::Feature;
use server::{Server, ServerError, StartOptions};

use super::catalog::SECTIONS;
use super::overlap::{Overlap, Winner, overlap};
use super::wire::talk;

/// What a server does, by the names of the probes.
pub type Facts = BTreeMap<&'static str, String>;

/// Asks a server everything. One that a request has ended is started again, and that it was is
/// the fact.
///
/// # Errors
/// [`ServerError`] when it cannot be started or does not stop.
pub async fn examine(
    framework: &Framework,
    binary: &Binary,
    stderr: &Path,
) -> Result<Facts, ServerError> {
    let mut facts = Facts::new();
    let options = StartOptions {
        stderr: stderr.to_owned(),
        ..StartOptions::default()
    };
    let mut server = Server::start_ready(binary, &options).await?;
    for probe in SECTIONS.iter().flat_map(|section| section.probes) {
        let Some(script) = probe.script else { continue };
        let came = talk(server.address(), server.pid(), &script()).await;
        let words = match (server.ended(), came) {
            (Some(status), _) => {
                server = Server::start_ready(binary, &options).await?;
                status
            }
            (None, Ok(talk)) => (probe.tell)(&talk),
            (None, Err(_)) => "no connection".to_owned(),
        };
        facts.insert(probe.id, words);
    }
    server.stop().await?;
    let (wins, backtracks) = if framework.supports.contains(&Feature::Routes) {
        words(&overlap(binary, stderr).await?)
    } else {
        ("not asked", "not asked")
    };
    facts.insert("static_beside_parameter", wins.to_owned());
    facts.insert("backtracks", backtracks.to_owned());
    Ok(facts)
}

fn words(overlap: &Overlap) -> (&'static str, &'static str) {
    match overlap {
        Overlap::Refused => ("refused", "–"),
        Overlap::Taken { wins, backtracks } => (
            match wins {
                Winner::Static => "static",
                Winner::First => "first",
                Winner::Neither => "neither always",
            },
            if *backtracks { "yes" } else { "no" },
        ),
    }
}
