//! The table of one question: a line a server, and the lines that belong under it.

use record::metric::{PairedBy, Value};
use record::{Class, Flag, Metric};
use stats::Ratio;

use crate::estimate::{
    Analysis, Answer, Answers, Bound, LEAST_BLOCKS, LEVEL, Places, Role, Size, Verdict,
};
use crate::report::document::{self as report, Cell, Column, Document, RowGroup, Text};
use crate::text::{self, number};

/// Which columns a table has beside those that all have: none in which every field is empty.
struct Columns<'a> {
    label: &'a str,
    p95: bool,
    ratios: bool,
    directions: bool,
    ranks: bool,
    /// Where something is said of sizes.
    margin: Option<f64>,
    flags: bool,
    /// Of the values and of the ratios, so that their digits align.
    steps: Steps,
}

/// So many comparisons are a long line-up.
pub(crate) const MANY: usize = 12;

/// The steps of the columns of a table.
#[derive(Clone, Copy, Default)]
pub(super) struct Steps {
    values: Option<number::Step>,
    ratios: Option<number::Step>,
}

impl Steps {
    pub(super) fn of(table: &Answers) -> Self {
        let ratios = (table.rows.iter().filter_map(|row| row.ratio()))
            .map(|ratio| (ratio.point, Some(&ratio.interval)));
        Self {
            values: number::column(table.rows.iter().map(|r| (r.estimate, r.interval.as_ref()))),
            ratios: number::column(ratios),
        }
    }

    /// Of ratios alone.
    pub(super) fn of_ratios<'a>(ratios: impl Iterator<Item = &'a Ratio>) -> Self {
        Self {
            values: None,
            ratios: number::column(ratios.map(|ratio| (ratio.point, Some(&ratio.interval)))),
        }
    }
}

/// Writes the table of a question; `label` is what its values are called.
pub(super) fn write(
    page: &mut Document<'_>,
    analysis: &Analysis,
    caption: String,
    label: &str,
    table: &Answers,
) {
    let metric = table.question.metric;
    let any = |says: fn(&Answer) -> bool| table.rows.iter().any(says);
    let columns = Columns {
        label,
        p95: metric.about().value == Value::Median,
        ratios: any(|row| row.role != Role::Baseline && told_ratio(row).is_some()),
        directions: any(|row| is_told(row.verdict)),
        ranks: table.rows.iter().any(|row| table.places(row).is_some()),
        margin: (table.question.margin(&analysis.campaign.method))
            .filter(|_| any(|row| row.size.is_some())),
        flags: any(|row| !flags(row).is_empty()),
        steps: Steps::of(table),
    };
    let (mut frameworks, mut controls) = (RowGroup::default(), RowGroup::controls());
    for row in &table.rows {
        let class = analysis
            .framework(&row.framework)
            .map_or(Class::Idiomatic, |f| f.class);
        let cells = line(analysis, table, row, class, &columns);
        match class {
            Class::Idiomatic => frameworks.rows.push(cells),
            _ => controls.rows.push(cells),
        }
    }
    page.table(report::Table {
        caption,
        columns: heads(analysis, &columns, metric),
        groups: [frameworks, controls]
            .into_iter()
            .filter(|g| !g.rows.is_empty())
            .collect(),
    });
    footer(page, analysis, label, table);
}

fn heads(analysis: &Analysis, columns: &Columns<'_>, metric: Metric) -> Vec<Column> {
    let mut heads = vec![
        Column::text("Framework"),
        Column::text("Class"),
        Column::number(columns.label),
    ];
    heads.extend(columns.p95.then(|| Column::number("p95")));
    let ratio = || Column::number(format!("× {}", analysis.baseline()));
    heads.extend(columns.ratios.then(ratio));
    heads.extend(columns.directions.then(|| Column::text("Direction")));
    let size = |margin| Column::text(format!("Size (margin {})", number::share(margin)));
    heads.extend(columns.margin.map(size));
    heads.extend(columns.ranks.then(|| Column::number("Rank")));
    heads.push(Column::number(match metric.about().paired_by {
        PairedBy::Launch => "Launches",
        PairedBy::Start => "Starts",
        PairedBy::Block => "Blocks",
    }));
    heads.extend(columns.flags.then(|| Column::text("Flags")));
    heads
}

