//! Kernels and containers that have not got every system call, and machines that have run out of
//! something.

#[path = "../../load/tests/common/mod.rs"]
mod common;

use common::{echo_path, until_it_tells, wait_for};
use load::{ErrorKind, FindingKind};
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Runs `load` where the system call `number` fails with `errno`, as a container's filter makes it.
fn without(number: libc::c_long, errno: i32, args: &[&str]) -> Output {
    let statement = |code: u32, k: u32| libc::sock_filter {
        code: code as u16,
        jt: 0,
        jf: 0,
        k,
    };
    let filter = [
        // The number is the first field of what the filter sees.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        libc::sock_filter {
            jf: 1,
            ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, number as u32)
        },
        statement(
            libc::BPF_RET | libc::BPF_K,
            libc::SECCOMP_RET_ERRNO | errno as u32,
        ),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_instrument"));
    command.arg("load").args(args);
    // SAFETY: two system calls on data that lives in the closure; both may be made after a fork.
    unsafe {
        command.pre_exec(move || {
            let program = libc::sock_fprog {
                len: filter.len() as u16,
                filter: filter.as_ptr().cast_mut(),
            };
            let done = libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                && libc::prctl(
                    libc::PR_SET_SECCOMP,
                    libc::SECCOMP_MODE_FILTER,
                    &raw const program,
                ) == 0;
            if done {
                Ok(())
            } else {
                Err(std::io::Error::last_os_error())
            }
        });
    }
    command.output().expect("the filter can be set")
}

#[test]
fn epoll_needs_no_call_that_old_kernels_have_not_got() {
    let server = echo_path();
    let url = server.url("/");
    for errno in [libc::ENOSYS, libc::EPERM] {
        for more in [&[][..], &["--rate", "200"]] {
            let one = |longer: u32| {
                let length = format!("{}ms", 200 * longer);
                let args = [&[&url, "-c", "4", "-d", &length, "--json"], more].concat();
                let output = without(libc::SYS_epoll_pwait2, errno, &args);
                serde_json::from_slice::<load::Outcome>(&output.stdout).unwrap_or_else(|error| {
                    panic!("{error}: {}", String::from_utf8_lossy(&output.stderr))
                })
            };
            let outcome = until_it_tells(one, |o| o.counts.ok > 0);
            assert_eq!(outcome.counts.failed, 0, "{:?}", outcome.examples);
            assert!(outcome.counts.ok > 0);
        }
    }
}

#[test]
fn where_io_uring_is_missing_the_cause_and_the_remedy_are_said() {
    let server = echo_path();
    let url = server.url("/");
    for (errno, cause) in [
        (libc::ENOSYS, "built without"),
        (libc::EPERM, "seccomp filter"),
    ] {
        let args = [&url, "-d", "100ms", "--engine", "uring"];
        let output = without(libc::SYS_io_uring_setup, errno, &args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains(cause) && said.contains("--engine epoll"),
            "{said}"
        );
    }
}

#[test]
fn a_machine_without_ports_is_not_a_server_that_is_down() {
    let server = echo_path();
    let url = server.url("/");
    let output = without(
        libc::SYS_connect,
        libc::EADDRNOTAVAIL,
        &[&url, "-d", "100ms"],
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("no free port") && !said.contains("running"),
        "{said}"
    );
}

#[test]
fn connections_that_this_side_cannot_open_void_the_result() {
    // A busy machine may not come to opening any in the meantime.
    let (outcome, status) = until_it_tells(with_no_descriptors_for_a_while, |(outcome, _)| {
        outcome.counts.failed > 0
    });
    let of = |kind| outcome.errors.get(&kind).copied().unwrap_or(0);
    assert!(of(ErrorKind::ConnectLocal) > 0, "{:?}", outcome.errors);
    assert_eq!(of(ErrorKind::Connect), 0, "{:?}", outcome.errors);
    let got = &outcome.examples[&ErrorKind::ConnectLocal].got;
    assert!(got.contains("ulimit"), "{got}");
    let found = |finding: &load::Finding| finding.kind == FindingKind::ConnectLocal;
    assert!(outcome.findings.iter().any(found) && !outcome.valid);
    assert_eq!(status, Some(1));
}

/// A load in the middle of which the instrument may open no further descriptor; what it has stays.
fn with_no_descriptors_for_a_while(longer: u32) -> (load::Outcome, Option<i32>) {
    let server = echo_path();
    let mut child = Command::new(env!("CARGO_BIN_EXE_instrument"))
        .args(["load", &server.url("/"), "-c", "4", "--json"])
        .args(["-d", &format!("{}s", 3 * longer), "--lead-in", "0s"])
        .args(["--requests-per-connection", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for("a hundred requests", || {
        server.served() >= 100 || child.try_wait().unwrap().is_some()
    });
    let pid = child.id() as libc::pid_t;
    let mut before = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // An instrument that has ended has no limits any more.
    let limit = |new: *const libc::rlimit, old: *mut libc::rlimit| {
        // SAFETY: the limits are valid for the call, or null.
        unsafe { libc::prlimit(pid, libc::RLIMIT_NOFILE, new, old) == 0 }
    };
    if child.try_wait().unwrap().is_none() && limit(std::ptr::null(), &raw mut before) {
        let none = libc::rlimit {
            rlim_cur: 0,
            ..before
        };
        limit(&raw const none, std::ptr::null_mut());
        std::thread::sleep(Duration::from_millis(500) * longer);
        limit(&raw const before, std::ptr::null_mut());
    }
    let output = child.wait_with_output().unwrap();
    let outcome = serde_json::from_slice(&output.stdout).unwrap();
    (outcome, output.status.code())
}
