//! Raw bytes over a socket of our own, and the answers in what comes back.
//!
//! An HTTP client would refuse to send most of what is asked here, and would hide what is
//! odd about the answers.

use std::net::SocketAddr;
use std::time::Duration;

use server::patience::Patience;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long an answer may take before a server counts as one that waits for more.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// How long a connection must be silent after the last awaited answer to count as kept open.
const QUIET: Duration = Duration::from_millis(500);

/// How the end of an answer's body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length`.
    Length,
    /// The chunked coding.
    Chunked,
    /// The end of the connection.
    Close,
    /// The answer can have no body.
    Bodiless,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers as they were written, in order.
    pub headers: Vec<(String, String)>,
    /// The bytes from the status line to the empty line, both included.
    pub head_bytes: usize,
    /// How the end of the body is told.
    pub framing: Framing,
    /// The body, without its coding.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What came back on one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Talk {
    /// The whole answers, in order.
    pub replies: Vec<Reply>,
    /// Whether the server ended the connection.
    pub closed: bool,
}

/// What goes over one connection: parts, each sent when the answer to the one before is
/// there. The methods of the requests tell which answers have no body.
#[derive(Debug, Clone)]
pub struct Script {
    /// The bytes of each part.
    pub parts: Vec<Vec<u8>>,
    /// The method of each request, in order, over all parts.
    pub methods: Vec<&'static str>,
}

/// Sends a script and reads what comes, until the server closes the connection or has
/// answered everything and is silent. Silence is counted in time that the process could have used.
pub async fn talk(address: SocketAddr, pid: i32, script: &Script) -> std::io::Result<Talk> {
    let mut stream = TcpStream::connect(address).await?;
    let mut raw = Vec::new();
    let mut closed = false;
    for (i, part) in script.parts.iter().enumerate() {
        let last = i + 1 == script.parts.len();
        let before = answered(&raw, &script.methods, closed).len();
        let enough = |raw: &[u8], closed| {
            let replies = answered(raw, &script.methods, closed);
            // A "100 Continue" is enough to go on with the next part, and not at the end.
            match last {
                true => replies.iter().filter(|r| r.status >= 200).count() >= script.methods.len(),
                false => replies.len() > before,
            }
        };
        exchange(&mut stream, pid, part, &mut raw, &mut closed, enough).await;
        if closed {
            break;
        }
    }
    if !closed {
        // Whether the server hangs up is only seen by waiting.
        let within = (pid, QUIET);
        read_until(&mut stream, &mut raw, &mut closed, within, |_, _| false).await;
    }
    Ok(Talk {
        replies: answered(&raw, &script.methods, closed),
        closed,
    })
}

/// Writes and reads at the same time: a server may answer, and hang up, before it has all.
async fn exchange(
    stream: &mut TcpStream,
    pid: i32,
    part: &[u8],
    raw: &mut Vec<u8>,
    closed: &mut bool,
    done: impl Fn(&[u8], bool) -> bool,
) {
    let (mut reader, mut writer) = stream.split();
    let write = async {
        // A server that hangs up breaks the write; what it said before is in the reading.
        let _ = writer.write_all(part).await;
    };
    let read = read_until(&mut reader, raw, closed, (pid, ANSWER_WITHIN), done);
    tokio::join!(write, read);
}

/// Reads until it is enough, the server hangs up, or nothing has come for some time.
async fn read_until(
    reader: &mut (impl AsyncReadExt + Unpin),
    raw: &mut Vec<u8>,
    closed: &mut bool,
    (pid, within): (i32, Duration),
    done: impl Fn(&[u8], bool) -> bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    while !done(raw, *closed) {
        let patience = Patience::with(pid, within);
        match patience.wait(reader.read(&mut buffer)).await {
            None => return,
            Some(Ok(0) | Err(_)) => {
                *closed = true;
                return;
            }
            Some(Ok(n)) => raw.extend_from_slice(&buffer[..n]),
        }
    }
}

/// The whole answers in what came.
fn answered(mut raw: &[u8], methods: &[&str], closed: bool) -> Vec<Reply> {
    let mut replies = Vec::new();
    let mut finals = 0;
    while let Some((reply, used)) = one(raw, methods.get(finals).copied(), closed) {
        finals += usize::from(reply.status >= 200);
        replies.push(reply);
        raw = &raw[used..];
    }
    replies
}

