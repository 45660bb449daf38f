//! Instructions a request: the tables that were counted, beside CPU time per request, over a line-up.
//!
//! Both are of the same servers and the same question, taken by other means at other times: one is
//! counted under an emulator in user space, one is what the kernel has charged. Where a framework
//! lies on the line of the others, its time goes where theirs goes; where it lies off, more or less
//! of it goes to the kernel, to caches, to branches that were guessed wrongly.
//!
//! ```text
//! counts   the table that `lab count --csv` writes
//! beside   the line of a line-up, and who lies off it
//! scatter  its picture
//! flame    where the instructions of one server are: its picture
//! page     all of it in words
//! ```

mod beside;
mod counts;
mod flame;
mod page;
mod scatter;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use record::RecordError;

use crate::error::AnalysisError;
use crate::report::document::{Document, Text};
use crate::report::{Rendered, html, markdown};
use crate::site::Published;

pub use beside::{Beside, Point};
pub use counts::{Counted, Counts};
pub use flame::Flame;

/// Where counts are kept, below the reports or the results.
pub const FOLDER: &str = "instructions";
/// The experiment that measures the whole line-up.
const LINE_UP: &str = "all";
/// The page's files in that folder.
pub const PAGES: [&str; 2] = ["README.md", "index.html"];

/// What was counted and kept: `SCENARIO.csv` a table, `FRAMEWORK.SCENARIO.folded` a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    tables: Vec<Counts>,
    /// By framework and scenario.
    profiles: BTreeMap<[String; 2], Flame>,
}

impl Kept {
    /// Reads all that a folder has.
    ///
    /// # Errors
    /// [`AnalysisError::Counts`] with the file that is none, or the folder that has neither.
    pub fn read(folder: &Path) -> Result<Self, AnalysisError> {
        let mut kept = Self {
            tables: Vec::new(),
            profiles: BTreeMap::new(),
        };
        let files = fs::read_dir(folder).and_then(|files| {
            let paths = files.map(|entry| entry.map(|e| e.path()));
            paths.collect::<Result<Vec<PathBuf>, _>>()
        });
        let mut files = files.map_err(|e| RecordError::io("read", folder, e))?;
        files.sort();
        for path in files {
            let wrong = |problem| AnalysisError::Counts {
                path: path.clone(),
                problem,
            };
            let text = || fs::read_to_string(&path).map_err(|e| RecordError::io("read", &path, e));
            let name = path
                .file_name()
                .and_then(|n| n.to_str())
                .unwrap_or_default();
            if name.ends_with(".csv") {
                kept.tables.push(Counts::read(&text()?).map_err(wrong)?);
            } else if let Some(of) = name.strip_suffix(".folded") {
                let (framework, scenario) = of
                    .rsplit_once('.')
                    .ok_or_else(|| wrong("its name is not FRAMEWORK.SCENARIO.folded".to_owned()))?;
                let foot = format!("{framework}, {scenario}");
                let flame = Flame::read(&foot, &text()?).map_err(wrong)?;
                let key = [framework, scenario].map(str::to_owned);
                kept.profiles.insert(key, flame);
            }
        }
        if kept.tables.is_empty() && kept.profiles.is_empty() {
            return Err(AnalysisError::Counts {
                path: folder.to_owned(),
                problem: "it holds no table, SCENARIO.csv: `lab bench instructions` makes one"
                    .to_owned(),
            });
        }
        Ok(kept)
    }

    /// The page, twice, and its pictures. `summary` is the summary.json of the campaign whose CPU times
    /// stand beside; `command` is what renders them.
    ///
    /// # Errors
    /// [`AnalysisError::Chart`].
    pub fn render(&self, summary: Option<&str>, command: &str) -> Result<Rendered, AnalysisError> {
        let chapters: Vec<page::Chapter<'_>> = (self.tables.iter())
            .map(|table| page::Chapter::new(table, summary))
            .collect::<Result<_, _>>()?;
        let flames: Vec<_> = (self.profiles.iter())
            .map(|([framework, scenario], flame)| page::flame(framework, scenario, flame))
            .collect();
        let mut document = Document {
            command: command.to_owned(),
            ..Document::default()
        };
        document.heading(1, "Instructions a request");
        document.paragraph("What servers execute in user space for a request, counted by an emulator: a neighbour on the machine changes a time and none of these numbers. The kernel's work, caches, branches that were guessed wrongly, waiting and the collector's pace at full speed are not in them, so none of this is a verdict on time, and who executes fewer is not ranked above who executes more.");
        document.paragraph(
            Text::default()
                .plain("How it is counted, and what it does not show: METHODOLOGY.md, ")
                .strong("Two versions in counted instructions")
                .plain("."),
        );
        for chapter in &chapters {
            chapter.write(&mut document);
        }
        for (flame, [framework, scenario]) in flames.iter().zip(self.profiles.keys()) {
            document.heading(2, flame.title.clone());
            document.paragraph(
                Text::default()
                    .plain("Parts, their packages and the functions of these, each as wide as it executes instructions with the collector off; not who calls whom. From the lines of ")
                    .link(
                        format!("{framework}.{scenario}.folded"),
                        format!("{framework}.{scenario}.folded"),
                    )
                    .plain(", which any tool for flame graphs reads."),
            );
            document.chart(flame);
        }
        let pages = [markdown::render(&document), html::render(&document)];
        let mut files: BTreeMap<String, Vec<u8>> = (PAGES.into_iter().zip(pages))
            .map(|(name, text)| (name.to_owned(), text.into_bytes()))
            .collect();
        let pictures = chapters.iter().filter_map(page::Chapter::picture);
        for chart in pictures.chain(&flames) {
            let place = format!("charts/{}.svg", chart.name);
            files.insert(place, chart.svg.clone().into_bytes());
        }
        Ok(Rendered { files })
    }
}

