//! Holds a server to the contract.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use builder::Binary;
use catalog::Framework;
use catalog::framework::{Departure, Feature};
use catalog::payload::{RouteSet, extra_route};
use record::Class;
use server::{Server, ServerError, StartOptions};
use sys::cpu_time::waited_for_cpu;

use super::client::Client;
use super::{departures, growth, inputs, loaded, other_client, process, routes, source, steps};

/// How often a check is done whose time runs out for want of a CPU.
const TRIES: u32 = 3;
/// A server that had no CPU for this share of the time is not blamed for being late.
const KEPT: f64 = 0.25;

/// One deviation from the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was asked: `GET /json`, `SIGTERM`.
    pub request: String,
    /// What the contract wants.
    pub expected: String,
    /// What came.
    pub got: String,
    /// What it speaks of.
    pub(super) of: Of,
}

/// What a failure speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// The server.
    Server,
    /// The server, if it had the CPU while its time ran out.
    Time,
    /// The lab or the machine.
    Lab,
}

impl Failure {
    pub(super) fn new(
        request: impl Into<String>,
        expected: impl Into<String>,
        got: impl fmt::Display,
    ) -> Self {
        Self {
            request: request.into(),
            expected: expected.into(),
            got: got.to_string(),
            of: Of::Server,
        }
    }

    /// Whether the server is to blame.
    pub fn is_the_servers(&self) -> bool {
        self.of == Of::Server
    }

    /// That a time ran out.
    pub(super) fn in_time(self) -> Self {
        Self {
            of: Of::Time,
            ..self
        }
    }

    /// That the lab or the machine is in the way.
    pub(super) fn of_the_lab(self) -> Self {
        Self {
            of: Of::Lab,
            ..self
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: expected {}, got {}",
            self.request, self.expected, self.got
        )
    }
}

