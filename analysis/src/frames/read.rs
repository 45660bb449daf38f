//! CSV bytes -> data frame -> groups -> [`Observed`].

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use polars::prelude::{
    Column, DataFrame, DataType, GroupsIndicator, PlSmallStr, PolarsResult, Schema, StringChunked,
};
use polars_io::SerReader;
use polars_io::csv::read::CsvReadOptions;
use record::observation::COLUMNS;
use record::{Metric, Validity};

use super::{Block, Key, Observed, diagnosis};
use crate::error::AnalysisError;

/// What makes a group: the windows of one server in one block.
const GROUP: [&str; 8] = [
    "scenario",
    "mode",
    "metric",
    "unit",
    "framework",
    "variant",
    "launch",
    "block",
];

/// Reads the long table; `path` is only named in errors.
///
/// # Errors
/// [`AnalysisError::Row`] names line and column of the first bad field.
pub fn observed(path: &Path, csv: &[u8]) -> Result<Observed, AnalysisError> {
    // The fast way says that a field is bad, the slow one says which.
    read(csv)
        .and_then(|frame| grouped(&frame))
        .map_err(|problem| diagnosis::locate(path, csv, problem))
}

/// The table with its columns' types; fails on a field that is not of its type.
fn read(csv: &[u8]) -> Result<DataFrame, String> {
    let schema: Schema = COLUMNS
        .iter()
        .map(|name| {
            let kind = match *name {
                "launch" | "block" | "window" => DataType::UInt32,
                "value" => DataType::Float64,
                _ => DataType::String,
            };
            (PlSmallStr::from(*name), kind)
        })
        .collect();
    CsvReadOptions::default()
        .with_schema(Some(Arc::new(schema)))
        .map_parse_options(|options| {
            options
                .with_comment_prefix(Some("#"))
                .with_missing_is_null(false)
        })
        .into_reader_with_file_handle(Cursor::new(csv))
        .finish()
        .map_err(|e| e.to_string())
}

fn grouped(frame: &DataFrame) -> Result<Observed, String> {
    let mut observed = Observed::new();
    if frame.height() == 0 {
        return Ok(observed);
    }
    let polars = |e: polars::prelude::PolarsError| e.to_string();
    let groups = frame.group_by_stable(GROUP).map_err(polars)?;
    let keys = Keys::new(groups.keys()).map_err(polars)?;
    let values = frame
        .column("value")
        .and_then(|c| c.f64())
        .map_err(polars)?
        .rechunk();
    let validity = frame
        .column("validity")
        .and_then(|c| c.str())
        .map_err(polars)?
        .rechunk();
    let mut known = BTreeMap::new();
    for (group, rows) in groups.get_groups().iter().enumerate() {
        let (key, launch, block) = keys.at(group)?;
        let series = observed.entry(key).or_default();
        let mut mean = Mean::default();
        for row in indices(&rows) {
            let value = values
                .get(row)
                .ok_or_else(|| "a value is missing".to_owned())?;
            if value < 0.0 {
                return Err(format!("a value is negative: {value}"));
            }
            series.windows += 1;
            for flag in parsed(&mut known, &validity, row)?.flags() {
                *series.flags.entry(flag).or_default() += 1;
            }
            if value.is_finite() {
                mean.add(value);
            } else {
                series.lost += 1;
            }
        }
        series.blocks.extend(mean.block(launch, block));
    }
    for series in observed.values_mut() {
        series.blocks.sort_by_key(|b| (b.launch, b.block));
    }
    Ok(observed)
}

/// Parses a validity once for each spelling of it.
fn parsed<'a>(
    known: &'a mut BTreeMap<String, Validity>,
    column: &StringChunked,
    row: usize,
) -> Result<&'a Validity, String> {
    let text = column.get(row).unwrap_or_default();
    if !known.contains_key(text) {
        known.insert(text.to_owned(), text.parse()?);
    }
    Ok(&known[text])
}

fn indices(rows: &GroupsIndicator<'_>) -> Vec<usize> {
    match rows {
        GroupsIndicator::Idx((_, all)) => all.iter().map(|i| *i as usize).collect(),
        GroupsIndicator::Slice([first, length]) => {
            (*first as usize..(*first + *length) as usize).collect()
        }
    }
}

/// The columns of [`GROUP`], one row a group.
struct Keys {
    text: Vec<StringChunked>,
    launch: Vec<Option<u32>>,
    block: Vec<Option<u32>>,
}

impl Keys {
    fn new(columns: Vec<Column>) -> PolarsResult<Self> {
        let (text, numbers) = columns.split_at(GROUP.len() - 2);
        let text = text
            .iter()
            .map(|c| c.str().map(|c| c.rechunk().into_owned()))
            .collect::<PolarsResult<_>>()?;
        let number = |c: &Column| c.u32().map(|c| c.iter().collect::<Vec<_>>());
        Ok(Self {
            text,
            launch: number(&numbers[0])?,
            block: number(&numbers[1])?,
        })
    }

    fn at(&self, group: usize) -> Result<(Key, u32, u32), String> {
        let text = |i: usize| self.text[i].get(group).unwrap_or_default();
        let (name, unit) = (text(2), text(3));
        let metric = Metric::ALL
            .into_iter()
            .find(|m| m.name() == name)
            .filter(|m| m.unit() == unit)
            .ok_or_else(|| format!("unknown metric `{name}` in `{unit}`"))?;
        let key = Key {
            scenario: text(0).to_owned(),
            mode: text(1).to_owned(),
            metric,
            framework: text(4).to_owned(),
            variant: text(5).to_owned(),
        };
        match (self.launch[group], self.block[group]) {
            (Some(launch), Some(block)) => Ok((key, launch, block)),
            _ => Err("a launch or a block is missing".to_owned()),
        }
    }
}

/// A running mean of values and of their logarithms.
#[derive(Default)]
struct Mean {
    n: f64,
    sum: f64,
    ln: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.n += 1.0;
        self.sum += value;
        self.ln += value.ln();
    }

    fn block(&self, launch: u32, block: u32) -> Option<Block> {
        (self.n > 0.0).then(|| Block {
            launch,
            block,
            value: self.sum / self.n,
            ln: Some(self.ln / self.n).filter(|ln| ln.is_finite()),
        })
    }
}