/// The first answer and its length in bytes, if it is whole.
fn one(raw: &[u8], method: Option<&str>, closed: bool) -> Option<(Reply, usize)> {
    let head_bytes = raw.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&raw[..head_bytes - 4]).into_owned();
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let version = words.next()?;
    let status = words.next()?.parse().ok()?;
    if !version.starts_with("HTTP/1.") {
        return None;
    }
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut reply = Reply {
        status,
        headers,
        head_bytes,
        framing: Framing::Bodiless,
        body: Vec::new(),
    };
    if method == Some("HEAD") || status < 200 || status == 204 || status == 304 {
        return Some((reply, head_bytes));
    }
    let rest = &raw[head_bytes..];
    let coded = reply
        .header("transfer-encoding")
        .is_some_and(|v| v.eq_ignore_ascii_case("chunked"));
    let length = reply.header("content-length").and_then(|v| v.parse().ok());
    let used;
    (reply.framing, reply.body, used) = if coded {
        let (body, used) = dechunked(rest)?;
        (Framing::Chunked, body, used)
    } else if let Some(length) = length {
        (Framing::Length, rest.get(..length)?.to_vec(), length)
    } else if closed {
        (Framing::Close, rest.to_vec(), rest.len())
    } else {
        return None;
    };
    Some((reply, head_bytes + used))
}

/// A chunked body and its length on the wire, if it is whole.
fn dechunked(raw: &[u8]) -> Option<(Vec<u8>, usize)> {
    let line = |at: usize| {
        let end = raw.get(at..)?.windows(2).position(|w| w == b"\r\n")?;
        Some((&raw[at..at + end], at + end + 2))
    };
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let (size, data) = line(at)?;
        let size = std::str::from_utf8(size).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            at = data;
            break;
        }
        body.extend_from_slice(raw.get(data..data.checked_add(size)?)?);
        at = line(data + size)?.1;
    }
    // Trailers, up to the empty line.
    loop {
        let (trailer, next) = line(at)?;
        at = next;
        if trailer.is_empty() {
            return Some((body, at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello";
    const CHUNKED: &[u8] =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: 1\r\n\r\n";

    #[test]
    fn answers_are_cut_apart() {
        let raw = [LENGTH, CHUNKED, LENGTH].concat();
        let replies = answered(&raw, &["GET", "GET", "GET"], false);
        assert_eq!(replies.len(), 3);
        assert_eq!(replies[0].head_bytes, LENGTH.len() - 5);
        assert_eq!(replies[1].framing, Framing::Chunked);
        assert!(replies.iter().all(|r| r.text() == "hello"));
    }

    #[test]
    fn an_answer_that_is_not_whole_is_none() {
        for whole in [LENGTH, CHUNKED] {
            for end in 0..whole.len() {
                assert_eq!(answered(&whole[..end], &["GET"], false), [], "{end}");
            }
        }
    }

    #[test]
    fn a_head_has_no_body_and_a_hundred_is_no_answer_yet() {
        let raw = [
            b"HTTP/1.1 100 Continue\r\n\r\n",
            &LENGTH[..LENGTH.len() - 5],
            LENGTH,
        ]
        .concat();
        let replies = answered(&raw, &["HEAD", "GET"], false);
        let seen: Vec<_> = replies.iter().map(|r| (r.status, r.body.len())).collect();
        assert_eq!(seen, [(100, 0), (200, 0), (200, 5)]);
    }

    #[test]
    fn without_a_length_the_body_ends_with_the_connection() {
        let raw = b"HTTP/1.0 200 OK\r\n\r\nhello";
        assert_eq!(answered(raw, &["GET"], false), []);
        assert_eq!(answered(raw, &["GET"], true)[0].text(), "hello");
    }

    /// Talks to a server that reads once, says this and hangs up or does not.
    async fn with(says: &'static [&'static [u8]], hangs_up: bool) -> Talk {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 1024];
            for part in says {
                let _ = stream.read(&mut buffer).await.unwrap();
                stream.write_all(part).await.unwrap();
            }
            if !hangs_up {
                // Until the client has gone.
                while stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {}
            }
        });
        let script = Script {
            parts: vec![b"GET / HTTP/1.1\r\n\r\n".to_vec(); says.len()],
            methods: vec!["GET"; says.len()],
        };
        let own = std::process::id() as i32;
        let talk = talk(address, own, &script).await.unwrap();
        server.await.unwrap();
        talk
    }

    #[tokio::test]
    async fn what_came_and_how_it_ended_is_told() {
        let kept = with(&[LENGTH, CHUNKED], false).await;
        assert_eq!((kept.replies.len(), kept.closed), (2, false));
        let closed = with(&[LENGTH], true).await;
        assert_eq!((closed.replies.len(), closed.closed), (1, true));
        let nothing = with(&[b""], true).await;
        assert_eq!((nothing.replies.len(), nothing.closed), (0, true));
        let garbage = with(&[b"what?\r\n\r\n"], true).await;
        assert_eq!((garbage.replies.len(), garbage.closed), (0, true));
    }
}