/// The summary.json of the newest published campaign of the whole line-up, whose CPU times stand beside.
///
/// # Errors
/// [`AnalysisError::Record`] where a summary is there and cannot be read.
pub fn companion(published: &[Published]) -> Result<Option<String>, AnalysisError> {
    let mut found: Option<(String, String)> = None;
    for report in published {
        let path = report.folder.join("summary.json");
        if !path.is_file() {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|e| RecordError::io("read", &path, e))?;
        let Ok(summary) = serde_json::from_str::<serde_json::Value>(&text) else {
            continue;
        };
        // Names of campaigns hold the time at which they were started.
        let campaign = summary["campaign"].as_str().unwrap_or_default().to_owned();
        let newer = found.as_ref().is_none_or(|(other, _)| campaign > *other);
        if summary["experiment"] == LINE_UP && summary["quick"] == false && newer {
            found = Some((campaign, text));
        }
    }
    Ok(found.map(|(_, text)| text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside::tests::summary;
    use counts::tests::COUNTS;
    use flame::tests::FOLDED;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn the_page_names_every_server_and_its_pictures_describe_themselves() {
        let there = folder(&[("json.csv", COUNTS), ("a.json.folded", FOLDED)]);
        let kept = Kept::read(there.path()).unwrap();
        let times = [("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 4.0)];
        let rendered = kept.render(Some(&summary(&times)), "lab x").unwrap();
        let names: Vec<&str> = rendered.files.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "README.md",
                "charts/flame-a-json.svg",
                "charts/instructions-json.svg",
                "index.html"
            ]
        );
        let file = |name: &str| String::from_utf8(rendered.files[name].clone()).unwrap();
        let page = file("README.md");
        for said in [
            "| a | 1,000 | ±1.00 % | – | 1.00 | 1,000 | ",
            "| b | 2,000 | ±0.50 % | 4,000 | 2.00 | 500 | ",
            "| *controls, not ranked:* |",
            "| d | 16,000 | ±0.06 % | – | 4.00 | 250 | ",
            "| lonely | 5 | ±0.00 % | – | – | – | – |",
            "With one of the two numbers only: lonely.",
            "Correlation of the logs: 0.9",
            "over 4 servers",
            "| a | 400 | 600 |",
            "`c-1`",
            "counted by a test",
            "(charts/flame-a-json.svg)",
            "none of this is a verdict on time",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let svg = file("charts/instructions-json.svg");
        assert!(svg.contains("<desc>a: 1,000 instructions"), "{svg}");
        assert_eq!(
            rendered,
            kept.render(Some(&summary(&times)), "lab x").unwrap()
        );
    }

    #[test]
    fn too_few_for_a_line_have_their_numbers_and_the_reason() {
        let there = folder(&[("json.csv", COUNTS)]);
        let kept = Kept::read(there.path()).unwrap();
        let page = |summary: Option<&str>| {
            let rendered = kept.render(summary, "lab x").unwrap();
            assert_eq!(rendered.files.len(), 2, "no picture");
            String::from_utf8(rendered.files["README.md"].clone()).unwrap()
        };
        let few = page(Some(&summary(&[("a", 1.0)])));
        assert!(few.contains("No CPU times stand beside"), "{few}");
        for page in [few, page(None)] {
            assert!(page.contains("| a | 1,000 | ±1.00 % | – |"), "{page}");
        }
    }

    #[test]
    fn beside_stands_the_newest_whole_line_up() {
        let there = tempfile::tempdir().unwrap();
        let publish = |name: &str, summary: &str| {
            let folder = there.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("summary.json"), summary).unwrap();
            Published {
                place: name.to_owned(),
                folder,
            }
        };
        let of = |experiment: &str, campaign: &str, quick: bool| {
            serde_json::json!({ "experiment": experiment, "campaign": campaign, "quick": quick })
                .to_string()
        };
        let published = [
            publish("a", &of("all", "all-20260101", false)),
            publish("b", &of("all", "all-20260301", false)),
            publish("c", &of("all", "all-20260401", true)),
            publish("d", &of("headline", "headline-20260501", false)),
            publish("e", "no JSON"),
        ];
        let found = companion(&published).unwrap().unwrap();
        assert!(found.contains("all-20260301"), "{found}");
        assert_eq!(companion(&published[2..]).unwrap(), None);
    }

    #[test]
    fn a_file_that_is_no_table_is_named() {
        let error =
            |files: &[(&str, &str)]| Kept::read(folder(files).path()).unwrap_err().to_string();
        assert!(error(&[("params.csv", "x\n")]).contains("params.csv"));
        let odd = [("json.csv", COUNTS), ("a.folded", FOLDED)];
        assert!(error(&odd).contains("FRAMEWORK.SCENARIO.folded"));
        assert!(error(&[]).contains("holds no table"));
    }
}
