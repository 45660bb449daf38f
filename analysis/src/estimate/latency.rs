//! Percentiles over all requests of a campaign, from merged histograms: percentiles are never
//! averaged.

use hdrhistogram::Histogram;
use record::{Campaign, LatencyKind, RecordError};

use super::question::Question;

/// The quantile in microseconds over all requests of one server, or of several together.
pub(super) fn quantile_us(
    campaign: &Campaign,
    question: &Question,
    framework: &str,
    variants: &[&str],
) -> Result<Option<f64>, RecordError> {
    let Some(quantile) = question.quantile() else {
        return Ok(None);
    };
    let mut all: Histogram<u64> = record::new_histogram();
    for variant in variants {
        let one = campaign.latencies(
            framework,
            variant,
            &question.scenario,
            &question.mode,
            LatencyKind::Intended,
        )?;
        all.add(&one)
            .expect("all histograms of the lab share one layout");
    }
    Ok((!all.is_empty()).then(|| all.value_at_quantile(quantile) as f64 / 1000.0))
}
