//! Check sums of what was written, so that a reader sees when it is not that any more.
//!
//! They are CRC-32: they find accidents, each changed byte and each torn block among them, and
//! are no proof against somebody who wants to deceive.

/// A check sum that grows with what is written.
#[derive(Debug, Clone, Default)]
pub struct Sum(crc32fast::Hasher);

impl Sum {
    /// The sum of some bytes.
    pub fn of(bytes: &[u8]) -> u32 {
        crc32fast::hash(bytes)
    }

    /// Goes on behind bytes that have this sum.
    pub fn behind(sum: u32, bytes: u64) -> Self {
        Self(crc32fast::Hasher::new_with_initial_len(sum, bytes))
    }

    /// Adds what comes next.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum of everything so far.
    pub fn value(&self) -> u32 {
        self.0.clone().finalize()
    }
}

/// A sum as files have it.
pub fn text(sum: u32) -> String {
    format!("{sum:08x}")
}

/// Reads what [`text`] wrote; nothing where that cannot have.
pub fn parse(written: &str) -> Option<u32> {
    let sum = u32::from_str_radix(written, 16).ok()?;
    (text(sum) == written).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_in_pieces_is_that_of_the_whole() {
        // The check value of CRC-32 (Williams, "A painless guide to CRC error detection
        // algorithms", 1993).
        assert_eq!(Sum::of(b"123456789"), 0xCBF4_3926);
        let mut sum = Sum::behind(Sum::of(b"1234"), 4);
        sum.add(b"56789");
        assert_eq!(sum.value(), 0xCBF4_3926);
        assert_eq!(parse(&text(0x0000_00AB)), Some(0xAB));
        assert_eq!(parse("AB"), None);
        assert_eq!(parse("000000aB"), None);
    }
}
