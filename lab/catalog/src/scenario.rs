//! What can be asked of a server, and what a right answer is.

use std::str::FromStr;

use serde::Deserialize;

use crate::payload::PLAINTEXT;

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

/// What the lab knows of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Its name in files and raw data.
    pub name: &'static str,
    /// What it asks, in a line.
    pub title: &'static str,
    /// The path of its requests; `{id}` and `{slug}` are random numbers.
    pub path: &'static str,
    /// What a right answer says.
    pub body: Body,
}

/// What a right answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// This text.
    Text(&'static str),
    /// The contract's object, as the server writes it.
    Message,
    /// This text, with the numbers of the path in it.
    Echo(&'static str),
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Plaintext, Self::Json, Self::Params];

    /// All that is known of it.
    pub const fn about(self) -> About {
        match self {
            Self::Plaintext => About {
                name: "plaintext",
                title: "a fixed text of 1 KiB",
                path: "/plaintext",
                body: Body::Text(PLAINTEXT),
            },
            Self::Json => About {
                name: "json",
                title: "a small object, serialised on each request",
                path: "/json",
                body: Body::Message,
            },
            Self::Params => About {
                name: "params",
                title: "two path parameters, random on each request, echoed",
                path: "/user/{id}/post/{slug}",
                body: Body::Echo("{id}/{slug}"),
            },
        }
    }

    /// The scenario's name in files and raw data.
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// What it asks, in a line.
    pub fn title(self) -> &'static str {
        self.about().title
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
