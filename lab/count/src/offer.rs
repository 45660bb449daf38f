//! The load: a given number of requests on connections that stay open.
//!
//! At both ends no request is on its way, so the requests of a batch are exactly as many as were
//! asked for. In between, some connections rest: an answered one goes to the end of a queue, and
//! the one that has waited longest is asked next. So the server has `connections - resting`
//! requests before it at all times, and a connection gets its next request only after others have
//! been answered. A goroutine that has answered reads again at once; whether it finds a request or
//! goes to sleep would else be a race between server and client, which a neighbour on the machine
//! decides, and going to sleep costs a Go server some thousand instructions.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use load::http::Parser;

use crate::CountError;
use crate::ask::{Ask, is_message};

/// How long no answer at all may come.
const PATIENCE: Duration = Duration::from_secs(20);
/// What is read at once.
const BUFFER: usize = 64 * 1024;

/// Connections to one server.
#[derive(Debug)]
pub struct Connections {
    server: String,
    all: Vec<Connection>,
    resting: usize,
    /// Number of the next request.
    next: usize,
    /// What `/json` was answered by first.
    first: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    parser: Parser,
    /// The request that it waits for; nothing while it rests.
    asked: Option<usize>,
    body: Vec<u8>,
}

/// What was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offered {
    /// Requests, all answered rightly.
    pub requests: u64,
    /// How often all had been answered and the next ones were still to be sent: then the server had
    /// nothing to do. The end of the batch does not count.
    pub dry: u64,
}

impl Connections {
    /// Opens them. `resting` of them are not asked at any time.
    ///
    /// # Errors
    /// [`CountError::Io`].
    pub fn open(
        server: &str,
        address: SocketAddr,
        connections: usize,
        resting: usize,
    ) -> Result<Self, CountError> {
        let open = || -> std::io::Result<Connection> {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            Ok(Connection {
                stream,
                parser: Parser::default(),
                asked: None,
                body: Vec::new(),
            })
        };
        let all = (0..connections)
            .map(|_| open().map_err(CountError::io(format!("connect to {server} on {address}"))))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            server: server.to_owned(),
            all,
            resting: resting.min(connections.saturating_sub(1)),
            next: 0,
            first: None,
        })
    }

    /// Asks so many requests and waits for all answers. `stop` is asked now and then whether to go on.
    ///
    /// # Errors
    /// [`CountError`] at the first answer that is wrong or does not come.
    pub fn offer(
        &mut self,
        ask: &Ask,
        requests: u64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Offered, CountError> {
        let mut rested: VecDeque<usize> = (0..self.all.len()).collect();
        let (mut to_send, mut to_come) = (requests, requests);
        let mut dry = 0;
        let mut last = Instant::now();
        let mut answered = Vec::new();
        let mut buffer = vec![0; BUFFER];
        loop {
            let at_once = self.all.len() - self.resting;
            while to_send > 0 && self.all.len() - rested.len() < at_once {
                let Some(which) = rested.pop_front() else {
                    break;
                };
                self.send(which, ask)?;
                to_send -= 1;
            }
            if to_come == 0 {
                return Ok(Offered { requests, dry });
            }
            let ready = self.ready()?;
            if stop() {
                return Err(CountError::CutShort);
            }
            for which in ready {
                if self.receive(which, ask, &mut buffer)? {
                    answered.push(which);
                }
            }
            if !answered.is_empty() {
                last = Instant::now();
            } else if last.elapsed() > PATIENCE {
                return Err(CountError::Silent {
                    server: self.server.clone(),
                    waiting: self.all.len() - rested.len(),
                    seconds: PATIENCE.as_secs(),
                });
            }
            to_come -= answered.len() as u64;
            rested.extend(answered.drain(..));
            dry += u64::from(rested.len() == self.all.len() && to_send > 0);
        }
    }

    fn send(&mut self, which: usize, ask: &Ask) -> Result<(), CountError> {
        let number = self.next;
        self.next += 1;
        let request = ask.request(number);
        let connection = &mut self.all[which];
        connection.parser.begin(false);
        connection.body.clear();
        connection.asked = Some(number);
        // A request is shorter than any socket's buffer, which is empty: it goes as a whole.
        let sent = connection.stream.write_all(&request.bytes);
        sent.map_err(|e| self.wrong(ask, number, &format!("the connection is gone ({e})")))
    }

    /// Takes what has come; whether that completes the answer.
    fn receive(&mut self, which: usize, ask: &Ask, buffer: &mut [u8]) -> Result<bool, CountError> {
        let connection = &mut self.all[which];
        let Some(number) = connection.asked else {
            let what = "bytes came that nobody had asked for, or the connection was closed";
            return Err(self.wrong(ask, self.next, what));
        };
        let n = match connection.stream.read(buffer) {
            Ok(0) => return Err(self.wrong(ask, number, "the connection was closed")),
            Ok(n) => n,
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                return Ok(false);
            }
            Err(e) => return Err(self.wrong(ask, number, &e.to_string())),
        };
        let Connection { parser, body, .. } = connection;
        let fed = parser.feed(&buffer[..n], &mut |part| body.extend_from_slice(part));
        let answer = match fed {
            Ok(None) => return Ok(false),
            Ok(Some(answer)) => answer,
            Err(fault) => return Err(self.wrong(ask, number, &format!("{fault:?}"))),
        };
        if answer.status != 200 {
            return Err(self.wrong(ask, number, &format!("status {}", answer.status)));
        }
        if !answer.keep_alive {
            return Err(self.wrong(ask, number, "the connection ends with it"));
        }
        self.all[which].asked = None;
        let body = std::mem::take(&mut self.all[which].body);
        let right = match (&ask.request(number).body, &self.first) {
            (Some(wanted), _) | (None, Some(wanted)) => body == *wanted,
            (None, None) => is_message(&body),
        };
        if !right {
            let start = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            return Err(self.wrong(ask, number, &format!("the body `{start}`")));
        }
        match &mut self.first {
            None if ask.request(number).body.is_none() => self.first = Some(body),
            // Its memory is used again.
            _ => self.all[which].body = body,
        }
        Ok(true)
    }

    fn wrong(&self, ask: &Ask, number: usize, what: &str) -> CountError {
        CountError::Wrong {
            server: self.server.clone(),
            request: ask.request(number).line.clone(),
            what: what.to_owned(),
        }
    }

    /// The connections on which something has come, or was closed; waits for at most a second.
    fn ready(&self) -> Result<Vec<usize>, CountError> {
        let mut polled: Vec<libc::pollfd> = (self.all.iter())
            .map(|c| libc::pollfd {
                fd: c.stream.as_raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            })
            .collect();
        // SAFETY: the pointer is to as many structures as are said, which live through the call.
        let found = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, 1000) };
        if found < 0 {
            let error = std::io::Error::last_os_error();
            if error.kind() == ErrorKind::Interrupted {
                return Ok(Vec::new());
            }
            return Err(CountError::io("wait for answers")(error));
        }
        let ready = polled.iter().enumerate().filter(|(_, p)| p.revents != 0);
        Ok(ready.map(|(which, _)| which).collect())
    }
}
