//! What the environment asks of a server.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use crate::contract::mix;

const MAX_ROUTES: u32 = 100_000;
const MAX_MIDDLEWARE: u32 = 50;
const MAX_SPIN: u32 = 1_000_000_000;

/// What is asked for.
#[derive(Debug, PartialEq)]
pub struct Settings {
    /// `LISTEN`
    pub listen: SocketAddr,
    /// `ROUTES`: extra routes, each with its index.
    pub routes: Vec<(String, u32)>,
    /// `MIDDLEWARE`
    pub middleware: u32,
    /// `SPIN_NS`
    pub spin: Duration,
}

fn refuse(variable: &str, value: &str, allowed: &str) -> String {
    format!("{variable} is {value:?}, but it must be {allowed}.")
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    /// A sentence, where a value is not allowed.
    pub fn from_env() -> Result<Self, String> {
        Self::from(|name| std::env::var(name).unwrap_or_default())
    }

    fn from(get: impl Fn(&str) -> String) -> Result<Self, String> {
        for name in ["TLS_CERT", "TLS_KEY"] {
            if !get(name).is_empty() {
                return Err(refuse(name, &get(name), "absent: this server has no TLS"));
            }
        }
        Ok(Self {
            listen: listen(&get("LISTEN"), &get("LISTEN_BEYOND"))?,
            routes: routes(&get("ROUTES"))?,
            middleware: count("MIDDLEWARE", &get("MIDDLEWARE"), MAX_MIDDLEWARE)?,
            spin: Duration::from_nanos(count("SPIN_NS", &get("SPIN_NS"), MAX_SPIN)?.into()),
        })
    }
}

/// The loopback device only, and the one other address that a variable may name.
fn listen(value: &str, beyond: &str) -> Result<SocketAddr, String> {
    let other = match beyond {
        "" => None,
        _ => match beyond.parse::<IpAddr>() {
            Ok(other) if !other.is_unspecified() => Some(other),
            _ => {
                return Err(refuse(
                    "LISTEN_BEYOND",
                    beyond,
                    "one IP address of this machine, or absent",
                ));
            }
        },
    };
    let value = if value.is_empty() {
        "127.0.0.1:8080"
    } else {
        value
    };
    let bad = || {
        refuse(
            "LISTEN",
            value,
            "a loopback host and a port from 1 to 65535, such as 127.0.0.1:8080",
        )
    };
    // Names are not looked up, but for the one of the loopback device.
    let address = match value.strip_prefix("localhost:") {
        Some(_) => value.to_socket_addrs().ok().and_then(|mut all| all.next()),
        None => value.parse().ok(),
    };
    let address: SocketAddr = address.ok_or_else(bad)?;
    let allowed = address.ip().is_loopback() || Some(address.ip()) == other;
    if !allowed || address.port() == 0 {
        return Err(bad());
    }
    Ok(address)
}

fn count(variable: &str, value: &str, limit: u32) -> Result<u32, String> {
    if value.is_empty() {
        return Ok(0);
    }
    let number = value.parse().ok().filter(|&number| number <= limit);
    number.ok_or_else(|| {
        refuse(
            variable,
            value,
            &format!("a whole number from 0 to {limit}"),
        )
    })
}

fn routes(value: &str) -> Result<Vec<(String, u32)>, String> {
    let (number, set) = value.split_once(':').unwrap_or((value, "distinct"));
    let (prefix, between) = match set {
        "distinct" => ("", "/"),
        "shared" => ("/public/api/v1/catalogue/products/by-name", "/"),
        "beside" => ("/user", "/post/"),
        _ => ("?", ""),
    };
    let bad = || {
        let allowed = format!(
            "a count from 0 to {MAX_ROUTES}, alone or followed by :distinct, :shared or :beside"
        );
        refuse("ROUTES", value, &allowed)
    };
    if prefix == "?" || number.is_empty() && !value.is_empty() {
        return Err(bad());
    }
    let count = count("ROUTES", number, MAX_ROUTES).map_err(|_| bad())?;
    let path = |index: u32| {
        let name = mix(index ^ 0x006c_6162);
        format!(
            "{prefix}/{}{between}{}",
            proquint((name >> 16) as u16),
            proquint(name as u16)
        )
    };
    Ok((0..count).map(|index| (path(index), index)).collect())
}

/// 16 bits as consonant, vowel, consonant, vowel, consonant.
fn proquint(bits: u16) -> String {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aiou";
    let bits = usize::from(bits);
    [
        CONSONANTS[bits >> 12],
        VOWELS[bits >> 10 & 3],
        CONSONANTS[bits >> 6 & 15],
        VOWELS[bits >> 4 & 3],
        CONSONANTS[bits & 15],
    ]
    .map(char::from)
    .iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let get = |name: &str| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map_or("", |(_, v)| *v)
        };
        Settings::from(|name| get(name).to_owned())
    }

    #[test]
    fn what_is_allowed_is_read() {
        let none = of(&[]).unwrap();
        assert_eq!(
            (none.listen.to_string().as_str(), none.routes.len()),
            ("127.0.0.1:8080", 0)
        );
        let all = [
            ("LISTEN", "[::1]:80"),
            ("ROUTES", "2:shared"),
            ("MIDDLEWARE", "50"),
            ("SPIN_NS", "1000"),
        ];
        let all = of(&all).unwrap();
        assert_eq!((all.middleware, all.spin), (50, Duration::from_micros(1)));
        assert!(
            all.routes[1]
                .0
                .starts_with("/public/api/v1/catalogue/products/by-name/")
        );
        assert_eq!(
            of(&[("LISTEN", "10.0.0.1:80"), ("LISTEN_BEYOND", "10.0.0.1")])
                .unwrap()
                .listen
                .port(),
            80
        );
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        for (name, value) in [
            ("LISTEN", "10.0.0.1:80"),
            ("LISTEN", "127.0.0.1:0"),
            ("LISTEN", "somewhere"),
            ("LISTEN_BEYOND", "0.0.0.0"),
            ("ROUTES", "100001"),
            ("ROUTES", ":shared"),
            ("ROUTES", "1:other"),
            ("MIDDLEWARE", "51"),
            ("SPIN_NS", "-1"),
            ("TLS_CERT", "/cert.pem"),
        ] {
            assert!(
                of(&[(name, value)]).unwrap_err().starts_with(name),
                "{name}={value}"
            );
        }
    }
}
