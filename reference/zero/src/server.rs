//! The acceptor and the workers: a thread each. The acceptor hands connections to the workers in
//! turn, through a ring for each.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::app::Served;
use crate::ring::{Producer, ring};
use crate::sys::{self, Bell};
use crate::worker;

/// How many connections may wait for a worker.
const WAITING: usize = 1024;
/// How long the acceptor waits where there is no descriptor, or no worker has room.
const PAUSE: Duration = Duration::from_millis(5);

/// A server that runs.
pub struct Running {
    stop: Arc<AtomicBool>,
    bells: Vec<Arc<Bell>>,
    listener: Arc<TcpListener>,
    threads: Vec<JoinHandle<io::Result<()>>>,
}

/// Serves an application with so many workers, until it is stopped.
///
/// # Errors
/// Of the system, where a thread or a descriptor cannot be had.
pub fn serve(listener: TcpListener, app: Arc<Served>, workers: usize) -> io::Result<Running> {
    listener.set_nonblocking(false)?;
    let mut running = Running {
        stop: Arc::default(),
        bells: Vec::new(),
        listener: Arc::new(listener),
        threads: Vec::new(),
    };
    let mut lines = Vec::new();
    for number in 0..workers.max(1) {
        let (producer, consumer) = ring(WAITING);
        let bell = Arc::new(Bell::new()?);
        let (app, stop) = (Arc::clone(&app), Arc::clone(&running.stop));
        let own = Arc::clone(&bell);
        let name = thread::Builder::new().name(format!("worker-{number}"));
        let thread = name.spawn(move || worker::run(app, consumer, &own, &stop))?;
        running.threads.push(thread);
        running.bells.push(Arc::clone(&bell));
        lines.push((producer, bell));
    }
    let (listener, stop) = (Arc::clone(&running.listener), Arc::clone(&running.stop));
    let name = thread::Builder::new().name("acceptor".to_owned());
    let thread = name.spawn(move || {
        accept(&listener, lines, &stop);
        Ok(())
    })?;
    running.threads.push(thread);
    Ok(running)
}

impl Running {
    /// Waits until the server has stopped by itself, which it does only in trouble; gives the
    /// words of that.
    pub fn wait(self) -> Option<io::Error> {
        let mut failed = None;
        for thread in self.threads {
            match thread.join() {
                Ok(Ok(())) => {}
                Ok(Err(e)) => failed = Some(e),
                Err(_) => failed = Some(io::Error::other("a thread panicked")),
            }
        }
        failed
    }

    /// Stops the threads: requests that are being answered are answered, connections are closed.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Release);
        sys::shutdown(self.listener.as_raw_fd(), libc::SHUT_RDWR);
        for bell in &self.bells {
            bell.ring();
        }
        self.wait();
    }
}

fn accept(
    listener: &TcpListener,
    mut lines: Vec<(Producer<OwnedFd>, Arc<Bell>)>,
    stop: &AtomicBool,
) {
    let mut turn = 0;
    while !stop.load(Ordering::Acquire) {
        match sys::accept(listener.as_raw_fd()) {
            Ok(socket) => hand_over(&mut lines, &mut turn, socket, stop),
            // The client is gone again, or there are no descriptors: the kernel keeps who waits.
            Err(e) if e.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

/// Gives a connection to the next worker that has room.
fn hand_over(
    lines: &mut [(Producer<OwnedFd>, Arc<Bell>)],
    turn: &mut usize,
    mut socket: OwnedFd,
    stop: &AtomicBool,
) {
    while !stop.load(Ordering::Acquire) {
        for _ in 0..lines.len() {
            *turn = (*turn + 1) % lines.len();
            let (producer, bell) = &mut lines[*turn];
            match producer.push(socket) {
                Ok(()) => return bell.ring(),
                Err(back) => socket = back,
            }
        }
        thread::sleep(PAUSE);
    }
}
