//! `lab load`: the instrument by itself.

pub use instrument::cli::{Args, run};
