//! Builds every server and holds it to the contract; what fails is left out.

use std::collections::BTreeMap;

use builder::{Binary, BuildError, LineUp, Toolchain};
use catalog::Framework;
use catalog::framework::Language;
use contract::CheckReport;
use plan::Subject;
use record::{
    CampaignDir, CampaignWriter, Cell, ExceptionRecord, FrameworkRecord, Metric, Note, Observation,
    Stage, Validity,
};
use server::fresh::Fresh;
use sys::stderr;

use super::campaign::both_versions;
use super::cast::{self, Cast, Member};
use super::event::{Event, Progress};
use super::{CampaignError, Request, declared, resume};

/// Builds and checks.
pub async fn prepare(
    request: &Request,
    writer: &mut CampaignWriter,
    progress: &mut dyn Progress,
) -> Result<Cast, CampaignError> {
    let built = build_all(request, writer, progress).await?;
    let mut cast = Cast::default();
    progress.event(Event::Checking {
        servers: built.len(),
    });
    for (framework, binary, report) in check_all(built, writer.dir()).await {
        if let Some(what) = report.trouble {
            let who = framework.name.clone();
            return Err(CampaignError::Trouble { who, what });
        }
        if let Some((name, failure)) = report.failed.first() {
            let more = match report.failed.len() {
                1 => String::new(),
                n => format!(
                    " (and {} more; `lab check {}` shows all)",
                    n - 1,
                    framework.name
                ),
            };
            let log = writer.dir().stderr_of(&framework.name, "check");
            let note = cast::note(
                &Subject::plain(&framework.name),
                Stage::Check,
                format!("does not hold the contract: {name}: {failure}{more}"),
                stderr::last_line(&log).filter(|words| !failure.got.contains(words)),
            );
            cast::tell(note, writer, progress)?;
            continue;
        }
        if !report.warned.is_empty() {
            let words: Vec<_> = (report.warned.iter())
                .map(|(name, failure)| format!("{name}: {failure}"))
                .collect();
            writer.update(|file| {
                for record in &mut file.frameworks {
                    if record.name == framework.name {
                        record.warnings.clone_from(&words);
                    }
                }
            })?;
        }
        observe_size(&framework, &binary, writer);
        cast.admit(Member {
            framework,
            binary,
            layouts: Vec::new(),
            json_body: report.json_body,
        });
    }
    writer.end_group(resume::BUILT)?;
    Ok(cast)
}

/// Links the programs that a duet runs in as many layouts as it wants.
pub(super) async fn lay_out(
    cast: &mut Cast,
    request: &Request,
    writer: &mut CampaignWriter,
    progress: &mut dyn Progress,
) -> Result<(), CampaignError> {
    let experiment = &request.experiment;
    let Some(duet) = &experiment.duet else {
        return Ok(());
    };
    let folder = request.layouts();
    // Those of an earlier campaign are of other sources.
    Fresh::clear(&folder);
    let new = experiment.comparison.as_ref().map(|c| c.new.as_str());
    for name in std::iter::once(experiment.baseline.as_str()).chain(new) {
        let Some(framework) = cast.named(name).map(|m| m.framework.clone()) else {
            continue;
        };
        // One that came built cannot be linked again.
        if framework.prebuilt.is_some() {
            continue;
        }
        progress.event(Event::LayingOut {
            framework: name,
            layouts: duet.layouts as usize,
        });
        let log = writer.dir().stderr_of(name, "layouts");
        let count = duet.layouts as usize;
        match builder::layouts(&framework, &folder, count, request.seed, &log).await {
            Ok(files) => cast.lay_out(name, files),
            Err(e) => {
                let note = cast::note(&Subject::plain(name), Stage::Build, e, None);
                cast.dismiss(note, writer, progress)?;
            }
        }
    }
    both_versions(experiment, cast, writer)
}

async fn build_all(
    request: &Request,
    writer: &mut CampaignWriter,
    progress: &mut dyn Progress,
) -> Result<Vec<(Framework, Binary)>, CampaignError> {
    let go = toolchain(request).await;
    writer.update(|file| {
        file.frameworks = request.frameworks.values().map(record_of).collect();
        if let Some(Ok(toolchain)) = &go {
            file.toolchains.extend(toolchain.facts());
            let not_pinned = toolchain.not_pinned().map(|what| Note {
                framework: "lab".to_owned(),
                stage: Stage::Build,
                what,
                stderr: None,
            });
            file.notes.extend(not_pinned);
        }
    })?;
    let frameworks: Vec<_> = request.frameworks.values().collect();
    let mut results = build_line_up(go, &frameworks, request, writer.dir(), progress).await;
    let mut built = Vec::new();
    for (i, framework) in frameworks.into_iter().enumerate() {
        let result = results.remove(&framework.name);
        match result.expect("every framework was built or has its reason") {
            Ok(binary) => {
                writer.update(|file| {
                    note_binary(&mut file.frameworks[i], framework, &binary);
                    if framework.prebuilt.is_some() {
                        let place = binary.path.display().to_string();
                        file.course.servers.insert(framework.name.clone(), place);
                    }
                    match framework.language {
                        Language::Go if framework.prebuilt.is_some() => {
                            note_value(&mut file.toolchains, "go", &binary.toolchain);
                        }
                        // One that came built does not say.
                        Language::Rust if !binary.toolchain.is_empty() => {
                            note_value(&mut file.toolchains, "rust", &binary.toolchain);
                        }
                        Language::Go | Language::Rust => {}
                    }
                    note_environment(&mut file.toolchains, &binary.environment);
                })?;
                built.push((framework.clone(), binary));
            }
            Err(e) => {
                let last = match &e {
                    BuildError::Failed { last, .. } => last.clone(),
                    _ => None,
                };
                let note = cast::note(&Subject::plain(&framework.name), Stage::Build, e, last);
                cast::tell(note, writer, progress)?;
            }
        }
    }
    Ok(built)
}

