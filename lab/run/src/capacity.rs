//! What each server can answer, as far as its campaign has seen it: what a mode of kind `share` offers
//! a part of.
//!
//! It is read from the raw data, so a campaign that was broken off goes on with what it knew.

use std::borrow::Cow;
use std::collections::BTreeMap;

use plan::experiment::{Arrival, Mode};
use plan::{Block, Subject};
use record::{Campaign, Metric, ModeDesign, ModeKind, Observation, RecordError};

use super::session::Session;

/// Answers per second in closed loops, of those who were seen in one.
pub(super) struct Capacities(BTreeMap<Subject, f64>);

impl Capacities {
    /// What is known before a block; nothing is looked for where the block needs none.
    ///
    /// # Errors
    /// [`RecordError`] when the raw data cannot be read.
    pub(super) fn before(block: &Block, session: &Session<'_>) -> Result<Self, RecordError> {
        if !matches!(block.mode.arrival, Arrival::Share(_)) {
            return Ok(Self(BTreeMap::new()));
        }
        let table = Campaign::open(session.writer.dir().path())?.table()?;
        let rows = table.rows().map_err(|problem| RecordError::Malformed {
            what: "table of observations",
            path: session.writer.dir().observations(),
            problem,
        })?;
        let modes = &session.writer.file().design.modes;
        Ok(Self::of(modes, &rows, block.scenario.name()))
    }

    /// The median over all windows in closed loops of a scenario: one that was disturbed moves it little.
    fn of(modes: &[ModeDesign], rows: &[Observation], scenario: &str) -> Self {
        let is_closed = |name: &str| {
            let mut modes = modes.iter();
            modes.any(|mode| mode.kind == ModeKind::Saturation && mode.name == name)
        };
        let mut seen: BTreeMap<Subject, Vec<f64>> = BTreeMap::new();
        for row in rows {
            let cell = &row.cell;
            let is_rate = row.metric == Metric::Throughput && row.value > 0.0;
            if is_rate && cell.scenario == scenario && is_closed(&cell.mode) {
                let subject = Subject {
                    framework: cell.framework.clone(),
                    variant: cell.variant.clone(),
                };
                seen.entry(subject).or_default().push(row.value);
            }
        }
        let medians = seen
            .into_iter()
            .filter_map(|(subject, values)| Some((subject, stats::summary::median(&values)?)));
        Self(medians.collect())
    }

    /// The block as it is for one server: a share becomes a rate. Nothing where no closed loop
    /// has shown what a share is to be taken of.
    pub(super) fn asked<'a>(&self, block: &'a Block, subject: &Subject) -> Option<Cow<'a, Block>> {
        let Arrival::Share(share) = block.mode.arrival else {
            return Some(Cow::Borrowed(block));
        };
        let rate = share * self.0.get(subject)?;
        Some(Cow::Owned(Block {
            mode: Mode {
                arrival: Arrival::Rate(rate),
                ..block.mode.clone()
            },
            ..block.clone()
        }))
    }
}

#[cfg(test)]
mod tests {
    use catalog::Scenario;
    use plan::Times;
    use record::{Cell, Validity};

    use super::*;

    fn mode(name: &str, kind: ModeKind, share: Option<f64>) -> ModeDesign {
        ModeDesign {
            name: name.to_owned(),
            kind,
            connections: 8,
            rate: None,
            share,
            spin_ms: None,
        }
    }

    fn row(
        variant: &str,
        (scenario, mode): (&str, &str),
        metric: Metric,
        value: f64,
    ) -> Observation {
        Observation {
            cell: Cell {
                launch: 1,
                block: 1,
                window: 1,
                framework: "gin".to_owned(),
                variant: variant.to_owned(),
                scenario: scenario.to_owned(),
                mode: mode.to_owned(),
            },
            metric,
            value,
            validity: Validity::ok(),
        }
    }

    fn block(arrival: Arrival) -> Block {
        Block {
            number: 7,
            scenario: Scenario::Json,
            mode: Mode {
                name: "some".to_owned(),
                connections: 8,
                arrival,
            },
            order: Vec::new(),
            in_a_row: false,
            times: Times::default(),
        }
    }

    #[test]
    fn a_share_is_of_the_median_of_the_servers_own_closed_loops_in_the_scenario() {
        let modes = [
            mode("saturation", ModeKind::Saturation, None),
            mode("half", ModeKind::Share, Some(0.5)),
        ];
        let (json, closed) = (("json", "saturation"), Metric::Throughput);
        let rows = [
            row("", json, closed, 90_000.0),
            row("", json, closed, 100_000.0),
            row("", json, closed, 400_000.0),
            // None of these is what this server answered to this in a closed loop.
            row("", json, closed, f64::NAN),
            row("", json, Metric::CpuPerRequest, 9.0),
            row("", ("plaintext", "saturation"), closed, 1e9),
            row("", ("json", "half"), closed, 1e9),
            row("twin", json, closed, 80_000.0),
        ];
        let capacities = Capacities::of(&modes, &rows, "json");
        let half = block(Arrival::Share(0.5));
        let asked = |variant: &str| {
            let subject = Subject {
                framework: "gin".to_owned(),
                variant: variant.to_owned(),
            };
            let block = capacities.asked(&half, &subject)?;
            assert_eq!((block.number, block.mode.name.as_str()), (7, "some"));
            Some(block.mode.arrival)
        };
        assert_eq!(asked(""), Some(Arrival::Rate(50_000.0)));
        assert_eq!(asked("twin"), Some(Arrival::Rate(40_000.0)));
        assert_eq!(asked("@other"), None);
    }

    #[test]
    fn what_is_no_share_is_asked_as_it_was_drawn() {
        let nothing = Capacities(BTreeMap::new());
        for arrival in [Arrival::Closed, Arrival::Rate(4_000.0)] {
            let block = block(arrival);
            let asked = nothing.asked(&block, &Subject::plain("gin"));
            assert_eq!(asked.as_deref(), Some(&block));
        }
    }
}
