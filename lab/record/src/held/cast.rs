//! Who and what a campaign's table can name.

use std::fmt;

use crate::campaign::CampaignFile;
use crate::comparison::{DuetKind, SPIN};
use crate::layout::subject;
use crate::metric::Metric;
use crate::rows::unknown_metric;
use crate::scan::BadField;

/// What was measured on whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The framework's name.
    pub framework: String,
    /// Its variant, empty for the framework as declared.
    pub variant: String,
    /// What was asked.
    pub scenario: String,
    /// How it was asked.
    pub mode: String,
    /// What was measured.
    pub metric: Metric,
    pub(super) place: Place,
}

/// Of which part of a campaign a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// The size of an executable.
    Size,
    /// A cold start.
    Start,
    /// Memory before the first block of a launch.
    Idle,
    /// Memory behind the last one.
    Memory,
    /// Memory before the one window of a soak.
    Reference,
    /// A window under load: the scenario's and the mode's numbers in the design.
    Load(u16, u16),
    /// One of two servers at a time.
    Duet,
}

impl Series {
    /// Whether it is the size of an executable.
    pub(super) fn is_size(&self) -> bool {
        self.place == Place::Size
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = subject(&self.framework, &self.variant);
        let (scenario, mode, metric) = (&self.scenario, &self.mode, self.metric.name());
        write!(f, "{metric} of {server} in {scenario} {mode}")
    }
}

/// Whom and what a campaign file names.
pub(super) struct Cast<'a> {
    file: &'a CampaignFile,
}

impl<'a> Cast<'a> {
    pub fn new(file: &'a CampaignFile) -> Self {
        Self { file }
    }

    /// The series that these fields of a row name.
    pub fn series(&self, fields: [String; 6]) -> Result<Series, BadField> {
        let [framework, variant, scenario, mode, metric, unit] = fields;
        let bad = |column, problem| Err(BadField { column, problem });
        let name = metric;
        let metric = Metric::named(&name).ok_or_else(|| unknown_metric(&name))?;
        if unit != metric.unit() {
            let wanted = metric.unit();
            return bad(
                "unit",
                format!("`{name}` is in `{wanted}`, not in `{unit}`"),
            );
        }
        if !self.file.frameworks.iter().any(|f| f.name == framework) {
            let names = self.file.frameworks.iter().map(|f| f.name.as_str());
            return bad(
                "framework",
                format!(
                    "`{}` is none of the campaign's frameworks, which are {}",
                    framework.escape_debug(),
                    names.collect::<Vec<_>>().join(", ")
                ),
            );
        }
        let place = self.place(&scenario, &mode, metric)?;
        if !self.has(&framework, &variant, place, &mode) {
            return bad(
                "variant",
                format!(
                    "`{}` is no variant of {framework} in {scenario} {mode}: the baseline is {}, its second copy `{}`",
                    variant.escape_debug(),
                    self.file.design.baseline,
                    self.file.design.twin
                ),
            );
        }
        Ok(Series {
            framework,
            variant,
            scenario,
            mode,
            metric,
            place,
        })
    }

    fn place(&self, scenario: &str, mode: &str, metric: Metric) -> Result<Place, BadField> {
        let design = &self.file.design;
        let of_load = !matches!(metric, Metric::Startup | Metric::BinarySize);
        let referred = self.file.method.protocol.rows().has_references();
        match (scenario, mode) {
            ("build", "size") if metric == Metric::BinarySize => return Ok(Place::Size),
            ("startup", "cold") if metric == Metric::Startup => return Ok(Place::Start),
            ("memory", "idle") if metric == Metric::Rss => return Ok(Place::Idle),
            ("memory", "load" | "after") if metric == Metric::Rss => return Ok(Place::Memory),
            ("memory", "reference") if referred && of_load => return Ok(Place::Reference),
            _ => {}
        }
        let duet = self.file.method.duet.as_ref();
        if duet.is_some_and(|duet| {
            duet.scenario == scenario && duet.kinds.iter().any(|kind| kind.mode() == mode)
        }) && of_load
        {
            return Ok(Place::Duet);
        }
        let modes: Vec<&str> = design.modes.iter().map(|m| m.name.as_str()).collect();
        let scenarios: Vec<&str> = design.scenarios.iter().map(|s| s.name.as_str()).collect();
        let s = scenarios.iter().position(|name| *name == scenario);
        let m = modes.iter().position(|name| *name == mode);
        match (s, m) {
            (Some(s), Some(m)) if of_load => Ok(Place::Load(s as u16, m as u16)),
            (None, _) => Err(BadField {
                column: "scenario",
                problem: format!(
                    "`{}` is none of the campaign's scenarios, which are {}, or has no {} `{}`",
                    scenario.escape_debug(),
                    scenarios.join(", "),
                    metric.name(),
                    mode.escape_debug()
                ),
            }),
            (_, None) => Err(BadField {
                column: "mode",
                problem: format!(
                    "`{}` is none of the campaign's modes, which are {}",
                    mode.escape_debug(),
                    modes.join(", ")
                ),
            }),
            _ => Err(BadField {
                column: "metric",
                problem: format!("{} is not measured in {scenario} {mode}", metric.name()),
            }),
        }
    }

    /// Whether a framework has this variant there.
    fn has(&self, framework: &str, variant: &str, place: Place, mode: &str) -> bool {
        let design = &self.file.design;
        let is_baseline = framework == design.baseline;
        let twin = is_baseline && variant == design.twin;
        let control = is_baseline && variant == SPIN && mode == DuetKind::Control.mode();
        match place {
            Place::Size => variant.is_empty(),
            Place::Duet => variant.is_empty() || twin || control,
            _ => variant.is_empty() || twin,
        }
    }

    /// Whether this is how the campaign calls an interval log, by its path below the histograms.
    pub fn has_log(&self, name: &str) -> bool {
        let Some((cell, log)) = name.split_once('/') else {
            return false;
        };
        let Some((server, launch)) = log
            .strip_suffix(".hlog")
            .and_then(|log| log.rsplit_once(".launch"))
        else {
            return false;
        };
        let known = self.file.design.scenarios.iter().any(|s| {
            let mut modes = self.file.design.modes.iter();
            modes.any(|m| cell == format!("{}.{}", s.name, m.name))
        });
        let duet = self.file.method.duet.as_ref().is_some_and(|duet| {
            let mut kinds = duet.kinds.iter();
            kinds.any(|kind| cell == format!("{}.{}", duet.scenario, kind.mode()))
        });
        let design = &self.file.design;
        let server = self.file.frameworks.iter().any(|f| {
            server == f.name
                || f.name == design.baseline
                    && [design.twin.as_str(), SPIN]
                        .iter()
                        .any(|variant| server == subject(&f.name, variant))
        });
        let launch = launch.parse::<u32>().is_ok_and(|n| n.to_string() == launch);
        (known || duet) && server && launch
    }
}
