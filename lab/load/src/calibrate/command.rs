//! The command: each scenario once with the reference and once with the instrument.

use super::scenario::Scenario;
use super::truth::{self, TruthServer};
use super::{Calibration, QUIET, Quantiles, Round, Row, SCHEMA, reference, server};
use crate::EngineChoice;
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;

/// Run the instrument against a server whose service times are known.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Length of the runs, as a multiple of the usual one (about two minutes in all)
    #[arg(long, default_value_t = 1.0)]
    pub scale: f64,
    /// Only these scenarios
    #[arg(long, value_delimiter = ',', value_parser = scenario, value_name = "NAMES")]
    pub only: Vec<Scenario>,
    /// Calibrate io_uring instead of epoll
    #[arg(long)]
    pub uring: bool,
    /// CPU of the truth server
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub server_cpu: usize,
    /// CPU of the instrument
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub client_cpu: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Be the truth server of this scenario
    #[arg(long, hide = true, value_parser = scenario, requires = "requests")]
    pub serve: Option<Scenario>,
    /// Requests that the truth server will see
    #[arg(long, hide = true)]
    pub requests: Option<u64>,
}

fn scenario(name: &str) -> Result<Scenario, String> {
    let names = || Scenario::ALL.map(Scenario::name).join(", ");
    Scenario::named(name).ok_or_else(|| format!("the scenarios are {}", names()))
}

/// Runs the command. Exit status: 0 fit, 1 out of tolerance, 2 could not be found out.
pub fn run(args: &Args) -> ExitCode {
    let result = match (args.serve, args.requests) {
        (Some(scenario), Some(requests)) => be_server(scenario, requests),
        _ => calibrate_and_print(args),
    };
    match result {
        Ok(fit) => ExitCode::from(u8::from(!fit)),
        Err(message) => {
            eprintln!("lab calibrate: {message}");
            ExitCode::from(2)
        }
    }
}

fn be_server(scenario: Scenario, requests: u64) -> Result<bool, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    println!(
        "{}",
        listener.local_addr().map_err(|error| error.to_string())?
    );
    server::serve(scenario, requests, &listener).map_err(|error| error.to_string())?;
    Ok(true)
}

fn calibrate_and_print(args: &Args) -> Result<bool, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let calibration = calibrate(args, &program)?;
    if args.json {
        let json = serde_json::to_string(&calibration).map_err(|error| error.to_string())?;
        crate::cli::print(&(json + "\n"))?;
    } else {
        crate::cli::print(&table(&calibration))?;
    }
    Ok(calibration.fit)
}

/// Runs all scenarios; `program` is this program, started again as the truth server with
/// `calibrate --serve`.
pub fn calibrate(args: &Args, program: &Path) -> Result<Calibration, String> {
    truth::pin(args.client_cpu);
    let scenarios = if args.only.is_empty() {
        Scenario::ALL.to_vec()
    } else {
        args.only.clone()
    };
    let one = |scenario| one_scenario(args, program, scenario);
    let rows = scenarios
        .into_iter()
        .map(one)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Calibration {
        schema: SCHEMA.into(),
        engine: if args.uring { "uring" } else { "epoll" }.into(),
        fit: rows.iter().all(|row| row.faults.is_empty()),
        rows,
    })
}

fn one_scenario(args: &Args, program: &Path, scenario: Scenario) -> Result<Row, String> {
    let mut faults = Vec::new();
    let wanted = scenario.rounds(args.scale);
    let mut rounds: Vec<Round> = Vec::new();
    let mut quiet = 0;
    while quiet < wanted && rounds.len() < 2 * wanted {
        let round = one_round(args, program, scenario, &mut faults)?;
        quiet += usize::from(round.starved <= QUIET);
        rounds.push(round);
    }
    let attempts = rounds.len();
    // The quietest ones, by what the scheduler says and not by how they came out.
    rounds.sort_by(|a, b| a.starved.total_cmp(&b.starved));
    rounds.truncate(wanted);
    let mut row = Row::new(scenario.name(), attempts, rounds);
    row.faults.extend(faults);
    if !row.faults.is_empty() && row.medians.starved > QUIET {
        row.faults.push(format!(
            "other processes kept one side from running for {:.2} % of a round (allowed: {:.2} %): \
             repeat this on a quiet machine",
            row.medians.starved * 100.0,
            QUIET * 100.0
        ));
    }
    Ok(row)
}

fn one_round(
    args: &Args,
    program: &Path,
    scenario: Scenario,
    faults: &mut Vec<String>,
) -> Result<Round, String> {
    let requests = scenario.requests(args.scale);
    let start = || TruthServer::start(program, scenario, requests, args.server_cpu);
    let server = start()?;
    let idle = server.starved();
    let seen = reference::run(server.address(), scenario, args.scale)?;
    let mut starved = seen.starved.max(server.starved() - idle);
    let reference_truth = truth::quantiles(&server.log()?, seen.begin, scenario.rate());
    drop(server);

    let server = start()?;
    let mut draft = scenario.draft(&format!("http://{}", server.address()), args.scale);
    if args.uring {
        draft.engine = EngineChoice::Uring;
    }
    let spec = draft.check().map_err(|error| error.to_string())?;
    let idle = server.starved();
    let outcome = crate::run(&spec).map_err(|error| error.to_string())?;
    starved = starved
        .max(outcome.own_cpu.starved_ns)
        .max(server.starved() - idle);
    let log = server.log()?;
    let (ok, served) = (outcome.counts.ok, log.requests.len() as u64);
    if ok != requests || served != requests {
        faults.push(format!(
            "{requests} requests were due, {served} served, {ok} recorded as right"
        ));
    }
    Ok(Round {
        truth: truth::quantiles(&log, outcome.begin_ns, scenario.rate()),
        reference: seen.quantiles,
        reference_truth,
        intended: Quantiles::of(&outcome.from_intended),
        from_send: Quantiles::of(&outcome.from_send),
        starved: starved as f64 / outcome.measured_ns as f64,
    })
}

/// The table for people, in milliseconds.
pub fn table(calibration: &Calibration) -> String {
    let mut out = format!(
        "engine {}; milliseconds\n{:<20} {:<16} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
        calibration.engine, "scenario", "", "p50", "p95", "p99", "p99.9", "max"
    );
    for row in &calibration.rows {
        let m = &row.medians;
        let lines = [
            ("truth", m.truth),
            ("from intended", m.intended),
            ("from send", m.from_send),
            ("spinning: truth", m.reference_truth),
            ("spinning: saw", m.reference),
        ];
        for (index, (name, q)) in lines.into_iter().enumerate() {
            let scenario = if index == 0 {
                row.scenario.as_str()
            } else {
                ""
            };
            out += &format!("{scenario:<20} {name:<16}");
            for value in [q.p50, q.p95, q.p99, q.p999, q.max] {
                out += &format!(" {:>9.3}", value as f64 / 1e6);
            }
            out.push('\n');
        }
        out += &format!("{:<20} {:<16}", "", "off");
        for off in row.off {
            out += &format!(" {:>+9.3}", off as f64 / 1e6);
        }
        out.push('\n');
        out += &format!(
            "{:<20} {} rounds of {}, kept from running for at most {:.2} % of one\n",
            "",
            row.rounds.len(),
            row.attempts,
            m.starved * 100.0
        );
        for fault in &row.faults {
            out += &format!("{:<20} out of tolerance: {fault}\n", "");
        }
    }
    out += if calibration.fit {
        "the instrument is fit\n"
    } else {
        "the instrument is NOT fit here\n"
    };
    out
}
