//! Sockets as the instrument opens them: pinned congestion control, no Nagle delay, and a second
//! loopback source address where one has too few ports.

use crate::spec::Close;
use std::mem::size_of;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::RawFd;

/// `SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE` of <linux/net_tstamp.h>: stamp
/// packets as they arrive, and report that stamp.
const RX_SOFTWARE: libc::c_int = (1 << 3) | (1 << 4);

/// Everything that one connection needs to be opened.
#[derive(Clone, Debug)]
pub struct Opener {
    /// The server.
    pub address: SocketAddr,
    /// Congestion control by the kernel's name.
    pub congestion: std::ffi::CString,
    /// How to close.
    pub close: Close,
    /// Connections from one loopback source address.
    pub per_source: usize,
    /// The first slot's number over all threads: it decides the source address.
    pub first_slot: usize,
}

/// An address in the kernel's form.
pub struct RawAddress {
    storage: libc::sockaddr_storage,
    length: libc::socklen_t,
}

impl RawAddress {
    pub fn as_ptr(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    pub fn len(&self) -> libc::socklen_t {
        self.length
    }
}

impl From<SocketAddr> for RawAddress {
    fn from(address: SocketAddr) -> Self {
        // SAFETY: all zeroes is a valid sockaddr_storage.
        let mut storage: libc::sockaddr_storage = unsafe { std::mem::zeroed() };
        let length = match address {
            SocketAddr::V4(v4) => {
                let raw = libc::sockaddr_in {
                    sin_family: libc::AF_INET as u16,
                    sin_port: v4.port().to_be(),
                    sin_addr: libc::in_addr {
                        s_addr: u32::from(*v4.ip()).to_be(),
                    },
                    sin_zero: [0; 8],
                };
                // SAFETY: sockaddr_storage is large and aligned enough for every address.
                unsafe { (&raw mut storage).cast::<libc::sockaddr_in>().write(raw) };
                size_of::<libc::sockaddr_in>()
            }
            SocketAddr::V6(v6) => {
                let raw = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as u16,
                    sin6_port: v6.port().to_be(),
                    sin6_flowinfo: v6.flowinfo(),
                    sin6_addr: libc::in6_addr {
                        s6_addr: v6.ip().octets(),
                    },
                    sin6_scope_id: v6.scope_id(),
                };
                // SAFETY: as above.
                unsafe { (&raw mut storage).cast::<libc::sockaddr_in6>().write(raw) };
                size_of::<libc::sockaddr_in6>()
            }
        };
        Self {
            storage,
            length: length as libc::socklen_t,
        }
    }
}

impl Opener {
    /// A socket for `slot`, not yet connected. io_uring wants it to block: it would take
    /// "not now" for an answer otherwise. The error is an errno.
    pub fn socket(&self, slot: u32, blocks: bool, stamps: bool) -> Result<RawFd, i32> {
        let family = if self.address.is_ipv4() {
            libc::AF_INET
        } else {
            libc::AF_INET6
        };
        let mode = if blocks { 0 } else { libc::SOCK_NONBLOCK };
        let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | mode;
        // SAFETY: no pointers.
        let fd = unsafe { libc::socket(family, kind, 0) };
        if fd < 0 {
            return Err(errno());
        }
        let prepared = self.prepare(fd, slot, stamps);
        if let Err(errno) = prepared {
            // SAFETY: `fd` is ours and not used again.
            unsafe { libc::close(fd) };
            return Err(errno);
        }
        Ok(fd)
    }

    fn prepare(&self, fd: RawFd, slot: u32, stamps: bool) -> Result<(), i32> {
        set(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, &1i32)?;
        // SAFETY: the name is a valid C string of the given length.
        let set_cc = unsafe {
            libc::setsockopt(
                fd,
                libc::IPPROTO_TCP,
                libc::TCP_CONGESTION,
                self.congestion.as_ptr().cast(),
                self.congestion.as_bytes().len() as libc::socklen_t,
            )
        };
        if set_cc < 0 {
            return Err(errno());
        }
        if self.close == Close::Reset {
            set(
                fd,
                libc::SOL_SOCKET,
                libc::SO_LINGER,
                &libc::linger {
                    l_onoff: 1,
                    l_linger: 0,
                },
            )?;
        }
        if stamps {
            // Best effort: without it there is one distribution less.
            let _ = ask_for_stamps(fd);
        }
        let Some(source) = self.source(slot) else {
            return Ok(());
        };
        set(fd, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, &1i32)?;
        let raw = RawAddress::from(source);
        // SAFETY: `raw` holds an address of the given length.
        if unsafe { libc::bind(fd, raw.as_ptr(), raw.len()) } < 0 {
            Err(errno())
        } else {
            Ok(())
        }
    }

    /// The loopback source address of `slot`, from the second one on.
    fn source(&self, slot: u32) -> Option<SocketAddr> {
        let index = (self.first_slot + slot as usize) / self.per_source;
        match self.address {
            SocketAddr::V4(to) if to.ip().is_loopback() && index > 0 => {
                let ip = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + index as u32);
                Some(SocketAddrV4::new(ip, 0).into())
            }
            _ => None,
        }
    }
}

/// Asks the kernel to stamp what the socket receives; connections accepted from a listener
/// inherit it. The error is an errno.
pub fn ask_for_stamps(fd: RawFd) -> Result<(), i32> {
    set(fd, libc::SOL_SOCKET, libc::SO_TIMESTAMPING, &RX_SOFTWARE)
}

/// The ephemeral ports that one source address has towards one server.
pub fn ephemeral_ports() -> usize {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let mut ends = range
        .iter()
        .flat_map(|text| text.split_whitespace())
        .map(str::parse::<usize>);
    match (ends.next(), ends.next()) {
        (Some(Ok(low)), Some(Ok(high))) if high > low => high - low,
        // The kernel's default range.
        _ => 60_999 - 32_768,
    }
}

fn set<T>(fd: RawFd, level: libc::c_int, name: libc::c_int, value: &T) -> Result<(), i32> {
    let size = size_of::<T>() as libc::socklen_t;
    // SAFETY: `value` is valid for `size` bytes.
    let failed =
        unsafe { libc::setsockopt(fd, level, name, std::ptr::from_ref(value).cast(), size) };
    if failed < 0 { Err(errno()) } else { Ok(()) }
}

/// The socket's pending error; 0 if there is none.
pub fn pending_error(fd: RawFd) -> i32 {
    let mut value: libc::c_int = 0;
    let mut size = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `value` and `size` are valid for the call to fill in.
    let failed = unsafe {
        libc::getsockopt(
            fd,
            libc::SOL_SOCKET,
            libc::SO_ERROR,
            (&raw mut value).cast(),
            &mut size,
        )
    };
    if failed < 0 { errno() } else { value }
}

/// The calling thread's errno.
pub fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
