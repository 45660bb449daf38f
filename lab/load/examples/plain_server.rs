//! A cheap server to measure load generators against: one thread, edge-triggered epoll, a fixed
//! answer. It counts what it serves: `GET /count` answers with the number of requests so far,
//! without itself.
//!
//! `plain_server PORT [BODY_BYTES]`

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

const EVENTS: usize = 512;

fn control(epoll: i32, fd: i32) {
    let events = (libc::EPOLLIN | libc::EPOLLRDHUP | libc::EPOLLET) as u32;
    let mut event = libc::epoll_event {
        events,
        u64: fd as u64,
    };
    // SAFETY: `event` is valid for the call.
    let failed = unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, fd, &mut event) };
    assert_eq!(failed, 0, "epoll_ctl");
}

fn main() {
    let mut args = std::env::args().skip(1);
    let port: u16 = args
        .next()
        .and_then(|a| a.parse().ok())
        .expect("usage: plain_server PORT [BODY_BYTES]");
    let length: usize = args
        .next()
        .map_or(128, |a| a.parse().expect("BODY_BYTES is a number"));
    let answer = format!(
        "HTTP/1.1 200 OK\r\nServer: plain\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{}",
        "x".repeat(length)
    );
    let listener = listen(port);
    // SAFETY: no pointers.
    let epoll = unsafe { libc::epoll_create1(0) };
    control(epoll, listener.as_raw_fd());
    let mut conns: HashMap<i32, TcpStream> = HashMap::new();
    let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; EVENTS];
    let mut buffer = vec![0u8; 64 * 1024];
    let mut served = 0u64;
    loop {
        // SAFETY: the buffer holds EVENTS events.
        let n = unsafe { libc::epoll_wait(epoll, events.as_mut_ptr(), EVENTS as i32, -1) };
        for event in events.iter().take(n.max(0) as usize) {
            let fd = event.u64 as i32;
            if fd == listener.as_raw_fd() {
                while let Ok((stream, _)) = listener.accept() {
                    let _ = stream.set_nodelay(true);
                    stream.set_nonblocking(true).expect("set_nonblocking");
                    control(epoll, stream.as_raw_fd());
                    conns.insert(stream.as_raw_fd(), stream);
                }
            } else if let Some(stream) = conns.get_mut(&fd)
                && !serve(stream, &mut buffer, answer.as_bytes(), &mut served)
            {
                conns.remove(&fd);
            }
        }
    }
}

/// A listener with a backlog for thousands of connections, which the standard library's lacks.
fn listen(port: u16) -> TcpListener {
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("bind");
    // SAFETY: no pointers; a second listen only changes the backlog.
    unsafe { libc::listen(listener.as_raw_fd(), 16_384) };
    listener.set_nonblocking(true).expect("set_nonblocking");
    listener
}

/// Answers what has come; false once the connection is over.
fn serve(stream: &mut TcpStream, buffer: &mut [u8], answer: &[u8], served: &mut u64) -> bool {
    loop {
        let n = match stream.read(buffer) {
            Ok(0) => return false,
            Ok(n) => n,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
            Err(_) => return false,
        };
        let request = &buffer[..n];
        if request.starts_with(b"GET /count ") {
            let body = served.to_string();
            let text = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            return stream.write_all(text.as_bytes()).is_ok();
        }
        // One request a read: no client of the comparison pipelines or splits its request.
        *served += 1;
        if stream.write_all(answer).is_err() {
            return false;
        }
        if memchr::memmem::find(request, b"onnection: close").is_some() {
            return false;
        }
        if n < buffer.len() {
            return true;
        }
    }
}
