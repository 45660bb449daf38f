//! What all tries of a trial together show, held against what was demanded before.

use std::collections::BTreeMap;

use plan::trial::Trial;

use super::table::COLUMNS;

/// Says what all tries together show, by the rows of their table; gives whether that is what was
/// demanded.
pub fn tell(trial: &Trial, rows: &[String]) -> bool {
    let field = |row: &str, name: &str| {
        let place = COLUMNS.split(',').position(|c| c == name);
        let value = row.split(',').nth(place.unwrap_or(usize::MAX));
        value.unwrap_or_default().to_owned()
    };
    let count = |name: &str| rows.iter().filter(|r| field(r, name) == "true").count();
    let (found, holds) = (count("found"), count("holds"));
    let mut times: BTreeMap<String, f64> = BTreeMap::new();
    for row in rows {
        let seconds = field(row, "seconds").parse().unwrap_or(f64::NAN);
        times.insert(field(row, "try"), seconds);
    }
    let most = times.values().copied().fold(0.0, f64::max);
    let (tries, all) = (times.len(), rows.len());
    println!(
        "{}: {tries} of {} tries, {all} comparisons, {found} found a difference, the truth was inside in {holds}; {:.0} s in all, {most:.0} s at most",
        trial.name,
        trial.tries,
        times.values().fold(0.0, |sum, s| sum + s)
    );
    let demand = &trial.demand;
    let mut met = tries == trial.tries as usize;
    let mut ask = |what: String, good: bool| {
        println!("  {what}: {}", if good { "met" } else { "not met" });
        met &= good;
    };
    if let Some(least) = demand.found {
        ask(
            format!("found in at least {least}"),
            found >= least as usize,
        );
    }
    if let Some(least) = demand.holds {
        ask(
            format!("truth inside in at least {least}"),
            holds >= least as usize,
        );
    }
    if let Some(seconds) = demand.seconds {
        ask(format!("at most {seconds:.0} s a try"), most <= seconds);
    }
    if demand.binomial {
        for metric in ["throughput", "cpu_per_request", "instructions"] {
            let mine = || (rows.iter()).filter(|r| field(r, "what").starts_with(metric));
            let size = mine()
                .find_map(|r| field(r, "level").parse::<f64>().ok())
                .map(|level| 1.0 - level);
            let Some(size) = size else { continue };
            let rejected = mine().filter(|r| field(r, "found") == "true").count();
            let tests = mine().count();
            let most = stats::rejections::most(tests as u64, size, 0.95).unwrap_or(0);
            ask(
                format!("{metric}: {rejected} of {tests} told apart, at most {most}"),
                rejected as u64 <= most,
            );
            let statistics: Vec<(f64, f64)> = mine()
                .filter_map(|r| statistic(|name| field(r, name)))
                .collect();
            if let Some(found) = stats::calibration::calibration(&statistics) {
                println!(
                    "  {metric}: t statistics {:.2} times as spread as they should be (usual for {}: {:.2} to {:.2}), Kolmogorov-Smirnov p {:.2}",
                    found.spread, found.n, found.usual.low, found.usual.high, found.p
                );
            }
        }
    }
    met
}

/// The t statistic of a comparison, read off its interval, with its degrees of freedom. Where
/// launches made these fewer than pairs, it is the one that is as far beyond its limit.
fn statistic(field: impl Fn(&str) -> String) -> Option<(f64, f64)> {
    let number = |name| field(name).parse::<f64>().ok();
    // Instructions are of two samples of so many starts, all else of so many pairs.
    let samples = if field("what").starts_with("instructions") {
        2.0
    } else {
        1.0
    };
    let df = samples * (number("pairs")? - 1.0);
    let half = (number("high")?.ln() - number("low")?.ln()) / 2.0;
    let factor = stats::student::factor(number("level")?, df)?;
    let t = number("ratio")?.ln() / half * factor;
    t.is_finite().then_some((t, df))
}
