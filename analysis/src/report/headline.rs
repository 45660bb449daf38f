//! The answer in a few sentences, for somebody who reads nothing else.

use std::collections::BTreeMap;

use record::{Class, Finding, Flag, Metric, ModeKind, Status};

use crate::estimate::{
    Analysis, Answer, Answers, Bound, LEAST_BLOCKS, Role, Size, Steady, Verdict,
};
use crate::text::{self, number};

/// So many frameworks are named before the rest is counted.
const NAMED: usize = 6;

/// The headline speaks of disturbed windows when they are more than this share.
const DISTURBED: f64 = 0.1;

/// In a long line-up so large a share of the ratios of CPU time per request...
const KNOWN: f64 = 0.9;
/// ...is known so closely (log units, each by itself at 95 %), or it is preliminary.
const CLOSELY: f64 = 0.03;

/// What the campaign is not, or should not be, in a word each: `unpinned`, `quick`, `cut off`.
pub fn labels(analysis: &Analysis) -> Vec<(&'static str, &'static str)> {
    let campaign = &analysis.campaign;
    let mut labels = Vec::new();
    if !campaign.pinned {
        labels.push((
            "unpinned",
            "the host was not shown to match a profile, so the figures hold for this run and not for a machine that others can set up",
        ));
    }
    if campaign.quick {
        labels.push((
            "quick",
            "a smoke test with few and short windows: it shows that everything works, not which framework is faster",
        ));
    }
    if !campaign.quick && is_preliminary(analysis) {
        labels.push((
            "preliminary",
            "fewer than nine in ten ratios of CPU time per request at saturation are known within ±3 %, each by itself: an order of the line-up needs a longer campaign, or a quieter machine",
        ));
    }
    if campaign.host.contains_key(record::SHARED_CORE) {
        labels.push((
            "shared core",
            "server and instrument ran on threads of one core, where each slows the other down, so the figures are those of half a core beside a busy one: give the lab CPUs of two cores",
        ));
    }
    let there = campaign.server_host.as_ref().map(|host| &host.facts);
    let short = |facts: &BTreeMap<String, String>| facts.contains_key(record::SHORT_QUOTA);
    if short(&campaign.host) || there.is_some_and(short) {
        labels.push((
            "throttled",
            "the control group (container) of the lab has a CPU quota below the CPUs that were measured on, so servers and instrument were stopped again and again: these are the figures of the quota and not of the machine; measure without one",
        ));
    }
    match campaign.status {
        Status::Complete => {}
        Status::Running => labels.push((
            "cut off",
            "the campaign is still running or was cut off without a word; what follows is what had been measured up to the last whole block",
        )),
        Status::Interrupted => labels.push((
            "interrupted",
            "the campaign was stopped before its end; what follows is what had been measured up to the last whole block",
        )),
        Status::Failed => labels.push((
            "failed",
            "the campaign ended by an error of the lab's own (see the notes); what follows is what had been measured up to the last whole block",
        )),
    }
    labels
}

/// Whether a long line-up is known too loosely to be an order.
fn is_preliminary(analysis: &Analysis) -> bool {
    let tables: Vec<&Answers> = analysis
        .tables_of(Metric::CpuPerRequest)
        .filter(|t| is_saturation(analysis, t))
        .collect();
    let widths: Vec<Option<f64>> = subjects(analysis, &tables)
        .map(|(_, row)| row.half_width())
        .collect();
    let known = widths.iter().flatten().filter(|w| **w <= CLOSELY).count();
    widths.len() >= super::chapters::answers::MANY * tables.len().max(1)
        // An article's campaign has no ratios at all.
        && widths.iter().any(Option::is_some)
        && (known as f64) < KNOWN * widths.len() as f64
}

/// What is missing; what differs beyond noise, what does not, and how large the A/A difference
/// was.
///
/// Plain text: titles are as they came.
pub fn headline(analysis: &Analysis) -> Vec<String> {
    let missing = not_whole(&analysis.completeness).into_iter();
    missing.chain(analysis.kind.answers(analysis)).collect()
}

