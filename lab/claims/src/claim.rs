//! A claim: a published sentence, which numbers would show it, and what these have to be.

use record::Metric;

use crate::expect::Expected;

/// The claims of one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// The file's name without its ending: what `--article` takes.
    pub name: String,
    /// What tables call it.
    pub title: String,
    /// Where it was published, and what it is.
    pub source: String,
    /// Its claims, in the order of the file.
    pub claims: Vec<Claim>,
}

/// One published sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its name, unlike that of any other claim of the ledger.
    pub id: String,
    /// The chapter of the text, or where in it.
    pub chapter: String,
    /// What is said, in the ledger's own words.
    pub says: String,
    /// How it is put to the test.
    pub how: How,
}

/// How a claim is put to the test.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    /// By numbers: it holds if all of these do, and not if one of them does not.
    Tested(Vec<Test>),
    /// It could be tested here, by something that is not there yet: what that is.
    Needs(String),
    /// It cannot be tested here: why not.
    Cannot(String),
    /// It is about the text itself, which is read and not measured, and so is never decided: what
    /// stands there.
    Textual(String),
}

/// One number of a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Which number.
    pub source: Source,
    /// What it has to be.
    pub expected: Expected,
    /// Why this number and this tolerance; empty where that goes without saying.
    pub because: String,
}

/// Where a number comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// From a published campaign: a server's value, or its ratio to another's.
    Campaign {
        /// The experiment that the campaign has to be one of.
        experiment: String,
        /// What was asked.
        scenario: String,
        /// How it was asked.
        mode: String,
        /// What was measured.
        metric: Metric,
        /// The server, `name` or `name@variant`.
        of: String,
        /// The server that it is divided by.
        over: Option<String>,
        /// The scenario that this is of, where it is another one.
        over_scenario: Option<String>,
    },
    /// How many servers a published campaign of this experiment measured to its end.
    Servers {
        /// The experiment.
        experiment: String,
    },
    /// How many of these servers answer so, by the published table of `lab conformance`.
    Conformance {
        /// The table's column.
        fact: String,
        /// The beginning of the answer.
        answers: String,
        /// The servers; all in the table where none is named.
        of: Vec<String>,
    },
    /// A fact of the published tables of facts, by its name.
    Fact(String),
    /// What follows from the text's own figures.
    Arithmetic {
        /// As it stands in the ledger.
        text: String,
        /// What it gives.
        value: f64,
        /// Its unit; empty for a plain number.
        unit: String,
    },
}

impl Source {
    /// The number in words, as a table names it.
    pub fn words(&self) -> String {
        match self {
            Self::Campaign {
                experiment,
                scenario,
                mode,
                metric,
                of,
                over,
                over_scenario,
            } => {
                let metric = metric.name();
                let over = match (over, over_scenario) {
                    (Some(over), None) => format!(" / {over}"),
                    (Some(over), Some(scenario)) => format!(" / {over} in {scenario}"),
                    (None, _) => String::new(),
                };
                format!("{metric} of {of}{over} ({experiment}, {scenario}, {mode})")
            }
            Self::Servers { experiment } => format!("servers measured to the end ({experiment})"),
            Self::Conformance { fact, answers, of } => {
                let of = match of.as_slice() {
                    [] => "all servers".to_owned(),
                    names => names.join(", "),
                };
                format!("how many of {of} answer `{answers}` to {fact} (conformance)")
            }
            Self::Fact(name) => format!("fact {name}"),
            Self::Arithmetic { text, .. } => text.clone(),
        }
    }

    /// The experiment whose campaigns have it.
    pub fn experiment(&self) -> Option<&str> {
        match self {
            Self::Campaign { experiment, .. } | Self::Servers { experiment } => Some(experiment),
            _ => None,
        }
    }
}

impl Claim {
    /// The tests; none where there is no number to it.
    pub fn tests(&self) -> &[Test] {
        match &self.how {
            How::Tested(tests) => tests,
            How::Needs(_) | How::Cannot(_) | How::Textual(_) => &[],
        }
    }
}
