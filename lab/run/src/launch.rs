//! A launch: all servers fresh, all but one paused at any time, block after block.

use std::collections::BTreeMap;
use std::time::Duration;

use catalog::Scenario;
use catalog::framework::Feature;
use plan::{Block, Launch, Subject, estimate};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use record::{CampaignWriter, Cell, Metric, Observation, Repeat, Stage, Validity};
use server::memory::MemoryReader;
use server::{Fault, Launched, ServerError, StartOptions};

use super::cast::Member;
use super::event::Event;
use super::gate::{self, Attempts};
use super::kinds::Step;
use super::session::Session;
use super::{CampaignError, blame, block, cast, observe};

/// The servers of a launch, and the most memory that each held under load.
#[derive(Default)]
pub(super) struct Running {
    pub servers: BTreeMap<Subject, Box<dyn Launched>>,
    /// The body of `GET /json` of those that were told another message for this block.
    pub bodies: BTreeMap<Subject, Vec<u8>>,
    peak: BTreeMap<Subject, u64>,
    memory: MemoryReader,
}

/// Runs one launch, or what is left of it after the campaign was broken off.
pub(super) async fn run<S: Step>(
    session: &mut Session<'_>,
    launch: &Launch,
    step: &S,
) -> Result<(), CampaignError> {
    let (idle, memory) = (launch.idle_group(), launch.memory_group());
    if session.writer.has_ended(&memory) {
        let all = estimate::launch(launch);
        session.clock.skip(all);
        return Ok(());
    }
    session.progress.event(Event::Launch {
        number: launch.number,
        of: session.writer.file().design.launches,
    });
    let left: Vec<_> = (launch.blocks.iter())
        .filter(|block| !session.writer.has_ended(&block.group()))
        .collect();
    if left.is_empty() && due(session, launch, step).is_none() {
        // Broken off between the last block and the memory after it: fresh servers that
        // served nothing have no such memory to show.
        let all = estimate::launch(launch);
        session.clock.skip(all);
        session.writer.end_group(&memory)?;
        return Ok(());
    }
    let mut stage = start_all(session, launch, step).await?;
    session.clock.did(estimate::starting(launch));
    tokio::time::sleep(estimate::SETTLE).await;
    if !session.writer.has_ended(&idle) {
        stage.observe_memory(launch, "idle", session.writer);
        session.writer.end_group(&idle)?;
    }
    stage.inspect(session)?;
    for server in stage.servers.values_mut() {
        server.pause();
    }
    let time = |block: &Block| estimate::block(block);
    let done: Duration = launch.blocks.iter().map(time).sum::<Duration>()
        - left.iter().copied().map(time).sum::<Duration>();
    session.clock.skip(done);
    for block in left {
        block::run(session, launch.number, block, &mut stage, step).await?;
    }
    while let Some(repeat) = due(session, launch, step) {
        let block = again(session, launch, &repeat)?;
        let takes = estimate::block(&block);
        session.clock.more(takes);
        block::run(session, launch.number, &block, &mut stage, step).await?;
    }
    stage.finish(session, launch).await
}

/// The disturbed block that is to be measured again next, of a kind whose blocks are.
fn due(session: &Session<'_>, launch: &Launch, step: &impl Step) -> Option<Repeat> {
    if !step.is_repeated() {
        return None;
    }
    let repeats = &session.writer.file().course.repeats;
    let planned: Vec<_> = launch.blocks.iter().map(|b| b.number).collect();
    Attempts {
        launch: launch.number,
        planned: &planned,
        repeats,
        disturbed: session.writer.disturbed(),
        next: session.planned + repeats.len() as u32 + 1,
    }
    .due(|number| session.writer.has_ended(&Block::group_of(number)))
}

/// Makes the block of a repeat and notes it in the campaign file.
fn again(
    session: &mut Session<'_>,
    launch: &Launch,
    repeat: &Repeat,
) -> Result<Block, CampaignError> {
    let root = gate::root(repeat, &session.writer.file().course.repeats);
    let planned = (launch.blocks.iter())
        .find(|block| block.number == root)
        .expect("a repeat is of a block of its launch");
    session.writer.update(|file| {
        if !file.course.repeats.contains(repeat) {
            file.course.repeats.push(repeat.clone());
        }
    })?;
    Ok(planned.again(repeat.block, session.request.seed))
}

