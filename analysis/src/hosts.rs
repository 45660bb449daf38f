//! One experiment on several machines: what holds on all of them, and how much they differ.
//!
//! Nothing but ratios to the baseline of the same campaign is joined. Below five machines their
//! range stands beside what two copies of one binary made of themselves; from five on they are
//! taken as drawn from machines of their kind ([`stats::random_effects`]).

use record::metric::Asked;
use record::{Class, Metric, ModeKind};
use serde::Serialize;
use stats::random_effects::{self, Effect, Joined};
use stats::student;

use crate::diff::Kind;
use crate::estimate::{Analysis, Answer, Answers, LEVEL, Role};
use crate::report::stands::machine_words;
use crate::text::{self, escape, number};

/// Of every number in JSON.
const DIGITS: usize = 6;

/// What several machines say.
#[derive(Debug, Clone, Serialize)]
pub struct Hosts {
    /// The experiment.
    pub experiment: String,
    /// What ratios are to.
    pub baseline: String,
    /// The machines, in the order of their campaigns' starts.
    pub hosts: Vec<Host>,
    /// Whether protocol, toolchain or versions are not the same in all of them.
    pub measured_differently: bool,
    /// The figures that all of them have.
    pub figures: Vec<Figure>,
    /// What a reader may take to a machine of his own, in a sentence.
    pub answer: String,
}

/// One campaign on one machine.
#[derive(Debug, Clone, Serialize)]
pub struct Host {
    /// CPU model, number and kind of CPUs, kernel.
    pub machine: String,
    /// The campaign.
    pub campaign: String,
    /// Whether the machine was shown to match a profile.
    pub pinned: bool,
}

/// One framework's ratio for one question, machine by machine.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// The framework, as tables call it.
    pub framework: String,
    /// What was measured.
    pub metric: &'static str,
    /// What was asked.
    pub scenario: String,
    /// How it was asked.
    pub mode: String,
    /// In the order of the machines.
    pub by_host: Vec<Ratio>,
    /// The largest ratio over the smallest.
    pub range: Option<f64>,
    /// The largest difference that two copies of one binary showed on one of the machines, as a ratio.
    pub aa_ratio: Option<f64>,
    /// Whether the machines differ beyond the noise of each: two of them by their intervals, adjusted for
    /// how many pairs there are, and by more than any noise floor.
    pub differ: bool,
    /// `better`, `worse` where every machine calls it so, `undecided` otherwise.
    pub everywhere: &'static str,
    /// All machines together, from five on.
    pub joined: Option<All>,
}

/// The ratio on one machine, with its interval at 95 %.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Ratio {
    /// The ratio.
    pub point: Option<f64>,
    /// The interval's lower end.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
}

/// All machines together.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct All {
    /// The geometric mean of the ratios.
    pub ratio: Option<f64>,
    /// Its interval's lower end.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// Where the ratio on another machine is expected: the lower end.
    pub next_low: Option<f64>,
    /// The upper end.
    pub next_high: Option<f64>,
}

/// One machine's part of a figure.
struct Part<'a> {
    row: &'a Answer,
    effect: Effect,
    df: f64,
    floor: Option<f64>,
    apart: Option<f64>,
}

