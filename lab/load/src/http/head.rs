//! The status line and the header block, once complete.

use super::Fault;
use memchr::memchr;

/// Most header lines of one response.
pub const MAX_HEADERS: usize = 128;

/// How the body's end is found (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// No header speaks of the body: it ends with the connection.
    UntilClose,
    /// `Content-Length`.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

/// What the instrument needs of a header block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// How the body ends, if the status and the method allow one.
    pub framing: Framing,
    /// The server keeps the connection open after this response.
    pub keep_alive: bool,
}

/// For each byte whether it may stand in a token (RFC 9110, section 5.6.2).
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        table[b] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            );
        b += 1;
    }
    table
};

/// True for a byte that may stand in a header name.
#[inline]
pub fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

impl Head {
    /// Reads a block that ends with its empty line.
    pub fn parse(block: &[u8]) -> Result<Self, Fault> {
        let mut rest = block;
        let (status, old) = status_line(take_line(&mut rest, Fault::StatusLine)?)?;
        let mut length: Option<u64> = None;
        let mut chunked = false;
        let (mut close, mut keep) = (false, !old);
        let mut count = 0;
        loop {
            let line = take_line(&mut rest, Fault::Header)?;
            if line.is_empty() {
                break;
            }
            count += 1;
            if count > MAX_HEADERS {
                return Err(Fault::HeadTooLarge);
            }
            let (name, value) = header_line(line)?;
            // The three that matter have three different lengths.
            match name.len() {
                14 if name.eq_ignore_ascii_case(b"content-length") => {
                    let this = content_length(value)?;
                    if length.is_some_and(|before| before != this) {
                        return Err(Fault::Conflict);
                    }
                    length = Some(this);
                }
                17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                    // Only plain chunked: the instrument offers no other coding in TE.
                    if chunked || !value.eq_ignore_ascii_case(b"chunked") {
                        return Err(Fault::Framing);
                    }
                    chunked = true;
                }
                10 if name.eq_ignore_ascii_case(b"connection") => {
                    for option in value.split(|b| *b == b',').map(<[u8]>::trim_ascii) {
                        close |= option.eq_ignore_ascii_case(b"close");
                        keep |= option.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                _ => {}
            }
        }
        let framing = match (chunked, length) {
            (true, Some(_)) => return Err(Fault::Conflict),
            // HTTP/1.0 has no chunks: an intermediary may have mangled this (RFC 9112, 6.1).
            (true, None) if old => return Err(Fault::Conflict),
            (true, None) => Framing::Chunked,
            (false, Some(length)) => Framing::Length(length),
            (false, None) => Framing::UntilClose,
        };
        Ok(Self {
            status,
            framing,
            // Whoever says both means close (RFC 9112, section 9.3).
            keep_alive: keep && !close,
        })
    }
}

/// Cuts the next line, without its CR LF, off `rest`.
#[inline]
fn take_line<'a>(rest: &mut &'a [u8], fault: Fault) -> Result<&'a [u8], Fault> {
    let end = memchr(b'\n', rest).ok_or(fault)?;
    let line = rest[..end].strip_suffix(b"\r").ok_or(Fault::BareLf)?;
    *rest = &rest[end + 1..];
    Ok(line)
}

/// The status, and whether the version is 1.0.
fn status_line(line: &[u8]) -> Result<(u16, bool), Fault> {
    let rest = line.strip_prefix(b"HTTP/1.").ok_or(Fault::StatusLine)?;
    let [
        minor @ (b'0' | b'1'),
        b' ',
        a @ b'1'..=b'5',
        b @ b'0'..=b'9',
        c @ b'0'..=b'9',
        reason @ ..,
    ] = rest
    else {
        return Err(Fault::StatusLine);
    };
    // The space before an empty reason is often left out.
    if !(reason.is_empty() || reason[0] == b' ') || has_control(reason) {
        return Err(Fault::StatusLine);
    }
    let digit = |d: u8| u16::from(d - b'0');
    Ok((digit(*a) * 100 + digit(*b) * 10 + digit(*c), *minor == b'0'))
}

/// Name and value; a name that starts with a space is a folded line, which is refused.
#[inline]
pub(super) fn header_line(line: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let colon = memchr(b':', line).ok_or(Fault::Header)?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    if name.is_empty() || !name.iter().all(|b| is_token(*b)) || has_control(value) {
        return Err(Fault::Header);
    }
    Ok((name, value.trim_ascii()))
}

#[inline]
fn has_control(text: &[u8]) -> bool {
    // No early exit: this way the compiler makes it a few vector instructions.
    text.iter().fold(false, |bad, b| {
        bad | (*b < b' ' && *b != b'\t') | (*b == 0x7f)
    })
}

/// A length, or the same length several times over (RFC 9110, section 8.6 lets that pass).
fn content_length(value: &[u8]) -> Result<u64, Fault> {
    let mut length = None;
    for part in value.split(|b| *b == b',').map(<[u8]>::trim_ascii) {
        if part.is_empty() || part.len() > 18 || !part.iter().all(u8::is_ascii_digit) {
            return Err(Fault::Framing);
        }
        let this = part.iter().fold(0u64, |n, d| n * 10 + u64::from(d - b'0'));
        if length.is_some_and(|before| before != this) {
            return Err(Fault::Conflict);
        }
        length = Some(this);
    }
    length.ok_or(Fault::Framing)
}
