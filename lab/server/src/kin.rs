//! Processes that servers made and that are not below them any more.
//!
//! A process can have a sibling made of itself, and who outlives its parent is somebody else's child.
//! So the lab keeps orphans: whatever a server starts is below the server, or a child of the lab. And a
//! server leads a session of its own, which nobody can enter: what it starts is in that session, or in
//! one begun since. The lab's own children are in the lab's. A child of the lab in any other session
//! that the lab did not start is a server's: by what the server was signed with, by session, by file, or
//! as no other server was running.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use sys::{privileges, spawn};

use super::inspect::{Stat, file_of};

/// What tells a process from a later one with its number.
type Identity = (i32, u64);

/// A server of this lab.
struct Known {
    /// For whom a sentence names it.
    name: String,
    file: Option<(u64, u64)>,
    awake: bool,
}

/// All that this lab started, also those that have ended: until somebody reads its end a process is
/// still there to be seen.
static STARTED: Mutex<BTreeMap<Identity, Known>> = Mutex::new(BTreeMap::new());

fn started() -> MutexGuard<'static, BTreeMap<Identity, Known>> {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a server so that nobody takes it for a stranger in between, by what `spawn` does; it gives the
/// new process's number beside what the caller wants.
pub(super) fn start<T>(
    name: &str,
    file: Option<(u64, u64)>,
    spawn: impl FnOnce() -> io::Result<(i32, T)>,
) -> io::Result<T> {
    static KEEPS: Once = Once::new();
    // A kernel that cannot is too old for the lab anyway.
    KEEPS.call_once(|| drop(spawn::keep_orphans()));
    let mut all = started();
    let (pid, made) = spawn()?;
    if let Some(stat) = Stat::of_process(pid) {
        let name = name.to_owned();
        let known = Known {
            name,
            file,
            awake: true,
        };
        all.insert((pid, stat.begun), known);
    }
    Ok(made)
}

/// Keeps whether a server may run.
pub(super) fn is_awake(pid: i32, awake: bool) {
    let mut all = started();
    // Of several with this number the last is meant.
    if let Some((_, known)) = all.range_mut((pid, 0)..=(pid, u64::MAX)).next_back() {
        known.awake = awake;
    }
}

/// Whose a child of the lab is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// The lab's own, or another server's.
    Others,
    /// This server's.
    Its,
    /// One's of these.
    OneOf(Vec<String>),
}

/// Whose a child of the lab is, where a server asks whether it is its own.
pub(super) fn whose(pid: i32, stat: &Stat, server: i32) -> Whose {
    // SAFETY: no pointers.
    let lab = unsafe { libc::getsid(0) };
    if stat.session == lab {
        return Whose::Others;
    }
    let all = started();
    if all.contains_key(&(pid, stat.begun)) {
        return Whose::Others;
    }
    let file = file_of(format!("/proc/{pid}/exe")).ok();
    let suspects: Vec<_> = (all.iter())
        .filter(|((_, begun), _)| *begun <= stat.begun)
        .collect();
    let by_file = |known: &Known| known.file.is_some() && known.file == file;
    let awake: Vec<_> = (suspects.iter().filter(|(_, known)| known.awake)).collect();
    let signed = privileges::signed(pid);
    let by_signature = suspects.iter().rfind(|((id, _), _)| Some(*id) == signed);
    let by_trace =
        || (suspects.iter()).rfind(|((id, _), known)| *id == stat.session || by_file(known));
    if let Some(((owner, _), _)) = by_signature.or_else(by_trace) {
        return match *owner == server {
            true => Whose::Its,
            false => Whose::Others,
        };
    }
    match awake.iter().any(|((id, _), _)| *id == server) {
        false => Whose::Others,
        true if awake.len() == 1 => Whose::Its,
        true => Whose::OneOf(awake.iter().map(|(_, known)| known.name.clone()).collect()),
    }
}

/// Ends a child of the lab that the lab did not start, so that it works for nobody else.
pub(super) fn end(pid: i32) {
    // SAFETY: no pointers but to the status, which may be null. It is the lab's child and nobody else
    // reads its end, so the number is its own.
    unsafe {
        libc::kill(pid, libc::SIGKILL);
        libc::waitpid(pid, std::ptr::null_mut(), 0);
    }
}

/// Ends what a server that is over left in its session.
pub(super) fn end_session(server: i32) {
    let own = std::process::id() as i32;
    let known = |pid: i32, stat: &Stat| started().contains_key(&(pid, stat.begun));
    for (pid, stat) in Stat::all() {
        if stat.session == server && stat.parent == own && !known(pid, &stat) {
            end(pid);
        }
    }
}