fn line(
    analysis: &Analysis,
    table: &Answers,
    row: &Answer,
    class: Class,
    columns: &Columns<'_>,
) -> Vec<Cell> {
    let class = match row.role {
        Role::Twin => "A/A",
        _ => class.name(),
    };
    let name = analysis.server(&row.framework, &row.variant);
    let mut cells: Vec<Cell> = vec![name.into(), class.into()];
    cells.push(estimate(row, columns.steps));
    if columns.p95 {
        let step = |p| number::step_in(p, columns.steps.values, row.interval.as_ref());
        let p95 = (row.p95).map(|p| (number::rounded(p, step(p)), p));
        cells.push(p95.map_or_else(Cell::missing, |(text, p)| Cell::number(text, Some(p))));
    }
    if columns.ratios {
        cells.push(ratio(row, columns.steps));
    }
    if columns.directions {
        cells.push(direction(row.verdict, table.question.metric));
    }
    if columns.margin.is_some() {
        cells.push(row.size.map(|s| s.to_string()).unwrap_or_default().into());
    }
    if columns.ranks {
        cells.push(table.places(row).map_or_else(Cell::default, places));
    }
    cells.push(Cell::number(
        row.blocks.to_string(),
        Some(row.blocks as f64),
    ));
    if columns.flags {
        cells.push(flags(row).into());
    }
    cells
}

/// `61,200 (60,300–62,100)`.
pub(super) fn estimate(row: &Answer, steps: Steps) -> Cell {
    let step = number::step_in(row.estimate, steps.values, row.interval.as_ref());
    let shown = |value: f64| number::rounded(value, step);
    let text = Text::from(format!("{}{}", row.bound.sign(), shown(row.estimate)));
    let text = match &row.interval {
        Some(interval) if number::says_nothing(interval) => text.range(number::NOT_HERE),
        Some(interval) => text.range(format!("{}–{}", shown(interval.low), shown(interval.high))),
        None => text,
    };
    Cell::number(text, Some(row.estimate))
}

/// `1.42 (1.38–1.47)`.
fn ratio(row: &Answer, steps: Steps) -> Cell {
    if row.role == Role::Baseline {
        return Cell::number("1", Some(1.0));
    }
    let Some(point) = told_ratio(row) else {
        return Cell::missing();
    };
    let text = compared(point, row.ratio(), row.ratio_bound, steps);
    Cell::number(text, Some(point))
}

/// The ratio, where there is one and it is known on which side of it the truth lies.
fn told_ratio(row: &Answer) -> Option<f64> {
    let unknown = row.ratio_bound == Bound::Unknown && row.role == Role::Subject;
    row.ratio_point().filter(|_| !unknown)
}

/// A ratio with its interval, in the digits that this allows.
pub(super) fn compared(point: f64, ratio: Option<&Ratio>, bound: Bound, steps: Steps) -> Text {
    ratio.map_or_else(
        || number::rounded(point, -2).into(),
        |ratio| {
            let sign = bound.sign();
            if number::says_nothing(&ratio.interval) {
                return number::NOT_HERE.into();
            }
            let own = number::ratio_step(ratio.point, Some(&ratio.interval));
            let step = steps.ratios.map_or(own, |step| step.clamp(-4, -2));
            let shown = |value: f64| number::rounded(value, step);
            let (low, high) = (shown(ratio.interval.low), shown(ratio.interval.high));
            Text::from(format!("{sign}{}", shown(ratio.point))).range(format!("{low}–{high}"))
        },
    )
}

/// `faster`, `undecided`.
pub(super) fn direction(verdict: Verdict, metric: Metric) -> Cell {
    match verdict {
        verdict if !is_told(verdict) => Cell::default(),
        verdict if verdict.is_called() => Text::default().strong(verdict.word(metric)).into(),
        verdict => verdict.word(metric).into(),
    }
}

/// Whether a row says its verdict; the lines below the table say once what holds for all of it.
fn is_told(verdict: Verdict) -> bool {
    !matches!(
        verdict,
        Verdict::None | Verdict::TooFewBlocks | Verdict::NoFloor
    )
}

/// `2`, `2–4`.
fn places(places: Places) -> Cell {
    let Places { best, worst } = places;
    let text = match best == worst {
        true => best.to_string(),
        false => format!("{best}–{worst}"),
    };
    Cell::number(text, Some(best as f64 + worst as f64 / 1000.0))
}

/// `client-bound 12/12`.
pub(super) fn flags(row: &Answer) -> String {
    let flags = row.flags.iter().map(|(flag, n)| (flag.name(), *n));
    let mut counts: Vec<(&str, usize)> = flags.collect();
    if row.lost > 0 {
        counts.push(("no value", row.lost));
    }
    counts.sort_unstable();
    let words: Vec<String> = (counts.iter())
        .map(|(name, n)| format!("{name} {n}/{}", row.windows))
        .collect();
    words.join(", ")
}

