//! The same answers for a client that the lab did not write.
//!
//! Checker and instrument send the same bytes, so that no server can tell the one from the other; one
//! that answers by what those bytes look like is found by a client of other habits, with headers of its
//! own: `reqwest`.

use std::time::Duration;

use server::Server;
use server::patience::Patience;

use super::check::Failure;
use super::client::{ANSWER_WITHIN, Client, quoted};

/// What is asked of both.
const PATHS: [&str; 3] = ["/plaintext", "/json", "/user/4711/post/another-client"];

/// Asks what the contract's own client asks, in another way, for the same status and body.
pub async fn served_alike(server: &Server, own: &Client) -> Result<(), Failure> {
    let other = reqwest::Client::builder()
        .no_proxy()
        .user_agent("Mozilla/5.0")
        .timeout(Duration::from_secs(240))
        .build()
        .map_err(|e| Failure::new("a client", "one", e).of_the_lab())?;
    for path in PATHS {
        let expected = own.get(path).await?;
        let request = format!("GET {path} of another client");
        let patience = Patience::with(server.pid(), ANSWER_WITHIN);
        let asked = async {
            let url = format!("http://{}{path}", server.address());
            let answer = other.get(url).header("Accept", "*/*").send().await?;
            let status = answer.status().as_u16();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        };
        let Some(answered) = patience.wait(asked).await else {
            let failure = Failure::new(&request, "an answer", "none in time");
            return Err(match patience.kept() {
                Some(_) => failure.in_time(),
                None => failure,
            });
        };
        let (status, body) = answered.map_err(|e| Failure::new(&request, "an answer", e))?;
        if (status, &body[..]) != (expected.status, &expected.body[..]) {
            return Err(Failure::new(
                &request,
                format!("{} and {}", expected.status, quoted(&expected.body)),
                format!("{status} and {}", quoted(&body)),
            ));
        }
    }
    Ok(())
}
