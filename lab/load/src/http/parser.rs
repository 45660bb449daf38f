//! One response after the other from a stream of bytes that may be split anywhere.

use super::chunked::Chunked;
use super::{Ends, Fault, Framing, Head, Progress};
use memchr::{memchr_iter, memmem};

/// Largest header block: four times what servers themselves commonly accept.
pub const MAX_HEAD: usize = 32 * 1024;

/// A complete response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Bytes of body.
    pub length: u64,
    /// The connection can carry the next request.
    pub keep_alive: bool,
}

/// Where in a response the reader is.
#[derive(Debug, Default)]
enum At {
    /// In the header block; what has come of it is kept if it is not complete.
    #[default]
    Head,
    /// In a body with so many bytes to come.
    Length(u64),
    Chunked(Box<Chunked>),
    UntilClose,
}

/// Reads one response at a time. [`Parser::begin`] before each.
#[derive(Debug, Default)]
pub struct Parser {
    at: At,
    /// The start of a header block that came in pieces.
    kept: Vec<u8>,
    /// Bytes of interim (1xx) header blocks so far: they count towards the limit.
    interim: usize,
    status: u16,
    keep_alive: bool,
    head_request: bool,
    length: u64,
    /// This response's header block is to be kept, and is kept here.
    watched: Option<Vec<u8>>,
}

impl Parser {
    /// Starts a new response; `head_request` if it answers a HEAD.
    #[inline]
    pub fn begin(&mut self, head_request: bool) {
        self.at = At::Head;
        self.head_request = head_request;
        self.length = 0;
        self.interim = 0;
        if self.watched.is_some() {
            self.watched = None;
        }
        if !self.kept.is_empty() {
            self.kept = Vec::new();
        }
    }

    /// Keeps the header block of the response that was begun.
    pub fn watch(&mut self) {
        self.watched = Some(Vec::new());
    }

    /// The header block, where it was to be kept and has been read.
    pub fn block(&self) -> Option<&[u8]> {
        self.watched.as_deref()
    }

    /// The response's status, once its header block has been read.
    pub fn status(&self) -> Option<u16> {
        (!matches!(self.at, At::Head)).then_some(self.status)
    }

    /// How much of the response has come.
    pub fn progress(&self) -> Progress {
        let ends = match &self.at {
            At::Head => {
                return Progress::Head {
                    interim: self.interim,
                    bytes: self.kept.len(),
                };
            }
            At::Length(left) => Ends::Length(self.length + left),
            At::Chunked(_) => Ends::Chunked,
            At::UntilClose => Ends::UntilClose,
        };
        Progress::Body {
            status: self.status,
            bytes: self.length,
            ends,
        }
    }

    /// Takes `input`, gives the body's bytes to `body`, and returns the answer once complete.
    /// Bytes behind its end are a fault: no request has asked for them yet.
    #[inline]
    pub fn feed(
        &mut self,
        input: &[u8],
        body: &mut impl FnMut(&[u8]),
    ) -> Result<Option<Answer>, Fault> {
        let mut rest = input;
        loop {
            if rest.is_empty() {
                return Ok(None);
            }
            let complete = match &mut self.at {
                At::Head => match self.head(&mut rest)? {
                    Some(complete) => complete,
                    None => return Ok(None),
                },
                At::Length(left) => {
                    let take = (*left).min(rest.len() as u64) as usize;
                    body(&rest[..take]);
                    *left -= take as u64;
                    self.length += take as u64;
                    rest = &rest[take..];
                    *left == 0
                }
                At::Chunked(chunked) => {
                    let length = &mut self.length;
                    let (used, complete) = chunked.feed(rest, &mut |part| {
                        *length += part.len() as u64;
                        body(part);
                    })?;
                    rest = &rest[used..];
                    complete
                }
                At::UntilClose => {
                    body(rest);
                    self.length += rest.len() as u64;
                    rest = &[];
                    false
                }
            };
            if complete {
                return if rest.is_empty() {
                    Ok(Some(self.answer()))
                } else {
                    Err(Fault::Unsolicited)
                };
            }
        }
    }

    /// The connection has ended: completes a body that was to end with it.
    pub fn end(&mut self) -> Result<Answer, Fault> {
        match self.at {
            At::UntilClose => Ok(self.answer()),
            _ => Err(Fault::Cut),
        }
    }

    fn answer(&self) -> Answer {
        Answer {
            status: self.status,
            length: self.length,
            keep_alive: self.keep_alive,
        }
    }

    /// Reads the header block off `rest`: nothing while it is incomplete, else whether the whole
    /// response is complete with it.
    #[inline]
    fn head(&mut self, rest: &mut &[u8]) -> Result<Option<bool>, Fault> {
        let head = if self.kept.is_empty() {
            let Some(end) = memmem::find(rest, b"\r\n\r\n") else {
                return self.keep(rest);
            };
            let (block, after) = rest.split_at(end + 4);
            *rest = after;
            self.interim += block.len();
            if let Some(kept) = &mut self.watched {
                *kept = block.to_vec();
            }
            Head::parse(block)
        } else {
            // The end may lie across the seam: look again at the last three bytes.
            let seam = self.kept.len().saturating_sub(3);
            let before = self.kept.len();
            let room = (MAX_HEAD + 4).saturating_sub(before).min(rest.len());
            self.kept.extend_from_slice(&rest[..room]);
            let Some(end) = memmem::find(&self.kept[seam..], b"\r\n\r\n") else {
                self.kept.truncate(before);
                return self.keep(rest);
            };
            let end = seam + end + 4;
            *rest = &rest[end - before..];
            self.kept.truncate(end);
            self.interim += end;
            let head = Head::parse(&self.kept);
            let block = std::mem::take(&mut self.kept);
            if let Some(kept) = &mut self.watched {
                *kept = block;
            }
            head
        }?;
        if self.interim > MAX_HEAD {
            return Err(Fault::HeadTooLarge);
        }
        if head.status < 200 {
            // 101 would change the protocol, which was not asked for.
            return if head.status == 101 {
                Err(Fault::StatusLine)
            } else {
                Ok(Some(false))
            };
        }
        self.status = head.status;
        self.keep_alive = head.keep_alive;
        let bodyless = self.head_request || head.status == 204 || head.status == 304;
        if bodyless {
            self.at = At::Length(0);
            return Ok(Some(true));
        }
        self.at = match head.framing {
            Framing::Length(length) => At::Length(length),
            Framing::Chunked => At::Chunked(Box::default()),
            Framing::UntilClose => {
                self.keep_alive = false;
                At::UntilClose
            }
        };
        Ok(Some(matches!(self.at, At::Length(0))))
    }

    /// Keeps an incomplete header block for when more comes.
    fn keep(&mut self, rest: &mut &[u8]) -> Result<Option<bool>, Fault> {
        if self.interim + self.kept.len() + rest.len() > MAX_HEAD {
            return Err(Fault::HeadTooLarge);
        }
        // A peer that does not speak HTTP is told apart at once, not at the timeout.
        let start = b"HTTP/1.";
        let before = self.kept.len();
        self.kept.extend_from_slice(rest);
        let seen = self.kept.len().min(start.len());
        if self.kept[..seen] != start[..seen] {
            return Err(Fault::StatusLine);
        }
        // Nor one that ends its lines in LF alone: the empty line would never come.
        for at in memchr_iter(b'\n', &self.kept[before..]).map(|at| before + at) {
            if at == 0 || self.kept[at - 1] != b'\r' {
                return Err(Fault::BareLf);
            }
        }
        *rest = &[];
        Ok(None)
    }
}
