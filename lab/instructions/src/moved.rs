//! What differs between two profiles, largest first.

use std::collections::BTreeSet;

use crate::profile::Profile;

/// A function that two versions spend different numbers of instructions in.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The function.
    pub function: String,
    /// Instructions in the base; 0 where the base does not have it or does not call it.
    pub base: f64,
    /// Instructions in the new version.
    pub new: f64,
}

impl Row {
    /// New minus base.
    pub fn change(&self) -> f64 {
        self.new - self.base
    }
}

/// The functions that moved, the rest as one number: together the difference of the totals.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Moved {
    /// Largest change first, then by name.
    pub rows: Vec<Row>,
    /// The sum of all changes that have no row of their own.
    pub rest: f64,
    /// How many functions these are.
    pub others: usize,
    /// All changes together.
    pub total: f64,
}

/// The functions whose numbers differ by `least` or more, at most `most` of them.
pub fn moved(base: &Profile, new: &Profile, least: f64, most: usize) -> Moved {
    let names: BTreeSet<&String> = base.functions.keys().chain(new.functions.keys()).collect();
    let mut rows: Vec<Row> = names
        .into_iter()
        .map(|name| Row {
            function: name.clone(),
            base: base.of_function(name),
            new: new.of_function(name),
        })
        .filter(|row| row.change() != 0.0)
        .collect();
    let size = |row: &Row| row.change().abs();
    rows.sort_by(|a, b| {
        size(b)
            .total_cmp(&size(a))
            .then(a.function.cmp(&b.function))
    });
    let shown = rows.iter().take_while(|row| size(row) >= least).count();
    let left = rows.split_off(shown.min(most));
    Moved {
        rest: left.iter().map(Row::change).sum(),
        others: left.len(),
        total: new.total() - base.total(),
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(functions: &[(&str, f64)]) -> Profile {
        Profile {
            functions: (functions.iter())
                .map(|(name, n)| ((*name).to_owned(), *n))
                .collect(),
            ..Profile::default()
        }
    }

    #[test]
    fn the_largest_comes_first_and_all_of_it_sums_up_to_the_total() {
        let base = profile(&[("gone", 40.0), ("same", 100.0), ("less", 30.0), ("a", 1.0)]);
        let new = profile(&[("same", 100.0), ("less", 10.0), ("added", 60.5), ("a", 1.5)]);
        let moved = moved(&base, &new, 1.0, 10);
        let names: Vec<_> = moved.rows.iter().map(|r| r.function.as_str()).collect();
        assert_eq!(names, ["added", "gone", "less"]);
        assert_eq!((moved.others, moved.rest), (1, 0.5));
        let sum: f64 = moved.rows.iter().map(Row::change).sum();
        assert_eq!(sum + moved.rest, moved.total);
        assert_eq!(moved.total, new.total() - base.total());
    }

    #[test]
    fn no_more_rows_than_wanted_and_still_the_whole_sum() {
        let base = profile(&[("a", 1.0), ("b", 1.0), ("c", 1.0)]);
        let new = profile(&[("a", 9.0), ("b", 5.0), ("c", 2.0)]);
        let moved = moved(&base, &new, 0.0, 1);
        assert_eq!(moved.rows.len(), 1);
        assert_eq!((moved.rest, moved.others, moved.total), (5.0, 2, 13.0));
    }
}
