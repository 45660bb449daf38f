//! What came of a try: a campaign whose true answer is known.

use std::collections::BTreeMap;
use std::path::Path;

use record::metric::PairedBy;
use record::{Campaign, DuetDesign, Metric, ModeKind};
use stats::launches::{Component, Design, Differences};
use stats::paired::Prepared;
use stats::pairing::Logs;
use stats::{Bootstrap, Ratio, summary};

use crate::error::AnalysisError;
use crate::estimate::{Analysis, LEVEL, Role};
use crate::frames::Key;

/// One comparison of a try.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// What was compared, and by which metric.
    pub what: String,
    /// The number of pairs.
    pub n: usize,
    /// The ratio as measured.
    pub ratio: f64,
    /// Its interval, where there is one, with its level.
    pub interval: Option<[f64; 3]>,
    /// The ratio as it is, where that is known.
    pub truth: Option<f64>,
    /// Whether a difference was found.
    pub found: bool,
}

impl Tried {
    /// Whether the truth lies in the interval; nothing where either is not known.
    pub fn holds(&self) -> Option<bool> {
        let ([low, high, _], truth) = (self.interval?, self.truth?);
        Some(low <= truth && truth <= high)
    }

    fn new(what: String, ratio: &Ratio, truth: Option<f64>) -> Self {
        Self {
            what,
            n: ratio.n,
            ratio: ratio.point,
            interval: Some([ratio.interval.low, ratio.interval.high, ratio.level]),
            truth,
            found: !ratio.interval.contains(1.0),
        }
    }
}

/// Disjoint pairs of the copies of one server, by requests/s and by CPU time per request.
pub fn copies(analysis: &Analysis) -> Vec<Tried> {
    let mut found = Vec::new();
    for table in &analysis.tables {
        let question = &table.question;
        if !question.metric.is_asked_in(ModeKind::Saturation) {
            continue;
        }
        let mut servers: Vec<(&str, &str)> = (table.rows.iter())
            .map(|r| (r.framework.as_str(), r.variant.as_str()))
            .collect();
        servers.sort_unstable();
        let logs = |(framework, variant): (&str, &str)| -> Logs {
            let series = analysis.observed.get(&Key {
                scenario: question.scenario.clone(),
                mode: question.mode.clone(),
                metric: question.metric,
                framework: framework.to_owned(),
                variant: variant.to_owned(),
            });
            series.map_or_else(Logs::default, |series| series.logs(PairedBy::Block))
        };
        let pairs: Vec<Pair> = (servers.chunks_exact(2))
            .map(|pair| {
                let pairs = logs(pair[1]).minus(&logs(pair[0]));
                let name = |(f, v): (&str, &str)| record::layout::subject(f, v);
                let metric = question.metric.name();
                Pair {
                    what: format!("{metric} {}/{}", name(pair[1]), name(pair[0])),
                    differences: pairs.differences(),
                    launches: pairs.launches(),
                }
            })
            .collect();
        let rows: Vec<Differences<'_>> = pairs.iter().map(Pair::pooled).collect();
        let component = Component::pooled(&rows);
        for pair in pairs {
            let design = match component {
                Some(component) => component.design(&pair.launches),
                None => Design::of_blocks(pair.differences.len()),
            };
            let ratio = Prepared::new(&pair.differences, Bootstrap::default())
                .and_then(|prepared| prepared.over(design).reported(LEVEL));
            if let Ok(ratio) = ratio {
                found.push(Tried::new(pair.what, &ratio, Some(1.0)));
            }
        }
    }
    found
}

/// Two copies, block by block.
struct Pair {
    what: String,
    differences: Vec<f64>,
    launches: Vec<u32>,
}

impl Pair {
    /// Disjoint pairs share nothing.
    fn pooled(&self) -> Differences<'_> {
        Differences {
            differences: &self.differences,
            launches: &self.launches,
            beside: 0,
        }
    }
}

/// One launch of two servers, as it was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DuetLaunch {
    /// Its number in the campaign.
    pub launch: u32,
    /// Whether the base was started and loaded first.
    pub base_first: bool,
    /// CPU time of a request of the base, in microseconds.
    pub base: f64,
    /// That of the other.
    pub other: f64,
}

