//! The command line, with wrk's letters where wrk has them.

use super::field;
use crate::capacity;
use load::{Arrival, Close, EngineChoice, Expect, Field, Pacing, Span, Spec, SpecDraft};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

/// What each exit status means.
const STATUS: &str = "\
Exit status:
  0    good; with --capacity: a rate holds and the server does not hold the next higher one
  1    bad news: the result does not hold or requests failed; with --capacity: the server holds
       none of the rates tried
  2    the call or its input is wrong, the run could not begin, or its log could not be written
  3    with --capacity: undecided, as the instrument was not fit on this machine now
  130  Ctrl-C: what was measured until then is printed, marked as cut short";

/// What a specification in a file says all of: every option that makes one.
const OF_THE_SPEC: [&str; 27] = [
    "url",
    "connections",
    "threads",
    "duration",
    "headers",
    "rate",
    "poisson",
    "max_connections",
    "requests_per_connection",
    "lead_in",
    "timeout",
    "drain",
    "method",
    "body",
    "fields",
    "pool",
    "expect_status",
    "expect_body",
    "expect_length",
    "seed",
    "engine",
    "spin",
    "coalesce",
    "fin",
    "no_receive_stamps",
    "watch_pid",
    "interval",
];

/// Offer HTTP load and measure what comes back.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = STATUS)]
pub struct Args {
    /// http://HOST[:PORT][/PATH]; the path may hold {field}s
    #[arg(required_unless_present = "spec")]
    pub url: Option<String>,
    /// Read the whole specification as JSON from this file, or from standard input (-), and print
    /// one JSON outcome; options that make a specification are refused beside it
    #[arg(long, value_name = "FILE", conflicts_with_all = OF_THE_SPEC)]
    pub spec: Option<PathBuf>,
    /// Connections opened before the load
    #[arg(short, long, value_name = "N", default_value_t = 64)]
    pub connections: usize,
    /// Threads, one per core that the instrument may use
    #[arg(short, long, value_name = "N", default_value_t = 1)]
    pub threads: usize,
    /// Length of the measured part
    #[arg(short, long, value_name = "TIME", default_value = "10s")]
    pub duration: Span,
    /// A header line, as in "Accept: text/html"; may hold {field}s; may be repeated
    #[arg(short = 'H', long = "header", value_name = "LINE")]
    pub headers: Vec<String>,
    /// Requests per second, from a fixed schedule (open loop); without it each connection sends
    /// when it was answered (closed loop)
    #[arg(short = 'R', long, value_name = "N")]
    pub rate: Option<f64>,
    /// With --rate: exponential gaps instead of equal ones
    #[arg(long, requires = "rate")]
    pub poisson: bool,
    /// With --rate: connections may grow to this many [default: 1024]
    #[arg(long, value_name = "N")]
    pub max_connections: Option<usize>,
    /// Close each connection after this many requests
    #[arg(long, value_name = "N")]
    pub requests_per_connection: Option<u64>,
    /// Load before the measured part, not recorded
    #[arg(long, value_name = "TIME", default_value = "500ms")]
    pub lead_in: Span,
    /// Give a request up this long after its intended start
    #[arg(long, value_name = "TIME", default_value = "5s")]
    pub timeout: Span,
    /// Wait this long after the measured part for what is owed [default: the timeout]
    #[arg(long, value_name = "TIME")]
    pub drain: Option<Span>,
    /// Request method
    #[arg(short = 'X', long, default_value = "GET")]
    pub method: String,
    /// Request body; may hold {field}s
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// A field of the templates: NAME=random:MIN:MAX, NAME=seq[:START], NAME=zipf:N:EXPONENT,
    /// NAME=list:A,B,C or NAME=file:PATH (one token a line); may be repeated
    #[arg(long = "field", value_name = "NAME=KIND")]
    pub fields: Vec<String>,
    /// With --field: requests rendered before the run [default: 131072]
    #[arg(long, value_name = "N", requires = "fields")]
    pub pool: Option<usize>,
    /// The right status
    #[arg(long, value_name = "CODE", default_value_t = 200)]
    pub expect_status: u16,
    /// The right body, exactly; may hold {field}s
    #[arg(long, value_name = "TEXT", conflicts_with = "expect_length")]
    pub expect_body: Option<String>,
    /// The right length of the body
    #[arg(long, value_name = "BYTES")]
    pub expect_length: Option<u64>,
    /// Seed of fields and of Poisson arrivals [default: 0]
    #[arg(long)]
    pub seed: Option<u64>,
    /// epoll or uring
    #[arg(long, default_value = "epoll", value_parser = engine)]
    pub engine: EngineChoice,
    /// Spin this long after each send for its answer, and before each due time [default: 2ms with --rate, else 0s]
    #[arg(long, value_name = "TIME", conflicts_with = "coalesce")]
    pub spin: Option<Span>,
    /// With --rate: release what came due in so much time together; cheaper, and as much later
    #[arg(long, value_name = "TIME")]
    pub coalesce: Option<Span>,
    /// Close connections with a FIN instead of a reset
    #[arg(long)]
    pub fin: bool,
    /// Do without the kernel's receive timestamps
    #[arg(long)]
    pub no_receive_stamps: bool,
    /// Also report the CPU that this process uses in the measured part
    #[arg(long, value_name = "PID", conflicts_with = "capacity")]
    pub watch_pid: Option<u32>,
    /// Print a series with this interval
    #[arg(long, value_name = "TIME", conflicts_with = "capacity")]
    pub interval: Option<Span>,
    /// Write an HdrHistogram interval log
    #[arg(long, value_name = "FILE", conflicts_with = "capacity")]
    pub hlog: Option<PathBuf>,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
    /// Search for the highest rate that holds --slo, from --rate on [default: 1000]; each step
    /// lasts --duration, and a rate holds if its requests show that with 95 % confidence
    #[arg(long, requires = "slo")]
    pub capacity: bool,
    /// With --capacity: QUANTILE=TIME, as in p99=10ms (p50, p90, p95, p99, p99.9, max)
    #[arg(long, value_name = "SLO", requires = "capacity")]
    pub slo: Option<crate::capacity::Slo>,
}

