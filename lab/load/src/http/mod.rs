//! Responses of HTTP/1.1 (RFC 9112), read as they come, in pieces of any size. Strict: what a
//! careful client would have to guess at is a fault with a name.

mod chunked;
mod fault;
mod head;
pub mod headers;
mod parser;
mod progress;

pub use fault::Fault;
pub use head::{Framing, Head, MAX_HEADERS, is_token};
pub use parser::{Answer, MAX_HEAD, Parser};
pub use progress::{Ends, Progress};
