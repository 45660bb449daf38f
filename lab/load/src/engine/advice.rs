//! Errnos in words, and what each of them asks the user to look at: a port that this machine has
//! not got is no refusal by the server.

/// An errno in words.
pub fn errno_text(errno: i32) -> String {
    if errno == 0 {
        return "the server closed the connection".into();
    }
    std::io::Error::from_raw_os_error(errno).to_string()
}

/// True where a connection could not be opened for a reason on this side: no port, descriptor,
/// memory, address or route.
pub fn is_local(errno: i32) -> bool {
    matches!(
        errno,
        libc::EADDRNOTAVAIL
            | libc::EADDRINUSE
            | libc::EAGAIN
            | libc::EAFNOSUPPORT
            | libc::EMFILE
            | libc::ENFILE
            | libc::ENOBUFS
            | libc::ENOMEM
            | libc::ENETUNREACH
            | libc::ENETDOWN
            | libc::EPERM
            | libc::EACCES
    )
}

/// What to do about a connection that could not be opened, as a sentence.
pub fn connect_advice(errno: i32) -> &'static str {
    match errno {
        0 => {
            "It takes connections and closes them before any request: is it limited to fewer, or \
             no HTTP server?"
        }
        libc::ECONNREFUSED => "Is the server running and listening there?",
        libc::ECONNRESET | libc::EPIPE => {
            "It, or a proxy before it, takes connections and resets them: look at its log."
        }
        libc::ETIMEDOUT => {
            "Nothing answered there at all: a firewall may drop the packets, or the server does \
             not accept and its backlog is full."
        }
        libc::EADDRNOTAVAIL | libc::EADDRINUSE | libc::EAGAIN => {
            "This machine has no address or no free port left for it; a port stays taken for a \
             minute after a connection was closed with a FIN. Close with a reset, use fewer \
             connections or lower connections_per_source, or widen net.ipv4.ip_local_port_range; \
             for an IPv6 address, look whether IPv6 is on."
        }
        libc::ENETUNREACH | libc::EHOSTUNREACH | libc::ENETDOWN | libc::EHOSTDOWN => {
            "This machine has no way there: check the address and the route, and that the \
             interface is up (for 127.0.0.1: ip link set lo up)."
        }
        libc::EAFNOSUPPORT => "This machine has no such addresses (IPv6 is off?): give another.",
        libc::EMFILE | libc::ENFILE => {
            "This side has no descriptor left: raise ulimit -n, or use fewer connections."
        }
        libc::ENOBUFS | libc::ENOMEM => {
            "This machine has no memory left for sockets: use fewer connections, or raise \
             net.ipv4.tcp_mem."
        }
        libc::EPERM | libc::EACCES => {
            "This machine forbids it: look at its firewall and security policy."
        }
        _ => "That is what the kernel says; the server may not have seen the attempt.",
    }
}

#[cfg(test)]
mod tests {
    use super::{connect_advice, is_local};

    #[test]
    fn only_a_refusal_asks_whether_the_server_runs() {
        let refused = connect_advice(libc::ECONNREFUSED);
        assert!(refused.contains("running") && !is_local(libc::ECONNREFUSED));
        for (errno, says) in [
            (libc::EADDRNOTAVAIL, "port"),
            (libc::ENETUNREACH, "route"),
            (libc::EHOSTUNREACH, "route"),
            (libc::EMFILE, "ulimit"),
            (libc::ETIMEDOUT, "backlog"),
            (libc::ECONNRESET, "resets"),
            (0, "closes them"),
            (libc::EIO, "kernel"),
        ] {
            let said = connect_advice(errno);
            assert!(said.contains(says), "{errno}: {said}");
            assert!(!said.contains("running"), "{errno}: {said}");
        }
        // A host that cannot be reached may be down: that is not known to be this side.
        assert!(is_local(libc::EADDRNOTAVAIL) && is_local(libc::ENETUNREACH));
        assert!(!is_local(libc::EHOSTUNREACH) && !is_local(libc::ETIMEDOUT) && !is_local(0));
    }
}
