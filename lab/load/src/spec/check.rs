//! From a draft to a specification that holds. Each error names the field, what was found and
//! what is allowed.

use super::{Arrival, Expect, Spec, SpecDraft, Target};
use crate::request::{Source, Templates};

/// One thing that is wrong with a specification.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{field}: {problem}.")]
pub struct SpecError {
    /// The field, as it is named in the JSON.
    pub field: String,
    /// What was found and what is allowed.
    pub problem: String,
}

impl SpecError {
    /// What is wrong with a field, in words that go on after its name.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

/// The HTTP methods that a specification may name: CONNECT changes what a connection is.
const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
];

/// Most intervals of one run: each has a histogram in the result.
const MAX_INTERVALS: u64 = 10_000;

fn within<T: PartialOrd + std::fmt::Display>(
    field: &str,
    value: T,
    low: T,
    high: T,
) -> Result<(), SpecError> {
    if value >= low && value <= high {
        return Ok(());
    }
    Err(SpecError::new(
        field,
        format!("is {value}; allowed is {low} to {high}"),
    ))
}

impl SpecDraft {
    /// Checks every value and reads the token files.
    pub fn check(self) -> Result<Spec, SpecError> {
        let target = Target::parse(&self.url).map_err(|problem| SpecError::new("url", problem))?;
        if !METHODS.contains(&self.method.as_str()) {
            return Err(SpecError::new(
                "method",
                format!("is {:?}; allowed are {}", self.method, METHODS.join(", ")),
            ));
        }
        if self.method == "TRACE" && self.body.is_some() {
            return Err(SpecError::new(
                "body",
                "is sent with TRACE, which may have none",
            ));
        }
        self.check_numbers()?;
        self.check_loop()?;
        self.check_times()?;
        check_expect(&self.expect, &self.method)?;
        let mut sources = std::collections::BTreeMap::new();
        for (name, field) in &self.fields {
            sources.insert(name.clone(), Source::new(name, field)?);
        }
        let templates = Templates::parse(&self, &target)?;
        Ok(Spec {
            draft: self,
            target,
            templates,
            sources,
        })
    }

    fn check_numbers(&self) -> Result<(), SpecError> {
        within("connections", self.connections, 1, 1_000_000)?;
        within("pool", self.pool, 1, 16_777_216)?;
        within("threads", self.threads, 1, 1024)?;
        if self.threads > self.connections {
            return Err(SpecError::new(
                "threads",
                format!(
                    "is {}; allowed is at most one per connection ({})",
                    self.threads, self.connections
                ),
            ));
        }
        if let Some(n) = self.requests_per_connection {
            within("requests_per_connection", n, 1, u64::MAX)?;
        }
        // The kernel takes 0 for whoever asks.
        if let Some(pid) = self.watch_pid {
            within("watch_pid", pid, 1, i32::MAX as u32)?;
        }
        if let Some(n) = self.connections_per_source {
            within("connections_per_source", n, 1, 60_000)?;
        }
        let name = &self.congestion_control;
        if name.is_empty() || name.len() > 15 || !name.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SpecError::new(
                "congestion_control",
                format!(
                    "is {name:?}; the kernel's names are in /proc/sys/net/ipv4/tcp_available_congestion_control"
                ),
            ));
        }
        Ok(())
    }

    fn check_loop(&self) -> Result<(), SpecError> {
        match self.arrival {
            Arrival::Closed => {
                if self.max_connections.is_some() {
                    return Err(SpecError::new(
                        "max_connections",
                        "has no meaning in a closed loop; say connections",
                    ));
                }
                if self.pacing.coalesce.nanos() > 0 {
                    return Err(SpecError::new(
                        "pacing.coalesce",
                        "has no meaning in a closed loop, where nothing comes due; say a rate",
                    ));
                }
                if self.lateness_limit.is_some() {
                    return Err(SpecError::new(
                        "lateness_limit",
                        "has no meaning in a closed loop, where nothing comes due; say a rate",
                    ));
                }
            }
            Arrival::Constant { rate } | Arrival::Poisson { rate } => {
                if !rate.is_finite() {
                    return Err(SpecError::new("arrival.rate", "must be a finite number"));
                }
                within("arrival.rate", rate, 0.001, 10_000_000.0)?;
            }
        }
        if let Some(most) = self.max_connections {
            within("max_connections", most, self.connections, 1_000_000)?;
        }
        if self.pacing.coalesce.nanos() > 0 && self.pacing.spin_of(self.arrival).nanos() > 0 {
            return Err(SpecError::new(
                "pacing",
                "spins and coalesces at once; set spin to \"0s\" to coalesce",
            ));
        }
        Ok(())
    }

    fn check_times(&self) -> Result<(), SpecError> {
        let ms = super::Span::from_millis;
        let times = [
            ("lead_in", self.lead_in, ms(0), ms(3_600_000)),
            ("duration", self.duration, ms(1), ms(86_400_000)),
            // The histograms end at 60 s: a longer timeout would be recorded as less.
            ("timeout", self.timeout, ms(1), ms(60_000)),
            (
                "drain",
                self.drain.unwrap_or(self.timeout),
                ms(0),
                ms(60_000),
            ),
            (
                "pacing.spin",
                self.pacing.spin_of(self.arrival),
                ms(0),
                ms(1_000),
            ),
            ("pacing.coalesce", self.pacing.coalesce, ms(0), ms(1_000)),
            (
                "interval",
                self.interval.unwrap_or(ms(1_000)),
                ms(10),
                ms(3_600_000),
            ),
        ];
        times
            .into_iter()
            .try_for_each(|(field, span, low, high)| within(field, span, low, high))?;
        if let Some(interval) = self.interval
            && interval > self.duration
        {
            return Err(SpecError::new(
                "interval",
                format!("is {interval}, longer than the duration, {}", self.duration),
            ));
        }
        if let Some(interval) = self.interval
            && self.duration.nanos() / interval.nanos() > MAX_INTERVALS
        {
            return Err(SpecError::new(
                "interval",
                format!("cuts the duration into more than {MAX_INTERVALS} pieces; make it longer"),
            ));
        }
        Ok(())
    }
}

