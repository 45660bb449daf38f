//! Latency histograms and the interval logs (`.hlog`) that keep them.
//!
//! All histograms of the lab share one layout, so that merging is an index-wise addition
//! that cannot fail: 1 ns to 60 s with three significant digits (a relative error of at
//! most 0.1 %).

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::interval_log::{
    IntervalLogIterator, IntervalLogWriterBuilder, LogEntry, Tag,
};
use hdrhistogram::serialization::{Deserializer, V2DeflateSerializer};

use crate::error::RecordError;

/// The smallest value kept apart, in ns.
pub const LOWEST_NS: u64 = 1;
/// The largest value kept; longer ones count as this. In ns.
pub const HIGHEST_NS: u64 = 60_000_000_000;
/// Significant decimal digits.
pub const DIGITS: u8 = 3;

/// An empty histogram in the lab's layout; values are nanoseconds.
pub fn new_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(LOWEST_NS, HIGHEST_NS, DIGITS)
        .expect("the constant bounds are valid")
}

/// Which clock-stops a latency lies between; the tag of its lines in an `.hlog`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LatencyKind {
    /// From when the schedule wanted the request sent to the read of its answer.
    Intended,
    /// From the actual send to the read of its answer.
    Sent,
    /// From when the schedule wanted the request sent to the actual send.
    Lateness,
    /// From the actual send until the answer reached the instrument's socket.
    Socket,
    /// From when the schedule wanted the request sent until it failed. These are in
    /// [`LatencyKind::Intended`], too, where they are lower bounds; a window without failures has
    /// no such line.
    Failed,
}

impl LatencyKind {
    /// Every kind, in the order of writing.
    pub const ALL: [Self; 5] = [
        Self::Intended,
        Self::Sent,
        Self::Lateness,
        Self::Socket,
        Self::Failed,
    ];

    /// The tag in the log.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Sent => "sent",
            Self::Lateness => "lateness",
            Self::Socket => "socket",
            Self::Failed => "failed",
        }
    }
}

/// One window's histogram of one kind.
#[derive(Debug, Clone)]
pub struct IntervalHistogram {
    /// Between which clock-stops.
    pub kind: LatencyKind,
    /// The window's start, since the campaign's start.
    pub start: Duration,
    /// The length of the measured part.
    pub length: Duration,
    /// The latencies in ns.
    pub histogram: Histogram<u64>,
}

/// Turns a window's histograms into the lines of an interval log.
///
/// With `header`, the lines that open a file come first. Standard HdrHistogram tools read
/// the result and merge the lines of a tag.
///
/// # Errors
/// A sentence when a histogram cannot be serialised.
pub fn interval_lines(intervals: &[IntervalHistogram], header: bool) -> Result<Vec<u8>, String> {
    let mut serializer = V2DeflateSerializer::new();
    let mut bytes = Vec::new();
    let mut builder = IntervalLogWriterBuilder::new();
    if header {
        builder
            .add_comment("[Histogram log format version 1.3]")
            .add_comment("[Values are nanoseconds; a line is one window; merge the lines of a tag]")
            .with_max_value_divisor(1.0);
    }
    let mut writer = builder
        .begin_log_with(&mut bytes, &mut serializer)
        .map_err(|e| format!("the interval log cannot be opened: {e}"))?;
    for interval in intervals {
        let tag = Tag::new(interval.kind.tag()).expect("tags hold no separators");
        writer
            .write_histogram(
                &interval.histogram,
                interval.start,
                interval.length,
                Some(tag),
            )
            .map_err(|e| format!("a histogram cannot be serialised: {e:?}"))?;
    }
    Ok(bytes)
}

/// Appends lines to an `.hlog`, through to the disk, creating it and its folder if need be;
/// gives what was added.
///
/// # Errors
/// [`RecordError::Io`] when the file cannot be written.
pub fn append(path: &Path, intervals: &[IntervalHistogram]) -> Result<Vec<u8>, RecordError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| RecordError::io("create", folder, e))?;
    }
    let fresh = !path.exists();
    let bytes = interval_lines(intervals, fresh).map_err(|problem| RecordError::Malformed {
        what: "histogram",
        path: path.to_owned(),
        problem,
    })?;
    let mut file = File::options()
        .append(true)
        .create(true)
        .open(path)
        .map_err(|e| RecordError::io("open", path, e))?;
    file.write_all(&bytes)
        .and_then(|()| file.sync_data())
        .map(|()| bytes)
        .map_err(|e| RecordError::io("write", path, e))
}

/// Reads all intervals of one kind from an `.hlog`; a cut-off last line is ignored.
///
/// # Errors
/// [`RecordError`] when the file cannot be read or a whole line is not what it should be.
pub fn read(path: &Path, kind: LatencyKind) -> Result<Vec<IntervalHistogram>, RecordError> {
    read_kinds(path, &[kind])
}

