//! One number for each framework of a line-up.

use std::collections::BTreeMap;
use std::fmt::Write;

use ::count::{Measured, Protocol, Role, Subjects, words};
use anyhow::bail;
use instructions::Group;
use plan::project;

use super::prepare::prepare;
use super::{Args, Counter, folded, write};
use crate::{Answer, NotNow, select};

/// The columns of the table, which `reports/instructions` keeps.
const COLUMNS: &str =
    "framework,scenario,starts,instructions,low,high,level,with_collector,monitor";

/// What was counted of a framework.
struct Row {
    name: String,
    mean: stats::Estimate,
    collecting: Option<f64>,
    monitor: Option<f64>,
    parts: BTreeMap<Group, f64>,
}

pub fn run(args: &Args, project: &plan::Project, counter: &Counter) -> anyhow::Result<Answer> {
    let all = project.frameworks(&args.framework_dir)?;
    let chosen = project::pick(&all, &args.frameworks)?;
    if args.folded.is_some() && chosen.len() != 1 {
        bail!("--folded is of one framework: name it by --frameworks");
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
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for (name, framework) in &chosen {
        let version = prepare(project, framework, "the working tree")?;
        let subjects = Subjects {
            base: version.subject.clone(),
            new: version.subject.clone(),
        };
        match counter.starts(&protocol, &subjects, args.scenario, seed) {
            Ok(Ok(starts)) => {
                let profile = ::count::verdict::profile(&starts, Role::Base);
                if let Some(file) = &args.folded {
                    write(file, &folded(profile.clone(), &version)?)?;
                }
                let parts = profile.map(|p| version.packages.sums(&p.functions));
                rows.push(Row::of(
                    name,
                    &protocol,
                    &starts,
                    parts.unwrap_or_default(),
                )?);
            }
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
        write(
            file,
            &csv(&rows, args.scenario.name(), counter.name(), seed),
        )?;
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
    if !failed.is_empty() {
        eprintln!("not counted: {}", failed.join(", "));
        return Ok(Answer::BadNews);
    }
    Ok(Answer::Good)
}

impl Row {
    fn of(
        name: &str,
        protocol: &Protocol,
        starts: &[Measured],
        parts: BTreeMap<Group, f64>,
    ) -> anyhow::Result<Self> {
        let of = |role| starts.iter().filter(move |m| m.role == role);
        let numbers = |role| -> Vec<f64> { of(role).map(|m| m.instructions).collect() };
        let mean = |role| stats::absolute::geometric_mean(&numbers(role), protocol.level);
        let monitors: Vec<f64> = of(Role::Base).filter_map(|m| m.monitor).collect();
        Ok(Self {
            name: name.to_owned(),
            mean: mean(Role::Base)?,
            collecting: mean(Role::BaseCollecting).ok().map(|e| e.point),
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

fn csv(rows: &[Row], scenario: &str, counter: &str, seed: u64) -> String {
    let mut text = format!(
        "# Instructions a request in user space, counted by {counter}\n# lab count --scenario {scenario} --seed {seed} --csv FILE\n{COLUMNS}\n"
    );
    let number = |n: Option<f64>| n.map_or_else(String::new, |n| format!("{n:.1}"));
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    for row in rows {
        let Row {
            name,
            mean,
            collecting,
            monitor,
            ..
        } = row;
        let _ = writeln!(
            text,
            "{name},{scenario},{},{:.1},{:.1},{:.1},{},{},{}",
            mean.n,
            mean.point,
            mean.interval.low,
            mean.interval.high,
            mean.level,
            number(*collecting),
            number(*monitor)
        );
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
