//! The outcome for people.

use load::{Arrival, Distribution, ErrorKind, Example, Figure, Outcome, Severity};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The whole report.
pub fn render(o: &Outcome) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(o, &mut out);
    out
}

fn write_all(o: &Outcome, out: &mut String) -> std::fmt::Result {
    let spec = &o.spec;
    let arrival = match spec.arrival {
        Arrival::Closed => "closed loop".to_string(),
        Arrival::Constant { rate } => format!("{rate}/s, equal gaps"),
        Arrival::Poisson { rate } => format!("{rate}/s, Poisson"),
    };
    writeln!(
        out,
        "{} {}: {arrival}, {} connections (peak {}), {} thread(s), {}; {} after {} of lead-in",
        spec.method,
        spec.url,
        spec.connections,
        o.peak_connections,
        spec.threads,
        o.engine,
        spec.duration,
        spec.lead_in
    )?;
    if let Some(length) = o.cut_short_ns {
        writeln!(out, "CUT SHORT by Ctrl-C after {}", time(length as f64))?;
    }
    let c = &o.counts;
    writeln!(
        out,
        "\nthroughput    {:.1} right answers/s",
        o.rates.completed
    )?;
    if let Some(offered) = o.rates.offered {
        writeln!(
            out,
            "rate          {offered:.1}/s offered, {:.1}/s sent",
            o.rates.sent
        )?;
    }
    writeln!(
        out,
        "requests      {} recorded = {} ok + {} failed; {} ended after the measured part",
        c.recorded, c.ok, c.failed, c.drained
    )?;
    errors(out, &o.errors, &o.examples)?;
    if c.unfinished > 0 {
        writeln!(
            out,
            "  of the timeouts, {} were unfinished at the end of the drain",
            c.unfinished
        )?;
    }
    if c.carried_in_failed > 0 || c.spanned > 0 {
        writeln!(
            out,
            "from before   {} in flight when the measured part began; {} of them failed, {} were \
             in flight all through it",
            c.carried_in, c.carried_in_failed, c.spanned
        )?;
        errors(out, &o.carried_in_errors, &o.carried_in_examples)?;
    }
    if let Some(lost) = o.lost_concurrency.filter(|lost| *lost >= 0.001) {
        writeln!(
            out,
            "lost          {:.1} % of the connections' time, to requests without an answer or \
             connections that were gone",
            lost * 100.0
        )?;
    }
    writeln!(
        out,
        "\nlatency                count      mean       p50       p90       p99     p99.9       max"
    )?;
    line(out, "from intended", Some(&o.from_intended))?;
    if let Some(failed) = o.from_intended.of_censored() {
        line(out, "  failed after", Some(&failed))?;
    }
    line(out, "from send", Some(&o.from_send))?;
    line(out, "until socket", o.until_socket.as_ref())?;
    line(out, "own lateness", o.lateness.as_ref())?;
    if !o.intervals.is_empty() {
        writeln!(
            out,
            "\ninterval          ok/s   errors       p50       p99       max"
        )?;
    }
    for row in &o.intervals {
        let rate = row.ok as f64 * 1e9 / row.length_ns as f64;
        let d = &row.from_intended;
        writeln!(
            out,
            "{:>7.1}s  {rate:>11.1} {:>8} {:>9} {:>9} {:>9}",
            row.start_ns as f64 / 1e9,
            row.errors,
            figure(d, Figure::P50),
            figure(d, Figure::P99),
            figure(d, Figure::Max)
        )?;
    }
    instrument(o, out)?;
    verdict(o, out)
}

fn errors(
    out: &mut String,
    counts: &BTreeMap<ErrorKind, u64>,
    examples: &BTreeMap<ErrorKind, Example>,
) -> std::fmt::Result {
    for (kind, count) in counts {
        writeln!(out, "  {count} {}", kind.name())?;
        if let Some(example) = examples.get(kind) {
            writeln!(
                out,
                "    {}\n      expected {}\n      got      {}",
                example.request, example.expected, example.got
            )?;
        }
    }
    Ok(())
}

