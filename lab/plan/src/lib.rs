//! From experiment files to a plan: checked types first, then a seeded order of everything.

mod claims;
pub mod estimate;
pub mod experiment;
pub mod kinds;
pub mod project;
pub mod protocol;
pub mod schedule;
pub mod trial;

pub use experiment::Experiment;
pub use project::{Project, ProjectError};
pub use schedule::{Block, Launch, Schedule, Subject, Times};
