//! The machine of the servers, where it is another one.

use std::path::Path;
use std::rc::Rc;

use host::{Profile, cpus};
use record::audit::HostAudit;
use record::{Cpus, ServerHost};
use server::Launcher;
use server::remote::link::Ssh;
use server::remote::{Link, LinkError};

use super::{CampaignError, Request};

/// Where the servers are to run.
#[derive(Debug, Clone)]
pub struct Far {
    /// How to get there.
    pub ssh: Ssh,
    /// How that machine should be set.
    pub profile: Option<Profile>,
}

/// Opens the line to the servers' machine, if they are to run on another one.
pub(super) fn open(request: &Request) -> Result<Option<Rc<Link>>, CampaignError> {
    let Some(far) = &request.far else {
        return Ok(None);
    };
    if request.experiment.duet.is_some() {
        return Err(CampaignError::DuetIsHere);
    }
    if request
        .experiment
        .protocol(request.quick)
        .interval
        .is_some()
    {
        return Err(CampaignError::SoakIsHere);
    }
    let program: &Path = &request.instrument.program;
    let campaign = format!("{} of a lab on another machine", request.experiment.name);
    let link = Link::open(&far.ssh, program, &campaign, far.profile.as_ref())?;
    Ok(Some(Rc::new(link)))
}

/// The CPUs there and here: those of the profiles, or there all but the first (which the
/// agent and its ssh use, where there is another), and here all.
pub(super) fn means(request: &Request, link: &Link) -> Result<Cpus, CampaignError> {
    let theirs = (request.far.as_ref())
        .and_then(|far| far.profile.as_ref())
        .and_then(|profile| profile.wanted.cpus.server.as_ref())
        .map(|list| list.cpus());
    let ours = (request.host.as_ref())
        .and_then(|profile| profile.wanted.cpus.instrument.as_ref())
        .map(|list| list.cpus());
    let all = &link.hello().cpus;
    Ok(Cpus {
        server: theirs.unwrap_or_else(|| match all.as_slice() {
            [_, rest @ ..] if !rest.is_empty() => rest.to_vec(),
            only => only.to_vec(),
        }),
        instrument: match ours {
            Some(ours) => ours,
            None => cpus::allowed().map_err(cpus::CpuError::Unknown)?,
        },
    })
}

/// What the campaign file says of that machine when it begins.
pub(super) fn record(request: &Request, link: &Link) -> Result<ServerHost, LinkError> {
    let profile = request.far.as_ref().and_then(|far| far.profile.as_ref());
    Ok(ServerHost {
        destination: link.destination(),
        facts: link.hello().facts.clone(),
        audit: HostAudit {
            profile: profile.map(|p| p.name.clone()),
            before: link.audit()?,
            after: None,
        },
    })
}

/// Who starts the servers.
pub(super) fn launcher(link: Option<&Rc<Link>>) -> Launcher {
    match link {
        Some(link) => Launcher::There(Rc::clone(link)),
        None => Launcher::Here,
    }
}