async fn start_all(
    session: &mut Session<'_>,
    launch: &Launch,
    step: &impl Step,
) -> Result<Running, CampaignError> {
    let mut stage = Running::default();
    for (subject, padding) in &launch.starts {
        let Some(member) = session.cast.member(subject) else {
            continue;
        };
        let phase = format!("launch{}", launch.number);
        let spin = session.request.experiment.spin_of(&subject.framework);
        let mut options = StartOptions {
            cpus: session.writer.file().cpus.server.clone(),
            env: (session.request.environment().into_iter())
                .chain(spin.map(|ns| ("SPIN_NS", ns.to_string())))
                .collect(),
            padding: *padding,
            listen: None,
            fresh: Some(session.request.fresh()),
            // A kit of an earlier revision samples allocations where it has a probe, so that one of
            // two versions would do more than the other.
            probe: spin.is_some()
                || session.request.is_of_today()
                    && member.framework.supports.contains(&Feature::Probe),
            stderr: session.writer.dir().stderr_of(&subject.to_string(), &phase),
        };
        step.start(member, &mut options);
        let executable = member.executable_in(launch.number as usize, subject);
        match (session.launcher.start_ready(&executable, &options)).await {
            Ok(server) => {
                stage.servers.insert(subject.clone(), server);
                // Before it rests for the first time, so that what it gives back then is known.
                stage.known_to_hold(subject);
            }
            Err(e) => {
                let e = blame::servers(subject, e)?;
                stage.leave(subject);
                session.dismiss(cast::failed(subject, Stage::Launch, e))?;
            }
        }
    }
    Ok(stage)
}

impl Running {
    /// Takes a framework's servers off the stage.
    pub fn leave(&mut self, subject: &Subject) {
        (self.servers).retain(|s, _| s.framework != subject.framework);
    }

    /// What a server holds now, in bytes; the reader remembers what it has to.
    fn known_to_hold(&mut self, subject: &Subject) -> Option<u64> {
        self.servers.get(subject)?.resident(&mut self.memory)
    }

    /// Remembers the most memory that a server was seen to hold.
    pub fn saw_memory_of(&mut self, subject: &Subject) {
        if let Some(bytes) = self.known_to_hold(subject) {
            let peak = self.peak.entry(subject.clone()).or_default();
            *peak = bytes.max(*peak);
        }
    }

    /// Looks whether the threads of servers that cannot have changed them are as they were given: those of
    /// all but `ran`, who alone was not paused, or of all where several ran at once.
    ///
    /// # Errors
    /// [`CampaignError::Changed`]. A server can do that to others, and whoever was changed is not to leave.
    pub fn undisturbed(&self, ran: Option<&Subject>) -> Result<(), CampaignError> {
        let (mut changed, mut unchanged, mut how) = (Vec::new(), Vec::new(), None);
        for (subject, server) in self.servers.iter().filter(|(one, _)| Some(*one) != ran) {
            match server.threads().err().filter(ServerError::is_the_servers) {
                Some(error) => {
                    how.get_or_insert(format!("{subject} {error}"));
                    changed.push(subject.to_string());
                }
                None => unchanged.push(subject.to_string()),
            }
        }
        let Some(how) = how else { return Ok(()) };
        unchanged.extend(ran.map(Subject::to_string));
        unchanged.sort();
        Err(CampaignError::Changed {
            changed,
            how,
            ran: ran.map_or_else(|| "all of them".to_owned(), Subject::to_string),
            unchanged,
        })
    }

    /// Whether servers of more than one framework are on the stage.
    fn is_shared(&self) -> bool {
        let mut names = self.servers.keys().map(|subject| &subject.framework);
        let first = names.next();
        names.any(|name| Some(name) != first)
    }

    /// Looks whether the servers, which all run, are what was started; those that are not have to
    /// leave. Between windows, as it takes some ms of CPU time.
    fn inspect(&mut self, session: &mut Session<'_>) -> Result<(), CampaignError> {
        // The check has seen each of them alone, at rest and under load.
        if self.is_shared() {
            self.undisturbed(None)?;
        }
        let looked: Vec<_> = (self.servers.iter())
            .filter_map(|(subject, server)| Some((subject.clone(), server.inspect().err()?)))
            .collect();
        for (subject, e) in looked {
            let e = blame::servers(&subject, e)?;
            self.leave(&subject);
            session.dismiss(cast::failed(&subject, Stage::Launch, e))?;
        }
        Ok(())
    }

