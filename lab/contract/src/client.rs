//! The checker's HTTP client: requests as the contract writes them, failures as sentences.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use server::Server;
use server::patience::Patience;

use super::check::Failure;

/// How long one answer may take, in time that the server could have used.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A client for one server.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    pid: i32,
}

/// A whole answer, with the request that it belongs to.
#[derive(Debug)]
pub struct Answer {
    /// `GET /plaintext`
    pub request: String,
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new(server: &Server) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| Failure::new("client", "an HTTP client", e).of_the_lab())?;
        Ok(Self {
            http,
            base: format!("http://{}", server.address()),
            pid: server.pid(),
        })
    }

    pub async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, path, Vec::new()).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Answer, Failure> {
        let request = format!("{method} {path}");
        let failed = |e: reqwest::Error| {
            let failure = Failure::new(&request, "an answer", error_chain(&e));
            if e.is_timeout() {
                failure.in_time()
            } else {
                failure
            }
        };
        let mut builder = self
            .http
            .request(method.clone(), format!("{}{path}", self.base));
        if method == Method::POST {
            builder = builder
                .header("Content-Type", "application/octet-stream")
                .body(body);
        }
        let whole = async {
            let response = builder.send().await?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = response.bytes().await?.to_vec();
            Ok((status, headers, body))
        };
        let patience = Patience::with(self.pid, ANSWER_WITHIN);
        let Some(answered) = patience.wait(whole).await else {
            let within = ANSWER_WITHIN.as_secs();
            let none = format!("none within {within} s");
            let failure = Failure::new(&request, "an answer", none);
            return Err(match patience.kept() {
                Some(_) => failure.in_time(),
                None => failure,
            });
        };
        let (status, headers, body) = answered.map_err(failed)?;
        Ok(Answer {
            request,
            status,
            headers,
            body,
        })
    }
}

impl Answer {
    /// The answer has this status.
    pub fn status(&self, wanted: u16) -> Result<&Self, Failure> {
        if self.status == wanted {
            return Ok(self);
        }
        Err(Failure::new(
            &self.request,
            format!("status {wanted}"),
            format!("status {}", self.status.as_u16()),
        ))
    }

    /// A header is there with one of these values, compared without case and spaces.
    pub fn header(&self, name: &str, allowed: &[&str]) -> Result<&Self, Failure> {
        let plain = |v: &str| v.to_ascii_lowercase().replace(' ', "");
        let value = self
            .headers
            .get(name)
            .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        match &value {
            Some(v) if allowed.iter().any(|a| plain(a) == plain(v)) => Ok(self),
            _ => Err(Failure::new(
                &self.request,
                format!("{name}: {}", allowed.join(" or ")),
                value.map_or_else(|| format!("no {name} header"), |v| format!("{name}: {v}")),
            )),
        }
    }

    /// The body is exactly this.
    pub fn body(&self, wanted: &[u8]) -> Result<&Self, Failure> {
        if self.body == wanted {
            return Ok(self);
        }
        let differs = self.body.iter().zip(wanted).position(|(a, b)| a != b);
        // What shows there: CR LF in the place of LF, for instance.
        let there = |bytes: &[u8], at: usize| quoted(&bytes[at..bytes.len().min(at + 20)]);
        let (wanted_text, got) = match differs {
            Some(at) if at > 40 => (
                format!(
                    "a body of {} bytes, {} from byte {at} on",
                    wanted.len(),
                    there(wanted, at)
                ),
                format!(
                    "{} bytes with {} there",
                    self.body.len(),
                    there(&self.body, at)
                ),
            ),
            _ => (
                format!("the body {}", quoted(wanted)),
                format!("the body {}", quoted(&self.body)),
            ),
        };
        Err(Failure::new(&self.request, wanted_text, got))
    }

    /// The answer came in chunks.
    pub fn chunked(&self) -> bool {
        let coding = self.headers.get("transfer-encoding");
        coding.is_some_and(|v| v == "chunked")
    }

    /// The end of the body can be told: a length or chunks.
    pub fn framed(&self) -> Result<&Self, Failure> {
        let chunked = self.chunked();
        let length = self
            .headers
            .get("content-length")
            .and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        if chunked || length == Some(self.body.len()) {
            return Ok(self);
        }
        Err(Failure::new(
            &self.request,
            format!(
                "Content-Length: {} or Transfer-Encoding: chunked",
                self.body.len()
            ),
            length.map_or_else(|| "neither".to_owned(), |n| format!("Content-Length: {n}")),
        ))
    }
}

/// Bytes as a person can read them, shortened.
pub fn quoted(bytes: &[u8]) -> String {
    const SHOWN: usize = 60;
    let text: String = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)])
        .escape_debug()
        .collect();
    if bytes.len() > SHOWN {
        format!("`{text}`... ({} bytes)", bytes.len())
    } else {
        format!("`{text}`")
    }
}

fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = String::from("none: ");
    let mut next = Some(error);
    let mut last = String::new();
    while let Some(e) = next {
        last = e.to_string();
        next = e.source();
    }
    text.push_str(&last);
    text
}
