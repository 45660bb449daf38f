//! From what was seen of a window to rows and histograms of the raw data.

use std::time::{Duration, Instant};

use load::{Distribution, Figure, Finding, FindingKind, Outcome, Severity};
use record::histogram::IntervalHistogram;
use record::{CampaignWriter, Cell, Flag, LatencyKind, Metric, Observation, Validity};

use super::gate::Surroundings;
use super::window::Window;

/// Adds a window to the open group.
pub fn window(cell: &Cell, window: &Window, epoch: Instant, writer: &mut CampaignWriter) {
    let validity = validity(window);
    for (metric, value) in values(window) {
        writer.observe(Observation {
            cell: cell.clone(),
            metric,
            value,
            validity: of_metric(&validity, metric, &window.outcome.from_intended),
        });
    }
    writer.keep_histograms(cell.clone(), histograms(window, epoch));
}

/// What a window that was measured says of its server.
pub(super) const OF_THE_SERVER: [Metric; 5] = [
    Metric::Throughput,
    Metric::CpuPerRequest,
    Metric::LatencyP50,
    Metric::LatencyP99,
    Metric::LatencyP999,
];

/// The rows of a window in which nothing was measured: of the metrics that it would have had, values that
/// are no numbers, so that it is counted as an attempt wherever these are read, and how the machine was.
pub fn nothing(cell: &Cell, metrics: &[Metric], surroundings: &Surroundings) -> Vec<Observation> {
    let flags = surroundings.objections();
    let validity: Validity = flags.into_iter().chain([Flag::NotMeasured]).collect();
    let row = |metric, value| Observation {
        cell: cell.clone(),
        metric,
        value,
        validity: validity.clone(),
    };
    let lost = metrics.iter().map(|metric| row(*metric, f64::NAN));
    let foreign = row(Metric::ForeignCpu, surroundings.foreign_share());
    lost.chain([foreign]).collect()
}

/// Bytes as MiB.
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// What the instrument and the machine say of a whole window.
pub(super) fn values(window: &Window) -> Vec<(Metric, f64)> {
    let outcome = &window.outcome;
    let us = |ns: u64| ns as f64 / 1e3;
    let mut values = vec![
        (Metric::Throughput, outcome.rates.completed),
        (Metric::Errors, missing(outcome) as f64),
        (Metric::ForeignCpu, window.seen.surroundings.foreign_share()),
    ];
    let cpu = outcome.watched_cpu.and_then(|cpu| cpu.per_request_ns);
    values.extend(cpu.map(|ns| (Metric::CpuPerRequest, ns / 1e3)));
    // Counted over all of the load, lead-in included, so its requests are counted with it.
    let load = lead_in(outcome) + Duration::from_nanos(outcome.measured_ns);
    let requests = outcome.rates.sent * load.as_secs_f64();
    let shared = window.seen.per_request.iter();
    values.extend(shared.map(|(metric, amount)| (*metric, amount / requests)));
    let own = outcome.own_cpu.per_request_ns;
    values.extend(own.map(|ns| (Metric::ClientCpuPerRequest, ns / 1e3)));
    let latency = &outcome.from_intended;
    if latency.count > 0 {
        values.extend([
            (Metric::LatencyP50, us(latency.p50)),
            (Metric::LatencyP99, us(latency.p99)),
            (Metric::LatencyP999, us(latency.p999)),
        ]);
    }
    let lateness = outcome.lateness.as_ref().filter(|l| l.count > 0);
    values.extend(lateness.map(|l| (Metric::LatenessP99, us(l.p99))));
    values.extend(&window.seen.values);
    values
}

/// Requests without a right answer: also those that were sent before the measured part and hung in it.
fn missing(outcome: &Outcome) -> u64 {
    outcome.counts.failed + outcome.counts.carried_in_failed
}

/// A window's validity as it is for one metric: a quantile that failed requests could move is a
/// lower bound.
pub(super) fn of_metric(window: &Validity, metric: Metric, latency: &Distribution) -> Validity {
    let figure = match metric {
        Metric::LatencyP50 => Some(Figure::P50),
        Metric::LatencyP99 => Some(Figure::P99),
        Metric::LatencyP999 => Some(Figure::P999),
        _ => None,
    };
    let mut validity = window.clone();
    if figure.is_some_and(|figure| latency.is_at_least(figure)) {
        validity.flag(Flag::LowerBound);
    }
    validity
}

/// The distribution with the ages of failed requests behind it, where there are any: of these it
/// is known only that they would have taken at least as long.
pub(super) fn with_failed(
    distribution: &Distribution,
) -> impl Iterator<Item = (LatencyKind, load::Histogram)> {
    let all = distribution.decode().ok();
    let failed = distribution.decode_censored().and_then(Result::ok);
    let all = all.map(|histogram| (LatencyKind::Intended, histogram));
    let failed = failed.map(|histogram| (LatencyKind::Failed, histogram));
    all.into_iter().chain(failed)
}

