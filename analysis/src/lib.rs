//! From raw data to estimates, tables, charts and reports.
