//! What both engines promise of sending, held against a server that reads when it is told to.

use super::{Engine, Epoll, Handler, Io, Opened, Opener, Uring, Wait};
use crate::LoadError;
use crate::request::Message;
use crate::spec::Close;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use sys::clock::{self, MILLI, SECOND};

/// Longer than the buffers of two sockets, unless somebody has tuned them far up.
const LONG: usize = 48 << 20;
/// How long to wait for what must come.
const PATIENCE: u64 = 240 * SECOND;

/// Writes down what an engine tells.
#[derive(Default)]
struct Log {
    connected: usize,
    received: Vec<u8>,
    /// Whether the connection was sending when bytes came, each time.
    was_sending: Vec<bool>,
    ended: Vec<i32>,
}

impl<'a, I: Io<'a>> Handler<'a, I> for Log {
    fn connected(&mut self, _: &mut I, _: u32) {
        self.connected += 1;
    }

    fn received(&mut self, io: &mut I, slot: u32, bytes: &[u8], _: Option<u64>, _: bool) {
        self.received.extend_from_slice(bytes);
        self.was_sending.push(io.is_sending(slot));
    }

    fn ended(&mut self, io: &mut I, slot: u32, errno: i32) {
        self.ended.push(errno);
        io.close(slot);
    }
}

/// Waits until `done`, which must come.
#[track_caller]
fn wait_until<E: Engine<'static>>(
    engine: &mut E,
    log: &mut Log,
    done: impl Fn(&mut E, &Log) -> bool,
) {
    let begun = clock::now();
    while !done(engine, log) {
        let now = clock::now();
        assert!(now < begun + PATIENCE, "{}: it never came", E::NAME);
        engine.wait(Wait::Until(now + MILLI), log).unwrap();
    }
}

fn open<E: Engine<'static>>(
    engine: &mut E,
    log: &mut Log,
    slot: u32,
    listener: &TcpListener,
) -> TcpStream {
    let before = log.connected;
    assert_eq!(engine.io().open(slot, None), Ok(Opened::Connecting));
    wait_until(engine, log, |_, log| log.connected > before);
    assert!(
        !engine.io().is_sending(slot),
        "{}: nothing was sent",
        E::NAME
    );
    listener.accept().unwrap().0
}

fn pattern(length: usize) -> &'static [u8] {
    (0..length)
        .map(|i| (i % 251) as u8)
        .collect::<Vec<_>>()
        .leak()
}

/// One engine, one shape of message.
fn holds<E: Engine<'static>>(message: Message<'static>) -> Result<(), LoadError> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let opener = Opener {
        address: listener.local_addr().unwrap(),
        congestion: c"reno".into(),
        close: Close::Reset,
        per_source: 1000,
        first_slot: 0,
    };
    let mut engine = E::new(2, opener, 0)?;
    let mut log = Log::default();
    let mut server = open(&mut engine, &mut log, 0, &listener);

    // Nobody reads: it stays unsent however long one waits, and whatever comes meanwhile is known
    // to be early.
    engine.io().send(0, message).unwrap();
    server.write_all(b"early").unwrap();
    wait_until(&mut engine, &mut log, |_, log| log.received == b"early");
    for _ in 0..20 {
        let until = Wait::Until(clock::now() + MILLI);
        engine.wait(until, &mut log).unwrap();
        assert!(engine.io().is_sending(0), "{}", E::NAME);
    }
    assert!(
        log.was_sending.iter().all(|sending| *sending),
        "{}",
        E::NAME
    );

    // Once all has been read, all has been sent, each byte once and in order; what comes then may
    // be an answer.
    let reader = std::thread::spawn(move || {
        let mut got = vec![0; message.len()];
        server.read_exact(&mut got).unwrap();
        server.write_all(b" right").unwrap();
        (server, got)
    });
    wait_until(&mut engine, &mut log, |_, log| {
        log.received == b"early right"
    });
    assert_eq!(log.was_sending.last(), Some(&false), "{}", E::NAME);
    assert!(!engine.io().is_sending(0), "{}", E::NAME);
    let (mut server, got) = reader.join().unwrap();
    assert!(got == [message.head, message.body].concat(), "{}", E::NAME);

    // A short one behind it is sent at once, and does not follow anything else.
    let short = Message {
        head: b"GET",
        body: b"",
    };
    engine.io().send(0, short).unwrap();
    wait_until(&mut engine, &mut log, |engine, _| {
        !engine.io().is_sending(0)
    });
    let mut got = [0; 3];
    server.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"GET", "{}", E::NAME);

    // A connection that is closed in the middle leaves nothing to the next in its slot.
    let _server = open(&mut engine, &mut log, 1, &listener);
    engine.io().send(1, message).unwrap();
    engine.wait(Wait::Poll, &mut log).unwrap();
    assert!(engine.io().is_sending(1), "{}", E::NAME);
    engine.io().close(1);
    assert!(!engine.io().is_sending(1), "{}", E::NAME);
    let mut server = open(&mut engine, &mut log, 1, &listener);
    engine.io().send(1, short).unwrap();
    if engine.io().is_sending(1) {
        // It waits for others to be handed over with it.
        engine.wait(Wait::Poll, &mut log).unwrap();
    }
    // What has been sent comes without another call.
    let patience = std::time::Duration::from_nanos(PATIENCE);
    server.set_read_timeout(Some(patience)).unwrap();
    assert!(
        !engine.io().is_sending(1),
        "{}: a short one is taken whole",
        E::NAME
    );
    server.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"GET", "{}", E::NAME);
    assert_eq!(log.ended, [0; 0], "{}", E::NAME);
    Ok(())
}

#[test]
fn an_engine_knows_what_it_has_not_sent() {
    let long = pattern(LONG);
    let rendered = Message {
        head: long,
        body: b"",
    };
    let fixed = Message {
        head: &long[..100],
        body: &long[100..],
    };
    for message in [rendered, fixed] {
        holds::<Epoll<'static>>(message).unwrap();
        match holds::<Uring>(message) {
            Err(LoadError::Engine { reason, .. }) => println!("io_uring does not work: {reason}"),
            other => other.unwrap(),
        }
    }
}
