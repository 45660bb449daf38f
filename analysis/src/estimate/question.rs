//! What a campaign can be asked, one table a question.

use record::metric::{Asked, PairedBy};
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
        let before = self.metric.is_asked_in(ModeKind::Saturation);
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
        self.metric.about().paired_by
    }
}

/// All questions that a design's raw data answers, in the order of a report.
pub fn questions(design: &Design) -> Vec<Question> {
    let of = |metric: Metric| match metric.about().asked {
        Asked::Modes(kinds) => load(design, metric, kinds),
        Asked::At(scenario, modes) => (modes.iter())
            .map(|mode| Question::new(scenario, mode, metric))
            .collect(),
        Asked::Never => Vec::new(),
    };
    Metric::ALL.into_iter().flat_map(of).collect()
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
