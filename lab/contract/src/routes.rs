//! The check with extra routes, middlewares and busy work switched on.

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
