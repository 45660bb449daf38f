//! The long table's rows, summed up by block as they come.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use record::scan::{self, BadField, Row};
use record::{Metric, Validity};

use super::{Key, Series};

/// One row for each server, question and block, by columns.
#[derive(Default)]
pub(super) struct Compact {
    /// Servers and questions by the text that names them in the table.
    texts: HashMap<String, usize>,
    keys: BTreeMap<Key, usize>,
    /// What is known of each beside its rows.
    pub heads: Vec<Head>,
    validities: HashMap<String, Validity>,
    /// The blocks that have rows with an environmental flag.
    pub disturbed: BTreeSet<u32>,
    /// The index in `heads`.
    pub series: Vec<u32>,
    pub launch: Vec<u32>,
    pub block: Vec<u32>,
    /// The number of windows.
    pub windows: Vec<u32>,
    /// The number of windows with a value.
    pub n: Vec<u32>,
    /// The sum of the values.
    pub sum: Vec<f64>,
    /// The sum of their logarithms.
    pub ln: Vec<f64>,
}

/// One server and question.
pub(super) struct Head {
    pub key: Key,
    /// Flags; its blocks come from the rows.
    pub series: Series,
    /// The last row.
    last: Option<usize>,
}

impl Compact {
    /// Adds a row of the long table.
    pub(super) fn add(&mut self, row: &Row<'_>) -> Result<(), BadField> {
        if row.value < 0.0 {
            return Err(BadField {
                column: "value",
                problem: format!("`{}` is negative, which no metric can be", row.value),
            });
        }
        let of = match self.texts.get(row.subject) {
            Some(of) => *of,
            None => self.add_series(row.subject)?,
        };
        let head = &mut self.heads[of];
        if row.validity != "ok" {
            for flag in parsed(&mut self.validities, row.validity)?.flags() {
                let tally = head.series.odd.entry((row.launch, row.block)).or_default();
                *tally.flags.entry(flag).or_default() += 1;
                if flag.is_environmental() {
                    self.disturbed.insert(row.block);
                }
            }
        }
        let (n, value) = match row.value.is_finite() {
            true => (1, row.value),
            false => (0, 0.0),
        };
        let ln = if n > 0 { value.ln() } else { 0.0 };
        let open = |i: &usize| (self.launch[*i], self.block[*i]) == (row.launch, row.block);
        match head.last.filter(open) {
            Some(i) => {
                self.windows[i] += 1;
                self.n[i] += n;
                self.sum[i] += value;
                self.ln[i] += ln;
            }
            None => {
                head.last = Some(self.series.len());
                self.series.push(of as u32);
                self.launch.push(row.launch);
                self.block.push(row.block);
                self.windows.push(1);
                self.n.push(n);
                self.sum.push(value);
                self.ln.push(ln);
            }
        }
        Ok(())
    }

    fn add_series(&mut self, text: &str) -> Result<usize, BadField> {
        let [framework, variant, scenario, mode, name, unit] = scan::subject(text);
        let Some(metric) = Metric::ALL.into_iter().find(|m| m.name() == name) else {
            let known = Metric::ALL.map(Metric::name).join(", ");
            return Err(BadField {
                column: "metric",
                problem: format!("unknown metric `{name}`; known are {known}"),
            });
        };
        if unit != metric.unit() {
            let wanted = metric.unit();
            return Err(BadField {
                column: "unit",
                problem: format!("`{name}` is in `{wanted}`, not in `{unit}`"),
            });
        }
        let key = Key {
            scenario,
            mode,
            metric,
            framework,
            variant,
        };
        let next = self.heads.len();
        let of = *self.keys.entry(key.clone()).or_insert(next);
        if of == next {
            self.heads.push(Head {
                key,
                series: Series::default(),
                last: None,
            });
        }
        self.texts.insert(text.to_owned(), of);
        Ok(of)
    }
}

/// Parses a validity once for each spelling of it.
fn parsed<'a>(
    known: &'a mut HashMap<String, Validity>,
    text: &str,
) -> Result<&'a Validity, BadField> {
    if !known.contains_key(text) {
        let validity = scan::unquoted(text).parse().map_err(|problem| BadField {
            column: "validity",
            problem,
        })?;
        known.insert(text.to_owned(), validity);
    }
    Ok(&known[text])
}
