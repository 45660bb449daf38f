//! The few calls of the kernel's that the standard library has not.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// The result of a call that says -1 where it failed.
fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}

/// An epoll.
pub struct Epoll(OwnedFd);

impl Epoll {
    pub fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointers, and the descriptor is nobody else's.
        let fd = checked(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    pub fn add(&self, fd: RawFd, events: i32) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, events)
    }

    pub fn change(&self, fd: RawFd, events: i32) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, events)
    }

    fn control(&self, operation: i32, fd: RawFd, events: i32) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: events as u32,
            u64: fd as u64,
        };
        // SAFETY: the event lives through the call.
        checked(unsafe { libc::epoll_ctl(self.0.as_raw_fd(), operation, fd, &raw mut event) })?;
        Ok(())
    }

    /// Waits for events, -1 without end, else for so many milliseconds; how many there are.
    pub fn wait(&self, events: &mut [libc::epoll_event], milliseconds: i32) -> io::Result<usize> {
        let (at, length) = (events.as_mut_ptr(), events.len() as i32);
        // SAFETY: the kernel writes at most so many events.
        match checked(unsafe { libc::epoll_wait(self.0.as_raw_fd(), at, length, milliseconds) }) {
            Ok(count) => Ok(count as usize),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => Ok(0),
            Err(e) => Err(e),
        }
    }
}

/// A descriptor that is readable once it was rung.
pub struct Bell(OwnedFd);

impl Bell {
    pub fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointers, and the descriptor is nobody else's.
        let fd = checked(unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) })?;
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    pub fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    pub fn ring(&self) {
        let one = 1u64.to_ne_bytes();
        // SAFETY: the eight bytes live through the call. It is full only where it was rung.
        unsafe { libc::write(self.fd(), one.as_ptr().cast(), one.len()) };
    }

    pub fn silence(&self) {
        let mut count = [0; 8];
        // SAFETY: as above.
        unsafe { libc::read(self.fd(), count.as_mut_ptr().cast(), count.len()) };
    }
}

/// What a socket that is not waited for says.
pub enum Moved {
    /// So many bytes were moved; when reading, 0 is the end.
    Bytes(usize),
    /// It has none, or takes none.
    Later,
    /// It is of no more use.
    Broken,
}

pub fn read(fd: RawFd, to: &mut [u8]) -> Moved {
    // SAFETY: the kernel writes at most so many bytes.
    moved(|| unsafe { libc::recv(fd, to.as_mut_ptr().cast(), to.len(), 0) })
}

pub fn write(fd: RawFd, from: &[u8]) -> Moved {
    // SAFETY: the kernel reads at most so many bytes.
    moved(|| unsafe { libc::send(fd, from.as_ptr().cast(), from.len(), libc::MSG_NOSIGNAL) })
}

fn moved(mut call: impl FnMut() -> isize) -> Moved {
    loop {
        match call() {
            -1 => match io::Error::last_os_error().kind() {
                io::ErrorKind::Interrupted => {}
                io::ErrorKind::WouldBlock => return Moved::Later,
                _ => return Moved::Broken,
            },
            count => return Moved::Bytes(count as usize),
        }
    }
}

/// The next connection of a listener, waited for; its socket does not wait.
pub fn accept(listener: RawFd) -> io::Result<OwnedFd> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: no address is asked for, and the descriptor is nobody else's.
    let fd = checked(unsafe {
        libc::accept4(listener, std::ptr::null_mut(), std::ptr::null_mut(), flags)
    })?;
    let on: libc::c_int = 1;
    // SAFETY: the option lives through the call. Without it answers are only later.
    unsafe {
        let size = size_of_val(&on) as libc::socklen_t;
        libc::setsockopt(
            fd,
            libc::IPPROTO_TCP,
            libc::TCP_NODELAY,
            (&raw const on).cast(),
            size,
        );
        Ok(OwnedFd::from_raw_fd(fd))
    }
}

/// Ends one direction of a connection, or wakes who waits for a listener.
pub fn shutdown(fd: RawFd, how: libc::c_int) {
    // SAFETY: the call takes no pointers.
    unsafe { libc::shutdown(fd, how) };
}
