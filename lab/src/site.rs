//! `lab site`: all published reports as pages, or whether they are what their raw data give.

use std::path::{Path, PathBuf};

use ::claims::Ledger;
use analysis::claims::{Book, Evidences, FILES, page};
use analysis::instructions::{FOLDER, Kept, companion};
use analysis::report::Rendered;
use analysis::site::{self, Site};
use anyhow::{Context, bail};

use crate::{Answer, select};

/// Render all published reports as a folder of pages, each from its own raw data.
///
/// The folder gets index.html, which lists hosts and experiments, and for each of these its
/// report as HTML, Markdown, SVG and JSON, its history, and the raw data. The same reports give
/// the same bytes. --check writes nothing and fails where what is published is not what its raw
/// data give.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  lab site --out site\n  lab site --check\n  lab site --update")]
pub struct Args {
    /// The published reports; the checkout's `reports` where absent
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Where the pages go: a folder that is not there yet, or is empty
    #[arg(long, value_name = "DIR", required_unless_present_any = ["check", "update"])]
    out: Option<PathBuf>,
    /// Name the published files that are not what their raw data give; exit status 1 if any
    #[arg(long, conflicts_with = "out")]
    check: bool,
    /// Render in place: each published report beside its raw data, reports/index.html, the pages
    /// of claims and of counted instructions, and the README's table of them
    #[arg(long, conflicts_with_all = ["out", "check"])]
    update: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let from = match &args.from {
        Some(folder) => folder.clone(),
        None => select::here()?.root().join("reports"),
    };
    let published = site::published(&from)?;
    if published.is_empty() {
        bail!(
            "{} holds no published report: there is no campaign.yaml in it or below; `lab report --publish` puts one there",
            from.display()
        );
    }
    // What belongs to the checkout, and not to a folder from elsewhere.
    let readme = match &args.from {
        Some(_) => None,
        None => Some(select::here()?.root().join("README.md")),
    };
    if args.update {
        return update(&from, &published, readme.as_deref());
    }
    let Some(out) = args.out.as_deref().filter(|_| !args.check) else {
        return check(&from, &published, readme.as_deref());
    };
    refuse_what_is_there(out)?;
    let site = Site::render(&published)?;
    site.write(out)?;
    println!(
        "{} in {}",
        analysis::text::count(published.len(), "report"),
        out.join("index.html").display()
    );
    Ok(Answer::Good)
}

fn check(
    from: &Path,
    published: &[site::Published],
    readme: Option<&Path>,
) -> anyhow::Result<Answer> {
    let mut wrong = 0;
    for report in published {
        for fault in site::faults(report)? {
            println!("{}: {fault}", from.join(&report.place).display());
            wrong += 1;
        }
    }
    for (path, wanted) in overview(from, published, readme)? {
        // A tree of campaigns need not have a page that lists them.
        let is_there = readme.is_some() || path.is_file();
        if is_there && std::fs::read_to_string(&path).unwrap_or_default() != wanted {
            println!("{} differs from what the reports give", path.display());
            wrong += 1;
        }
    }
    if let Some((folder, rendered)) = instructions(from, published)? {
        for (name, bytes) in &rendered.files {
            let path = folder.join(name);
            if std::fs::read(&path).unwrap_or_default() != *bytes {
                println!("{} differs from what the counts give", path.display());
                wrong += 1;
            }
        }
    }
    let reports = analysis::text::count(published.len(), "report");
    if wrong == 0 {
        println!("{reports}: every file is what its raw data give.");
        return Ok(Answer::Good);
    }
    println!(
        "{} of {reports} not as rendered: render them in place with `lab site --update`.",
        analysis::text::count(wrong, "file")
    );
    Ok(Answer::BadNews)
}

/// Renders everything in place.
fn update(
    from: &Path,
    published: &[site::Published],
    readme: Option<&Path>,
) -> anyhow::Result<Answer> {
    for report in published {
        site::update(report)?;
    }
    if let Some((folder, rendered)) = instructions(from, published)? {
        analysis::report::write(&rendered, &folder)?;
    }
    // First what the overview lists where it is there.
    if readme.is_some() {
        for (path, wanted) in claims(from)? {
            write(&path, &wanted)?;
        }
    }
    for (path, wanted) in overview(from, published, readme)? {
        write(&path, &wanted)?;
    }
    println!(
        "{} rendered in place; look at the difference before committing it.",
        analysis::text::count(published.len(), "report")
    );
    Ok(Answer::Good)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Between these lines the README's table stands.
const BEGIN: &str = "<!-- lab site --update writes from here -->\n";
const END: &str = "<!-- up to here -->\n";

/// The files that list all reports, with what they should hold.
fn overview(
    from: &Path,
    published: &[site::Published],
    readme: Option<&Path>,
) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let overview = Site::overview(from, published)?;
    let mut files = vec![(from.join("index.html"), overview.index)];
    if readme.is_some() {
        files.extend(claims(from)?);
    }
    if let Some(readme) = readme {
        let text = std::fs::read_to_string(readme)
            .with_context(|| format!("cannot read {}", readme.display()))?;
        // A checkout may well do without the table.
        if let Some((before, rest)) = text.split_once(BEGIN)
            && let Some((_, after)) = rest.split_once(END)
        {
            let text = format!("{before}{BEGIN}{}{END}{after}", overview.readme);
            files.push((readme.to_owned(), text));
        }
    }
    Ok(files)
}

/// Old pages between new ones would be read as theirs.
fn refuse_what_is_there(out: &Path) -> anyhow::Result<()> {
    let Ok(mut entries) = std::fs::read_dir(out) else {
        return Ok(());
    };
    let first = entries.next().transpose();
    if let Some(entry) = first.with_context(|| format!("cannot read {}", out.display()))? {
        bail!(
            "{} is not empty ({} is in it): remove it, or name another folder",
            out.display(),
            entry.file_name().to_string_lossy()
        );
    }
    Ok(())
}

/// The page of claims, which belongs to the checkout's ledger.
fn claims(reports: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let ledger = Ledger::read(&select::here()?.root().join(::claims::FOLDER))?;
    let evidences = Evidences::read(reports, &ledger)?;
    let pages = page(&Book::of(&ledger, &evidences));
    let files = FILES.iter().map(|name| reports.join(name));
    Ok(files.zip(pages).collect())
}

/// The page of counted instructions, where there are any, and the folder that it belongs to.
fn instructions(
    reports: &Path,
    published: &[site::Published],
) -> anyhow::Result<Option<(PathBuf, Rendered)>> {
    let folder = reports.join(FOLDER);
    if !folder.is_dir() {
        return Ok(None);
    }
    let summary = companion(published)?;
    let rendered = Kept::read(&folder)?.render(summary.as_deref(), "lab site --update")?;
    Ok(Some((folder, rendered)))
}
