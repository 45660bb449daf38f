//! Zero is a reference implementation of a published design, the framework "Zero" of an article on Go
//! web frameworks whose listings are in Rust; no public release of it was found. The README says
//! what the article asks for and where each of it is.
//!
//! ```text
//! http     requests, read where they lie
//! routes   a tree over segments
//! app      routes and middlewares, and what a handler sees
//! ring     the bounded ring between acceptor and workers
//! worker   a thread's loop and its tasks, one a connection
//! server   the acceptor and the workers together
//! ```
//!
//! ```no_run
//! let mut app = lab_zero::App::new();
//! app.get("/user/{id}", |x| {
//!     let id = x.param("id");
//!     x.bytes(lab_zero::TEXT, &id);
//! });
//! let listener = std::net::TcpListener::bind("127.0.0.1:8080")?;
//! lab_zero::serve(listener, app.finish(), 1)?.wait();
//! # Ok::<(), std::io::Error>(())
//! ```

mod app;
mod clock;
pub mod http;
pub mod ring;
mod routes;
#[cfg(not(loom))]
mod server;
#[cfg(not(loom))]
mod sys;
#[cfg(not(loom))]
mod worker;

pub use app::{App, Exchange, Handler, Served, TEXT};
#[cfg(not(loom))]
pub use server::{Running, serve};
