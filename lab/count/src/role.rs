//! Which starts a comparison has, and in which order.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// What a start is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The base, collector off. Every second one of them is its twin in the A/A.
    Base,
    /// The new version, collector off.
    New,
    /// The new version with the control's loop, which goes round once.
    Reference,
    /// The new version with a loop of known size.
    Control,
    /// The base with its collector.
    BaseCollecting,
    /// The new version with its collector.
    NewCollecting,
}

/// How a comparison is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    /// Connections that are open.
    pub connections: usize,
    /// How many of them are not asked at any time.
    pub resting: usize,
    /// Requests before the batch.
    pub warm_up: u64,
    /// Requests of the batch.
    pub requests: u64,
    /// Requests of the batch where the collector is on: it has to hold several whole collections.
    pub collecting: u64,
    /// How often each round is made.
    pub rounds: u32,
    /// What a round is made of.
    pub round: Vec<Role>,
    /// The confidence level of intervals.
    pub level: f64,
    /// At most one request in so many may find the server without work.
    pub dry_share: u64,
    /// How many instructions more the control's loop has than the reference's.
    pub known: u64,
}

/// The instructions of one turn of the kit's loop: `DECQ` and `JNE` (frameworks/kit/turn_amd64.s).
pub const A_TURN: u64 = 2;

impl Default for Protocol {
    /// What `lab count` takes a minute for on a machine that others use; METHODOLOGY.md has the
    /// figures behind it.
    fn default() -> Self {
        use Role::*;
        Self {
            connections: 64,
            resting: 32,
            // A Go type assertion that misses its cache fills it at one miss in 1,024, drawn at random: with
            // fewer requests before it the batch would have some starts with the cache and some without.
            warm_up: 6_000,
            requests: 4_000,
            collecting: 8_000,
            rounds: 4,
            round: vec![
                Base,
                Base,
                New,
                New,
                Reference,
                Control,
                BaseCollecting,
                NewCollecting,
            ],
            level: 0.95,
            dry_share: 100,
            known: 200,
        }
    }
}

impl Protocol {
    /// As often as this; at least twice, or there is no interval.
    #[must_use]
    pub fn rounds(self, rounds: u32) -> Self {
        Self { rounds, ..self }
    }

    /// Without the starts of these roles.
    #[must_use]
    pub fn without(mut self, roles: &[Role]) -> Self {
        self.round.retain(|role| !roles.contains(role));
        self
    }

    /// All starts in their order: rounds one after the other, each in an order drawn from `seed`.
    pub fn starts(&self, seed: u64) -> Vec<Start> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut all = Vec::new();
        for round in 1..=self.rounds {
            let mut these = self.round.clone();
            these.shuffle(&mut rng);
            all.extend(these.into_iter().map(|role| Start { role, round }));
        }
        all
    }

    /// The variables that a server of this role is started with, beside `LISTEN`.
    pub fn env(&self, role: Role) -> Vec<(&'static str, String)> {
        let mut env = vec![("GOMAXPROCS", "1".to_owned())];
        if !role.collects() {
            env.push(("GOGC", "off".to_owned()));
        }
        match role {
            Role::Reference => env.push(("SPIN_TURNS", "1".to_owned())),
            Role::Control => env.push(("SPIN_TURNS", (1 + self.known / A_TURN).to_string())),
            _ => {}
        }
        env
    }

    /// How many requests the batch of a role has.
    pub fn batch(&self, role: Role) -> u64 {
        if role.collects() {
            self.collecting
        } else {
            self.requests
        }
    }
}

impl Role {
    /// Whether its collector is on.
    pub fn collects(self) -> bool {
        matches!(self, Self::BaseCollecting | Self::NewCollecting)
    }

    /// Whether it is the base.
    pub fn is_base(self) -> bool {
        matches!(self, Self::Base | Self::BaseCollecting)
    }

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::New => "new",
            Self::Reference => "reference",
            Self::Control => "control",
            Self::BaseCollecting => "base-collecting",
            Self::NewCollecting => "new-collecting",
        }
    }
}

/// One start to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// What for.
    pub role: Role,
    /// In which round, from 1.
    pub round: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_has_every_role_in_an_order_of_its_own() {
        let protocol = Protocol::default().rounds(6);
        let starts = protocol.starts(1);
        assert_eq!(starts, protocol.starts(1));
        assert_ne!(starts, protocol.starts(2));
        let of = |round| -> Vec<Role> {
            let these = starts.iter().filter(|s| s.round == round);
            these.map(|s| s.role).collect()
        };
        let mut orders: Vec<_> = (1..=6).map(of).collect();
        for order in &orders {
            let mut sorted = order.clone();
            sorted.sort();
            let mut wanted = protocol.round.clone();
            wanted.sort();
            assert_eq!(sorted, wanted);
        }
        orders.dedup();
        assert!(orders.len() > 1);
    }

    #[test]
    fn a_turn_of_the_kits_loop_is_two_instructions() {
        let source = include_str!("../../../frameworks/kit/turn_amd64.s");
        let body = source.split("again:").nth(1).expect("the loop has a label");
        let (turn, _) = body.split_once("RET").expect("the function ends");
        let instructions = turn.lines().filter(|line| !line.trim().is_empty());
        assert_eq!(instructions.count() as u64, A_TURN);
    }

    #[test]
    fn the_control_differs_from_its_reference_by_the_known_number_and_by_nothing_else() {
        let protocol = Protocol::default();
        let turns = |role| {
            let env = protocol.env(role);
            let mut found = env.iter().filter(|(name, _)| *name == "SPIN_TURNS");
            found.next().map(|(_, n)| n.parse::<u64>().unwrap())
        };
        let (reference, control) = (turns(Role::Reference), turns(Role::Control));
        assert_eq!(
            (control.unwrap() - reference.unwrap()) * A_TURN,
            protocol.known
        );
        assert_eq!(turns(Role::Base), None);
        let gogc = |role| protocol.env(role).iter().any(|(name, _)| *name == "GOGC");
        assert!(gogc(Role::Base) && gogc(Role::Control) && !gogc(Role::NewCollecting));
    }
}
