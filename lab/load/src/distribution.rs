//! One distribution as it is reported: its quantiles and the whole histogram.

use crate::ledger::Latency;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

/// One distribution, with its whole histogram.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Distribution {
    /// Values.
    pub count: u64,
    /// Values above 60 s, recorded as 60 s.
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
    /// HdrHistogram V2, deflated, base64: 1 ns to 60 s, three digits.
    pub histogram: String,
}

impl Distribution {
    pub(crate) fn of(latency: &Latency) -> Self {
        let h = &latency.histogram;
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(h, &mut bytes)
            .expect("writing to memory cannot fail");
        Self {
            count: h.len(),
            saturated: latency.saturated,
            mean: h.mean(),
            min: h.min(),
            p50: h.value_at_quantile(0.5),
            p90: h.value_at_quantile(0.9),
            p95: h.value_at_quantile(0.95),
            p99: h.value_at_quantile(0.99),
            p999: h.value_at_quantile(0.999),
            max: h.max(),
            histogram: BASE64_STANDARD.encode(bytes),
        }
    }

    /// The histogram; the error says that the text is none.
    pub fn decode(&self) -> Result<crate::Histogram, String> {
        let bytes = BASE64_STANDARD
            .decode(&self.histogram)
            .map_err(|error| format!("the histogram is not base64: {error}"))?;
        Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|error| format!("the histogram is not HdrHistogram V2: {error:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
