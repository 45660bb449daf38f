//! One framework's answers to one question, campaign by campaign, and where their level changes.

use std::collections::BTreeMap;

use record::Metric;
use serde::Serialize;
use stats::history::{MAX_P, changes};

use super::point::{Limit, Point};

/// Changes of less than this (log units, 2 %) are not marked, however certain.
pub const LEAST: f64 = 0.02;

/// One series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// What the campaigns compared with.
    pub baseline: String,
    /// What was measured.
    pub metric: String,
    /// What was asked.
    pub scenario: String,
    /// How it was asked.
    pub mode: String,
    /// Of whom.
    pub framework: String,
    /// In the order of time.
    pub points: Vec<Point>,
    /// Where the level changes, in the order of time.
    pub changes: Vec<Changed>,
}

/// A change of level between two campaigns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changed {
    /// The index of the first point of the new level.
    pub at: usize,
    /// The ratio's geometric mean back to the change before.
    pub before: f64,
    /// The ratio's geometric mean up to the change after.
    pub after: f64,
    /// Student's p of the difference, not adjusted for the search.
    pub p: f64,
}

impl Changed {
    /// The change relative to what was before: 0.02 is 2 % more.
    pub fn relative(&self) -> f64 {
        self.after / self.before - 1.0
    }
}

impl Line {
    /// The ratio's mean in log units.
    pub fn mean_ln(&self) -> f64 {
        let logs: Vec<f64> = self.points.iter().map(|p| p.ratio.ln()).collect();
        stats::summary::mean(&logs).unwrap_or(0.0)
    }

    /// The farthest that a ratio lies from the mean, log units.
    pub fn reach(&self) -> f64 {
        let mean = self.mean_ln();
        let points = self.points.iter().map(|p| (p.ratio.ln() - mean).abs());
        points.fold(0.0, f64::max)
    }

    /// Whether all points from one to a later one were measured in one way.
    pub fn is_joined(&self, first: usize, last: usize) -> bool {
        (self.points[first..=last].windows(2)).all(|two| two[0].protocol == two[1].protocol)
    }

    fn mark(mut self) -> Self {
        // What the instrument limited says where the instrument was, not the framework.
        let exact: Vec<(usize, f64)> = (self.points.iter().enumerate())
            .filter(|(_, point)| point.bound == Limit::Exact)
            .map(|(i, point)| (i, point.ratio.ln()))
            .collect();
        // What was measured in another way is another series, whose level may differ for that alone.
        self.changes = (exact.chunk_by(|a, b| self.is_joined(a.0, b.0)))
            .flat_map(|exact| {
                let logs: Vec<f64> = exact.iter().map(|(_, ln)| *ln).collect();
                changes(&logs, MAX_P, LEAST)
                    .into_iter()
                    .map(|change| Changed {
                        at: exact[change.index].0,
                        before: change.before.exp(),
                        after: change.after.exp(),
                        p: change.p,
                    })
            })
            .collect();
        self
    }
}

/// Points in the order of time as series in the order of questions and frameworks.
pub(super) fn lines(points: &[Point]) -> Vec<Line> {
    let mut lines: BTreeMap<_, Line> = BTreeMap::new();
    for point in points {
        let metric = Metric::ALL.iter().position(|m| m.name() == point.metric);
        let key = (
            metric,
            [
                &point.scenario,
                &point.mode,
                &point.baseline,
                &point.framework,
            ],
        );
        lines
            .entry(key)
            .or_insert_with(|| Line {
                baseline: point.baseline.clone(),
                metric: point.metric.clone(),
                scenario: point.scenario.clone(),
                mode: point.mode.clone(),
                framework: point.framework.clone(),
                points: Vec::new(),
                changes: Vec::new(),
            })
            .points
            .push(point.clone());
    }
    lines.into_values().map(Line::mark).collect()
}
