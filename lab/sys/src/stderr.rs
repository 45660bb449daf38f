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

/// How many lines of a Go command's words are quoted, and how many characters.
const GO_LINES: usize = 8;
const GO_QUOTED: usize = 1000;

/// What a Go command had to say against something, on one line: its lines in order without
/// what only tells of its progress, the first few of them. The last line alone often names
/// what was asked for and not what is wrong with it, or counts the errors above it.
pub fn said_by_go(text: &str) -> Option<String> {
    const PROGRESS: [&str; 7] = [
        "downloading ",
        "finding ",
        "found ",
        "added ",
        "upgraded ",
        "downgraded ",
        "extracting ",
    ];
    let is_progress = |line: &str| {
        let told = line.strip_prefix("go: ").unwrap_or_default();
        // The name of the package that is compiled; its errors name their files.
        line.starts_with("# ") || PROGRESS.iter().any(|word| told.starts_with(word))
    };
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let lines: Vec<_> = lines.filter(|line| !is_progress(line)).collect();
    if lines.is_empty() {
        return last_line_of(text);
    }
    let mut said = lines[..lines.len().min(GO_LINES)].join("; ");
    if said.chars().count() > GO_QUOTED {
        said = said.chars().take(GO_QUOTED).chain("...".chars()).collect();
    }
    match lines.len().saturating_sub(GO_LINES) {
        0 => Some(said),
        more => Some(format!("{said}; and {more} lines more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_says_more_than_its_last_line() {
        let get = "go: downloading a.b/c v1.0.0\ngo: a.b/c@v1 requires\n\td.e/f@v2: reading d.e/f: 404 Not Found\n\tserver response: not found\n";
        assert_eq!(
            said_by_go(get).as_deref(),
            Some(
                "go: a.b/c@v1 requires; d.e/f@v2: reading d.e/f: 404 Not Found; server response: not found"
            )
        );
        let build =
            "# bench.lab/mine/app\napp/app.go:3:2: undefined: x\napp/app.go:4:2: undefined: y\n";
        assert_eq!(
            said_by_go(build).as_deref(),
            Some("app/app.go:3:2: undefined: x; app/app.go:4:2: undefined: y")
        );
        let many = said_by_go(&"an error\n".repeat(10)).unwrap();
        assert!(many.ends_with("an error; and 2 lines more"), "{many}");
        assert!(said_by_go(&"x".repeat(5000)).unwrap().len() < 1100);
        assert_eq!(
            said_by_go("go: downloading a v1\n").as_deref(),
            Some("go: downloading a v1")
        );
        assert_eq!(said_by_go("\n"), None);
    }

    #[test]
    fn blank_lines_are_passed_over() {
        assert_eq!(last_line_of("a\nb \n\n  \n").as_deref(), Some("b"));
        assert_eq!(last_line_of("\n\n"), None);
        let panic = "starting\npanic: no luck\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:3 +0x25\n";
        assert_eq!(last_line_of(panic).as_deref(), Some("panic: no luck"));
        assert_eq!(last_line_of(&"x".repeat(1000)).unwrap().len(), QUOTED + 3);
    }
}
