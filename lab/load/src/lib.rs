//! The instrument: an HTTP/1.1 load generator that accounts for its own errors.
