//! Requests of HTTP/1.1 read where they lie: a [`Request`] holds ranges of the buffer that was read
//! into, and nothing is copied. What two readers could understand differently (RFC 9112, 11.2) is
//! refused.

use std::ops::Range;

/// The largest head, in bytes.
pub const MAX_HEAD: usize = 16 << 10;
/// The largest body, in bytes.
pub const MAX_BODY: usize = 4 << 20;
/// The longest line with a chunk's size and its extensions.
const MAX_SIZE_LINE: usize = 256;
/// The largest body with its chunks' sizes around it.
const MAX_CHUNKED: usize = 2 * MAX_BODY;

/// Why a request is refused; each goes with a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be read.
    Bad,
    /// Its head is too large.
    Head,
    /// Its body is too large.
    Body,
    /// Its transfer coding is unknown.
    Coding,
    /// Its version is not HTTP/1.
    Version,
}

impl Refusal {
    /// The status that says so.
    pub fn status(self) -> u16 {
        match self {
            Self::Bad => 400,
            Self::Body => 413,
            Self::Head => 431,
            Self::Coding => 501,
            Self::Version => 505,
        }
    }
}

/// Where the parts of a request lie in its buffer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Range<usize>,
    /// The path without the query, still percent-encoded.
    pub path: Range<usize>,
    /// What stands behind the question mark.
    pub query: Range<usize>,
    /// The body without the chunked coding.
    pub body: Range<usize>,
    /// The connection ends after the answer.
    pub close: bool,
    /// The client waits for leave to send the body.
    pub expect: bool,
    length: usize,
    chunked: bool,
}

/// What is known of a request that is not complete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// With less than this many bytes it still is not.
    pub need: usize,
    head: usize,
    chunk: usize,
    size: usize,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parsed {
    /// A request, which takes so many bytes.
    Whole(usize),
    /// Not all of it is there.
    Partial,
}

/// What a piece of a request can be instead of right.
enum Stop {
    NotWhole,
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

const BAD: Stop = Stop::Refused(Refusal::Bad);

const TOKEN: u8 = 1;
const FIELD: u8 = 2;
const VISIBLE: u8 = 4;
const HOST: u8 = 8;

/// What each byte may be part of.
static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut class = [0; 256];
    let mut c = 0;
    while c < 256 {
        let byte = c as u8;
        if byte.is_ascii_alphanumeric() {
            class[c] |= TOKEN | HOST;
        }
        if byte > b' ' && byte != 0x7f {
            class[c] |= VISIBLE | FIELD;
        }
        c += 1;
    }
    class[b' ' as usize] |= FIELD;
    class[b'\t' as usize] |= FIELD;
    class = marked(class, b"!#$%&'*+-.^_`|~", TOKEN);
    marked(class, b"-._~!$&'()*+,;=:[]%", HOST)
}

const fn marked(mut class: [u8; 256], bytes: &[u8], mark: u8) -> [u8; 256] {
    let mut i = 0;
    while i < bytes.len() {
        class[bytes[i] as usize] |= mark;
        i += 1;
    }
    class
}

fn all(bytes: &[u8], mark: u8) -> bool {
    bytes.iter().all(|&c| CLASS[usize::from(c)] & mark != 0)
}

