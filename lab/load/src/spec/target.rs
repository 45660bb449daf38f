//! The URL's parts. Plain HTTP to an address or a host name: nothing else is offered.

use crate::LoadError;
use std::net::{SocketAddr, ToSocketAddrs};

/// Where the load goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Host as written: an address (IPv6 without its brackets) or a name.
    pub host: String,
    /// Port, 80 where not written.
    pub port: u16,
    /// The value of the `Host` header.
    pub authority: String,
    /// The path and query, `/` where not written.
    pub path: String,
}

impl Target {
    /// Takes `http://HOST[:PORT][/PATH]` apart; the error says what is wrong with it.
    pub fn parse(url: &str) -> Result<Self, String> {
        let Some(rest) = url.strip_prefix("http://") else {
            return Err("must start with http:// (TLS is not offered)".into());
        };
        let split = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(split);
        if path.contains('#') {
            return Err("must have no fragment (#...): it is never sent".into());
        }
        if authority.contains('@') {
            return Err("must have no user name: send an Authorization header instead".into());
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(v6) => {
                let (host, after) = v6.split_once(']').ok_or("has an unclosed [")?;
                (host, after.strip_prefix(':'))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        if host.is_empty() {
            return Err("has no host".into());
        }
        let port = match port {
            None => 80,
            Some(text) => text
                .parse::<u16>()
                .ok()
                .filter(|port| *port != 0)
                .ok_or_else(|| format!("has the port {text:?}; ports are 1 to 65535"))?,
        };
        let path = match path {
            "" => "/".to_string(),
            query if query.starts_with('?') => format!("/{query}"),
            path => path.to_string(),
        };
        Ok(Self {
            host: host.into(),
            port,
            authority: authority.into(),
            path,
        })
    }

    /// The first address of the host.
    pub fn resolve(&self) -> Result<SocketAddr, LoadError> {
        let failed = |reason: String| LoadError::Resolve {
            host: self.host.clone(),
            reason,
        };
        (self.host.as_str(), self.port)
            .to_socket_addrs()
            .map_err(|error| failed(error.to_string()))?
            .next()
            .ok_or_else(|| failed("the resolver returned none".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn urls_come_apart() {
        let t = Target::parse("http://127.0.0.1:8080/a?b=1").unwrap();
        assert_eq!(
            (t.host.as_str(), t.port, t.path.as_str()),
            ("127.0.0.1", 8080, "/a?b=1")
        );
        let t = Target::parse("http://[::1]:81").unwrap();
        assert_eq!((t.host.as_str(), t.port, t.path.as_str()), ("::1", 81, "/"));
        assert_eq!(t.authority, "[::1]:81");
        assert_eq!(Target::parse("http://localhost?x").unwrap().path, "/?x");
        for wrong in [
            "https://a",
            "a:80",
            "http://",
            "http://a:0",
            "http://a:x",
            "http://u@a",
            "http://a/#f",
        ] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }
}
