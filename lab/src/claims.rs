//! `lab claims`: what articles say, and what is true of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ::claims::{Facts, Ledger, Verdict, facts};
use analysis::claims::{Book, Evidences};
use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::{Answer, select};

/// Show what published articles claim, each sentence with a verdict from published data.
///
/// A verdict is supported, refuted, undecided or untested. It follows from the campaigns, the
/// tables of facts and the table of conformance below `reports`, by one rule and the tolerance that
/// the ledger declares (lab/claims/ledger). Put a claim of your own on trial with --file: see
/// lab/claims/README.md. What is untested says what it needs; where that is a campaign, run it with
/// `lab bench` and publish it with `lab report --publish`. A plan that runs all that is missing in
/// one go (`lab bench claims`) is not there yet, and neither are facts that have to be timed:
/// claims that name a fact `timed_...` stay untested.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  lab claims --article a --chapter 1\n  lab claims --verdict refuted\n  lab claims A1-03 --json\n  lab claims --file lab/claims/ledger/readmes.yaml\n  lab claims --measure"
)]
pub struct Args {
    /// Only these claims, by their names
    ids: Vec<String>,
    /// Only this article: a file of the ledger, without its ending
    #[arg(long, value_name = "NAME")]
    article: Option<String>,
    /// Only this chapter, with those below it: 2 has 2.4 too
    #[arg(long)]
    chapter: Option<String>,
    /// Only claims with this verdict
    #[arg(long, value_enum)]
    verdict: Option<Word>,
    /// Claims of one's own, a file or a folder of such, in the place of the ledger
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// The published reports; the checkout's `reports` where absent
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    /// Find the facts anew that need no load and no quiet machine, and publish them: some
    /// minutes, since some dozen programs are built
    #[arg(long, conflicts_with_all = ["ids", "article", "chapter", "verdict", "file", "json"])]
    measure: bool,
}

/// A verdict, as a word of the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Word {
    Supported,
    Refuted,
    Undecided,
    Untested,
}

impl Word {
    fn verdict(self) -> Verdict {
        match self {
            Self::Supported => Verdict::Supported,
            Self::Refuted => Verdict::Refuted,
            Self::Undecided => Verdict::Undecided,
            Self::Untested => Verdict::Untested,
        }
    }
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let here = || anyhow::Ok(select::here()?.root().to_owned());
    let reports = match &args.from {
        Some(folder) => folder.clone(),
        None => here()?.join("reports"),
    };
    if args.measure {
        let found = ::facts::deterministic(&here()?)?;
        return publish(&found, &reports.join(facts::FOLDER));
    }
    let ledger = match &args.file {
        Some(file) => Ledger::read(file)?,
        None => Ledger::read(&here()?.join(::claims::FOLDER))?,
    };
    known(args, &ledger)?;
    let evidences = Evidences::read(&reports, &ledger)?;
    let book = Book::of(&ledger, &evidences).only(|tried| {
        let claim = tried.claim;
        (args.ids.is_empty() || args.ids.contains(&claim.id))
            && (args.article.as_ref()).is_none_or(|name| *name == tried.article.name)
            && (args.chapter.as_ref()).is_none_or(|chapter| is_in(&claim.chapter, chapter))
            && (args.verdict).is_none_or(|word| word.verdict() == tried.verdict)
    });
    if args.json {
        println!("{}", serde_json::to_string_pretty(&book.json())?);
    } else {
        print!("{}", book.text());
    }
    Ok(Answer::Good)
}

/// Whether a chapter is one, or below it.
fn is_in(chapter: &str, wanted: &str) -> bool {
    let rest = chapter.strip_prefix(wanted);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Refuses names that nothing has: an empty answer would look like one.
fn known(args: &Args, ledger: &Ledger) -> anyhow::Result<()> {
    let articles: Vec<&str> = ledger.articles.iter().map(|a| a.name.as_str()).collect();
    if let Some(name) = &args.article
        && !articles.contains(&name.as_str())
    {
        bail!("{}", analysis::text::unknown("article", name, &articles));
    }
    let claims = || ledger.articles.iter().flat_map(|a| &a.claims);
    let ids: BTreeSet<&str> = claims().map(|c| c.id.as_str()).collect();
    for id in &args.ids {
        if !ids.contains(id.as_str()) {
            let ids: Vec<&str> = ids.iter().copied().collect();
            bail!("{}", analysis::text::unknown("claim", id, &ids));
        }
    }
    if let Some(chapter) = &args.chapter
        && !claims().any(|c| is_in(&c.chapter, chapter))
    {
        let chapters: BTreeSet<&str> = claims().map(|c| c.chapter.as_str()).collect();
        let chapters: Vec<&str> = chapters.into_iter().collect();
        bail!("{}", analysis::text::unknown("chapter", chapter, &chapters));
    }
    Ok(())
}

fn publish(found: &Facts, folder: &Path) -> anyhow::Result<Answer> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let path = folder.join(facts::FILE);
    std::fs::write(&path, found.text())
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!(
        "{} in {}; `lab site --update` renders the page anew",
        analysis::text::count(found.facts.len(), "fact"),
        path.display()
    );
    Ok(Answer::Good)
}
