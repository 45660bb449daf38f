//! The check with extra routes, middlewares and busy work switched on.

use server::Server;

use super::check::Failure;
use super::client::Client;
use super::steps;

/// Every extra route answers with its own index, and the contract's own routes still answer.
pub async fn with_extra(client: &Client, paths: &[String], twice: bool) -> Result<(), Failure> {
    for (index, path) in paths.iter().enumerate() {
        client
            .get(path)
            .await?
            .status(200)?
            .header("content-type", &[steps::TEXT])?
            .body(index.to_string().as_bytes())?;
    }
    steps::plaintext(client).await?;
    steps::json(client).await?;
    steps::params(client, twice).await?;
    steps::unknown_path(client).await
}

/// What each request burns, in ns, where a server is told to.
pub const SPIN_NS: u32 = 1_000;

/// Every route burns what it was told to, on each request: one that is registered past the framework's
/// middlewares does not. Nothing is known of a server without a probe.
pub async fn each_burns(
    client: &Client,
    server: &mut Server,
    extra: &[String],
) -> Result<(), Failure> {
    const REQUESTS: u32 = 20;
    // The thread's clock and the loop's own may differ by a little.
    const LEAST: f64 = 0.9 * (SPIN_NS * REQUESTS) as f64;
    let own = ["/plaintext", "/json", "/user/1/post/a", "/blob"].map(|path| ("GET", path));
    let extra = (extra.first().into_iter()).map(|path| ("GET", path.as_str()));
    for (method, path) in own.into_iter().chain([("POST", "/echo")]).chain(extra) {
        let before = server.spun();
        for _ in 0..REQUESTS {
            client.send(method, path, Vec::new()).await?.status(200)?;
        }
        if let Some(burnt) = server.spun_since(before)
            && burnt < LEAST
        {
            return Err(Failure::new(
                format!("SPIN_NS={SPIN_NS} {method} {path}"),
                format!("{SPIN_NS} ns burnt on each request, by a middleware of the framework's"),
                format!("{burnt:.0} ns on {REQUESTS}"),
            ));
        }
    }
    Ok(())
}
