//! Whether a running server is what the lab started: its program, one process, its own
//! connections, threads as they were given.
//!
//! Work that is done elsewhere (in a child, in a process that outlives its parent, by one that was
//! there before) is not in the CPU time that a campaign reads, and a program that took the place
//! of the built one is another program. All of this is looked for between windows, never in one:
//! it takes some ms.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::error::{Fault, ServerError};
use super::process::Server;

/// As many connections are opened to see whose they are: where several processes listen on one
/// port, the kernel deals connections out among them.
const CONNECTIONS: usize = 8;
/// How long one answer on them may take, and how often it is tried.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const TRIES: usize = 3;
/// Before a look at what was strange is taken once more.
const ONCE_MORE: Duration = Duration::from_millis(20);

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The server is not what was started, and this is how.
    Offence(String),
    /// The machine does not show what has to be seen.
    Unseen(String),
}

fn offence<T>(words: impl Into<String>) -> Result<T, Found> {
    Err(Found::Offence(words.into()))
}

fn unseen(what: &str) -> impl Fn(io::Error) -> Found + use<'_> {
    move |e| Found::Unseen(format!("{what} cannot be read: {e}"))
}

/// What threads were given when the server was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    cpus: BTreeSet<usize>,
    nice: i64,
    policy: i64,
}

impl Given {
    /// What the calling thread hands on, on these CPUs, or on its own where none are named.
    pub fn to_child(cpus: &[usize]) -> Self {
        // SAFETY: no pointers; errno says nothing here that matters.
        let (nice, policy) = unsafe {
            let nice = libc::getpriority(libc::PRIO_PROCESS, 0);
            (nice, libc::sched_getscheduler(0))
        };
        let own = || affinity(0).unwrap_or_default();
        Self {
            cpus: match cpus.is_empty() {
                true => own(),
                false => cpus.iter().copied().collect(),
            },
            nice: nice.into(),
            policy: policy.into(),
        }
    }

    /// How many CPUs these are.
    pub fn cpus(&self) -> usize {
        self.cpus.len()
    }
}

fn affinity(thread: i32) -> Option<BTreeSet<usize>> {
    // SAFETY: an all-zero set is valid, the pointer lives through the call, indices are in bounds.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(thread, size_of::<libc::cpu_set_t>(), &mut set) != 0 {
            return None;
        }
        let all = 0..libc::CPU_SETSIZE as usize;
        Some(all.filter(|cpu| libc::CPU_ISSET(*cpu, &set)).collect())
    }
}

impl Server {
    /// Looks at everything.
    ///
    /// # Errors
    /// [`Fault::Other`] where it is not what was started; [`Fault::Start`] where that
    /// cannot be seen.
    pub fn inspect(&self) -> Result<(), ServerError> {
        let all = (self.runs_its_program())
            .and_then(|()| self.is_one_process())
            .and_then(|()| self.threads_are_as_given())
            .and_then(|()| self.connections_are_its_own());
        all.map_err(|found| {
            self.failed(match found {
                Found::Offence(words) => Fault::Other(words),
                Found::Unseen(words) => Fault::Start(io::Error::other(words)),
            })
        })
    }

    /// It still runs the executable that was started.
    ///
    /// # Errors
    /// [`Found`].
    pub fn runs_its_program(&self) -> Result<(), Found> {
        let link = format!("/proc/{}/exe", self.pid());
        let runs = file_of(&link).map_err(unseen(&link))?;
        let built = file_of(self.executable()).map_err(unseen("its executable"))?;
        if runs == built {
            return Ok(());
        }
        let what = fs::read_link(&link).map_err(unseen(&link))?;
        offence(format!(
            "runs {} in the place of the executable that was built",
            what.display()
        ))
    }

    /// No process works for it: no child, no process of its group, none that inherited its
    /// environment, none that runs its file and was not started by a lab, and none that has been and gone.
    ///
    /// # Errors
    /// [`Found`].
    pub fn is_one_process(&self) -> Result<(), Found> {
        let own = Stat::of(&format!("/proc/{}", self.pid()))
            .ok_or_else(|| Found::Unseen("the server's own process is not there".to_owned()))?;
        let mark = format!("LISTEN={}", self.address());
        let built = file_of(self.executable()).map_err(unseen("its executable"))?;
        let lab = file_of("/proc/self/exe").map_err(unseen("the lab's own executable"))?;
        for folder in fs::read_dir("/proc").map_err(unseen("/proc"))?.flatten() {
            let name = folder.file_name();
            let Some(pid) = name.to_str().and_then(|n| n.parse::<i32>().ok()) else {
                continue;
            };
            if pid == self.pid() {
                continue;
            }
            let path = folder.path();
            let Some(stat) = Stat::of(&path.to_string_lossy()) else {
                continue;
            };
            let kin = if stat.parent == self.pid() {
                Some("a child process")
            } else if stat.group == self.pid() {
                Some("a process in its group")
            } else if inherited(&path, &mark) {
                Some("a process with its environment")
            } else if runs(pid, built) && !is_started_by_another(stat.parent, lab) {
                Some("a process that runs its file and that no lab started")
            } else {
                None
            };
            if let Some(kin) = kin {
                return offence(format!("has {kin}, {} ({pid})", stat.name));
            }
        }
        if own.children_faults > 0 {
            return offence("had a child process, which has ended");
        }
        Ok(())
    }

