//! Instructions a request beside CPU time per request, over a line-up.
//!
//! Both are of the same servers and the same question, taken by other means at other times: one is
//! counted under an emulator in user space, one is what the kernel has charged. Where a framework
//! lies on the line of the others, its time goes where theirs goes; where it lies off, more or less
//! of it goes to the kernel, to caches, to branches that were guessed wrongly.

mod page;
mod scatter;

use std::collections::BTreeMap;

use crate::error::AnalysisError;

/// Fewer servers than this have no line.
const LEAST: usize = 4;

/// The instructions a request of one server.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The framework.
    pub framework: String,
    /// With its collector off.
    pub instructions: f64,
    /// With its collector on, where that was counted.
    pub with_collector: Option<f64>,
}

/// The table of a count.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// The lines before its header, without their mark: what counted, and the command.
    pub about: Vec<String>,
    /// What was asked.
    pub scenario: String,
    /// Its rows.
    pub rows: Vec<Counted>,
}

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
    /// Where the instructions are from.
    pub about: Vec<String>,
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

impl Counts {
    /// Reads the table that `lab count --csv` writes.
    ///
    /// # Errors
    /// A sentence with the line.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut about = Vec::new();
        let mut rows = Vec::new();
        let mut scenario = String::new();
        let mut header: Option<Vec<&str>> = None;
        for (number, line) in text.lines().enumerate() {
            if let Some(words) = line.strip_prefix('#') {
                about.push(words.trim().to_owned());
                continue;
            }
            let fields: Vec<&str> = line.split(',').collect();
            let Some(header) = &header else {
                header = Some(fields);
                continue;
            };
            let field = |name: &str| {
                let place = header.iter().position(|h| *h == name);
                place.and_then(|place| fields.get(place)).copied()
            };
            let bad = |what: &str| format!("line {}: {what} is missing or no number", number + 1);
            let value = |name: &str| {
                let value = field(name).and_then(|f| f.parse::<f64>().ok());
                value.filter(|v| v.is_finite() && *v > 0.0)
            };
            field("scenario")
                .unwrap_or_default()
                .clone_into(&mut scenario);
            rows.push(Counted {
                framework: field("framework")
                    .ok_or_else(|| bad("framework"))?
                    .to_owned(),
                instructions: value("instructions").ok_or_else(|| bad("instructions"))?,
                with_collector: value("with_collector"),
            });
        }
        match rows.is_empty() {
            true => Err("the table has no rows".to_owned()),
            false => Ok(Self {
                about,
                scenario,
                rows,
            }),
        }
    }
}

impl Beside {
    /// Joins a count with a campaign's `summary.json`: CPU time per request of the same scenario, in
    /// saturation.
    ///
    /// # Errors
    /// A sentence, where the summary is none or fewer than four servers have both numbers.
    pub fn new(counts: Counts, summary: &str) -> Result<Self, String> {
        let summary: serde_json::Value =
            serde_json::from_str(summary).map_err(|e| format!("the summary is no JSON: {e}"))?;
        let results = summary["results"]
            .as_array()
            .ok_or("the summary has no results")?;
        let wanted = |row: &&serde_json::Value| {
            row["metric"] == "cpu_per_request"
                && row["scenario"] == counts.scenario.as_str()
                && row["mode"] == "saturation"
                && row["variant"] == ""
                && row["role"] != "twin"
        };
        let mut times = BTreeMap::new();
        for row in results.iter().filter(wanted) {
            if let (Some(name), Some(estimate)) =
                (row["framework"].as_str(), row["estimate"].as_f64())
            {
                let us = match row["unit"].as_str() {
                    Some("us") => estimate,
                    Some("ns") => estimate / 1e3,
                    Some("s") => estimate * 1e6,
                    unit => return Err(format!("CPU time per request is in {unit:?}")),
                };
                times.insert(name.to_owned(), us);
            }
        }
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
                "{} servers have both numbers, and a line takes {LEAST}",
                points.len()
            ));
        }
        let logs: Vec<(f64, f64)> = (points.iter())
            .map(|p| (p.instructions.ln(), p.cpu_us.ln()))
            .collect();
        let line = Line::through(&logs).ok_or("all servers execute as many instructions")?;
        for point in &mut points {
            let on = line.factor * point.instructions.powf(line.exponent);
            point.off = point.cpu_us / on;
        }
        Ok(Self {
            scenario: counts.scenario,
            about: counts.about,
            campaign: summary["campaign"].as_str().unwrap_or_default().to_owned(),
            points,
            alone,
            correlation: line.correlation,
            exponent: line.exponent,
            factor: line.factor,
        })
    }

    /// The page: what was counted beside what was measured, in Markdown. The picture lies beside it as
    /// `picture`.
    pub fn markdown(&self, picture: &str) -> String {
        page::markdown(self, picture)
    }

    /// The picture: a dot a server.
    ///
    /// # Errors
    /// [`AnalysisError::Chart`].
    pub fn svg(&self) -> Result<String, AnalysisError> {
        scatter::draw(self)
    }
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
mod tests {
    use super::*;

