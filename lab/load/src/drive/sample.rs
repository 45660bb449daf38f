//! Looks at the header of some answers: drawn at random, so that no server knows which.

use crate::http::headers::{date, value};
use crate::spec::Sampled;
use sys::clock;

/// One answer of so many is looked at; a power of two.
const ONE_IN: u64 = 64;

/// Draws which answers are looked at.
#[derive(Debug)]
pub struct Sampler(u64);

impl Sampler {
    /// Another row of draws in each run and thread.
    pub fn new(thread: usize) -> Self {
        let seed = clock::realtime() ^ (thread as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(seed | 1)
    }

    /// Whether the next answer is one of them.
    #[inline]
    pub fn draw(&mut self) -> bool {
        // Marsaglia's xorshift: a few instructions, and no server sees its state.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 & (ONE_IN - 1) == 0
    }
}

/// What is wrong with a header block, if anything; its request was sent at a time of the monotonic
/// clock and its answer came now.
pub fn wrong(block: &[u8], wanted: &Sampled, sent: u64, now: u64) -> Option<String> {
    let kinds = &wanted.content_type;
    if !kinds.is_empty() {
        let plain = |v: &str| v.to_ascii_lowercase().replace(' ', "");
        let kind = value(block, "content-type").map(String::from_utf8_lossy);
        let right = |v: &str| kinds.iter().any(|wanted| plain(wanted) == plain(v));
        if !kind.as_deref().is_some_and(right) {
            let kind = kind.map_or("none".into(), |v| format!("`{v}`"));
            return Some(format!("Content-Type {kind}, not {}", kinds.join(" or ")));
        }
    }
    let within = wanted.date_within?.nanos();
    let Some(said) = value(block, "date") else {
        return Some("no Date".to_owned());
    };
    let here = clock::realtime();
    let began = here.saturating_sub(now.saturating_sub(sent));
    let is_true = date(said).is_some_and(|seconds| {
        let at = seconds * clock::SECOND;
        // A whole second is the time from its beginning to its end.
        at + clock::SECOND + within >= began && at <= here + within
    });
    (!is_true).then(|| {
        let said = String::from_utf8_lossy(said);
        format!("Date `{said}`, which is not the time of the answer")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn one_of_so_many_is_drawn() {
        let mut sampler = Sampler::new(3);
        let drawn = (0..64_000).filter(|_| sampler.draw()).count();
        assert!((500..2_000).contains(&drawn), "{drawn}");
    }

    #[test]
    fn a_header_is_held_to_what_is_wanted() {
        let wanted = Sampled {
            content_type: vec!["text/plain; charset=utf-8".to_owned()],
            date_within: Some(Span::from_secs(3)),
        };
        let now = clock::now();
        let look = |text: &str| wrong(text.as_bytes(), &wanted, now, now);
        let says = |text: &str, words: &str| {
            let found = look(text).unwrap_or_default();
            assert!(found.contains(words), "{text}: {found}");
        };
        says("HTTP/1.1 200 OK\r\n\r\n", "Content-Type none");
        says(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
            "`text/html`",
        );
        let right = "HTTP/1.1 200 OK\r\nContent-Type: Text/Plain;charset=UTF-8\r\n";
        says(&format!("{right}\r\n"), "no Date");
        let old = "Mon, 01 Jan 2024 00:00:00 GMT";
        says(&format!("{right}Date: {old}\r\n\r\n"), old);
        // A request that waited since then may have been answered then.
        let waited = clock::realtime() - 1_704_067_200 * clock::SECOND;
        let block = format!("{right}Date: {old}\r\n\r\n");
        let found = wrong(block.as_bytes(), &wanted, 0, waited);
        assert_eq!(found, None);
        let kind_only = Sampled {
            date_within: None,
            ..wanted.clone()
        };
        assert_eq!(wrong(right.as_bytes(), &kind_only, now, now), None);
    }
}
