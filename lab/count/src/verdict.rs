//! What all starts say together.

use instructions::moved::moved;
use instructions::{Group, Packages, Profile};
use serde::{Deserialize, Serialize};
use stats::two_sample::welch;

use crate::role::{Protocol, Role};
use crate::{CountError, Measured};

/// The JSON form. Fields may be added under this name; none is renamed or removed.
pub const SCHEMA: &str = "count/1";
/// The kit's loop of known size.
pub const LOOP: &str = "bench.lab/kit.turn.abi0";
/// The level of the A/A, by which a whole run is doubted: one in a hundred for nothing.
const TWINS_LEVEL: f64 = 0.99;
/// Functions that differ by less than so many instructions a request are shown as one number.
const LEAST: f64 = 0.5;
/// At most so many functions are shown by name.
const SHOWN: usize = 40;

/// What was compared, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct What {
    /// The framework.
    pub framework: String,
    /// What was asked.
    pub scenario: String,
    /// Which version the base is.
    pub base_is: String,
    /// Which the new one is.
    pub new_is: String,
    /// What counted: the emulator's name and version.
    pub counter: String,
    /// The seed of all orders.
    pub seed: u64,
    /// The two are the same machine code and data.
    pub same_code: bool,
}

/// The answer of a comparison by counted instructions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// [`SCHEMA`].
    pub schema: String,
    /// What was compared.
    #[serde(flatten)]
    pub what: What,
    /// How.
    pub protocol: Protocol,
    /// New against base, collector off.
    pub code: Compared,
    /// What that means: is there a difference, and which way.
    pub direction: Direction,
    /// The base against itself.
    pub twins: Option<Compared>,
    /// The known extra work.
    pub control: Option<Control>,
    /// New against base, collector on.
    pub collecting: Option<Compared>,
    /// Instructions a request of the runtime's monitor, which are in none of the above.
    pub monitor: Option<Pair>,
    /// By part of the server.
    pub groups: Vec<Part>,
    /// By function.
    pub functions: Option<Functions>,
    /// Every start.
    pub starts: Vec<Measured>,
}

/// Two versions in instructions a request.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Geometric means over starts.
    pub base: f64,
    /// As `base`.
    pub new: f64,
    /// New over base.
    pub ratio: f64,
    /// The interval of the ratio, by Welch's t on logs over starts.
    pub low: f64,
    /// As `low`.
    pub high: f64,
    /// Its confidence level.
    pub level: f64,
    /// Starts of the base.
    pub base_starts: usize,
    /// Starts of the new version.
    pub new_starts: usize,
}

/// Whether two versions were told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The new version needs more.
    More,
    /// It needs fewer.
    Fewer,
    /// They were not told apart.
    None,
}

/// Whether a difference of known size was found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// Instructions a request that were added.
    pub known: u64,
    /// The ratio that they make.
    pub truth: f64,
    /// What was measured.
    #[serde(flatten)]
    pub compared: Compared,
    /// Whether the two were told apart, the right way.
    pub found: bool,
    /// Whether the truth is in the interval.
    pub holds: bool,
    /// How many instructions the loop itself was counted to have more, where there are symbols.
    pub counted: Option<f64>,
}

/// A number of both versions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Of the base.
    pub base: f64,
    /// Of the new version.
    pub new: f64,
}

/// A part of a server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub part: String,
    /// Instructions a request.
    #[serde(flatten)]
    pub pair: Pair,
}

/// The functions that moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Functions {
    /// Largest change first.
    pub moved: Vec<Function>,
    /// The sum of the changes of all others.
    pub rest: f64,
    /// How many these are.
    pub others: usize,
    /// All changes together: the difference of the arithmetic means.
    pub total: f64,
}

/// A function that moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Its symbol.
    pub function: String,
    /// Which part of the server it belongs to.
    pub part: String,
    /// Instructions a request.
    #[serde(flatten)]
    pub pair: Pair,
}

impl Compared {
    /// Compares two sets of starts.
    ///
    /// # Errors
    /// [`CountError::Interval`] below two starts a side.
    pub fn of(base: &[f64], new: &[f64], level: f64) -> Result<Self, CountError> {
        let ratio = welch(new, base, level)?;
        let mean = |all: &[f64]| {
            let logs: f64 = all.iter().map(|x| x.ln()).sum();
            (logs / all.len() as f64).exp()
        };
        Ok(Self {
            base: mean(base),
            new: mean(new),
            ratio: ratio.point,
            low: ratio.interval.low,
            high: ratio.interval.high,
            level,
            base_starts: base.len(),
            new_starts: new.len(),
        })
    }

