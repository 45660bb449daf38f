//! The long table as rows, for whoever needs them without a data frame.

use crate::observation::{Cell, Metric, Observation};
use crate::reader::Table;
use crate::validity::Validity;

impl Table {
    /// All rows, in the order of writing.
    ///
    /// # Errors
    /// A sentence that names the first row that is not what it should be.
    pub fn rows(&self) -> Result<Vec<Observation>, String> {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(self.csv.as_slice());
        reader
            .records()
            .map(|row| {
                let row = row.map_err(|e| e.to_string())?;
                parse(&row).ok_or_else(|| format!("the row `{}` is no observation", join(&row)))
            })
            .collect()
    }
}

fn parse(row: &csv::StringRecord) -> Option<Observation> {
    let text = |i: usize| row.get(i).map(str::to_owned);
    let number = |i: usize| row.get(i)?.parse().ok();
    let validity: Validity = row.get(11)?.parse().ok()?;
    Some(Observation {
        cell: Cell {
            launch: number(1)?,
            block: number(2)?,
            window: number(3)?,
            framework: text(4)?,
            variant: text(5)?,
            scenario: text(6)?,
            mode: text(7)?,
        },
        metric: Metric::ALL
            .into_iter()
            .find(|m| Some(m.name()) == row.get(8))?,
        value: row.get(10)?.parse().ok()?,
        validity,
    })
}

fn join(row: &csv::StringRecord) -> String {
    row.iter().collect::<Vec<_>>().join(",")
}
