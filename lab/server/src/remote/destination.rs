//! Where another machine is: `ssh://user@host:port`.

use std::fmt;
use std::str::FromStr;

/// A machine that ssh reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    user: Option<String>,
    host: String,
    port: Option<u16>,
}

/// A destination that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no ssh://[user@]host[:port]: {1}")]
pub struct BadDestination(String, &'static str);

impl Destination {
    /// The words for ssh's command line.
    pub fn words(&self) -> Vec<String> {
        let port = self.port.map(|port| ["-p".to_owned(), port.to_string()]);
        let user = self.user.iter().map(|user| format!("{user}@"));
        let host: String = user.chain([self.host.clone()]).collect();
        port.into_iter().flatten().chain([host]).collect()
    }
}

impl FromStr for Destination {
    type Err = BadDestination;

    fn from_str(text: &str) -> Result<Self, BadDestination> {
        let bad = |why| BadDestination(text.to_owned(), why);
        let rest = text
            .strip_prefix("ssh://")
            .ok_or(bad("it does not begin with ssh://"))?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, rest) = match rest.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, rest),
        };
        // An IPv6 address stands in brackets, because it has colons of its own.
        let (host, port) = match rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, port)) => (
                host,
                Some(
                    port.strip_prefix(':')
                        .ok_or(bad("what follows the address is no port"))?,
                ),
            ),
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let port = port.map(|port| {
            port.parse()
                .ok()
                .filter(|p| *p > 0)
                .ok_or(bad("the port is no number up to 65535"))
        });
        // What begins with a hyphen would be an option of ssh's.
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-:%".contains(&b);
        let word =
            |word: &str| !word.is_empty() && !word.starts_with('-') && word.bytes().all(plain);
        if !word(host) {
            return Err(bad("the host is no name and no address"));
        }
        if !user.is_none_or(word) {
            return Err(bad("the user is no name"));
        }
        Ok(Self {
            user: user.map(str::to_owned),
            host: host.to_owned(),
            port: port.transpose()?,
        })
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ssh://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match self.host.contains(':') {
            true => write!(f, "[{}]", self.host)?,
            false => f.write_str(&self.host)?,
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_read_and_written() {
        for (text, words) in [
            ("ssh://bench", &["bench"][..]),
            ("ssh://me@bench:2222", &["-p", "2222", "me@bench"]),
            (
                "ssh://me@[fe80::1%eth0]:22",
                &["-p", "22", "me@fe80::1%eth0"],
            ),
            ("ssh://[::1]", &["::1"]),
        ] {
            let destination: Destination = text.parse().unwrap();
            assert_eq!(destination.words(), words);
            assert_eq!(destination.to_string(), text);
        }
        for bad in [
            "bench",
            "ssh://",
            "ssh://-oProxyCommand=x",
            "ssh://a b",
            "ssh://-l@host",
            "ssh://h:0",
            "ssh://h:99999",
            "ssh://[::1]22",
            "ssh://@h",
        ] {
            assert!(bad.parse::<Destination>().is_err(), "{bad}");
        }
    }
}
