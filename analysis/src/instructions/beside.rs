//! A count beside a campaign: the line of a line-up, and who lies off it.

use std::collections::BTreeMap;

use super::counts::Counts;

/// Fewer servers than this have no line.
const LEAST: usize = 4;

/// A server with both numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The framework.
    pub framework: String,
    /// Instructions a request, the collector's included where they were counted.
    pub instructions: f64,
    /// CPU time per request, us.
    pub cpu_us: f64,
    /// CPU time over what the line says: 1.1 is a tenth more time than its instructions suggest.
    pub off: f64,
}

/// Instructions and CPU time over a line-up.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    /// What was asked.
    pub scenario: String,
    /// Which campaign the CPU times are of.
    pub campaign: String,
    /// Servers, by framework.
    pub points: Vec<Point>,
    /// Those that were counted and not measured, or the other way round.
    pub alone: Vec<String>,
    /// Pearson's correlation of the logs.
    pub correlation: f64,
    /// The line, least squares on the logs: time = factor * instructions ^ exponent.
    pub exponent: f64,
    /// As `exponent`; us.
    pub factor: f64,
}

impl Beside {
    /// Joins a count with a campaign's `summary.json`: CPU time per request of the same scenario, in
    /// saturation.
    ///
    /// # Errors
    /// A sentence, where the summary is none or fewer than four servers have both numbers.
    pub fn new(counts: &Counts, summary: &str) -> Result<Self, String> {
        let summary: serde_json::Value =
            serde_json::from_str(summary).map_err(|e| format!("the summary is no JSON: {e}"))?;
        let mut times = times(&summary, &counts.scenario)?;
        let (mut points, mut alone) = (Vec::new(), Vec::new());
        for row in &counts.rows {
            match times.remove(&row.framework) {
                Some(cpu_us) => points.push(Point {
                    framework: row.framework.clone(),
                    instructions: row.with_collector.unwrap_or(row.instructions),
                    cpu_us,
                    off: 1.0,
                }),
                None => alone.push(row.framework.clone()),
            }
        }
        alone.extend(times.into_keys());
        alone.sort();
        points.sort_by(|a, b| a.framework.cmp(&b.framework));
        if points.len() < LEAST {
            return Err(format!(
                "instructions and CPU time are both known of {}, and a line takes {LEAST}",
                crate::text::count(points.len(), "server")
            ));
        }
        let logs: Vec<(f64, f64)> = (points.iter())
            .map(|p| (p.instructions.ln(), p.cpu_us.ln()))
            .collect();
        let line = Line::through(&logs)
            .ok_or("all servers execute as many instructions, or take as much time")?;
        for point in &mut points {
            let on = line.factor * point.instructions.powf(line.exponent);
            point.off = point.cpu_us / on;
        }
        Ok(Self {
            scenario: counts.scenario.clone(),
            campaign: summary["campaign"].as_str().unwrap_or_default().to_owned(),
            points,
            alone,
            correlation: line.correlation,
            exponent: line.exponent,
            factor: line.factor,
        })
    }

    /// A server's point.
    pub fn point(&self, framework: &str) -> Option<&Point> {
        self.points.iter().find(|p| p.framework == framework)
    }
}

/// CPU time per request of a scenario in saturation, us, by framework.
fn times(summary: &serde_json::Value, scenario: &str) -> Result<BTreeMap<String, f64>, String> {
    let results = summary["results"]
        .as_array()
        .ok_or("the summary has no results")?;
    let wanted = |row: &&serde_json::Value| {
        row["metric"] == "cpu_per_request"
            && row["scenario"] == scenario
            && row["mode"] == "saturation"
            && row["variant"] == ""
            && row["role"] != "twin"
    };
    let mut times = BTreeMap::new();
    for row in results.iter().filter(wanted) {
        if let (Some(name), Some(estimate)) = (row["framework"].as_str(), row["estimate"].as_f64())
        {
            let us = match row["unit"].as_str() {
                Some("us") => estimate,
                unit => return Err(format!("CPU time per request is in {unit:?}, not in us")),
            };
            times.insert(name.to_owned(), us);
        }
    }
    Ok(times)
}

/// A line through points by least squares.
struct Line {
    correlation: f64,
    exponent: f64,
    factor: f64,
}

impl Line {
    /// Through logs; nothing where all x or all y are the same.
    fn through(points: &[(f64, f64)]) -> Option<Self> {
        let n = points.len() as f64;
        let (x, y) = points
            .iter()
            .fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
        let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
            points.iter().map(|p| of(p.0 - x, p.1 - y)).sum()
        };
        let (xx, yy, xy) = (sum(&|a, _| a * a), sum(&|_, b| b * b), sum(&|a, b| a * b));
        if xx <= 0.0 || yy <= 0.0 {
            return None;
        }
        let exponent = xy / xx;
        Some(Self {
            correlation: xy / (xx * yy).sqrt(),
            exponent,
            factor: (y - exponent * x).exp(),
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::instructions::counts::tests::COUNTS;

    pub(crate) fn summary(times: &[(&str, f64)]) -> String {
        let row = |(name, us): &(&str, f64)| serde_json::json!({ "framework": name, "variant": "", "role": "subject", "scenario": "json", "mode": "saturation", "metric": "cpu_per_request", "unit": "us", "estimate": us });
        let results: Vec<_> = times.iter().map(row).collect();
        serde_json::json!({ "campaign": "c-1", "results": results }).to_string()
    }

    #[test]
    fn a_line_is_found_and_who_lies_off_it() {
        let counts = Counts::read(COUNTS).unwrap();
        let on = summary(&[("a", 1.0), ("b", 2.0), ("c", 2.0 * 2f64.sqrt()), ("d", 4.0)]);
        // Time goes as the root of the instructions, with the collector's where they were counted.
        let line = Beside::new(&counts, &on).unwrap();
        assert!((line.exponent - 0.5).abs() < 1e-12, "{}", line.exponent);
        assert!((line.correlation - 1.0).abs() < 1e-12);
        assert!(line.points.iter().all(|p| (p.off - 1.0).abs() < 1e-9));
        assert_eq!(line.points[1].instructions, 4000.0);
        assert_eq!(line.alone, ["lonely"]);
        let off = summary(&[("a", 1.0), ("b", 2.0), ("c", 9.0), ("d", 4.0)]);
        let line = Beside::new(&counts, &off).unwrap();
        let most = line.points.iter().max_by(|a, b| a.off.total_cmp(&b.off));
        assert_eq!(most.unwrap().framework, "c");
        assert!(line.correlation < 0.9);
    }

    #[test]
    fn what_cannot_be_joined_is_told() {
        let counts = Counts::read(COUNTS).unwrap();
        let few = Beside::new(&counts, &summary(&[("a", 1.0)])).unwrap_err();
        assert!(few.contains("known of 1 server,"), "{few}");
        let same = summary(&[("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 1.0)]);
        assert!(Beside::new(&counts, &same).unwrap_err().contains("as much"));
        let other = summary(&[("a", 1.0)]).replace("\"us\"", "\"ns\"");
        assert!(Beside::new(&counts, &other).unwrap_err().contains("ns"));
        assert!(Beside::new(&counts, "{}").unwrap_err().contains("results"));
    }
}