impl Request {
    /// Reads one request from the start of the data. After [`Parsed::Partial`] it is called again
    /// with the same data and more behind it, and the same request and progress. A body in chunks
    /// is joined in its place, which changes the data.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(&mut self, data: &mut [u8], progress: &mut Progress) -> Result<Parsed, Refusal> {
        if progress.head == 0 {
            match self.head(data) {
                Ok(head) => progress.head = head,
                Err(Stop::NotWhole) => {
                    progress.need = data.len() + 1;
                    return Ok(Parsed::Partial);
                }
                Err(Stop::Refused(refusal)) => return Err(refusal),
            }
        }
        if self.chunked {
            return self.chunks(data, progress);
        }
        let end = progress.head + self.length;
        if data.len() < end {
            progress.need = end;
            return Ok(Parsed::Partial);
        }
        self.body = progress.head..end;
        Ok(Parsed::Whole(end))
    }

    /// Whether the head is complete and the client waits for "100 Continue".
    pub fn awaits_leave(&self, progress: &Progress) -> bool {
        progress.head > 0 && self.expect
    }

    fn head(&mut self, data: &[u8]) -> Result<usize, Stop> {
        *self = Self::default();
        let (line, mut at) = next_line(data, 0)?;
        let old = self.request_line(data, line)?;
        let (mut lengths, mut hosts, mut codings) = (0, 0, 0);
        loop {
            let (line, next) = next_line(data, at)?;
            at = next;
            let line = &data[line];
            if line.is_empty() {
                break;
            }
            let (name, value) = header(line)?;
            // Lengths tell most names apart, so that few are compared.
            match name.len() {
                4 if name.eq_ignore_ascii_case(b"host") => {
                    hosts += 1;
                    if !all(value, HOST) {
                        return Err(BAD);
                    }
                }
                6 if name.eq_ignore_ascii_case(b"expect") => {
                    self.expect = value.eq_ignore_ascii_case(b"100-continue");
                }
                10 if name.eq_ignore_ascii_case(b"connection") => {
                    let mut items = value.split(|&c| c == b',');
                    self.close |= items.any(|item| trim(item).eq_ignore_ascii_case(b"close"));
                }
                14 if name.eq_ignore_ascii_case(b"content-length") => {
                    lengths += 1;
                    self.length = number(value, 10)?;
                }
                17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                    codings += 1;
                    if !value.eq_ignore_ascii_case(b"chunked") {
                        return Err(match value.is_empty() || value.contains(&b',') {
                            true => BAD,
                            false => Refusal::Coding.into(),
                        });
                    }
                    self.chunked = true;
                }
                _ => {}
            }
        }
        // Two ways to say where a body ends, or for whom a request is, are how requests are
        // smuggled. In HTTP/1.0 there are no chunks, and a Host is not asked for.
        let two_ends = codings > 0 && (lengths > 0 || old);
        if lengths > 1 || codings > 1 || two_ends || hosts > 1 || hosts == 0 && !old {
            return Err(BAD);
        }
        self.close |= old;
        Ok(at)
    }

    /// Reads a line such as "GET /path?query HTTP/1.1"; gives whether it is HTTP/1.0.
    fn request_line(&mut self, data: &[u8], line: Range<usize>) -> Result<bool, Stop> {
        const VERSION: &[u8] = b" HTTP/1.";
        let text = &data[line.clone()];
        let method = text.iter().position(|&c| c == b' ').ok_or(BAD)?;
        let end = text.len().checked_sub(VERSION.len() + 1);
        let end = end
            .filter(|&end| method > 0 && end >= method + 2)
            .ok_or(BAD)?;
        let minor = text[text.len() - 1];
        if &text[end..text.len() - 1] != VERSION || !matches!(minor, b'0' | b'1') {
            let last = text.iter().rposition(|&c| c == b' ').unwrap_or(method);
            let other = matches!(text[last + 1..], [b'H', b'T', b'T', b'P', b'/', a, b'.', b]
                if a.is_ascii_digit() && b.is_ascii_digit());
            return Err(match other && last > method {
                true => Refusal::Version.into(),
                false => BAD,
            });
        }
        if !all(&text[..method], TOKEN) || !all(&text[method + 1..end], VISIBLE) {
            return Err(BAD);
        }
        self.method = line.start..line.start + method;
        let target = &text[method + 1..end];
        let start = line.start + method + 1 + path_of(target, &text[..method])?;
        let end = line.start + end;
        let query = data[start..end].iter().position(|&c| c == b'?');
        self.path = start..query.map_or(end, |q| start + q);
        self.query = query.map_or(end, |q| start + q + 1)..end;
        Ok(minor == b'0')
    }

    fn chunks(&mut self, data: &mut [u8], progress: &mut Progress) -> Result<Parsed, Refusal> {
        let head = progress.head;
        loop {
            let body = &data[head..];
            let (start, end, whole) = next_chunk(body, progress.chunk)?;
            let size = end - start;
            if progress.size + size > MAX_BODY || end > MAX_CHUNKED {
                return Err(Refusal::Body);
            }
            if !whole {
                progress.need = head + (end + 2).max(body.len() + 1);
                return Ok(Parsed::Partial);
            }
            if size > 0 {
                progress.size += size;
                progress.chunk = end + 2;
                continue;
            }
            return match trailers(&body[start..]) {
                Ok(taken) => {
                    self.body = head..head + join(&mut data[head..]);
                    Ok(Parsed::Whole(head + start + taken))
                }
                Err(Stop::NotWhole) => {
                    progress.need = data.len() + 1;
                    Ok(Parsed::Partial)
                }
                Err(Stop::Refused(refusal)) => Err(refusal),
            };
        }
    }
}

/// The line that starts at a place, without its end, and where the next one starts.
fn next_line(data: &[u8], start: usize) -> Result<(Range<usize>, usize), Stop> {
    let Some(length) = find(b'\n', &data[start..]) else {
        return Err(match data.len() > MAX_HEAD {
            true => Refusal::Head.into(),
            false => Stop::NotWhole,
        });
    };
    let next = start + length + 1;
    if next > MAX_HEAD {
        return Err(Refusal::Head.into());
    }
    if length == 0 || data[next - 2] != b'\r' {
        return Err(BAD);
    }
    Ok((start..next - 2, next))
}

