//! One thread's load: connections, the schedule and the ledger, driven by an engine's events.
//! The story is in [`Drive::run`]; answers are taken in `answer`, requests begun in `begin`.

mod answer;
mod attention;
mod backoff;
mod begin;
mod connect;
mod cut;
mod open_loop;
mod sample;
mod slot;
mod timeouts;
mod unasked;

pub use attention::Away;
pub use slot::State;

use crate::LoadError;
use crate::engine::{Engine, Io, Wait};
use crate::ledger::Ledger;
use crate::request::Pool;
use crate::spec::Spec;
use backoff::Backoff;
use open_loop::OpenLoop;
use sample::Sampler;
use slot::Slot;
use std::collections::VecDeque;
use std::time::Duration;
use sys::clock::{self, ProcessCpu, Scheduling};

/// Where in the run the load is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Connections are opened; no load.
    Setup,
    /// Load that is not recorded.
    LeadIn,
    Measured,
    /// Nothing new starts; what is owed or in flight is waited for.
    Drain,
}

/// What was read at one end of the measured part.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// When the end was noticed: as near to the planned time as the thread could be.
    pub at: u64,
    pub own_cpu: u64,
    pub scheduling: Scheduling,
    pub watched_cpu: Option<u64>,
}

/// Sums of the instrument itself over the measured part.
#[derive(Clone, Copy, Debug, Default)]
pub struct Work {
    /// Waits that may have slept, whatever ended them.
    pub sleeps: u64,
    /// Waits that brought events, and these.
    pub waits: u64,
    pub events: u64,
    pub spin_ns: u64,
}

/// What a thread brings home, beside its ledger.
#[derive(Clone, Copy, Debug, Default)]
pub struct Harvest {
    pub start: Reading,
    pub end: Reading,
    pub work: Work,
    pub away: Away,
    /// Most connections open at once.
    pub peak_connections: u64,
    /// Connections opened, and attempts that failed, over the whole run.
    pub opened: u64,
    pub failed_opens: u64,
    /// Connections that the server ended while they had no request.
    pub lost_idle: u64,
    /// Connections on which bytes came that no request had asked for.
    pub unsolicited: u64,
    /// Requests of the measured part that found every connection busy.
    pub waited_for_connection: u64,
    /// At the end of the measured part: requests due but not sent, and sent but not answered.
    pub owed_at_end: u64,
    pub in_flight_at_end: u64,
}

/// What a thread is to do.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    pub thread: usize,
    pub threads: usize,
    pub connections: usize,
    pub most_connections: usize,
}

/// Idle connections of a closed loop that are set going before events are looked at again.
const STARTS: usize = 64;

/// One thread's load.
pub struct Drive<'a> {
    pool: &'a Pool,
    closed: bool,
    timeout: u64,
    drain: u64,
    per_connection: u64,
    share: Share,
    slots: Vec<Slot>,
    /// Open and without a request, longest idle first. Entries whose slot has moved on are
    /// skipped.
    idle: VecDeque<u32>,
    /// Slots without a connection.
    free: VecDeque<u32>,
    backoff: Backoff,
    open: OpenLoop,
    spin: u64,
    /// A send is so recent, until then, that its answer is waited for without sleeping: going to
    /// sleep and waking up would take longer than a fast server.
    attentive_until: u64,
    /// When a spinning closed loop last looked for answers.
    looked: u64,
    /// The last wait was a look that found nothing.
    looked_in_vain: bool,
    /// The latest reading of the clock.
    now: u64,
    /// The same, or the end of the sleep that is planned.
    attended: u64,
    /// Gaps in its readings that are long beside the timeout, in their order.
    gaps: Vec<(u64, u64)>,
    /// When the thread looks at its clock next, whatever happens.
    next_look: u64,
    stage: Stage,
    /// The next planned change of stage.
    mark: u64,
    next_sweep: u64,
    next_request: u32,
    sampler: Sampler,
    watched: Option<ProcessCpu>,
    connected: u64,
    last_failure: i32,
    /// What the server said on a connection before the load.
    greeting: Option<String>,
    ledger: Ledger,
    harvest: Harvest,
}

