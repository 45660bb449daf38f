//! Long windows on many connections: what an open connection costs, and what drifts.
//!
//! The unit is the interval. What one server did in one window says how that run went; there is
//! one window a server, so servers are shown beside each other and nothing is called between
//! them. The baseline's second copy shows how far apart two runs of the same binary come to lie.

use std::collections::{BTreeMap, BTreeSet};

use record::{CampaignFile, Flag, Metric, Observation};
use stats::trend::{Trend, theil_sen};
use stats::{Interval, summary};

use crate::estimate::{Bound, LEVEL};

/// A change of less than this over the whole window, a share, does not matter.
pub const MATTERS: f64 = 0.10;

/// What a drift's interval says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// A level course is left out.
    Drifts,
    /// Nothing is left out but what would matter.
    Level,
    /// A level course is not left out, and neither is a drift that matters.
    Unknown,
}

impl Course {
    /// In a word or two; the same in reports and in `summary.json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Drifts => "drifts",
            Self::Level => "level",
            Self::Unknown => "cannot tell",
        }
    }
}

/// What a soak's windows say.
#[derive(Debug, Clone)]
pub struct Soak {
    /// The length of an interval in minutes.
    pub interval: f64,
    /// The level of each drift's interval: so high that all of them together hold at 95 %
    /// (Bonferroni).
    pub level: f64,
    /// The servers, by scenario, mode and name.
    pub servers: Vec<Watched>,
}

/// One server's window.
#[derive(Debug, Clone)]
pub struct Watched {
    /// What was asked.
    pub scenario: String,
    /// How it was asked.
    pub mode: String,
    /// The framework.
    pub framework: String,
    /// Its variant; the twin's for the baseline's second copy.
    pub variant: String,
    /// Interval by interval; a metric that has no value in one is missing there.
    pub intervals: Vec<BTreeMap<Metric, f64>>,
    /// The metrics of an interval that are lower bounds, because requests failed in it.
    lower_bounds: BTreeSet<(usize, Metric)>,
    /// What is known of the whole window.
    pub whole: BTreeMap<Metric, f64>,
    /// The server after load on few connections, when none were open.
    pub reference: BTreeMap<Metric, f64>,
    p99_drift: Option<Trend>,
    memory_drift: Option<Trend>,
}

impl Watched {
    /// The median over the intervals.
    pub fn median(&self, metric: Metric) -> Option<f64> {
        summary::median(&self.values(metric))
    }

    /// Whether the median is only a lower bound: with all lower bounds among the intervals as large
    /// as can be it would be another.
    pub fn median_is_at_least(&self, metric: Metric) -> bool {
        let worst = (self.intervals.iter().enumerate()).filter_map(|(i, values)| {
            let value = *values.get(&metric)?;
            Some(match self.lower_bounds.contains(&(i, metric)) {
                true => f64::MAX,
                false => value,
            })
        });
        summary::median(&worst.collect::<Vec<_>>()) != self.median(metric)
    }

    /// The intervals that have a value, with their middle in minutes.
    pub fn course(&self, metric: Metric, interval: f64) -> Vec<(f64, f64)> {
        (0..)
            .zip(&self.intervals)
            .filter_map(|(i, values)| {
                let middle = (f64::from(i) + 0.5) * interval;
                Some((middle, *values.get(&metric)?))
            })
            .collect()
    }

    /// Of each of these intervals, whether its value is only a lower bound.
    pub fn lower_bounds(&self, metric: Metric) -> Vec<bool> {
        let valued = self.intervals.iter().enumerate();
        valued
            .filter(|(_, values)| values.contains_key(&metric))
            .map(|(i, _)| self.lower_bounds.contains(&(i, metric)))
            .collect()
    }

    /// The memory that an open connection costs, in bytes: what the server holds (PSS) beyond what
    /// it held when none were open, over the connections.
    pub fn bytes_a_connection(&self) -> Option<f64> {
        let more = self.median(Metric::Pss)? - self.reference.get(&Metric::Pss)?;
        self.each(more * f64::from(1 << 20))
    }

    /// The goroutines that an open connection costs.
    pub fn goroutines_a_connection(&self) -> Option<f64> {
        self.each(self.median(Metric::Goroutines)? - self.reference.get(&Metric::Goroutines)?)
    }

    /// Whether a level course is left out, also where the slope is only a bound: a least slope that
    /// rises, and a most one that falls.
    pub fn is_called(trend: &Trend, bound: Bound) -> bool {
        let is_kept = match bound {
            Bound::Exact => true,
            Bound::AtLeast => trend.slope > 0.0,
            Bound::AtMost => trend.slope < 0.0,
            Bound::Unknown => false,
        };
        trend.is_shown() && is_kept
    }

