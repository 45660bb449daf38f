//! Shows a campaign's progress on stderr: a line a stage, and on a terminal a line that lives.

use std::ffi::OsStr;
use std::io::{IsTerminal, Write};

use builder::Step;
use plan::estimate::spoken;
use record::Note;
use run::{Event, Progress};

/// Progress on stderr. Only a terminal gets the line that is written over and over, and
/// never while a window is being measured.
pub struct Stderr {
    live: bool,
    drawn: bool,
    begun: bool,
}

impl Stderr {
    pub fn new() -> Self {
        Self {
            live: std::io::stderr().is_terminal() && !is_dumb(std::env::var_os("TERM").as_deref()),
            drawn: false,
            begun: false,
        }
    }

    /// Whether the campaign got as far as to have a folder.
    pub fn begun(&self) -> bool {
        self.begun
    }

    /// A line that stays.
    fn line(&mut self, text: &str) {
        self.clear();
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// A line that the next one replaces.
    fn draw(&mut self, text: &str) {
        if self.live {
            let _ = write!(std::io::stderr(), "\r\x1b[2K{text}");
            let _ = std::io::stderr().flush();
            self.drawn = true;
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }

    fn building(&mut self, step: Step<'_>) {
        match step {
            Step::Sorted { found, missing: 0 } => self.line(&format!(
                "All {found} servers are built already: nothing that they are made of has changed"
            )),
            Step::Sorted { found: 0, missing } => self.line(&format!("Building {missing} servers")),
            Step::Sorted { found, missing } => self.line(&format!(
                "Building {missing} servers; {found} are built already"
            )),
            Step::Compiling {
                framework,
                number,
                of,
            } => self.draw(&format!("building {number}/{of}: {framework}")),
        }
    }

    fn failed(&mut self, note: &Note) {
        self.line(&format!("FAILED {} {}", note.framework, note.what));
        if let Some(words) = &note.stderr {
            self.line(&format!("       its last line on stderr: {words}"));
        }
    }
}

/// Whether a terminal says of itself that it cannot go back in a line.
fn is_dumb(term: Option<&OsStr>) -> bool {
    term.is_some_and(|term| term == "dumb")
}

impl Drop for Stderr {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Progress for Stderr {
    fn event(&mut self, event: Event<'_>) {
        self.begun |= matches!(event, Event::Begun { .. } | Event::Resumed { .. });
        match event {
            Event::NotMeasured {
                block,
                subject,
                why,
            } => self.line(&format!(
                "Not measured: {subject} in block {block}, by no fault of its own: {why}"
            )),
            Event::Begun { folder, takes } => self.line(&format!(
                "Raw data goes to {}; measuring will take about {}",
                folder.display(),
                spoken(takes)
            )),
            Event::Resumed { folder, after } => self.line(&format!(
                "Going on with {} after {}",
                folder.display(),
                after.unwrap_or("nothing: no part of it is whole")
            )),
            Event::Building(step) => self.building(step),
            Event::Checking { servers } => {
                self.line(&format!("Checking {servers} servers against the contract"));
            }
            Event::LayingOut { framework, layouts } => self.draw(&format!(
                "linking {framework} in {layouts} layouts of its functions"
            )),
            Event::Failed(note) => self.failed(note),
            Event::Measuring { frameworks, left } => self.line(&format!(
                "Measuring {frameworks} frameworks and the baseline's twin: about {}",
                spoken(left)
            )),
            Event::Starts { round, of, left } => {
                self.draw(&format!("cold starts {round}/{of}, {} left", spoken(left)));
            }
            Event::Duet {
                number,
                of,
                one,
                other,
                left,
            } => {
                if number == 1 {
                    self.line(&format!("Two servers at once: {of} launches"));
                }
                self.draw(&format!(
                    "launch {number}/{of} of two servers: {one} and {other}, {} left",
                    spoken(left)
                ));
            }
            Event::Launch { number, of } => self.line(&format!("Launch {number} of {of}")),
            Event::Window {
                block,
                of,
                subject,
                scenario,
                mode,
                left,
            } if block > of => self.draw(&format!(
                "a disturbed block again: {scenario}, {mode}: {subject}, {} left",
                spoken(left)
            )),
            Event::Window {
                block,
                of,
                subject,
                scenario,
                mode,
                left,
            } => self.draw(&format!(
                "block {block}/{of}: {scenario}, {mode}: {subject}, {} left",
                spoken(left)
            )),
        }
    }
}

/// A line on a terminal that says how far something is, and nothing elsewhere.
pub fn note(text: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dumb_terminal_gets_no_line_that_lives() {
        assert!(is_dumb(Some(OsStr::new("dumb"))));
        assert!(!is_dumb(Some(OsStr::new("xterm-256color"))) && !is_dumb(None));
    }
}
