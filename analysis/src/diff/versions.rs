//! A campaign that compared two versions: what moved, and whether that is a regression.
//!
//! Here alone differences are claimed: both versions took turns, or ran at once, in one
//! campaign, and two copies of the base say what its noise makes up.

use record::Metric;
use serde::Serialize;

use crate::estimate::Analysis;
use crate::report::comparison::{self, Control, Moved};
use crate::text::{self, escape, number};

/// What a campaign says of two versions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Versions {
    /// The campaign.
    pub campaign: String,
    /// What the base is, in words.
    pub base: String,
    /// What the new version is, in words.
    pub new: String,
    /// From which relative difference on a regression is one too many; absent where none is.
    pub threshold: Option<f64>,
    /// Significant and worse by the threshold or more.
    pub regressions: Vec<Moved>,
    /// The other differences beyond noise.
    pub moved: Vec<Moved>,
    /// What did not move, or cannot be judged.
    pub rest: Vec<Moved>,
    /// Whether a known extra work was found in the same campaign.
    pub control: Option<Control>,
}

impl Versions {
    /// Nothing for a campaign that compares no versions.
    pub fn of(analysis: &Analysis, threshold: Option<f64>) -> Option<Self> {
        let findings = comparison::findings(analysis)?;
        let (called, rest): (Vec<Moved>, Vec<Moved>) =
            findings.metrics.into_iter().partition(|m| m.called);
        let (regressions, moved) = called
            .into_iter()
            .partition(|m| threshold.is_some_and(|least| worse_by(m) >= least));
        Some(Self {
            campaign: analysis.campaign.id.clone(),
            base: findings.versions.base_is,
            new: findings.versions.new_is,
            threshold,
            regressions,
            moved,
            rest,
            control: findings.control,
        })
    }

    /// Whether a significant regression is beyond the threshold.
    pub fn is_regression(&self) -> bool {
        !self.regressions.is_empty()
    }

    /// One line without markup.
    pub fn summary(&self) -> String {
        let all = self.regressions.len() + self.moved.len() + self.rest.len();
        let versions = format!(
            "{} against {}",
            escape::plain(&self.new),
            escape::plain(&self.base)
        );
        let moved = self.regressions.len() + self.moved.len();
        let mut line = match moved {
            0 => format!(
                "{versions}: none of {} moved beyond noise",
                text::count(all, "figure")
            ),
            _ => format!(
                "{versions}: {moved} of {} moved beyond noise",
                text::count(all, "figure")
            ),
        };
        let unjudged = self.rest.iter().filter(|m| !judged(m)).count();
        if unjudged > 0 {
            line += &format!(", {unjudged} cannot be judged");
        }
        if let Some(control) = &self.control
            && control.result == "not found"
        {
            line += "; the known extra work of the control was not found, so a difference of its size could not be seen";
        }
        line += ".";
        let Some(threshold) = self.threshold else {
            return line;
        };
        let least = number::share(threshold);
        match self.regressions.len() {
            0 => line + &format!(" No regression of {least} or more."),
            n => {
                let named: Vec<String> = self.regressions.iter().map(told).collect();
                line + &format!(
                    " {} of {least} or more: {}.",
                    if n == 1 { "Regression" } else { "Regressions" },
                    text::list(&named)
                )
            }
        }
    }

    /// The whole answer as Markdown: one line, a table of what moved, the rest folded.
    pub fn markdown(&self) -> String {
        let mut out = format!("{}\n", escape::markdown(&self.summary()));
        out += &format!("\nCampaign {}.\n", escape::code(&self.campaign));
        let moved: Vec<&Moved> = self.regressions.iter().chain(&self.moved).collect();
        if !moved.is_empty() {
            table(&mut out, &moved);
        }
        if !self.rest.is_empty() {
            out += &format!(
                "\n<details><summary>{} without a difference beyond noise</summary>\n",
                text::count(self.rest.len(), "figure")
            );
            table(&mut out, &self.rest.iter().collect::<Vec<_>>());
            out += "\n</details>\n";
        }
        out
    }
}

/// By how much the new version is worse; negative where it is better.
fn worse_by(moved: &Moved) -> f64 {
    let Some(ratio) = moved.ratio else { return 0.0 };
    match moved.higher_is_better {
        true => 1.0 - ratio,
        false => ratio - 1.0,
    }
}

/// Whether the campaign could say anything of a figure.
fn judged(moved: &Moved) -> bool {
    moved.low.is_some() && matches!(moved.verdict, "undecided")
        || moved.called
        || moved.metric == Metric::BinarySize.name()
}

/// `CPU time per request +5.1 % (json, both at once)`.
fn told(moved: &Moved) -> String {
    format!(
        "{} {} ({}, {})",
        name(moved),
        moved.ratio.map_or_else(String::new, |r| bounded(moved, r)),
        escape::plain(&moved.scenario),
        how(moved)
    )
}

fn name(moved: &Moved) -> &'static str {
    let metric = Metric::ALL.into_iter().find(|m| m.name() == moved.metric);
    metric.map_or(moved.metric, comparison::name)
}

fn how(moved: &Moved) -> String {
    match moved.design {
        "duet" => "both at once".to_owned(),
        _ => format!("{} in turn", escape::plain(&moved.mode)),
    }
}

fn table(out: &mut String, rows: &[&Moved]) {
    out.push_str(
        "\n| Figure | Measured | New ÷ base | 95 % interval | Noise floor | |\n| --- | --- | ---: | ---: | ---: | --- |\n",
    );
    for moved in rows {
        let interval = match (moved.low, moved.high) {
            (Some(low), Some(high)) => format!("{} to {}", signed(low - 1.0), signed(high - 1.0)),
            _ => "–".to_owned(),
        };
        let missing = || "–".to_owned();
        *out += &format!(
            "| {} {} | {} | {} | {interval} | {} | {} |\n",
            name(moved),
            escape::markdown(&moved.scenario),
            escape::markdown(&how(moved)),
            moved.ratio.map_or_else(missing, |r| bounded(moved, r)),
            moved
                .floor_ratio
                .map_or_else(missing, |f| number::share(f - 1.0)),
            said(moved),
        );
    }
}

/// What is said of a figure, in words.
fn said(moved: &Moved) -> String {
    if moved.called {
        let word = if moved.worse { "worse" } else { "better" };
        return format!("**{word}** ({})", moved.verdict);
    }
    let inside = match (moved.ratio, moved.floor_ratio) {
        (Some(ratio), Some(floor)) => ratio.ln().abs() <= floor.ln(),
        _ => false,
    };
    match moved.verdict {
        "undecided" if inside => "inside the noise floor".to_owned(),
        "undecided" => "the interval holds no difference".to_owned(),
        verdict => verdict.to_owned(),
    }
}

/// `+5.1 %`, `≥ +5.1 %`.
fn bounded(moved: &Moved, ratio: f64) -> String {
    format!("{}{}", moved.bound.sign(), signed(ratio - 1.0))
}

fn signed(share: f64) -> String {
    let sign = if share >= 0.0 { "+" } else { "" };
    format!("{sign}{}", number::share(share))
}
