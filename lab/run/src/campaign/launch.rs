//! A launch: all servers fresh, all but one paused at any time, block after block.

use std::collections::BTreeMap;
use std::time::Duration;

use record::{CampaignWriter, Cell, Metric, Observation, RecordError, Stage, Validity};

use super::cast::{self, Cast};
use super::event::{Event, Progress};
use super::window::{self, Ran};
use super::{CampaignError, Clock, Request, observe};
use crate::plan::{Launch, Subject, estimate};
use crate::server::memory::MemoryReader;
use crate::server::{Server, StartOptions};

/// How long all servers sit idle before their memory is read, at the start and at the end.
const SETTLE: Duration = Duration::from_millis(500);

/// The servers of a launch, and the most memory that each held under load.
#[derive(Default)]
struct Running {
    servers: BTreeMap<Subject, Server>,
    peak: BTreeMap<Subject, u64>,
    memory: MemoryReader,
}

/// Runs one launch.
pub(super) async fn run(
    request: &Request,
    launch: &Launch,
    cast: &mut Cast,
    writer: &mut CampaignWriter,
    progress: &mut dyn Progress,
    clock: &mut Clock,
) -> Result<(), CampaignError> {
    progress.event(Event::Launch {
        number: launch.number,
        of: writer.file().design.launches,
    });
    let mut stage = start_all(launch, cast, writer, progress).await?;
    clock.did(estimate::LAUNCH_OF_ONE * launch.starts.len() as u32);
    tokio::time::sleep(SETTLE).await;
    stage.observe_memory(launch, "idle", writer);
    writer.end_group(&format!("launch {} idle", launch.number))?;
    for server in stage.servers.values_mut() {
        server.pause();
    }
    let of = blocks(writer);
    for block in &launch.blocks {
        for (position, subject) in block.order.iter().enumerate() {
            let left = clock.left();
            clock.did(clock.window);
            let (Some(member), Some(server)) =
                (cast.member(subject), stage.servers.get_mut(subject))
            else {
                continue;
            };
            progress.event(Event::Window {
                block: block.number,
                of,
                subject: &subject.to_string(),
                scenario: block.scenario.name(),
                mode: &block.mode.name,
                left,
            });
            let cell = Cell {
                launch: launch.number,
                block: block.number,
                window: position as u32 + 1,
                framework: subject.framework.clone(),
                variant: subject.variant.clone(),
                scenario: block.scenario.name().to_owned(),
                mode: block.mode.name.clone(),
            };
            let ran = window::run(request, block, member, server, &writer.file().cpus).await?;
            if let Some(bytes) = stage.memory.resident(server.pid()) {
                let peak = stage.peak.entry(subject.clone()).or_default();
                *peak = bytes.max(*peak);
            }
            let failure = match ran {
                Ran::Measured(window) => {
                    let failure = window.failure();
                    observe::window(&cell, &window, clock.begun, writer);
                    failure
                }
                Ran::Failed(what) => Some(what),
            };
            if let Some(what) = failure {
                let what = match server.ended() {
                    Some(status) => format!("{status} under load: {what}"),
                    None => what,
                };
                let note = cast::note(subject, Stage::Load, what, server.last_words());
                stage
                    .servers
                    .retain(|s, _| s.framework != subject.framework);
                cast.dismiss(note, writer, progress)?;
            }
        }
        writer.end_group(&format!("block {}", block.number))?;
    }
    stage.finish(launch, cast, writer, progress).await
}

async fn start_all(
    launch: &Launch,
    cast: &mut Cast,
    writer: &mut CampaignWriter,
    progress: &mut dyn Progress,
) -> Result<Running, RecordError> {
    let mut stage = Running::default();
    for (subject, padding) in &launch.starts {
        let Some(member) = cast.member(subject) else {
            continue;
        };
        let phase = format!("launch{}", launch.number);
        let options = StartOptions {
            cpus: writer.file().cpus.server.clone(),
            padding: *padding,
            stderr: writer.dir().stderr_of(&subject.to_string(), &phase),
            ..StartOptions::default()
        };
        match Server::start_ready(&member.binary, &options).await {
            Ok(server) => {
                stage.servers.insert(subject.clone(), server);
            }
            Err(e) => {
                let words = crate::server::stderr::last_line(&options.stderr);
                stage
                    .servers
                    .retain(|s, _| s.framework != subject.framework);
                cast.dismiss(
                    cast::note(subject, Stage::Launch, e, words),
                    writer,
                    progress,
                )?;
            }
        }
    }
    Ok(stage)
}

fn blocks(writer: &CampaignWriter) -> u32 {
    let design = &writer.file().design;
    design.blocks * (design.scenarios.len() * design.modes.len()) as u32
}

impl Running {
    /// Lets all servers run, reads their memory and stops them.
    async fn finish(
        mut self,
        launch: &Launch,
        cast: &mut Cast,
        writer: &mut CampaignWriter,
        progress: &mut dyn Progress,
    ) -> Result<(), CampaignError> {
        for server in self.servers.values_mut() {
            server.resume();
        }
        tokio::time::sleep(SETTLE).await;
        self.observe_memory(launch, "after", writer);
        for (subject, bytes) in &self.peak {
            writer.observe(memory_row(launch, subject, "load", *bytes));
        }
        writer.end_group(&format!("launch {} memory", launch.number))?;
        for (subject, server) in std::mem::take(&mut self.servers) {
            let words = server.last_words();
            if let Err(e) = server.stop().await {
                cast.dismiss(
                    cast::note(&subject, Stage::Load, e, words),
                    writer,
                    progress,
                )?;
            }
        }
        Ok(())
    }

    fn observe_memory(&mut self, launch: &Launch, mode: &str, writer: &mut CampaignWriter) {
        for (subject, server) in &self.servers {
            if let Some(bytes) = self.memory.resident(server.pid()) {
                writer.observe(memory_row(launch, subject, mode, bytes));
            }
        }
    }
}

fn memory_row(launch: &Launch, subject: &Subject, mode: &str, bytes: u64) -> Observation {
    let block = match mode {
        "idle" => launch.blocks.first().map_or(0, |b| b.number - 1),
        _ => launch.blocks.last().map_or(0, |b| b.number),
    };
    Observation {
        cell: Cell {
            launch: launch.number,
            block,
            window: 0,
            framework: subject.framework.clone(),
            variant: subject.variant.clone(),
            scenario: "memory".to_owned(),
            mode: mode.to_owned(),
        },
        metric: Metric::Rss,
        value: observe::mebibytes(bytes),
        validity: Validity::ok(),
    }
}