/// As [`read`], of several kinds, in the order of the file: a window's lines follow each other.
///
/// # Errors
/// As [`read`].
pub fn read_kinds(
    path: &Path,
    kinds: &[LatencyKind],
) -> Result<Vec<IntervalHistogram>, RecordError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|mut f| f.read_to_end(&mut bytes))
        .map_err(|e| RecordError::io("read", path, e))?;
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let malformed = |problem: String| RecordError::Malformed {
        what: "interval log",
        path: path.to_owned(),
        problem,
    };
    let mut deserializer = Deserializer::new();
    let mut found: Vec<IntervalHistogram> = Vec::new();
    for entry in IntervalLogIterator::new(&bytes[..whole]) {
        let LogEntry::Interval(line) = entry.map_err(|e| malformed(format!("{e:?}")))? else {
            continue;
        };
        let tag = line.tag().map(|t| t.as_str().to_owned());
        let Some(kind) = (kinds.iter().copied()).find(|kind| tag.as_deref() == Some(kind.tag()))
        else {
            continue;
        };
        let histogram = decode(line.encoded_histogram(), &mut deserializer).map_err(malformed)?;
        // Windows are told apart by their order alone. Lines of several kinds may begin together:
        // they are one window's.
        let mut same = (found.iter().rev()).take_while(|l| l.start == line.start_timestamp());
        if let Some(before) = found.last()
            && (line.start_timestamp() < before.start || same.any(|l| l.kind == kind))
        {
            return Err(malformed(format!(
                "a window that begins after {:.3} s stands behind one that begins after {:.3} s, so lines are doubled or out of their order",
                line.start_timestamp().as_secs_f64(),
                before.start.as_secs_f64()
            )));
        }
        found.push(IntervalHistogram {
            kind,
            start: line.start_timestamp(),
            length: line.duration(),
            histogram,
        });
    }
    Ok(found)
}

fn decode(encoded: &str, deserializer: &mut Deserializer) -> Result<Histogram<u64>, String> {
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .map_err(|e| format!("a histogram is not base64: {e}"))?;
    deserializer
        .deserialize(&mut raw.as_slice())
        .map_err(|e| format!("a histogram cannot be decoded: {e:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(kind: LatencyKind, values: &[u64]) -> IntervalHistogram {
        let mut histogram = new_histogram();
        for v in values {
            histogram.record(*v).unwrap();
        }
        IntervalHistogram {
            kind,
            start: Duration::from_millis(1500),
            length: Duration::from_millis(700),
            histogram,
        }
    }

    #[test]
    fn what_is_appended_is_read_back_by_kind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b.hlog");
        append(
            &path,
            &[
                sample(LatencyKind::Intended, &[100, 200]),
                sample(LatencyKind::Sent, &[50]),
            ],
        )
        .unwrap();
        let mut later = sample(LatencyKind::Intended, &[300]);
        later.start += Duration::from_secs(1);
        append(&path, &[later]).unwrap();
        let read = read(&path, LatencyKind::Intended).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].histogram.len(), 2);
        assert_eq!(read[1].histogram.max(), 300);
        assert_eq!(read[0].length, Duration::from_millis(700));
    }

    #[test]
    fn a_cut_off_last_line_costs_only_itself() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b.hlog");
        append(&path, &[sample(LatencyKind::Intended, &[100])]).unwrap();
        append(&path, &[sample(LatencyKind::Intended, &[200])]).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 7]).unwrap();
        assert_eq!(read(&path, LatencyKind::Intended).unwrap().len(), 1);
    }

    #[test]
    fn values_are_kept_to_a_thousandth_from_a_nanosecond_to_a_minute() {
        let mut histogram = new_histogram();
        for value in [1, 999, 123_456, 7_654_321_987, HIGHEST_NS] {
            histogram.reset();
            histogram.record(value).unwrap();
            let off = histogram.max().abs_diff(value);
            assert!(off * 1000 <= value, "{value}: off by {off}");
        }
        assert_eq!(HIGHEST_NS, Duration::from_secs(60).as_nanos() as u64);
    }

    #[test]
    fn no_kind_is_taken_for_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kinds.hlog");
        for (kind, value) in LatencyKind::ALL.into_iter().zip(1..) {
            append(&path, &[sample(kind, &[value])]).unwrap();
        }
        for (kind, value) in LatencyKind::ALL.into_iter().zip(1..) {
            let found = read(&path, kind).unwrap();
            assert_eq!(found.len(), 1, "{kind:?}");
            assert_eq!(found[0].histogram.max(), value, "{kind:?}");
            assert_eq!(found[0].start, Duration::from_millis(1500));
        }
    }
}
