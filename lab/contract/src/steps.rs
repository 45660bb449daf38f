//! The single steps of the check; each is one promise of the contract.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use catalog::payload::{self, PLAINTEXT};
use rand::SeedableRng;
use rand::distr::{Alphanumeric, SampleString};
use rand::rngs::SmallRng;
use server::Server;

use super::check::Failure;
use super::client::{Answer, Client, quoted};
use crate::conformance::wire::{self, Script};

pub const TEXT: &str = "text/plain; charset=utf-8";
pub const JSON: [&str; 2] = ["application/json", "application/json; charset=utf-8"];
const BYTES: &str = "application/octet-stream";

/// `GET /plaintext`: the fixed text.
pub async fn plaintext(client: &Client) -> Result<(), Failure> {
    client
        .get("/plaintext")
        .await?
        .status(200)?
        .header("content-type", &[TEXT])?
        .framed()?
        .body(PLAINTEXT.as_bytes())?;
    Ok(())
}

/// `GET /json`: the object; gives the bytes that this server writes it with.
pub async fn json(client: &Client) -> Result<Vec<u8>, Failure> {
    let answer = client.get("/json").await?;
    answer
        .status(200)?
        .header("content-type", &JSON)?
        .framed()?;
    message(&answer, "ok")?;
    Ok(answer.body)
}

fn message(answer: &Answer, wanted: &str) -> Result<(), Failure> {
    let wanted = serde_json::json!({ "message": wanted });
    match serde_json::from_slice::<serde_json::Value>(&answer.body) {
        Ok(value) if value == wanted => Ok(()),
        _ => Err(Failure::new(
            &answer.request,
            wanted.to_string(),
            quoted(&answer.body),
        )),
    }
}

/// `GET /user/{id}/post/{slug}`: both parameters, percent-decoded, where the framework does not
/// decode `twice` by its own design.
pub async fn params(client: &Client, twice: bool) -> Result<(), Failure> {
    let always = [
        ("/user/1/post/a", "1/a"),
        (
            "/user/00042/post/hello-world_1.0~x",
            "00042/hello-world_1.0~x",
        ),
        ("/user/a%20b/post/caf%C3%A9", "a b/café"),
    ];
    let once = [
        ("/user/%E4%BD%A0%E5%A5%BD/post/100%25", "你好/100%"),
        ("/user/a+b/post/x%2By", "a+b/x+y"),
        ("/user/1/post/a%2541", "1/a%41"),
    ];
    let declared = [("/user/1/post/a%2541", "1/aA")];
    let rest = if twice { &declared[..] } else { &once[..] };
    for (path, wanted) in always.iter().chain(rest) {
        client
            .get(path)
            .await?
            .status(200)?
            .header("content-type", &[TEXT])?
            .framed()?
            .body(wanted.as_bytes())?;
    }
    Ok(())
}

/// `POST /echo`: the body as received.
pub async fn echo(client: &Client) -> Result<(), Failure> {
    let mut rng = SmallRng::seed_from_u64(1);
    for length in [0, 1024, 1 << 20] {
        let mut body = vec![0; length];
        rand::RngCore::fill_bytes(&mut rng, &mut body);
        client
            .send("POST", "/echo", body.clone())
            .await?
            .status(200)?
            .header("content-type", &[BYTES])?
            .framed()?
            .body(&body)?;
    }
    Ok(())
}

/// `GET /blob`: 1 MiB, the bytes that the kit makes.
pub async fn blob(client: &Client) -> Result<(), Failure> {
    client
        .get("/blob")
        .await?
        .status(200)?
        .header("content-type", &[BYTES])?
        .framed()?
        .body(&payload::blob())?;
    Ok(())
}

/// Paths that no route has: 404.
pub async fn unknown_path(client: &Client) -> Result<(), Failure> {
    for path in [
        "/nowhere",
        "/user/1",
        "/user/1/post",
        "/plaintext/x",
        "/plaintex",
    ] {
        client.get(path).await?.status(404)?;
    }
    Ok(())
}

/// A known path with a method that it has no route for.
pub async fn wrong_method(client: &Client, wanted: u16) -> Result<(), Failure> {
    for (method, path) in [("POST", "/plaintext"), ("GET", "/echo")] {
        client
            .send(method, path, Vec::new())
            .await?
            .status(wanted)?;
    }
    // No route at all has this one: 501 is the other answer that RFC 9110 (15.6.2) has for it.
    let answer = client.send("DELETE", "/json", Vec::new()).await?;
    if answer.status != 501 {
        answer.status(wanted)?;
    }
    Ok(())
}

/// `HEAD /plaintext`: the declared status, and no body on the wire: the next answer on the
/// same connection must begin where the head ended.
pub async fn head(server: &Server, wanted: u16) -> Result<(), Failure> {
    let address = server.address();
    let request = "HEAD /plaintext";
    let script = Script {
        parts: vec![
            format!(
                "HEAD /plaintext HTTP/1.1\r\nHost: {address}\r\n\r\n\
                 GET /user/1/post/a HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
            )
            .into_bytes(),
        ],
        methods: vec!["HEAD", "GET"],
    };
    let talk = wire::talk(address, server.pid(), &script)
        .await
        .map_err(|e| Failure::new(request, "an answer", e))?;
    let Some(head) = talk.replies.first() else {
        return Err(Failure::new(request, "an answer", "none").in_time());
    };
    if head.status != wanted {
        return Err(Failure::new(
            request,
            format!("status {wanted}, as framework.yaml declares"),
            format!("status {}", head.status),
        ));
    }
    if talk.replies.get(1).is_none_or(|next| next.text() != "1/a") {
        return Err(Failure::new(
            request,
            "no body, so that the next answer on the connection follows at once",
            "something else behind the head",
        ));
    }
    Ok(())
}

