//! Can anything be judged here and now? Looked at before the first server is.
//!
//! What is broken in the machine, the checkout or the lab would befall every server alike: a server that
//! cannot be started for want of a port did not fail to listen. So each means that the lab needs is tried
//! once by itself, and what does not work is told in its own words, with a remedy, before anything of a
//! server is looked at.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use catalog::Framework;
use catalog::framework::Language;
use contract::source;
use load::{Expect, Span, SpecDraft};
use sys::cpu_time::{MachineLoad, process_cpu};

use super::Request;

/// Room that builds and a campaign's raw data need at the least.
const ROOM: u64 = 64 << 20;
/// How long loopback may take to connect.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long the instrument is tried, until it has measured something. On an idle machine the first is
/// enough.
const TRIES: [Duration; 3] = [
    Duration::from_millis(20),
    Duration::from_millis(200),
    Duration::from_secs(2),
];

/// Why nothing can be judged here and now; no server has to do with it.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// /proc does not show what the lab reads there.
    #[error(
        "{what} cannot be read from /proc, so other processes' CPU time could not be told from the servers': mount /proc (as root: `mount -t proc proc /proc`)"
    )]
    Proc {
        /// What is missing.
        what: &'static str,
    },
    /// No address or connection on loopback.
    #[error(
        "the loopback device cannot be used ({source}), and servers and instrument talk over it: bring it up (as root: `ip link set lo up`)"
    )]
    Loopback {
        /// The system's words.
        source: io::Error,
    },
    /// No port is free.
    #[error(
        "no port is free on 127.0.0.1 ({source}): wait a minute for closed connections to go, end what holds them (`ss -tan`), or widen the range (as root: `sysctl net.ipv4.ip_local_port_range=\"1024 65535\"`)"
    )]
    Ports {
        /// The system's words.
        source: io::Error,
    },
    /// A folder cannot be written.
    #[error(
        "{} cannot be written ({source}), and the lab keeps {what} there: make it writable, or work in a copy of the checkout that is", folder.display()
    )]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What is kept there.
        what: &'static str,
        /// The system's words.
        source: io::Error,
    },
    /// A folder's file system runs no programs.
    #[error(
        "{} is on a file system that runs no programs (mounted noexec), and the lab keeps {what} there: remount it with exec, or work in a copy of the checkout elsewhere", folder.display()
    )]
    NoExec {
        /// The folder.
        folder: PathBuf,
        /// What is kept there.
        what: &'static str,
    },
    /// A folder's file system is full.
    #[error(
        "{} has {free} KiB of room left and the lab needs at least {} MiB for {what}: free some space there", folder.display(), ROOM >> 20
    )]
    Room {
        /// The folder.
        folder: PathBuf,
        /// What is kept there.
        what: &'static str,
        /// Room left, in KiB.
        free: u64,
    },
    /// The Go toolchain does not work.
    #[error(
        "the Go toolchain cannot run a program of the lab's own: {0}; `go env` shows what is set"
    )]
    Go(String),
    /// The instrument does not work.
    #[error("the instrument does not work on this machine, against a server of the lab's own: {0}")]
    Instrument(String),
}

/// Looks at all means of a campaign.
///
/// # Errors
/// [`Trouble`], the first.
pub(super) async fn campaign(request: &Request) -> Result<(), Trouble> {
    folder(&request.results, "campaigns", false)?;
    means(request.frameworks.values(), &request.build_folder).await
}

/// Looks at what servers need to be built, started and asked.
///
/// # Errors
/// [`Trouble`], the first.
pub async fn means(
    frameworks: impl Iterator<Item = &Framework>,
    build_folder: &Path,
) -> Result<(), Trouble> {
    proc()?;
    loopback()?;
    let builds: Vec<_> = frameworks.filter(|f| f.prebuilt.is_none()).collect();
    if !builds.is_empty() {
        folder(build_folder, "the servers that it builds", true)?;
    }
    if builds.iter().any(|f| f.language == Language::Go) {
        source::works(build_folder).await.map_err(Trouble::Go)?;
    }
    tokio::task::spawn_blocking(instrument)
        .await
        .map_err(|e| Trouble::Instrument(e.to_string()))?
}

/// What the gates read has to be there: a machine of which nothing is seen would look undisturbed.
fn proc() -> Result<(), Trouble> {
    if MachineLoad::now() == MachineLoad::default() {
        return Err(Trouble::Proc {
            what: "the CPUs' busy time (/proc/stat)",
        });
    }
    let own = std::process::id();
    if process_cpu(own as i32).is_none() || !Path::new("/proc/self/task").is_dir() {
        return Err(Trouble::Proc {
            what: "a process (/proc/PID)",
        });
    }
    Ok(())
}

fn loopback() -> Result<(), Trouble> {
    let of = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => Trouble::Ports { source },
        _ => Trouble::Loopback { source },
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(of)?;
    let address = listener.local_addr().map_err(of)?;
    match TcpStream::connect_timeout(&address, CONNECT_WITHIN) {
        Ok(_) => Ok(()),
        // The address is there, so it is a port for this end that is not.
        Err(source) if source.kind() == io::ErrorKind::AddrNotAvailable => {
            Err(Trouble::Ports { source })
        }
        Err(e) => Err(of(e)),
    }
}

