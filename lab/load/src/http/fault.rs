//! What can be wrong with a response's form.

/// A response that is not well-formed, or that says two things at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The status line is not `HTTP/1.x NNN [reason]`.
    StatusLine,
    /// A header line breaks the grammar: no colon, a bad name, control characters, folding.
    Header,
    /// A line of the header block ends in LF without CR.
    BareLf,
    /// `Content-Length` or `Transfer-Encoding` cannot be understood.
    Framing,
    /// The length is given twice and differently, or both as a length and as chunks.
    Conflict,
    /// A chunk's size line or end breaks the grammar.
    Chunk,
    /// The header block or the trailer is larger than the limits.
    HeadTooLarge,
    /// Bytes came that no request asked for.
    Unsolicited,
    /// The connection ended inside a response.
    Cut,
}

impl Fault {
    /// What it is, for a message that shows the bytes behind it.
    pub fn words(self) -> &'static str {
        match self {
            Self::StatusLine => "no status line of HTTP/1",
            Self::Header => "a header line that HTTP does not allow",
            Self::BareLf => "a line that ends in LF without CR",
            Self::Framing => "a Content-Length or Transfer-Encoding that means nothing",
            Self::Conflict => "two lengths that contradict each other",
            Self::Chunk => "a chunk that HTTP does not allow",
            Self::HeadTooLarge => "headers or trailers above the limits",
            Self::Unsolicited => "bytes behind the answer, which nothing asked for",
            Self::Cut => "an answer that was cut off",
        }
    }
}
