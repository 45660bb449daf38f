//! The campaign file: what was run, on what, and how it ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::audit::HostAudit;
use crate::calibration::CalibrationRecord;
use crate::course::Course;
use crate::declared::Declared;
use crate::method::Method;
use crate::server_host::ServerHost;
use crate::sum::{self, Sum};

/// The schema that `campaign.yaml` names; raised when a reader of the old one would be misled.
pub const SCHEMA: &str = "campaign/1";

/// How the first line of the file begins, which gives the sum of all that follows it. Older
/// files have no such line, and so has one that was written by hand.
const SEAL: &str = "# crc32 of all that follows: ";

/// The file's text with the line that gives its sum.
pub(crate) fn sealed(text: &str) -> String {
    format!("{SEAL}{}\n{text}", sum::text(Sum::of(text.as_bytes())))
}

/// Whether a file's text has the sum that its first line gives; true where there is none.
pub(crate) fn is_as_written(text: &str) -> bool {
    let Some((first, rest)) = text.split_once('\n') else {
        return true;
    };
    (first.strip_prefix(SEAL)).is_none_or(|sum| sum == sum::text(Sum::of(rest.as_bytes())))
}

/// A file's text without the line that gives its sum: what may be changed by hand.
pub fn unsealed(text: &str) -> &str {
    match text.split_once('\n') {
        Some((first, rest)) if first.starts_with(SEAL) => rest,
        _ => text,
    }
}

/// Everything about a campaign that is not a measured value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignFile {
    /// [`SCHEMA`].
    pub schema: String,
    /// The campaign's name: experiment, start and seed.
    pub id: String,
    /// How it ended, or that it has not.
    pub status: Status,
    /// The start in UTC, RFC 3339.
    pub started: String,
    /// The end in UTC, RFC 3339.
    pub finished: Option<String>,
    /// The words of the command line after `lab`.
    pub command: Vec<String>,
    /// From which every random order and every random field of the campaign comes.
    pub seed: u64,
    /// Whether the windows and blocks were cut down to a smoke test.
    pub quick: bool,
    /// Whether the host was shown to match a profile before and after.
    pub pinned: bool,
    /// Which lab measured.
    pub lab: LabRecord,
    /// The experiment as resolved.
    pub design: Design,
    /// By which protocol it was measured, and what was to end it.
    #[serde(default)]
    pub method: Method,
    /// Facts about the machine, by name.
    pub host: BTreeMap<String, String>,
    /// The machine's settings before and after, held against its profile.
    #[serde(default)]
    pub audit: Option<HostAudit>,
    /// The machine of the servers, where the load came from another one.
    #[serde(default)]
    pub server_host: Option<ServerHost>,
    /// Versions of what built the servers, by name.
    pub toolchains: BTreeMap<String, String>,
    /// Who ran where.
    pub cpus: Cpus,
    /// The servers, in the order of their names.
    pub frameworks: Vec<FrameworkRecord>,
    /// What went wrong, in the order in which it happened.
    pub notes: Vec<Note>,
    /// What happened on the way.
    #[serde(default)]
    pub course: Course,
    /// The last calibration of the instrument before the campaign.
    #[serde(default)]
    pub calibration: Option<CalibrationRecord>,
}

/// How a campaign ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Still going, or cut off without a word (`kill -9`, power cut).
    Running,
    /// Everything planned was measured.
    Complete,
    /// Stopped by a signal.
    Interrupted,
    /// Ended by an error of the lab's own, a full disk for instance.
    Failed,
}

/// Which lab measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabRecord {
    /// The version of the package.
    pub version: String,
    /// The revision of the checkout, `unknown` outside of one; ends in `-dirty` with uncommitted changes.
    pub revision: String,
}

/// What an experiment resolved to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// The experiment's name.
    pub experiment: String,
    /// One line that a report can carry as its title.
    pub title: String,
    /// The framework that all others are compared with.
    pub baseline: String,
    /// The variant name of the baseline's second copy.
    pub twin: String,
    /// What is asked, in the order of the report.
    pub scenarios: Vec<ScenarioDesign>,
    /// How it is asked, in the order of the report.
    pub modes: Vec<ModeDesign>,
    /// How often all servers are started fresh.
    pub launches: u32,
    /// Blocks for each scenario and mode, over all launches.
    pub blocks: u32,
    /// The thrown-away beginning of a window, in ms.
    pub lead_in_ms: u64,
    /// The measured part of a window, in ms.
    pub window_ms: u64,
    /// Cold starts for each framework.
    pub starts: u32,
}

/// One scenario of an experiment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioDesign {
    /// The scenario's name.
    pub name: String,
    /// What it asks, in a line.
    pub title: String,
}

/// One mode of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModeDesign {
    /// The mode's name.
    pub name: String,
    /// How the load is offered.
    pub kind: ModeKind,
    /// Open connections; in an open loop the most that may be opened.
    pub connections: u32,
    /// Requests per second, in an open loop at a fixed rate.
    pub rate: Option<f64>,
    /// The part of what each server answers at saturation, in an open loop at such a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// How long the instrument spins after a send before it sleeps, in ms; nothing in campaigns
    /// that are older than this record, whose closed loops slept at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spin_ms: Option<u64>,
}

/// How load is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModeKind {
    /// Closed loop: each connection sends as soon as it has its answer.
    Saturation,
    /// Open loop at a fixed rate: a request is due when the schedule says so.
    Rate,
    /// Open loop at a share of what the server itself answered at saturation before.
    Share,
}

