//! What can be wrong with a response's form.

/// A response that is not well-formed, or that says two things at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The status line is not `HTTP/1.x NNN [reason]`.
    StatusLine,
    /// A header line breaks the grammar: no colon, a bad name, control characters, folding, a
    /// line that does not end in CR LF.
    Header,
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
