//! The machine of the servers, where it is not the one that offers the load.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::audit::HostAudit;

/// The machine of the servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerHost {
    /// How it was reached: `ssh://user@host`.
    pub destination: String,
    /// Facts about it, by name.
    pub facts: BTreeMap<String, String>,
    /// Its settings before and after.
    pub audit: HostAudit,
}
