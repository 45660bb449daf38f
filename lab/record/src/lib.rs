//! The raw data of a campaign: its types, its writer and its reader.
//!
//! This is all that the runner and the analysis share. A campaign is one folder
//! ([`layout::CampaignDir`]):
//!
//! ```text
//! campaign.yaml                              what was run, on what, how it ended
//! observations.csv                           one long table, a row a measured value
//! histograms/<scenario>.<mode>/<framework>.launch<N>.hlog
//! stderr/<framework>.launch<N>.txt           what the servers had to say
//! ```
//!
//! The folder is complete and readable after every block: a block's rows reach the disk
//! in one write that ends in a marker line, and a reader ignores what stands behind the
//! last marker. [`CampaignWriter::reopen`] goes on there after the lab was cut off.

pub mod audit;
pub mod bounds;
pub mod calibration;
pub mod campaign;
pub mod collect;
pub mod comparison;
pub mod completeness;
pub mod course;
pub mod declared;
pub mod error;
pub mod held;
pub mod histogram;
mod kinds;
pub mod layout;
pub mod method;
pub mod metric;
pub mod observation;
pub mod planned;
pub mod reader;
pub mod repair;
pub mod repetition;
mod rows;
pub mod scan;
pub mod server_host;
pub mod sum;
pub mod validity;
pub mod writer;

pub use audit::HostAudit;
pub use calibration::CalibrationRecord;
pub use campaign::{
    CampaignFile, Class, Cpus, Design, ExceptionRecord, FrameworkRecord, LabRecord, ModeDesign,
    ModeKind, Note, SHARED_CORE, SHORT_QUOTA, ScenarioDesign, Stage, Status, engine_module,
};
pub use collect::{CollectError, collect};
pub use comparison::{Comparison, DuetDesign, DuetKind};
pub use completeness::{Finding, FindingKind};
pub use course::{Course, Repeat, Resume};
pub use declared::Declared;
pub use error::RecordError;
pub use held::{Held, Series};
pub use histogram::{LatencyKind, new_histogram};
pub use kinds::ProtocolKind;
pub use layout::CampaignDir;
pub use method::{Inconclusive, Method, Stopped};
pub use metric::Metric;
pub use observation::{Cell, Observation};
pub use planned::Planned;
pub use reader::Campaign;
pub use repair::Repair;
pub use repetition::{Collected, Repetition};
pub use server_host::ServerHost;
pub use validity::{Flag, Validity};
pub use writer::CampaignWriter;