fn check_expect(expect: &Expect, method: &str) -> Result<(), SpecError> {
    if let Some(status) = expect.status {
        within("expect.status", status, 200, 599)?;
    }
    if expect.body.is_some() && expect.length.is_some() {
        return Err(SpecError::new(
            "expect",
            "has both body and length; the body says its length",
        ));
    }
    if method == "HEAD" && (expect.body.is_some() || expect.length.is_some()) {
        return Err(SpecError::new(
            "expect",
            "has a body or a length, but an answer to HEAD has none",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(json: &str) -> String {
        match serde_json::from_str::<Spec>(json) {
            Ok(_) => panic!("{json} was accepted"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn errors_name_the_field_and_what_is_allowed() {
        for (json, parts) in [
            (r#"{"url":"x"}"#, ["url", "http://"]),
            (r#"{"url":"http://a","method":"get"}"#, ["method", "GET"]),
            (
                r#"{"url":"http://a","connections":0}"#,
                ["connections", "1 to 1000000"],
            ),
            (
                r#"{"url":"http://a","conections":1}"#,
                ["conections", "expected one of"],
            ),
            (
                r#"{"url":"http://a","timeout":"2m"}"#,
                ["timeout", "1ms to 60s"],
            ),
            (
                r#"{"url":"http://a","arrival":{"constant":{"rate":-1}}}"#,
                ["arrival.rate", "0.001"],
            ),
            (
                r#"{"url":"http://a","arrival":{"burst":{"rate":1}}}"#,
                ["burst", "poisson"],
            ),
            (
                r#"{"url":"http://a","max_connections":9}"#,
                ["max_connections", "closed loop"],
            ),
            (r#"{"url":"http://a","path":"/{nope}"}"#, ["path", "nope"]),
            (r#"{"url":"http://a","path":"x"}"#, ["path", "start with /"]),
            (
                r#"{"url":"http://a","expect":{"status":99}}"#,
                ["expect.status", "200 to 599"],
            ),
            (
                r#"{"url":"http://a","expect":{"body":"a","length":1}}"#,
                ["expect", "both"],
            ),
            (
                r#"{"url":"http://a","pacing":{"coalesce":"1ms"}}"#,
                ["pacing.coalesce", "closed loop"],
            ),
            (
                r#"{"url":"http://a","lateness_limit":"1ms"}"#,
                ["lateness_limit", "closed loop"],
            ),
            (
                r#"{"url":"http://a","interval":"20s"}"#,
                ["interval", "longer than the duration, 10s"],
            ),
            (r#"{"url":"http://a","watch_pid":0}"#, ["watch_pid", "1 to"]),
            (
                r#"{"url":"http://a","fields":{"x":{"kind":"sequential"}}}"#,
                ["fields.x", "named nowhere"],
            ),
            (
                r#"{"url":"http://a","headers":[["a","b\nc"]]}"#,
                ["headers", "line break"],
            ),
            (
                r#"{"url":"http://a","headers":[["a","b\u0000c"]]}"#,
                ["headers", "0x00"],
            ),
            (
                r#"{"url":"http://a","headers":[["Host","a"],["host","b"]]}"#,
                ["headers", "more than once"],
            ),
            (r#"{"url":"http://a","path":"/x#y"}"#, ["path", "fragment"]),
            (
                r#"{"url":"http://a","method":"TRACE","body":""}"#,
                ["body", "TRACE"],
            ),
            (
                r#"{"url":"http://a","fields":{"x":{"kind":"random","min":2,"max":1}}}"#,
                ["fields.x", "max"],
            ),
        ] {
            let said = problem(json);
            for part in parts {
                assert!(
                    said.contains(part),
                    "{json}: {said:?} does not say {part:?}"
                );
            }
        }
    }

    #[test]
    fn a_spec_survives_its_own_json() {
        let spec: Spec = serde_json::from_str(
            r#"{"url":"http://127.0.0.1:1/x","arrival":{"poisson":{"rate":100}},"lead_in":"250ms"}"#,
        )
        .unwrap();
        let text = serde_json::to_string(&spec).unwrap();
        let again: Spec = serde_json::from_str(&text).unwrap();
        assert_eq!(spec.draft(), again.draft());
    }
}