/// The fact about a host that is there where a CPU of the servers and one of the instrument are
/// threads of one core; its value names them.
pub const SHARED_CORE: &str = "shared-core";
/// A fact about the host that is there only where the lab's control group may use less CPU time than the
/// CPUs measured on have: in words, how much.
pub const SHORT_QUOTA: &str = "short-cpu-quota";

/// Which CPUs ran what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cpus {
    /// The servers' CPUs.
    pub server: Vec<usize>,
    /// The instrument's CPUs.
    pub instrument: Vec<usize>,
}

/// The class decides which table a framework may appear in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Written as the project's own docs would: the main tables.
    Idiomatic,
    /// Tuned beyond them.
    Tuned,
    /// A raw HTTP engine, as a control.
    Engine,
    /// A design that only an article describes, made runnable.
    Reference,
    /// A framework with one of its settings changed, called `framework@variant`: beside the
    /// framework, not in the main tables.
    Variant,
}

impl Class {
    /// The class's name in files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idiomatic => "idiomatic",
            Self::Tuned => "tuned",
            Self::Engine => "engine",
            Self::Reference => "reference",
            Self::Variant => "variant",
        }
    }
}

impl CampaignFile {
    /// Whether the two versions that it compares are the same machine code: then no measurement
    /// can tell them apart, and one that does measured something else.
    pub fn same_code(&self) -> bool {
        let Some(comparison) = &self.method.comparison else {
            return false;
        };
        let code = |name: &str| {
            let framework = self.frameworks.iter().find(|f| f.name == name)?;
            framework.code.as_deref()
        };
        let base = code(&comparison.base);
        base.is_some() && base == code(&comparison.new)
    }
}

/// A server that took part, or should have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameworkRecord {
    /// The folder's name.
    pub name: String,
    /// What tables show.
    pub title: String,
    /// Which table it belongs to.
    pub class: Class,
    /// The language it is written in.
    pub language: String,
    /// What speaks HTTP for it.
    pub engine: String,
    /// The family of its router.
    pub router: String,
    /// Where it comes from.
    pub module: String,
    /// The module's version as linked into the binary; the toolchain's for the standard library.
    pub version: String,
    /// SHA-256 of the executable, in hex; empty if it was never built.
    pub sha256: String,
    /// SHA-256, in hex, of the executable's code and data, without what only names it: equal for
    /// two versions that are the same machine code. Absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The executable's size in bytes.
    pub binary_bytes: u64,
    /// All modules linked in, with their versions.
    pub modules: BTreeMap<String, String>,
    /// Modules that others were linked in the place of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replaced: BTreeMap<String, String>,
    /// What its class does not allow, declared with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionRecord>,
    /// What the check found in a server from outside of the checkout, which was measured all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What its folder declares of it; absent in campaigns that are older than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
    /// Why it was not, or no longer, measured.
    pub excluded: Option<String>,
}

/// One thing that a server does and its class does not allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionRecord {
    /// What, in the check's words: `import os`.
    pub allow: String,
    /// Why.
    pub why: String,
}

impl FrameworkRecord {
    /// The engine and its version, as in `fasthttp v1.58.0`. Without one it is the framework's
    /// own, or the toolchain's.
    pub fn engine_at(&self) -> String {
        let version = engine_module(&self.engine).and_then(|module| self.modules.get(module));
        match version {
            Some(version) => format!("{} {version}", self.engine),
            None => self.engine.clone(),
        }
    }
}

/// The module of an engine that frameworks share and that is not the standard library's.
pub fn engine_module(engine: &str) -> Option<&'static str> {
    match engine {
        "fasthttp" => Some("github.com/valyala/fasthttp"),
        "netpoll" => Some("github.com/cloudwego/netpoll"),
        _ => None,
    }
}

/// Something that went wrong with one framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The framework, or `lab`.
    pub framework: String,
    /// When it happened.
    pub stage: Stage,
    /// What happened, as a full sentence.
    pub what: String,
    /// The last line that the server, or its build, wrote to stderr.
    pub stderr: Option<String>,
}

/// The stages of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Compiling the server.
    Build,
    /// Holding it to the contract.
    Check,
    /// Cold starts.
    Startup,
    /// Starting it for a launch.
    Launch,
    /// Under load.
    Load,
}

impl Stage {
    /// The stage as a phrase: "failed ...".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Build => "while being built",
            Self::Check => "in the contract check",
            Self::Startup => "in the cold starts",
            Self::Launch => "when launched",
            Self::Load => "under load",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_told_with_the_version_that_is_linked_in() {
        let of = |engine: &str| -> FrameworkRecord {
            serde_json::from_value(serde_json::json!({
                "name": "x", "title": "X", "class": "idiomatic", "language": "go",
                "engine": engine, "router": "none", "module": "m/x", "version": "v1.0.0",
                "sha256": "", "binary_bytes": 0, "excluded": null,
                "modules": { "m/x": "v1.0.0", "github.com/valyala/fasthttp": "v1.58.0" },
            }))
            .unwrap()
        };
        assert_eq!(of("fasthttp").engine_at(), "fasthttp v1.58.0");
        // Known as an engine, and not linked in: an older campaign may not have said so.
        assert_eq!(of("netpoll").engine_at(), "netpoll");
        assert_eq!(of("net/http").engine_at(), "net/http");
    }
}