impl<'a> Drive<'a> {
    /// A load that has not begun.
    pub fn new(spec: &Spec, pool: &'a Pool, share: Share) -> Self {
        let draft = spec.draft();
        let offset = pool.len() * share.thread / share.threads;
        Self {
            pool,
            closed: spec.is_closed(),
            timeout: draft.timeout.nanos(),
            drain: spec.drain(),
            per_connection: draft.requests_per_connection.unwrap_or(u64::MAX),
            share,
            slots: (0..share.most_connections)
                .map(|_| Slot::default())
                .collect(),
            idle: VecDeque::with_capacity(share.most_connections),
            free: (0..share.most_connections as u32).collect(),
            backoff: Backoff::default(),
            open: OpenLoop::new(draft, share.thread, share.threads),
            spin: draft.pacing.spin_of(draft.arrival).nanos(),
            attentive_until: 0,
            looked: 0,
            looked_in_vain: false,
            now: 0,
            attended: 0,
            gaps: Vec::new(),
            next_look: 0,
            stage: Stage::Setup,
            mark: u64::MAX,
            next_sweep: u64::MAX,
            next_request: offset as u32,
            sampler: Sampler::new(share.thread),
            // The first thread reads it for all.
            watched: draft
                .watch_pid
                .filter(|_| share.thread == 0)
                .and_then(ProcessCpu::of),
            connected: 0,
            last_failure: 0,
            greeting: None,
            ledger: Ledger::new(0, 1, 0, None),
            harvest: Harvest::default(),
        }
    }

    /// Offers the load from `begin` on: lead-in, measured part, drain.
    pub fn run<E: Engine<'a>>(
        mut self,
        spec: &Spec,
        engine: &mut E,
        begin: u64,
    ) -> Result<(Ledger, Harvest), LoadError> {
        let draft = spec.draft();
        let start = begin + draft.lead_in.nanos();
        let end = start + draft.duration.nanos();
        self.ledger = Ledger::new(
            start,
            end,
            self.timeout,
            draft.interval.map(crate::Span::nanos),
        );
        // All threads, and so all requests, begin at the same moment.
        std::thread::sleep(Duration::from_nanos(begin.saturating_sub(clock::now())));
        self.open.begin(begin);
        (self.now, self.attended) = (begin, begin);
        self.count_gone();
        self.stage = Stage::LeadIn;
        self.mark = start;
        self.next_sweep = begin + self.sweep_gap();
        loop {
            let now = clock::now();
            self.account_look(now);
            self.heed_interrupt(now)?;
            self.tick(engine.io(), now);
            if self.stage == Stage::Drain
                && (self.ledger.flow.inside() == 0
                    || now >= self.drain_end()
                    || self.is_drain_cut(now))
            {
                break;
            }
            self.wait(engine)?;
        }
        self.listen_on(engine)?;
        self.abandon_rest(engine.io());
        Ok((self.ledger, self.harvest))
    }

    /// Everything that time brings: changes of stage, timeouts, due requests, lost connections.
    fn tick<I: Io<'a>>(&mut self, io: &mut I, now: u64) {
        self.pass_mark(now);
        self.plan_look(now);
        if now >= self.next_sweep {
            self.next_sweep = now + self.sweep_gap();
            self.sweep(io, now);
        }
        if self.closed {
            self.start_idle(io);
        } else if self.release_at() <= now {
            self.release(io, now);
        }
        self.reopen(io, now);
    }

    /// When due requests are to be released at the latest; answers that come earlier take those
    /// along that are due by then.
    fn release_at(&self) -> u64 {
        if self.stage >= Stage::Drain {
            self.open.next_due()
        } else {
            self.open.wake(0)
        }
    }

    /// How long the engine may wait.
    fn until_next(&self, now: u64) -> Wait {
        let mut until = self.mark.min(self.next_sweep).min(self.next_look);
        if self.stage == Stage::Drain {
            until = until.min(self.drain_end());
        }
        if self.wants_connection() {
            until = until.min(self.backoff.not_before());
        }
        if self.closed && !self.idle.is_empty() && self.stage < Stage::Drain {
            return Wait::Poll;
        }
        if now < self.attentive_until && self.ledger.flow.inside() > 0 {
            return Wait::Poll;
        }
        until = until.min(self.open.wake(self.spin));
        if until <= now {
            Wait::Poll
        } else {
            Wait::Until(until)
        }
    }

    /// Changes the stage when its time has come. Called with every fresh time of the load, before
    /// anything is booked at it: so the books and the CPU clocks are cut at the same moment.
    #[inline]
    fn pass_mark(&mut self, now: u64) {
        while now >= self.mark {
            self.change_stage();
        }
        self.attend(now);
    }

    #[cold]
    fn change_stage(&mut self) {
        let reading = Reading {
            watched_cpu: self.watched.and_then(ProcessCpu::read),
            own_cpu: clock::thread_cpu(),
            scheduling: Scheduling::of_this_thread(),
            at: clock::now(),
        };
        if self.stage == Stage::LeadIn {
            self.harvest.start = reading;
            self.stage = Stage::Measured;
            self.mark = self.ledger.end;
            return;
        }
        self.harvest.end = reading;
        self.stage = Stage::Drain;
        self.mark = u64::MAX;
        self.open.finish(self.ledger.end);
        self.harvest.owed_at_end = self.open.owed() as u64;
        let busy = self.slots.iter().filter(|slot| slot.has_request()).count();
        self.harvest.in_flight_at_end = busy as u64;
    }
}
