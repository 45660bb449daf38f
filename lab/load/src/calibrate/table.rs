//! A calibration for people, in milliseconds.

use super::{Calibration, Compared, Row};

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
    let numbers = |off: &[super::Offset; 3], pick: fn(&super::Offset) -> i64| {
        off.iter()
            .map(pick)
            .map(|nanos| format!(" {:>+9.3}", nanos as f64 / 1e6))
            .collect::<String>()
    };
    let off = |pick| numbers(&row.off, pick);
    let mut lines = vec![
        (format!("off, {}", row.compared.name()), off(|o| o.median)),
        ("  smallest".to_owned(), off(|o| o.range.0)),
        ("  largest".to_owned(), off(|o| o.range.1)),
        ("  allowed".to_owned(), off(|o| o.tolerance as i64)),
    ];
    if row.compared != Compared::Intended {
        let intended = numbers(&row.off_intended, |o| o.median);
        lines.push((format!("off, {}", Compared::Intended.name()), intended));
    }
    for (name, numbers) in lines {
        *out += &format!("{:<20} {name:<18}{numbers}\n", "");
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
