//! Opening connections: all of them before the load, and lost ones anew.

use super::{Drive, Stage, State};
use crate::LoadError;
use crate::engine::{Engine, Io, Opened, Wait, connect_advice, errno_text, is_local};
use sys::clock::{self, SECOND};

/// Connections under way at once before the load: well below any server's backlog.
const AT_ONCE: u64 = 128;
/// Shortest time that the server is given to accept them.
const PATIENCE: u64 = 5 * SECOND;
/// The same where nobody listens, or none can be opened here: enough for a server that is just
/// starting.
const PATIENCE_REFUSED: u64 = SECOND;

impl<'a> Drive<'a> {
    /// Opens this thread's connections, or says why they cannot be.
    pub fn connect<E: Engine<'a>>(
        &mut self,
        engine: &mut E,
        address: &str,
    ) -> Result<(), LoadError> {
        let wanted = self.share.connections as u64;
        let begin = clock::now();
        let deadline = begin + self.timeout.max(PATIENCE);
        let first_deadline = begin + PATIENCE_REFUSED;
        let mut under_way = 0;
        while self.connected < wanted {
            let now = clock::now();
            self.heed_interrupt(now)?;
            let hopeless = self.last_failure == libc::ECONNREFUSED || is_local(self.last_failure);
            let refused = self.connected == 0 && hopeless;
            if now >= deadline || (refused && now >= first_deadline) {
                return Err(self.cannot_connect(address, wanted));
            }
            let at_once = if self.backoff.is_failing() {
                1
            } else {
                AT_ONCE
            };
            while under_way < at_once
                && self.connected + under_way < wanted
                && now >= self.backoff.not_before()
            {
                under_way += u64::from(self.open_idle(engine.io()));
            }
            let until = deadline.min(self.backoff.not_before().max(now + clock::MILLI));
            engine.wait(Wait::Until(until), self)?;
            under_way = self
                .slots
                .iter()
                .filter(|slot| slot.state == State::Connecting)
                .count() as u64;
        }
        Ok(())
    }

    /// Says why not all connections could be opened.
    fn cannot_connect(&self, address: &str, wanted: u64) -> LoadError {
        let seen = self.harvest.failed_opens + self.harvest.lost_idle;
        let (reason, advice) = match &self.greeting {
            Some(greeting) => (
                format!("it spoke before any request did: {greeting}"),
                "Is it an HTTP server?",
            ),
            // Nothing failed: nothing happened at all.
            None if seen == 0 => (errno_text(libc::ETIMEDOUT), connect_advice(libc::ETIMEDOUT)),
            None => (
                errno_text(self.last_failure),
                connect_advice(self.last_failure),
            ),
        };
        LoadError::Connect {
            address: address.into(),
            opened: self.connected as usize,
            wanted: wanted as usize,
            reason,
            advice,
        }
    }

    /// Starts a connection without a request; false if that failed at once.
    fn open_idle<I: Io<'a>>(&mut self, io: &mut I) -> bool {
        let slot = self
            .free
            .pop_front()
            .expect("there are no more connections than slots");
        self.slots[slot as usize].served = 0;
        self.slots[slot as usize].state = State::Connecting;
        match io.open(slot, None) {
            Ok(Opened::Connecting | Opened::Sent) => true,
            Err(errno) => {
                self.open_failed(io, slot, errno);
                false
            }
        }
    }

    /// A connection without a request could not be opened.
    pub(super) fn open_failed<I: Io<'a>>(&mut self, io: &mut I, slot: u32, errno: i32) {
        self.last_failure = errno;
        self.harvest.failed_opens += 1;
        self.backoff.failed(clock::now());
        self.discard(io, slot);
    }

    /// Takes the connection out of its slot.
    pub(super) fn discard<I: Io<'a>>(&mut self, io: &mut I, slot: u32) {
        let state = &mut self.slots[slot as usize].state;
        self.connected -= u64::from(matches!(state, State::Idle | State::Busy));
        *state = State::Free;
        io.close(slot);
        self.free.push_back(slot);
        self.count_gone();
    }

    /// Books how many places of a closed loop have no connection from now on. An open loop opens
    /// them as it needs them.
    pub(super) fn count_gone(&mut self) {
        if self.closed {
            self.ledger.flow.gone(self.free.len() as u64, self.now);
        }
    }

    pub(super) fn count_open(&mut self) {
        self.connected += 1;
        self.harvest.opened += 1;
        self.harvest.peak_connections = self.harvest.peak_connections.max(self.connected);
    }

    /// True when there is a reason to open a connection now or when the pause ends.
    pub(super) fn wants_connection(&self) -> bool {
        let needed = if self.closed {
            self.stage < Stage::Drain
        } else {
            self.open.owed() > 0
        };
        needed && !self.free.is_empty()
    }

    /// Opens connections again, each together with the request that needs it: one at a time while
    /// the server refuses them.
    pub(super) fn reopen<I: Io<'a>>(&mut self, io: &mut I, now: u64) {
        let most = if self.backoff.is_failing() {
            1
        } else {
            self.free.len()
        };
        for _ in 0..most {
            if now < self.backoff.not_before() || !self.wants_connection() {
                return;
            }
            let slot = self
                .free
                .pop_front()
                .expect("a connection is wanted only if one is free");
            if self.closed {
                self.count_gone();
                self.start_next(io, slot);
            } else {
                self.begin_owed(io, slot);
            }
        }
    }
}