/// The toolchain, where there is anything to build: what built a server that came built stands in
/// the server itself.
pub(super) async fn toolchain(request: &Request) -> Option<Result<Toolchain, BuildError>> {
    if request.frameworks.values().all(|f| f.prebuilt.is_some()) {
        return None;
    }
    Some(Toolchain::find(&request.build_folder).await)
}

/// Builds all of them; where there is no toolchain, that is the reason of each.
pub(super) async fn build_line_up(
    toolchain: Option<Result<Toolchain, BuildError>>,
    frameworks: &[&Framework],
    request: &Request,
    dir: &CampaignDir,
    progress: &mut dyn Progress,
) -> LineUp {
    let mut line_up = LineUp::new();
    let mut to_build = Vec::new();
    for framework in frameworks {
        match &framework.prebuilt {
            Some(server) => {
                line_up.insert(framework.name.clone(), builder::prebuilt(server).await);
            }
            None => to_build.push(*framework),
        }
    }
    let Some(toolchain) = toolchain else {
        return line_up;
    };
    let toolchain = match toolchain {
        Ok(toolchain) => toolchain,
        Err(e) => {
            let reason = |f: &Framework| (f.name.clone(), Err(e.clone()));
            line_up.extend(to_build.into_iter().map(reason));
            return line_up;
        }
    };
    let built = builder::build_all(
        &to_build,
        &request.build_folder,
        &toolchain,
        |framework| dir.stderr_of(&framework.name, "build"),
        |step| progress.event(Event::Building(step)),
    );
    line_up.extend(built.await);
    line_up
}

/// Checks all of them, with what they had to say kept in the campaign's folder.
pub(super) async fn check_all(
    built: Vec<(Framework, Binary)>,
    dir: &CampaignDir,
) -> Vec<(Framework, Binary, CheckReport)> {
    let mut checked = Vec::new();
    let log = |framework: &Framework| dir.stderr_of(&framework.name, "check");
    contract::check_all(built, log, |framework, binary, report| {
        checked.push((framework, binary, report));
    })
    .await;
    checked
}

fn observe_size(framework: &Framework, binary: &Binary, writer: &mut CampaignWriter) {
    writer.observe(Observation {
        cell: Cell {
            launch: 0,
            block: 0,
            window: 0,
            framework: framework.name.clone(),
            variant: String::new(),
            scenario: "build".to_owned(),
            mode: "size".to_owned(),
        },
        metric: Metric::BinarySize,
        value: super::observe::mebibytes(binary.bytes),
        validity: Validity::ok(),
    });
}

fn record_of(framework: &Framework) -> FrameworkRecord {
    FrameworkRecord {
        name: framework.name.clone(),
        title: framework.title.clone(),
        class: framework.class,
        language: framework.language.name().to_owned(),
        engine: framework.engine.clone(),
        router: framework.router.clone(),
        module: framework.module.clone(),
        version: String::new(),
        sha256: String::new(),
        code: None,
        binary_bytes: 0,
        modules: BTreeMap::new(),
        replaced: BTreeMap::new(),
        exceptions: (framework.exceptions.iter())
            .map(|e| ExceptionRecord {
                allow: e.allow.clone(),
                why: e.why.clone(),
            })
            .collect(),
        warnings: Vec::new(),
        declared: Some(declared::of(framework)),
        excluded: None,
    }
}

/// Adds to a fact of the toolchain what a server says of it, normally what the others say.
fn note_value(toolchains: &mut BTreeMap<String, String>, name: &str, value: &str) {
    let known = toolchains.entry(name.to_owned()).or_default();
    if known.is_empty() {
        *known = value.to_owned();
    } else if !known.split(", ").any(|one| one == value) {
        *known = format!("{known}, {value}");
    }
}

/// What of the environment shaped a server, by its own word; the platform stands in the
/// toolchain's version already, where the lab built it.
fn note_environment(toolchains: &mut BTreeMap<String, String>, said: &BTreeMap<String, String>) {
    let built_here = toolchains.contains_key("GOTOOLCHAIN");
    let platform = ["GOARCH", "GOOS"];
    for (name, value) in said {
        if !(built_here && platform.contains(&name.as_str())) {
            note_value(toolchains, name, value);
        }
    }
}

fn note_binary(record: &mut FrameworkRecord, framework: &Framework, binary: &Binary) {
    record.sha256.clone_from(&binary.sha256);
    record.code.clone_from(&binary.code);
    record.binary_bytes = binary.bytes;
    record.modules.clone_from(&binary.modules);
    record.replaced.clone_from(&binary.replaced);
    // Every server has it from the checkout, or does not hold the contract.
    record.replaced.remove(contract::KIT);
    record.version = binary
        .modules
        .get(&framework.module)
        .unwrap_or(&binary.toolchain)
        .clone();
}
