//! The checker's HTTP client: requests as the contract writes them and byte for byte as the
//! instrument does, so that no server can tell the one from the other; failures as sentences.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use load::http::{Answer as Whole, Parser};
use server::Server;
use server::patience::Patience;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::check::Failure;

/// How long one answer may take, in time that the server could have used.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A client for one server, with the connections that it holds open.
#[derive(Debug, Clone)]
pub struct Client {
    address: SocketAddr,
    pid: i32,
    idle: Arc<Mutex<Vec<TcpStream>>>,
}

/// A whole answer, with the request that it belongs to.
#[derive(Debug)]
pub struct Answer {
    /// `GET /plaintext`
    pub request: String,
    pub status: u16,
    /// As they were written, in order.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new(server: &Server) -> Self {
        Self {
            address: server.address(),
            pid: server.pid(),
            idle: Arc::default(),
        }
    }

    pub async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.send("GET", path, Vec::new()).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Vec<u8>) -> Result<Answer, Failure> {
        let request = format!("{method} {path}");
        let mut bytes = format!("{request} HTTP/1.1\r\nHost: {}\r\n", self.address).into_bytes();
        if method == "POST" {
            let length = body.len();
            let more =
                format!("Content-Type: application/octet-stream\r\nContent-Length: {length}\r\n");
            bytes.extend(more.as_bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(body);
        let patience = Patience::with(self.pid, ANSWER_WITHIN);
        let Some(answered) = patience.wait(self.exchange(&bytes)).await else {
            let within = ANSWER_WITHIN.as_secs();
            let none = format!("none within {within} s");
            let failure = Failure::new(&request, "an answer", none);
            return Err(match patience.kept() {
                Some(_) => failure.in_time(),
                None => failure,
            });
        };
        let (headers, whole, body) =
            answered.map_err(|e| Failure::new(&request, "an answer", format!("none: {e}")))?;
        Ok(Answer {
            request,
            status: whole.status,
            headers,
            body,
        })
    }

    /// On a connection that is open, or on another where the server has closed it meanwhile.
    async fn exchange(&self, request: &[u8]) -> io::Result<Raw> {
        let idle = self.lock().pop();
        if let Some(stream) = idle
            && let Ok(raw) = self.over(stream, request).await
        {
            return Ok(raw);
        }
        self.over(TcpStream::connect(self.address).await?, request)
            .await
    }

    async fn over(&self, mut stream: TcpStream, request: &[u8]) -> io::Result<Raw> {
        let (mut from, mut to) = stream.split();
        // A server may answer, and hang up, before it has all.
        let (raw, _) = tokio::join!(read(&mut from), to.write_all(request));
        let raw = raw?;
        if raw.1.keep_alive {
            self.lock().push(stream);
        }
        Ok(raw)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<TcpStream>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Raw = (Vec<(String, String)>, Whole, Vec<u8>);

async fn read(from: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Raw> {
    let fault = |fault| io::Error::other(format!("what comes is no HTTP ({fault:?})"));
    let mut parser = Parser::default();
    parser.begin(false);
    let (mut head, mut body) = (Vec::new(), Vec::new());
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = from.read(&mut buffer).await?;
        let done = match n {
            0 => Some(
                parser
                    .end()
                    .map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?,
            ),
            n => {
                if parser.status().is_none() {
                    head.extend_from_slice(&buffer[..n]);
                }
                let part = &mut |part: &[u8]| body.extend_from_slice(part);
                parser.feed(&buffer[..n], part).map_err(fault)?
            }
        };
        if let Some(whole) = done {
            return Ok((headers(&head), whole, body));
        }
    }
}

/// The header lines of the last head in some bytes: interim ones (1xx) come before it.
fn headers(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let mut rest = &*text;
    while rest.starts_with("HTTP/1.1 1")
        && let Some((_, after)) = rest.split_once("\r\n\r\n")
    {
        rest = after;
    }
    let block = rest.split("\r\n\r\n").next().unwrap_or_default();
    (block.split("\r\n").skip(1))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
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
            format!("status {}", self.status),
        ))
    }

    /// The first value of a header, whatever the case of its name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        let found = all.find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A header is there with one of these values, compared without case and spaces.
    pub fn header(&self, name: &str, allowed: &[&str]) -> Result<&Self, Failure> {
        let plain = |v: &str| v.to_ascii_lowercase().replace(' ', "");
        let value = self.value(name);
        match value {
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
        self.value("transfer-encoding") == Some("chunked")
    }

    /// The end of the body can be told: a length or chunks.
    pub fn framed(&self) -> Result<&Self, Failure> {
        let chunked = self.chunked();
        let length = self
            .value("content-length")
            .and_then(|v| v.parse::<usize>().ok());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interim_heads_are_passed_by() {
        let bytes =
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nDate: x:y\r\nA:b\r\n\r\nbody: 1";
        let wanted = [("Date", "x:y"), ("A", "b")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(headers(bytes), wanted);
    }
}
