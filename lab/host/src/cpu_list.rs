//! Lists of CPUs as the kernel writes them: `8-15`, `0,2`, `0-1,4`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A list of CPUs that is not empty.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct CpuList(BTreeSet<usize>);

/// A list of CPUs that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no list of CPUs: ranges and numbers below 1024 with commas between them are, like 0,2 or 8-15"
)]
pub struct BadCpuList(String);

impl CpuList {
    /// The CPUs, ascending.
    pub fn cpus(&self) -> Vec<usize> {
        self.0.iter().copied().collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether all of `others` are in it.
    pub fn holds(&self, others: &Self) -> bool {
        others.0.is_subset(&self.0)
    }

    /// The CPUs that are in both.
    pub fn shared(&self, others: &Self) -> Vec<usize> {
        self.0.intersection(&others.0).copied().collect()
    }
}

impl FromStr for CpuList {
    type Err = BadCpuList;

    fn from_str(text: &str) -> Result<Self, BadCpuList> {
        let bad = || BadCpuList(text.to_owned());
        let number = |word: &str| -> Result<usize, BadCpuList> {
            let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
            let cpu = word.parse().ok().filter(|_| digits);
            cpu.filter(|cpu| *cpu < libc::CPU_SETSIZE as usize)
                .ok_or_else(bad)
        };
        let mut cpus = BTreeSet::new();
        for part in text.trim().split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(bad());
            }
            cpus.extend(first..=last);
        }
        Ok(Self(cpus))
    }
}

impl TryFrom<String> for CpuList {
    type Error = BadCpuList;

    fn try_from(text: String) -> Result<Self, BadCpuList> {
        text.parse()
    }
}

impl fmt::Display for CpuList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cpus = self.0.iter().copied().peekable();
        let mut comma = "";
        while let Some(first) = cpus.next() {
            let mut last = first;
            while let Some(next) = cpus.next_if_eq(&(last + 1)) {
                last = next;
            }
            write!(f, "{comma}{first}")?;
            if last > first {
                write!(f, "-{last}")?;
            }
            comma = ",";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bad_lists_are_refused() {
        for bad in ["", "a", "3-1", "0,", "-1", "0-", "1024", "+1", "0 1"] {
            assert!(bad.parse::<CpuList>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(cpus in prop::collection::btree_set(0usize..1024, 1..40)) {
            let list = CpuList(cpus);
            prop_assert_eq!(list.to_string().parse::<CpuList>().unwrap(), list);
        }
    }
}
