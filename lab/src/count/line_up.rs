//! One number for each framework of a line-up.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use ::count::{Measured, Protocol, Role, Subjects, words};
use analysis::instructions::{Kept, PAGES};
use anyhow::bail;
use catalog::Framework;
use instructions::Group;
use plan::project;
use record::Class;

use super::prepare::prepare;
use super::{Args, Counter, write, written};
use crate::{Answer, NotNow, build, select};

/// The columns of the table, which `reports/instructions` keeps; behind them stands one for each part.
const COLUMNS: &str =
    "framework,class,scenario,starts,instructions,low,high,level,with_collector,dry,monitor";

/// What was counted of a framework.
struct Row {
    name: String,
    class: Class,
    mean: stats::Estimate,
    collecting: Option<f64>,
    /// Times it had nothing to do, of 1,000 requests.
    dry: f64,
    monitor: Option<f64>,
    parts: BTreeMap<Group, f64>,
}

pub fn run(args: &Args, project: &plan::Project, counter: &Counter) -> anyhow::Result<Answer> {
    let all = project.frameworks(&args.framework_dir)?;
    let chosen = project::pick(&all, &args.frameworks)?;
    if (args.folded.is_some() || args.flame.is_some()) && chosen.len() != 1 {
        bail!("--folded and --flame are of one framework: name it by --frameworks");
    }
    let seed = args.seed.unwrap_or_else(select::seed_of_now);
    let protocol = Protocol {
        round: vec![Role::Base],
        ..super::protocol(args)
    };
    let protocol = match args.no_collector {
        true => protocol,
        false => Protocol {
            round: vec![Role::Base, Role::BaseCollecting],
            ..protocol
        },
    };
    // Side by side, and what does not build is told below.
    build::line_up(project, &chosen)?;
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for (number, (name, framework)) in chosen.iter().enumerate() {
        crate::progress::note(&format!("{}/{}: {name}", number + 1, chosen.len()));
        match one(args, project, counter, (framework, &protocol), seed) {
            Ok(Ok(row)) => rows.push(row),
            Ok(Err(answer)) => return Ok(answer),
            // The others have their numbers all the same.
            Err(e) => {
                eprintln!("lab: {}", crate::out::chain(&e));
                failed.push(name.clone());
            }
        }
    }
    if rows.is_empty() {
        return Err(NotNow("nothing could be counted".to_owned()).into());
    }
    rows.sort_by(|a, b| a.mean.point.total_cmp(&b.mean.point));
    if let Some(file) = &args.csv {
        write(file, &csv(&rows, args, counter.name(), seed))?;
    }
    if let Some(file) = &args.markdown {
        write(file, &table(&rows, args.scenario.name(), counter.name()))?;
    }
    if args.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&json(&rows, args, counter, seed))?
        );
    } else {
        print!("{}", table(&rows, args.scenario.name(), counter.name()));
    }
    if let Some(folder) = &args.page {
        page(project, folder)?;
    }
    if !failed.is_empty() {
        eprintln!("not counted: {}", failed.join(", "));
        return Ok(Answer::BadNews);
    }
    Ok(Answer::Good)
}

/// Counts one server; the answer where it came to no end.
fn one(
    args: &Args,
    project: &plan::Project,
    counter: &Counter,
    (framework, protocol): (&Framework, &Protocol),
    seed: u64,
) -> anyhow::Result<Result<Row, Answer>> {
    let version = prepare(project, framework, "the working tree")?;
    let subjects = Subjects {
        base: version.subject.clone(),
        new: version.subject.clone(),
    };
    let starts = match counter.starts(protocol, &subjects, args.scenario, seed)? {
        Ok(starts) => starts,
        Err(answer) => return Ok(Err(answer)),
    };
    let profile = ::count::verdict::profile(&starts, Role::Base);
    written(args, profile.as_ref(), &version)?;
    let parts = profile.map(|p| version.packages.sums(&p.functions));
    let row = Row::of(framework, protocol, &starts, parts.unwrap_or_default())?;
    Ok(Ok(row))
}

/// The page of all that the folder holds, beside the CPU times of the published line-up.
fn page(project: &plan::Project, folder: &Path) -> anyhow::Result<()> {
    let reports = project.root().join("reports");
    let published = match reports.is_dir() {
        true => analysis::site::published(&reports)?,
        false => Vec::new(),
    };
    let summary = analysis::instructions::companion(&published)?;
    let kept = Kept::read(folder)?;
    let rendered = kept.render(summary.as_deref(), "lab bench instructions")?;
    analysis::report::write(&rendered, folder)?;
    eprintln!("The page is {}", folder.join(PAGES[1]).display());
    Ok(())
}

