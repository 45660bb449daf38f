//! The long table -> a compact frame -> groups -> [`Observed`].
//!
//! The table is read a row at a time and the windows of a block are summed up on the way, so
//! memory grows with the number of blocks and not with that of rows: 36 bytes for each server,
//! question and block in the frame, and about as much again for what is made of it.

use std::collections::BTreeMap;

use polars::prelude::{
    DataFrame, Float64Chunked, GroupsIndicator, IntoColumn, PolarsResult, UInt32Chunked,
};
use record::Campaign;

use super::compact::{Compact, Head};
use super::{Block, Frames, Observed, Tally};
use crate::error::AnalysisError;

/// Reads a campaign's long table up to its last whole group, held to the campaign's design.
///
/// # Errors
/// [`AnalysisError`] names line and column of the first bad field.
pub fn read(campaign: &Campaign) -> Result<Frames, AnalysisError> {
    let mut compact = Compact::default();
    let held = campaign.read(|of, series, row| compact.add(of, series, row))?;
    let disturbed = std::mem::take(&mut compact.disturbed);
    let heads = std::mem::take(&mut compact.heads);
    let observed = frame(compact).and_then(|frame| grouped(&frame, heads));
    Ok(Frames {
        observed: observed.map_err(|e| AnalysisError::Table {
            path: campaign.dir.observations(),
            problem: e.to_string(),
        })?,
        disturbed,
        findings: held.findings,
        ignored: held.ignored,
    })
}

fn frame(compact: Compact) -> PolarsResult<DataFrame> {
    let whole = |name: &str, values| UInt32Chunked::from_vec(name.into(), values).into_column();
    let real = |name: &str, values| Float64Chunked::from_vec(name.into(), values).into_column();
    DataFrame::new(
        compact.series.len(),
        vec![
            whole("series", compact.series),
            whole("launch", compact.launch),
            whole("block", compact.block),
            whole("windows", compact.windows),
            whole("n", compact.n),
            real("sum", compact.sum),
            real("ln", compact.ln),
        ],
    )
}

/// The groups of the frame, one a series, as blocks in order.
fn grouped(frame: &DataFrame, heads: Vec<Head>) -> PolarsResult<Observed> {
    let mut all: Vec<_> = heads.into_iter().map(|h| (h.key, h.series)).collect();
    if frame.height() > 0 {
        let whole = |name: &str| frame.column(name)?.u32()?.cont_slice();
        let real = |name: &str| frame.column(name)?.f64()?.cont_slice();
        let (launch, block) = (whole("launch")?, whole("block")?);
        let (windows, n) = (whole("windows")?, whole("n")?);
        let (sum, ln) = (real("sum")?, real("ln")?);
        let groups = frame.group_by_stable(["series"])?;
        let names = groups.keys();
        let names = names[0].u32()?;
        for (name, rows) in names.iter().zip(groups.get_groups().iter()) {
            let Some((_, series)) = name.and_then(|of| all.get_mut(of as usize)) else {
                continue;
            };
            let mut sums: Vec<Sum> = indices(&rows)
                .map(|i| Sum {
                    launch: launch[i],
                    block: block[i],
                    windows: windows[i],
                    n: n[i],
                    sum: sum[i],
                    ln: ln[i],
                })
                .collect();
            // Rows of one block mostly stand together; those that do not come together here.
            sums.sort_by_key(|s| (s.launch, s.block));
            sums.dedup_by(|next, first| first.takes(next));
            sums.iter().for_each(|sum| sum.count(&mut series.odd));
            series.blocks = sums.iter().filter_map(Sum::mean).collect();
        }
    }
    Ok(all.into_iter().collect())
}

fn indices<'a>(rows: &'a GroupsIndicator<'_>) -> Box<dyn Iterator<Item = usize> + 'a> {
    match rows {
        GroupsIndicator::Idx((_, all)) => Box::new(all.iter().map(|i| *i as usize)),
        GroupsIndicator::Slice([first, length]) => {
            Box::new(*first as usize..(*first + *length) as usize)
        }
    }
}

/// The windows of a block, summed up.
struct Sum {
    launch: u32,
    block: u32,
    windows: u32,
    n: u32,
    sum: f64,
    ln: f64,
}

impl Sum {
    /// Adds another sum if it is of the same block; says whether.
    fn takes(&mut self, other: &Self) -> bool {
        let same = (self.launch, self.block) == (other.launch, other.block);
        if same {
            self.windows += other.windows;
            self.n += other.n;
            self.sum += other.sum;
            self.ln += other.ln;
        }
        same
    }

    /// Takes the windows down where there is more to tell than that there is one, with a value.
    fn count(&self, odd: &mut BTreeMap<(u32, u32), Tally>) {
        let place = (self.launch, self.block);
        if (self.windows, self.n) != (1, 1) || odd.contains_key(&place) {
            let tally = odd.entry(place).or_default();
            tally.windows = self.windows as usize;
            tally.lost = (self.windows - self.n) as usize;
        }
    }

    /// Nothing where no window has a value.
    fn mean(&self) -> Option<Block> {
        let n = f64::from(self.n);
        (self.n > 0).then(|| Block {
            launch: self.launch,
            block: self.block,
            value: self.sum / n,
            ln: Some(self.ln / n).filter(|ln| ln.is_finite()),
        })
    }
}
