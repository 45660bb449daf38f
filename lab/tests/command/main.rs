//! The command as a user meets it: real servers over real sockets, also misbehaving ones.
//!
//! One program, so that benches can take turns: a host can only measure one thing.

mod blame;
mod build;
mod calibrate;
mod check;
mod claims;
mod compare;
mod conformance;
mod count;
mod diff;
mod elsewhere;
mod gates;
mod go;
mod host;
mod host_settings;
mod new;
mod outdated;
mod pinned;
mod prebuilt;
mod preflight;
mod protocols;
mod published;
mod resume;
mod soak;
mod stage;
mod support;
mod trials;
mod words;
mod wrong;
