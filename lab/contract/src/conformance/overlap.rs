//! Static routes beside parameters: which route wins, and whether the other still matches.

use std::path::Path;

use builder::Binary;
use catalog::payload::{RouteSet, extra_route};
use server::{Fault, Server, ServerError, StartOptions};

use super::catalog::get;
use super::wire::{Talk, talk};

/// How many static routes lie beside the parameters.
const ROUTES: u32 = 8;

/// What a router makes of static routes that a route with parameters also matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overlap {
    /// It does not start with both.
    Refused,
    /// It starts.
    Taken {
        /// Who answers where both match: the static routes, the parameters that were
        /// registered before them, or now one and now the other.
        wins: Winner,
        /// Whether the parameters answer paths that only begin, or only end, like a static route.
        backtracks: bool,
    },
}

/// Who answers where two routes match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Winner {
    /// The static route.
    Static,
    /// The route that was registered first.
    First,
    /// Neither always.
    Neither,
}

/// Starts a server with such routes and asks for them, and for paths that are nearly theirs.
///
/// # Errors
/// [`ServerError`] when it starts but does not serve or stop.
pub async fn overlap(binary: &Binary, stderr: &Path) -> Result<Overlap, ServerError> {
    let options = StartOptions {
        env: vec![("ROUTES", format!("{ROUTES}:{}", RouteSet::Beside.name()))],
        stderr: stderr.to_owned(),
        ..StartOptions::default()
    };
    let server = match Server::start_ready(binary, &options).await {
        Ok(server) => server,
        Err(e) if matches!(e.fault, Fault::ExitedEarly { .. }) => return Ok(Overlap::Refused),
        Err(e) => return Err(e),
    };
    let (mut by_static, mut by_parameters, mut backtracked) = (0, 0, 0);
    for index in 0..ROUTES {
        let path = extra_route(RouteSet::Beside, index);
        let ["", "user", id, "post", slug] = path.split('/').collect::<Vec<_>>()[..] else {
            unreachable!("the routes beside parameters look like theirs: {path}");
        };
        let body = body(&ask(&server, &path).await?);
        by_static += u32::from(body == index.to_string());
        by_parameters += u32::from(body == format!("{id}/{slug}"));
        // The first two leave the static route late and early; the third is longer than it.
        for (id, slug) in [(id, "other"), ("other", slug), (id, &format!("{slug}x"))] {
            let talk = ask(&server, &format!("/user/{id}/post/{slug}")).await?;
            backtracked += u32::from(self::body(&talk) == format!("{id}/{slug}"));
        }
    }
    server.stop().await?;
    Ok(Overlap::Taken {
        wins: match (by_static, by_parameters) {
            (ROUTES, 0) => Winner::Static,
            (0, ROUTES) => Winner::First,
            _ => Winner::Neither,
        },
        backtracks: backtracked == 3 * ROUTES,
    })
}

async fn ask(server: &Server, path: &str) -> Result<Talk, ServerError> {
    let mut script = get(path);
    // The end of the connection is not in question here, and waiting for it takes time.
    script.parts = vec![super::catalog::request(
        "GET",
        path,
        "Connection: close\r\n",
    )];
    talk(server.address(), server.pid(), &script)
        .await
        .map_err(|e| Fault::Start(e).into())
}

fn body(talk: &Talk) -> String {
    talk.replies
        .first()
        .map(super::wire::Reply::text)
        .unwrap_or_default()
}