    /// Whether the two are told apart, and which way.
    pub fn direction(&self) -> Direction {
        if self.low > 1.0 {
            Direction::More
        } else if self.high < 1.0 {
            Direction::Fewer
        } else {
            Direction::None
        }
    }

    /// Whether a ratio is in the interval.
    pub fn holds(&self, truth: f64) -> bool {
        (self.low..=self.high).contains(&truth)
    }
}

impl Verdict {
    /// The verdict of a whole comparison.
    ///
    /// # Errors
    /// [`CountError::Interval`].
    pub fn of(
        what: What,
        protocol: Protocol,
        starts: Vec<Measured>,
        packages: &Packages,
    ) -> Result<Self, CountError> {
        let numbers = |role| -> Vec<f64> {
            let these = starts.iter().filter(|m| m.role == role);
            these.map(|m| m.instructions).collect()
        };
        let level = protocol.level;
        let base = numbers(Role::Base);
        let code = Compared::of(&base, &numbers(Role::New), level)?;
        let halves =
            |odd: usize| -> Vec<f64> { base.iter().skip(odd).step_by(2).copied().collect() };
        let twins = match base.len() {
            0..4 => None,
            _ => Some(Compared::of(&halves(0), &halves(1), TWINS_LEVEL)?),
        };
        let (reference, control) = (numbers(Role::Reference), numbers(Role::Control));
        let control = match (&reference[..], &control[..]) {
            ([], _) | (_, []) => None,
            _ => {
                let compared = Compared::of(&reference, &control, level)?;
                let counted = profile(&starts, Role::Control)
                    .zip(profile(&starts, Role::Reference))
                    .map(|(more, less)| more.of_function(LOOP) - less.of_function(LOOP));
                Some(Control::of(protocol.known, compared, counted))
            }
        };
        let collecting = (numbers(Role::BaseCollecting), numbers(Role::NewCollecting));
        let collecting = match (&collecting.0[..], &collecting.1[..]) {
            ([], _) | (_, []) => None,
            (base, new) => Some(Compared::of(base, new, level)?),
        };
        let monitor = |role| {
            let these: Option<Vec<f64>> = (starts.iter())
                .filter(|m| m.role == role)
                .map(|m| m.monitor)
                .collect();
            these.map(|all| all.iter().sum::<f64>() / all.len() as f64)
        };
        let monitor = monitor(Role::Base).zip(monitor(Role::New));
        let profiles = profile(&starts, Role::Base).zip(profile(&starts, Role::New));
        Ok(Self {
            schema: SCHEMA.to_owned(),
            what,
            direction: code.direction(),
            code,
            twins,
            control,
            collecting,
            monitor: monitor.map(|(base, new)| Pair { base, new }),
            groups: (profiles.as_ref())
                .map_or_else(Vec::new, |(base, new)| parts(base, new, packages)),
            functions: profiles.map(|(base, new)| functions(&base, &new, packages)),
            protocol,
            starts,
        })
    }

    /// Why the verdict is not to be used, if it is not: a whole sentence each.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if let Some(twins) = self.twins
            && twins.direction() != Direction::None
        {
            doubts.push(format!(
                "two halves of the base's own starts were told apart ({:.4} to {:.4}), which happens in one of {:.0} runs",
                twins.low,
                twins.high,
                1.0 / (1.0 - twins.level)
            ));
        }
        if self.what.same_code && self.direction != Direction::None {
            doubts.push("two files of the same machine code were told apart".to_owned());
        }
        match &self.control {
            Some(control) if !control.found => doubts.push(format!(
                "{} instructions more were not found: a change of that size would not be found either",
                control.known
            )),
            Some(Control {
                known,
                counted: Some(counted),
                ..
            }) if (counted - *known as f64).abs() > 1e-6 => doubts.push(format!(
                "the control's loop of {known} instructions was counted as {counted:.1}"
            )),
            _ => {}
        }
        doubts
    }
}

impl Control {
    /// `known` instructions more than the reference has.
    pub fn of(known: u64, compared: Compared, counted: Option<f64>) -> Self {
        let truth = 1.0 + known as f64 / compared.base;
        Self {
            known,
            truth,
            compared,
            found: compared.direction() == Direction::More,
            holds: compared.holds(truth),
            counted,
        }
    }
}

