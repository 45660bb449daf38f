//! Holds a server to the contract.

use std::fmt;
use std::path::Path;

use super::client::Client;
use super::payload::{RouteSet, extra_route};
use super::{departures, growth, process, routes, source, steps};
use crate::plan::Framework;
use crate::plan::framework::{Departure, Feature};
use crate::server::{Binary, Server, StartOptions};

/// One deviation from the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was asked: `GET /json`, `SIGTERM`.
    pub request: String,
    /// What the contract wants.
    pub expected: String,
    /// What came.
    pub got: String,
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
    /// The body of `GET /json` as this server writes it, which every measured answer must equal.
    pub json_body: Vec<u8>,
}

impl CheckReport {
    /// Whether the server may be measured.
    pub fn is_ok(&self) -> bool {
        self.failed.is_empty()
    }

    fn take<T>(&mut self, name: &'static str, result: Result<T, Failure>) -> Option<T> {
        match result {
            Ok(value) => {
                self.passed.push(name);
                Some(value)
            }
            Err(failure) => {
                self.failed.push((name, failure));
                None
            }
        }
    }
}

/// Starts a framework's server, holds it to the contract and stops it; then again with the
/// options that it says it supports.
///
/// `stderr` keeps what the servers had to say.
pub async fn check(framework: &Framework, binary: &Binary, stderr: &Path) -> CheckReport {
    let mut report = CheckReport {
        framework: framework.name.clone(),
        ..CheckReport::default()
    };
    let _ = std::fs::remove_file(stderr);
    if let Some(looked) = source::look(framework, binary).await {
        report.take("source", looked);
    }
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
    let client = match Client::new(&server) {
        Ok(client) => client,
        Err(failure) => {
            report.failed.push(("start", failure));
            return None;
        }
    };
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
    if options.probe {
        report.take("salt", steps::salt(&client, &mut server).await);
        let grows = framework.departs.contains(&Departure::MemoryGrows);
        report.take("memory", growth::bounded(&mut server, grows).await);
    }
    report.take("date", steps::date(&client).await);
    report.take("one process", process::single(server.pid()));
    report.take("loopback only", process::loopback_only(server.pid()));
    drop(client);
    let stopped = server.stop().await;
    report.take(
        "stop",
        stopped.map_err(|e| Failure::new("SIGTERM", "exit status 0 within 5 s", e)),
    );
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
            env.push(("SPIN_NS", "1000".to_owned()));
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
            stderr: stderr.to_owned(),
            ..StartOptions::default()
        };
        let Some(server) = start(binary, &options, name, report).await else {
            return;
        };
        let paths: Vec<_> = match has(Feature::Routes) {
            true => (0..EXTRA).map(|i| extra_route(set, i)).collect(),
            false => Vec::new(),
        };
        let result = match Client::new(&server) {
            Ok(client) => routes::with_extra(&client, &paths, twice).await,
            Err(failure) => Err(failure),
        };
        report.take(name, result);
        if let Err(e) = server.stop().await {
            let failure = Failure::new("SIGTERM", "exit status 0 within 5 s", e);
            report.failed.push((name, failure));
        }
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
        let words = crate::server::stderr::last_line(&options.stderr);
        let words = words.map_or_else(String::new, |w| format!("; its last words were `{w}`"));
        Failure::new(
            format!("{env}GET /plaintext"),
            "a server that answers",
            format!("one that {e}{words}"),
        )
    });
    match started {
        Ok(server) => Some(server),
        Err(failure) => {
            report.failed.push((name, failure));
            None
        }
    }
}