/// The launches behind the ratio that a duet was made for, the versions or else the control, in
/// their order: what anyone needs to compute the ratio and its interval again. Empty for a
/// campaign without a duet.
///
/// # Errors
/// [`AnalysisError`] when the raw data cannot be read.
pub fn launches(campaign: &Path) -> Result<Vec<DuetLaunch>, AnalysisError> {
    let campaign = Campaign::open(campaign)?;
    let Some(kind) = (campaign.file.method.duet.as_ref()).and_then(DuetDesign::primary) else {
        return Ok(Vec::new());
    };
    let base = &campaign.file.design.baseline;
    let rows = campaign.rows()?.0;
    let mut sides: BTreeMap<u32, [Option<(u32, f64)>; 2]> = BTreeMap::new();
    for row in &rows {
        if row.cell.mode == kind.mode() && row.metric == Metric::CpuPerRequest {
            let is_base = row.cell.framework == *base && row.cell.variant.is_empty();
            let launch = sides.entry(row.cell.launch).or_default();
            launch[usize::from(!is_base)] = Some((row.cell.window, row.value));
        }
    }
    Ok((sides.into_iter())
        .filter_map(|(launch, [base, other])| {
            let (place, base) = base?;
            Some(DuetLaunch {
                launch,
                base_first: place == 1,
                base,
                other: other?.1,
            })
        })
        .collect())
}

/// The control of a duet.
pub fn duet(analysis: &Analysis) -> Option<Tried> {
    let duet = analysis.duet.as_ref()?;
    let ratio = duet.control.as_ref()?.ratio.as_ref()?;
    Some(Tried::new("cpu_per_request".to_owned(), ratio, duet.truth))
}

/// A version that does the same, by duet: told apart where its interval leaves 1 out, whatever is
/// known of the two programs' bytes.
pub fn identical(analysis: &Analysis) -> Option<Tried> {
    let duet = analysis.duet.as_ref()?;
    let ratio = duet.versions.as_ref()?.ratio.as_ref()?;
    let bytes = match analysis.campaign.same_code() {
        true => "the same bytes",
        false => "other bytes",
    };
    let what = format!("cpu_per_request of {bytes}");
    Some(Tried::new(what, ratio, Some(1.0)))
}

/// The copy with extra work against the framework, in turn; `level` is that of the rule that
/// ended it.
pub fn interleaved(analysis: &Analysis, level: f64) -> Option<Tried> {
    let baseline = &analysis.campaign.design.baseline;
    let mut tables = analysis.tables_of(Metric::CpuPerRequest);
    let (table, row) = tables.find_map(|t| {
        let row = t.rows.iter().find(|r| r.role == Role::Subject)?;
        Some((t, row))
    })?;
    let ratio = Prepared::new(&row.differences, Bootstrap::default())
        .and_then(|prepared| prepared.over(row.design).reported(level))
        .ok()?;
    let mean = |metric, framework: &str| {
        let series = analysis.observed.get(&Key {
            scenario: table.question.scenario.clone(),
            mode: table.question.mode.clone(),
            metric,
            framework: framework.to_owned(),
            variant: String::new(),
        })?;
        summary::geometric_mean(&series.positive())
    };
    let extra = mean(Metric::SpinPerRequest, &row.framework)
        .zip(mean(Metric::SpinPerRequest, baseline))
        .map(|(much, little)| much - little);
    let truth = extra
        .zip(mean(Metric::CpuPerRequest, baseline))
        .map(|(extra, cpu)| 1.0 + extra / cpu);
    Some(Tried::new("cpu_per_request".to_owned(), &ratio, truth))
}

/// The medians of two copies of one server as an article would print them; found is a
/// difference of more than `apart`, a share.
///
/// # Errors
/// [`AnalysisError`] when the raw data cannot be read.
pub fn article(campaign: &Path, apart: f64) -> Result<Option<Tried>, AnalysisError> {
    let campaign = Campaign::open(campaign)?;
    let rows = campaign.rows()?.0;
    let values = |variant: &str| -> Vec<f64> {
        (rows.iter())
            .filter(|r| r.metric == Metric::Throughput && r.cell.variant == variant)
            .map(|r| r.value)
            .collect()
    };
    let (first, second) = (values(""), values(&campaign.file.design.twin));
    let medians = summary::median(&first).zip(summary::median(&second));
    Ok(medians.map(|(one, other)| Tried {
        what: "throughput".to_owned(),
        n: first.len().min(second.len()),
        ratio: other / one,
        interval: None,
        truth: Some(1.0),
        found: (other / one).ln().abs() > apart.ln_1p(),
    }))
}
