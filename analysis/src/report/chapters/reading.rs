//! How to read the report.

use record::{Metric, ModeKind};

use crate::estimate::{Analysis, BOUND_SHARE, LEAST_BLOCKS};
use crate::report::document::{Document, Text};
use crate::text::{self, number};

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let (baseline, copied) = (analysis.baseline(), analysis.copied());
    let bound = number::share(BOUND_SHARE);
    let primary = primary(analysis);
    if analysis.is_in_a_row() {
        return;
    }
    page.heading(2, "How to read this");
    if analysis.against.is_some() {
        page.item(format!("The ratios here are to {baseline}, as if it had been declared to be the baseline; the campaign's own is {copied}, whose two copies make the noise floor. Who looks at several baselines looks more often than the intervals are adjusted for."));
    }
    let say = |text: &str| Text::from(text);
    for line in [
        say(&format!("Ranges in brackets are {} intervals. Those of the servers' own values speak for this run: compare frameworks by the ratio, not by whether two such ranges overlap.", number::share(analysis.level))),
        Text::default().code(format!("× {baseline}")).plain(format!(" is the ratio to {baseline}, paired block by block, so that what both lived through in a block cancels. Its interval is widened by how much launches differ (chapter Launches) and adjusted for how many comparisons the report makes, and that interval is the one that is shown: {primary} are the primary family, declared before the run, whose intervals hold all at once (Bonferroni, as does the p in summary.json); the rest is exploratory, and there it is the share of false calls that is kept down (Benjamini-Hochberg's p, intervals by false coverage rate).")),
        Text::from(format!("{copied} runs twice in every block, as two processes of one binary. Its row is the mean of both; the row ")).code("second copy").plain(" is the one against the other (A/A). What the two differ by is noise."),
        say("The noise floor is the difference that chance, or a bias of this run, makes of these two equal servers. No difference below it is called, whatever its interval."),
        Text::default().code("faster").plain(", ").code("slower").plain(", ").code("less").plain(" and ").code("more").plain(" are called only if the adjusted interval excludes 1 and the difference exceeds the floor. ").code("undecided").plain(format!(" does not mean equal: look at MDE, the difference that this run's blocks would have found four times in five. Below {LEAST_BLOCKS} pairs there is no verdict at all.")),
        Text::from("The size is a second question: does a difference matter? ").code("equivalent").plain(": the whole interval lies within the margin that was declared before the run (two one-sided tests), and so does the noise floor. ").code("larger").plain(": all of it lies beyond. ").code("unclear").plain(": neither. A difference can be certain and still too small to matter: ").code("faster").plain(" and ").code("equivalent").plain(" at once."),
        say("The rank is the range of places that a framework took in most of a thousand draws of the blocks anew, and that the comparisons with each of the others leave open: who is not told apart from another shares a place with it. Tables are sorted by the estimate: frameworks whose ranges overlap are not ordered by this run. It goes by the paired values, so the order of latencies can differ from that of the percentiles shown."),
        Text::default().code("≥").plain(format!(" marks a rate that the instrument limited in more than {bound} of its windows (")).code("client-bound").plain("): such a server may be faster, and is never called slower because of it."),
        say("A latency percentile is that of all requests of the run, and its range comes from drawing the blocks anew (bootstrap); where few blocks hold most of the slow requests there is none. Its ratio is paired: the mean over blocks of the ratio of the two blocks' percentiles. Where there is no range, it differs from the ratio of the two numbers shown."),
        Text::from("Controls (class ").code("engine").plain(" and others) show what a framework costs or what the instrument can see. They follow other rules, so they are never ranked among the frameworks."),
    ] {
        page.item(line);
    }
}

/// The primary metrics in words.
fn primary(analysis: &Analysis) -> String {
    let method = &analysis.campaign.method;
    let words: Vec<String> = Metric::ALL
        .into_iter()
        .filter(|metric| match method.primary.is_empty() {
            true => metric.is_asked_in(ModeKind::Saturation),
            false => method.primary.iter().any(|name| name == metric.name()),
        })
        .map(|metric| metric.name().replace('_', " "))
        .collect();
    text::list(&words)
}
