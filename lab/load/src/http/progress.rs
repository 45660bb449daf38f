//! How far an answer that never became whole had come, in words.

use std::fmt;

/// What of a response has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The header block is not complete.
    Head {
        /// Bytes of interim (1xx) answers before it.
        interim: usize,
        /// Bytes of it.
        bytes: usize,
    },
    /// The header block is complete, the body is not.
    Body {
        /// The status code.
        status: u16,
        /// Bytes of body so far.
        bytes: u64,
        /// What would end it.
        ends: Ends,
    },
}

/// What ends a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// So many bytes in all.
    Length(u64),
    /// The last chunk.
    Chunked,
    /// The end of the connection.
    UntilClose,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head {
                interim: 0,
                bytes: 0,
            } => write!(f, "no byte of an answer"),
            Self::Head { interim, bytes: 0 } => {
                write!(
                    f,
                    "{interim} bytes of interim answers (1xx) and no final one"
                )
            }
            Self::Head { bytes, .. } => {
                write!(
                    f,
                    "{bytes} bytes of headers without the empty line that ends them"
                )
            }
            Self::Body {
                status,
                bytes,
                ends,
            } => match ends {
                Ends::Length(length) => write!(
                    f,
                    "status {status} and {bytes} of the {length} bytes of body that Content-Length says"
                ),
                Ends::Chunked => write!(
                    f,
                    "status {status} and {bytes} bytes of body without the chunk that ends it"
                ),
                Ends::UntilClose => write!(
                    f,
                    "status {status} and {bytes} bytes of a body without Content-Length or chunks, \
                     which only the end of the connection ends"
                ),
            },
        }
    }
}
