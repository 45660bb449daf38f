//! What stands beside a number: the reasons to doubt it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// One reason to doubt an observation.
///
/// The *environmental* ones say that the machine was disturbed and never look at the
/// outcome; the others are results in their own right and are reported with the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// Requests arrived in bursts where the schedule had none.
    Arrivals,
    /// The instrument worked for more than 80 % of its CPU's time, spinning not counted: the server may
    /// be faster than this.
    ClientBound,
    /// Some answers were missing or wrong.
    Errors,
    /// Environmental: other processes used more than 5 % of a core.
    ForeignCpu,
    /// The instrument sent late.
    Late,
    /// Rate, latency and requests in flight do not fit together.
    LittlesLaw,
    /// The offered rate was not reached.
    RateMissed,
    /// Environmental: the hypervisor withheld more than 0.5 % of the CPU time.
    Steal,
}

impl Flag {
    /// Every flag, in the order of their names.
    pub const ALL: [Self; 8] = [
        Self::Arrivals,
        Self::ClientBound,
        Self::Errors,
        Self::ForeignCpu,
        Self::Late,
        Self::LittlesLaw,
        Self::RateMissed,
        Self::Steal,
    ];

    /// The flag's name in raw data and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::ClientBound => "client-bound",
            Self::Errors => "errors",
            Self::ForeignCpu => "foreign-cpu",
            Self::Late => "late",
            Self::LittlesLaw => "littles-law",
            Self::RateMissed => "rate-missed",
            Self::Steal => "steal",
        }
    }

    /// What the flag means and what a reader can do about it, in one sentence.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Arrivals => {
                "requests left the instrument in bursts that the schedule did not have: read the latency as an upper bound"
            }
            Self::ClientBound => {
                "the instrument worked for more than 80 % of its CPU's time, spinning not counted, so the server may be faster: read the rate as a lower bound"
            }
            Self::Errors => {
                "some answers were missing or wrong; they are not counted as throughput: look at the server's stderr"
            }
            Self::ForeignCpu => {
                "other processes used more than 5 % of a core during the window: measure on a quieter machine"
            }
            Self::Late => {
                "the instrument sent later than scheduled; its lateness is part of the latency from intended start"
            }
            Self::LittlesLaw => {
                "rate, latency and requests in flight contradict each other: do not use this number"
            }
            Self::RateMissed => {
                "the server did not keep up with the offered rate, so the latency grows with the length of the window"
            }
            Self::Steal => {
                "the hypervisor withheld more than 0.5 % of the CPU time: measure on a host of your own"
            }
        }
    }

    /// Whether the flag speaks of the machine's surroundings and not of the outcome.
    pub fn is_environmental(self) -> bool {
        matches!(self, Self::ForeignCpu | Self::Steal)
    }
}

/// The set of reasons to doubt one observation; empty is `ok`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validity(BTreeSet<Flag>);

impl Validity {
    /// Nothing to object.
    pub fn ok() -> Self {
        Self::default()
    }

    /// Adds a reason.
    pub fn flag(&mut self, flag: Flag) {
        self.0.insert(flag);
    }

    /// Whether there is no reason to doubt.
    pub fn is_ok(&self) -> bool {
        self.0.is_empty()
    }

    /// The reasons in the order of their names.
    pub fn flags(&self) -> impl Iterator<Item = Flag> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Flag> for Validity {
    fn from_iter<I: IntoIterator<Item = Flag>>(flags: I) -> Self {
        Self(flags.into_iter().collect())
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ok() {
            return f.write_str("ok");
        }
        for (i, flag) in self.flags().enumerate() {
            if i > 0 {
                f.write_str("+")?;
            }
            f.write_str(flag.name())?;
        }
        Ok(())
    }
}

impl FromStr for Validity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "ok" {
            return Ok(Self::ok());
        }
        text.split('+')
            .map(|name| {
                Flag::ALL
                    .into_iter()
                    .find(|flag| flag.name() == name)
                    .ok_or_else(|| {
                        let known = Flag::ALL.map(Flag::name).join(", ");
                        format!("unknown validity flag `{name}`; known are ok, {known}")
                    })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validity_survives_a_round_trip() {
        let v: Validity = [Flag::Late, Flag::ClientBound].into_iter().collect();
        assert_eq!(v.to_string(), "client-bound+late");
        assert_eq!("client-bound+late".parse::<Validity>().unwrap(), v);
        assert!("ok".parse::<Validity>().unwrap().is_ok());
    }

    #[test]
    fn an_unknown_flag_is_named() {
        let err = "ok+nonsense".parse::<Validity>().unwrap_err();
        assert!(err.contains("`ok`"), "{err}");
    }

    #[test]
    fn flags_keep_their_names_and_only_the_machines_are_environmental() {
        let named = Flag::ALL.map(|flag| (flag.name(), flag.is_environmental()));
        for (flag, (name, _)) in Flag::ALL.into_iter().zip(named) {
            let read: Validity = name.parse().unwrap();
            assert_eq!(read.flags().collect::<Vec<_>>(), [flag]);
        }
        let environmental = named.into_iter().filter(|(_, machines)| *machines);
        let names: Vec<_> = environmental.map(|(name, _)| name).collect();
        assert!(
            names.starts_with(&["foreign-cpu"]) && names.contains(&"steal"),
            "{names:?}"
        );
        for of_outcome in ["client-bound", "errors", "late", "rate-missed"] {
            assert!(!names.contains(&of_outcome));
        }
    }
}
