//! `lab calibrate`: the instrument against known truths; the result is kept for campaigns.

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use instrument::calibrate::{self, Calibration, Verdict};
use record::CalibrationRecord;

use crate::{Answer, results};

/// Hold the instrument to servers whose service times are known.
///
/// A client that only spins takes turns with the instrument; where the instrument is farther
/// from the truth than that client's own offset and the tolerance allow, it is not fit here
/// (exit status 1), or the machine was too disturbed to tell (3). The result is kept beside the
/// campaigns, and every later one records it.
#[derive(clap::Args)]
// The instrument's own words form a group that is called `Args` as well.
#[group(skip)]
#[command(after_help = "Example: lab calibrate")]
pub struct Args {
    #[command(flatten)]
    scenarios: calibrate::Args,
    /// Where campaigns are kept
    #[arg(long, default_value = "results", value_name = "DIR")]
    out: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<Answer> {
    if args.scenarios.serve.is_some() {
        // This process is the truth server of a calibration.
        calibrate::run(&args.scenarios);
        return Ok(Answer::Good);
    }
    results::holds_folders(&args.out)?;
    let program = std::env::current_exe().context("the lab's own program cannot be found")?;
    let calibration =
        calibrate::calibrate(&args.scenarios, &program).map_err(|problem| anyhow!(problem))?;
    if args.scenarios.json {
        println!("{}", serde_json::to_string(&calibration)?);
    } else {
        print!("{}", calibrate::table(&calibration));
    }
    let sha256 =
        builder::sha256(&program).with_context(|| format!("cannot read {}", program.display()))?;
    let limits = args.scenarios.limits();
    record_of(&calibration, sha256, limits).keep(&args.out)?;
    Ok(match calibration.verdict {
        Verdict::Fit => Answer::Good,
        Verdict::NotFit => Answer::BadNews,
        Verdict::Undecided => Answer::Undecided,
    })
}

fn record_of(calibration: &Calibration, program: String, limits: Vec<String>) -> CalibrationRecord {
    let faults = calibration
        .rows
        .iter()
        .flat_map(|row| {
            let place = match row.verdict {
                Verdict::Undecided => format!("{}, on a disturbed machine", row.scenario),
                _ => row.scenario.clone(),
            };
            row.faults.iter().map(move |f| format!("{place}: {f}"))
        })
        .collect();
    CalibrationRecord::new(
        run::now(),
        program,
        calibration.engine.clone(),
        limits,
        faults,
    )
}
