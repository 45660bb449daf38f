//! The instrument against other load generators: requests per second of client CPU, in
//! interleaved pairs in random order, each client alone on one CPU, the server on another.
//!
//! Requests are counted by the server (`plain_server`) where it is that, else by the client.
//! CPU is user + system time of the client's process (`wait4`), start and end included; with
//! `--against sleeping` it is the server's, in the measured part. Against another build of the
//! instrument it is the client's in the measured part, and that build runs twice, as A/A.
//! `versus.sh` builds what this needs and explains how to call it.

use clap::Parser;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use sys::pin::CpuSet;
use sys::spawn;

/// Measure the instrument against other load generators, in pairs.
#[derive(Parser)]
struct Args {
    /// The instrument's program
    #[arg(long)]
    load: PathBuf,
    /// The server's program; it is started on --server-cpu
    #[arg(long, required_unless_present = "url")]
    server: Option<PathBuf>,
    /// Measure against this server instead; the clients' own counts are used
    #[arg(long)]
    url: Option<String>,
    /// With --url and --against sleeping: the server's process
    #[arg(long, requires = "url")]
    server_pid: Option<u32>,
    /// The other client: wrk or oha, as found on PATH; or the instrument itself without something:
    /// "fixed" sends one fixed request where ours has three fields in path and headers, "unstamped"
    /// takes no receive stamps, "sleeping" sleeps between answers where ours spins, and the CPU is
    /// the server's; or, by its path, another build of the instrument
    #[arg(long, default_value = "wrk")]
    against: String,
    /// Connections, with "r" behind them for a new connection per request
    #[arg(long, value_delimiter = ',', default_value = "1,64,1000,10000,64r")]
    settings: Vec<String>,
    #[arg(long, default_value_t = 20)]
    pairs: usize,
    /// Seconds of each run
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// The instrument's engine
    #[arg(long, default_value = "epoll")]
    engine: String,
    #[arg(long, default_value_t = 0)]
    server_cpu: usize,
    #[arg(long, default_value_t = 1)]
    client_cpu: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Bytes of body that `plain_server` answers with.
const BODY: u64 = 128;
/// Against an instrument that sleeps between answers.
const SLEEPING: &str = "sleeping";
/// Port of `plain_server`.
const PORT: u16 = 18_431;

/// Whose run it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Ours,
    Theirs,
    /// Theirs once more, where that is another build of the instrument.
    Twin,
}

fn main() {
    let args = Args::parse();
    let mut server = args.server.as_ref().map(|path| {
        let mut command = Command::new(path);
        command.args([PORT.to_string(), BODY.to_string()]);
        start(command, args.server_cpu)
    });
    let url = args
        .url
        .clone()
        .unwrap_or(format!("http://127.0.0.1:{PORT}/"));
    std::thread::sleep(Duration::from_millis(300));
    let watched = (args.server_pid).or_else(|| server.as_ref().map(Child::id));
    let whose = if args.against == SLEEPING {
        "server"
    } else {
        "client"
    };
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(args.seed);
    println!(
        "# versus {}: {} pairs of {} s, engine {}",
        args.against, args.pairs, args.seconds, args.engine
    );
    let ratio = match is_build(&args) {
        true => "ratio of client CPU per request".to_owned(),
        false => format!("ratio of requests per {whose} CPU-second"),
    };
    println!(
        "| connections | lab load us {whose} CPU/request | {} us {whose} CPU/request | {ratio} | 95 % interval | pairs |",
        args.against
    );
    println!("|---|---|---|---|---|---|");
    for setting in &args.settings {
        let (connections, close) = match setting.strip_suffix('r') {
            Some(number) => (number, true),
            None => (setting.as_str(), false),
        };
        let (mut ours, mut theirs, mut twin) = (Vec::new(), Vec::new(), Vec::new());
        let mut sides = vec![Side::Ours, Side::Theirs];
        if is_build(&args) {
            sides.push(Side::Twin);
        }
        for _ in 0..args.pairs {
            sides.shuffle(&mut rng);
            for &side in &sides {
                let cost = cost(&args, &url, connections, close, side, watched);
                match side {
                    Side::Ours => &mut ours,
                    Side::Theirs => &mut theirs,
                    Side::Twin => &mut twin,
                }
                .push(cost);
            }
        }
        let name = named(setting);
        if is_build(&args) {
            print_row(&name, &ours, &theirs, |ours, theirs| ours / theirs);
            let name = format!("{name}, A/A of that build");
            print_row(&name, &twin, &theirs, |ours, theirs| ours / theirs);
        } else {
            print_row(&name, &ours, &theirs, |ours, theirs| theirs / ours);
        }
        std::io::stdout().flush().expect("standard output takes it");
    }
    if let Some(server) = &mut server {
        let _ = server.kill();
        let _ = server.wait();
    }
}