fn histograms(window: &Window, epoch: Instant) -> Vec<IntervalHistogram> {
    let outcome = &window.outcome;
    let others: [(LatencyKind, Option<&Distribution>); 3] = [
        (LatencyKind::Sent, Some(&outcome.from_send)),
        (LatencyKind::Lateness, outcome.lateness.as_ref()),
        (LatencyKind::Socket, outcome.until_socket.as_ref()),
    ];
    let others = (others.into_iter())
        .filter_map(|(kind, distribution)| Some((kind, distribution?.decode().ok()?)));
    with_failed(&outcome.from_intended)
        .chain(others)
        .map(|(kind, histogram)| IntervalHistogram {
            kind,
            start: window.begun.saturating_duration_since(epoch) + lead_in(outcome),
            length: Duration::from_nanos(outcome.measured_ns),
            histogram,
        })
        .collect()
}

fn lead_in(outcome: &Outcome) -> Duration {
    Duration::from_nanos(outcome.start_ns.saturating_sub(outcome.begin_ns))
}

/// What speaks against a window.
pub(super) fn validity(window: &Window) -> Validity {
    let outcome = &window.outcome;
    let found = outcome.findings.iter().filter_map(flag);
    let missing = (missing(outcome) > 0).then_some(Flag::Errors);
    let large = window.seen.large_heap.map(|_| Flag::LargeHeap);
    (found.chain(missing).chain(large))
        .chain(window.seen.surroundings.objections())
        .collect()
}

/// The instrument's finding as a flag of the raw data; nothing where it is only to be known.
fn flag(finding: &Finding) -> Option<Flag> {
    match finding.kind {
        FindingKind::RateMissed => Some(Flag::RateMissed),
        FindingKind::Late => Some(Flag::Late),
        FindingKind::Stalled => Some(Flag::Starved),
        // A note is of a stop that no figure of a window shows.
        FindingKind::Starved => (finding.severity == Severity::Invalid).then_some(Flag::Starved),
        FindingKind::ClientBound => Some(Flag::ClientBound),
        FindingKind::Books => Some(Flag::LittlesLaw),
        FindingKind::Arrivals => Some(Flag::Arrivals),
        FindingKind::NoAnswers | FindingKind::Errors | FindingKind::Unsolicited => {
            Some(Flag::Errors)
        }
        // This machine could not open what was to be measured on.
        FindingKind::ConnectLocal => Some(Flag::NotMeasured),
        // A few requests that failed are errors; only a load that was not there is this.
        FindingKind::Hung => (finding.severity == Severity::Invalid).then_some(Flag::Hung),
        FindingKind::ConnectionCap
        | FindingKind::Saturated
        | FindingKind::WatchLost
        | FindingKind::CutShort => None,
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod failing {
    use super::*;
    use std::io::{Read, Write};

    /// A server whose connections answer nine requests and are closed at the tenth, after a while.
    fn flaky() -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    for _ in 0..9 {
                        let mut request = [0; 4096];
                        if stream.read(&mut request).unwrap_or(0) == 0 {
                            return;
                        }
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                        let _ = stream.write_all(answer);
                    }
                    let _ = stream.read(&mut [0; 4096]);
                    // So late that the others are quicker on any machine.
                    std::thread::sleep(Duration::from_millis(600));
                });
            }
        });
        url
    }

    #[test]
    fn a_quantile_that_failed_requests_could_move_is_flagged_and_their_ages_are_kept() {
        let run = |ms| {
            let spec = load::SpecDraft {
                connections: 2,
                lead_in: load::Span::from_millis(0),
                duration: load::Span::from_millis(ms),
                timeout: load::Span::from_secs(60),
                ..load::SpecDraft::new(flaky())
            };
            load::run(&spec.check().unwrap()).unwrap()
        };
        // Longer where the machine stood still for so long that none failed.
        let mut ms = 1500;
        let mut outcome = run(ms);
        while outcome.counts.failed == 0 && ms < 20_000 {
            ms *= 2;
            outcome = run(ms);
        }
        let failed = outcome.counts.failed;
        assert!(
            failed > 0 && outcome.counts.ok > 5 * failed,
            "{:?}",
            outcome.counts
        );
        let of = |metric| {
            let window: Validity = [Flag::Errors].into_iter().collect();
            of_metric(&window, metric, &outcome.from_intended).to_string()
        };
        assert_eq!(of(Metric::LatencyP99), "errors+lower-bound");
        assert_eq!(of(Metric::LatencyP999), "errors+lower-bound");
        for metric in [Metric::LatencyP50, Metric::Throughput, Metric::LatenessP99] {
            assert_eq!(of(metric), "errors", "{metric:?}");
        }
        let kept: Vec<(LatencyKind, u64)> = with_failed(&outcome.from_intended)
            .map(|(kind, histogram)| (kind, histogram.len()))
            .collect();
        let all = outcome.counts.recorded;
        assert_eq!(
            kept,
            [(LatencyKind::Intended, all), (LatencyKind::Failed, failed)]
        );
    }
}