    /// What a drift says of the whole window, `interval` minutes an interval.
    pub fn told(&self, drift: Option<Trend>, bound: Bound, interval: f64) -> Course {
        let minutes = interval * self.intervals.len() as f64;
        let within = |ends: Interval| {
            let most = ends.low.abs().max(ends.high.abs());
            most * minutes <= MATTERS.ln_1p()
        };
        match drift {
            Some(trend) if Self::is_called(&trend, bound) => Course::Drifts,
            Some(Trend {
                interval: Some(ends),
                ..
            }) if within(ends) && bound.is_exact() => Course::Level,
            _ => Course::Unknown,
        }
    }

    /// The change of ln p99, a minute.
    pub fn p99_drift(&self) -> Option<Trend> {
        self.p99_drift
    }

    /// Whether that change is itself or a bound, because requests failed in some intervals: these
    /// raise the slope where they are late, and lower it where they are early.
    pub fn p99_drift_bound(&self) -> Bound {
        let (t, y): (Vec<f64>, Vec<f64>) = (self.course(Metric::LatencyP99, 1.0).into_iter())
            .map(|(t, p99)| (t, p99.ln()))
            .unzip();
        let bounds = self.lower_bounds(Metric::LatencyP99);
        let as_it_is = slope_of(&t, &y);
        // Each bound raised alone, and all up to or from one on.
        let raised = |which: &dyn Fn(usize) -> bool| {
            let y = (y.iter().enumerate()).map(|(i, y)| match bounds[i] && which(i) {
                true => y + FAR_ABOVE,
                false => *y,
            });
            slope_of(&t, &y.collect::<Vec<_>>())
        };
        let (mut up, mut down) = (false, false);
        for at in (0..bounds.len()).filter(|i| bounds[*i]) {
            for moved in [
                raised(&|i| i == at),
                raised(&|i| i <= at),
                raised(&|i| i >= at),
            ] {
                up |= moved > as_it_is;
                down |= moved < as_it_is;
            }
        }
        match (up, down) {
            (false, false) => Bound::Exact,
            (true, false) => Bound::AtLeast,
            (false, true) => Bound::AtMost,
            (true, true) => Bound::Unknown,
        }
    }

    /// The change of ln RSS, a minute.
    pub fn memory_drift(&self) -> Option<Trend> {
        self.memory_drift
    }

    fn each(&self, of_all: f64) -> Option<f64> {
        let open = self.whole.get(&Metric::Connections)?;
        (*open > 0.0).then(|| of_all / open)
    }

    fn values(&self, metric: Metric) -> Vec<f64> {
        let values = self.intervals.iter().filter_map(|v| v.get(&metric));
        values.copied().collect()
    }

    fn drift(&self, metric: Metric, interval: f64, level: f64) -> Option<Trend> {
        let (t, y): (Vec<f64>, Vec<f64>) = (self.course(metric, interval).into_iter())
            .map(|(t, y)| (t, y.ln()))
            .unzip();
        theil_sen(&t, &y, level).ok()
    }
}

/// So much longer (log units) is what a lower bound could be.
const FAR_ABOVE: f64 = 20.0;