/// What of the raw data is not as it was planned.
fn not_whole(findings: &[Finding]) -> Option<String> {
    let words: Vec<String> = (findings.iter())
        .map(|finding| text::escape::plain(&finding.to_string()))
        .collect();
    (!words.is_empty()).then(|| format!("Not whole: {}.", named(&words, "; ")))
}

/// Which of two versions takes more, in a campaign that compares them.
pub(crate) fn versions(analysis: &Analysis) -> Option<String> {
    super::comparison::findings(analysis).map(|findings| findings.answer)
}

/// What is told of servers that were measured beside each other.
pub(crate) fn compared(analysis: &Analysis) -> Vec<String> {
    let asked: Vec<(Metric, Vec<&Answers>)> = Metric::asked_in(ModeKind::Saturation)
        .map(|metric| {
            let tables = analysis.tables_of(metric);
            let tables = tables.filter(|table| is_saturation(analysis, table));
            (metric, tables.collect())
        })
        .collect();
    let pairs = (asked.iter())
        .flat_map(|(_, tables)| subjects(analysis, tables))
        .map(|(_, row)| row.differences.len())
        .max();
    let mut sentences: Vec<String> = versions(analysis).into_iter().collect();
    match pairs {
        None => {
            sentences.push("Nothing was measured that could be compared.".to_owned());
            sentences.extend(throttled(analysis));
            return sentences;
        }
        Some(0) => {
            sentences.push(format!(
                "No comparison: {}, the baseline of all ratios, was not measured beside the others.",
                text::escape::plain(analysis.baseline())
            ));
            return sentences;
        }
        Some(pairs) if pairs < LEAST_BLOCKS => {
            let blocks = text::count(pairs, "block");
            sentences.push(format!(
                "No verdict: {blocks} a cell cannot tell a difference from noise, {LEAST_BLOCKS} are the least."
            ));
        }
        Some(_) if super::chapters::variants::are_the_question(analysis) => {
            sentences.extend(super::chapters::variants::sentences(analysis));
        }
        Some(_) => {
            sentences.extend(asked.iter().filter_map(|(metric, tables)| {
                let words = metric.words();
                let what = format!("{} at saturation", text::capital(words.long));
                answer(analysis, tables, &what, words.amounts)
            }));
            sentences.extend(against_load(analysis));
        }
    }
    sentences.extend(noise(analysis, &asked));
    sentences.extend(unsteady(analysis));
    sentences.extend(disturbed(analysis));
    sentences.extend(throttled(analysis));
    sentences
}

/// Where shares of each server's own capacity were offered, CPU time where servers are idlest and
/// latency where they are busiest.
fn against_load(analysis: &Analysis) -> Vec<String> {
    let at = |metric: Metric, busiest: bool| -> Option<(f64, Vec<&Answers>)> {
        let of = |scenario: &str| super::shares::tables(analysis, metric, scenario);
        let scenarios = analysis.campaign.design.scenarios.iter();
        let found: Vec<(f64, &Answers)> = scenarios
            .filter_map(|scenario| {
                let tables = of(&scenario.name);
                let table = match busiest {
                    true => tables.last(),
                    false => tables.first(),
                };
                table.copied()
            })
            .collect();
        let share = found.first()?.0;
        Some((share, found.into_iter().map(|(_, table)| table).collect()))
    };
    let said = [(Metric::CpuPerRequest, false), (Metric::LatencyP99, true)];
    said.into_iter()
        .filter_map(|(metric, busiest)| {
            let (share, tables) = at(metric, busiest)?;
            let words = metric.words();
            let what = format!(
                "{} at {} of each one's own capacity",
                words.name,
                number::share(share)
            );
            answer(analysis, &tables, &what, words.amounts)
        })
        .collect()
}

/// How often a CPU quota was used up: in any window that is too often.
pub(crate) fn throttled(analysis: &Analysis) -> Option<String> {
    let (windows, flagged) = load_windows(analysis, Flag::Throttled);
    (flagged > 0).then(|| {
        format!(
            "A CPU quota stopped servers and instrument in {flagged} of {windows} windows, so the figures are those of the quota and not of the machine."
        )
    })
}

