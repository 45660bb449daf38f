//! The command: the rounds of each scenario, with the reference and with the instrument in turn.

use super::disturbance::Watch;
use super::scenario::Scenario;
use super::truth::{self, TruthServer};
use super::{
    Calibration, Priority, Quantiles, Round, Row, SCHEMA, Verdict, reference, server, table,
};
use load::{EngineChoice, Span};
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Pause behind each run. What real-time priority has kept waiting runs then, and both clients
/// find the same calm.
const PAUSE: Duration = Duration::from_millis(100);

/// Run the instrument against a server whose service times are known.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Length of the runs, as a multiple of the usual one (about three minutes in all)
    #[arg(long, default_value_t = 1.0)]
    pub scale: f64,
    /// Only these scenarios
    #[arg(long, value_delimiter = ',', value_parser = scenario, value_name = "NAMES")]
    pub only: Vec<Scenario>,
    /// Calibrate io_uring instead of epoll
    #[arg(long)]
    pub uring: bool,
    /// Spin this long before each due time and after each send instead of the usual 2ms
    #[arg(long, value_name = "TIME")]
    pub spin: Option<Span>,
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

impl Args {
    /// In what such a calibration is less than one of all scenarios, at the usual length, of the
    /// instrument as it is used; in words.
    pub fn limits(&self) -> Vec<String> {
        let names: Vec<String> = self.only.iter().map(|one| one.name()).collect();
        let only = (!names.is_empty()).then(|| format!("only {}", names.join(", ")));
        let short = (self.scale < 1.0).then(|| format!("{} of the usual length", self.scale));
        let spin = (self.spin).map(|spin| format!("spinning {spin}"));
        [only, short, spin].into_iter().flatten().collect()
    }
}

fn scenario(name: &str) -> Result<Scenario, String> {
    let names = || Scenario::ALL.map(Scenario::name).join(", ");
    Scenario::named(name).ok_or_else(|| format!("the scenarios are {}", names()))
}

/// Runs the command. Exit status: 0 fit, 1 out of tolerance, 2 the call is wrong, 3 undecided
/// because others disturbed the machine.
pub fn run(args: &Args) -> ExitCode {
    let result = match (args.serve, args.requests) {
        (Some(scenario), Some(requests)) => be_server(scenario, requests),
        _ => calibrate_and_print(args),
    };
    match result {
        Ok(verdict) => ExitCode::from(verdict.status()),
        Err(message) => {
            eprintln!("lab calibrate: {message}");
            ExitCode::from(2)
        }
    }
}

fn be_server(scenario: Scenario, requests: u64) -> Result<Verdict, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    println!(
        "{}",
        listener.local_addr().map_err(|error| error.to_string())?
    );
    server::serve(scenario, requests, &listener).map_err(|error| error.to_string())?;
    Ok(Verdict::Fit)
}

fn calibrate_and_print(args: &Args) -> Result<Verdict, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let calibration = calibrate(args, &program)?;
    if args.json {
        let json = serde_json::to_string(&calibration).map_err(|error| error.to_string())?;
        crate::cli::print(&(json + "\n"))?;
    } else {
        crate::cli::print(&table(&calibration))?;
    }
    Ok(calibration.verdict)
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
        verdict: rows
            .iter()
            .map(|row| row.verdict)
            .max()
            .unwrap_or(Verdict::Fit),
        rows,
    })
}

fn one_scenario(args: &Args, program: &Path, scenario: Scenario) -> Result<Row, String> {
    let priority = Priority::for_round(scenario.seconds(args.scale));
    let mut lost = Vec::new();
    let wanted = scenario.rounds(args.scale);
    let mut rounds: Vec<Round> = Vec::new();
    let mut quiet = 0;
    while quiet < wanted && rounds.len() < 2 * wanted {
        let round = one_round(args, program, scenario, priority, &mut lost)?;
        quiet += usize::from(round.disturbance.is_none());
        rounds.push(round);
    }
    let attempts = rounds.len();
    // The quietest ones, by what the kernel counted and not by how they came out.
    rounds.sort_by_key(|round| round.disturbance);
    rounds.truncate(wanted);
    Ok(Row::new(scenario, priority, attempts, rounds, lost))
}

fn one_round(
    args: &Args,
    program: &Path,
    scenario: Scenario,
    priority: Priority,
    lost: &mut Vec<String>,
) -> Result<Round, String> {
    let requests = scenario.requests(args.scale);
    let start = || TruthServer::start(program, scenario, requests, args.server_cpu, priority);
    let server = start()?;
    let watch = Watch::start(args.client_cpu);
    let held = priority.hold();
    let seen = reference::run(server.address(), scenario, args.scale);
    // Before the priority ends, which by itself lets others in.
    let disturbance = watch.taken();
    drop(held);
    let seen = seen?;
    let reference_truth = truth::quantiles(&server.log()?, seen.begin, scenario.rate());
    drop(server);
    std::thread::sleep(PAUSE);

    let server = start()?;
    let mut draft = scenario.draft(&format!("http://{}", server.address()), args.scale);
    if args.uring {
        draft.engine = EngineChoice::Uring;
    }
    if let Some(spin) = args.spin {
        draft.pacing.spin = Some(spin);
    }
    let spec = draft.check().map_err(|error| error.to_string())?;
    let watch = Watch::start(args.client_cpu);
    let held = priority.hold();
    let outcome = load::run(&spec).map_err(|error| error.to_string());
    let disturbance = disturbance.and(watch.taken());
    drop(held);
    let outcome = outcome?;
    let log = server.log()?;
    drop(server);
    std::thread::sleep(PAUSE);
    let (ok, served) = (outcome.counts.ok, log.requests.len() as u64);
    if ok != requests || served != requests {
        lost.push(format!(
            "{requests} requests were due, {served} served, {ok} recorded as right"
        ));
    }
    Ok(Round {
        truth: truth::quantiles(&log, outcome.begin_ns, scenario.rate()),
        reference: seen.quantiles,
        reference_truth,
        intended: Quantiles::of(&outcome.from_intended),
        from_send: Quantiles::of(&outcome.from_send),
        until_socket: outcome.until_socket.as_ref().map(Quantiles::of),
        dispersion: outcome.dispersion.unwrap_or_default(),
        disturbance,
    })
}