/// Microseconds of CPU per request of one run.
#[expect(
    clippy::zombie_processes,
    reason = "wait4 waits for it, and returns its CPU time"
)]
fn cost(
    args: &Args,
    url: &str,
    connections: &str,
    close: bool,
    side: Side,
    watched: Option<u32>,
) -> f64 {
    let ours = side == Side::Ours;
    let instrument = ours || against_itself(args);
    let command = if instrument {
        let program = match is_build(args) && !ours {
            true => PathBuf::from(&args.against),
            false => args.load.clone(),
        };
        let mut command = Command::new(program);
        command.args(["load", "--spec", "-"]);
        command
    } else {
        other(args, url, connections, close)
    };
    let before = count(args);
    let mut child = start(command, args.client_cpu);
    let mut stdin = child.stdin.take().expect("stdin is piped");
    if instrument {
        let mut spec = serde_json::json!({
            "url": url, "connections": connections.parse::<usize>().expect("a number"),
            "duration": format!("{}ms", args.seconds * 1e3), "lead_in": "0s",
            "engine": args.engine,
            "requests_per_connection": close.then_some(1),
            "expect": if args.url.is_none() { serde_json::json!({"status": 200, "length": BODY}) }
                      else { serde_json::json!({"status": 200}) },
        });
        match args.against.as_str() {
            "fixed" => add_request(&mut spec, ours),
            "unstamped" => spec["receive_stamps"] = ours.into(),
            SLEEPING => {
                spec["pacing"] = serde_json::json!({"spin": if ours { load::Pacing::SPIN } else { load::Span::from_millis(0) }});
                spec["watch_pid"] = watched.expect("--url asks for --server-pid, too").into();
            }
            _ => {}
        }
        stdin
            .write_all(spec.to_string().as_bytes())
            .expect("the instrument reads its spec");
    }
    drop(stdin);
    let mut said = String::new();
    child
        .stdout
        .take()
        .expect("stdout is piped")
        .read_to_string(&mut said)
        .expect("text");
    let cpu = wait4(&child);
    if against_itself(args) {
        // What is done before the run is not the question here.
        // Read by name, as another build's outcome may have other parts.
        let outcome: serde_json::Value = serde_json::from_str(&said).expect("an outcome");
        let whose = match outcome["watched_cpu"].is_object() {
            true => "watched_cpu",
            false => "own_cpu",
        };
        let per_request = outcome[whose]["per_request_ns"].as_f64();
        return per_request.expect("there were answers") / 1e3;
    }
    let requests = match (count(args), before) {
        (Some(after), Some(before)) => after - before,
        _ => reported(&said, instrument),
    };
    assert!(
        requests > 0.0,
        "no requests were served; the client said: {said}"
    );
    cpu / requests
}

/// True where both sides are the instrument.
fn against_itself(args: &Args) -> bool {
    matches!(args.against.as_str(), "fixed" | "unstamped" | SLEEPING) || is_build(args)
}

/// True where the other side is another build of the instrument, named by its path.
fn is_build(args: &Args) -> bool {
    args.against.contains('/')
}

