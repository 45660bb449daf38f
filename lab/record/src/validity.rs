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
    /// Connections were held by requests that were not answered in the window, or were gone: the load was
    /// not what was asked for.
    Hung,
    /// The server held so much that its collector ran more seldom than those of others.
    LargeHeap,
    /// The instrument sent late.
    Late,
    /// Rate, latency and requests in flight do not fit together.
    LittlesLaw,
    /// Requests failed that could have moved this quantile, had they taken longer: the value is
    /// a lower bound.
    LowerBound,
    /// Environmental: there was no load to measure by. The instrument was not there, or what it asked was
    /// not answered for want of a CPU; nothing is known of the server.
    NotMeasured,
    /// The offered rate was not reached.
    RateMissed,
    /// Environmental: the instrument had to wait for its CPU.
    Starved,
    /// Environmental: the hypervisor withheld more than 0.5 % of the CPU time.
    Steal,
    /// Environmental: the lab's control group used up its CPU quota and was stopped for it.
    Throttled,
}

impl Flag {
    /// Every flag, in the order of their names.
    pub const ALL: [Self; 14] = [
        Self::Arrivals,
        Self::ClientBound,
        Self::Errors,
        Self::ForeignCpu,
        Self::Hung,
        Self::LargeHeap,
        Self::Late,
        Self::LittlesLaw,
        Self::LowerBound,
        Self::NotMeasured,
        Self::RateMissed,
        Self::Starved,
        Self::Steal,
        Self::Throttled,
    ];

    /// The flag's name in raw data and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::ClientBound => "client-bound",
            Self::Errors => "errors",
            Self::ForeignCpu => "foreign-cpu",
            Self::Hung => "hung",
            Self::LargeHeap => "large-heap",
            Self::Late => "late",
            Self::LittlesLaw => "littles-law",
            Self::LowerBound => "lower-bound",
            Self::NotMeasured => "not-measured",
            Self::RateMissed => "rate-missed",
            Self::Starved => "starved",
            Self::Steal => "steal",
            Self::Throttled => "throttled",
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
            Self::Hung => {
                "connections were held by requests that were not answered in the window, or were gone, so the load was not what was asked for: do not use this rate"
            }
            Self::LargeHeap => {
                "the server held more than 32 MiB beside its connections, so its collector ran more seldom than those of others: its rate and CPU time are flattered"
            }
            Self::Late => {
                "the instrument sent later than scheduled; its lateness is part of the latency from intended start"
            }
            Self::LittlesLaw => {
                "rate, latency and requests in flight contradict each other: do not use this number"
            }
            Self::NotMeasured => {
                "no load came to pass, by no fault of the server's, so these windows have no value: measure on a quieter machine"
            }
            Self::LowerBound => {
                "requests failed that are in this latency with the time until they failed: had they been answered it might be longer, so read it as a lower bound"
            }
            Self::RateMissed => {
                "the server did not keep up with the offered rate, so the latency grows with the length of the window"
            }
            Self::Starved => {
                "the instrument had to wait for its CPU, so it asked less and looked later than it should: measure on a quieter machine"
            }
            Self::Steal => {
                "the hypervisor withheld more than 0.5 % of the CPU time: measure on a host of your own"
            }
            Self::Throttled => {
                "the CPU quota of the lab's control group (container) was used up and everything in it stood still: measure without a quota"
            }
        }
    }

    /// Whether the flag speaks of the machine's surroundings and not of the outcome.
    pub fn is_environmental(self) -> bool {
        matches!(
            self,
            Self::ForeignCpu | Self::NotMeasured | Self::Starved | Self::Steal | Self::Throttled
        )
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
    fn flags_are_listed_by_name_and_each_has_its_own() {
        let names = Flag::ALL.map(Flag::name);
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        assert!(Flag::ALL.is_sorted(), "declared as they are listed");
        for flag in Flag::ALL {
            assert_eq!(
                flag.name().parse(),
                Ok([flag].into_iter().collect::<Validity>())
            );
        }
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
        let machines = [
            "foreign-cpu",
            "not-measured",
            "starved",
            "steal",
            "throttled",
        ];
        assert_eq!(names, machines);
        for of_outcome in [
            "client-bound",
            "errors",
            "hung",
            "large-heap",
            "late",
            "rate-missed",
        ] {
            assert!(!names.contains(&of_outcome));
        }
    }
}
