//! `lab calibrate`: the instrument against known truths.

pub use ::load::calibrate::{Args, run};
