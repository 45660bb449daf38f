//! What is asked, and what a right answer is.

use catalog::Scenario;
use catalog::scenario::Body;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How many different requests a scenario with random ids is asked by: more than a cache of a server
/// would be expected to hold for long, and drawn from the seed, the same for both versions.
const POOL: usize = 16_384;

/// The requests of a scenario, in turn.
#[derive(Debug, Clone)]
pub struct Ask {
    requests: Vec<Request>,
}

/// One request with the body of its right answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Method and path, for messages.
    pub line: String,
    /// As it is sent.
    pub bytes: Vec<u8>,
    /// What has to come; nothing where the first answer decides ([`is_message`]) and all others have
    /// to be the same.
    pub body: Option<Vec<u8>>,
}

impl Ask {
    /// The requests of a scenario; what is random in them is drawn from `seed`.
    pub fn new(scenario: Scenario, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let asked = scenario.about();
        let requests = match asked.body {
            Body::Text(text) => vec![Request::new(asked.path, Some(text))],
            Body::Message => vec![Request::new(asked.path, None)],
            Body::Echo(text) => (0..POOL)
                .map(|_| {
                    // Of one width, so that every request has the same length.
                    let id = rng.random_range(100_000_000..=999_999_999_u64);
                    let slug = rng.random_range(100_000_000_000..=999_999_999_999_u64);
                    let with = |text: &str| {
                        let text = text.replace("{id}", &id.to_string());
                        text.replace("{slug}", &slug.to_string())
                    };
                    Request::new(&with(asked.path), Some(&with(text)))
                })
                .collect(),
        };
        Self { requests }
    }

    /// Request number `n`; after the last comes the first.
    pub fn request(&self, n: usize) -> &Request {
        &self.requests[n % self.requests.len()]
    }
}

impl Request {
    fn new(path: &str, body: Option<&str>) -> Self {
        Self {
            line: format!("GET {path}"),
            bytes: format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes(),
            body: body.map(|text| text.as_bytes().to_vec()),
        }
    }
}

/// Whether a body is what `/json` has to say; servers may write it with spaces or a newline.
pub fn is_message(body: &[u8]) -> bool {
    let said = serde_json::from_slice::<serde_json::Value>(body);
    said.is_ok_and(|value| value == serde_json::json!({ "message": "ok" }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::payload::PLAINTEXT;

    #[test]
    fn requests_are_drawn_from_the_seed_and_have_one_length() {
        let ask = Ask::new(Scenario::Params, 7);
        assert_eq!(ask.request(3), Ask::new(Scenario::Params, 7).request(3));
        assert_ne!(ask.request(3), Ask::new(Scenario::Params, 8).request(3));
        assert_eq!(ask.request(POOL + 3), ask.request(3));
        let lengths: Vec<_> = (0..100).map(|n| ask.request(n).bytes.len()).collect();
        assert!(lengths.windows(2).all(|w| w[0] == w[1]), "{lengths:?}");
        let plain = Ask::new(Scenario::Plaintext, 0);
        assert_eq!(plain.request(5).body.as_deref(), Some(PLAINTEXT.as_bytes()));
    }

    #[test]
    fn a_message_is_the_contracts_object_however_it_is_written() {
        assert!(is_message(b"{\"message\":\"ok\"}\n"));
        assert!(is_message(b" { \"message\" : \"ok\" }"));
        assert!(!is_message(b"{\"message\":\"no\"}"));
        assert!(!is_message(b"{\"message\":\"ok\",\"more\":1}"));
        assert!(!is_message(b""));
    }
}
