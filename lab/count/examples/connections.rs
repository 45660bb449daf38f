//! How many connections a count needs, and how many of them have to rest.
//!
//! `cargo run --release -p count --example connections -- SERVER SYMBOLS`: a server as `lab build`
//! makes it, and the same linked with its symbols (`target/servers/symbols/NAME/*`). For each pair
//! of numbers: instructions a request over starts, their spread, how often the server had nothing
//! to do, and how often the Go scheduler looked for what has come (`runtime.netpoll`) and put a
//! goroutine to sleep (`runtime.gopark`), all for a request.

use std::path::PathBuf;

use catalog::Scenario;
use count::run::Plan;
use count::{CountError, Means, Protocol, Role, Subject, Subjects};
use instructions::{Emulator, Symbols};

/// Connections, and how many of them rest.
const PAIRS: [(usize, usize); 9] = [
    (2, 0),
    (4, 0),
    (16, 0),
    (64, 0),
    (256, 0),
    (16, 8),
    (64, 32),
    (64, 8),
    (256, 128),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [program, twin] = &files[..] else {
        return Err("two files are wanted: SERVER SYMBOLS".into());
    };
    let subject = Subject {
        name: "the server".to_owned(),
        program: program.clone(),
        symbols: Some(Symbols::of_twin(program, twin)?),
    };
    let subjects = Subjects {
        base: subject.clone(),
        new: subject,
    };
    let scratch = std::env::temp_dir().join(format!("connections-{}", std::process::id()));
    let means = Means::Emulator(Emulator::find(&scratch.join("plugin"))?);
    println!("connections resting  instructions  spread %  dry/1000  looks  parks");
    for (connections, resting) in PAIRS {
        let protocol = Protocol {
            connections,
            resting,
            rounds: 4,
            round: vec![Role::Base],
            // Here it is a result.
            dry_share: 1,
            ..Protocol::default()
        };
        let plan = Plan {
            means: &means,
            protocol: &protocol,
            subjects: &subjects,
            scenario: Scenario::Json,
            seed: 1,
            folder: &scratch,
        };
        let starts = match count::run(&plan, &|_, _| {}, &|| false) {
            Ok(starts) => starts,
            Err(e @ CountError::Starved { .. }) => {
                println!("{connections:>11} {resting:>7}  {e}");
                continue;
            }
            Err(e) => return Err(e.into()),
        };
        let numbers: Vec<f64> = starts.iter().map(|s| s.instructions).collect();
        let dry: u64 = starts.iter().map(|s| s.dry).sum();
        let requests: u64 = starts.iter().map(|s| s.requests).sum();
        let profile = count::verdict::profile(&starts, Role::Base).unwrap_or_default();
        let entered = |name: &str| profile.entered.get(name).copied().unwrap_or(0.0);
        println!(
            "{connections:>11} {resting:>7}  {:>12.0}  {:>8.3}  {:>8.2}  {:>5.3}  {:>5.3}",
            stats::summary::mean(&numbers).unwrap_or(f64::NAN),
            100.0 * stats::summary::cv(&numbers).unwrap_or(f64::NAN),
            1e3 * dry as f64 / requests as f64,
            entered("runtime.netpoll"),
            entered("runtime.gopark"),
        );
    }
    let _ = std::fs::remove_dir_all(&scratch);
    Ok(())
}