    /// Tells all servers that have a probe the same message for a block that asks for it: none can
    /// have made an answer of it before, and what was kept of earlier blocks helps nobody. They are
    /// paused, and are so again.
    pub async fn salt(
        &mut self,
        session: &mut Session<'_>,
        block: &Block,
    ) -> Result<(), CampaignError> {
        if block.scenario != Scenario::Json || !session.request.is_of_today() {
            return Ok(());
        }
        let text = salt_of(session.request.seed, block.number);
        let mut failed = Vec::new();
        for (subject, server) in &mut self.servers {
            let Some(server) = server.here().filter(|server| server.is_probed()) else {
                continue;
            };
            server.resume();
            let told = contract::salted(server, &text).await;
            let company = (server.has_no_company()).err();
            server.pause();
            if let Some(found) = company {
                let error = blame::servers(subject, server.found(found))?;
                failed.push((subject.clone(), error));
                continue;
            }
            match told {
                Ok(body) => {
                    self.bodies.insert(subject.clone(), body);
                }
                // What one that is gone died of is told in its turn.
                Err(_) if server.ended().is_some() => {}
                Err(failure) if failure.is_the_servers() => {
                    let what = format!("does not hold the contract: salt: {failure}");
                    let error = server.failed(Fault::Other(what));
                    failed.push((subject.clone(), error));
                }
                Err(failure) => {
                    return Err(CampaignError::Trouble {
                        who: subject.to_string(),
                        what: format!("could not be told another message ({failure})"),
                    });
                }
            }
        }
        for (subject, error) in failed {
            self.leave(&subject);
            session.dismiss(cast::failed(&subject, Stage::Load, error))?;
        }
        match self.is_shared() {
            true => self.undisturbed(None),
            false => Ok(()),
        }
    }

    /// Lets all servers run, reads their memory and stops them.
    async fn finish(
        mut self,
        session: &mut Session<'_>,
        launch: &Launch,
    ) -> Result<(), CampaignError> {
        for server in self.servers.values_mut() {
            server.resume();
        }
        tokio::time::sleep(estimate::SETTLE).await;
        self.observe_memory(launch, "after", session.writer);
        for (subject, bytes) in &self.peak {
            let row = memory_row(launch, subject, "load", *bytes);
            session.writer.observe(row);
        }
        session.writer.end_group(&launch.memory_group())?;
        self.hold_little(session)?;
        self.inspect(session)?;
        for (subject, server) in std::mem::take(&mut self.servers) {
            if let Err(e) = server.stop().await {
                let e = blame::servers(&subject, e)?;
                session.dismiss(cast::failed(&subject, Stage::Load, e))?;
            }
        }
        Ok(())
    }

    /// Looks how much the servers hold when nothing is asked of them any more: a heap that was filled
    /// after the check has its collector run as seldom as one that was filled before.
    fn hold_little(&mut self, session: &mut Session<'_>) -> Result<(), CampaignError> {
        let mut failed = Vec::new();
        for (subject, server) in &mut self.servers {
            let grows = (session.cast.member(subject)).is_some_and(Member::grows);
            let Some(server) = server.here().filter(|_| !grows) else {
                continue;
            };
            if let Err(failure) = contract::holds_little(server) {
                failed.push((subject.clone(), failure, server.last_words()));
            }
        }
        for (subject, failure, words) in failed {
            (self.servers).retain(|s, _| s.framework != subject.framework);
            session.dismiss(cast::note(&subject, Stage::Load, failure, words))?;
        }
        Ok(())
    }

    fn observe_memory(&mut self, launch: &Launch, mode: &str, writer: &mut CampaignWriter) {
        for (subject, server) in &self.servers {
            if let Some(bytes) = server.resident(&mut self.memory) {
                writer.observe(memory_row(launch, subject, mode, bytes));
            }
        }
    }
}

/// A block's message: drawn, always as long, with the two characters that every encoder of JSON
/// escapes, and in one way.
fn salt_of(seed: u64, block: u32) -> String {
    let mut rng = SmallRng::seed_from_u64(seed ^ u64::from(block).rotate_left(32));
    contract::salt_text(&mut rng)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_has_a_message_of_its_own() {
        let salts = [(1, 1), (1, 2), (2, 1)].map(|(seed, block)| salt_of(seed, block));
        assert!(salts[0] != salts[1] && salts[0] != salts[2] && salts[1] != salts[2]);
        assert_eq!(salts[0], salt_of(1, 1));
        for salt in salts {
            assert_eq!(salt.len(), 14);
            assert_eq!(serde_json::Value::from(salt).to_string().len(), 18);
        }
    }
}
