//! The event source that Zero could have, by itself: the same answer to every request over epoll or over
//! io_uring, one thread, no parser beyond the end of a head. `README.md` has how the choice was made.
//!
//!     cargo run --release --example loops -- epoll 127.0.0.1:8091
//!     cargo run --release --example loops -- uring 127.0.0.1:8092

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, RawFd};

use io_uring::{IoUring, cqueue, opcode, squeue, types};

const SIZE: usize = 4096;

fn main() -> io::Result<()> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let [kind, address] = &words[..] else {
        eprintln!("usage: loops epoll|uring HOST:PORT");
        std::process::exit(2);
    };
    let listener = TcpListener::bind(address)?;
    match kind.as_str() {
        "epoll" => epoll(&listener),
        "uring" => uring(&listener),
        other => {
            eprintln!("There is no loop {other:?}; there are epoll and uring.");
            std::process::exit(2);
        }
    }
}

/// The answer to each request: 1,024 bytes of text.
fn answer() -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 1024\r\n\r\n";
    [head.as_bytes(), &[b'x'; 1024]].concat()
}

fn complete(request: &[u8]) -> bool {
    request.ends_with(b"\r\n\r\n")
}

fn epoll(listener: &TcpListener) -> io::Result<()> {
    let answer = answer();
    let mut buffer = [0; SIZE];
    // SAFETY: each call is given pointers and lengths of what lives through it.
    unsafe {
        let epoll = libc::epoll_create1(0);
        let add = |fd: RawFd| {
            let mut event = libc::epoll_event {
                events: libc::EPOLLIN as u32,
                u64: fd as u64,
            };
            libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, fd, &raw mut event);
        };
        add(listener.as_raw_fd());
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 256];
        loop {
            let count = libc::epoll_wait(epoll, events.as_mut_ptr(), 256, -1).max(0) as usize;
            for event in &events[..count] {
                let fd = event.u64 as RawFd;
                if fd == listener.as_raw_fd() {
                    let none = std::ptr::null_mut();
                    let new = libc::accept4(fd, none, none.cast(), libc::SOCK_NONBLOCK);
                    if new >= 0 {
                        add(new);
                    }
                    continue;
                }
                let read = libc::recv(fd, buffer.as_mut_ptr().cast(), SIZE, 0);
                if read <= 0 {
                    libc::close(fd);
                } else if complete(&buffer[..read as usize]) {
                    libc::send(fd, answer.as_ptr().cast(), answer.len(), libc::MSG_NOSIGNAL);
                }
            }
        }
    }
}

const ACCEPT: u64 = 0;
const RECV: u64 = 1;
const SEND: u64 = 2;

fn uring(listener: &TcpListener) -> io::Result<()> {
    let answer = answer();
    let mut buffers: Vec<Box<[u8; SIZE]>> = Vec::new();
    let mut ring = IoUring::builder()
        .setup_single_issuer()
        .setup_defer_taskrun()
        .build(1024)?;
    let accept = opcode::AcceptMulti::new(types::Fd(listener.as_raw_fd()));
    push(&mut ring, &accept.build().user_data(ACCEPT))?;
    loop {
        ring.submit_and_wait(1)?;
        let done: Vec<_> = ring.completion().collect();
        for entry in done {
            let (kind, fd, result) = (
                entry.user_data() & 3,
                (entry.user_data() >> 2) as RawFd,
                entry.result(),
            );
            match kind {
                ACCEPT if result >= 0 => {
                    while buffers.len() <= result as usize {
                        buffers.push(Box::new([0; SIZE]));
                    }
                    recv(&mut ring, &mut buffers, result)?;
                    if !cqueue::more(entry.flags()) {
                        let accept = opcode::AcceptMulti::new(types::Fd(listener.as_raw_fd()));
                        push(&mut ring, &accept.build().user_data(ACCEPT))?;
                    }
                }
                RECV if result > 0 && complete(&buffers[fd as usize][..result as usize]) => {
                    let send =
                        opcode::Send::new(types::Fd(fd), answer.as_ptr(), answer.len() as u32);
                    push(&mut ring, &send.build().user_data((fd as u64) << 2 | SEND))?;
                }
                RECV if result <= 0 => {
                    // SAFETY: the call takes no pointers.
                    unsafe { libc::close(fd) };
                }
                RECV | SEND => recv(&mut ring, &mut buffers, fd)?,
                _ => {}
            }
        }
    }
}

fn recv(ring: &mut IoUring, buffers: &mut [Box<[u8; SIZE]>], fd: RawFd) -> io::Result<()> {
    let buffer = &mut buffers[fd as usize];
    let recv = opcode::Recv::new(types::Fd(fd), buffer.as_mut_ptr(), SIZE as u32);
    push(ring, &recv.build().user_data((fd as u64) << 2 | RECV))
}

fn push(ring: &mut IoUring, entry: &squeue::Entry) -> io::Result<()> {
    // SAFETY: buffers are boxed and never freed, and the answer lives as long as the loop.
    while unsafe { ring.submission().push(entry) }.is_err() {
        ring.submit()?;
    }
    Ok(())
}