/// The A/A floor, what could have been found, what is a bound and who is missing.
fn footer(page: &mut Document<'_>, analysis: &Analysis, label: &str, table: &Answers) {
    match table.floor {
        Some(floor) => page.item(format!(
            "A/A: the second copy measured {} times the first over {}; noise floor {}.",
            number::rounded(floor.ratio, -3),
            text::count(floor.n, "pair"),
            plus_minus(floor.floor),
        )),
        None => page.item("No A/A here, so the noise floor is unknown and nothing is called."),
    }
    let pairs = |r: &Answer| (r.verdict == Verdict::TooFewBlocks).then_some(r.differences.len());
    if let Some(most) = table.rows.iter().filter_map(pairs).max() {
        page.item(format!(
            "No verdict: {}, {LEAST_BLOCKS} are the least.",
            text::count(most, "pair")
        ));
    }
    if let Some(alone) = range(table, Answer::mde) {
        let adjusted = range(table, Answer::mde_adjusted)
            .filter(|adjusted| *adjusted != alone)
            .map(|adjusted| {
                format!(", one of {adjusted} by the interval shown, which holds beside all others")
            })
            .unwrap_or_default();
        page.item(format!(
            "MDE, by framework: a true difference of {alone} would be found four times in five by a single test at 5 %{adjusted}."
        ));
    }
    if let Some(precise) = precision(table) {
        page.item(format!(
            "Each ratio by itself, at {} before it is adjusted for how many there are: {precise}.",
            number::share(LEVEL)
        ));
    }
    if let Some(tail) = table.tail.filter(|tail| !tail.is_even()) {
        let why = match tail.worst_tenth > 0.5 {
            true => "few blocks hold most of the slow requests",
            false => "one stall makes more slow requests than a block has",
        };
        page.item(format!(
            "No range for this percentile: {why} (the worst tenth of the blocks {}; {} a block on average), so these blocks say little about the next ones.",
            number::share(tail.worst_tenth),
            number::value(tail.slow_a_block, None),
        ));
    }
    let margin = table.question.margin(&analysis.campaign.method);
    if let (Some(margin), Some(floor)) = (margin, table.floor)
        && floor.floor > margin.ln_1p()
        && table.rows.iter().any(|row| row.size == Some(Size::Unclear))
    {
        page.item(format!(
            "Nothing can be called equivalent here: the noise floor is above the margin of {}.",
            number::share(margin)
        ));
    }
    let bounded = table.rows.iter().any(|r| {
        let ratio = r.role == Role::Subject && r.ratio_bound != Bound::Exact;
        r.bound != Bound::Exact || ratio
    });
    if bounded && table.question.metric.limited_by() == Flag::LowerBound {
        page.item(
            Text::from("≥, ≤: requests failed (")
                .code("lower-bound")
                .plain("). They count with the time until they failed, and could have taken longer: where that could move a value it is a lower bound, and its ratio a bound. Such a server is never called faster because of it, and one compared with it never slower."),
        );
    } else if bounded {
        page.item(
            Text::from("≥: the instrument was the bottleneck (")
                .code("client-bound")
                .plain("); the server may be faster, so the rate is a lower bound."),
        );
    }
    let absent: Vec<String> = analysis
        .campaign
        .frameworks
        .iter()
        .filter(|f| table.row(&f.name).is_none())
        .map(|f| f.title.clone())
        .collect();
    if !absent.is_empty() {
        page.item(format!("{label}: no value for {}.", text::list(&absent)));
    }
}

/// `±1.3 %`, `more than 100 %`.
fn plus_minus(log: f64) -> String {
    let size = number::size(log);
    match size.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("±{size}"),
        false => size,
    }
}

/// In a long line-up, how wide intervals are: `±1.2 % to ±3.4 %, nine in ten within ±2.6 %`.
fn precision(table: &Answers) -> Option<String> {
    let subjects = table.rows.iter().filter(|r| r.role == Role::Subject);
    let mut found: Vec<f64> = subjects.filter_map(Answer::half_width).collect();
    if found.len() < MANY {
        return None;
    }
    found.sort_by(f64::total_cmp);
    let nine_in_ten = found[(found.len() * 9).div_ceil(10) - 1];
    Some(format!(
        "{} to {}, nine in ten within {}",
        plus_minus(found[0]),
        plus_minus(found[found.len() - 1]),
        plus_minus(nine_in_ten)
    ))
}

/// From the least to the most of the compared frameworks.
fn range(table: &Answers, of: impl Fn(&Answer) -> Option<f64>) -> Option<String> {
    let subjects = table.rows.iter().filter(|r| r.role == Role::Subject);
    let mut found: Vec<f64> = subjects.filter_map(of).collect();
    found.sort_by(f64::total_cmp);
    Some(number::span(*found.first()?, *found.last()?))
}
