//! Every metric, in the order in which reports show them, which is that of [`Metric`].
//!
//! Latency is asked of open loops only, where it is not just the number of connections over the
//! rate; the rate of closed ones only, where it was not the schedule that set it. CPU time per
//! request is the most exact, so its margin is the smallest; the far tail is the least exact.

use super::words::{Chapter, Drawn, Words};
use super::{About, Asked, Better, Metric, PairedBy, Value};
use crate::campaign::ModeKind;

/// Latencies are asked where the load does not wait for the server.
const OPEN_LOOPS: Asked = Asked::Modes(&[ModeKind::Rate, ModeKind::Share]);

/// All latencies are in one chapter.
const LATENCY: Option<Chapter> = Some(Chapter {
    title: "Latency in an open loop",
    intro: "Microseconds from when the schedule wanted a request sent to its answer, all requests together; less is better. Closed-loop latency is not a result and is not shown.",
});

/// What is measured beside others and makes no table: it is not compared.
const fn beside(metric: Metric, name: &'static str, unit: &'static str) -> About {
    About {
        metric,
        name,
        unit,
        better: Better::Lower,
        value: Value::Mean,
        asked: Asked::Never,
        paired_by: PairedBy::Block,
        margin: None,
        primary: false,
        words: Words::plain(name),
    }
}

/// A percentile of all requests.
const fn latency(metric: Metric, name: &'static str, share: f64, margin: f64) -> About {
    About {
        value: Value::Quantile(share),
        asked: OPEN_LOOPS,
        margin: Some(margin),
        ..beside(metric, name, "us")
    }
}

/// A row a metric.
pub(super) const ROWS: [About; 18] = [
    About {
        better: Better::Higher,
        asked: Asked::Modes(&[ModeKind::Saturation]),
        margin: Some(0.03),
        primary: true,
        words: Words {
            name: "requests/s",
            long: "requests per second",
            label: "Requests/s",
            column: "requests/s",
            narrow: "requests/s",
            short: "requests/s",
            amounts: ("more", "fewer"),
            verdicts: ("faster", "slower"),
            figure: Some("{scenario}_throughput"),
            benchmark: Some("req/s"),
            chapter: Some(Chapter {
                title: "Requests per second at saturation",
                intro: "Closed loop: each connection sends as soon as it has its answer. Right answers only; more is better.",
            }),
            drawn: Drawn::Bars {
                file: "throughput",
                title: "Requests per second",
            },
        },
        ..beside(Metric::Throughput, "throughput", "1/s")
    },
    About {
        asked: Asked::Modes(&[ModeKind::Saturation, ModeKind::Rate, ModeKind::Share]),
        margin: Some(0.02),
        primary: true,
        words: Words {
            name: "CPU time per request",
            long: "CPU time per request",
            label: "µs",
            column: "CPU µs a request",
            narrow: "CPU µs",
            short: "CPU",
            amounts: ("more", "less"),
            verdicts: ("less", "more"),
            figure: Some("{scenario}_cpu_us"),
            benchmark: Some("cpu-us/op"),
            chapter: Some(Chapter {
                title: "CPU time per request",
                intro: "Microseconds of the server process's own CPU clock per right answer; less is better. One fixed rate alone misleads, as an idle server wakes up more often: both are shown.",
            }),
            drawn: Drawn::Bars {
                file: "cpu",
                title: "CPU time per request, microseconds",
            },
        },
        ..beside(Metric::CpuPerRequest, "cpu_per_request", "us")
    },
    About {
        asked: Asked::Modes(&[ModeKind::Saturation, ModeKind::Rate, ModeKind::Share]),
        // It says less than a time does, so that no verdict is made of it: it has no margin.
        words: Words {
            name: "instructions per request",
            long: "instructions per request",
            label: "Instructions",
            column: "instructions a request",
            narrow: "instructions",
            short: "instructions",
            chapter: Some(Chapter {
                title: "Instructions per request",
                intro: "What the server executed in user space, by the processor's own counter, on this machine; less is not faster: the kernel's work, caches and waiting are not in it. For finding out where a difference in time is from, and declared for no verdict.",
            }),
            ..Words::plain("instructions_per_request")
        },
        ..beside(
            Metric::InstructionsPerRequest,
            "instructions_per_request",
            "1",
        )
    },
    beside(Metric::SpinPerRequest, "spin_per_request", "us"),
    beside(Metric::ClientCpuPerRequest, "client_cpu_per_request", "us"),
    About {
        words: Words {
            name: "p50 latency",
            long: "p50 latency",
            label: "p50 µs",
            column: "p50 µs",
            narrow: "p50 µs",
            short: "p50",
            figure: Some("{scenario}_p50_us"),
            chapter: LATENCY,
            drawn: Drawn::Curves,
            ..Words::plain("")
        },
        ..latency(Metric::LatencyP50, "latency_p50", 0.5, 0.05)
    },
    About {
        primary: true,
        words: Words {
            name: "p99 latency",
            long: "p99 latency",
            label: "p99 µs",
            column: "p99 µs",
            narrow: "p99 µs",
            short: "p99",
            figure: Some("{scenario}_p99_us"),
            chapter: LATENCY,
            ..Words::plain("")
        },
        ..latency(Metric::LatencyP99, "latency_p99", 0.99, 0.05)
    },
    About {
        words: Words {
            name: "p99.9 latency",
            long: "p99.9 latency",
            label: "p99.9 µs",
            column: "p99.9 µs",
            narrow: "p99.9 µs",
            short: "p99.9",
            figure: Some("{scenario}_p999_us"),
            chapter: LATENCY,
            ..Words::plain("")
        },
        ..latency(Metric::LatencyP999, "latency_p999", 0.999, 0.10)
    },
    beside(Metric::LatenessP99, "lateness_p99", "us"),
    beside(Metric::Errors, "errors", "1"),
    beside(Metric::ForeignCpu, "foreign_cpu", "core"),
    About {
        value: Value::Median,
        asked: Asked::At("startup", &["cold"]),
        paired_by: PairedBy::Start,
        margin: Some(0.05),
        words: Words {
            name: "startup time",
            long: "startup",
            label: "Median ms",
            column: "start ms",
            narrow: "start ms",
            short: "start",
            figure: Some("startup_ms"),
            benchmark: Some("ms"),
            drawn: Drawn::Starts,
            ..Words::plain("")
        },
        ..beside(Metric::Startup, "startup", "ms")
    },
    About {
        asked: Asked::At("memory", &["idle", "load", "after"]),
        paired_by: PairedBy::Launch,
        margin: Some(0.05),
        words: Words {
            name: "resident memory",
            long: "idle memory",
            label: "MiB",
            column: "idle MiB",
            narrow: "MiB",
            short: "MiB",
            verdicts: ("less", "more"),
            figure: Some("rss_{mode}_mib"),
            benchmark: Some("MiB"),
            drawn: Drawn::Memory,
            ..Words::plain("")
        },
        ..beside(Metric::Rss, "rss", "MiB")
    },
    About {
        value: Value::Exact,
        asked: Asked::At("build", &["size"]),
        words: Words {
            name: "binary size",
            long: "binary size",
            label: "MiB",
            column: "MiB",
            narrow: "MiB",
            short: "MiB",
            figure: Some("binary_mib"),
            ..Words::plain("")
        },
        ..beside(Metric::BinarySize, "binary_size", "MiB")
    },
    beside(Metric::Pss, "pss", "MiB"),
    beside(Metric::Goroutines, "goroutines", "1"),
    beside(Metric::Connections, "connections", "1"),
    beside(Metric::ConnectionsLost, "connections_lost", "1"),
];
