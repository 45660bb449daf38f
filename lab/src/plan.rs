//! `lab plan`: what a bench would run, and how long.

use plan::{Experiment, Schedule, estimate};

use crate::Answer;
use crate::select::{self, Selection};

/// Show what a bench would run, in which order, and how long it would take.
///
/// Takes the words of `lab bench`; with the same --seed the order is the very one that the
/// bench would follow. Nothing is built or started.
#[derive(clap::Args)]
#[command(after_help = "Example: lab plan all --seed 1")]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    let project = select::here()?;
    let selected = args.selection.resolve(&project)?;
    let protocol = selected.experiment.protocol(args.selection.quick);
    let names: Vec<_> = selected.frameworks.keys().cloned().collect();
    let schedule = Schedule::draw(&selected.experiment, protocol, &names, selected.seed);
    let takes = estimate::duration(&schedule);
    if args.json {
        let blocks: Vec<_> = schedule
            .launches
            .iter()
            .flat_map(|launch| {
                launch.blocks.iter().map(|block| {
                    let order: Vec<_> = block.order.iter().map(ToString::to_string).collect();
                    serde_json::json!({
                        "launch": launch.number,
                        "block": block.number,
                        "scenario": block.scenario.name(),
                        "mode": block.mode.name,
                        "order": order,
                    })
                })
            })
            .collect();
        let plan = serde_json::json!({
            "schema": "plan/1",
            "experiment": selected.experiment.name,
            "seed": selected.seed,
            "frameworks": names,
            "cold_starts": schedule.starts.iter().map(Vec::len).sum::<usize>(),
            "launches": schedule.launches.len(),
            "windows": schedule.windows(),
            "seconds": takes.as_secs(),
            "blocks": blocks,
        });
        println!("{}", serde_json::to_string_pretty(&plan)?);
        return Ok(Answer::Good);
    }
    println!(
        "{}: {}",
        selected.experiment.name, selected.experiment.title
    );
    println!("{}", selected.experiment.question);
    println!();
    println!("frameworks    {}", names.join(", "));
    let scenarios: Vec<_> = selected
        .experiment
        .scenarios
        .iter()
        .map(|s| s.name())
        .collect();
    println!("scenarios     {}", scenarios.join(", "));
    let modes: Vec<_> = selected
        .experiment
        .modes
        .iter()
        .map(|m| m.name.as_str())
        .collect();
    println!("modes         {}", modes.join(", "));
    println!("primary       {}", claimed(&selected.experiment));
    println!("cold starts   {} each", protocol.starts);
    println!("load          {}", protocol.plan().words(&schedule));
    println!("seed          {}", selected.seed);
    let least = if schedule.looks.is_empty() {
        "about"
    } else {
        "at least"
    };
    println!(
        "takes         {least} {}, after building and checking",
        estimate::spoken(takes)
    );
    println!();
    for launch in &schedule.launches {
        for block in &launch.blocks {
            let order: Vec<_> = block.order.iter().map(ToString::to_string).collect();
            println!(
                "launch {} block {:>3}  {:<10} {:<10}  {}",
                launch.number,
                block.number,
                block.scenario.name(),
                block.mode.name,
                order.join(" ")
            );
        }
    }
    Ok(Answer::Good)
}

/// The primary metrics and the margins that were declared for them.
fn claimed(experiment: &Experiment) -> String {
    let claimed: Vec<_> = (experiment.primary.iter())
        .map(|metric| {
            let margin = experiment.margins[metric] * 100.0;
            format!(
                "{} (a difference below {margin} % does not matter)",
                metric.name()
            )
        })
        .collect();
    claimed.join(", ")
}
