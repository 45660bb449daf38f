//! What an experiment declares before its run about what will be said of it: which comparisons
//! are its primary ones, and how large a difference has to be to matter.
//!
//! Both go into the campaign file before the first window, so that nobody can choose them with
//! the results in view.

use std::collections::{BTreeMap, BTreeSet};

use place::Problem;
use record::Metric;
use serde::Deserialize;

use super::protocol::Primary;

/// The margins where an experiment says nothing else. CPU time per request is the most exact of
/// the metrics, so its margin is the smallest; the far tail is the least exact.
const USUAL_MARGINS: [(Metric, f64); 7] = [
    (Metric::Throughput, 0.03),
    (Metric::CpuPerRequest, 0.02),
    (Metric::LatencyP50, 0.05),
    (Metric::LatencyP99, 0.05),
    (Metric::LatencyP999, 0.10),
    (Metric::Startup, 0.05),
    (Metric::Rss, 0.05),
];

/// The metrics of which two servers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Compared {
    Throughput,
    CpuPerRequest,
    LatencyP50,
    LatencyP99,
    LatencyP999,
    Startup,
    Rss,
}

impl Compared {
    fn metric(self) -> Metric {
        match self {
            Self::Throughput => Metric::Throughput,
            Self::CpuPerRequest => Metric::CpuPerRequest,
            Self::LatencyP50 => Metric::LatencyP50,
            Self::LatencyP99 => Metric::LatencyP99,
            Self::LatencyP999 => Metric::LatencyP999,
            Self::Startup => Metric::Startup,
            Self::Rss => Metric::Rss,
        }
    }
}

/// The primary metrics where nothing else is said: all that can be.
pub(super) fn usual_primary() -> BTreeSet<Metric> {
    Primary::ALL.map(Primary::metric).into()
}

/// The margins where nothing else is said.
pub(super) fn usual_margins() -> BTreeMap<Metric, f64> {
    BTreeMap::from(USUAL_MARGINS)
}

/// The primary metrics: those named, or the usual ones.
pub(super) fn primary(named: Option<&[Primary]>) -> Result<BTreeSet<Metric>, Problem> {
    let Some(named) = named else {
        return Ok(usual_primary());
    };
    if named.is_empty() {
        let problem = "primary is empty: name at least one metric, or leave the key out";
        return Err(Problem::at("primary", problem));
    }
    if let Some(again) = again(named) {
        let what = format!("`{}` is named twice", named[again].metric().name());
        let place = vec!["primary".into(), again.into()];
        return Err(Problem { place, what });
    }
    Ok(named.iter().map(|p| p.metric()).collect())
}

/// Where a list says something for the second time.
pub(super) fn again<T: Ord>(list: &[T]) -> Option<usize> {
    let mut seen = BTreeSet::new();
    list.iter().position(|item| !seen.insert(item))
}

/// The margins as relative differences: those named, the usual ones for the rest.
pub(super) fn margins(named: &BTreeMap<Compared, f64>) -> Result<BTreeMap<Metric, f64>, Problem> {
    let mut margins = usual_margins();
    for (compared, percent) in named {
        if !(0.01..=100.0).contains(percent) {
            let problem = format!("margin_percent has {percent}, allowed are 0.01 to 100");
            let problem = Problem::at(compared.metric().name(), problem);
            return Err(problem.within(["margin_percent".into()]));
        }
        margins.insert(compared.metric(), percent / 100.0);
    }
    Ok(margins)
}