fn engine(name: &str) -> Result<EngineChoice, String> {
    match name {
        "epoll" => Ok(EngineChoice::Epoll),
        "uring" => Ok(EngineChoice::Uring),
        _ => Err("allowed are epoll and uring".into()),
    }
}

impl Args {
    /// The checked specification.
    pub fn to_spec(&self) -> Result<Spec, String> {
        if let Some(path) = &self.spec {
            let text = read(path)?;
            return serde_json::from_str(&text)
                .map_err(|error| format!("{}: {error}", path.display()));
        }
        self.to_draft()?.check().map_err(|error| error.to_string())
    }

    fn to_draft(&self) -> Result<SpecDraft, String> {
        if self.seed.is_some() && self.fields.is_empty() && !self.poisson {
            return Err(
                "--seed has no meaning here: without --field and --poisson nothing is drawn".into(),
            );
        }
        let rate = self
            .rate
            .or(self.slo.map(|slo| capacity::first_rate(slo, self.duration)));
        let arrival = match rate {
            None => Arrival::Closed,
            Some(rate) if self.poisson => Arrival::Poisson { rate },
            Some(rate) => Arrival::Constant { rate },
        };
        let none = Span::from_millis(0);
        let pacing = match (self.spin, self.coalesce) {
            (_, Some(coalesce)) => Pacing {
                spin: Some(none),
                coalesce,
            },
            (spin, None) => Pacing {
                spin,
                coalesce: none,
            },
        };
        let headers = self
            .headers
            .iter()
            .map(|line| header(line))
            .collect::<Result<_, _>>()?;
        let fields = self
            .fields
            .iter()
            .map(|text| field::parse(text))
            .collect::<Result<Vec<_>, String>>()?;
        let fields = named_once(fields)?;
        let unsaid = SpecDraft::new(self.url.clone().ok_or("a URL or --spec is needed")?);
        Ok(SpecDraft {
            method: self.method.clone(),
            headers,
            body: self.body.clone(),
            fields,
            pool: self.pool.unwrap_or(unsaid.pool),
            expect: Expect {
                status: Some(self.expect_status),
                body: self.expect_body.clone(),
                length: self.expect_length,
            },
            connections: self.connections,
            max_connections: self.max_connections,
            arrival,
            requests_per_connection: self.requests_per_connection,
            lead_in: self.lead_in,
            duration: self.duration,
            timeout: self.timeout,
            drain: self.drain,
            threads: self.threads,
            seed: self.seed.unwrap_or(unsaid.seed),
            engine: self.engine,
            receive_stamps: !self.no_receive_stamps,
            watch_pid: self.watch_pid,
            pacing,
            close: if self.fin {
                Close::Finish
            } else {
                Close::Reset
            },
            interval: self.interval,
            ..unsaid
        })
    }
}

/// Fields by name; a name that comes twice is refused, as one of the two would not be used.
fn named_once(fields: Vec<(String, Field)>) -> Result<BTreeMap<String, Field>, String> {
    let mut named = BTreeMap::new();
    for (name, field) in fields {
        if named.contains_key(&name) {
            return Err(format!("--field {name} is given twice"));
        }
        named.insert(name, field);
    }
    Ok(named)
}

fn header(line: &str) -> Result<(String, String), String> {
    let (name, value) = line
        .split_once(':')
        .ok_or_else(|| format!("the header {line:?} has no colon, as in \"Accept: text/html\""))?;
    Ok((name.trim().into(), value.trim().into()))
}

fn read(path: &PathBuf) -> Result<String, String> {
    let mut text = String::new();
    let result = if path.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(path).map(|content| text = content)
    };
    result.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args as _, Command};

    /// An option that is neither refused beside --spec nor used with it would be ignored.
    #[test]
    fn a_specification_in_a_file_is_not_mixed_with_options_that_it_would_ignore() {
        let command = Args::augment_args(Command::new("load"));
        // How the result is told, and what is done with the specification.
        let used = ["spec", "json", "hlog", "capacity", "slo"];
        let mut refused = 0;
        for arg in command.get_arguments() {
            let id = arg.get_id().as_str();
            assert_ne!(
                used.contains(&id),
                OF_THE_SPEC.contains(&id),
                "{id} is on neither list or on both"
            );
            refused += usize::from(OF_THE_SPEC.contains(&id));
        }
        assert_eq!(refused, OF_THE_SPEC.len());
        for (more, name) in [
            ("-c 3", "--connections"),
            ("-d 10s", "--duration"),
            ("--fin", "--fin"),
        ] {
            let words = format!("load --spec - {more}");
            let error = command
                .clone()
                .try_get_matches_from(words.split(' '))
                .unwrap_err()
                .to_string();
            assert!(error.contains("--spec") && error.contains(name), "{error}");
        }
        assert!(
            command
                .try_get_matches_from(["load", "--spec", "-", "--json"])
                .is_ok()
        );
    }
}
