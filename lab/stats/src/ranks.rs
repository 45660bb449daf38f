//! Ranks with intervals: which places a framework could have taken.
//!
//! Blocks are drawn with replacement and all frameworks ranked anew (Goldstein & Spiegelhalter
//! 1996). Near ties show as overlapping intervals instead of as an order that the next campaign
//! turns round. An aid for reading a table; claims go through [`crate::verdict`].

use crate::bootstrap::Bootstrap;
use crate::error::{Error, check_level};
use crate::random::Stream;

/// How often a draw of blocks that leaves frameworks unconnected is drawn again.
const MOST_REDRAWS: usize = 100;

/// A framework's place, 1 is best.
///
/// See [`ranks`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rank {
    /// The place by the estimate from all blocks.
    pub rank: usize,
    /// The best place within the interval.
    pub low: usize,
    /// The worst place within the interval.
    pub high: usize,
    /// The estimate: log metric relative to the first framework.
    pub relative: f64,
}

/// Rank intervals of frameworks, in the order of the rows.
///
/// `table[framework][block]` is the log metric, NaN where the cell is missing (an incomplete
/// block, a gated window). With missing cells a plain mean would reward a framework for having
/// missed a bad block, so levels come from the additive model framework + block by least squares
/// (Yates 1936); without missing cells that is the mean.
///
/// # Errors
/// [`Error::TooFew`] for fewer than two frameworks or blocks, [`Error::Shape`] for rows of
/// different length, [`Error::NotFinite`] for an infinite cell, [`Error::Disconnected`] where no
/// chain of blocks connects the frameworks, [`Error::Level`].
///
/// ```
/// use stats::{Bootstrap, ranks::ranks};
/// let table = vec![
///     vec![1.00, 2.00, 3.00, 4.00, 5.00, 6.00],
///     vec![1.01, 1.99, 3.02, 3.98, 5.01, f64::NAN],
///     vec![0.50, 1.50, 2.50, 3.50, 4.50, 5.50],
/// ];
/// let r = ranks(&table, false, 0.95, Bootstrap::default()).unwrap();
/// assert_eq!((r[2].rank, r[2].low, r[2].high), (1, 1, 1));
/// assert_eq!((r[0].low, r[0].high), (2, 3));
/// ```
pub fn ranks(
    table: &[Vec<f64>],
    higher_is_better: bool,
    level: f64,
    bootstrap: Bootstrap,
) -> Result<Vec<Rank>, Error> {
    check_level(level)?;
    let blocks = table.first().map_or(0, Vec::len);
    let few = table.len().min(blocks);
    if few < 2 {
        return Err(Error::TooFew { need: 2, got: few });
    }
    if let Some(row) = table.iter().find(|row| row.len() != blocks) {
        return Err(Error::Shape {
            expected: blocks,
            got: row.len(),
        });
    }
    if table.iter().flatten().any(|v| v.is_infinite()) {
        return Err(Error::NotFinite);
    }
    let every: Vec<usize> = (0..blocks).collect();
    let whole = !table.iter().flatten().any(|v| v.is_nan());
    let relative = levels(table, &every, whole).ok_or(Error::Disconnected)?;
    let places = places(&relative, higher_is_better);
    let mut counts = vec![vec![0_usize; table.len()]; table.len()];
    let mut stream = Stream::new(bootstrap.seed);
    for _ in 0..bootstrap.resamples.max(1) {
        let drawn = (0..MOST_REDRAWS).find_map(|_| {
            let draw: Vec<usize> = every.iter().map(|_| stream.index(blocks)).collect();
            levels(table, &draw, whole)
        });
        let drawn = drawn.ok_or(Error::Disconnected)?;
        for (framework, place) in self::places(&drawn, higher_is_better)
            .into_iter()
            .enumerate()
        {
            counts[framework][place - 1] += 1;
        }
    }
    let rank = |framework: usize| {
        let (low, high) = span(&counts[framework], level);
        let rank = places[framework];
        Rank {
            rank,
            low: low.min(rank),
            high: high.max(rank),
            relative: relative[framework],
        }
    };
    Ok((0..table.len()).map(rank).collect())
}

/// The places that leave at most (1 - level) / 2 of the draws on either side.
fn span(counts: &[usize], level: f64) -> (usize, usize) {
    let total: usize = counts.iter().sum();
    let cut = (total as f64 * (1.0 - level) / 2.0).floor() as usize;
    let reach = |places: &mut dyn Iterator<Item = (usize, &usize)>| {
        let mut sum = 0;
        for (place, count) in places {
            sum += count;
            if sum > cut {
                return place + 1;
            }
        }
        1
    };
    (
        reach(&mut counts.iter().enumerate()),
        reach(&mut counts.iter().enumerate().rev()),
    )
}

/// The place of each framework; of equal ones the earlier row comes first.
fn places(levels: &[f64], higher_is_better: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by(|a, b| {
        let ascending = levels[*a].total_cmp(&levels[*b]);
        if higher_is_better {
            ascending.reverse()
        } else {
            ascending
        }
    });
    let mut places = vec![0; levels.len()];
    for (place, framework) in order.into_iter().enumerate() {
        places[framework] = place + 1;
    }
    places
}

/// What least squares comes to where no cell is missing: means, relative to the first framework.
fn means(table: &[Vec<f64>], draw: &[usize]) -> Vec<f64> {
    let mean = |row: &Vec<f64>| draw.iter().map(|b| row[*b]).sum::<f64>() / draw.len() as f64;
    let first = mean(&table[0]);
    table.iter().map(|row| mean(row) - first).collect()
}

/// Least squares of framework + block, relative to the first framework: block effects eliminated,
/// the normal equations of the other frameworks solved. `None` where they are singular.
fn levels(table: &[Vec<f64>], draw: &[usize], whole: bool) -> Option<Vec<f64>> {
    if whole {
        return Some(means(table, draw));
    }
    let k = table.len();
    let mut matrix = vec![vec![0.0; k + 1]; k];
    let mut present = Vec::with_capacity(k);
    for &block in draw {
        present.clear();
        present.extend((0..k).filter(|f| !table[*f][block].is_nan()));
        let size = present.len() as f64;
        let mean = present.iter().map(|f| table[*f][block]).sum::<f64>() / size;
        for &f in &present {
            matrix[f][f] += 1.0;
            matrix[f][k] += table[f][block] - mean;
            for &g in &present {
                matrix[f][g] -= 1.0 / size;
            }
        }
    }
    // The first framework is 0: its equation and its column go.
    for pivot in 1..k {
        let row = (pivot..k)
            .max_by(|a, b| matrix[*a][pivot].abs().total_cmp(&matrix[*b][pivot].abs()))?;
        matrix.swap(pivot, row);
        let head = matrix[pivot].clone();
        if head[pivot].abs() < 1e-9 {
            return None;
        }
        for below in matrix.iter_mut().skip(pivot + 1) {
            let factor = below[pivot] / head[pivot];
            for (cell, above) in below.iter_mut().zip(&head).skip(pivot) {
                *cell -= factor * above;
            }
        }
    }
    let mut solution = vec![0.0; k];
    for f in (1..k).rev() {
        let known: f64 = (f + 1..k).map(|g| matrix[f][g] * solution[g]).sum();
        solution[f] = (matrix[f][k] - known) / matrix[f][f];
    }
    Some(solution)
}
