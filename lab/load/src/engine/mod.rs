//! What moves the bytes. An engine knows sockets and events, and nothing of HTTP, schedules or
//! accounts; the load drives any engine through the two traits below, and is its [`Handler`].

mod advice;
#[cfg(test)]
mod contract;
mod epoll;
mod reach;
mod socket;
mod timer;
mod transfer;
mod uring;

pub use advice::{connect_advice, errno_text, is_local};
pub use epoll::Epoll;
pub use reach::first_reachable;
pub use socket::{Opener, ask_for_stamps, ephemeral_ports};
pub use transfer::receive_stamped;
pub use uring::Uring;

use crate::LoadError;
use crate::request::Message;

/// How long to wait for events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Only look.
    Poll,
    /// At most until this time (monotonic clock).
    Until(u64),
}

/// How a connection's opening went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Open already, and the first message is on its way.
    Sent,
    /// Under way: [`Handler::connected`] follows, and nothing has been sent.
    Connecting,
}

/// The sending half of an engine. Connections are named by their slot.
pub trait Io<'a> {
    /// Opens a connection in a free `slot` and sends `first` if that is possible at once.
    /// The error is an errno.
    fn open(&mut self, slot: u32, first: Option<Message<'a>>) -> Result<Opened, i32>;
    /// Sends all of `message`, now or as the socket takes it. The error is an errno.
    fn send(&mut self, slot: u32, message: Message<'a>) -> Result<(), i32>;
    /// True while a part of the last message has not been taken by the socket. What arrives
    /// meanwhile answers something else, or not all of it; and another message would end up
    /// inside this one.
    fn is_sending(&self, slot: u32) -> bool;
    /// Closes the connection; no event of it follows.
    fn close(&mut self, slot: u32);
}

/// What happened, told by an engine as it happens. Every call may use the sending half at once.
pub trait Handler<'a, I: Io<'a>> {
    /// The connection is open.
    fn connected(&mut self, io: &mut I, slot: u32);
    /// Bytes came. `stamp` is when the kernel put the last of them into the socket (monotonic
    /// clock) where known; `last` if the peer has already said that no more follow.
    fn received(&mut self, io: &mut I, slot: u32, bytes: &[u8], stamp: Option<u64>, last: bool);
    /// The peer ended the connection (`errno` 0), or it failed. The slot still has to be closed.
    fn ended(&mut self, io: &mut I, slot: u32, errno: i32);
}

/// An engine for up to a fixed number of connections of one thread.
pub trait Engine<'a>: Sized {
    /// Its sending half.
    type Io: Io<'a>;
    /// Its name in results.
    const NAME: &'static str;
    /// It can tell when the kernel received an answer.
    const STAMPS: bool;
    /// Sets up `slots` slots. Every `stamp_every`th read asks when the kernel received what it
    /// reads; none does where that is 0.
    fn new(slots: usize, opener: Opener, stamp_every: u32) -> Result<Self, LoadError>;
    /// The sending half.
    fn io(&mut self) -> &mut Self::Io;
    /// Waits for events and hands each to `handler`; returns how many there were.
    fn wait(
        &mut self,
        wait: Wait,
        handler: &mut impl Handler<'a, Self::Io>,
    ) -> Result<u32, LoadError>;
}
