//! The URL's parts. Plain HTTP to an address or a host name: nothing else is offered.

use crate::LoadError;
use std::net::{Ipv6Addr, SocketAddr, ToSocketAddrs};

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

/// The scheme, which may be written in capitals.
const SCHEME: &str = "http://";
/// Longest host name (RFC 1035).
const MAX_HOST: usize = 253;

impl Target {
    /// Takes `http://HOST[:PORT][/PATH]` apart; the error says what is wrong with it.
    pub fn parse(url: &str) -> Result<Self, String> {
        let rest = url
            .get(..SCHEME.len())
            .filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
            .map(|scheme| &url[scheme.len()..])
            .ok_or("must start with http:// (TLS is not offered)")?;
        if rest.contains('#') {
            return Err("must have no fragment (#...): it is never sent".into());
        }
        let split = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(split);
        if authority.contains('@') {
            return Err("must have no user name: send an Authorization header instead".into());
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(v6) => {
                let (host, after) = v6.split_once(']').ok_or("has an unclosed [")?;
                check_v6(host)?;
                (host, port_text(after)?)
            }
            None => {
                let (host, after) =
                    authority.split_at(authority.find(':').unwrap_or(authority.len()));
                if after.matches(':').count() > 1 {
                    return Err(format!(
                        "has the host {authority:?}; an IPv6 address is written in brackets, as \
                         in http://[::1]:8080/"
                    ));
                }
                check_name(host)?;
                (host, port_text(after)?)
            }
        };
        let port = port.map_or(Ok(80), port_number)?;
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

    /// All addresses of the host, in the resolver's order, each once; at least one.
    pub fn resolve(&self) -> Result<Vec<SocketAddr>, LoadError> {
        let failed = |reason: String| LoadError::Resolve {
            host: self.host.clone(),
            reason,
        };
        let mut addresses = Vec::new();
        for address in (self.host.as_str(), self.port)
            .to_socket_addrs()
            .map_err(|error| failed(error.to_string()))?
        {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.is_empty() {
            return Err(failed("the resolver returned none".into()));
        }
        Ok(addresses)
    }
}

/// What is behind the host: a colon and the port, or nothing at all.
fn port_text(after: &str) -> Result<Option<&str>, String> {
    match after.strip_prefix(':') {
        Some(port) => Ok(Some(port)),
        None if after.is_empty() => Ok(None),
        None => Err(format!(
            "has {after:?} behind the address; a port is written as in http://[::1]:8080/"
        )),
    }
}

/// Digits and nothing else: no sign, no space.
fn port_number(text: &str) -> Result<u16, String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse::<u16>()
        .ok()
        .filter(|port| digits && *port != 0)
        .ok_or_else(|| format!("has the port {text:?}; ports are 1 to 65535, in digits"))
}

fn check_v6(host: &str) -> Result<(), String> {
    if host.contains('%') {
        return Err(format!(
            "has the zone of {host:?}, which is not offered: give an address without one"
        ));
    }
    match host.parse::<Ipv6Addr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("has [{host}], which is no IPv6 address")),
    }
}

/// A host name, or an IPv4 address; the resolver says whether there is one.
fn check_name(host: &str) -> Result<(), String> {
    if host.is_empty() {
        return Err("has no host".into());
    }
    if host.len() > MAX_HOST {
        return Err(format!("has a host of more than {MAX_HOST} characters"));
    }
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    match host.chars().find(|c| !allowed(c)) {
        Some(odd) => Err(format!(
            "has {odd:?} in the host {host:?}; names are letters, digits, - . _ (others in their \
             xn-- form)"
        )),
        None => Ok(()),
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
        assert_eq!(Target::parse("http://[::1]/").unwrap().port, 80);
        assert_eq!(Target::parse("HTTP://localhost?x").unwrap().path, "/?x");
        assert_eq!(Target::parse("http://a:65535/@:x").unwrap().path, "/@:x");
    }

    #[test]
    fn what_could_be_taken_for_another_place_is_refused() {
        for (url, says) in [
            ("https://a", "http://"),
            ("a:80", "http://"),
            ("", "http://"),
            ("http:/a", "http://"),
            ("http://", "no host"),
            ("http:///x", "no host"),
            ("http://:80/", "no host"),
            ("http://a:0", "1 to 65535"),
            ("http://a:65536", "1 to 65535"),
            ("http://a:x", "1 to 65535"),
            ("http://a:+80", "1 to 65535"),
            ("http://a:-80", "1 to 65535"),
            ("http://a: 80", "1 to 65535"),
            ("http://a:", "1 to 65535"),
            ("http://a:80:90/", "brackets"),
            ("http://::1/", "brackets"),
            ("http://[::1]8080/", "\"8080\" behind"),
            ("http://[::1]x:80/", "behind"),
            ("http://[::1", "unclosed"),
            ("http://[::1]:+80/", "1 to 65535"),
            ("http://[127.0.0.1]/", "no IPv6"),
            ("http://[]/", "no IPv6"),
            ("http://[fe80::1%25eth0]/", "zone"),
            ("http://u@a", "user name"),
            ("http://u:p@a:80/", "user name"),
            ("http://a/#f", "fragment"),
            ("http://a#f", "fragment"),
            ("http://a b/", "' '"),
            ("http://a\r\nX: y/", "host"),
            ("http://{id}/", "'{'"),
            ("http://a\\b/", "host"),
            ("http://m\u{fc}nchen/", "xn--"),
        ] {
            let said = Target::parse(url).expect_err(url);
            assert!(said.contains(says), "{url}: {said:?} does not say {says:?}");
        }
    }
}
