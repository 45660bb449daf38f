//! What the command prints: `println!`, `print!` and `eprintln!` of this package.
//!
//! They stand in the place of the standard ones, which panic when nobody reads any more, as in
//! `lab diff BASE HEAD | head`. Here a reader that went away is no error: the verb goes on to
//! its end, and its exit status says what it found.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// Writes to stdout. What fails for another reason than a reader that went away, a full disk
/// for instance, ends the program with status 2: what it found cannot be said.
pub fn stdout(text: Arguments<'_>) {
    let written = std::io::stdout().lock().write_fmt(text);
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        stderr(format_args!("lab: cannot print: {error}\n"));
        std::process::exit(2);
    }
}

/// Writes to stderr, the last resort: where that fails there is nobody left to tell.
pub fn stderr(text: Arguments<'_>) {
    let _ = std::io::stderr().lock().write_fmt(text);
}

/// An error with its causes, outermost first; a cause whose words were said already is left out,
/// as many an error quotes the one that it comes from.
pub fn chain(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

macro_rules! print {
    ($($words:tt)*) => { $crate::out::stdout(format_args!($($words)*)) };
}

macro_rules! println {
    () => { $crate::out::stdout(format_args!("\n")) };
    ($($words:tt)*) => { $crate::out::stdout(format_args!("{}\n", format_args!($($words)*))) };
}

macro_rules! eprintln {
    ($($words:tt)*) => { $crate::out::stderr(format_args!("{}\n", format_args!($($words)*))) };
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn what_a_cause_says_is_said_once() {
        let gone = || std::io::Error::from_raw_os_error(libc::ENOENT);
        let io = record::RecordError::io("read", std::path::Path::new("x"), gone());
        let once = "cannot read x: No such file or directory (os error 2)";
        assert_eq!(chain(&io.into()), once);
        let wrapped = Err::<(), _>(gone()).context("cannot open x").unwrap_err();
        let said = "cannot open x: No such file or directory (os error 2)";
        assert_eq!(chain(&wrapped), said);
    }
}
