//! An order of the frameworks, for choosing which to name first; it is no verdict.

use std::collections::BTreeMap;

use record::{Class, Metric};

use super::{Analysis, Role};

impl Analysis {
    /// The idiomatic frameworks by the geometric mean of their ratios in requests per second
    /// over all scenarios, best first; those that miss a scenario come last. Where nothing is
    /// paired it is that of the rates themselves.
    pub fn ranking(&self) -> Vec<&str> {
        let mut ranked: Vec<(usize, f64, &str)> = self
            .campaign
            .frameworks
            .iter()
            .filter(|f| f.class == Class::Idiomatic)
            .map(|f| {
                let logs = self.log_ratios(&f.name);
                let mean = stats::summary::mean(&logs).unwrap_or(f64::NEG_INFINITY);
                (logs.len(), mean, f.name.as_str())
            })
            .filter(|(_, _, name)| self.took_part(name))
            .collect();
        ranked.sort_by(|a, b| {
            b.0.cmp(&a.0)
                .then(b.1.total_cmp(&a.1))
                .then_with(|| a.2.cmp(b.2))
        });
        ranked.into_iter().map(|(_, _, name)| name).collect()
    }

    /// Whether anything at all was measured of a framework.
    pub fn took_part(&self, framework: &str) -> bool {
        self.tables.iter().any(|t| t.row(framework).is_some())
    }

    /// Every server, second copy and controls too, by the geometric mean of its rates, best first;
    /// those that miss a scenario come last.
    pub fn by_value(&self) -> Vec<(&str, &str)> {
        let mut logs: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
        let rows = self.tables_of(Metric::Throughput).flat_map(|t| &t.rows);
        for row in rows.filter(|row| row.estimate > 0.0) {
            let server = (row.framework.as_str(), row.variant.as_str());
            logs.entry(server).or_default().push(row.estimate.ln());
        }
        let mut ranked: Vec<(usize, f64, (&str, &str))> = (logs.into_iter())
            .map(|(server, logs)| {
                let mean = stats::summary::mean(&logs).unwrap_or(f64::NEG_INFINITY);
                (logs.len(), mean, server)
            })
            .collect();
        ranked.sort_by(|a, b| {
            (b.0.cmp(&a.0))
                .then(b.1.total_cmp(&a.1))
                .then_with(|| a.2.cmp(&b.2))
        });
        ranked.into_iter().map(|(_, _, server)| server).collect()
    }

    fn log_ratios(&self, framework: &str) -> Vec<f64> {
        let rows = self.tables_of(Metric::Throughput);
        let rows = rows.filter_map(|t| t.row(framework));
        if self.is_in_a_row() {
            let rates = rows.map(|row| row.estimate).filter(|rate| *rate > 0.0);
            return rates.map(f64::ln).collect();
        }
        rows.filter_map(|row| match row.role {
            Role::Baseline => Some(0.0),
            _ => stats::summary::mean(&row.differences),
        })
        .collect()
    }
}
