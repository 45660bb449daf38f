//! Two servers at a time: the ratio of their CPU times, and whether to believe it.
//!
//! The unit is the launch: two fresh processes under one stretch of load give one difference.
//! Now and then a launch is far off, on either side alike as sides are swapped, so the estimate
//! is that of Hodges and Lehmann with the interval of the signed-rank test, which such launches
//! hardly move.
//! What the run shows of itself stands beside the answer: how far two copies of the base were
//! apart (A/A), and whether a known extra work was found (the control).
//!
//! The versions' ratio by duet is the one comparison that such a campaign is made for, declared
//! before the run, so it is a family of its own and its interval is not adjusted. What the
//! interleaved windows say belongs to the families of its tables.

use record::comparison::SPIN;
use record::metric::PairedBy;
use record::{CampaignFile, DuetDesign, DuetKind, Metric};
use stats::pairing::Logs;
use stats::verdict::direction;
use stats::{Ratio, mde, noise_floor, paired, signed_rank, stopping, student, summary};

use crate::estimate::{LEAST_BLOCKS, LEVEL, Verdict};
use crate::frames::{Key, Observed};

/// What the launches of two servers say.
#[derive(Debug, Clone)]
pub struct Duet {
    /// How they were measured.
    pub design: DuetDesign,
    /// The new version over the base.
    pub versions: Option<Side>,
    /// A copy of the base over the base.
    pub twins: Option<Side>,
    /// A copy with extra work over the base.
    pub control: Option<Side>,
    /// The ratio that the control should have: from the extra work as the servers counted it.
    pub truth: Option<f64>,
    /// Differences of the versions up to here (log units) are never called; from the twins.
    pub floor: Option<f64>,
    /// What may be said of the versions.
    pub verdict: Verdict,
}

/// One comparison of two servers.
#[derive(Debug, Clone)]
pub struct Side {
    /// Launch by launch, ln of the other's CPU time per request minus ln of the base's.
    pub differences: Vec<f64>,
    /// The ratio and its interval; absent below six launches.
    pub ratio: Option<Ratio>,
}

/// What came of a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A difference was found, and the truth lies in its interval.
    Yes,
    /// A difference was found, but the truth lies outside of its interval.
    Wrong,
    /// No difference was found.
    No,
}

impl Duet {
    /// Estimates everything; nothing where the campaign has no such launches.
    pub(crate) fn of(file: &CampaignFile, observed: &Observed) -> Option<Self> {
        let design = file.method.duet.clone()?;
        let base = file.design.baseline.as_str();
        // Who stops on precision takes intervals at a higher level, so that 95 % hold all the same.
        let level = match design.looks.is_empty() {
            true => LEVEL,
            false => stopping::LEVEL,
        };
        let side = |kind: DuetKind, framework: &str, variant: &str| {
            let of = |framework, variant| {
                logs(
                    observed,
                    &design,
                    kind,
                    Metric::CpuPerRequest,
                    (framework, variant),
                )
            };
            Side::of(&of(base, ""), &of(framework, variant), level)
        };
        let new = file.method.comparison.as_ref().map(|c| c.new.as_str());
        let versions = new.and_then(|new| side(DuetKind::Versions, new, ""));
        let twins = side(DuetKind::Twins, base, &file.design.twin);
        let control = side(DuetKind::Control, base, SPIN);
        let floor = twins
            .as_ref()
            .and_then(|t| noise_floor::noise_floor_of_medians(&t.differences, file.seed).ok())
            .map(|f| f.floor);
        let verdict = match &versions {
            None => Verdict::None,
            Some(_) if file.same_code() => Verdict::SameCode,
            Some(side) => side.verdict(floor),
        };
        Some(Self {
            truth: truth(observed, &design, base),
            design,
            versions,
            twins,
            control,
            floor,
            verdict,
        })
    }

    /// Whether the control's extra work was found; nothing where it cannot be said.
    pub fn found(&self) -> Option<Found> {
        let ratio = self.control.as_ref()?.ratio.as_ref()?;
        let truth = self.truth?;
        Some(match ratio.interval.is_above(1.0) {
            false => Found::No,
            true if ratio.interval.contains(truth) => Found::Yes,
            true => Found::Wrong,
        })
    }

    /// Whether two copies of one server were told apart; nothing where it cannot be said.
    pub fn twins_differ(&self) -> Option<bool> {
        let ratio = self.twins.as_ref()?.ratio.as_ref()?;
        Some(!ratio.interval.contains(1.0))
    }
}

impl Side {
    fn of(base: &Logs, other: &Logs, level: f64) -> Option<Self> {
        let differences = other.minus(base).differences();
        if differences.is_empty() {
            return None;
        }
        let ratio = paired::hodges_lehmann(&differences, level).ok();
        Some(Self { differences, ratio })
    }

    /// The estimate, also where there is no interval.
    pub fn point(&self) -> Option<f64> {
        signed_rank::pseudo_median(&self.differences).map(f64::exp)
    }

    /// The difference in log units that would have been found four times in five, from the
    /// width of the interval as if it were that of a t test.
    pub fn mde(&self) -> Option<f64> {
        let ratio = self.ratio?;
        let n = self.differences.len();
        let error = ratio.half_width().ln_1p() / student::factor(ratio.level, (n - 1) as f64)?;
        mde::mde(error * (n as f64).sqrt(), n)
    }

    fn verdict(&self, floor: Option<f64>) -> Verdict {
        if self.differences.len() < LEAST_BLOCKS {
            return Verdict::TooFewBlocks;
        }
        let (Some(ratio), Some(floor)) = (&self.ratio, floor) else {
            return Verdict::NoFloor;
        };
        direction(ratio, Metric::CpuPerRequest.higher_is_better(), floor).into()
    }
}

/// Logarithms of a server's values by launch.
fn logs(
    observed: &Observed,
    design: &DuetDesign,
    kind: DuetKind,
    metric: Metric,
    (framework, variant): (&str, &str),
) -> Logs {
    let series = observed.get(&Key {
        scenario: design.scenario.clone(),
        mode: kind.mode().to_owned(),
        metric,
        framework: framework.to_owned(),
        variant: variant.to_owned(),
    });
    series.map_or_else(Logs::default, |series| series.logs(PairedBy::Launch))
}

/// What the control should read: by how much the copy's counted work exceeds the base's,
/// over the base's CPU time; the geometric mean over the launches.
fn truth(observed: &Observed, design: &DuetDesign, base: &str) -> Option<f64> {
    let of = |metric, variant| logs(observed, design, DuetKind::Control, metric, (base, variant));
    let cpu = of(Metric::CpuPerRequest, "");
    let (little, much) = (
        of(Metric::SpinPerRequest, ""),
        of(Metric::SpinPerRequest, SPIN),
    );
    let ratios: Vec<f64> = (cpu.iter())
        .filter_map(|(launch, cpu)| {
            let extra = much.get(launch)?.exp() - little.get(launch)?.exp();
            Some(1.0 + extra / cpu.exp())
        })
        .collect();
    summary::geometric_mean(&ratios)
}
