//! `lab bench selfcheck`: whether this machine is fit to judge.

use std::path::Path;

use analysis::Found;
use analysis::trials::{self, Tried};
use anyhow::{Context, bail};
use plan::Project;
use plan::kinds::selfcheck;
use plan::trial;
use serde_json::json;

use crate::Answer;
use crate::select::{Selected, Selection};

/// Whose copies are compared where none is named.
const FRAMEWORK: &str = "nethttp";
/// Each comparison of two copies is a test at this size.
const SIZE: f64 = 0.05;
/// A machine is called unfit where chance alone would do so less often than this.
const CHANCE: f64 = 0.01;

/// The self-check as a selection.
pub fn resolve(project: &Project, words: &Selection) -> anyhow::Result<Selected> {
    let name = match &words.frameworks[..] {
        [] => FRAMEWORK,
        [one] => one,
        _ => bail!("selfcheck compares copies of one framework: name one, or none for {FRAMEWORK}"),
    };
    let all = project.frameworks(&words.framework_dir)?;
    let picked = ::plan::project::pick(&all, &[name.to_owned()])?;
    let framework = picked
        .get(name)
        .context("a framework that was picked is there")?;
    let mut experiment = selfcheck::selfcheck(name);
    if words.quick
        && let Some(duet) = &mut experiment.duet
    {
        selfcheck::quick(duet);
    }
    Ok(Selected {
        frameworks: trial::named(framework, &experiment),
        experiment,
        seed: words.seed_or_now(),
        repetition: None,
    })
}

/// Says what came of it.
pub fn judge(campaign: &Path, as_json: bool) -> anyhow::Result<Answer> {
    let analysis = analysis::analyse(campaign)?;
    let copies = trials::copies(&analysis);
    let rejected = copies.iter().filter(|t| t.found).count() as u64;
    let allowed = stats::rejections::most(copies.len() as u64, SIZE, 1.0 - CHANCE);
    let control = trials::duet(&analysis);
    let duet = analysis.duet.as_ref();
    let mut objections = Vec::new();
    match allowed {
        Some(allowed) if !copies.is_empty() => {
            if rejected > allowed {
                objections.push(format!(
                    "{rejected} of {} comparisons of one server with itself found a difference, where chance allows {allowed}: something on this machine takes sides",
                    copies.len()
                ));
            }
        }
        _ => objections.push("no two copies of a server could be compared".to_owned()),
    }
    match duet.and_then(analysis::Duet::found) {
        None => objections.push("the known extra work could not be looked for".to_owned()),
        Some(Found::No) => objections.push(
            "the known extra work of the control was not found: the machine is too noisy for differences of that size".to_owned(),
        ),
        Some(Found::Wrong | Found::Yes) => {}
    }
    if far(control.as_ref()) {
        objections.push(
            "the control's truth lies far outside of its interval: two servers at once do not share this machine evenly".to_owned(),
        );
    }
    let twins = duet.and_then(|d| d.twins.as_ref()?.ratio);
    if let Some(twins) = twins
        && twins.p < CHANCE
    {
        objections.push("two copies of a server at once were told apart".to_owned());
    }
    let floor = duet.and_then(|d| d.floor);
    let fit = objections.is_empty();
    if as_json {
        let comparison = |t: &Tried| {
            json!({
                "what": t.what, "pairs": t.n, "ratio": t.ratio, "interval": t.interval,
                "truth": t.truth, "found": t.found, "holds": t.holds(),
            })
        };
        let found = json!({
            "schema": "selfcheck/1",
            "campaign": analysis.campaign.id,
            "fit": fit,
            "objections": objections,
            "copies": copies.iter().map(comparison).collect::<Vec<_>>(),
            "rejected": rejected,
            "allowed": allowed,
            "control": control.as_ref().map(comparison),
            "twins": twins.map(|t| json!({
                "ratio": t.point, "low": t.interval.low, "high": t.interval.high, "p": t.p,
            })),
            "duet_floor": floor,
        });
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print_text(&copies, rejected, control.as_ref(), twins.as_ref(), floor);
        for objection in &objections {
            println!("- {objection}");
        }
        println!(
            "{}",
            match fit {
                true => "This machine is fit to judge differences of these sizes.",
                false => "This machine is not fit to judge, as it is now.",
            }
        );
    }
    Ok(match fit {
        true => Answer::Good,
        false => Answer::BadNews,
    })
}

/// Whether the truth lies more than half an interval's width outside of the interval.
fn far(control: Option<&Tried>) -> bool {
    control.is_some_and(|t| {
        let (Some([low, high, _]), Some(truth)) = (t.interval, t.truth) else {
            return false;
        };
        let half = (high - low) / 2.0;
        truth < low - half || truth > high + half
    })
}

fn print_text(
    copies: &[Tried],
    rejected: u64,
    control: Option<&Tried>,
    twins: Option<&stats::Ratio>,
    floor: Option<f64>,
) {
    let percent = |ratio: f64| format!("{:+.2} %", (ratio - 1.0) * 100.0);
    let span = |low, high| format!("{} to {}", percent(low), percent(high));
    println!(
        "copies of one server, in turn: {rejected} of {} told apart",
        copies.len()
    );
    for tried in copies {
        if let Some([low, high, _]) = tried.interval {
            let mark = if tried.found { "  <- told apart" } else { "" };
            let (ratio, span) = (percent(tried.ratio), span(low, high));
            println!("  {:<48} {ratio:>9}  ({span}){mark}", tried.what);
        }
    }
    if let Some(twins) = twins {
        let span = span(twins.interval.low, twins.interval.high);
        println!(
            "two copies at once, CPU time per request: {} ({span})",
            percent(twins.point)
        );
    }
    if let Some(floor) = floor {
        println!(
            "noise floor of two at once: {:.2} %",
            floor.exp_m1() * 100.0
        );
    }
    if let Some(control) = control {
        let truth = control.truth.map_or_else(|| "unknown".to_owned(), percent);
        if let Some([low, high, _]) = control.interval {
            let (ratio, span) = (percent(control.ratio), span(low, high));
            println!("known extra work at once: {ratio} ({span}), truth {truth}");
        }
    }
}