    /// All of its threads run where and as they were started.
    ///
    /// # Errors
    /// [`Found`].
    pub fn threads_are_as_given(&self) -> Result<(), Found> {
        let folder = format!("/proc/{}/task", self.pid());
        for thread in fs::read_dir(&folder).map_err(unseen(&folder))?.flatten() {
            let Some(stat) = Stat::of(&thread.path().to_string_lossy()) else {
                continue;
            };
            let given = self.given();
            for (what, has, given) in [
                ("the nice value", stat.nice, given.nice),
                ("the scheduling policy", stat.policy, given.policy),
            ] {
                if has != given {
                    return offence(format!(
                        "has a thread with {what} {has} that was given {given}"
                    ));
                }
            }
            let id = thread.file_name().to_str().and_then(|n| n.parse().ok());
            // A thread may end while it is looked at.
            if let Some(cpus) = id.and_then(affinity)
                && cpus != given.cpus
            {
                return offence(format!(
                    "has a thread on the CPUs {cpus:?} that was given {:?}",
                    given.cpus
                ));
            }
        }
        Ok(())
    }

    /// Whoever connects is answered by this process alone, and it talks to nobody else.
    ///
    /// # Errors
    /// [`Found`].
    pub fn connections_are_its_own(&self) -> Result<(), Found> {
        let asked: Vec<_> = (0..CONNECTIONS)
            .map(|_| ask(self.address()))
            .collect::<Result<_, _>>()?;
        let held = descriptors(self.pid()).map_err(unseen("its descriptors"))?;
        let port = self.address().port();
        let mut of_port = BTreeSet::new();
        let tables = [("tcp", 10), ("tcp6", 10)].map(|(table, _)| rows(self.pid(), table));
        for row in tables.iter().flatten().filter(|row| row.local == port) {
            let ours = asked
                .iter()
                .any(|stream| Some(row.remote) == port_of(stream));
            let listens = row.state == LISTENS;
            if !(ours && row.state == ESTABLISHED || listens) {
                continue;
            }
            if !held.sockets.contains(&row.inode) {
                return offence(match listens {
                    true => "shares its port with another process that listens on it",
                    false => "has connections that another process answers on",
                });
            }
            of_port.insert(row.inode);
        }
        for row in tables.iter().flatten() {
            let outward = row.local != port && row.state == ESTABLISHED;
            if outward && held.sockets.contains(&row.inode) {
                return offence(format!(
                    "has a connection of its own, to port {}",
                    row.remote
                ));
            }
        }
        self.talks_to_nobody(&held)?;
        self.holds_what_servers_hold()?;
        drop(asked);
        match others_with(self.pid(), &of_port) {
            Some(pid) => offence(format!("shares its sockets with process {pid}")),
            None => Ok(()),
        }
    }

    /// No sockets, pipes or shared memory by which another process could answer for it.
    fn talks_to_nobody(&self, held: &Descriptors) -> Result<(), Found> {
        let local = unix_sockets(self.pid());
        // What the lab itself was started with is handed on by the system.
        let handed = descriptors(std::process::id() as i32).map_err(unseen("the lab's own"))?;
        let mine = held.sockets.difference(&handed.sockets);
        let mine = mine.filter(|inode| local.contains(inode)).count();
        if mine > usize::from(self.is_probed()) {
            return offence("has a local socket beside its probe");
        }
        if !held.pipes.is_subset(&handed.pipes) {
            return offence("has a pipe");
        }
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.pid()));
        let maps = maps.map_err(unseen("its memory map"))?;
        let shared = maps.lines().find(|line| {
            let rights = line.split(' ').nth(1).unwrap_or_default();
            rights.contains('w') && rights.ends_with('s')
        });
        match shared {
            Some(line) => offence(format!("has memory that it may share: {line}")),
            None => Ok(()),
        }
    }
}

