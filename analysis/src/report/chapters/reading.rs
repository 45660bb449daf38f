//! How to read the report.

use crate::estimate::{Analysis, BOUND_SHARE, LEAST_BLOCKS};
use crate::report::document::{Document, Text};
use crate::text::number;

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let baseline = analysis.baseline();
    let bound = number::share(BOUND_SHARE);
    page.heading(2, "How to read this");
    let say = Text::from;
    for line in [
        say("Ranges in brackets are 95 % intervals. Those of the servers' own values speak for this run: compare frameworks by the ratio, not by whether two such ranges overlap."),
        Text::default().code(format!("× {baseline}")).plain(format!(" is the ratio to {baseline}, paired block by block, so that what both lived through in a block cancels. Its interval is adjusted for how many comparisons the report makes: all at once (Holm's family) for requests/s and CPU time, by false coverage rate for the rest.")),
        Text::from(format!("{baseline} runs twice in every block, as two processes of one binary. Its row is the mean of both; the row ")).code("second copy").plain(" is the one against the other (A/A). What the two differ by is noise."),
        say("The noise floor is the difference that chance, or a bias of this run, makes of these two equal servers. No difference below it is called, whatever its interval."),
        Text::default().code("faster").plain(", ").code("slower").plain(", ").code("less").plain(" and ").code("more").plain(" are called only if the adjusted interval excludes 1 and the difference exceeds the floor. ").code("undecided").plain(format!(" does not mean equal: look at MDE, the difference that a single test at 5 % on this run's blocks would have found. Below {LEAST_BLOCKS} pairs there is no verdict at all.")),
        say("Tables are sorted by the estimate, but neighbours whose intervals overlap are not ordered by this."),
        Text::default().code("≥").plain(format!(" marks a rate that the instrument limited in more than {bound} of its windows (")).code("client-bound").plain("): such a server may be faster, and is never called slower because of it."),
        say("A latency percentile is that of all requests of the run, and its range comes from drawing the blocks anew (bootstrap). Its ratio is paired: the mean over blocks of the ratio of the two blocks' percentiles. Where few blocks hold most of the slow requests, it differs from the ratio of the two numbers shown."),
        Text::from("Controls (class ").code("engine").plain(" and others) show what a framework costs or what the instrument can see. They follow other rules, so they are never ranked among the frameworks."),
    ] {
        page.item(line);
    }
}