/// The same request with and without fields: a route with an id and a word, and a token of the
/// length of a signed JWT, from a thousand.
fn add_request(spec: &mut serde_json::Value, fields: bool) {
    let token = |i: usize| format!("{i:04}{}", "t".repeat(300));
    let list = |items: Vec<String>| serde_json::json!({"kind": "tokens", "values": items});
    if fields {
        spec["path"] = "/user/{id}/post/{slug}".into();
        spec["headers"] = serde_json::json!([["Authorization", "Bearer {token}"]]);
        spec["fields"] = serde_json::json!({
            "id": {"kind": "random", "min": 100_000, "max": 999_999},
            "slug": list((0..1000).map(|i| format!("slug-{i:04}")).collect()),
            "token": list((0..1000).map(token).collect()),
        });
    } else {
        spec["path"] = "/user/123456/post/slug-0001".into();
        spec["headers"] = serde_json::json!([["Authorization", format!("Bearer {}", token(1))]]);
    }
}

fn other(args: &Args, url: &str, connections: &str, close: bool) -> Command {
    let mut command = Command::new(&args.against);
    match args.against.as_str() {
        "oha" => command.args([
            "--no-tui",
            "-c",
            connections,
            "-z",
            &format!("{}ms", args.seconds * 1e3),
        ]),
        // wrk takes whole seconds only.
        _ => command.args([
            "-t1",
            "-c",
            connections,
            &format!("-d{}s", args.seconds.ceil()),
        ]),
    };
    match (close, args.against.as_str()) {
        (true, "oha") => command.arg("--disable-keepalive"),
        (true, _) => command.args(["-H", "Connection: close"]),
        (false, _) => &mut command,
    };
    command.arg(url);
    command
}

fn start(mut command: Command, cpu: usize) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    spawn::end_with_parent(&mut command);
    let cpus = CpuSet::of(&[cpu]);
    // SAFETY: the closure only makes a system call. A machine with fewer CPUs has none to keep apart.
    unsafe {
        command.pre_exec(move || {
            let _ = cpus.take(0);
            Ok(())
        });
    }
    command
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"))
}

/// Waits for the child; its user and system time in microseconds.
fn wait4(child: &Child) -> f64 {
    let mut status = 0;
    // SAFETY: zeroes are a valid rusage; the pointers are valid for the call.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::wait4(child.id() as i32, &mut status, 0, &mut usage);
        usage
    };
    let micros = |t: libc::timeval| t.tv_sec as f64 * 1e6 + t.tv_usec as f64;
    micros(usage.ru_utime) + micros(usage.ru_stime)
}

/// Requests that the server has served so far.
fn count(args: &Args) -> Option<f64> {
    args.server.as_ref()?;
    let mut stream = TcpStream::connect(("127.0.0.1", PORT)).expect("the server listens");
    stream
        .write_all(b"GET /count HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("sent");
    let mut buffer = [0; 256];
    let n = stream.read(&mut buffer).expect("answered");
    let text = String::from_utf8_lossy(&buffer[..n]);
    text.split("\r\n\r\n")
        .nth(1)
        .and_then(|body| body.trim().parse().ok())
}

/// Requests by the client's own account.
fn reported(said: &str, ours: bool) -> f64 {
    if ours {
        let outcome: load::Outcome = serde_json::from_str(said).expect("an outcome");
        return outcome.counts.ok as f64;
    }
    let line = said
        .lines()
        .find(|line| line.contains(" requests in ") || line.contains("] 200 responses"));
    let word = line.and_then(|line| {
        line.split_whitespace()
            .find_map(|word| word.parse::<f64>().ok())
    });
    word.unwrap_or_else(|| panic!("no count of requests in: {said}"))
}

/// Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom.
const T95: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

fn named(setting: &str) -> String {
    setting
        .strip_suffix('r')
        .map_or(setting.to_string(), |c| format!("{c}, new per request"))
}

fn print_row(name: &str, ours: &[f64], theirs: &[f64], ratio: impl Fn(f64, f64) -> f64) {
    let logs: Vec<f64> = (ours.iter().zip(theirs))
        .map(|(&ours, &theirs)| ratio(ours, theirs).ln())
        .collect();
    let n = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let half = T95[(logs.len() - 2).min(29)] * (variance / n).sqrt();
    let median = |values: &[f64]| {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    println!(
        "| {name} | {:.2} | {:.2} | **{:.3}** | {:.3} to {:.3} | {} |",
        median(ours),
        median(theirs),
        mean.exp(),
        (mean - half).exp(),
        (mean + half).exp(),
        logs.len()
    );
}
