use std::fmt;

/// Why there is no estimate.
///
/// ```
/// use stats::{Error, paired};
/// assert_eq!(paired::t(&[0.1], 0.95), Err(Error::TooFew { need: 2, got: 1 }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Error {
    /// Fewer values than the method needs at this level.
    TooFew {
        /// The least number of values.
        need: usize,
        /// The number that was given.
        got: usize,
    },
    /// A value is NaN or infinite.
    NotFinite,
    /// A value that goes through a logarithm is zero or negative.
    NotPositive,
    /// A confidence level outside (0, 1).
    Level(f64),
    /// Slices that belong together differ in length, or rows of a table do.
    Shape {
        /// The length of the first.
        expected: usize,
        /// The length of the one that differs.
        got: usize,
    },
    /// The cells that are there do not connect all frameworks with each other.
    Disconnected,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::TooFew { need, got } => write!(f, "{got} values, at least {need} are needed"),
            Error::NotFinite => f.write_str("a value is not finite"),
            Error::NotPositive => f.write_str("a value is not positive"),
            Error::Level(level) => write!(f, "confidence level {level} is not between 0 and 1"),
            Error::Shape { expected, got } => write!(f, "length {got} where {expected} belongs"),
            Error::Disconnected => f.write_str("too many missing cells to compare all frameworks"),
        }
    }
}

impl std::error::Error for Error {}

pub(crate) fn check_level(level: f64) -> Result<(), Error> {
    if level > 0.0 && level < 1.0 {
        Ok(())
    } else {
        Err(Error::Level(level))
    }
}

pub(crate) fn check_values(values: &[f64], need: usize) -> Result<(), Error> {
    if values.iter().any(|v| !v.is_finite()) {
        Err(Error::NotFinite)
    } else if values.len() < need {
        Err(Error::TooFew {
            need,
            got: values.len(),
        })
    } else {
        Ok(())
    }
}

/// Logarithms of values that have to be positive.
pub(crate) fn logs(values: &[f64]) -> Result<Vec<f64>, Error> {
    check_values(values, 0)?;
    if values.iter().any(|v| *v <= 0.0) {
        return Err(Error::NotPositive);
    }
    Ok(values.iter().map(|v| v.ln()).collect())
}
