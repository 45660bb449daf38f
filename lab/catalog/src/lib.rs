//! What there is to measure: frameworks as their folders declare them, and scenarios, that is what
//! can be asked of each of them and what a right answer is.

pub mod exception;
pub mod framework;
pub mod payload;
pub mod scenario;
pub mod variant;

pub use framework::Framework;
pub use scenario::Scenario;