fn instrument(o: &Outcome, out: &mut String) -> std::fmt::Result {
    let own = &o.own_cpu;
    let per_request = own.per_request_ns.map_or("-".into(), time);
    writeln!(
        out,
        "\ninstrument    {per_request} CPU/request, working {:.0} % of its CPU, {:.1} events/wait, {}",
        own.working_share * 100.0,
        o.events_per_wait,
        o.congestion_control
    )?;
    writeln!(
        out,
        "              {:.1} MiB of memory at most",
        o.peak_rss_bytes as f64 / f64::from(1 << 20)
    )?;
    if own.spin_ns > 0 {
        writeln!(
            out,
            "              {} spent spinning, apart from that",
            time(own.spin_ns as f64)
        )?;
    }
    if let Some(watched) = &o.watched_cpu {
        let per_request = watched.per_request_ns.map_or("-".into(), time);
        writeln!(out, "process {}  {per_request} CPU/request", watched.pid)?;
    }
    writeln!(
        out,
        "              kept from running {:.1} % of the time, longest gap {}, {} requests held up",
        own.kept_out_share * 100.0,
        time(own.longest_gap_ns as f64),
        own.held_up
    )?;
    if let Some(dispersion) = o.dispersion {
        write!(out, "arrivals      variance/mean per ms {dispersion:.2}")?;
        match o.release_dispersion {
            Some(noticed) => writeln!(out, " as sent, {noticed:.2} as noticed")?,
            None => writeln!(out)?,
        }
    }
    writeln!(
        out,
        "Little's law  {:.2} in the system, {:.2} by rate x time",
        o.little.in_system, o.little.from_times
    )
}

fn verdict(o: &Outcome, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "\nverdict       {}",
        if o.valid { "valid" } else { "INVALID" }
    )?;
    for finding in &o.findings {
        let severity = match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Invalid => "invalid",
        };
        writeln!(out, "  {severity}: {}", finding.advice)?;
    }
    Ok(())
}

fn line(out: &mut String, name: &str, distribution: Option<&Distribution>) -> std::fmt::Result {
    let Some(d) = distribution else { return Ok(()) };
    write!(out, "{name:<15}{:>12}", d.count)?;
    for of in [
        Figure::Mean,
        Figure::P50,
        Figure::P90,
        Figure::P99,
        Figure::P999,
        Figure::Max,
    ] {
        write!(out, " {:>9}", figure(d, of))?;
    }
    writeln!(out)
}

/// A figure of a distribution, marked where it is only a lower bound.
fn figure(d: &Distribution, figure: Figure) -> String {
    let value = match figure {
        Figure::Mean => d.mean,
        Figure::P50 => d.p50 as f64,
        Figure::P90 => d.p90 as f64,
        Figure::P95 => d.p95 as f64,
        Figure::P99 => d.p99 as f64,
        Figure::P999 => d.p999 as f64,
        Figure::Max => d.max as f64,
    };
    let mark = if d.is_at_least(figure) {
        "\u{2265}"
    } else {
        ""
    };
    format!("{mark}{}", time(value))
}

/// Nanoseconds with three or four digits and a unit.
fn time(nanos: f64) -> String {
    let (value, unit) = match nanos {
        n if n < 1e3 => return format!("{n:.0}ns"),
        n if n < 1e6 => (n / 1e3, "us"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    let decimals = if value < 10.0 {
        2
    } else {
        usize::from(value < 100.0)
    };
    format!("{value:.decimals$}{unit}")
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_keep_three_digits() {
        let shown = [0.0, 999.0, 1234.0, 56_789.0, 123_456_789.0, 2e9].map(time);
        assert_eq!(
            shown,
            ["0ns", "999ns", "1.23us", "56.8us", "123ms", "2.00s"]
        );
    }
}