impl Server {
    /// All of its descriptors are such as servers have: sockets of its port, its probe, the
    /// runtime's, its output. Whatever else is open is a way to somebody else.
    fn holds_what_servers_hold(&self) -> Result<(), Found> {
        let mut strange = BTreeSet::new();
        // A connection may end between one look and the next; what stays is strange.
        for attempt in 0..TRIES {
            if attempt > 0 {
                std::thread::sleep(ONCE_MORE);
            }
            let now = self.strange()?;
            strange = match attempt {
                0 => now,
                _ => strange.intersection(&now).cloned().collect(),
            };
            if strange.is_empty() {
                return Ok(());
            }
        }
        let first = strange.first().map_or("", String::as_str);
        offence(format!(
            "has a descriptor that no server needs, {first}: it may be a way to another process"
        ))
    }

    fn strange(&self) -> Result<BTreeSet<String>, Found> {
        let own = format!("/proc/{}/fd", self.pid());
        let handed: BTreeSet<_> = (fs::read_dir("/proc/self/fd")
            .into_iter()
            .flatten()
            .flatten())
        .filter_map(|fd| fs::read_link(fd.path()).ok())
        .collect();
        let port = self.address().port();
        let tables = ["tcp", "tcp6"].map(|table| rows(self.pid(), table));
        let of_port: BTreeSet<u64> = (tables.iter().flatten())
            .filter(|row| row.local == port)
            .map(|row| row.inode)
            .collect();
        let local = unix_sockets(self.pid());
        let mut strange = BTreeSet::new();
        for fd in fs::read_dir(&own).map_err(unseen(&own))?.flatten() {
            let standard = matches!(fd.file_name().to_str(), Some("0" | "1" | "2"));
            let Ok(target) = fs::read_link(fd.path()) else {
                continue;
            };
            if standard || handed.contains(&target) {
                continue;
            }
            let name = target.to_string_lossy().into_owned();
            let socket = name.strip_prefix("socket:[").and_then(|rest| {
                let inode = rest.strip_suffix(']')?;
                inode.parse::<u64>().ok()
            });
            let usual = match socket {
                // Those of the second kind have been counted.
                Some(inode) => of_port.contains(&inode) || local.contains(&inode),
                None => USUAL.iter().any(|start| name.starts_with(start)),
            };
            if !usual {
                strange.insert(name);
            }
        }
        Ok(strange)
    }
}

/// What the Go runtime has open beside sockets: its poller, what wakes it, its share of the CPUs.
const USUAL: [&str; 4] = [
    "anon_inode:[eventfd]",
    "anon_inode:[eventpoll]",
    "/dev/null",
    "/sys/fs/cgroup/",
];

/// A request and the start of its answer, so that the connection has been taken.
fn ask(address: SocketAddr) -> Result<TcpStream, Found> {
    let once = || -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let request = format!("GET /plaintext HTTP/1.1\r\nHost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        match stream.read(&mut [0; 4096])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(stream),
        }
    };
    let mut last = String::new();
    for _ in 0..TRIES {
        match once() {
            Ok(stream) => return Ok(stream),
            Err(e) => last = e.to_string(),
        }
    }
    offence(format!(
        "gives no answer on a connection of its own: {last}"
    ))
}

fn port_of(stream: &TcpStream) -> Option<u16> {
    stream.local_addr().ok().map(|address| address.port())
}

/// What a process's or a thread's `stat` says.
struct Stat {
    name: String,
    parent: i32,
    group: i32,
    children_faults: u64,
    nice: i64,
    policy: i64,
}

impl Stat {
    fn of(folder: &str) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("{folder}/stat")).ok()?)
    }

    /// `pid (name, that may hold anything) state parent group ...`, see proc(5).
    fn parse(text: &str) -> Option<Self> {
        let (head, rest) = text.rsplit_once(')')?;
        let words: Vec<_> = rest.split_whitespace().collect();
        // The state is the third field there, and the first here.
        let field = |number: usize| words.get(number - 3);
        Some(Self {
            name: head.split_once('(')?.1.to_owned(),
            parent: field(4)?.parse().ok()?,
            group: field(5)?.parse().ok()?,
            children_faults: field(11)?.parse().ok()?,
            nice: field(19)?.parse().ok()?,
            policy: field(41)?.parse().ok()?,
        })
    }
}

/// Which file this is, by whatever name: its device and its number there.
fn file_of(path: impl AsRef<Path>) -> io::Result<(u64, u64)> {
    let file = fs::metadata(path)?;
    Ok((file.dev(), file.ino()))
}

/// Whether a process runs a file. Another user's process does not say.
fn runs(pid: i32, file: (u64, u64)) -> bool {
    file_of(format!("/proc/{pid}/exe")).is_ok_and(|its| its == file)
}

