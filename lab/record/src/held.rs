//! The long table held to its campaign file: each line is one that this campaign can have
//! written, and what was planned is counted.

mod cast;
mod count;
mod group;
mod logs;

use std::collections::HashMap;
use std::collections::HashSet;

use crate::completeness::Finding;
use crate::error::RecordError;
use crate::observation::Observation;
use crate::planned::Known;
use crate::reader::Campaign;
use crate::rows;
use crate::scan::{self, BadField, Line, Row};

use cast::Cast;
pub use cast::Series;
use group::Groups;
use logs::Logs;

/// What is known of a table once it was read.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// What is not as it was planned, the largest first; none for a whole campaign.
    pub findings: Vec<Finding>,
    /// Bytes behind the last whole group that were ignored.
    pub ignored: u64,
}

impl Campaign {
    /// Hands every row of the table on, up to the end of the last whole group, with the series
    /// that it is of and that series' index: they are counted as they first appear. Then counts
    /// what is there of what was planned, and holds the interval logs to what the table says of
    /// them.
    ///
    /// # Errors
    /// [`RecordError`] when a file cannot be read, or cannot be what the lab wrote for this
    /// campaign; with the line where it is one of a table.
    pub fn read(
        &self,
        mut each: impl FnMut(usize, &Series, &Row<'_>) -> Result<(), BadField>,
    ) -> Result<Held, RecordError> {
        let mut ledger = Ledger::new(self);
        let ignored = scan::lines(&self.dir.observations(), |line| match line {
            Line::Row(row) => {
                let of = ledger.row(&row)?;
                each(of, &ledger.series[of].series, &row)
            }
            Line::End(name) => ledger.groups.end(name),
            Line::Log { name, bytes } => ledger.logs.length(&ledger.cast, name, bytes),
            Line::LogSum { name, sum } => ledger.logs.sum(name, sum),
        })?;
        let mut findings = count::whole(self, &ledger, ignored);
        findings.extend(ledger.logs.verify(self, findings.is_empty())?);
        findings.extend(count::parts(self, &ledger));
        Ok(Held { findings, ignored })
    }

    /// All rows of the table in the order of writing, as [`Self::read`] reads them.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn rows(&self) -> Result<(Vec<Observation>, Held), RecordError> {
        let mut all = Vec::new();
        let held = self.read(|_, _, row| {
            all.push(rows::observation(row)?);
            Ok(())
        })?;
        Ok((all, held))
    }
}

/// All that is remembered of the lines so far.
struct Ledger<'a> {
    campaign: &'a str,
    known: Known,
    cast: Cast<'a>,
    /// The most intervals of a soak's window.
    intervals: Option<u32>,
    /// Series by the text that names them in the table.
    texts: HashMap<String, usize>,
    series: Vec<Tally>,
    /// Where a campaign was collected, series, launch and block of all rows: older ones hold
    /// many blocks in a group.
    seen: Option<HashSet<(usize, u32, u32)>>,
    groups: Groups,
    logs: Logs,
}

/// The rows of one series so far.
struct Tally {
    series: Series,
    /// Launch, block and window of the last one.
    last: Option<(u32, u32, u32)>,
    /// Launches and blocks.
    blocks: u32,
    windows: u64,
}

impl<'a> Ledger<'a> {
    fn new(campaign: &'a Campaign) -> Self {
        let file = &campaign.file;
        let collected = !file.course.collected.is_empty();
        Self {
            campaign: &file.id,
            known: Known::of(file),
            cast: Cast::new(file),
            intervals: file.method.protocol.rows().intervals(file),
            texts: HashMap::new(),
            series: Vec::new(),
            seen: collected.then(HashSet::new),
            groups: Groups::new(collected, &file.course.repeats),
            logs: Logs::default(),
        }
    }

    /// Checks a row, and says of which series it is.
    fn row(&mut self, row: &Row<'_>) -> Result<usize, BadField> {
        if row.campaign != self.campaign && scan::unquoted(row.campaign) != self.campaign {
            return Err(BadField {
                column: "campaign",
                problem: format!(
                    "the row is of campaign `{}` and the folder of `{}`",
                    row.campaign.escape_debug(),
                    self.campaign
                ),
            });
        }
        if row.value < 0.0 {
            return Err(BadField {
                column: "value",
                problem: format!("`{}` is negative, which no metric can be", row.value),
            });
        }
        let of = match self.texts.get(row.subject) {
            Some(of) => *of,
            None => self.enter(row.subject)?,
        };
        let Tally {
            series,
            last,
            blocks,
            windows,
        } = &mut self.series[of];
        self.groups.row(series, row)?;
        let mut window = row.window;
        if let Some(intervals) = self.intervals {
            if window > intervals.saturating_add(1) {
                return Err(BadField {
                    column: "window",
                    problem: format!("`{window}` is no interval of a window that has {intervals}"),
                });
            }
            // What is known of the whole window is written behind its intervals.
            if window == 0 {
                window = u32::MAX;
            }
        }
        let place = (row.launch, row.block, window);
        // Each repetition says the size of what it measured.
        let again = self.seen.is_some() && series.is_size();
        match *last {
            _ if again => {}
            Some((launch, block, before)) if (launch, block) == (row.launch, row.block) => {
                if window <= before {
                    return Err(twice(series, row));
                }
            }
            _ => {
                *blocks += 1;
                if let Some(seen) = &mut self.seen
                    && !seen.insert((of, row.launch, row.block))
                {
                    return Err(twice(series, row));
                }
            }
        }
        *blocks += u32::from(again && last.is_none());
        *last = Some(place);
        *windows += 1;
        Ok(of)
    }

    /// Knows a series from here on.
    fn enter(&mut self, text: &str) -> Result<usize, BadField> {
        let series = self.cast.series(scan::subject(text))?;
        let of = self.series.len();
        self.series.push(Tally {
            series,
            last: None,
            blocks: 0,
            windows: 0,
        });
        self.texts.insert(text.to_owned(), of);
        Ok(of)
    }
}

fn twice(series: &Series, row: &Row<'_>) -> BadField {
    BadField {
        column: "window",
        problem: format!(
            "{series} has a row before this one that is of window {} of block {} in launch {} or of a later one, so rows are doubled or out of their order",
            row.window, row.block, row.launch
        ),
    }
}
