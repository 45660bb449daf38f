//! What a campaign can be asked, one table a question.

use record::{Design, Method, Metric, ModeKind};
use stats::multiplicity::Family;

/// What one table answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What was asked of the servers.
    pub scenario: String,
    /// How it was asked.
    pub mode: String,
    /// What was measured.
    pub metric: Metric,
}

/// The key on which a server's values are paired with the baseline's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PairedBy {
    /// Servers take turns in a block, or in a round of starts.
    Block,
    /// Memory is read once a launch.
    Launch,
}

impl Question {
    fn new(scenario: &str, mode: &str, metric: Metric) -> Self {
        Self {
            scenario: scenario.to_owned(),
            mode: mode.to_owned(),
            metric,
        }
    }

    /// Which family of comparisons the question's answers belong to.
    ///
    /// The primary ones are those that the experiment declared before the run. All else is
    /// exploratory.
    pub fn family(&self, method: &Method) -> Family {
        // Campaigns that are older than the declaration had this family.
        let before = matches!(self.metric, Metric::Throughput | Metric::CpuPerRequest);
        let declared = method.primary.iter().any(|name| name == self.metric.name());
        match declared || (method.primary.is_empty() && before) {
            true => Family::Primary,
            false => Family::Exploratory,
        }
    }

    /// How large a difference has to be to matter, a relative difference; nothing where no
    /// margin was declared before the run.
    pub fn margin(&self, method: &Method) -> Option<f64> {
        method.margins.get(self.metric.name()).copied()
    }

    pub(super) fn paired_by(&self) -> PairedBy {
        match self.metric {
            Metric::Rss => PairedBy::Launch,
            _ => PairedBy::Block,
        }
    }
}

/// All questions that a design's raw data answers, in the order of a report.
///
/// Latency only of open loops, where it is not just the number of connections over the rate; the
/// rate only of closed ones, where it was not the schedule that set it.
pub fn questions(design: &Design) -> Vec<Question> {
    let mut all = Vec::new();
    for metric in Metric::ALL {
        match metric {
            Metric::Throughput => all.extend(load(design, metric, &[ModeKind::Saturation])),
            Metric::CpuPerRequest => {
                all.extend(load(
                    design,
                    metric,
                    &[ModeKind::Saturation, ModeKind::Rate],
                ));
            }
            Metric::LatencyP50 | Metric::LatencyP99 | Metric::LatencyP999 => {
                all.extend(load(design, metric, &[ModeKind::Rate]));
            }
            Metric::Startup => all.push(Question::new("startup", "cold", metric)),
            Metric::Rss => {
                all.extend(
                    ["idle", "load", "after"].map(|mode| Question::new("memory", mode, metric)),
                );
            }
            Metric::BinarySize => all.push(Question::new("build", "size", metric)),
            // A control's truth stands beside its ratio, what the instrument says of itself in
            // the validity record.
            Metric::SpinPerRequest
            | Metric::ClientCpuPerRequest
            | Metric::LatenessP99
            | Metric::Errors
            | Metric::ForeignCpu
            // What a soak asks of connections is no question to one block.
            | Metric::Pss
            | Metric::Goroutines
            | Metric::Connections
            | Metric::ConnectionsLost => {}
        }
    }
    all
}

fn load(design: &Design, metric: Metric, kinds: &[ModeKind]) -> Vec<Question> {
    design
        .scenarios
        .iter()
        .flat_map(|scenario| {
            design
                .modes
                .iter()
                .filter(|mode| kinds.contains(&mode.kind))
                .map(|mode| Question::new(&scenario.name, &mode.name, metric))
        })
        .collect()
}
