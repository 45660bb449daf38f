//! The long table's rows, summed up by block as they come.

use std::collections::{BTreeSet, HashMap};

use record::scan::{self, BadField, Row};
use record::{Series as Named, Validity};

use super::{Key, Series};

/// One row for each server, question and block, by columns.
#[derive(Default)]
pub(super) struct Compact {
    /// What is known of each server and question beside its rows, by the index that the reader
    /// of the table gives it.
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
    /// Adds a row of the long table, and first of all its series if it is a new one.
    pub(super) fn add(&mut self, of: usize, named: &Named, row: &Row<'_>) -> Result<(), BadField> {
        if of == self.heads.len() {
            self.heads.push(Head {
                key: Key {
                    scenario: named.scenario.clone(),
                    mode: named.mode.clone(),
                    metric: named.metric,
                    framework: named.framework.clone(),
                    variant: named.variant.clone(),
                },
                series: Series::default(),
                last: None,
            });
        }
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
