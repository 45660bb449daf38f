//! One distribution as it is reported: its quantiles and the whole histogram.

use crate::ledger::Latency;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

/// One distribution, with its whole histogram.
///
/// Some of its values may be only lower bounds (right-censored): a request that failed after a
/// time would have taken at least that. With all of them moved as far up as can be, every figure
/// in `at_least` would be another one; the others hold whatever the failed requests had taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Distribution {
    /// Values, lower bounds included.
    pub count: u64,
    /// Of these, lower bounds.
    #[serde(default)]
    pub censored: u64,
    /// Values above 60 s, recorded as 60 s; they are lower bounds, too.
    pub saturated: u64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Smallest value.
    pub min: u64,
    /// Median.
    pub p50: u64,
    /// 90 %.
    pub p90: u64,
    /// 95 %.
    pub p95: u64,
    /// 99 %.
    pub p99: u64,
    /// 99.9 %.
    pub p999: u64,
    /// Largest value.
    pub max: u64,
    /// The figures of the above that are only lower bounds, to be shown with ≥.
    #[serde(default)]
    pub at_least: Vec<Figure>,
    /// HdrHistogram V2, deflated, base64: 1 ns to 60 s, three digits.
    pub histogram: String,
    /// The lower bounds alone, in the same form; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub censored_histogram: Option<String>,
}

/// A figure of a [`Distribution`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// The median.
    P50,
    /// 90 %.
    P90,
    /// 95 %.
    P95,
    /// 99 %.
    P99,
    /// 99.9 %.
    P999,
    /// The largest value.
    Max,
    /// The arithmetic mean.
    Mean,
}

impl Figure {
    /// The figures that are quantiles, with their share; the largest value is the last one.
    const QUANTILES: [(Self, f64); 6] = [
        (Self::P50, 0.5),
        (Self::P90, 0.9),
        (Self::P95, 0.95),
        (Self::P99, 0.99),
        (Self::P999, 0.999),
        (Self::Max, 1.0),
    ];
}

impl Distribution {
    pub(crate) fn of(latency: &Latency) -> Self {
        let h = &latency.histogram;
        let censored = latency.censored.as_deref();
        Self {
            count: h.len(),
            censored: censored.map_or(0, |lower| lower.len()),
            saturated: latency.saturated,
            mean: h.mean(),
            min: h.min(),
            p50: h.value_at_quantile(0.5),
            p90: h.value_at_quantile(0.9),
            p95: h.value_at_quantile(0.95),
            p99: h.value_at_quantile(0.99),
            p999: h.value_at_quantile(0.999),
            max: h.max(),
            at_least: censored.map_or_else(Vec::new, |lower| at_least(h, lower)),
            histogram: encode(h),
            censored_histogram: censored.map(encode),
        }
    }

    /// Whether a figure is only a lower bound.
    pub fn is_at_least(&self, figure: Figure) -> bool {
        self.at_least.contains(&figure)
    }

    /// The histogram; the error says that the text is none.
    pub fn decode(&self) -> Result<crate::Histogram, String> {
        decode(&self.histogram)
    }

    /// The histogram of the lower bounds alone, where there are any.
    pub fn decode_censored(&self) -> Option<Result<crate::Histogram, String>> {
        self.censored_histogram.as_deref().map(decode)
    }

    /// The lower bounds as values of their own: how old the failed requests were when they failed,
    /// which is exact as such. Nothing where none failed.
    pub fn of_censored(&self) -> Option<Self> {
        let histogram = self.decode_censored()?.ok()?;
        Some(Self::of(&Latency {
            histogram,
            censored: None,
            saturated: self.saturated,
        }))
    }
}

/// The figures that would be others if the lower bounds among `all` were as large as can be: a
/// quantile stays where it is if so many values are known to be no larger.
fn at_least(all: &crate::Histogram, lower: &crate::Histogram) -> Vec<Figure> {
    let moves = |share: f64| {
        let value = all.value_at_quantile(share);
        let known = all.count_between(0, value) - lower.count_between(0, value);
        known < ((all.len() as f64 * share).ceil() as u64).max(1)
    };
    (Figure::QUANTILES.into_iter())
        .filter(|(_, share)| moves(*share))
        .map(|(figure, _)| figure)
        .chain([Figure::Mean])
        .collect()
}

