//! What the Go runtimes of servers do under load, which the lab's bounds are set by: how often the heap's goal is
//! allocated between two collections, and how much is found reachable.
//!
//!     cargo run --release -p run --example collector [-- FRAMEWORK..]
//!
//! A line a server: the largest number of goals a cycle in any window, and the live heap in MiB before the first
//! request, the largest behind a window, and after two collections at the end.

use std::path::Path;
use std::time::Duration;

use builder::Binary;
use load::{Arrival, Span, SpecDraft};
use plan::{Project, project};
use server::runtime::Reading;
use server::{Server, StartOptions};

/// Those of a campaign: so long, so many connections.
const WINDOW: Duration = Duration::from_millis(700);
const CONNECTIONS: usize = 64;
/// How often each path is asked for so long.
const WINDOWS: u64 = 4;
const PATHS: [&str; 3] = ["/plaintext", "/json", "/user/{id}/post/{slug}"];

/// What one server reached.
#[derive(Default)]
struct Reached {
    goals: f64,
    before: u64,
    under_load: u64,
    after: u64,
}

fn main() -> Result<(), String> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let here = std::env::current_dir().map_err(|e| e.to_string())?;
    let project = Project::find(&here).map_err(|e| e.to_string())?;
    let all = project.frameworks(&[]).map_err(|e| e.to_string())?;
    let mut chosen = project::pick(&all, &names).map_err(|e| e.to_string())?;
    if names.is_empty() {
        chosen = project::with_variants(chosen);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| e.to_string())?;
    let folder = project.build_folder();
    let logs = tempfile::tempdir().map_err(|e| e.to_string())?;
    println!("server                    goals  before  load   after");
    for framework in chosen.values() {
        let log = logs.path().join("build.txt");
        let built = builder::build(framework, &folder, &log);
        let binary = runtime.block_on(built).map_err(|e| e.to_string())?;
        let stderr = logs.path().join("stderr.txt");
        let Some(r) = runtime.block_on(reach(&binary, &stderr))? else {
            continue;
        };
        let [before, under_load, after] =
            [r.before, r.under_load, r.after].map(|bytes| bytes as f64 / f64::from(1 << 20));
        let name = &framework.name;
        println!(
            "{name:<25} {:5.2} {before:7.2} {under_load:6.2} {after:6.2}",
            r.goals
        );
    }
    Ok(())
}

/// Nothing of a server without a probe.
async fn reach(binary: &Binary, stderr: &Path) -> Result<Option<Reached>, String> {
    let options = StartOptions {
        cpus: vec![0],
        probe: true,
        stderr: stderr.to_owned(),
        ..StartOptions::default()
    };
    let mut server = Server::start_ready(binary, &options)
        .await
        .map_err(|e| e.to_string())?;
    let Ok(live) = collected(&mut server) else {
        return Ok(None);
    };
    let mut reached = Reached {
        before: live,
        ..Reached::default()
    };
    for path in PATHS {
        for seed in 0..WINDOWS {
            let earlier = reading(&mut server)?;
            offer(&server, path, seed).await?;
            let now = reading(&mut server)?;
            reached.goals = reached.goals.max(now.goals_since(&earlier));
            reached.under_load = reached.under_load.max(now.heap_live_bytes);
        }
    }
    reached.after = collected(&mut server)?;
    server.stop().await.map_err(|e| e.to_string())?;
    Ok(Some(reached))
}

fn reading(server: &mut Server) -> Result<Reading, String> {
    Ok(server.reading()?.expect("it was started with a probe"))
}

/// What two collections find reachable.
fn collected(server: &mut Server) -> Result<u64, String> {
    let probe = server.probe().expect("it was started with a probe");
    Ok(Reading::of(probe.ask("gc")?)?.heap_live_bytes)
}

async fn offer(server: &Server, path: &str, seed: u64) -> Result<(), String> {
    let number = |min, max| load::Field::Random { min, max };
    let spec = SpecDraft {
        path: Some(path.to_owned()),
        fields: [
            ("id".to_owned(), number(100_000_000, 999_999_999)),
            ("slug".to_owned(), number(100_000_000_000, 999_999_999_999)),
        ]
        .into(),
        connections: CONNECTIONS,
        threads: 1,
        arrival: Arrival::Closed,
        lead_in: Span(WINDOW / 4),
        duration: Span(WINDOW),
        seed,
        ..SpecDraft::new(format!("http://{}", server.address()))
    };
    let spec = spec.check().map_err(|e| e.to_string())?;
    tokio::task::spawn_blocking(move || load::run(&spec).map_err(|e| e.to_string()))
        .await
        .map_err(|e| e.to_string())??;
    Ok(())
}
