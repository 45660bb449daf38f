//! From a framework to what can be counted: its server, and its functions' names.

use std::collections::BTreeMap;

use ::count::Subject;
use anyhow::Context;
use builder::Binary;
use catalog::Framework;
use instructions::{Packages, Symbols};
use plan::Project;

use crate::build;

/// A version that can be counted.
pub struct Version {
    pub framework: Framework,
    /// Which version it is, in words.
    pub is: String,
    pub subject: Subject,
    pub packages: Packages,
    binary: Binary,
}

impl Version {
    /// Whether two versions are the same machine code and data.
    pub fn has_the_code_of(&self, other: &Self) -> bool {
        self.binary.sha256 == other.binary.sha256
            || self.binary.code.is_some() && self.binary.code == other.binary.code
    }
}

/// Builds a framework's server, and the same with its symbols.
pub fn prepare(project: &Project, framework: &Framework, is: &str) -> anyhow::Result<Version> {
    let name = &framework.name;
    let one = BTreeMap::from([(name.clone(), framework.clone())]);
    let (mut servers, _) = build::line_up(project, &one)?;
    let built = servers
        .remove(name)
        .context("a framework that was built is there")?;
    let binary = built.map_err(|e| anyhow::anyhow!("{name} {e}"))?;
    let folder = project.build_folder();
    let log = folder.join("logs").join(format!("{name}-symbols.txt"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let twin = runtime
        .block_on(builder::with_symbols(framework, &folder, &log))
        .map_err(|e| anyhow::anyhow!("{name} {e}"))?;
    let symbols = twin
        .map(|twin| Symbols::of_twin(&binary.path, &twin))
        .transpose()?;
    Ok(Version {
        subject: Subject {
            name: format!("{name} ({is})"),
            program: binary.path.clone(),
            symbols,
        },
        packages: Packages::new(&framework.module, engine(&framework.engine)),
        framework: framework.clone(),
        is: is.to_owned(),
        binary,
    })
}

/// The modules of an engine, by the name that `framework.yaml` has for it.
fn engine(name: &str) -> &'static [&'static str] {
    match name {
        "fasthttp" => &["github.com/valyala/fasthttp"],
        "netpoll" => &["github.com/cloudwego/netpoll"],
        _ => &[],
    }
}
