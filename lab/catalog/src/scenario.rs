//! What can be asked of a server, and what a right answer is.

use std::str::FromStr;

use serde::Deserialize;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// `GET /plaintext`: 1,024 fixed bytes.
    Plaintext,
    /// `GET /json`: an object, serialised on each request.
    Json,
    /// `GET /user/{id}/post/{slug}` with random ids, echoed.
    Params,
}

/// How many ids the params scenario draws from: far more than any cache of a server that
/// is worth being caught would hold.
pub const DISTINCT_IDS: u32 = 131_072;

/// A name that is no scenario's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no scenario `{0}`; there are plaintext, json, params")]
pub struct NoScenario(String);

impl FromStr for Scenario {
    type Err = NoScenario;

    fn from_str(name: &str) -> Result<Self, NoScenario> {
        let found = Self::ALL.into_iter().find(|s| s.name() == name);
        found.ok_or_else(|| NoScenario(name.to_owned()))
    }
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Plaintext, Self::Json, Self::Params];

    /// The scenario's name in files and raw data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Json => "json",
            Self::Params => "params",
        }
    }

    /// What it asks, in a line.
    pub fn title(self) -> &'static str {
        match self {
            Self::Plaintext => "a fixed text of 1 KiB",
            Self::Json => "a small object, serialised on each request",
            Self::Params => "two path parameters, random on each request, echoed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_found_by_its_name_and_another_name_is_told_them_all() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.name().parse(), Ok(scenario));
        }
        let said = "jsn".parse::<Scenario>().unwrap_err().to_string();
        for scenario in Scenario::ALL {
            assert!(said.contains(scenario.name()), "{said}");
        }
    }
}