/// How many windows of load there are, and how many of them carry a flag.
fn load_windows(analysis: &Analysis, flag: Flag) -> (usize, usize) {
    let beat = analysis.campaign.method.protocol.beat();
    let all = analysis.observed.iter();
    let tallies =
        (all.filter(|(key, _)| key.metric == beat)).map(|(_, series)| series.tally(false));
    tallies.fold((0, 0), |(windows, flagged), tally| {
        let more = tally.flags.get(&flag).copied().unwrap_or(0);
        (windows + tally.windows, flagged + more)
    })
}

/// Who did not come to rest.
fn unsteady(analysis: &Analysis) -> Option<String> {
    let unsteady: Vec<String> = (analysis.steadiness.iter())
        .filter(|s| s.variant.is_empty() && s.verdict() == Steady::NotReached)
        .map(|s| {
            let (flagged, of) = s.flagged();
            let title = text::escape::plain(analysis.title(&s.framework));
            format!("{title} ({flagged} of {of} launches)")
        })
        .collect();
    (!unsteady.is_empty()).then(|| {
        format!(
            "No steady state: {}; their figures are means over levels that changed.",
            named(&unsteady, ", ")
        )
    })
}

/// What the machine's other work did to more than a tolerable share of a mode's windows, which
/// figures that touches, and which not.
fn disturbed(analysis: &Analysis) -> Option<String> {
    let mut touched = Vec::new();
    let mut clean = Vec::new();
    for mode in &analysis.campaign.design.modes {
        let of = figures_of(mode.kind);
        let most = (Flag::ALL.into_iter().filter(|flag| flag.is_environmental()))
            .map(|flag| (flag, windows_of(analysis, &mode.name, flag)))
            .max_by_key(|(_, (_, flagged))| *flagged);
        let Some((flag, (total, flagged))) = most.filter(|(_, (total, _))| *total > 0) else {
            continue;
        };
        let name = text::escape::plain(&mode.name);
        match flagged as f64 > DISTURBED * total as f64 {
            true => touched.push(format!(
                "{flagged} of {total} windows of mode {name} are flagged {}, so of {of} trust the intervals more than the estimates",
                flag.name()
            )),
            false => clean.push(match flagged {
                0 => format!("none of the {total} windows of mode {name}, which {of} come from, is"),
                _ => format!("of mode {name}, which {of} come from, {flagged} of {total} are"),
            }),
        }
    }
    (!touched.is_empty()).then(|| {
        let sentences = touched.into_iter().chain(clean).collect::<Vec<_>>();
        format!("The machine was not left alone: {}.", sentences.join("; "))
    })
}

/// What is measured in the windows of a kind of mode.
fn figures_of(kind: ModeKind) -> &'static str {
    match kind {
        ModeKind::Saturation => "requests per second and CPU time at saturation",
        ModeKind::Rate => "latency and CPU time at a fixed rate",
        ModeKind::Share => "latency and CPU time at a share of each server's capacity",
    }
}

/// How many windows of a mode there are, and how many of them carry a flag.
fn windows_of(analysis: &Analysis, mode: &str, flag: Flag) -> (usize, usize) {
    let beat = analysis.campaign.method.protocol.beat();
    let load = (analysis.observed.iter()).filter(|(key, _)| key.metric == beat && key.mode == mode);
    load.fold((0, 0), |(windows, flagged), (_, series)| {
        let tally = series.tally(false);
        let more = tally.flags.get(&flag).copied().unwrap_or(0);
        (windows + tally.windows, flagged + more)
    })
}

fn is_saturation(analysis: &Analysis, table: &Answers) -> bool {
    analysis
        .campaign
        .design
        .modes
        .iter()
        .any(|m| m.name == table.question.mode && m.kind == ModeKind::Saturation)
}