fn folder(folder: &Path, what: &'static str, programs: bool) -> Result<(), Trouble> {
    let failed = |source| Trouble::Folder {
        folder: folder.to_owned(),
        what,
        source,
    };
    // What was not there before is not left behind: a campaign that cannot begin leaves nothing.
    let existing = folder.ancestors().find(|f| f.exists());
    let existing = match existing {
        Some(existing) if !existing.as_os_str().is_empty() => existing,
        _ => Path::new("."),
    };
    let probe = existing.join(format!(".lab-probe-{}", std::process::id()));
    let written = fs::write(&probe, [0; 4096]);
    let _ = fs::remove_file(&probe);
    let full = |e: &io::Error| e.kind() == io::ErrorKind::StorageFull;
    match written {
        Err(e) if full(&e) => {
            return Err(Trouble::Room {
                folder: folder.to_owned(),
                what,
                free: 0,
            });
        }
        other => other.map_err(failed)?,
    }
    let (free, no_exec) = file_system(existing).map_err(failed)?;
    if free < ROOM {
        return Err(Trouble::Room {
            folder: folder.to_owned(),
            what,
            free: free >> 10,
        });
    }
    if programs && no_exec {
        return Err(Trouble::NoExec {
            folder: folder.to_owned(),
            what,
        });
    }
    Ok(())
}

/// The bytes that are free on a folder's file system, and whether it runs no programs.
fn file_system(folder: &Path) -> io::Result<(u64, bool)> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::CString::new(folder.as_os_str().as_bytes())?;
    // SAFETY: an all-zero statvfs is valid; both pointers live through the call.
    let stat = unsafe {
        let mut stat: libc::statvfs = std::mem::zeroed();
        if libc::statvfs(path.as_ptr(), &mut stat) != 0 {
            return Err(io::Error::last_os_error());
        }
        stat
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    Ok((free, stat.f_flag & libc::ST_NOEXEC != 0))
}

/// The instrument against a server that cannot be at fault.
fn instrument() -> Result<(), Trouble> {
    let failed = |e: &dyn std::fmt::Display| Trouble::Instrument(e.to_string());
    let server = Canary::start().map_err(|e| failed(&e))?;
    let mut seen = String::new();
    for duration in TRIES {
        let mut spec = SpecDraft::new(format!("http://{}", server.address));
        spec.expect = Expect {
            status: Some(200),
            body: Some(BODY.to_owned()),
            length: None,
        };
        spec.connections = 2;
        spec.lead_in = Span(Duration::ZERO);
        spec.duration = Span(duration);
        spec.timeout = Span(Duration::from_secs(2));
        let spec = spec.check().map_err(|e| failed(&e))?;
        let outcome = load::run(&spec).map_err(|e| failed(&e))?;
        if outcome.counts.ok > 0 {
            return Ok(());
        }
        let counts = outcome.counts;
        seen = format!(
            "in {} ms it sent {} requests and had no right answer (failed: {})",
            duration.as_millis(),
            counts.sent,
            counts.failed
        );
    }
    Err(failed(&format!("{seen}: is the machine very busy?")))
}

const BODY: &str = "ok";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A server of the lab's own: each read is a request, as the instrument sends no more than one at a time.
struct Canary {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Canary {
    fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        std::thread::Builder::new().spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                std::thread::spawn(move || serve(stream));
            }
        })?;
        Ok(Self { address, stop })
    }
}

fn serve(mut stream: TcpStream) {
    let mut request = [0; 4096];
    while stream.read(&mut request).is_ok_and(|n| n > 0) {
        if stream.write_all(ANSWER).is_err() {
            break;
        }
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the listener, so that its thread ends.
        let _ = TcpStream::connect_timeout(&self.address, CONNECT_WITHIN);
    }
}

/// What the instrument says of the lab's own server, for tests of what is made of that.
#[cfg(test)]
pub(super) fn outcome_of_canary() -> load::Outcome {
    let server = Canary::start().unwrap();
    let mut spec = SpecDraft::new(format!("http://{}", server.address));
    spec.connections = 2;
    spec.lead_in = Span(Duration::ZERO);
    spec.duration = Span(Duration::from_millis(200));
    loop {
        let outcome = load::run(&spec.clone().check().unwrap()).unwrap();
        if outcome.counts.ok > 0 {
            return outcome;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_what_tests_need_and_nothing_is_left_behind() {
        proc().unwrap();
        loopback().unwrap();
        instrument().unwrap();
        let place = tempfile::tempdir().unwrap();
        folder(&place.path().join("a/b"), "things", true).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named_with_what_it_is_for() {
        // Not even root writes there.
        let error = folder(Path::new("/proc/nowhere"), "things", false).unwrap_err();
        let words = error.to_string();
        assert!(
            words.starts_with("/proc/nowhere cannot be written ("),
            "{words}"
        );
        assert!(words.contains("keeps things there"), "{words}");
    }

    #[test]
    fn a_full_file_system_is_told_by_its_room() {
        let place = tempfile::tempdir().unwrap();
        let (free, no_exec) = file_system(place.path()).unwrap();
        assert!(free > 0 && !no_exec);
        assert!(file_system(&place.path().join("nowhere")).is_err());
        // /proc has no blocks at all.
        assert_eq!(file_system(Path::new("/proc")).unwrap().0, 0);
    }
}
