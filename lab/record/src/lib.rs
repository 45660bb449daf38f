//! The raw data of a campaign: its types, writer and reader.
