//! How often and how long an experiment measures, and in which layout.

use std::time::Duration;

use place::Problem;
use serde::Deserialize;

use crate::kinds::keys::WireProtocol;
use crate::kinds::{Crossed, Kind, Plan};

/// How often and how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// How windows are laid out in time: the kind of experiment, with its own keys.
    pub kind: Kind,
    /// Cold starts for each framework, before everything else.
    pub starts: u32,
}

impl Protocol {
    /// A protocol without cold starts.
    pub fn of(kind: impl Into<Kind>) -> Self {
        Self {
            kind: kind.into(),
            starts: 0,
        }
    }

    /// Servers that take turns, measured a few times in short windows.
    pub(crate) fn crossed(launches: u32, blocks: u32, lead_in_ms: u64, window_ms: u64) -> Self {
        Self::of(Crossed {
            launches,
            blocks,
            lead_in: Duration::from_millis(lead_in_ms),
            window: Duration::from_millis(window_ms),
            precision: Default::default(),
        })
    }

    /// What its kind plans.
    pub fn plan(&self) -> &dyn Plan {
        self.kind.plan()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireStartup {
    starts: u32,
}

/// Checks a protocol; an error names its place beside `startup` and `protocol`.
pub(super) fn checked(wire: &WireProtocol, startup: &WireStartup) -> Result<Protocol, Problem> {
    let kind = wire.checked()?;
    if startup.starts > 10_000 {
        let what = format!("starts is {}, allowed are 0 to 10000", startup.starts);
        return Err(Problem::at("starts", what).within(["startup".into()]));
    }
    Ok(Protocol {
        kind,
        starts: startup.starts,
    })
}
