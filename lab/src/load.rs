//! `lab load`: the instrument by itself.

pub use ::load::cli::{Args, run};
