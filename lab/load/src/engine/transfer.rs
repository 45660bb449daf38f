//! The system calls that move bytes, on non-blocking sockets.

use super::socket;
use crate::request::Message;
use std::os::fd::RawFd;
use sys::clock;

/// Receives what there is. The error is an errno.
#[inline]
pub fn receive(fd: RawFd, buffer: &mut [u8]) -> Result<usize, i32> {
    // SAFETY: the buffer is valid for its length.
    let count = unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), buffer.len(), 0) };
    if count < 0 {
        Err(socket::errno())
    } else {
        Ok(count as usize)
    }
}

/// Receives with the kernel's receive stamp, turned into the monotonic clock by `offset`.
pub fn receive_stamped(
    fd: RawFd,
    buffer: &mut [u8],
    offset: i64,
) -> (Result<usize, i32>, Option<u64>) {
    let mut part = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    // Room for one scm_timestamping (three timespecs) with its header, aligned.
    let mut control = [0u64; 16];
    // SAFETY: all zeroes is a valid msghdr.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = size_of_val(&control);
    // SAFETY: `message` points to a buffer and a control area that outlive the call.
    let count = unsafe { libc::recvmsg(fd, &mut message, 0) };
    if count < 0 {
        return (Err(socket::errno()), None);
    }
    // SAFETY: the kernel has filled in the control area and its length; the first timespec of
    // SCM_TIMESTAMPING is the software stamp.
    let stamp = unsafe {
        let header = libc::CMSG_FIRSTHDR(&message);
        (!header.is_null()
            && (*header).cmsg_level == libc::SOL_SOCKET
            && (*header).cmsg_type == libc::SCM_TIMESTAMPING)
            .then(|| {
                libc::CMSG_DATA(header)
                    .cast::<libc::timespec>()
                    .read_unaligned()
            })
    };
    let stamp = stamp
        .filter(|at| at.tv_sec != 0)
        .map(|at| (at.tv_sec * clock::SECOND as i64 + at.tv_nsec - offset).max(0) as u64);
    (Ok(count as usize), stamp)
}

/// Sends what the socket takes of `message` from `sent` on. The error is an errno.
#[inline]
pub fn send(fd: RawFd, message: &Message<'_>, sent: usize) -> Result<usize, i32> {
    let Message { head, body } = message;
    let count = if body.is_empty() || sent >= head.len() {
        let rest = if sent >= head.len() {
            &body[sent - head.len()..]
        } else {
            &head[sent..]
        };
        // SAFETY: `rest` is valid for its length.
        unsafe { libc::send(fd, rest.as_ptr().cast(), rest.len(), libc::MSG_NOSIGNAL) }
    } else {
        let rest = &head[sent..];
        let parts = [rest, body].map(|part| libc::iovec {
            iov_base: part.as_ptr().cast_mut().cast(),
            iov_len: part.len(),
        });
        // SAFETY: all zeroes is a valid msghdr; the parts outlive the call, which only reads.
        unsafe {
            let mut both: libc::msghdr = std::mem::zeroed();
            both.msg_iov = parts.as_ptr().cast_mut();
            both.msg_iovlen = 2;
            libc::sendmsg(fd, &both, libc::MSG_NOSIGNAL)
        }
    };
    if count < 0 {
        Err(socket::errno())
    } else {
        Ok(count as usize)
    }
}