impl Hosts {
    /// Joins campaigns of one experiment.
    ///
    /// # Errors
    /// A sentence where there are fewer than two, or where they are not of one experiment.
    pub fn of(campaigns: &[Analysis]) -> Result<Self, String> {
        let [first, _, ..] = campaigns else {
            return Err("it takes the campaigns of two machines at least".to_owned());
        };
        let mut campaigns: Vec<&Analysis> = campaigns.iter().collect();
        campaigns.sort_by_key(|a| (a.campaign.started.clone(), a.campaign.id.clone()));
        for other in &campaigns {
            let asked = |a: &Analysis| {
                let design = &a.campaign.design;
                (design.experiment.clone(), design.baseline.clone())
            };
            if asked(first) != asked(other) {
                return Err(format!(
                    "{} is of experiment `{}` with baseline {} and {} of `{}` with {}: only one and the same can be joined",
                    first.campaign.id,
                    first.campaign.design.experiment,
                    first.campaign.design.baseline,
                    other.campaign.id,
                    other.campaign.design.experiment,
                    other.campaign.design.baseline
                ));
            }
            if !other.kind.is_paired() {
                return Err(format!(
                    "in {} nothing is paired, so there are no ratios to join",
                    other.campaign.id
                ));
            }
            if campaigns
                .iter()
                .filter(|a| a.campaign.id == other.campaign.id)
                .count()
                > 1
            {
                return Err(format!("{} is named twice", other.campaign.id));
            }
        }
        let hosts = (campaigns.iter())
            .map(|a| Host {
                machine: escape::plain(&machine_words(
                    a.campaign
                        .server_host
                        .as_ref()
                        .map_or(&a.campaign.host, |host| &host.facts),
                )),
                campaign: a.campaign.id.clone(),
                pinned: a.campaign.pinned,
            })
            .collect();
        let mut figures = Vec::new();
        for table in first.tables.iter().filter(|table| is_told(first, table)) {
            for row in table.rows.iter().filter(|row| row.role == Role::Subject) {
                figures.extend(figure(&campaigns, first, table, row));
            }
        }
        let mut joined = Self {
            experiment: first.campaign.design.experiment.clone(),
            baseline: escape::plain(first.baseline()),
            hosts,
            measured_differently: (campaigns.iter().skip(1))
                .any(|other| differs(campaigns[0], other)),
            figures,
            answer: String::new(),
        };
        joined.answer = joined.answer();
        Ok(joined)
    }

    fn answer(&self) -> String {
        let n = self.hosts.len();
        let machines: std::collections::BTreeSet<&str> = self
            .hosts
            .iter()
            .map(|host| host.machine.as_str())
            .collect();
        let told = |word: &str| -> Vec<String> {
            let mut grouped: Vec<Vec<&Figure>> = Vec::new();
            for figure in self.figures.iter().filter(|f| f.everywhere == word) {
                let alike = |of: &&mut Vec<&Figure>| {
                    (&of[0].framework, of[0].metric) == (&figure.framework, figure.metric)
                };
                match grouped.iter_mut().find(alike) {
                    Some(of) => of.push(figure),
                    None => grouped.push(vec![figure]),
                }
            }
            grouped.iter().map(|figures| named(figures)).collect()
        };
        let (better, worse) = (told("better"), told("worse"));
        let mut parts = Vec::new();
        if !better.is_empty() {
            parts.push(format!(
                "better than {} in {}",
                self.baseline,
                better.join("; ")
            ));
        }
        if !worse.is_empty() {
            parts.push(format!("worse in {}", worse.join("; ")));
        }
        let mut answer = match parts.is_empty() {
            true => format!(
                "No difference to {} was found on all {n} machines",
                self.baseline
            ),
            false => format!("On all {n} machines: {}", parts.join(". Also ")),
        };
        let differ = self
            .figures
            .iter()
            .filter(|f| f.differ && f.everywhere != "undecided")
            .count();
        if differ > 0 {
            answer += &format!(
                ". The direction may be taken to another machine, the size may not: {} differ between these beyond their noise",
                text::count(differ, "of these figure")
            );
        }
        if self.measured_differently {
            answer += ". These campaigns were not measured in one way (protocol, servers' versions or toolchain differ; `lab diff` tells), so part of what is apart may be that and not the machines";
        }
        if machines.len() < n {
            answer += &format!(
                ". By CPU, core kind and kernel these are only {}, so little is known of others",
                text::count(machines.len(), "machine")
            );
        }
        answer + "."
    }

    /// The answer, the machines and a line a figure, as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "# {} on {}\n\n{}\n\n",
            escape::markdown(&self.experiment),
            text::count(self.hosts.len(), "machine"),
            escape::markdown(&self.answer)
        );
        for (i, host) in self.hosts.iter().enumerate() {
            let pinned = if host.pinned { "pinned" } else { "unpinned" };
            out += &format!(
                "{}. {} ({pinned}; {})\n",
                i + 1,
                escape::markdown(&host.machine),
                escape::code(&host.campaign)
            );
        }
        let heads: String = (1..=self.hosts.len())
            .map(|i| format!(" machine {i} |"))
            .collect();
        let rules = " ---: |".repeat(self.hosts.len());
        out += &format!(
            "\nTimes {}, with intervals at 95 %, each for itself. *Apart*: the largest over the smallest, beside what two copies of one binary made of themselves; ≠ where machines differ beyond both their intervals (adjusted for how many pairs there are) and the noise floors.\n\n| Figure | Framework |{heads} Apart | A/A | All together (expected on another) | Everywhere |\n| --- | --- |{rules} ---: | ---: | --- | --- |\n",
            escape::markdown(&self.baseline)
        );
        for figure in &self.figures {
            out += &figure.line();
        }
        out
    }
}

