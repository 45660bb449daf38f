//! What can be measured: one row a metric ([`rows`]), with all that the lab knows of it before it has a
//! value, and what reports call it.

mod rows;
mod words;

use crate::campaign::ModeKind;
use crate::validity::Flag;
use rows::ROWS;

pub use words::{Chapter, Drawn, Words};

/// What was measured, and in which unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Right answers per second inside the measured part of a window.
    Throughput,
    /// Server CPU time per right answer, from the process's CPU clock.
    CpuPerRequest,
    /// Instructions that the server executed in user space for each request, by the processor's own
    /// counter.
    InstructionsPerRequest,
    /// CPU time that the server of a control burnt on purpose for each request, as it counted
    /// itself.
    SpinPerRequest,
    /// Instrument CPU time per right answer, without its spinning.
    ClientCpuPerRequest,
    /// Latency from the intended start (open loop) or the send (closed loop).
    LatencyP50,
    /// As [`Metric::LatencyP50`], 99th percentile.
    LatencyP99,
    /// As [`Metric::LatencyP50`], 99.9th percentile.
    LatencyP999,
    /// How late the instrument sent, 99th percentile.
    LatenessP99,
    /// Requests without a right answer.
    Errors,
    /// CPU time that neither server nor instrument used, as a share of one core.
    ForeignCpu,
    /// Time from exec to the first right answer.
    Startup,
    /// Resident set size.
    Rss,
    /// Size of the server's executable.
    BinarySize,
    /// Resident set size in which shared pages count by their share.
    Pss,
    /// Goroutines of the server.
    Goroutines,
    /// Connections that were open at once, at most.
    Connections,
    /// Connections that the server ended while they had no request.
    ConnectionsLost,
}

/// What the lab knows of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct About {
    /// The metric.
    pub metric: Metric,
    /// Its name in raw data and in experiments.
    pub name: &'static str,
    /// The unit of its values.
    pub unit: &'static str,
    /// Which of two values is the better one.
    pub better: Better,
    /// What a server's own value is.
    pub value: Value,
    /// Which tables of a report it makes.
    pub asked: Asked,
    /// What a server's values are paired with the baseline's by.
    pub paired_by: PairedBy,
    /// The usual margin, a relative difference from which on it matters; none where servers are
    /// not compared by it.
    pub margin: Option<f64>,
    /// Whether it can be a primary comparison, one that has to hold with all the others at once.
    pub primary: bool,
    /// What reports call it.
    pub words: Words,
}

/// Which of two values is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The larger.
    Higher,
    /// The smaller.
    Lower,
}

/// What a server's own value is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// The geometric mean over blocks.
    Mean,
    /// The median of all values, the 95th percentile beside it.
    Median,
    /// What this share of all requests is below.
    Quantile(f64),
    /// One number that is always the same: it has no interval, and nothing to compare by blocks.
    Exact,
}

/// Which tables of a report a metric makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// One for each scenario in each mode of these kinds.
    Modes(&'static [ModeKind]),
    /// One for each of these modes of a scenario that every campaign has.
    At(&'static str, &'static [&'static str]),
    /// None: it stands beside others, or in the validity record, or in the course of a soak.
    Never,
}

/// The key on which a server's values are paired with the baseline's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairedBy {
    /// Servers take turns in a block.
    Block,
    /// Servers take turns in a round of cold starts.
    Start,
    /// It is read once a launch.
    Launch,
}

impl Metric {
    /// Every metric, in the order in which reports show them.
    pub const ALL: [Self; ROWS.len()] = {
        let mut all = [Self::Throughput; ROWS.len()];
        let mut i = 0;
        while i < ROWS.len() {
            all[i] = ROWS[i].metric;
            assert!(
                all[i] as usize == i,
                "the rows are not in the metrics' order"
            );
            i += 1;
        }
        all
    };

    /// All that is known of it.
    pub fn about(self) -> &'static About {
        &ROWS[self as usize]
    }

    /// What reports call it.
    pub fn words(self) -> &'static Words {
        &self.about().words
    }

    /// The metric's name in raw data.
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// The metric that has this name in raw data.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// The unit of the metric's values.
    pub fn unit(self) -> &'static str {
        self.about().unit
    }

    /// Whether a larger value is the better one.
    pub fn higher_is_better(self) -> bool {
        self.about().better == Better::Higher
    }

    /// Whether it is one number that is always the same.
    pub fn is_exact(self) -> bool {
        self.about().value == Value::Exact
    }

    /// Whether it is asked in modes of this kind.
    pub fn is_asked_in(self, kind: ModeKind) -> bool {
        matches!(self.about().asked, Asked::Modes(kinds) if kinds.contains(&kind))
    }

    /// Scenario and first mode, where it is asked apart from load.
    pub fn asked_apart(self) -> Option<(&'static str, &'static str)> {
        match self.about().asked {
            Asked::At(scenario, modes) => Some((scenario, modes.first()?)),
            Asked::Modes(_) | Asked::Never => None,
        }
    }

    /// Those by which servers are compared apart from load.
    pub fn apart() -> impl Iterator<Item = Self> {
        let compared = Self::compared().map(|(metric, _)| metric);
        compared.filter(|metric| metric.asked_apart().is_some())
    }

    /// The flag of a window whose value is only a lower bound: of a rate because the instrument was
    /// the bottleneck, of what takes time because requests failed that could have taken longer.
    pub fn limited_by(self) -> Flag {
        match self.about().better {
            Better::Higher => Flag::ClientBound,
            Better::Lower => Flag::LowerBound,
        }
    }

    /// Those that are asked in modes of this kind.
    pub fn asked_in(kind: ModeKind) -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(move |metric| metric.is_asked_in(kind))
    }

    /// Those by which servers are compared, with their usual margins.
    pub fn compared() -> impl Iterator<Item = (Self, f64)> {
        let rows = ROWS.iter();
        rows.filter_map(|row| Some((row.metric, row.margin?)))
    }

    /// Those that can be primary.
    pub fn primary() -> impl Iterator<Item = Self> {
        let rows = ROWS.iter().filter(|row| row.primary);
        rows.map(|row| row.metric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_directions_are_those_that_reports_print() {
        let told = |metric: Metric| (metric.unit(), metric.higher_is_better());
        for (metric, unit, higher) in [
            (Metric::Throughput, "1/s", true),
            (Metric::CpuPerRequest, "us", false),
            (Metric::LatencyP50, "us", false),
            (Metric::LatencyP99, "us", false),
            (Metric::LatencyP999, "us", false),
            (Metric::ForeignCpu, "core", false),
            (Metric::Startup, "ms", false),
            (Metric::Rss, "MiB", false),
            (Metric::BinarySize, "MiB", false),
        ] {
            assert_eq!(told(metric), (unit, higher), "{metric:?}");
        }
    }

    #[test]
    fn names_are_told_apart() {
        let names: std::collections::BTreeSet<&str> = Metric::ALL.map(Metric::name).into();
        assert_eq!(names.len(), Metric::ALL.len());
        for metric in Metric::ALL {
            assert_eq!(Metric::named(metric.name()), Some(metric));
            assert!(!metric.words().name.is_empty(), "{metric:?}");
        }
    }
}
