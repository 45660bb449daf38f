//! The accounts of one thread: every request whose intended start lies in the measured part is
//! entered once and closed once, as right or as an error of one kind.

mod arrivals;
mod error;
mod flow;
mod latency;
mod series;

pub use arrivals::Arrivals;
pub use error::{ErrorKind, Errors, Example};
pub use flow::Flow;
pub use latency::Latency;
pub use series::{Row, Series};

/// The end of one request, as the ledger takes it.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// Intended start.
    pub due: u64,
    /// When it was given to the socket; absent if it never was.
    pub sent: Option<u64>,
    /// When its end was noticed.
    pub at: u64,
    /// When the kernel had the answer's last byte, where known.
    pub stamp: Option<u64>,
    /// What went wrong, if anything.
    pub error: Option<ErrorKind>,
}

/// Counts and distributions of one thread.
#[derive(Debug)]
pub struct Ledger {
    /// The measured part, monotonic nanoseconds.
    pub start: u64,
    pub end: u64,
    timeout: u64,
    /// Requests whose intended start lies in the measured part, that have ended.
    pub recorded: u64,
    /// Of these, sent.
    pub sent: u64,
    /// Of these, answered right.
    pub ok: u64,
    /// Of these, ended after the measured part.
    pub drained: u64,
    /// Of these, still without an end when the drain was over; they count as timeouts too.
    pub unfinished: u64,
    /// Right answers that came inside the measured part, whenever their requests started.
    pub completed: u64,
    /// Bytes received inside the measured part.
    pub bytes: u64,
    pub errors: Errors,
    /// Requests due before the measured part that were in the system in it.
    pub carried_in: u64,
    /// Of these, without a right answer, by kind; the examples are those of `errors`.
    pub carried_errors: Errors,
    /// Of the carried in ones, those in the system all through the measured part.
    pub spanned: u64,
    pub intended: Latency,
    pub from_send: Latency,
    pub lateness: Latency,
    pub until_socket: Latency,
    /// Requests given to a socket inside the measured part, whenever they were due.
    pub sent_inside: u64,
    /// When requests were given to a socket.
    pub sends: Arrivals,
    /// When due requests were taken notice of: with a connection free, the same.
    pub releases: Arrivals,
    pub flow: Flow,
    pub series: Option<Series>,
}

impl Ledger {
    /// An empty ledger for the measured part `start..end`.
    pub fn new(start: u64, end: u64, timeout: u64, interval: Option<u64>) -> Self {
        Self {
            start,
            end,
            timeout,
            recorded: 0,
            sent: 0,
            ok: 0,
            drained: 0,
            unfinished: 0,
            completed: 0,
            bytes: 0,
            errors: Errors::default(),
            carried_in: 0,
            carried_errors: Errors::default(),
            spanned: 0,
            intended: Latency::new(),
            from_send: Latency::new(),
            lateness: Latency::new(),
            until_socket: Latency::new(),
            sent_inside: 0,
            sends: Arrivals::new(start, end),
            releases: Arrivals::new(start, end),
            flow: Flow::new(start, end),
            series: interval.map(|length| Series::new(start, end, length)),
        }
    }

    /// True for a time in the measured part.
    #[inline]
    pub fn covers(&self, at: u64) -> bool {
        at >= self.start && at < self.end
    }

    /// A request was given to a socket; times come in order.
    #[inline]
    pub fn note_send(&mut self, at: u64) {
        self.sent_inside += u64::from(self.covers(at));
        self.sends.note(at);
    }

    /// Ends the measured part at `end`, which is earlier than planned and not yet past.
    pub fn cut_short(&mut self, end: u64) {
        self.end = end;
        self.sends.cut_short(end);
        self.releases.cut_short(end);
        self.flow.cut_short(end);
        if let Some(series) = &mut self.series {
            series.cut_short(end);
        }
    }

    /// Closes the account of one request.
    #[inline]
    pub fn close(&mut self, ending: &Ending) {
        let Ending {
            due,
            sent,
            at,
            stamp,
            error,
        } = *ending;
        self.flow.leave(due, at);
        self.completed += u64::from(error.is_none() && self.covers(at));
        if !self.covers(due) {
            if at >= self.start && due < self.start {
                self.close_carried(due, at, error);
            }
            return;
        }
        self.recorded += 1;
        self.sent += u64::from(sent.is_some());
        self.drained += u64::from(at >= self.end);
        if let Some(kind) = error {
            return self.close_failed(kind, ending);
        }
        self.ok += 1;
        let latency = at - due;
        self.intended.record(latency);
        if let Some(series) = &mut self.series {
            series.record(due, latency);
        }
        let sent = sent.unwrap_or(due);
        self.from_send.record(at - sent);
        if let Some(stamp) = stamp {
            self.until_socket.record(stamp.saturating_sub(sent));
        }
    }

    /// A failed request is recorded at its age, at the timeout at most: what is known of it is
    /// that it would have taken at least as long. Without it, to fail late would look better than
    /// to answer late.
    #[cold]
    fn close_failed(&mut self, kind: ErrorKind, ending: &Ending) {
        let Ending { due, sent, at, .. } = *ending;
        self.errors.count(kind);
        if kind.is_unanswered() {
            self.flow.lose(due, at);
        }
        let age = (at - due).min(self.timeout);
        self.intended.record_at_least(age);
        if let Some(series) = &mut self.series {
            series.record_failed(due, age);
        }
        if let Some(sent) = sent {
            self.from_send
                .record_at_least((at - sent).min(self.timeout));
        }
    }

    /// Closes the account of a request from before the measured part that was in the system in it.
    /// It is in no latency, and in the throughput only if it was answered in time.
    #[cold]
    fn close_carried(&mut self, due: u64, at: u64, error: Option<ErrorKind>) {
        let spanned = at >= self.end;
        self.carried_in += 1;
        self.spanned += u64::from(spanned);
        if let Some(kind) = error {
            self.carried_errors.count(kind);
        }
        if spanned || error.is_some_and(ErrorKind::is_unanswered) {
            self.flow.lose(due, at);
        }
    }

    /// Adds another thread's ledger of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.recorded += other.recorded;
        self.sent += other.sent;
        self.ok += other.ok;
        self.drained += other.drained;
        self.unfinished += other.unfinished;
        self.completed += other.completed;
        self.bytes += other.bytes;
        self.errors.merge(&other.errors);
        self.carried_in += other.carried_in;
        self.carried_errors.merge(&other.carried_errors);
        self.spanned += other.spanned;
        self.intended.merge(&other.intended);
        self.from_send.merge(&other.from_send);
        self.lateness.merge(&other.lateness);
        self.until_socket.merge(&other.until_socket);
        self.sent_inside += other.sent_inside;
        self.sends.merge(&other.sends);
        self.releases.merge(&other.releases);
        self.flow.merge(&other.flow);
        if let (Some(mine), Some(theirs)) = (&mut self.series, &other.series) {
            mine.merge(theirs);
        }
    }
}
