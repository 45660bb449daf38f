//! Estimators, intervals and tests on plain f64.
