//! Bytes that no request asked for. On a connection that answers twice, the second answer may
//! have been taken for that of the next request, and so on: nothing that was read from it can be
//! trusted. In the load that shows when two answers lie together, or on an idle connection; a
//! single one too many moves along unseen, until at the end nothing is left to ask for.

use super::answer::excerpt;
use super::{Drive, Stage};
use crate::LoadError;
use crate::engine::{Engine, Io, Wait};
use sys::clock::{self, MILLI};

/// How long idle connections are listened to after the last answer.
const LISTEN: u64 = 20 * MILLI;

impl<'a> Drive<'a> {
    /// Bytes came on a connection without a request: it cannot be trusted with one.
    #[cold]
    pub(super) fn unasked<I: Io<'a>>(&mut self, io: &mut I, slot: u32, now: u64, bytes: &[u8]) {
        if is_farewell(bytes) {
            self.harvest.lost_idle += 1;
        } else {
            self.harvest.unsolicited += 1;
        }
        if self.stage == Stage::Setup {
            self.greeting.get_or_insert_with(|| excerpt(bytes));
            self.backoff.failed(now);
        }
        self.discard(io, slot);
    }

    /// Listens, once nothing is in flight, for what still comes.
    pub(super) fn listen_on<E: Engine<'a>>(&mut self, engine: &mut E) -> Result<(), LoadError> {
        let until = clock::now() + LISTEN;
        while self.connected > 0 && self.ledger.flow.inside() == 0 && clock::now() < until {
            engine.wait(Wait::Until(until), self)?;
        }
        Ok(())
    }
}

/// A server may say that it gives up waiting for a request (RFC 9110, section 15.5.9): that
/// belongs to none, and the connection ends with it.
fn is_farewell(bytes: &[u8]) -> bool {
    [b"HTTP/1.1 408", b"HTTP/1.0 408"]
        .iter()
        .any(|start| bytes.starts_with(*start))
}