/// What the check of one framework found.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    /// The framework's name.
    pub framework: String,
    /// The checks that were held, by name.
    pub passed: Vec<&'static str>,
    /// The checks that were not, by name, with what happened.
    pub failed: Vec<(&'static str, Failure)>,
    /// What would have failed, were it a server of the checkout: what its user answers for.
    pub warned: Vec<(&'static str, Failure)>,
    /// The body of `GET /json` as this server writes it, which every measured answer must equal.
    pub json_body: Vec<u8>,
    /// Why the server cannot be judged, by no fault of its own: trouble of the lab or the machine.
    pub trouble: Option<String>,
    /// The largest share of its time that one of the servers was ready to run and had no CPU.
    kept: f64,
}

impl CheckReport {
    /// Whether the server may be measured.
    pub fn is_ok(&self) -> bool {
        self.failed.is_empty() && self.trouble.is_none()
    }

    fn fail(&mut self, name: &'static str, failure: Failure) {
        match failure.of {
            Of::Lab => {
                self.trouble.get_or_insert(format!("{name}: {failure}"));
            }
            Of::Server | Of::Time => self.failed.push((name, failure)),
        }
    }

    /// Whether all that was found is that a time ran out, while the server was kept from its CPU.
    fn is_for_want_of_a_cpu(&self) -> bool {
        let in_time = |(_, failure): &(_, Failure)| failure.of == Of::Time;
        !self.failed.is_empty() && self.kept > KEPT && self.failed.iter().all(in_time)
    }

    /// What is found in the source of a server from outside of the checkout is a warning: whoever
    /// measures it knows what it is for.
    fn weigh(&mut self, name: &'static str, result: Result<(), Failure>, framework: &Framework) {
        match result {
            Err(failure) if framework.origin.outside && failure.of == Of::Server => {
                self.warned.push((name, failure));
            }
            result => {
                self.take(name, result);
            }
        }
    }

    fn take<T>(&mut self, name: &'static str, result: Result<T, Failure>) -> Option<T> {
        match result {
            Ok(value) => {
                self.passed.push(name);
                Some(value)
            }
            Err(failure) => {
                self.fail(name, failure);
                None
            }
        }
    }
}

/// Starts a framework's server, holds it to the contract and stops it; then again with the
/// options that it says it supports.
///
/// `stderr` keeps what the servers had to say.
///
/// A time that runs out while others use the CPUs says nothing of the server: such a check is done again,
/// a few times, and then it is the machine that is named.
pub async fn check(framework: &Framework, binary: &Binary, stderr: &Path) -> CheckReport {
    for _ in 1..TRIES {
        let report = once(framework, binary, stderr).await;
        if !report.is_for_want_of_a_cpu() {
            return report;
        }
    }
    let mut report = once(framework, binary, stderr).await;
    if report.is_for_want_of_a_cpu() {
        let failed = std::mem::take(&mut report.failed);
        report.trouble = failed.first().map(|(name, failure)| {
            format!(
                "could not be checked, as its server had no CPU for {:.0} % of the time ({name}: {failure}): check on a quieter machine",
                report.kept * 100.0
            )
        });
    }
    report
}

async fn once(framework: &Framework, binary: &Binary, stderr: &Path) -> CheckReport {
    let mut report = CheckReport {
        framework: framework.name.clone(),
        ..CheckReport::default()
    };
    let _ = std::fs::remove_file(stderr);
    if let Some(looked) = source::look(framework, binary).await {
        report.weigh("source", looked, framework);
    }
    report.weigh("build", inputs::as_declared(framework, binary), framework);
    report.weigh("probe", inputs::is_probed(framework), framework);
    if plain(framework, binary, stderr, &mut report)
        .await
        .is_some()
    {
        with_options(framework, binary, stderr, &mut report).await;
        if framework.supports.contains(&Feature::Routes) {
            let held = departures::overlap(framework, binary, stderr).await;
            report.take("overlapping routes", held);
        }
    }
    report
}

/// The server as it is measured, with a probe.
async fn plain(
    framework: &Framework,
    binary: &Binary,
    stderr: &Path,
    report: &mut CheckReport,
) -> Option<()> {
    let options = StartOptions {
        probe: framework.supports.contains(&Feature::Probe),
        stderr: stderr.to_owned(),
        ..StartOptions::default()
    };
    let mut server = start(binary, &options, "start", report).await?;
    let watch = Watch::begin(&server);
    let before = process::untouched(&mut server);
    let before = report.take("runtime settings", before).flatten();
    let client = Client::new(&server);
    report.take("plaintext", steps::plaintext(&client).await);
    let json = steps::json(&client).await;
    report.json_body = report.take("json", json).unwrap_or_default();
    let twice = framework.departs.contains(&Departure::DecodesTwice);
    report.take("params", steps::params(&client, twice).await);
    let chunked = framework.departs.contains(&Departure::Chunked);
    report.take("framing", departures::framing(&client, chunked).await);
    report.take("echo", steps::echo(&client).await);
    report.take("blob", steps::blob(&client).await);
    report.take("unknown path", steps::unknown_path(&client).await);
    report.take(
        "wrong method",
        steps::wrong_method(&client, framework.wrong_method).await,
    );
    report.take("head", steps::head(&server, framework.head).await);
    report.take("concurrent ids", steps::concurrent_ids(&client).await);
    let alike = other_client::served_alike(&server, &client).await;
    report.take("other client", alike);
    if options.probe {
        // A variant may be of another encoder, and says so.
        let leaves_html = (framework.class == Class::Idiomatic)
            .then(|| framework.departs.contains(&Departure::LeavesHtml));
        let salt = steps::salt(&client, &mut server, leaves_html).await;
        report.take("salt", salt);
        let grows = framework.departs.contains(&Departure::MemoryGrows);
        report.take("memory", growth::bounded(&mut server, grows).await);
        report.take("collector", process::collected(&mut server, before, grows));
    }
    report.take("threads under load", loaded::threads(&server).await);
    report.take("date", steps::date(&client).await);
    for (name, looked) in [
        ("own program", server.runs_its_program()),
        ("one process", server.is_one_process()),
        ("threads as given", server.threads_are_as_given()),
        ("own connections", server.connections_are_its_own()),
    ] {
        report.take(name, process::as_started(looked));
    }
    report.take("loopback only", process::loopback_only(server.pid()));
    drop(client);
    report.saw(&server, &watch);
    let stopped = server.stop().await;
    report.take("stop", stopped.map_err(unstopped));
    report.take("silence", process::silent(stderr));
    Some(())
}

/// The server with extra routes, middlewares and busy work, as far as it supports them.
async fn with_options(
    framework: &Framework,
    binary: &Binary,
    stderr: &Path,
    report: &mut CheckReport,
) {
    const EXTRA: u32 = 100;
    let has = |feature| framework.supports.contains(&feature);
    let twice = framework.departs.contains(&Departure::DecodesTwice);
    for set in [RouteSet::Distinct, RouteSet::Shared] {
        let mut env = Vec::new();
        if has(Feature::Routes) {
            env.push(("ROUTES", format!("{EXTRA}:{}", set.name())));
        }
        if has(Feature::Middleware) {
            env.push(("MIDDLEWARE", "3".to_owned()));
        }
        if has(Feature::Spin) {
            env.push(("SPIN_NS", routes::SPIN_NS.to_string()));
        }
        if env.is_empty() {
            return;
        }
        let name = match set {
            RouteSet::Shared => "options, shared routes",
            _ => "options, distinct routes",
        };
        let options = StartOptions {
            env,
            probe: has(Feature::Probe),
            stderr: stderr.to_owned(),
            ..StartOptions::default()
        };
        let Some(mut server) = start(binary, &options, name, report).await else {
            return;
        };
        let watch = Watch::begin(&server);
        let paths: Vec<_> = match has(Feature::Routes) {
            true => (0..EXTRA).map(|i| extra_route(set, i)).collect(),
            false => Vec::new(),
        };
        let client = Client::new(&server);
        let result = routes::with_extra(&client, &paths, twice).await;
        report.take(name, result);
        if has(Feature::Spin) {
            let result = routes::each_burns(&client, &mut server, &paths).await;
            report.take("each route's middlewares", result);
        }
        report.saw(&server, &watch);
        if let Err(e) = server.stop().await {
            report.fail(name, unstopped(e));
        }
    }
}

/// A server's time, from some moment on.
struct Watch {
    begun: Instant,
    waited: Option<Duration>,
}

impl Watch {
    fn begin(server: &Server) -> Self {
        Self {
            begun: Instant::now(),
            waited: waited_for_cpu(server.pid()),
        }
    }
}

impl CheckReport {
    /// Keeps how long a server was kept from its CPU.
    fn saw(&mut self, server: &Server, watch: &Watch) {
        if let (Some(then), Some(now)) = (watch.waited, waited_for_cpu(server.pid())) {
            let kept = now.saturating_sub(then).as_secs_f64();
            self.kept = self.kept.max(kept / watch.begun.elapsed().as_secs_f64());
        }
    }
}

fn unstopped(e: ServerError) -> Failure {
    let failure = Failure::new("SIGTERM", "exit status 0 within 5 s", &e);
    blamed(failure, &e)
}

/// Trouble in starting and stopping is the server's where it is to blame.
fn blamed(failure: Failure, e: &ServerError) -> Failure {
    match e.is_the_servers() {
        true => failure,
        false => failure.of_the_lab(),
    }
}

async fn start(
    binary: &Binary,
    options: &StartOptions,
    name: &'static str,
    report: &mut CheckReport,
) -> Option<Server> {
    let env: String = options
        .env
        .iter()
        .map(|(k, v)| format!("{k}={v} "))
        .collect();
    let started = Server::start_ready(binary, options).await.map_err(|e| {
        let words = e.words.as_ref();
        let words = words.map_or_else(String::new, |w| format!("; its last words were `{w}`"));
        let failure = Failure::new(
            format!("{env}GET /plaintext"),
            "a server that answers",
            format!("one that {e}{words}"),
        );
        blamed(failure, &e)
    });
    match started {
        Ok(server) => Some(server),
        Err(failure) => {
            report.fail(name, failure);
            None
        }
    }
}
