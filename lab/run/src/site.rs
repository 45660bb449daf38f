//! Where the servers of a campaign run: on this machine, or on another one. Asked once, when a
//! campaign begins; from then on it is one object, and nothing else tells the two apart.

use std::path::Path;
use std::rc::Rc;

use host::cpus::sharing_a_core;
use host::{Machine, Profile, cpus};
use record::audit::{HostAudit, Setting};
use record::{Cpus, ServerHost};
use server::remote::Link;
use server::remote::link::Ssh;
use server::{Here, Launcher};

use super::{CampaignError, Request};

/// Another machine, where the servers are to run.
#[derive(Debug, Clone)]
pub struct Far {
    /// How to get there.
    pub ssh: Ssh,
    /// How that machine should be set.
    pub profile: Option<Profile>,
}

/// The servers' machine.
pub(super) trait Site {
    /// The CPUs to measure on.
    ///
    /// # Errors
    /// When there are too few, or not those of the profile.
    fn cpus(&self) -> Result<Cpus, CampaignError>;

    /// What the campaign file says of it when it begins; nothing of this machine, of which it says
    /// everything elsewhere.
    ///
    /// # Errors
    /// When it cannot be asked.
    fn record(&self) -> Result<Option<ServerHost>, CampaignError>;

    /// Its settings, where it is not this machine; nothing when it cannot be asked any more.
    fn audit(&self) -> Option<Vec<Setting>>;

    /// By which profile the campaign goes; nothing where there is none.
    fn profile(&self) -> Option<String>;

    /// What there is to know of the core that servers and instrument may share.
    fn shared_core(&self, cpus: &Cpus) -> Option<String>;

    /// Who starts the servers.
    fn launcher(&self) -> Box<dyn Launcher>;
}

/// The site of a campaign; opens the line to the servers' machine, if they are to run on another
/// one.
///
/// # Errors
/// [`CampaignError::OnlyHere`] where the experiment cannot be measured there;
/// [`CampaignError::Link`].
pub(super) fn of(request: &Request) -> Result<Box<dyn Site>, CampaignError> {
    let here = request.host.clone();
    let Some(far) = request.far.clone() else {
        return Ok(Box::new(OnThis { profile: here }));
    };
    let experiment = &request.experiment;
    let duet = experiment
        .duet
        .as_ref()
        .map(plan::kinds::duet::Duet::only_here);
    let kind = experiment.protocol(request.quick).plan().only_here();
    if let Some(why) = duet.or(kind) {
        return Err(CampaignError::OnlyHere(why));
    }
    let program: &Path = &request.instrument.program;
    let campaign = format!("{} of a lab on another machine", experiment.name);
    let link = Link::open(&far.ssh, program, &campaign, far.profile.as_ref())?;
    Ok(Box::new(OnAnother {
        link: Rc::new(link),
        theirs: far.profile,
        ours: here,
    }))
}

/// The profile of the servers' machine.
pub(super) fn servers_profile(request: &Request) -> Option<&Profile> {
    match &request.far {
        Some(far) => far.profile.as_ref(),
        None => request.host.as_ref(),
    }
}

/// This machine.
struct OnThis {
    profile: Option<Profile>,
}

impl Site for OnThis {
    fn cpus(&self) -> Result<Cpus, CampaignError> {
        Ok(match &self.profile {
            Some(profile) => cpus::of(profile)?,
            None => cpus::share()?,
        })
    }

    fn record(&self) -> Result<Option<ServerHost>, CampaignError> {
        Ok(None)
    }

    fn audit(&self) -> Option<Vec<Setting>> {
        None
    }

    fn profile(&self) -> Option<String> {
        self.profile.as_ref().map(|profile| profile.name.clone())
    }

    fn shared_core(&self, cpus: &Cpus) -> Option<String> {
        let (server, instrument) = sharing_a_core(&Machine::this(), cpus)?;
        Some(format!(
            "CPUs {server} and {instrument} are threads of one core"
        ))
    }

    fn launcher(&self) -> Box<dyn Launcher> {
        Box::new(Here)
    }
}

/// Another machine, at the other end of a line.
struct OnAnother {
    link: Rc<Link>,
    theirs: Option<Profile>,
    ours: Option<Profile>,
}

impl Site for OnAnother {
    /// Those of the profiles, or there all but the first (which the agent and its ssh use, where
    /// there is another), and here all.
    fn cpus(&self) -> Result<Cpus, CampaignError> {
        let theirs = self.theirs.as_ref();
        let theirs = theirs.and_then(|profile| profile.wanted.cpus.server.as_ref());
        let ours = self.ours.as_ref();
        let ours = ours.and_then(|profile| profile.wanted.cpus.instrument.as_ref());
        Ok(Cpus {
            server: match theirs {
                Some(list) => list.cpus(),
                None => match self.link.hello().cpus.as_slice() {
                    [_, rest @ ..] if !rest.is_empty() => rest.to_vec(),
                    only => only.to_vec(),
                },
            },
            instrument: match ours {
                Some(list) => list.cpus(),
                None => cpus::allowed().map_err(cpus::CpuError::Unknown)?,
            },
        })
    }

    fn record(&self) -> Result<Option<ServerHost>, CampaignError> {
        Ok(Some(ServerHost {
            destination: self.link.destination(),
            facts: self.link.hello().facts.clone(),
            audit: HostAudit {
                profile: self.theirs.as_ref().map(|p| p.name.clone()),
                before: self.link.audit()?,
                after: None,
            },
        }))
    }

    fn audit(&self) -> Option<Vec<Setting>> {
        self.link.audit().ok()
    }

    fn profile(&self) -> Option<String> {
        let (theirs, ours) = (self.theirs.as_ref()?, self.ours.as_ref()?);
        Some(format!("{}-from-{}", theirs.name, ours.name))
    }

    /// Servers on another machine share no core with anything here.
    fn shared_core(&self, _cpus: &Cpus) -> Option<String> {
        None
    }

    fn launcher(&self) -> Box<dyn Launcher> {
        Box::new(Rc::clone(&self.link))
    }
}
