//! The page of instructions beside CPU time.

use std::fmt::Write;

use super::Beside;
use crate::text::{escape, number};

pub(super) fn markdown(beside: &Beside, picture: &str) -> String {
    let mut text = format!(
        "# Instructions a request beside CPU time per request: {}\n\n",
        beside.scenario
    );
    for line in &beside.about {
        let _ = writeln!(text, "{}.\n", escape::markdown(line));
    }
    let _ = writeln!(
        text,
        "CPU times are of campaign `{}`, in saturation. Correlation of the logs: {:.3} over {} servers; time goes as instructions to the power of {:.2}.\n",
        beside.campaign,
        beside.correlation,
        beside.points.len(),
        beside.exponent
    );
    let _ = writeln!(text, "![a dot a server]({picture})\n");
    text += "Where a framework lies off the line, more or less of its time than of the others' goes to the kernel, to caches, to branches that were guessed wrongly; instructions do not show which.\n\n";
    text += "| framework | instructions | CPU time, us | ns per 1,000 instructions | off the line |\n|---|---:|---:|---:|---:|\n";
    let mut points: Vec<_> = beside.points.iter().collect();
    points.sort_by(|a, b| a.instructions.total_cmp(&b.instructions));
    for point in points {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:+.0} % |",
            escape::markdown(&point.framework),
            number::rounded(point.instructions, 0),
            number::rounded(point.cpu_us, -2),
            number::rounded(1e6 * point.cpu_us / point.instructions, 0),
            100.0 * (point.off - 1.0)
        );
    }
    if !beside.alone.is_empty() {
        let _ = writeln!(
            text,
            "\nWith one of the two numbers only: {}.",
            beside.alone.join(", ")
        );
    }
    text
}