fn encode(histogram: &crate::Histogram) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(histogram, &mut bytes)
        .expect("writing to memory cannot fail");
    BASE64_STANDARD.encode(bytes)
}

fn decode(text: &str) -> Result<crate::Histogram, String> {
    let bytes = BASE64_STANDARD
        .decode(text)
        .map_err(|error| format!("the histogram is not base64: {error}"))?;
    Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| format!("the histogram is not HdrHistogram V2: {error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(answered: &[u64], failed: &[u64]) -> Distribution {
        let mut latency = Latency::new();
        answered.iter().for_each(|v| latency.record(*v));
        failed.iter().for_each(|v| latency.record_at_least(*v));
        Distribution::of(&latency)
    }

    #[test]
    fn three_per_cent_that_fail_late_move_no_median_and_every_p99() {
        let quick = vec![1_000; 97];
        let late = of(&quick, &[800_000_000; 3]);
        assert!(late.p99 >= 800_000_000, "{late:?}");
        use Figure::*;
        assert_eq!(late.at_least, [P99, P999, Max, Mean]);
        // Those that fail at once may have taken long as well.
        let early = of(&quick, &[10; 3]);
        assert_eq!((early.p99, early.censored), (1_000, 3));
        assert_eq!(early.at_least, [P99, P999, Max, Mean]);
        assert_eq!(of(&[1, 2, 3], &[]).at_least, []);
        assert_eq!(
            of(&[], &[5]).at_least,
            [P50, P90, P95, P99, P999, Max, Mean]
        );
    }

    #[test]
    fn the_lower_bounds_survive_the_json() {
        let text = serde_json::to_string(&of(&[7], &[9])).unwrap();
        let again: Distribution = serde_json::from_str(&text).unwrap();
        assert_eq!(again.decode_censored().unwrap().unwrap().max(), 9);
        let none = serde_json::to_string(&of(&[7], &[])).unwrap();
        assert!(!none.contains("censored_histogram"), "{none}");
    }

    #[test]
    fn quantiles_are_those_of_their_names() {
        let mut latency = Latency::new();
        for value in 1..=1000 {
            latency.record(value * 1000);
        }
        let told = Distribution::of(&latency);
        assert_eq!(told.count, 1000);
        let close = |found: u64, wanted: u64| found.abs_diff(wanted) * 1000 <= wanted;
        for (found, wanted) in [
            (told.min, 1_000),
            (told.p50, 500_000),
            (told.p90, 900_000),
            (told.p95, 950_000),
            (told.p99, 990_000),
            (told.p999, 999_000),
            (told.max, 1_000_000),
        ] {
            assert!(close(found, wanted), "{found} instead of {wanted}");
        }
        assert!((told.mean / 500_500.0 - 1.0).abs() < 1e-3, "{}", told.mean);
        assert_eq!(told.decode().unwrap().len(), 1000);
    }

    proptest! {
        /// A figure is marked exactly where moving the failed requests to the top changes it.
        #[test]
        fn figures_are_marked_where_the_worst_case_is_another(
            answered in prop::collection::vec(1u64..2_000, 0..60),
            failed in prop::collection::vec(1u64..2_000, 0..20),
        ) {
            prop_assume!(!answered.is_empty() || !failed.is_empty());
            let seen = of(&answered, &failed);
            let top = vec![1_000_000_000; failed.len()];
            let worst = of(&answered, &top);
            for (figure, a, b) in [
                (Figure::P50, seen.p50, worst.p50),
                (Figure::P90, seen.p90, worst.p90),
                (Figure::P95, seen.p95, worst.p95),
                (Figure::P99, seen.p99, worst.p99),
                (Figure::P999, seen.p999, worst.p999),
                (Figure::Max, seen.max, worst.max),
            ] {
                prop_assert_eq!(seen.is_at_least(figure), a != b, "{:?}: {} {}", figure, a, b);
            }
            prop_assert_eq!(seen.count, (answered.len() + failed.len()) as u64);
        }
    }
}
