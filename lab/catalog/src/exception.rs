//! Exceptions: what a server does that its class does not allow, declared with its reason.
//!
//! The static look and the comparison with what an executable says of itself name each finding by
//! a key, `import os/exec`; a file that declares the key allows it, and the report prints it.

use record::Class;
use serde::Deserialize;

use place::Problem;
use place::file::{YamlError, YamlFile};

/// What keys begin with: findings of the look at the source.
const OF_SOURCE: [&str; 17] = [
    "body",
    "condition",
    "directive",
    "file",
    "flow",
    "import",
    "index",
    "init",
    "literal",
    "mention",
    "message",
    "name",
    "slice",
    "state",
    "text",
    "type",
    "version",
];
/// What keys begin with: findings about what an executable was built from.
const OF_BUILD: [&str; 3] = ["pgo", "replace", "setting"];

/// What no reason makes idiomatic: what a request's target and head are read by, what is taken apart, looked up or
/// steered by, how the message is looked into, and what is compiled without being seen.
const NEVER: [&str; 9] = [
    "body",
    "directive",
    "file",
    "flow",
    "index",
    "mention",
    "message",
    "slice",
    "text",
];
/// Packages by which all of that is had without a name for it, or something is kept.
const NEVER_IMPORTED: [&str; 11] = [
    "embed",
    "net",
    "net/http/httputil",
    "os/exec",
    "plugin",
    "reflect",
    "runtime",
    "runtime/debug",
    "sync",
    "syscall",
    "unsafe",
];

/// One thing that is allowed to one server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The finding's key.
    pub allow: String,
    /// Why.
    pub why: String,
}

impl Exception {
    /// Whether it is about the source, where the other kind is about the build.
    pub fn is_of_source(&self) -> bool {
        OF_SOURCE.contains(&self.kind())
    }

    /// Whether it allows what no server of the main tables may.
    fn is_never_idiomatic(&self) -> bool {
        let mut words = self.allow.split(' ');
        let kind = words.next().unwrap_or_default();
        let package = words.next_back().unwrap_or_default();
        NEVER.contains(&kind) || kind == "import" && NEVER_IMPORTED.contains(&package)
    }

    fn kind(&self) -> &str {
        self.allow.split(' ').next().unwrap_or_default()
    }
}

/// Checks what a file declares: known kinds, each with its reason. What a server of the main tables
/// is built from is the same for all of them.
pub(super) fn checked(
    exceptions: &[Exception],
    class: Class,
    file: &YamlFile,
) -> Result<(), YamlError> {
    for (i, exception) in exceptions.iter().enumerate() {
        let (kind, allow) = (exception.kind(), &exception.allow);
        let (key, problem) = if OF_BUILD.contains(&kind) && class == Class::Idiomatic {
            let words = format!(
                "`{allow}`: a server of class `idiomatic` is built from its module and the checkout's kit alone"
            );
            ("allow", words)
        } else if exception.is_never_idiomatic() && class == Class::Idiomatic {
            let words = format!(
                "`{allow}`: no reason makes this idiomatic; a server that needs it is of class `tuned`, or its findings stand"
            );
            ("allow", words)
        } else if !OF_BUILD.contains(&kind) && !exception.is_of_source() {
            let mut kinds = [&OF_SOURCE[..], &OF_BUILD[..]].concat();
            kinds.sort_unstable();
            let words = format!(
                "`{allow}` is none that a check names; its first word is one of {}",
                kinds.join(", ")
            );
            ("allow", words)
        } else if exception.why.trim().is_empty() {
            ("why", format!("`{allow}` has no reason"))
        } else {
            continue;
        };
        let problem = Problem::at(key, problem);
        return Err(file.refuse(problem.within(["exceptions".into(), i.into()])));
    }
    Ok(())
}