impl Row {
    fn of(
        framework: &Framework,
        protocol: &Protocol,
        starts: &[Measured],
        parts: BTreeMap<Group, f64>,
    ) -> anyhow::Result<Self> {
        let of = |role| starts.iter().filter(move |m| m.role == role);
        let numbers = |role| -> Vec<f64> { of(role).map(|m| m.instructions).collect() };
        let mean = |role| stats::absolute::geometric_mean(&numbers(role), protocol.level);
        let sum = |what: fn(&Measured) -> u64| of(Role::Base).map(what).sum::<u64>();
        let (dry, requests) = (sum(|m| m.dry), sum(|m| m.requests));
        let monitors: Vec<f64> = of(Role::Base).filter_map(|m| m.monitor).collect();
        Ok(Self {
            name: framework.name.clone(),
            class: framework.class,
            mean: mean(Role::Base)?,
            collecting: mean(Role::BaseCollecting).ok().map(|e| e.point),
            dry: 1e3 * dry as f64 / requests.max(1) as f64,
            monitor: stats::summary::mean(&monitors),
            parts,
        })
    }
}

/// The table for people. It is in Markdown, too.
fn table(rows: &[Row], scenario: &str, counter: &str) -> String {
    let mut text = format!(
        "Instructions a request, {scenario}, user space, collector off, counted by {counter}.\n\n| framework | instructions | interval | with the collector |"
    );
    let parts: Vec<Group> = (Group::ALL.into_iter())
        .filter(|group| rows.iter().any(|row| row.parts.contains_key(group)))
        .collect();
    for group in &parts {
        let _ = write!(text, " {} |", group.name());
    }
    let _ = writeln!(
        text,
        "\n|---|---:|---:|---:|{}",
        "---:|".repeat(parts.len())
    );
    for row in rows {
        let half = (row.mean.interval.high - row.mean.interval.low) / 2.0 / row.mean.point;
        let _ = write!(
            text,
            "| {} | {} | ±{:.2} % | {} |",
            row.name,
            words::thousands(row.mean.point),
            100.0 * half,
            row.collecting.map_or_else(String::new, words::thousands)
        );
        for group in &parts {
            let n = row.parts.get(group).copied();
            let _ = write!(text, " {} |", n.map_or_else(String::new, words::thousands));
        }
        text.push('\n');
    }
    text
}

fn csv(rows: &[Row], args: &Args, counter: &str, seed: u64) -> String {
    let scenario = args.scenario.name();
    let command = match args.page {
        Some(_) => format!("lab bench instructions --scenarios {scenario}"),
        None => format!("lab count --scenario {scenario} --csv FILE"),
    };
    let parts = Group::ALL.map(Group::name).join(",");
    let mut text = format!(
        "# Instructions a request in user space, counted by {counter}\n# {command} --seed {seed}\n{COLUMNS},{parts}\n"
    );
    let number = |n: Option<f64>| n.map_or_else(String::new, |n| format!("{n:.1}"));
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    for row in rows {
        let Row {
            name,
            class,
            mean,
            collecting,
            dry,
            monitor,
            parts,
        } = row;
        let _ = write!(
            text,
            "{name},{},{scenario},{},{:.1},{:.1},{:.1},{},{},{dry:.2},{}",
            class.name(),
            mean.n,
            mean.point,
            mean.interval.low,
            mean.interval.high,
            mean.level,
            number(*collecting),
            number(*monitor)
        );
        for group in Group::ALL {
            let _ = write!(text, ",{}", number(parts.get(&group).copied()));
        }
        text.push('\n');
    }
    text
}

fn json(rows: &[Row], args: &Args, counter: &Counter, seed: u64) -> serde_json::Value {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let parts: BTreeMap<&str, f64> = row
                .parts
                .iter()
                .map(|(group, n)| (group.name(), *n))
                .collect();
            serde_json::json!({
                "framework": row.name,
                "instructions": row.mean.point,
                "low": row.mean.interval.low,
                "high": row.mean.interval.high,
                "level": row.mean.level,
                "starts": row.mean.n,
                "with_collector": row.collecting,
                "monitor": row.monitor,
                "parts": parts,
            })
        })
        .collect();
    serde_json::json!({
        "schema": "count-line-up/1",
        "scenario": args.scenario.name(),
        "counter": counter.name(),
        "seed": seed,
        "frameworks": rows,
    })
}
