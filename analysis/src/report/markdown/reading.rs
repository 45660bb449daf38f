//! How to read the report.

use super::Page;
use crate::estimate::{Analysis, BOUND_SHARE, LEAST_BLOCKS};
use crate::text::{escape, number};

pub(super) fn write(page: &mut Page, analysis: &Analysis) {
    let baseline = escape::markdown(analysis.baseline());
    let bound = number::share(BOUND_SHARE);
    page.heading(2, "How to read this");
    for line in [
        "Ranges in brackets are 95 % intervals. Those of the servers' own values speak for this run: compare frameworks by the ratio, not by whether two such ranges overlap.".to_owned(),
        format!("`× {baseline}` is the ratio to {baseline}, paired block by block, so that what both lived through in a block cancels. Its interval is adjusted for how many comparisons the report makes: all at once (Holm's family) for requests/s and CPU time, by false coverage rate for the rest."),
        format!("{baseline} runs twice in every block, as two processes of one binary. Its row is the mean of both; the row `second copy` is the one against the other (A/A). What the two differ by is noise."),
        "The noise floor is the difference that chance, or a bias of this run, makes of these two equal servers. No difference below it is called, whatever its interval.".to_owned(),
        format!("`faster`, `slower`, `less` and `more` are called only if the adjusted interval excludes 1 and the difference exceeds the floor. `undecided` does not mean equal: look at MDE, the difference that a single test at 5 % on this run's blocks would have found. Below {LEAST_BLOCKS} pairs there is no verdict at all."),
        "Tables are sorted by the estimate, but neighbours whose intervals overlap are not ordered by this.".to_owned(),
        format!("`≥` marks a rate that the instrument limited in more than {bound} of its windows (`client-bound`): such a server may be faster, and is never called slower because of it."),
        "A latency percentile is that of all requests of the run, and its range comes from drawing the blocks anew (bootstrap). Its ratio is paired: the mean over blocks of the ratio of the two blocks' percentiles. Where few blocks hold most of the slow requests, it differs from the ratio of the two numbers shown.".to_owned(),
        "Controls (class `engine` and others) show what a framework costs or what the instrument can see. They follow other rules, so they are never ranked among the frameworks.".to_owned(),
    ] {
        page.item(&line);
    }
}
