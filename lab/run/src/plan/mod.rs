//! From files to a plan: checked types first, then a seeded order of everything.

pub mod altered;
mod claims;
pub mod duet;
pub mod estimate;
pub mod exception;
pub mod experiment;
pub mod framework;
pub mod git;
pub mod project;
pub mod protocol;
pub mod schedule;
pub mod stages;
pub mod trial;
pub mod turns;
pub mod variant;
pub mod versions;
mod yaml;

pub use experiment::Experiment;
pub use framework::Framework;
pub use project::{Project, ProjectError};
pub use schedule::{Block, Launch, Schedule, Subject};
pub use yaml::YamlError;
pub(crate) use yaml::kind_of;
