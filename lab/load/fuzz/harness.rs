// What the parser must do with any bytes whatever, for the fuzz target, the seeded runner and the
// property tests alike: neither panic nor hang, and say the same however the bytes are split.

use load::http::{Answer, Parser};

/// How reading a stream ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    /// More bytes are needed.
    Incomplete,
    /// One response, its body, and nothing behind it.
    Complete(Answer, Vec<u8>),
    /// Not a response that can be accepted.
    Fault,
}

/// Reads `pieces` as the answer to one request; `ends` if the connection ends behind them.
pub fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>, head: bool, ends: bool) -> Read {
    let mut parser = Parser::default();
    parser.begin(head);
    let mut body = Vec::new();
    let mut answer = None;
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        if answer.is_some() {
            return Read::Fault;
        }
        match parser.feed(piece, &mut |part: &[u8]| body.extend_from_slice(part)) {
            Ok(done) => answer = done,
            Err(_) => return Read::Fault,
        }
    }
    if answer.is_none() && ends {
        match parser.end() {
            Ok(done) => answer = Some(done),
            Err(_) => return Read::Fault,
        }
    }
    match answer {
        None => Read::Incomplete,
        Some(answer) => {
            assert_eq!(answer.length, body.len() as u64, "the length is the body's");
            Read::Complete(answer, body)
        }
    }
}

/// One execution: the first two bytes say how to read and where to split the rest.
pub fn execute(data: &[u8]) {
    let [how, size, stream @ ..] = data else {
        return;
    };
    let (head, ends) = (how & 1 == 1, how & 2 == 2);
    let whole = read(std::iter::once(stream), head, ends);
    let split = read(stream.chunks(usize::from(*size).max(1)), head, ends);
    assert_eq!(whole, split, "the same bytes, split after every {size}");
}
