//! Whether a test finds what was changed.

use std::fmt;
use std::process::{Command, Output};

use anyhow::Context;

use crate::scratch::Scratch;

/// How long one test may take, seconds; the slowest takes some tens of them.
const WITHIN: &str = "420";
/// How `timeout` ends when it had to end something.
const TIMED_OUT: i32 = 124;

/// What a test had to say.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// These failed.
    Killed(Vec<String>),
    /// It came to no end, which nobody would overlook; after so many seconds.
    Hung(&'static str),
    /// All passed: nothing noticed.
    Survived,
    /// The compiler noticed before any test could; the first error.
    NotCompiled(String),
    /// It ended without saying what passed or failed, or ran no test at all.
    Unclear(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Killed(by) => write!(f, "killed by {}", by.join(", ")),
            Self::Hung(seconds) => write!(f, "killed: no end within {seconds} s"),
            Self::Survived => f.write_str("SURVIVED"),
            Self::NotCompiled(error) => write!(f, "ERROR: it does not compile: {error}"),
            Self::Unclear(why) => write!(f, "ERROR: the test gave no verdict: {why}"),
        }
    }
}

/// Compiles and runs a test of the copy.
pub fn run(scratch: &Scratch, test: &str) -> anyhow::Result<Verdict> {
    let compiled = cargo(scratch, test, &["--no-run"], "3600")?;
    if !compiled.status.success() {
        let said = String::from_utf8_lossy(&compiled.stderr);
        let error = said.lines().find(|l| l.starts_with("error"));
        let error = error.unwrap_or("cargo does not say why");
        return Ok(Verdict::NotCompiled(error.to_owned()));
    }
    let ended = cargo(scratch, test, &[], WITHIN)?;
    Ok(judged(
        ended.status.code(),
        &String::from_utf8_lossy(&ended.stdout),
        &String::from_utf8_lossy(&ended.stderr),
    ))
}

fn cargo(scratch: &Scratch, test: &str, more: &[&str], seconds: &str) -> anyhow::Result<Output> {
    Command::new("timeout")
        .args(["--kill-after=10", seconds, "cargo", "test", "--quiet"])
        .args(more)
        .args(test.split_whitespace())
        .current_dir(&scratch.tree)
        .env("CARGO_TARGET_DIR", &scratch.target)
        .output()
        .context("`timeout` of the GNU coreutils cannot be run")
}

/// Reads what cargo and the test programs printed.
fn judged(status: Option<i32>, stdout: &str, stderr: &str) -> Verdict {
    if status == Some(TIMED_OUT) {
        return Verdict::Hung(WITHIN);
    }
    let passed: usize = stdout
        .lines()
        .filter_map(|l| {
            l.strip_prefix("test result: ")?
                .split("; ")
                .find_map(|part| {
                    part.split(". ")
                        .last()?
                        .strip_suffix(" passed")?
                        .parse::<usize>()
                        .ok()
                })
        })
        .sum();
    // The names stand once more at the end, four spaces in.
    let failed = || -> Vec<String> {
        let list = stdout.rsplit("\nfailures:\n").next().unwrap_or_default();
        let names = list
            .lines()
            .take_while(|l| l.is_empty() || l.starts_with("    "));
        names
            .filter(|l| !l.is_empty())
            .map(|l| l.trim().to_owned())
            .collect()
    };
    match status {
        Some(0) if passed > 0 => Verdict::Survived,
        Some(0) => Verdict::Unclear("no test has that name".to_owned()),
        _ if stdout.contains("test result: FAILED") => Verdict::Killed(failed()),
        _ => {
            let last = stderr.lines().rfind(|l| !l.trim().is_empty());
            Verdict::Unclear(last.unwrap_or("it printed nothing").to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_prints_is_understood() {
        let failed = "running 2 tests\n.F\nfailures:\n\n---- a::b stdout ----\nno\n\n\nfailures:\n    a::b\n    a::c\n\ntest result: FAILED. 1 passed; 2 failed; 0 ignored\n\n";
        let by = ["a::b", "a::c"].map(str::to_owned).to_vec();
        assert_eq!(judged(Some(101), failed, ""), Verdict::Killed(by));
        let passed = "running 2 tests\n..\ntest result: ok. 2 passed; 0 failed; 0 ignored\n";
        assert_eq!(judged(Some(0), passed, ""), Verdict::Survived);
        // A filter that fits no test would be a mutation that nobody could kill, or worse.
        let none = "running 0 tests\ntest result: ok. 0 passed; 0 failed; 0 ignored\n";
        assert!(matches!(judged(Some(0), none, ""), Verdict::Unclear(_)));
        assert!(matches!(judged(Some(124), "", ""), Verdict::Hung(_)));
        let killed = judged(Some(101), "running 2 tests\n", "signal: 9, SIGKILL: kill\n");
        assert_eq!(
            killed,
            Verdict::Unclear("signal: 9, SIGKILL: kill".to_owned())
        );
    }
}