/// The median of the slopes between all pairs of points; 0 where there are none.
fn slope_of(t: &[f64], y: &[f64]) -> f64 {
    let pairs = (0..t.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let slopes: Vec<f64> = pairs.map(|(i, j)| (y[i] - y[j]) / (t[i] - t[j])).collect();
    summary::median(&slopes).unwrap_or(0.0)
}

/// The mode under which the memory before the long window stands.
const REFERENCE: &str = "reference";

impl Soak {
    /// From the rows of a campaign, whose reader refuses a soak without intervals.
    pub(super) fn of(file: &CampaignFile, rows: &[Observation]) -> Self {
        let interval = file.method.interval_ms.unwrap_or_default() as f64 / 60e3;
        let mut servers: BTreeMap<_, Watched> = BTreeMap::new();
        let design = &file.design;
        for row in rows {
            let cell = &row.cell;
            let asked = design.scenarios.iter().any(|s| s.name == cell.scenario)
                && design.modes.iter().any(|m| m.name == cell.mode);
            if !asked || !row.value.is_finite() {
                continue;
            }
            let server = servers.entry(cell.block).or_insert_with(|| Watched {
                scenario: cell.scenario.clone(),
                mode: cell.mode.clone(),
                framework: cell.framework.clone(),
                variant: cell.variant.clone(),
                intervals: Vec::new(),
                lower_bounds: BTreeSet::new(),
                whole: BTreeMap::new(),
                reference: BTreeMap::new(),
                p99_drift: None,
                memory_drift: None,
            });
            let values = match (cell.window as usize).checked_sub(1) {
                None => &mut server.whole,
                Some(i) => {
                    if row.validity.flags().any(|flag| flag == Flag::LowerBound) {
                        server.lower_bounds.insert((i, row.metric));
                    }
                    let most = server.intervals.len().max(i + 1);
                    server.intervals.resize_with(most, BTreeMap::new);
                    &mut server.intervals[i]
                }
            };
            values.insert(row.metric, row.value);
        }
        for row in rows {
            let of_memory = row.cell.scenario == "memory" && row.cell.mode == REFERENCE;
            if let (true, Some(server)) = (of_memory, servers.get_mut(&row.cell.block)) {
                server.reference.insert(row.metric, row.value);
            }
        }
        let mut servers: Vec<Watched> = servers.into_values().collect();
        // Two drifts a server.
        let level = 1.0 - (1.0 - LEVEL) / (2.0 * servers.len().max(1) as f64);
        for server in &mut servers {
            server.p99_drift = server.drift(Metric::LatencyP99, interval, level);
            server.memory_drift = server.drift(Metric::Rss, interval, level);
        }
        servers.sort_by(|a, b| {
            let key = |s: &Watched| {
                (
                    s.scenario.clone(),
                    s.mode.clone(),
                    s.framework.clone(),
                    s.variant.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        Self {
            interval,
            level,
            servers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_over_intervals_is_a_bound_where_a_bound_could_move_it() {
        let p99 = Metric::LatencyP99;
        let of = |lower_bounds: &[usize]| {
            Watched {
                scenario: String::new(),
                mode: String::new(),
                framework: String::new(),
                variant: String::new(),
                intervals: [3.0, 1.0, 2.0].map(|v| BTreeMap::from([(p99, v)])).into(),
                lower_bounds: lower_bounds.iter().map(|i| (*i, p99)).collect(),
                whole: BTreeMap::new(),
                reference: BTreeMap::new(),
                p99_drift: None,
                memory_drift: None,
            }
            .median_is_at_least(p99)
        };
        // 3 stays above the median wherever it goes; 1 and 2 do not stay below or in it.
        assert_eq!(
            [of(&[]), of(&[0]), of(&[1]), of(&[2])],
            [false, false, true, true]
        );
    }

    #[test]
    fn a_drift_over_bounds_is_a_bound() {
        let p99 = Metric::LatencyP99;
        let of = |lower_bounds: &[usize], slope: f64| {
            let mut watched = watched(|_| 1.0);
            watched.intervals = (0..12)
                .map(|i| BTreeMap::from([(p99, (slope * f64::from(i)).exp())]))
                .collect();
            watched.lower_bounds = lower_bounds.iter().map(|i| (*i, p99)).collect();
            watched.p99_drift = watched.drift(p99, INTERVAL, 0.95);
            let bound = watched.p99_drift_bound();
            (bound, watched.told(watched.p99_drift(), bound, INTERVAL))
        };
        assert_eq!(of(&[], 0.1), (Bound::Exact, Course::Drifts));
        // The last intervals could be longer: the rise is at least this one.
        let late = [9, 10, 11];
        assert_eq!(of(&late, 0.1), (Bound::AtLeast, Course::Drifts));
        assert_eq!(of(&late, -0.1).1, Course::Unknown);
        assert_eq!(of(&[0, 1, 2], 0.1).0, Bound::AtMost);
        let every: Vec<usize> = (0..12).collect();
        assert_eq!(of(&every, 0.1), (Bound::Unknown, Course::Unknown));
    }

    /// RSS in MiB, one an interval of ten seconds.
    fn watched(rss: impl Fn(f64) -> f64) -> Watched {
        let mut watched = Watched {
            scenario: "json".to_owned(),
            mode: "longconn".to_owned(),
            framework: "gin".to_owned(),
            variant: String::new(),
            lower_bounds: BTreeSet::new(),
            intervals: (0..18)
                .map(|i| BTreeMap::from([(Metric::Rss, rss(f64::from(i)))]))
                .collect(),
            whole: BTreeMap::new(),
            reference: BTreeMap::new(),
            p99_drift: None,
            memory_drift: None,
        };
        watched.memory_drift = watched.drift(Metric::Rss, INTERVAL, 0.9964);
        watched
    }

    const INTERVAL: f64 = 1.0 / 6.0;

    fn told(watched: &Watched) -> Course {
        watched.told(watched.memory_drift(), Bound::Exact, INTERVAL)
    }

    #[test]
    fn what_grows_by_equal_steps_is_named() {
        for all in [0.03, 0.3, 1.0] {
            let found = watched(|i| 100.0 * (1.0 + all * i / 17.0));
            assert_eq!(told(&found), Course::Drifts, "{all}");
            let shown = found.memory_drift().unwrap();
            let whole = (shown.slope * INTERVAL * 17.0).exp_m1();
            assert!((whole / all - 1.0).abs() < 0.2, "{whole} for {all}");
        }
    }

    #[test]
    fn what_is_level_and_what_cannot_be_told_are_two_things() {
        let noise = |i: f64| (i * 12.9898).sin() * 43_758.547 % 1.0;
        assert_eq!(told(&watched(|i| 100.0 + noise(i))), Course::Level);
        assert_eq!(told(&watched(|i| 100.0 + 60.0 * noise(i))), Course::Unknown);
        let few = watched(|i| if i < 5.0 { 100.0 } else { f64::NAN });
        assert_eq!(few.told(None, Bound::Exact, INTERVAL), Course::Unknown);
    }
}
