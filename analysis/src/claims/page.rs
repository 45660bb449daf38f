//! The page that a stranger reads: article by article, what is said and what is true.

use std::collections::BTreeMap;

use claims::{Expected, Finding, How, Source, Verdict};

use super::{Book, Tried, picture, terminal};
use crate::report::document::{Cell, Column, Document, RowGroup, Table, Text};
use crate::report::{html, markdown};

/// The names of its files, below the reports.
pub const FILES: [&str; 2] = ["claims/README.md", "claims/index.html"];

/// The bytes of [`FILES`].
pub fn page(book: &Book<'_>) -> [String; 2] {
    let document = document(book);
    [markdown::render(&document), html::render(&document)]
}

fn document(book: &Book<'_>) -> Document<'static> {
    let mut page = Document {
        command: "lab site --update".to_owned(),
        ..Document::default()
    };
    page.heading(
        1,
        "What articles say of Go web frameworks, and what is true",
    );
    page.paragraph(
        "Every sentence that a lab can test, in our words, with a verdict that follows from published data by one rule. Nobody writes a verdict: each names the campaign or the table that it is from, and changes when these do.",
    );
    page.item(
        sign(Verdict::Supported)
            .plain(": the whole interval of what was found lies where the claim wants it."),
    );
    page.item(sign(Verdict::Refuted).plain(": none of it does."));
    page.item(
        sign(Verdict::Undecided).plain(": neither; more blocks, or a quieter machine, would tell."),
    );
    page.item(sign(Verdict::Untested).plain(": nothing is measured yet, or nothing can be here; the row says what it needs, or why not."));
    page.paragraph(format!("In the pictures: {}.", picture::LEGEND));
    page.paragraph(
        Text::default()
            .plain("Tolerances stand in the ledger, ")
            .code("lab/claims/ledger")
            .plain(", which was committed before anything was run for it; campaigns that are older than it are named by their dates. Each claim is judged by itself: of twenty claims that are wrong one may be called supported, and of twenty that are right one refuted. The rule and how often it errs: METHODOLOGY.md, ")
            .strong("Claims")
            .plain(". Ask for parts of it with ")
            .code("lab claims --article a --verdict refuted")
            .plain("."),
    );
    page.heading(2, "How many");
    page.table(counts(book));
    page.table(kinds(book));
    let mut articles: Vec<&str> = Vec::new();
    for tried in &book.tried {
        if articles.last() != Some(&tried.article.name.as_str()) {
            articles.push(&tried.article.name);
        }
    }
    for name in articles {
        let of: Vec<&Tried<'_>> = (book.tried.iter())
            .filter(|tried| tried.article.name == name)
            .collect();
        let article = of[0].article;
        page.heading(2, format!("{}: {}", article.name, article.title));
        page.paragraph(article.source.clone());
        page.table(table(&of));
    }
    page
}

fn sign(verdict: Verdict) -> Text {
    Text::default().strong(format!("{} {verdict}", verdict.sign()))
}

/// Verdicts by article.
fn counts(book: &Book<'_>) -> Table {
    let mut rows: BTreeMap<&str, BTreeMap<Verdict, usize>> = BTreeMap::new();
    for tried in &book.tried {
        *(rows.entry(&tried.article.name).or_default())
            .entry(tried.verdict)
            .or_default() += 1;
    }
    let mut columns = vec![Column::text("Article"), Column::number("Claims")];
    columns.extend(Verdict::ALL.map(|verdict| Column::number(verdict.word())));
    let number = |n: usize| Cell::number(n.to_string(), Some(n as f64));
    let rows = rows.into_iter().map(|(name, counts)| {
        let mut cells: Vec<Cell> = vec![name.into(), number(counts.values().sum())];
        cells
            .extend(Verdict::ALL.map(|verdict| number(counts.get(&verdict).copied().unwrap_or(0))));
        cells
    });
    Table {
        caption: "Verdicts by article".to_owned(),
        columns,
        groups: vec![RowGroup {
            rows: rows.collect(),
            ..RowGroup::default()
        }],
    }
}

/// What decided those that are decided, and what those that are not tested wait for.
fn kinds(book: &Book<'_>) -> Table {
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    for tried in &book.tried {
        let kind = match (&tried.claim.how, tried.verdict) {
            (How::Needs(_), _) => "untested: something is not there yet".to_owned(),
            (How::Cannot(_), _) => "untested: cannot be tested here".to_owned(),
            (How::Textual(_), _) => "untested: about the text alone".to_owned(),
            (How::Tested(_), Verdict::Untested) => {
                "untested: a number is not measured yet".to_owned()
            }
            (How::Tested(_), Verdict::Undecided) => {
                format!("undecided by {}", tried.kinds().join(" and "))
            }
            (How::Tested(_), _) => format!("decided by {}", tried.kinds().join(" and ")),
        };
        *rows.entry(kind).or_default() += 1;
    }
    let rows = rows
        .into_iter()
        .map(|(kind, n)| vec![kind.into(), Cell::number(n.to_string(), Some(n as f64))]);
    Table {
        caption: "What verdicts follow from".to_owned(),
        columns: vec![Column::text("Evidence"), Column::number("Claims")],
        groups: vec![RowGroup {
            rows: rows.collect(),
            ..RowGroup::default()
        }],
    }
}

fn table(of: &[&Tried<'_>]) -> Table {
    let row = |tried: &&Tried<'_>| -> Vec<Cell> {
        let order = tried.verdict as usize as f64;
        vec![
            tried.claim.id.as_str().into(),
            tried.claim.chapter.as_str().into(),
            tried.claim.says.as_str().into(),
            Cell::number(sign(tried.verdict), Some(order)),
            drawn(tried).into(),
            found(tried).into(),
            links(tried).into(),
        ]
    };
    Table {
        caption: format!("Claims of {}", of[0].article.title),
        columns: vec![
            Column::text("Claim"),
            Column::text("Chapter"),
            Column::text("What is said"),
            Column::text("Verdict"),
            Column::text("Picture"),
            Column::text("What was found"),
            Column::text("From"),
        ],
        groups: vec![RowGroup {
            rows: of.iter().map(row).collect(),
            ..RowGroup::default()
        }],
    }
}

/// The findings of a claim with what each had to be.
fn findings<'a>(tried: &'a Tried<'_>) -> impl Iterator<Item = (&'a Expected, &'a Finding)> {
    (tried.claim.tests().iter())
        .zip(&tried.judged)
        .flat_map(|(test, judged)| judged.findings.iter().map(move |f| (&test.expected, f)))
}

