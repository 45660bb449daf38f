//! A campaign that compared two versions: what moved, and whether that is a regression.
//!
//! Here alone differences are claimed: both versions took turns, or ran at once, in one
//! campaign, and two copies of the base say what its noise makes up.

use record::Metric;
use serde::Serialize;

use crate::estimate::Analysis;
use crate::report::comparison::{self, Control, Moved};
use crate::report::labels;
use crate::text::{self, escape, number};

/// So many figures that may hide a regression are named before the rest is counted.
const NAMED: usize = 3;

/// What a campaign says of two versions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Versions {
    /// The campaign.
    pub campaign: String,
    /// The framework, as tables call it.
    pub framework: String,
    /// The versions of its module, of the base and of the new one; equal where something else
    /// differs.
    pub module_versions: [String; 2],
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
    /// What the campaign is not, or should not be: `unpinned`, `quick`.
    pub labels: Vec<&'static str>,
    /// The windows under load that the machine's other work disturbed, and all of them.
    pub disturbed: [usize; 2],
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
        let record = |name: &str| analysis.framework(name);
        let (old, new) = (&findings.versions.base, &findings.versions.new);
        let title = analysis.title(old);
        let version = |name: &str| record(name).map_or_else(String::new, |f| f.version.clone());
        Some(Self {
            campaign: analysis.campaign.id.clone(),
            // The campaign calls its two versions `Gin (base)` and `Gin (new)`.
            framework: title.strip_suffix(" (base)").unwrap_or(title).to_owned(),
            module_versions: [version(old), version(new)],
            labels: labels(analysis).into_iter().map(|(word, _)| word).collect(),
            disturbed: disturbed(analysis),
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
        line += &match self.regressions.len() {
            0 => format!(" No regression of {least} or more was found"),
            n => {
                let named: Vec<String> = self.regressions.iter().map(told).collect();
                format!(
                    " {} of {least} or more: {}",
                    if n == 1 { "Regression" } else { "Regressions" },
                    text::list(&named)
                )
            }
        };
        line + &self.not_excluded(threshold)
    }

    /// Which figures may hide a regression of the threshold all the same.
    fn not_excluded(&self, threshold: f64) -> String {
        let mut open: Vec<(&Moved, Option<f64>)> = (self.moved.iter().chain(&self.rest))
            .filter(|moved| moved.verdict != SAME_CODE)
            .map(|moved| (moved, worst(moved)))
            .filter(|(_, worst)| worst.is_none_or(|worst| worst >= threshold))
            .collect();
        if open.is_empty() {
            return match self.regressions.is_empty() {
                true => ", and the intervals of all figures exclude one.".to_owned(),
                false => ".".to_owned(),
            };
        }
        // What is not known at all stands behind what could be worst.
        let size = |worst: &Option<f64>| worst.unwrap_or(f64::NEG_INFINITY);
        open.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)));
        let mut named: Vec<String> = (open.iter().take(NAMED))
            .map(|(moved, worst)| match worst {
                Some(_) => format!(
                    "{} ({}; interval {})",
                    escape::plain(&moved.what()),
                    escape::plain(&moved.how()),
                    ends(moved)
                ),
                None => format!(
                    "{} ({}; no interval)",
                    escape::plain(&moved.what()),
                    escape::plain(&moved.how())
                ),
            })
            .collect();
        if open.len() > NAMED {
            named.push(format!("{} more", open.len() - NAMED));
        }
        format!("; not excluded in {}.", text::list(&named))
    }

    /// `Gin v1.9.1 to v1.10.0: revision a against revision b`.
    pub fn title(&self) -> String {
        let [old, new] = &self.module_versions;
        let versions = match (old == new, old.is_empty() || new.is_empty()) {
            (_, true) => String::new(),
            (true, _) => format!(" {old}"),
            (false, _) => format!(" {old} to {new}"),
        };
        escape::plain(&format!(
            "{}{versions}: {} against {}",
            self.framework, self.new, self.base
        ))
    }

    /// What speaks against the whole: how the campaign is marked, and how often it was disturbed.
    fn marks(&self) -> String {
        let [disturbed, windows] = self.disturbed;
        let share = match windows {
            0 => "no windows under load".to_owned(),
            _ => format!(
                "{disturbed} of {windows} windows under load disturbed from outside ({})",
                number::share(disturbed as f64 / windows as f64)
            ),
        };
        match self.labels.is_empty() {
            true => share,
            false => format!("{}; {share}", self.labels.join(", ")),
        }
    }

    /// The whole answer as Markdown: one line, a table of what moved, the rest folded.
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "### {}\n\n{}\n",
            escape::markdown(&self.title()),
            escape::markdown(&self.summary())
        );
        out += &format!(
            "\nCampaign {}: {}.\n",
            escape::code(&self.campaign),
            self.marks()
        );
        let moved: Vec<&Moved> = self.regressions.iter().chain(&self.moved).collect();
        if !moved.is_empty() {
            table(&mut out, &moved);
        }
        if !self.rest.is_empty() {
            out += &format!(
                "\n<details><summary>{} without a difference beyond noise, with what their intervals leave open</summary>\n",
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

/// By how much the new version could be worse, by the end of the interval that is bad news;
/// nothing where no such end is known. Sizes of files are exact.
fn worst(moved: &Moved) -> Option<f64> {
    if is_exact(moved) {
        return Some(worse_by(moved));
    }
    match moved.higher_is_better {
        true => moved.low.map(|low| 1.0 - low),
        false => moved.high.map(|high| high - 1.0),
    }
}

fn is_exact(moved: &Moved) -> bool {
    Metric::named(moved.metric).is_some_and(Metric::is_exact)
}

/// Load windows that carry a flag which speaks of the machine, and all of them.
fn disturbed(analysis: &Analysis) -> [usize; 2] {
    let load = (analysis.observed.iter()).filter(|(key, _)| key.metric == Metric::CpuPerRequest);
    load.fold([0, 0], |[disturbed, windows], (_, series)| {
        [
            disturbed + series.disturbed(true),
            windows + series.tally(true).windows,
        ]
    })
}

/// What a verdict says where there is no difference to find.
const SAME_CODE: &str = "the same machine code";

/// Whether the campaign could say anything of a figure.
fn judged(moved: &Moved) -> bool {
    moved.low.is_some() && matches!(moved.verdict, "undecided") || moved.called || is_exact(moved)
}

/// `CPU time per request, json +5.1 % (both at once)`.
fn told(moved: &Moved) -> String {
    format!(
        "{} {} ({})",
        escape::plain(&moved.what()),
        moved.ratio.map_or_else(String::new, |r| bounded(moved, r)),
        escape::plain(&moved.how())
    )
}

/// `-29 % to +7.1 %`.
fn ends(moved: &Moved) -> String {
    match (moved.low, moved.high) {
        (Some(low), Some(high)) => format!("{} to {}", signed(low - 1.0), signed(high - 1.0)),
        _ => "–".to_owned(),
    }
}

fn table(out: &mut String, rows: &[&Moved]) {
    out.push_str(
        "\n| Figure | Measured | New ÷ base | Interval | Level | Noise floor | |\n| --- | --- | ---: | ---: | ---: | ---: | --- |\n",
    );
    for moved in rows {
        let missing = || "–".to_owned();
        let level = moved.low.and(moved.level);
        *out += &format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            escape::markdown(&moved.what()),
            escape::markdown(&moved.how()),
            moved.ratio.map_or_else(missing, |r| bounded(moved, r)),
            ends(moved),
            level.map_or_else(missing, number::level),
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
