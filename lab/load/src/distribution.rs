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