/// The mean profile of a role's starts; nothing where one has none.
pub fn profile(starts: &[Measured], role: Role) -> Option<Profile> {
    let these = starts.iter().filter(|m| m.role == role);
    let these: Option<Vec<&Profile>> = these.map(|m| m.profile.as_ref()).collect();
    these.filter(|all| !all.is_empty()).map(Profile::mean)
}

fn parts(base: &Profile, new: &Profile, packages: &Packages) -> Vec<Part> {
    let (base, new) = (
        packages.sums(&base.functions),
        packages.sums(&new.functions),
    );
    let of = |group: Group| Part {
        part: group.name().to_owned(),
        pair: Pair {
            base: base.get(&group).copied().unwrap_or(0.0),
            new: new.get(&group).copied().unwrap_or(0.0),
        },
    };
    let there = |group: &Group| base.contains_key(group) || new.contains_key(group);
    Group::ALL.into_iter().filter(there).map(of).collect()
}

fn functions(base: &Profile, new: &Profile, packages: &Packages) -> Functions {
    let moved = moved(base, new, LEAST, SHOWN);
    let row = |row: instructions::Row| Function {
        part: packages.group(&row.function).name().to_owned(),
        pair: Pair {
            base: row.base,
            new: row.new,
        },
        function: row.function,
    };
    Functions {
        rest: moved.rest,
        others: moved.others,
        total: moved.total,
        moved: moved.rows.into_iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(role: Role, instructions: f64) -> Measured {
        Measured {
            role,
            round: 1,
            requests: 4_000,
            instructions,
            monitor: Some(10.0),
            dry: 0,
            seconds: 1.0,
            profile: Some(Profile {
                functions: [("bench.lab/app.f".to_owned(), instructions)].into(),
                ..Profile::default()
            }),
        }
    }

    fn what() -> What {
        What {
            framework: "gin".to_owned(),
            scenario: "json".to_owned(),
            base_is: "revision abc".to_owned(),
            new_is: "the working tree".to_owned(),
            counter: "qemu-x86_64 version 7.2.22".to_owned(),
            seed: 1,
            same_code: false,
        }
    }

    fn verdict(base: [f64; 4], new: [f64; 4], control: [f64; 4]) -> Verdict {
        let of = |role, numbers: [f64; 4]| numbers.map(|n| start(role, n));
        let starts = [
            of(Role::Base, base),
            of(Role::New, new),
            of(Role::Reference, base),
            of(Role::Control, control),
        ];
        let starts = starts.concat();
        Verdict::of(what(), Protocol::default(), starts, &Packages::default()).unwrap()
    }

    const BASE: [f64; 4] = [34_100.0, 34_110.0, 34_095.0, 34_105.0];

    #[test]
    fn a_difference_is_told_with_its_direction_and_the_functions_make_it_up() {
        let more = BASE.map(|n| n + 100.0);
        let control = BASE.map(|n| n + 200.0);
        let found = verdict(BASE, more, control);
        assert_eq!(found.direction, Direction::More);
        assert!(found.code.holds(1.0 + 100.0 / 34_102.5), "{:?}", found.code);
        let functions = found.functions.clone().unwrap();
        assert_eq!(functions.moved[0].part, "handlers");
        assert!((functions.total - 100.0).abs() < 1e-6, "{functions:?}");
        assert_eq!(verdict(more, BASE, control).direction, Direction::Fewer);
        assert_eq!(verdict(BASE, BASE, control).direction, Direction::None);
    }

    #[test]
    fn a_control_that_is_not_found_and_a_base_that_is_not_itself_are_doubts() {
        let right = verdict(BASE, BASE, BASE.map(|n| n + 200.0));
        let control = right.control.unwrap();
        assert!(control.found && control.holds, "{control:?}");
        assert_eq!(right.doubts().len(), 1, "the loop is in no profile here");
        assert!(right.doubts()[0].contains("was counted as"));
        let missing = verdict(BASE, BASE, BASE);
        assert!(
            missing.doubts()[0].contains("not found"),
            "{:?}",
            missing.doubts()
        );
        let apart = [34_100.0, 35_100.0, 34_105.0, 35_095.0];
        let found = verdict(apart, BASE, apart.map(|n| n + 5_000.0));
        assert!(
            found.doubts()[0].contains("told apart"),
            "{:?}",
            found.doubts()
        );
    }

    #[test]
    fn less_than_two_starts_a_side_have_no_interval() {
        let starts = vec![start(Role::Base, 1.0), start(Role::New, 1.0)];
        let none = Verdict::of(what(), Protocol::default(), starts, &Packages::default());
        assert!(matches!(none, Err(CountError::Interval(_))));
    }
}
