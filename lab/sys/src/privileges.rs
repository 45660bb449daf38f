//! What a server is not given: rights over other processes. A lab that runs as root would hand on all
//! of its own.
//!
//! User and files stay as they are, so the two rights to read what belongs to somebody else stay too.
//!
//! And it is signed: two limits that mean nothing to a server hold its number, once as it is and once
//! taken from [`WHOLE`]. All that it starts inherits both, whatever becomes of its parent, its session
//! and its environment. A limit can be lowered and never be raised again, and who lowers one of them has
//! no pair any more, so nobody signs as another.

use std::io;

use crate::spawn::check;

/// CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, by their numbers in the kernel's interface.
const KEPT: [u32; 2] = [1, 2];
/// The kernel's sets have as many bits.
const CAPABILITIES: u32 = 64;
/// _LINUX_CAPABILITY_VERSION_3: two words of 32 bits for each set.
const VERSION: u32 = 0x2008_0522;

/// What both limits of a signature add up to.
const WHOLE: u64 = 1 << 40;

#[repr(C)]
struct Header {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Default, Clone, Copy)]
struct Word {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// Gives up, for the program that this process becomes, every capability but [`KEPT`], the way back to
/// any, and what limits allow of nice values below those given and of real-time policies.
///
/// Makes system calls only, so it may stand between fork and exec.
pub(crate) fn give_up() -> io::Result<()> {
    // SAFETY: prctl takes numbers here; the pointers of the others are to values that live through
    // the calls and have the kernel's layout.
    unsafe {
        check(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
        let mut words = [Word::default(); 2];
        let mut header = Header {
            version: VERSION,
            pid: 0,
        };
        check(libc::syscall(libc::SYS_capget, &raw mut header, words.as_mut_ptr()) as i32)?;
        // What may not be inherited cannot be ambient either.
        for word in &mut words {
            word.inheritable = 0;
        }
        check(libc::syscall(libc::SYS_capset, &raw mut header, words.as_ptr()) as i32)?;
        for capability in (0..CAPABILITIES).filter(|one| !KEPT.contains(one)) {
            // Refused to who has nothing to drop, and for numbers that this kernel does not know.
            libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0);
        }
        let none = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        check(libc::setrlimit(libc::RLIMIT_NICE, &raw const none))?;
        check(libc::setrlimit(libc::RLIMIT_RTPRIO, &raw const none))
    }
}

/// Signs this process, and so the program that it becomes and all that this starts. Where somebody has
/// lowered the limits before there is no signature.
///
/// Makes system calls only, so it may stand between fork and exec.
pub(crate) fn sign() {
    // SAFETY: the pointers are to limits that live through the calls.
    unsafe {
        let own = libc::getpid() as u64;
        for (limit, value) in [
            (libc::RLIMIT_LOCKS, own),
            (libc::RLIMIT_RTTIME, WHOLE - own),
        ] {
            let value = libc::rlimit {
                rlim_cur: value,
                rlim_max: value,
            };
            libc::setrlimit(limit, &raw const value);
        }
    }
}

/// The process that was [signed](sign) and that this one descends from, or is; nothing where that
/// cannot be told.
pub fn signed(pid: i32) -> Option<i32> {
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let hard = |name: &str| -> Option<u64> {
        let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    let (own, rest) = (hard("Max file locks")?, hard("Max realtime timeout")?);
    (own.checked_add(rest) == Some(WHOLE)).then_some(own as i32)
}
