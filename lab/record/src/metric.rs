//! What can be measured: one row a metric, with all that the lab knows of it before it has a value.

use crate::campaign::ModeKind;

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
pub struct Row {
    /// The metric.
    pub metric: Metric,
    /// Its name in raw data and in experiments.
    pub name: &'static str,
    /// The unit of its values.
    pub unit: &'static str,
    /// Which of two values is the better one.
    pub better: Better,
    /// Which tables of a report it makes.
    pub asked: Asked,
    /// What a server's values are paired with the baseline's by.
    pub paired_by: PairedBy,
    /// The usual margin, a relative difference from which on it matters; none where servers are
    /// not compared by it.
    pub margin: Option<f64>,
    /// Whether it can be a primary comparison, one that has to hold with all the others at once.
    pub primary: bool,
}

/// Which of two values is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The larger.
    Higher,
    /// The smaller.
    Lower,
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
    /// Servers take turns in a block, or in a round of starts.
    Block,
    /// It is read once a launch.
    Launch,
}

/// Every metric, in the order in which reports show them, which is that of [`Metric`].
///
/// Latency is asked of open loops only, where it is not just the number of connections over the
/// rate; the rate of closed ones only, where it was not the schedule that set it. CPU time per
/// request is the most exact, so its margin is the smallest; the far tail is the least exact.
const ROWS: [Row; 18] = [
    Row {
        metric: Metric::Throughput,
        name: "throughput",
        unit: "1/s",
        better: Better::Higher,
        asked: Asked::Modes(&[ModeKind::Saturation]),
        paired_by: PairedBy::Block,
        margin: Some(0.03),
        primary: true,
    },
    Row {
        metric: Metric::CpuPerRequest,
        name: "cpu_per_request",
        unit: "us",
        better: Better::Lower,
        asked: Asked::Modes(&[ModeKind::Saturation, ModeKind::Rate, ModeKind::Share]),
        paired_by: PairedBy::Block,
        margin: Some(0.02),
        primary: true,
    },
    Row {
        metric: Metric::InstructionsPerRequest,
        name: "instructions_per_request",
        unit: "1",
        better: Better::Lower,
        asked: Asked::Modes(&[ModeKind::Saturation, ModeKind::Rate, ModeKind::Share]),
        paired_by: PairedBy::Block,
        // It says less than a time does, so that no verdict is made of it.
        margin: None,
        primary: false,
    },
    Row {
        metric: Metric::SpinPerRequest,
        name: "spin_per_request",
        unit: "us",
        better: Better::Lower,
        asked: Asked::Never,
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
    },
    Row {
        metric: Metric::ClientCpuPerRequest,
        name: "client_cpu_per_request",
        unit: "us",
        better: Better::Lower,
        asked: Asked::Never,
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
    },
    Row {
        metric: Metric::LatencyP50,
        name: "latency_p50",
        unit: "us",
        better: Better::Lower,
        asked: Asked::Modes(&[ModeKind::Rate, ModeKind::Share]),
        paired_by: PairedBy::Block,
        margin: Some(0.05),
        primary: false,
    },
    Row {
        metric: Metric::LatencyP99,
        name: "latency_p99",
        unit: "us",
        better: Better::Lower,
        asked: Asked::Modes(&[ModeKind::Rate, ModeKind::Share]),
        paired_by: PairedBy::Block,
        margin: Some(0.05),
        primary: true,
    },
    Row {
        metric: Metric::LatencyP999,
        name: "latency_p999",
        unit: "us",
        better: Better::Lower,
        asked: Asked::Modes(&[ModeKind::Rate, ModeKind::Share]),
        paired_by: PairedBy::Block,
        margin: Some(0.10),
        primary: false,
    },
    Row {
        metric: Metric::LatenessP99,
        name: "lateness_p99",
        unit: "us",
        better: Better::Lower,
        asked: Asked::Never,
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
    },
    Row {
        metric: Metric::Errors,
        name: "errors",
        unit: "1",
        better: Better::Lower,
        asked: Asked::Never,
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
    },
    Row {
        metric: Metric::ForeignCpu,
        name: "foreign_cpu",
        unit: "core",
        better: Better::Lower,
        asked: Asked::Never,
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
    },
    Row {
        metric: Metric::Startup,
        name: "startup",
        unit: "ms",
        better: Better::Lower,
        asked: Asked::At("startup", &["cold"]),
        paired_by: PairedBy::Block,
        margin: Some(0.05),
        primary: false,
    },
    Row {
        metric: Metric::Rss,
        name: "rss",
        unit: "MiB",
        better: Better::Lower,
        asked: Asked::At("memory", &["idle", "load", "after"]),
        paired_by: PairedBy::Launch,
        margin: Some(0.05),
        primary: false,
    },
    Row {
        metric: Metric::BinarySize,
        name: "binary_size",
        unit: "MiB",
        better: Better::Lower,
        asked: Asked::At("build", &["size"]),
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
    },
    Row {
        metric: Metric::Pss,
        name: "pss",
        unit: "MiB",
        better: Better::Lower,
        asked: Asked::Never,
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
    },
    Row {
        metric: Metric::Goroutines,
        name: "goroutines",
        unit: "1",
        better: Better::Lower,
        asked: Asked::Never,
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
    },
    Row {
        metric: Metric::Connections,
        name: "connections",
        unit: "1",
        better: Better::Lower,
        asked: Asked::Never,
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
    },
    Row {
        metric: Metric::ConnectionsLost,
        name: "connections_lost",
        unit: "1",
        better: Better::Lower,
        asked: Asked::Never,
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
    },
];

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
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The metric's name in raw data.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The metric that has this name in raw data.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// The unit of the metric's values.
    pub fn unit(self) -> &'static str {
        self.row().unit
    }

    /// Whether a larger value is the better one.
    pub fn higher_is_better(self) -> bool {
        self.row().better == Better::Higher
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
}
