//! Holds a framework to the departures from the contract that it declares, and to no others.

use std::path::Path;

use builder::Binary;
use catalog::Framework;
use catalog::framework::Departure;

use super::check::Failure;
use super::client::Client;
use crate::conformance::{Overlap, Winner, overlap as probe};

/// The answers whose length is known have a Content-Length, or come in chunks as declared.
pub async fn framing(client: &Client, declared: bool) -> Result<(), Failure> {
    for path in ["/plaintext", "/json", "/user/1/post/a"] {
        let answer = client.get(path).await?;
        match (declared, answer.chunked()) {
            (false, true) => {
                return Err(Failure::new(
                    answer.request,
                    "a Content-Length, or `departs: [chunked]` in framework.yaml",
                    "chunks",
                ));
            }
            (true, false) => {
                return Err(Failure::new(
                    answer.request,
                    "chunks, as `departs: [chunked]` in framework.yaml declares",
                    "a Content-Length",
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Static routes win over parameters that match the same path, and the parameters still match
/// what is only nearly a static route; or what is declared instead.
pub async fn overlap(framework: &Framework, binary: &Binary, stderr: &Path) -> Result<(), Failure> {
    const REQUEST: &str = "ROUTES=8:beside";
    let found = probe(binary, stderr)
        .await
        .map_err(|e| Failure::new(REQUEST, "a server that serves, or refuses to start", e))?;
    let declared: Vec<_> = framework
        .departs
        .iter()
        .copied()
        .filter(|d| of_router(*d))
        .collect();
    let shown = departures(&found).ok_or_else(|| {
        Failure::new(
            REQUEST,
            "one rule for all static routes beside parameters",
            "now the static route and now the parameters, or neither",
        )
    })?;
    if shown == declared {
        return Ok(());
    }
    Err(Failure::new(
        REQUEST,
        format!("{}, as framework.yaml declares", words(&declared)),
        words(&shown),
    ))
}

fn of_router(departure: Departure) -> bool {
    matches!(
        departure,
        Departure::OverlapRefused | Departure::FirstRouteWins | Departure::NoBacktracking
    )
}

/// The departures that a router shows, sorted; nothing where it follows no rule.
fn departures(found: &Overlap) -> Option<Vec<Departure>> {
    match found {
        Overlap::Refused => Some(vec![Departure::OverlapRefused]),
        Overlap::Taken { wins, backtracks } => {
            let first = match wins {
                Winner::Static => None,
                Winner::First => Some(Departure::FirstRouteWins),
                Winner::Neither => return None,
            };
            let never_back = (!backtracks).then_some(Departure::NoBacktracking);
            Some(first.into_iter().chain(never_back).collect())
        }
    }
}

fn words(departures: &[Departure]) -> String {
    let names: Vec<_> = departures.iter().map(|d| d.name()).collect();
    match names.is_empty() {
        true => "static routes before parameters, with backtracking".to_owned(),
        false => names.join(" and "),
    }
}
