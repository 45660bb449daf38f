//! Real servers over real sockets, each as well or badly behaved as its handler.

#![allow(dead_code, reason = "each test program uses its part of this")]

use load::{EngineChoice, LoadError, Outcome, Span, Spec, SpecDraft};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What a test waits for comes long before: only what never comes takes so long, however many
/// others use the machine.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// Waits for what must come.
#[track_caller]
pub fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_there() {
        assert!(begun.elapsed() < PATIENCE, "{what}: it never came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// How many times longer than at first something is done at the most.
const LONGEST: u32 = 32;

/// Does something that a busy machine can keep from telling anything, such as a load whose measured
/// part falls into a pause of the machine: again and again, each time twice as long, until it tells
/// what the test is about. What it comes to in the end is returned whatever it says, to be judged.
///
/// What must always hold is asserted in `one`, or of what is returned, and is no part of `tells`.
pub fn until_it_tells<T>(one: impl Fn(u32) -> T, tells: impl Fn(&T) -> bool) -> T {
    let mut longer = 1;
    loop {
        let seen = one(longer);
        if tells(&seen) || longer == LONGEST {
            return seen;
        }
        longer *= 2;
    }
}

/// The clock that outcomes tell their times on, ns.
pub fn monotonic() -> u64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `now` is valid for the call to fill in.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// An address where nobody listens, and nobody can as long as this lives.
pub struct Nobody {
    pub address: SocketAddr,
    _socket: OwnedFd,
}

impl Nobody {
    pub fn new() -> Self {
        // SAFETY: the descriptor is new and has no other owner; all that is pointed to is valid for
        // its size.
        unsafe {
            let socket = libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0);
            assert!(socket >= 0);
            let socket = OwnedFd::from_raw_fd(socket);
            let mut at: libc::sockaddr_in = std::mem::zeroed();
            at.sin_family = libc::AF_INET as u16;
            at.sin_addr.s_addr = u32::from_ne_bytes([127, 0, 0, 1]);
            let mut size = size_of_val(&at) as u32;
            let place = (&raw mut at).cast();
            assert_eq!(libc::bind(socket.as_raw_fd(), place, size), 0);
            let told = libc::getsockname(socket.as_raw_fd(), place, &raw mut size);
            assert_eq!(told, 0);
            Self {
                address: ([127, 0, 0, 1], u16::from_be(at.sin_port)).into(),
                _socket: socket,
            }
        }
    }
}

/// One request as the server read it.
pub struct Request {
    pub line: String,
    pub path: String,
    pub head: String,
    pub body: Vec<u8>,
    /// Position on its connection, from 0.
    pub nth: u64,
}

/// A server that runs until it is dropped.
pub struct Server {
    pub address: SocketAddr,
    pub served: Arc<AtomicU64>,
    pub connections: Arc<AtomicU64>,
    /// Addresses that clients came from.
    pub peers: Arc<Mutex<Vec<SocketAddr>>>,
    stop: Arc<AtomicBool>,
    /// Those that are open, by their number.
    open: Arc<Mutex<HashMap<u64, TcpStream>>>,
}

impl Server {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn served(&self) -> u64 {
        self.served.load(Ordering::SeqCst)
    }

    /// Stops at once, as a killed process does: no new connections, the open ones reset.
    pub fn die(&self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the accepting thread, which then closes its listener.
        let _ = TcpStream::connect(self.address);
        for (_, stream) in self.open.lock().unwrap().drain() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.die();
    }
}

/// Starts a server with a thread per connection. The handler answers, or not; when it returns
/// false the connection is closed.
pub fn serve(
    handler: impl Fn(&Request, &mut TcpStream) -> std::io::Result<bool> + Send + Sync + 'static,
) -> Server {
    let served = Arc::new(AtomicU64::new(0));
    let counter = served.clone();
    let mut server = listen(false, move |stream| {
        let _ = connection(stream, &handler, &counter);
    });
    server.served = served;
    server
}

/// Starts a server that hands each connection, in a thread of its own, to `handler`. What the
/// handler has not shut down stays open after it.
pub fn accept(handler: impl Fn(TcpStream) + Send + Sync + 'static) -> Server {
    listen(true, handler)
}

/// Connections are kept open after their handler, or let go: thousands of short ones would else
/// take all descriptors that this process may have, and reset those of other servers in it.
fn listen(keeps: bool, handler: impl Fn(TcpStream) + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // After a pause of the machine all that fell due in it may come at once.
    // SAFETY: the descriptor is a listening socket's, whose backlog this raises.
    unsafe { libc::listen(listener.as_raw_fd(), 4096) };
    let server = Server {
        address: listener.local_addr().unwrap(),
        served: Arc::default(),
        connections: Arc::default(),
        peers: Arc::default(),
        stop: Arc::default(),
        open: Arc::default(),
    };
    let handler = Arc::new(handler);
    let connections = server.connections.clone();
    let (stop, open, peers) = (
        server.stop.clone(),
        server.open.clone(),
        server.peers.clone(),
    );
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            stream.set_nodelay(true).unwrap();
            let number = connections.fetch_add(1, Ordering::SeqCst);
            peers.lock().unwrap().extend(stream.peer_addr());
            let clone = stream.try_clone().map(|stream| (number, stream));
            open.lock().unwrap().extend(clone);
            let (handler, open) = (handler.clone(), open.clone());
            std::thread::spawn(move || {
                handler(stream);
                if !keeps {
                    open.lock().unwrap().remove(&number);
                }
            });
        }
    });
    server
}

