//! An experiment: which frameworks are asked what, how, and by which protocol.

mod file;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use catalog::Scenario;
use catalog::framework::Framework;
use record::{Class, Comparison, Design, Method, Metric, ModeDesign, ModeKind, ScenarioDesign};

use super::claims;
use super::kinds::duet::{Duet, LEAST_SPIN, Pair};
pub use super::protocol::Protocol;
use super::schedule::Schedule;

/// The variant name of the baseline's second copy.
pub const TWIN: &str = "twin";

/// An experiment, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Its name.
    pub name: String,
    /// One line for the report's head.
    pub title: String,
    /// What it is to answer.
    pub question: String,
    /// The framework that the others are compared with; it runs twice, as itself and as its twin.
    pub baseline: String,
    /// Who takes part.
    pub frameworks: LineUp,
    /// Those of them that everybody compares, where they take part.
    pub known: Vec<String>,
    /// What is asked.
    pub scenarios: Vec<Scenario>,
    /// How it is asked.
    pub modes: Vec<Mode>,
    /// The metrics whose comparisons are the primary ones.
    pub primary: BTreeSet<Metric>,
    /// How large a difference has to be to matter: a relative difference.
    pub margins: BTreeMap<Metric, f64>,
    /// How often, in its full and its quick form.
    pub full: Protocol,
    /// The smoke test's form.
    pub quick: Protocol,
    /// Which two versions are compared, where that is what it is for.
    pub comparison: Option<Comparison>,
    /// Launches of two servers at a time after everything else, if there are any.
    pub duet: Option<Duet>,
    /// Frameworks that burn this much on purpose for each request, in ns: positive controls.
    pub spin: BTreeMap<String, u64>,
    /// The digest of the ledger of claims that is there before it runs, where there is one.
    pub claims: Option<String>,
}

/// Which frameworks an experiment is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineUp {
    /// All there are.
    All,
    /// All of these classes.
    Classes(BTreeSet<Class>),
    /// These.
    Names(Vec<String>),
}

impl LineUp {
    /// The names of those who take part, out of all there are; a name that is written in the
    /// experiment is given whether there is such a framework or not.
    pub fn names(&self, all: &BTreeMap<String, Framework>) -> Vec<String> {
        match self {
            Self::All => all.keys().cloned().collect(),
            Self::Classes(classes) => (all.values())
                .filter(|framework| classes.contains(&framework.class))
                .map(|framework| framework.name.clone())
                .collect(),
            Self::Names(names) => names.clone(),
        }
    }
}

/// How load is offered.
#[derive(Debug, Clone, PartialEq)]
pub struct Mode {
    /// The mode's name.
    pub name: String,
    /// How many connections: kept busy in a closed loop, open at most in an open one.
    pub connections: u32,
    /// When requests are sent.
    pub arrival: Arrival,
}

/// When requests are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrival {
    /// When the connection has its previous answer.
    Closed,
    /// When a schedule says so, requests per second.
    Rate(f64),
    /// When a schedule says so, at this part of what the server answered in closed loops before.
    Share(f64),
}

impl Experiment {
    /// An experiment that no file declares, with one scenario in closed loop, of a framework
    /// that is compared with itself.
    pub(crate) fn of_one(
        baseline: &str,
        scenario: Scenario,
        connections: u32,
        protocol: Protocol,
    ) -> Self {
        Self {
            name: String::new(),
            title: String::new(),
            question: String::new(),
            baseline: baseline.to_owned(),
            frameworks: LineUp::Names(vec![baseline.to_owned()]),
            known: Vec::new(),
            scenarios: vec![scenario],
            modes: vec![Mode {
                name: "saturation".to_owned(),
                connections,
                arrival: Arrival::Closed,
            }],
            primary: claims::usual_primary(),
            margins: claims::usual_margins(),
            full: protocol.clone(),
            quick: protocol,
            comparison: None,
            duet: None,
            spin: BTreeMap::new(),
            claims: None,
        }
    }

    /// Why these, who are all that the experiment is about, cannot be compared; nothing where
    /// the baseline is among them.
    pub fn lacks_baseline(&self, names: &[String]) -> Option<String> {
        (!names.contains(&self.baseline)).then(|| file::not_among(&self.baseline, names))
    }

    /// The protocol of the full or the quick form.
    pub fn protocol(&self, quick: bool) -> &Protocol {
        if quick { &self.quick } else { &self.full }
    }

    /// How it is measured, for the campaign file.
    pub fn method(&self, quick: bool) -> Method {
        let plan = self.protocol(quick).plan();
        let named = |(metric, margin): (&Metric, &f64)| (metric.name().to_owned(), *margin);
        let mut method = Method {
            protocol: plan.kind(),
            comparison: self.comparison.clone(),
            duet: self.duet.as_ref().map(Duet::design),
            spin: self.spin.clone(),
            primary: self.primary.iter().map(|m| m.name().to_owned()).collect(),
            margins: self.margins.iter().map(named).collect(),
            claims: self.claims.clone(),
            known: Some(self.known.clone()),
            ..Method::default()
        };
        plan.note(&mut method);
        method
    }

    /// What a server burns on purpose for each request, in ns; nothing where none does. With
    /// a control in the experiment, the others burn as little as there is: counting costs
    /// them as much as it costs the control.
    pub fn spin_of(&self, framework: &str) -> Option<u64> {
        let least = || Some(LEAST_SPIN).filter(|_| !self.spin.is_empty());
        self.spin.get(framework).copied().or_else(least)
    }

    /// The launches of two servers at a time, in their order.
    pub fn pairs(&self, schedule: &Schedule, seed: u64) -> Vec<Pair> {
        let Some(duet) = &self.duet else {
            return Vec::new();
        };
        let new = self.comparison.as_ref().map_or("", |c| c.new.as_str());
        duet.draw(schedule, &self.baseline, new, seed)
    }

    /// What goes into the campaign file, for this number of servers and an instrument that spins
    /// for so long before it sleeps.
    pub fn design(&self, quick: bool, servers: u32, spin: Duration) -> Design {
        let protocol = self.protocol(quick);
        let amounts = protocol.plan().amounts(servers);
        Design {
            experiment: self.name.clone(),
            title: self.title.clone(),
            baseline: self.baseline.clone(),
            twin: TWIN.to_owned(),
            scenarios: self
                .scenarios
                .iter()
                .map(|s| ScenarioDesign {
                    name: s.name().to_owned(),
                    title: s.title().to_owned(),
                })
                .collect(),
            modes: self
                .modes
                .iter()
                .map(|m| ModeDesign {
                    name: m.name.clone(),
                    kind: match m.arrival {
                        Arrival::Closed => ModeKind::Saturation,
                        Arrival::Rate(_) => ModeKind::Rate,
                        Arrival::Share(_) => ModeKind::Share,
                    },
                    connections: m.connections,
                    rate: match m.arrival {
                        Arrival::Rate(rate) => Some(rate),
                        Arrival::Closed | Arrival::Share(_) => None,
                    },
                    share: match m.arrival {
                        Arrival::Share(share) => Some(share),
                        Arrival::Closed | Arrival::Rate(_) => None,
                    },
                    spin_ms: Some(spin.as_millis() as u64),
                })
                .collect(),
            launches: amounts.launches,
            blocks: amounts.blocks,
            lead_in_ms: amounts.lead_in.as_millis() as u64,
            window_ms: amounts.window.as_millis() as u64,
            starts: protocol.starts,
        }
    }
}
