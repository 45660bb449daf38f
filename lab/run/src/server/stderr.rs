//! What a process had to say: a file for all of it, its last line for people.

use std::path::Path;

/// The longest line that is quoted, in characters.
const QUOTED: usize = 300;

/// The last line of a file that is not blank, shortened where it is very long.
pub fn last_line(path: &Path) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    last_line_of(&String::from_utf8_lossy(&bytes))
}

/// The last line of a text that is not blank, shortened where it is very long.
///
/// A Go program that panics says why first and then lists its goroutines: there the line
/// that says why is given.
pub fn last_line_of(text: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim);
    let why = |l: &str| l.starts_with("panic: ") || l.starts_with("fatal error: ");
    let line = lines
        .clone()
        .rfind(|l| why(l))
        .or_else(|| lines.rfind(|l| !l.is_empty()))?;
    if line.chars().count() <= QUOTED {
        return Some(line.to_owned());
    }
    Some(line.chars().take(QUOTED).chain("...".chars()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_passed_over() {
        assert_eq!(last_line_of("a\nb \n\n  \n").as_deref(), Some("b"));
        assert_eq!(last_line_of("\n\n"), None);
        let panic = "starting\npanic: no luck\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:3 +0x25\n";
        assert_eq!(last_line_of(panic).as_deref(), Some("panic: no luck"));
        assert_eq!(last_line_of(&"x".repeat(1000)).unwrap().len(), QUOTED + 3);
    }
}