/// Where a byte is found first; the C library has this by vectors.
fn find(byte: u8, data: &[u8]) -> Option<usize> {
    // SAFETY: memchr reads at most `len` bytes from a pointer that is good for so many.
    let found = unsafe { libc::memchr(data.as_ptr().cast(), i32::from(byte), data.len()) };
    (!found.is_null()).then(|| found as usize - data.as_ptr() as usize)
}

/// Cuts a header line. A folded line has no name, nor has one with space before its colon.
fn header(line: &[u8]) -> Result<(&[u8], &[u8]), Stop> {
    let name = line
        .iter()
        .take_while(|&&c| CLASS[usize::from(c)] & TOKEN != 0)
        .count();
    if name == 0 || line.get(name) != Some(&b':') || !all(&line[name + 1..], FIELD) {
        return Err(BAD);
    }
    Ok((&line[..name], trim(&line[name + 1..])))
}

/// Where the path starts in a target: at its front, or behind scheme and authority, which every
/// server has to take (RFC 9112, 3.2.2).
fn path_of(target: &[u8], method: &[u8]) -> Result<usize, Stop> {
    const SCHEME: &[u8] = b"http://";
    if target[0] == b'/' || target == b"*" && method == b"OPTIONS" {
        return Ok(0);
    }
    if target.len() <= SCHEME.len() || !target[..SCHEME.len()].eq_ignore_ascii_case(SCHEME) {
        return Err(BAD);
    }
    let rest = &target[SCHEME.len()..];
    match rest.iter().position(|&c| c == b'/') {
        Some(slash) if slash > 0 && all(&rest[..slash], HOST) => Ok(SCHEME.len() + slash),
        _ => Err(BAD),
    }
}

/// One chunk at a place: where its data starts and ends, and whether that is all there. Both are 0
/// where its size is not known.
fn next_chunk(body: &[u8], at: usize) -> Result<(usize, usize, bool), Refusal> {
    let Some(line) = find(b'\n', &body[at..]) else {
        return match body.len() - at > MAX_SIZE_LINE {
            true => Err(Refusal::Bad),
            false => Ok((0, 0, false)),
        };
    };
    if line == 0 || line > MAX_SIZE_LINE || body[at + line - 1] != b'\r' {
        return Err(Refusal::Bad);
    }
    let digits = &body[at..at + line - 1];
    let semicolon = digits
        .iter()
        .position(|&c| c == b';')
        .unwrap_or(digits.len());
    if !all(&digits[semicolon..], FIELD) {
        return Err(Refusal::Bad);
    }
    let size = number(&digits[..semicolon], 16)?;
    let start = at + line + 1;
    let end = start + size;
    match (size, body.get(end), body.get(end + 1)) {
        (0, ..) => Ok((start, end, true)),
        (_, Some(b'\r'), Some(b'\n')) => Ok((start, end, true)),
        // What is there of the end is looked at already: the size might lie.
        (_, None, _) | (_, Some(b'\r'), None) => Ok((start, end, false)),
        _ => Err(Refusal::Bad),
    }
}

/// How many bytes the lines behind the last chunk take: held to the rules for headers, and dropped.
fn trailers(data: &[u8]) -> Result<usize, Stop> {
    let mut at = 0;
    loop {
        let (line, next) = next_line(data, at)?;
        if line.is_empty() {
            return Ok(next);
        }
        header(&data[line])?;
        at = next;
    }
}

/// Moves the data of chunks that have all been read to the front; gives its length.
fn join(body: &mut [u8]) -> usize {
    let (mut length, mut at) = (0, 0);
    while let Ok((start, end, _)) = next_chunk(body, at)
        && start < end
    {
        // The line before has been read: what is moved never reaches beyond it.
        body.copy_within(start..end, length);
        length += end - start;
        at = end + 2;
    }
    length
}

/// A length: digits of the base and nothing else.
fn number(digits: &[u8], base: u32) -> Result<usize, Refusal> {
    if digits.is_empty() {
        return Err(Refusal::Bad);
    }
    let mut n = 0;
    for &c in digits {
        let digit = char::from(c).to_digit(base).ok_or(Refusal::Bad)?;
        // Stays above the limit from here on, and the digits are still looked at.
        n = (n * base as usize + digit as usize).min(MAX_BODY + 1);
    }
    match n > MAX_BODY {
        true => Err(Refusal::Body),
        false => Ok(n),
    }
}

fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Appends text without its percent-encoding; `None` where it is none.
pub fn append_decoded(to: &mut Vec<u8>, mut text: &[u8]) -> Option<()> {
    while let Some(percent) = find(b'%', text) {
        let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
        let byte = digit(percent + 1)? << 4 | digit(percent + 2)?;
        to.extend_from_slice(&text[..percent]);
        to.push(byte as u8);
        text = &text[percent + 3..];
    }
    to.extend_from_slice(text);
    Some(())
}