/// The idiomatic frameworks' rows of some tables.
fn subjects<'a>(
    analysis: &'a Analysis,
    tables: &'a [&'a Answers],
) -> impl Iterator<Item = (&'a Answers, &'a Answer)> {
    tables
        .iter()
        .flat_map(|t| t.rows.iter().map(move |r| (*t, r)))
        .filter(|(_, r)| {
            r.role == Role::Subject
                && analysis
                    .framework(&r.framework)
                    .is_some_and(|f| f.class == Class::Idiomatic)
        })
}

/// One sentence on one metric over all scenarios.
fn answer(
    analysis: &Analysis,
    tables: &[&Answers],
    what: &str,
    (more, less): (&str, &str),
) -> Option<String> {
    let mut called = Vec::new();
    let (mut bound, mut same, mut equal) = (Vec::new(), Vec::new(), Vec::new());
    for name in analysis.ranking() {
        let rows: Vec<(&Answers, &Answer)> = subjects(analysis, tables)
            .filter(|(_, r)| r.framework == name)
            .collect();
        if rows.is_empty() {
            continue;
        }
        let title = text::escape::plain(analysis.title(name));
        let mut parts = Vec::new();
        for above in [true, false] {
            let side: Vec<&(&Answers, &Answer)> = rows
                .iter()
                .filter(|(_, r)| r.verdict.is_called())
                .filter(|(_, r)| r.ratio().is_some_and(|x| (x.point > 1.0) == above))
                .collect();
            if !side.is_empty() {
                parts.push(Part::of(above, &side, tables.len()));
            }
        }
        if !parts.is_empty() {
            called.push(Called { title, parts });
        } else if rows.iter().all(|(_, r)| r.verdict == Verdict::ClientBound) {
            bound.push(title);
        } else if rows.iter().all(|(_, r)| r.size == Some(Size::Within)) {
            equal.push(title);
        } else {
            same.push(title);
        }
    }
    let mut clauses = Vec::new();
    if called.len() <= NAMED {
        clauses.extend(called.iter().map(|one| one.words(more, less)));
    } else {
        clauses.extend(ends(&called, true, more));
        clauses.extend(ends(&called, false, less));
    }
    let margin = tables
        .first()
        .and_then(|t| t.question.margin(&analysis.campaign.method));
    if let (Some(margin), false) = (margin, equal.is_empty()) {
        clauses.push(format!(
            "equivalent within {} for {}",
            number::share(margin),
            named(&equal, ", ")
        ));
    }
    if !same.is_empty() {
        clauses.push(format!(
            "no difference beyond noise for {}",
            named(&same, ", ")
        ));
    }
    if !bound.is_empty() {
        clauses.push(format!(
            "no answer for {}, as the instrument and not the server was the bottleneck",
            named(&bound, ", ")
        ));
    }
    let base = text::escape::plain(analysis.baseline());
    let scenarios: Vec<String> = tables.iter().map(|t| scenario(t)).collect();
    let scenarios = text::list(&scenarios);
    (!clauses.is_empty()).then(|| {
        format!(
            "{what} in {scenarios}, compared with {base}: {}.",
            clauses.join("; ")
        )
    })
}

/// A framework that differs beyond noise somewhere.
struct Called {
    title: String,
    /// Where it has more, and where less.
    parts: Vec<Part>,
}

/// All differences of a framework in one direction.
struct Part {
    above: bool,
    /// `73 % to 76 %`.
    span: String,
    /// ` (json only)`, or nothing.
    only: String,
    /// The mean of the ratios' logarithms.
    mean: f64,
}

impl Part {
    fn of(above: bool, side: &[&(&Answers, &Answer)], all: usize) -> Self {
        let logs: Vec<f64> = (side.iter())
            .filter_map(|(_, row)| Some(row.ratio()?.point.ln()))
            .collect();
        Self {
            above,
            span: span(side),
            only: only(side, all),
            mean: stats::summary::mean(&logs).unwrap_or(0.0),
        }
    }
}

