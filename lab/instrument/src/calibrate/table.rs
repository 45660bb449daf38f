//! A calibration for people, in milliseconds.

use super::{Calibration, Offset, Row};

/// The table and the verdict.
pub fn table(calibration: &Calibration) -> String {
    let mut out = format!(
        "engine {}; milliseconds\n{:<20} {:<18} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
        calibration.engine, "scenario", "", "p50", "p95", "p99", "p99.9", "max"
    );
    for row in &calibration.rows {
        rounds(&mut out, row);
    }
    out += calibration.verdict.words();
    out + "\n"
}

fn rounds(out: &mut String, row: &Row) {
    let m = &row.medians;
    let mut lines = vec![
        ("truth", m.truth),
        ("from intended", m.intended),
        ("from send", m.from_send),
    ];
    lines.extend(m.until_socket.map(|q| ("until socket", q)));
    lines.extend([
        ("spinning: truth", m.reference_truth),
        ("spinning: saw", m.reference),
    ]);
    for (index, (name, q)) in lines.into_iter().enumerate() {
        let scenario = if index == 0 {
            row.scenario.as_str()
        } else {
            ""
        };
        *out += &format!("{scenario:<20} {name:<18}");
        for value in [q.p50, q.p95, q.p99, q.p999, q.max] {
            *out += &format!(" {:>9.3}", value as f64 / 1e6);
        }
        out.push('\n');
    }
    let all = [
        ("off", Some(&row.off)),
        ("off until socket", row.off_until_socket.as_ref()),
    ];
    for (name, off) in all.into_iter().filter_map(|(name, off)| Some((name, off?))) {
        for (name, pick) in [
            (name, (|o| o.median) as fn(&Offset) -> i64),
            ("  smallest", |o| o.range.0),
            ("  largest", |o| o.range.1),
            ("  allowed", |o| o.tolerance as i64),
        ] {
            let numbers = off.iter().map(pick);
            let numbers: String = numbers
                .map(|nanos| format!(" {:>+9.3}", nanos as f64 / 1e6))
                .collect();
            *out += &format!("{:<20} {name:<18}{numbers}\n", "");
        }
    }
    *out += &format!(
        "{:<20} {} of {} rounds, {}; {} of them disturbed (preempted {} times, {} ticks stolen); \
         sends per ms: variance/mean {:.2}\n",
        "",
        row.rounds.len(),
        row.attempts,
        row.priority.name(),
        row.disturbed,
        m.disturbance.preempted,
        m.disturbance.stolen_ticks,
        m.dispersion,
    );
    for fault in &row.faults {
        *out += &format!("{:<20} out of tolerance: {fault}\n", "");
    }
}
