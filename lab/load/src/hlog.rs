//! HdrHistogram interval logs (V2, deflated), as the tools of the HdrHistogram family read them.

use crate::Outcome;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

/// Log values are nanoseconds; the maximum column, for people, is in milliseconds.
const MAX_DIVISOR: f64 = 1e6;

/// Writes `outcome` as one log: latencies from intended start without a tag, an interval a line
/// (or the whole measured part in one); then the other distributions of the whole, tagged. Failed
/// requests are in the former at their age, and once more, alone, under the tag `failed`.
pub fn write(outcome: &Outcome, out: &mut impl Write) -> Result<(), String> {
    let mut serializer = V2DeflateSerializer::new();
    let start = UNIX_EPOCH + Duration::from_nanos(outcome.start_wall_ns);
    let mut builder = IntervalLogWriterBuilder::new();
    let mut log = builder
        .add_comment("[Histogram log format version 1.3]")
        .add_comment("values: nanoseconds; intervals: by the intended start of the requests")
        .with_start_time(start)
        .with_base_time(start)
        .with_max_value_divisor(MAX_DIVISOR)
        .begin_log_with(out, &mut serializer)
        .map_err(|error| error.to_string())?;
    let whole = Duration::from_nanos(outcome.measured_ns);
    let mut line = |histogram: &crate::Histogram, at: u64, length: Duration, tag: Option<&str>| {
        let tag = tag.and_then(Tag::new);
        log.write_histogram(histogram, Duration::from_nanos(at), length, tag)
            .map_err(|error| format!("{error:?}"))
    };
    if outcome.intervals.is_empty() {
        line(&outcome.from_intended.decode()?, 0, whole, None)?;
    }
    for row in &outcome.intervals {
        let length = Duration::from_nanos(row.length_ns);
        line(&row.from_intended.decode()?, row.start_ns, length, None)?;
    }
    line(&outcome.from_send.decode()?, 0, whole, Some("from-send"))?;
    if let Some(failed) = outcome.from_intended.decode_censored() {
        line(&failed?, 0, whole, Some("failed"))?;
    }
    for (tag, distribution) in [
        ("lateness", &outcome.lateness),
        ("until-socket", &outcome.until_socket),
    ] {
        if let Some(distribution) = distribution {
            line(&distribution.decode()?, 0, whole, Some(tag))?;
        }
    }
    Ok(())
}
