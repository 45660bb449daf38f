//! Requests, rendered before the run together with what each should be answered.

mod pool;
mod source;
mod template;

pub use pool::{Expected, Message, Pool};
pub use source::Source;
pub use template::{Template, Templates};