impl Figure {
    fn what(&self) -> String {
        let metric = Metric::named(self.metric);
        let name = metric.map_or(self.metric, |metric| metric.words().name);
        match metric.map(|metric| metric.about().asked) {
            Some(Asked::At(_, [_])) => name.to_owned(),
            Some(Asked::At(..)) => format!("{name} {}", self.mode),
            _ => format!("{name} {}, {}", self.scenario, self.mode),
        }
    }

    fn line(&self) -> String {
        let two = |value: f64| number::rounded(value, -2);
        let ratios: String = (self.by_host.iter())
            .map(|ratio| match (ratio.point, ratio.low, ratio.high) {
                (Some(point), Some(low), Some(high)) => {
                    format!(" {} ({}–{}) |", two(point), two(low), two(high))
                }
                _ => " – |".to_owned(),
            })
            .collect();
        let missing = || "–".to_owned();
        let joined = self.joined.as_ref().and_then(|all| {
            Some(format!(
                "{} ({}–{}; {}–{})",
                two(all.ratio?),
                two(all.low?),
                two(all.high?),
                two(all.next_low?),
                two(all.next_high?)
            ))
        });
        format!(
            "| {} | {} |{ratios} {}{} | {} | {} | {} |\n",
            escape::markdown(&self.what()),
            escape::markdown(&self.framework),
            self.range.map_or_else(missing, |r| number::share(r - 1.0)),
            if self.differ { " ≠" } else { "" },
            self.aa_ratio
                .map_or_else(missing, |r| number::share(r - 1.0)),
            joined.unwrap_or_else(missing),
            self.everywhere
        )
    }
}

/// `Fiber requests/s in plaintext and json (1.59 to 1.76)`, of one framework and metric.
fn named(figures: &[&Figure]) -> String {
    let mut points: Vec<f64> = (figures.iter().flat_map(|f| &f.by_host))
        .filter_map(|ratio| ratio.point)
        .collect();
    points.sort_by(f64::total_cmp);
    let two = |value: Option<&f64>| value.map_or_else(String::new, |v| number::rounded(*v, -2));
    let metric = Metric::named(figures[0].metric);
    let name = metric.map_or(figures[0].metric, |metric| metric.words().name);
    let scenarios = match metric.and_then(Metric::asked_apart) {
        Some(_) => String::new(),
        _ => {
            let all: Vec<String> = figures.iter().map(|f| f.scenario.clone()).collect();
            format!(" in {}", text::list(&all))
        }
    };
    let range = range(two(points.first()), two(points.last()));
    format!("{} {name}{scenarios} ({range})", figures[0].framework)
}

/// One number where both ends are printed alike.
fn range(low: String, high: String) -> String {
    if low == high {
        low
    } else {
        format!("{low} to {high}")
    }
}

/// Rates and CPU time at saturation, startup and idle memory.
fn is_told(analysis: &Analysis, table: &Answers) -> bool {
    let question = &table.question;
    let modes = &analysis.campaign.design.modes;
    let saturation =
        || (modes.iter()).any(|m| m.name == question.mode && m.kind == ModeKind::Saturation);
    let is_apart = || Metric::apart().any(|metric| metric == question.metric);
    match question.metric.asked_apart() {
        Some((_, first)) => is_apart() && question.mode == first,
        None => question.metric.is_asked_in(ModeKind::Saturation) && saturation(),
    }
}