/// The picture of the finding that the verdict hangs on.
fn drawn(tried: &Tried<'_>) -> Text {
    let decisive = findings(tried)
        .find(|(_, finding)| finding.verdict == tried.verdict)
        .or_else(|| findings(tried).next());
    let picture = decisive.and_then(|(expected, finding)| {
        let found = finding.evidence.found.as_ref().ok()?;
        Some(picture::picture(expected, found))
    });
    match picture {
        Some(picture) if !picture.is_empty() => Text::default().code(picture),
        _ => "–".into(),
    }
}

fn found(tried: &Tried<'_>) -> Text {
    match &tried.claim.how {
        How::Needs(what) => return format!("Needs: {what}").into(),
        How::Cannot(why) | How::Textual(why) => return why.as_str().into(),
        How::Tested(_) => {}
    }
    let mut parts = Vec::new();
    for (test, judged) in tried.claim.tests().iter().zip(&tried.judged) {
        let words = test.source.words();
        let claimed = &test.expected;
        for finding in &judged.findings {
            let sign = finding.verdict.sign();
            // A fact is better told by what it is the number of than by its name.
            let (words, note) = match &test.source {
                Source::Fact(_) => (&finding.evidence.note, ""),
                _ => (&words, finding.evidence.note.as_str()),
            };
            let mut part = match &finding.evidence.found {
                Ok(found) => format!(
                    "{sign} {words}: {}, claimed {claimed}",
                    terminal::number(found)
                ),
                Err(why) => format!("{sign} {words}: {why}"),
            };
            if !note.is_empty() {
                part = format!("{part} ({note})");
            }
            parts.push(part);
        }
        if judged.findings.is_empty() {
            parts.push(format!("– {words}: claimed {claimed}, not measured yet"));
        }
        if !test.because.is_empty() {
            parts.push(format!("({})", test.because.trim_end_matches('.')));
        }
    }
    parts.join("; ").into()
}

/// Where to read on, each place once.
fn links(tried: &Tried<'_>) -> Text {
    let mut seen: Vec<&str> = Vec::new();
    let mut text = Text::default();
    for (_, finding) in findings(tried) {
        let evidence = &finding.evidence;
        if evidence.place.is_empty() || seen.contains(&evidence.place.as_str()) {
            continue;
        }
        if !seen.is_empty() {
            text = text.plain(", ");
        }
        seen.push(&evidence.place);
        let words = match evidence.kind {
            "campaign" => evidence.from.as_str(),
            kind => kind,
        };
        text = text.beside(words, evidence.place.as_str());
    }
    match seen.is_empty() {
        true => "–".into(),
        false => text,
    }
}
