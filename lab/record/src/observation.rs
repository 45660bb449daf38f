//! The row that analysis works on: one measured value and where it comes from.

use crate::validity::Validity;

/// What was measured, and in which unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Right answers per second inside the measured part of a window.
    Throughput,
    /// Server CPU time per right answer, from the process's CPU clock.
    CpuPerRequest,
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

impl Metric {
    /// Every metric, in the order in which reports show them.
    pub const ALL: [Self; 17] = [
        Self::Throughput,
        Self::CpuPerRequest,
        Self::SpinPerRequest,
        Self::ClientCpuPerRequest,
        Self::LatencyP50,
        Self::LatencyP99,
        Self::LatencyP999,
        Self::LatenessP99,
        Self::Errors,
        Self::ForeignCpu,
        Self::Startup,
        Self::Rss,
        Self::BinarySize,
        Self::Pss,
        Self::Goroutines,
        Self::Connections,
        Self::ConnectionsLost,
    ];

    /// The metric's name in raw data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::CpuPerRequest => "cpu_per_request",
            Self::SpinPerRequest => "spin_per_request",
            Self::ClientCpuPerRequest => "client_cpu_per_request",
            Self::LatencyP50 => "latency_p50",
            Self::LatencyP99 => "latency_p99",
            Self::LatencyP999 => "latency_p999",
            Self::LatenessP99 => "lateness_p99",
            Self::Errors => "errors",
            Self::ForeignCpu => "foreign_cpu",
            Self::Startup => "startup",
            Self::Rss => "rss",
            Self::BinarySize => "binary_size",
            Self::Pss => "pss",
            Self::Goroutines => "goroutines",
            Self::Connections => "connections",
            Self::ConnectionsLost => "connections_lost",
        }
    }

    /// The metric that has this name in raw data.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// The unit of the metric's values.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Throughput => "1/s",
            Self::CpuPerRequest
            | Self::SpinPerRequest
            | Self::ClientCpuPerRequest
            | Self::LatencyP50
            | Self::LatencyP99
            | Self::LatencyP999
            | Self::LatenessP99 => "us",
            Self::Errors => "1",
            Self::ForeignCpu => "core",
            Self::Startup => "ms",
            Self::Rss | Self::BinarySize | Self::Pss => "MiB",
            Self::Goroutines | Self::Connections | Self::ConnectionsLost => "1",
        }
    }

    /// Whether a larger value is the better one.
    pub fn higher_is_better(self) -> bool {
        matches!(self, Self::Throughput)
    }
}

/// Where in a campaign a value was measured: the coordinates of one window.
///
/// `launch` and `block` count from 1; 0 means "outside of any". Start-up times have launch 0
/// and their round as block; memory readings have the block after which they were taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The launch, from 1.
    pub launch: u32,
    /// The block, from 1, unique within the campaign: the key on which values are paired.
    pub block: u32,
    /// The position of the window inside its block, from 1; in a soak the number of the interval,
    /// and 0 for the whole window.
    pub window: u32,
    /// The framework's name.
    pub framework: String,
    /// What differs from the framework as declared; `twin` for the baseline's second copy, else empty.
    pub variant: String,
    /// What was asked: `plaintext`, `json`, ..., `startup` or `memory`.
    pub scenario: String,
    /// How it was asked: a mode of the experiment, `cold` for start-up, `idle`, `load`, `after`
    /// or `reference` for memory.
    pub mode: String,
}

/// One measured value.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Where it was measured.
    pub cell: Cell,
    /// What was measured; brings the unit.
    pub metric: Metric,
    /// The value in the metric's unit.
    pub value: f64,
    /// The reasons to doubt it.
    pub validity: Validity,
}

/// The columns of `observations.csv`, in order.
pub const COLUMNS: [&str; 12] = [
    "campaign",
    "launch",
    "block",
    "window",
    "framework",
    "variant",
    "scenario",
    "mode",
    "metric",
    "unit",
    "value",
    "validity",
];

impl Observation {
    /// The row's fields in the order of [`COLUMNS`].
    ///
    /// Values are written in the shortest form that reads back as the same `f64`.
    pub fn fields(&self, campaign: &str) -> [String; 12] {
        let c = &self.cell;
        [
            campaign.to_owned(),
            c.launch.to_string(),
            c.block.to_string(),
            c.window.to_string(),
            c.framework.clone(),
            c.variant.clone(),
            c.scenario.clone(),
            c.mode.clone(),
            self.metric.name().to_owned(),
            self.metric.unit().to_owned(),
            self.value.to_string(),
            self.validity.to_string(),
        ]
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