impl Called {
    /// `Fiber 73 % to 76 % more and 5.0 % fewer (json only)`.
    fn words(&self, more: &str, less: &str) -> String {
        let parts: Vec<String> = (self.parts.iter())
            .map(|part| {
                let word = if part.above { more } else { less };
                format!("{} {word}{}", part.span, part.only)
            })
            .collect();
        format!("{} {}", self.title, text::list(&parts))
    }
}

/// Of many frameworks, how many differ in one direction, and the nearest and the farthest of them:
/// `21 fewer, from Echo (6.0 %) to go-zero (64 % to 66 %)`.
fn ends(called: &[Called], above: bool, word: &str) -> Option<String> {
    let mut side: Vec<(&str, &Part)> = (called.iter())
        .flat_map(|one| one.parts.iter().map(|part| (one.title.as_str(), part)))
        .filter(|(_, part)| part.above == above)
        .collect();
    side.sort_by(|a, b| a.1.mean.abs().total_cmp(&b.1.mean.abs()));
    let one = |(title, part): &(&str, &Part)| {
        let only = part.only.replace(" (", ", ").replace(')', "");
        format!("{title} ({}{only})", part.span)
    };
    let (first, last) = (side.first()?, side.last()?);
    Some(match side.len() {
        1 => format!("{} {} {word}{}", first.0, first.1.span, first.1.only),
        n => format!("{n} {word}, from {} to {}", one(first), one(last)),
    })
}

/// The first few, and how many more there are.
fn named(words: &[String], between: &str) -> String {
    if between == ", " && words.len() <= NAMED {
        return text::list(words);
    }
    let mut text = words[..words.len().min(NAMED)].join(between);
    if words.len() > NAMED {
        text += &format!("{between}and {} more", words.len() - NAMED);
    }
    text
}

/// Which scenarios, unless it is all of them.
fn only(side: &[&(&Answers, &Answer)], all: usize) -> String {
    if side.len() == all {
        return String::new();
    }
    let names: Vec<String> = side.iter().map(|(t, _)| scenario(t)).collect();
    format!(" ({} only)", text::list(&names))
}

fn scenario(table: &Answers) -> String {
    text::escape::plain(&table.question.scenario)
}

/// `38 %`, `38 % to 61 %`, `at least 38 %`.
fn span(side: &[&(&Answers, &Answer)]) -> String {
    let mut shares: Vec<f64> = side
        .iter()
        .filter_map(|(_, r)| r.ratio().map(|x| (x.point - 1.0).abs()))
        .collect();
    shares.sort_by(f64::total_cmp);
    let low = number::share(shares[0]);
    let high = number::share(shares[shares.len() - 1]);
    let at_least = side.iter().any(|(_, r)| r.ratio_bound != Bound::Exact);
    match (at_least, low == high) {
        (true, _) => format!("at least {low}"),
        (false, true) => low,
        (false, false) => format!("{low} to {high}"),
    }
}

/// What two copies of the baseline made of themselves.
fn noise(analysis: &Analysis, asked: &[(Metric, Vec<&Answers>)]) -> Option<String> {
    let largest = |tables: &[&Answers], what: fn(&Answers) -> Option<f64>| {
        tables
            .iter()
            .filter_map(|t| what(t))
            .max_by(f64::total_cmp)
            .map(number::size)
    };
    let apart = |t: &Answers| t.floor.map(|f| f.ratio.ln().abs());
    let floor = |t: &Answers| t.floor.map(|f| f.floor);
    let base = text::escape::plain(analysis.copied());
    let parts: Vec<String> = (asked.iter())
        .filter_map(|(metric, tables)| {
            let (apart, floor) = (largest(tables, apart)?, largest(tables, floor)?);
            let what = metric.words().long;
            Some(format!("{apart} in {what} (noise floor up to {floor})"))
        })
        .collect();
    if parts.is_empty() {
        return Some(format!(
            "There is no A/A measurement of {base}, so nothing is known about this run's noise."
        ));
    }
    Some(format!(
        "Two copies of {base}, measured as if they were different frameworks, differed by up to {}; no difference below its noise floor is called.",
        text::list(&parts)
    ))
}
