//! What is published that a claim can be held against.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use claims::{Evidence, Facts, Found, Ledger, Source, facts};

use super::{ClaimsError, campaign};
use crate::estimate::{Analysis, analyse};
use crate::site::{Published, published};
use record::Campaign;

/// Where `lab conformance` is published, below the reports.
const CONFORMANCE: &str = "conformance/conformance.json";

/// A published campaign with what it gave.
struct Measured {
    published: Published,
    analysis: Analysis,
}

/// A published table of facts.
struct Table {
    /// The folder's path below the reports.
    place: String,
    /// Empty where it belongs to none.
    host: String,
    facts: Facts,
}

/// Everything published that some claim names.
pub struct Evidences {
    /// The ledger's.
    digest: String,
    campaigns: Vec<Measured>,
    tables: Vec<Table>,
    /// The answers by server and question.
    conformance: BTreeMap<String, BTreeMap<String, String>>,
}

impl Evidences {
    /// Reads of a folder of reports what a ledger asks for.
    ///
    /// # Errors
    /// [`ClaimsError`] where something is there and cannot be read.
    pub fn read(reports: &Path, ledger: &Ledger) -> Result<Self, ClaimsError> {
        let asked: BTreeSet<&str> = (ledger.articles.iter())
            .flat_map(|article| &article.claims)
            .flat_map(|claim| claim.tests())
            .filter_map(|test| test.source.experiment())
            .collect();
        let mut campaigns = Vec::new();
        let mut tables = Vec::new();
        let mut hosts = BTreeSet::from([String::new()]);
        if reports.is_dir() {
            for published in published(reports)? {
                let file = Campaign::open(&published.folder).map_err(crate::AnalysisError::from)?;
                if asked.contains(file.file.design.experiment.as_str()) {
                    let analysis = analyse(&published.folder)?;
                    campaigns.push(Measured {
                        published,
                        analysis,
                    });
                }
            }
            for entry in std::fs::read_dir(reports).into_iter().flatten().flatten() {
                hosts.insert(entry.file_name().to_string_lossy().into_owned());
            }
        }
        for host in hosts {
            let place = match host.as_str() {
                "" => facts::FOLDER.to_owned(),
                host => format!("{host}/{}", facts::FOLDER),
            };
            let path = reports.join(&place).join(facts::FILE);
            if path.is_file() {
                let facts = Facts::read(&path)?;
                tables.push(Table { place, host, facts });
            }
        }
        Ok(Self {
            digest: ledger.digest.clone(),
            campaigns,
            tables,
            conformance: conformance(&reports.join(CONFORMANCE))?,
        })
    }

    /// All that was found for a number.
    pub fn of(&self, source: &Source) -> Vec<Evidence> {
        match source {
            Source::Campaign {
                experiment,
                scenario,
                mode,
                metric,
                of,
                over,
                over_scenario,
            } => {
                let asked = campaign::Asked {
                    scenario,
                    mode,
                    metric: *metric,
                    of,
                    over: over.as_deref(),
                    over_scenario: over_scenario.as_deref(),
                };
                self.by(experiment, |analysis| campaign::number(analysis, &asked))
            }
            Source::Servers { experiment } => {
                self.by(experiment, |analysis| Some(campaign::servers(analysis)))
            }
            Source::Conformance { fact, answers, of } => {
                self.conforming(fact, answers, of).into_iter().collect()
            }
            Source::Fact(name) => (self.tables.iter())
                .filter_map(|table| {
                    let fact = table.facts.facts.get(name)?;
                    Some(Evidence {
                        from: format!("{}, {}", fact.fact, table.facts.with),
                        place: format!("{}/{}", table.place, facts::FILE),
                        host: table.host.clone(),
                        kind: fact.kind.word(),
                        note: fact.what.clone(),
                        found: Ok(fact.found()),
                    })
                })
                .collect(),
            Source::Arithmetic { value, .. } => vec![Evidence {
                from: "the text's own figures".to_owned(),
                place: String::new(),
                host: String::new(),
                kind: "arithmetic",
                note: String::new(),
                found: Ok(Found::exact(*value)),
            }],
        }
    }

    fn by(
        &self,
        experiment: &str,
        number: impl Fn(&Analysis) -> Option<Result<Found, String>>,
    ) -> Vec<Evidence> {
        (self.campaigns.iter())
            .filter(|measured| measured.analysis.campaign.design.experiment == experiment)
            .filter_map(|measured| {
                let found = number(&measured.analysis)?;
                let place = &measured.published.place;
                Some(Evidence {
                    from: measured.analysis.campaign.id.clone(),
                    place: format!("{place}/report.html"),
                    host: place.split('/').next().unwrap_or_default().to_owned(),
                    kind: "campaign",
                    note: match &measured.analysis.campaign.method.claims {
                        None => "measured before the ledger was declared".to_owned(),
                        Some(digest) if *digest == self.digest => String::new(),
                        Some(digest) => format!("declared with ledger {digest:.12}"),
                    },
                    found,
                })
            })
            .collect()
    }

    fn conforming(&self, fact: &str, answers: &str, of: &[String]) -> Option<Evidence> {
        let names: Vec<&String> = match of {
            [] => self.conformance.keys().collect(),
            names => names.iter().collect(),
        };
        let mut count = 0;
        for name in &names {
            let answer = self.conformance.get(*name)?.get(fact)?;
            count += usize::from(answer.starts_with(answers));
        }
        (!names.is_empty()).then(|| Evidence {
            from: format!("of {}", crate::text::count(names.len(), "server")),
            place: "conformance/README.md".to_owned(),
            host: String::new(),
            kind: "conformance",
            note: String::new(),
            found: Ok(Found::exact(count as f64)),
        })
    }
}

fn conformance(path: &Path) -> Result<BTreeMap<String, BTreeMap<String, String>>, ClaimsError> {
    #[derive(serde::Deserialize)]
    struct File {
        frameworks: BTreeMap<String, Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        facts: BTreeMap<String, String>,
    }
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    let bad = |problem: String| ClaimsError::Conformance {
        path: path.to_owned(),
        problem,
    };
    let text = std::fs::read_to_string(path).map_err(|e| bad(e.to_string()))?;
    let file: File = serde_json::from_str(&text).map_err(|e| bad(e.to_string()))?;
    let all = file.frameworks.into_iter();
    Ok(all.map(|(name, entry)| (name, entry.facts)).collect())
}
