//! What a server's folder declares of it that a reader of its numbers should know.

use serde::{Deserialize, Serialize};

/// Where a server is not what its project ships, or not what the contract asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Settings that are not the project's defaults.
    pub settings: Vec<Setting>,
    /// Where it departs from the contract by its own design, by the names of `framework.yaml`.
    pub departs: Vec<String>,
    /// The optional parts of the contract that it has, by the names of `framework.yaml`.
    pub supports: Vec<String>,
}

/// A setting that differs from the project's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What is set to what.
    pub set: String,
    /// Why.
    pub why: String,
}
