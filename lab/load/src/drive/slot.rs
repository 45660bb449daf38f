//! One connection's place: about 150 bytes, and nothing on the heap while answers come whole.

use crate::http::Parser;

/// What the connection in a slot is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// There is none.
    #[default]
    Free,
    /// Opening, without a request.
    Connecting,
    /// Opening, with a request that is sent as soon as it is open.
    ConnectingBusy,
    /// Open, without a request.
    Idle,
    /// Open, with a request in flight.
    Busy,
}

/// A connection, its request and how far the answer has been read.
#[derive(Debug, Default)]
pub struct Slot {
    pub state: State,
    /// Index of the request in the pool.
    pub request: u32,
    /// Requests answered on this connection.
    pub served: u64,
    pub due: u64,
    pub sent: u64,
    pub parser: Parser,
    pub body: BodyCheck,
}

impl Slot {
    /// True while a request depends on this slot.
    pub fn has_request(&self) -> bool {
        matches!(self.state, State::Busy | State::ConnectingBusy)
    }
}

/// Compares a body, piece by piece as it comes, with the expected one.
#[derive(Clone, Copy, Debug, Default)]
pub struct BodyCheck {
    seen: usize,
    differs: bool,
}

impl BodyCheck {
    /// Takes the next piece of the body that should be `expected`.
    #[inline]
    pub fn feed(&mut self, piece: &[u8], expected: &[u8]) {
        let rest = &expected[self.seen.min(expected.len())..];
        // Bytes past the expected end are an error of length, which the caller sees.
        let same = piece.len().min(rest.len());
        self.differs |= piece[..same] != rest[..same];
        self.seen += piece.len();
    }

    /// True when a byte differed.
    pub fn differs(self) -> bool {
        self.differs
    }
}
