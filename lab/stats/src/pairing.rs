//! Which values of two servers belong together, and by how much they differ.
//!
//! The one pairing: the rule that stops a campaign, the report on it and the trials call it, so that
//! they cannot disagree on what was compared.

use std::collections::BTreeMap;

/// The logarithms of one server's values, by the block or launch that they are paired by.
///
/// ```
/// use stats::pairing::Logs;
/// // Key, launch and logarithm of each value.
/// let subject = Logs::of([(1, 1, 0.5), (2, 1, 0.75), (3, 2, f64::NAN)]);
/// let first = Logs::of([(1, 1, 0.0), (2, 1, 0.25), (3, 2, 0.0)]);
/// let second = Logs::of([(1, 1, 0.5)]);
/// let base = first.mean(&second);
/// let pairs = subject.minus(&base);
/// assert_eq!((pairs.differences(), pairs.launches()), (vec![0.25, 0.5], vec![1, 1]));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Logs(BTreeMap<u32, Log>);

/// One logarithm, and the launch that it is of.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Log {
    launch: u32,
    ln: f64,
}

impl Logs {
    /// From key, launch and logarithm of each value. Several of one key are averaged; what is not
    /// finite is left out.
    pub fn of(values: impl IntoIterator<Item = (u32, u32, f64)>) -> Self {
        let mut sums: BTreeMap<u32, (u32, f64, f64)> = BTreeMap::new();
        for (key, launch, ln) in values {
            if ln.is_finite() {
                let (_, sum, n) = sums.entry(key).or_insert((launch, 0.0, 0.0));
                *sum += ln;
                *n += 1.0;
            }
        }
        let logs = sums.into_iter().map(|(key, (launch, sum, n))| {
            let ln = sum / n;
            (key, Log { launch, ln })
        });
        Self(logs.collect())
    }

    /// The mean of two copies of a server, or the one that is there.
    #[must_use]
    pub fn mean(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for (key, log) in &other.0 {
            both.0
                .entry(*key)
                .and_modify(|one| one.ln = (one.ln + log.ln) / 2.0)
                .or_insert(*log);
        }
        both
    }

    /// The differences to another server in the pairs that both have.
    pub fn minus(&self, base: &Self) -> Pairs {
        let pairs = self.0.iter().filter_map(|(key, log)| {
            let difference = log.ln - base.0.get(key)?.ln;
            let launch = log.launch;
            Some((*key, Difference { launch, difference }))
        });
        Pairs(pairs.collect())
    }

    /// The keys with a value, in order.
    pub fn keys(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.keys().copied()
    }

    /// The logarithm of a key.
    pub fn get(&self, key: u32) -> Option<f64> {
        self.0.get(&key).map(|log| log.ln)
    }

    /// Keys and logarithms, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.0.iter().map(|(key, log)| (*key, log.ln))
    }
}

/// The differences of two servers, by key.
///
/// See [`Logs::minus`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pairs(BTreeMap<u32, Difference>);

/// One difference, log units, and the launch that it is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The launch.
    pub launch: u32,
    /// The subject's logarithm less the baseline's.
    pub difference: f64,
}

impl Pairs {
    /// The differences, in the order of their keys.
    pub fn differences(&self) -> Vec<f64> {
        self.0.values().map(|pair| pair.difference).collect()
    }

    /// The launch of each of them.
    pub fn launches(&self) -> Vec<u32> {
        self.0.values().map(|pair| pair.launch).collect()
    }

    /// The difference of a key.
    pub fn get(&self, key: u32) -> Option<Difference> {
        self.0.get(&key).copied()
    }
}