/// Whether a process is another lab, which starts servers from the same file: what this one has started of
/// it is the server itself, and a sibling that its kernel takes for this one's child is none of them.
fn is_started_by_another(parent: i32, lab: (u64, u64)) -> bool {
    parent != std::process::id() as i32 && runs(parent, lab)
}

/// Whether a process has this variable. Another user's process does not say.
fn inherited(process: &Path, mark: &str) -> bool {
    let environ = fs::read(process.join("environ")).unwrap_or_default();
    environ.split(|b| *b == 0).any(|one| one == mark.as_bytes())
}

#[derive(Debug, Default)]
struct Descriptors {
    sockets: BTreeSet<u64>,
    pipes: BTreeSet<u64>,
}

fn descriptors(pid: i32) -> io::Result<Descriptors> {
    let mut all = Descriptors::default();
    for fd in fs::read_dir(format!("/proc/{pid}/fd"))?.flatten() {
        let Ok(target) = fs::read_link(fd.path()) else {
            continue;
        };
        let target = target.to_string_lossy();
        let inode = |kind: &str| {
            let number = target.strip_prefix(kind)?.strip_suffix(']')?;
            number.parse::<u64>().ok()
        };
        all.sockets.extend(inode("socket:["));
        // Standard output may be one of the lab's own user.
        let standard = matches!(fd.file_name().to_str(), Some("0" | "1" | "2"));
        all.pipes.extend(inode("pipe:[").filter(|_| !standard));
    }
    Ok(all)
}

const ESTABLISHED: u8 = 1;
const LISTENS: u8 = 10;

/// A socket of /proc/PID/net/tcp.
struct Row {
    local: u16,
    remote: u16,
    state: u8,
    inode: u64,
}

fn rows(pid: i32, table: &str) -> Vec<Row> {
    let text = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
    let row = |line: &str| {
        // sl local_address rem_address st queues tr retrnsmt uid timeout inode
        let words: Vec<_> = line.split_whitespace().collect();
        let port = |word: &str| u16::from_str_radix(word.rsplit(':').next()?, 16).ok();
        Some(Row {
            local: port(words.get(1)?)?,
            remote: port(words.get(2)?)?,
            state: u8::from_str_radix(words.get(3)?, 16).ok()?,
            inode: words.get(9)?.parse().ok()?,
        })
    };
    text.lines().skip(1).filter_map(row).collect()
}

fn unix_sockets(pid: i32) -> BTreeSet<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/net/unix")).unwrap_or_default();
    // Num RefCount Protocol Flags Type St Inode Path
    let inode = |line: &str| line.split_whitespace().nth(6)?.parse().ok();
    text.lines().skip(1).filter_map(inode).collect()
}

/// Another process that holds one of these sockets.
fn others_with(own: i32, sockets: &BTreeSet<u64>) -> Option<i32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|p| p.file_name().to_str()?.parse::<i32>().ok());
    let holders: BTreeMap<i32, Descriptors> = pids
        .filter(|pid| *pid != own)
        .filter_map(|pid| Some((pid, descriptors(pid).ok()?)))
        .collect();
    (holders.into_iter())
        .find(|(_, held)| !held.sockets.is_disjoint(sockets))
        .map(|(pid, _)| pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let mut words = vec!["0"; 50];
        words[0] = "S";
        (words[1], words[2], words[8], words[16], words[38]) = ("7", "8", "9", "-5", "3");
        let stat = Stat::parse(&format!("42 (a) S 1 (b) {}", words.join(" "))).unwrap();
        assert_eq!(stat.name, "a) S 1 (b");
        assert_eq!((stat.parent, stat.group), (7, 8));
        assert_eq!(stat.children_faults, 9);
        assert_eq!((stat.nice, stat.policy), (-5, 3));
    }

    #[test]
    fn this_process_is_seen_as_it_is() {
        let own = std::process::id() as i32;
        let stat = Stat::of("/proc/self").unwrap();
        assert_eq!(stat.parent, std::os::unix::process::parent_id() as i32);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let row = rows(own, "tcp").into_iter().find(|row| row.local == port);
        let row = row.unwrap();
        assert_eq!(row.state, LISTENS);
        assert!(descriptors(own).unwrap().sockets.contains(&row.inode));
        let (one, _other) = std::os::unix::net::UnixStream::pair().unwrap();
        let held = descriptors(own).unwrap();
        assert!(held.sockets.intersection(&unix_sockets(own)).count() >= 2);
        drop(one);
        let mut set = BTreeSet::from([row.inode]);
        assert_eq!(others_with(own, &set), None);
        set.clear();
        assert_eq!(others_with(i32::MAX, &set), None);
        let given = Given::to_child(&[]);
        assert_eq!(Some(given.cpus), affinity(0));
    }
}