    const COUNTS: &str = "# counted by a test\nframework,scenario,starts,instructions,low,high,level,with_collector,monitor\na,json,8,1000,1,1,0.99,,1\nb,json,8,2000,1,1,0.99,4000,1\nc,json,8,8000,1,1,0.99,,1\nd,json,8,16000,1,1,0.99,,1\nlonely,json,8,5,1,1,0.99,,1\n";

    fn summary(times: &[(&str, f64)]) -> String {
        let row = |(name, us): &(&str, f64)| serde_json::json!({ "framework": name, "variant": "", "role": "subject", "scenario": "json", "mode": "saturation", "metric": "cpu_per_request", "unit": "us", "estimate": us });
        let results: Vec<_> = times.iter().map(row).collect();
        serde_json::json!({ "campaign": "c-1", "results": results }).to_string()
    }

    #[test]
    fn a_line_is_found_and_who_lies_off_it() {
        let counts = Counts::read(COUNTS).unwrap();
        let on = summary(&[("a", 1.0), ("b", 2.0), ("c", 2.0 * 2f64.sqrt()), ("d", 4.0)]);
        // Time goes as the root of the instructions, with the collector's where they were counted.
        let line = Beside::new(counts.clone(), &on).unwrap();
        assert!((line.exponent - 0.5).abs() < 1e-12, "{}", line.exponent);
        assert!((line.correlation - 1.0).abs() < 1e-12);
        assert!(line.points.iter().all(|p| (p.off - 1.0).abs() < 1e-9));
        assert_eq!(line.points[1].instructions, 4000.0);
        assert_eq!(line.alone, ["lonely"]);
        let off = summary(&[("a", 1.0), ("b", 2.0), ("c", 9.0), ("d", 4.0)]);
        let line = Beside::new(counts, &off).unwrap();
        let most = line.points.iter().max_by(|a, b| a.off.total_cmp(&b.off));
        assert_eq!(most.unwrap().framework, "c");
        assert!(line.correlation < 0.9);
    }

    #[test]
    fn what_cannot_be_joined_is_told() {
        let counts = Counts::read(COUNTS).unwrap();
        let few = Beside::new(counts, &summary(&[("a", 1.0)])).unwrap_err();
        assert!(few.contains("1 servers"), "{few}");
        let bad = COUNTS.replace("8,1000,", "8,-1,");
        assert!(Counts::read(&bad).unwrap_err().contains("line 3"));
        assert!(Counts::read("framework\n").is_err());
    }

    #[test]
    fn the_page_names_every_server_and_the_picture_describes_itself() {
        let times = [("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 4.0)];
        let beside = Beside::new(Counts::read(COUNTS).unwrap(), &summary(&times)).unwrap();
        let page = beside.markdown("scatter.svg");
        for name in [
            "| a |",
            "| b |",
            "| c |",
            "| d |",
            "lonely",
            "c-1",
            "counted by a test",
        ] {
            assert!(page.contains(name), "{name}: {page}");
        }
        let svg = beside.svg().unwrap();
        assert!(svg.contains("<desc>a: 1,000 instructions"), "{svg}");
        assert_eq!(svg, beside.svg().unwrap());
    }
}
