//! Kernels and containers that have not got every system call.

mod common;

use common::echo_path;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output};

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
            let args = [&[&url, "-c", "4", "-d", "200ms", "--json"], more].concat();
            let output = without(libc::SYS_epoll_pwait2, errno, &args);
            let outcome: load::Outcome =
                serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
                    panic!("{error}: {}", String::from_utf8_lossy(&output.stderr))
                });
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