/// Random ids over 64 connections at once: every answer belongs to its request.
pub async fn concurrent_ids(client: &Client) -> Result<(), Failure> {
    const CONNECTIONS: u64 = 64;
    const REQUESTS: usize = 32;
    let mut tasks = tokio::task::JoinSet::new();
    for connection in 0..CONNECTIONS {
        let client = client.clone();
        tasks.spawn(async move {
            let mut rng = SmallRng::seed_from_u64(connection);
            for i in 0..REQUESTS {
                let id = Alphanumeric.sample_string(&mut rng, 4 + i);
                let slug = Alphanumeric.sample_string(&mut rng, 36 - i);
                // Every other request carries an escape that the server has to undo.
                let (path, wanted) = match i % 2 {
                    0 => (format!("/user/{id}/post/{slug}"), format!("{id}/{slug}")),
                    _ => (
                        format!("/user/{id}/post/{slug}%20%C3%BC"),
                        format!("{id}/{slug} ü"),
                    ),
                };
                client
                    .get(&path)
                    .await?
                    .status(200)?
                    .body(wanted.as_bytes())?;
            }
            Ok(())
        });
    }
    while let Some(result) = tasks.join_next().await {
        result.map_err(|e| Failure::new("concurrent requests", "an answer each", e))??;
    }
    Ok(())
}

/// A text for the probe's salt, as long as any other, with characters that JSON escapes: what a
/// check draws and what a launch draws cannot be told apart.
pub fn salt_text(rng: &mut SmallRng) -> String {
    let [a, b, c] = [4, 4, 4].map(|n| Alphanumeric.sample_string(rng, n));
    format!("{a}\"{b}\\{c}")
}

/// The message changes with the probe's salt, so it is serialised on each request. Two of the salts
/// are drawn as a launch draws its own; each is asked for twice, and the first comes back.
///
/// The text that has what encoding/json hides from browsers shows which encoder it was: one that `leaves_html` as
/// it is says so; nothing is said of a server of which that is not known.
pub async fn salt(
    client: &Client,
    server: &mut Server,
    leaves_html: Option<bool>,
) -> Result<(), Failure> {
    // Not the check's own seed: a server could know what that gives.
    let seed = RandomState::new().hash_one(0);
    let mut rng = SmallRng::seed_from_u64(seed);
    let drawn = [(); 2].map(|()| salt_text(&mut rng));
    let salted = |text: &str| {
        let command = format!("salt {}", serde_json::Value::from(text));
        (command, format!("ok-{text}"))
    };
    let plain = |command: &str, wanted: &str| (command.to_owned(), wanted.to_owned());
    for (command, wanted) in [
        plain("salt 4711", "ok-4711"),
        plain("salt 12", "ok-12"),
        salted(&drawn[0]),
        salted(&drawn[1]),
        salted(&drawn[0]),
        salted(OF_HTML),
        plain("salt", "ok"),
    ] {
        if let Some(probe) = server.probe() {
            probe
                .ask(&command)
                .map_err(|e| Failure::new(&command, "an answer of the probe", e))?;
        }
        for _ in 0..2 {
            let answer = client.get("/json").await?;
            let after = |failure: Failure| Failure {
                request: format!("{} after `{command}`", failure.request),
                ..failure
            };
            message(&answer, &wanted).map_err(after)?;
            if wanted.ends_with(OF_HTML)
                && let Some(leaves) = leaves_html
            {
                html_is_left(&answer, leaves).map_err(after)?;
            }
        }
    }
    Ok(())
}

/// What encoding/json by itself never writes as it is, so that no browser takes it for markup.
const OF_HTML: &str = "<&>";

fn html_is_left(answer: &Answer, declared: bool) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(&answer.body);
    let expected = match (text.contains(['<', '&', '>']), declared) {
        (false, false) | (true, true) => return Ok(()),
        (true, false) => {
            r"`<`, `&` and `>` as \u003c, \u0026 and \u003e, as encoding/json writes them, or `departs: [leaves-html]` in framework.yaml"
        }
        (false, true) => {
            "`<`, `&` and `>` as they are, as `departs: [leaves-html]` in framework.yaml declares"
        }
    };
    Err(Failure::new(
        &answer.request,
        expected,
        quoted(&answer.body),
    ))
}

/// Has a server answer `GET /json` with a text from now on; gives the body as this server writes it.
pub async fn salted(server: &mut Server, text: &str) -> Result<Vec<u8>, Failure> {
    let command = format!("salt {}", serde_json::Value::from(text));
    let refused = |e: String| Failure::new(&command, "an answer of the probe", e);
    let probe = server
        .probe()
        .ok_or_else(|| refused("no probe".to_owned()))?;
    probe.ask(&command).map_err(refused)?;
    let answer = Client::new(server).get("/json").await?;
    answer.status(200)?;
    message(&answer, &format!("ok-{text}"))?;
    Ok(answer.body)
}

/// The `Date` header is there and moves within 3 s.
pub async fn date(client: &Client) -> Result<(), Failure> {
    let mut first = None;
    for _ in 0..15 {
        let answer = client.get("/plaintext").await?;
        let date = answer.value("date").map(|d| d.as_bytes().to_vec());
        let Some(date) = date else {
            return Err(Failure::new(&answer.request, "a Date header", "none"));
        };
        match &first {
            None => first = Some(date),
            Some(first) if *first != date => return Ok(()),
            Some(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(220)).await;
    }
    Err(Failure::new(
        "GET /plaintext",
        "a Date header that moves within 3 s",
        format!("{} throughout", quoted(&first.unwrap_or_default())),
    ))
}