/// A framework's figure, if every machine has it.
fn figure(
    campaigns: &[&Analysis],
    first: &Analysis,
    table: &Answers,
    row: &Answer,
) -> Option<Figure> {
    let question = &table.question;
    (first.framework(&row.framework)?.class != Class::Variant).then_some(())?;
    let parts: Vec<Part<'_>> = (campaigns.iter())
        .map(|campaign| {
            let table = campaign.table(question.metric, &question.scenario, &question.mode)?;
            part(table, table.same(row)?)
        })
        .collect::<Option<_>>()?;
    let rounded = |value: f64| number::significant(value, DIGITS);
    let by_host = (parts.iter())
        .map(|part| {
            let half = student::factor(LEVEL, part.df).map(|factor| factor * part.effect.error);
            Ratio {
                point: rounded(part.effect.estimate.exp()),
                low: half.and_then(|half| rounded((part.effect.estimate - half).exp())),
                high: half.and_then(|half| rounded((part.effect.estimate + half).exp())),
            }
        })
        .collect();
    let logs = || parts.iter().map(|part| part.effect.estimate);
    let (least, most) = (
        logs().fold(f64::MAX, f64::min),
        logs().fold(f64::MIN, f64::max),
    );
    let floors = parts
        .iter()
        .filter_map(|part| part.floor)
        .fold(0.0, f64::max);
    let verdicts: Vec<_> = parts.iter().map(|part| part.row.verdict).collect();
    let all = |wanted| verdicts.iter().all(|verdict| *verdict == wanted);
    let effects: Vec<Effect> = parts.iter().map(|part| part.effect).collect();
    Some(Figure {
        framework: escape::plain(first.title(&row.framework)),
        metric: question.metric.name(),
        scenario: question.scenario.clone(),
        mode: question.mode.clone(),
        by_host,
        range: rounded((most - least).exp()),
        aa_ratio: (parts.iter().filter_map(|part| part.apart))
            .max_by(f64::total_cmp)
            .and_then(|apart| rounded(apart.exp())),
        differ: most - least > floors && any_two_differ(&parts),
        everywhere: match () {
            () if all(crate::estimate::Verdict::Better) => "better",
            () if all(crate::estimate::Verdict::Worse) => "worse",
            () => "undecided",
        },
        joined: random_effects::joined(&effects, LEVEL).ok().map(together),
    })
}

/// Whether two campaigns differ in more than the machine and the lab's revision.
fn differs(one: &Analysis, other: &Analysis) -> bool {
    let changes = crate::diff::Diff::between(one, other).changes;
    changes.iter().any(|change| {
        matches!(
            change.kind,
            Kind::Protocol | Kind::Toolchain | Kind::Version | Kind::Framework | Kind::Module
        )
    })
}

fn together(joined: Joined) -> All {
    let ratio = |log: f64| number::significant(log.exp(), DIGITS);
    All {
        ratio: ratio(joined.mean),
        low: ratio(joined.interval.low),
        high: ratio(joined.interval.high),
        next_low: ratio(joined.prediction.low),
        next_high: ratio(joined.prediction.high),
    }
}

/// The effect of one machine; nothing where a bound or too few pairs leave none.
fn part<'a>(table: &Answers, row: &'a Answer) -> Option<Part<'a>> {
    row.ratio_bound.is_exact().then_some(())?;
    Some(Part {
        row,
        effect: Effect {
            estimate: row.ratio_point()?.ln(),
            error: row.standard_error()?,
        },
        df: row.design.df,
        floor: table.floor.map(|floor| floor.floor),
        apart: table.floor.map(|floor| floor.ratio.ln().abs()),
    })
}

/// Whether two machines' effects differ, by Welch's test, adjusted for how many pairs there are.
fn any_two_differ(parts: &[Part<'_>]) -> bool {
    let pairs = (parts.len() * (parts.len() - 1) / 2).max(1) as f64;
    let test = |a: &Part<'_>, b: &Part<'_>| {
        let (one, other) = (a.effect.error.powi(2), b.effect.error.powi(2));
        let df = (one + other).powi(2) / (one.powi(2) / a.df + other.powi(2) / b.df);
        let t = (a.effect.estimate - b.effect.estimate) / (one + other).sqrt();
        student::two_sided_p(t, df) * pairs <= 1.0 - LEVEL
    };
    (parts.iter().enumerate()).any(|(i, a)| parts[..i].iter().any(|b| test(a, b)))
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ends_that_are_printed_alike_are_one_number() {
        assert_eq!(range("0.94".into(), "0.94".into()), "0.94");
        assert_eq!(range("0.93".into(), "0.94".into()), "0.93 to 0.94");
    }
}
