//! The answer in sentences, for somebody who reads nothing else.

use record::Metric;
use stats::trend::Trend;

use super::estimate::{Course, MATTERS, Soak, Watched};
use crate::estimate::{Analysis, Bound};
use crate::text::{self, number};

/// What a connection costs, and who drifts.
pub(super) fn of(analysis: &Analysis, soak: &Soak) -> Vec<String> {
    let title = |server: &Watched| {
        text::escape::plain(&analysis.server(&server.framework, &server.variant))
    };
    let mut costs: Vec<(f64, String)> = (soak.servers.iter())
        .filter(|s| s.variant.is_empty())
        .filter_map(|s| Some((s.bytes_a_connection()? / 1024.0, title(s))))
        .collect();
    costs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sentences = Vec::new();
    if let (Some(least), Some(most)) = (costs.first(), costs.last()) {
        let told = |(kib, title): &(f64, String)| format!("{title} {}", number::value(*kib, None));
        sentences.push(format!(
            "Memory for each connection that stays open, in KiB: from {} to {}.",
            told(least),
            told(most)
        ));
    }
    let exact = |_: &Watched| Bound::Exact;
    let kinds: [(&str, Drift, BoundOf<'_>); 2] = [
        ("p99", Watched::p99_drift, &Watched::p99_drift_bound),
        ("memory", Watched::memory_drift, &exact),
    ];
    for (what, drift, bound) in kinds {
        let of = |wanted: Course| -> Vec<&Watched> {
            let servers = soak.servers.iter();
            servers
                .filter(|s| s.told(drift(s), bound(s), soak.interval) == wanted)
                .collect()
        };
        let shown: Vec<String> = (of(Course::Drifts).into_iter())
            .filter_map(|server| {
                let percent = number::change(drift(server)?.slope);
                let sign = bound(server).sign();
                Some(format!("{} {sign}{percent} % a minute", title(server)))
            })
            .collect();
        let mut sentence = match shown.is_empty() {
            true => format!("Drift of {what}: none is shown"),
            false => format!("Drift of {what}: {}", text::list(&shown)),
        };
        let unknown: Vec<String> = of(Course::Unknown).into_iter().map(title).collect();
        if !unknown.is_empty() {
            let matters = number::share(MATTERS);
            sentence += &format!(
                "; cannot tell for {}, which may have changed by more than {matters} over the window",
                text::list(&unknown)
            );
        }
        sentences.push(format!("{sentence}."));
    }
    sentences.extend(copies(analysis, soak));
    sentences
}

/// How far apart two runs of the baseline came out: what differs by no more between servers is
/// no finding.
fn copies(analysis: &Analysis, soak: &Soak) -> Option<String> {
    let design = &analysis.campaign.design;
    let mut pairs = soak.servers.iter().filter_map(|first| {
        let is_second = |s: &&Watched| {
            (&s.scenario, &s.mode, &s.framework) == (&first.scenario, &first.mode, &first.framework)
                && s.variant == design.twin
        };
        let is_first = first.framework == design.baseline && first.variant.is_empty();
        let second = soak.servers.iter().find(is_second)?;
        is_first.then_some((first, second))
    });
    let (first, second) = pairs.next()?;
    let drift = |of: fn(&Watched) -> Option<Trend>| {
        move |server: &Watched| of(server).map(|trend| 100.0 * trend.slope.exp_m1())
    };
    let kib = |server: &Watched| server.bytes_a_connection().map(|bytes| bytes / 1024.0);
    let p99 = |server: &Watched| server.median(Metric::LatencyP99);
    let figures: [Figure<'_>; 4] = [
        ("", " KiB a connection", &kib),
        ("p99 ", " µs", &p99),
        ("p99 drift ", " % a minute", &drift(Watched::p99_drift)),
        (
            "memory drift ",
            " % a minute",
            &drift(Watched::memory_drift),
        ),
    ];
    let mut farthest = 1.0_f64;
    let parts: Vec<String> = (figures.iter())
        .filter_map(|(what, unit, of)| {
            let (one, other) = (of(first)?, of(second)?);
            let shown = |value| number::value(value, None);
            let fold = (one / other).max(other / one);
            // Of opposite signs nothing is a multiple.
            let far = (fold >= FAR && fold.is_finite()).then(|| {
                farthest = farthest.max(fold);
                format!(" ({}-fold)", number::rounded(fold, 0))
            });
            let far = far.unwrap_or_default();
            Some(format!(
                "{what}{} and {}{unit}{far}",
                shown(one),
                shown(other)
            ))
        })
        .collect();
    let base = text::escape::plain(analysis.copied());
    let apart = match farthest >= FAR {
        true => format!(", up to {}-fold apart", number::rounded(farthest, 0)),
        false => String::new(),
    };
    (!parts.is_empty()).then(|| {
        format!(
            "Two copies of {base}, one binary, one window each{apart}: {}; what differs by no more between servers is no finding.",
            text::list(&parts)
        )
    })
}

/// Whether a drift is itself or a bound.
type BoundOf<'a> = &'a dyn Fn(&Watched) -> Bound;

/// The drift of one figure.
type Drift = fn(&Watched) -> Option<Trend>;

/// What stands before a figure and behind it, and the figure of a server.
type Figure<'a> = (&'a str, &'a str, &'a dyn Fn(&Watched) -> Option<f64>);

/// From here on two figures of one binary are called multiples of each other.
const FAR: f64 = 2.0;