fn connection(
    mut stream: TcpStream,
    handler: &(impl Fn(&Request, &mut TcpStream) -> std::io::Result<bool> + ?Sized),
    served: &AtomicU64,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    for nth in 0.. {
        let Some(request) = read_request(&mut reader, nth)? else {
            break;
        };
        served.fetch_add(1, Ordering::SeqCst);
        if !handler(&request, &mut stream)? {
            break;
        }
    }
    stream.shutdown(std::net::Shutdown::Both)
}

fn read_request(reader: &mut BufReader<TcpStream>, nth: u64) -> std::io::Result<Option<Request>> {
    let mut head = String::new();
    loop {
        let before = head.len();
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
        if &head[before..] == "\r\n" {
            break;
        }
    }
    let line = head.lines().next().unwrap_or_default().to_string();
    let path = line.split(' ').nth(1).unwrap_or_default().to_string();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Request {
        line,
        path,
        head,
        body,
        nth,
    }))
}

/// A well-formed answer.
pub fn answer(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A server that does all right: the body is the path.
pub fn echo_path() -> Server {
    serve(|request, stream| {
        stream.write_all(answer(200, &request.path).as_bytes())?;
        Ok(true)
    })
}

/// A short run: quick for the tests, long enough to have hundreds of requests. Whoever answers does
/// so before the timeout, on any machine.
pub fn short(url: String) -> SpecDraft {
    SpecDraft {
        connections: 4,
        lead_in: Span::from_millis(20),
        duration: Span::from_millis(150),
        timeout: Span::from_secs(60),
        ..SpecDraft::new(url)
    }
}

/// Runs `draft`, longer and longer until what came of it tells what the test is about: see
/// [`until_it_tells`].
pub fn run_until(draft: SpecDraft, tells: impl Fn(&Outcome) -> bool) -> Outcome {
    let longer = |longer| SpecDraft {
        duration: Span(draft.duration.0 * longer),
        ..draft.clone()
    };
    until_it_tells(|times| run(longer(times)).unwrap(), tells)
}

/// Runs `draft`, and holds what it returns to what must be true of every outcome.
pub fn run(draft: SpecDraft) -> Result<Outcome, LoadError> {
    let spec: Spec = draft.check().expect("the draft is right");
    let outcome = load::run(&spec)?;
    let counts = &outcome.counts;
    assert_eq!(counts.recorded, counts.ok + counts.failed, "{counts:?}");
    assert_eq!(counts.failed, outcome.errors.values().sum::<u64>());
    assert!(
        outcome.errors.keys().eq(outcome.examples.keys()),
        "every kind has its example"
    );
    assert_eq!(outcome.from_intended.count, counts.recorded);
    assert_eq!(outcome.from_intended.censored, counts.failed);
    assert!(
        outcome.little.imbalance.abs() < 0.005,
        "{:?}",
        outcome.little
    );
    assert_eq!(
        outcome.from_intended.decode().unwrap().len(),
        outcome.from_intended.count
    );
    Ok(outcome)
}

/// Runs the test on each engine that works here.
pub fn on_each_engine(test: impl Fn(EngineChoice)) {
    test(EngineChoice::Epoll);
    if uring_works() {
        test(EngineChoice::Uring);
    } else {
        println!("io_uring does not work here: this test ran on epoll only");
    }
}

fn uring_works() -> bool {
    let server = echo_path();
    let draft = SpecDraft {
        engine: EngineChoice::Uring,
        duration: Span::from_millis(5),
        lead_in: Span::from_millis(0),
        ..short(server.url("/"))
    };
    !matches!(
        load::run(&draft.check().unwrap()),
        Err(LoadError::Engine { .. })
    )
}
