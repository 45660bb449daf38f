//! A file of claims: what may stand in it, and the article that it makes.

use std::path::Path;

use place::Problem;
use place::file::{YamlError, YamlFile};
use serde::Deserialize;

use crate::claim::{Article, Claim, How};
use crate::test_file::{self, WireTest};

const SCHEMA: &str = "claims/1";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    article: String,
    title: String,
    source: String,
    claims: Vec<WireClaim>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireClaim {
    id: String,
    #[serde(deserialize_with = "word")]
    chapter: String,
    says: String,
    tests: Option<Vec<WireTest>>,
    needs: Option<String>,
    cannot: Option<String>,
    textual: Option<String>,
}

/// A chapter may be a number, which YAML takes for one.
fn word<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a chapter is a number or a word")]
    enum Word {
        Whole(u64),
        Point(f64),
        Text(String),
    }
    Ok(match Word::deserialize(from)? {
        Word::Whole(n) => n.to_string(),
        Word::Point(n) => n.to_string(),
        Word::Text(text) => text,
    })
}

impl Article {
    /// Reads and checks a file of claims.
    ///
    /// # Errors
    /// A sentence with file and line, and what is allowed.
    pub fn load(path: &Path) -> Result<Self, YamlError> {
        let file = YamlFile::read(path)?;
        let wire: Wire = file.parse()?;
        file.require_schema(&wire.schema, SCHEMA)?;
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned());
        let stem = stem.unwrap_or_default();
        if stem != wire.article {
            let problem = format!(
                "article is `{}`, but the file's name is `{stem}`",
                wire.article
            );
            return Err(file.bad_key("article", problem));
        }
        if wire.claims.is_empty() {
            return Err(file.bad_key("claims", "claims is empty: name at least one"));
        }
        let mut claims: Vec<Claim> = Vec::new();
        for (i, wire) in wire.claims.into_iter().enumerate() {
            let in_place = |problem: Problem| problem.within(["claims".into(), i.into()]);
            let claim = checked(wire).map_err(|problem| file.refuse(in_place(problem)))?;
            if claims.iter().any(|before| before.id == claim.id) {
                let problem = Problem::at("id", format!("claim `{}` is there twice", claim.id));
                return Err(file.refuse(in_place(problem)));
            }
            claims.push(claim);
        }
        Ok(Self {
            name: wire.article,
            title: wire.title,
            source: wire.source.trim().to_owned(),
            claims,
        })
    }
}

fn checked(wire: WireClaim) -> Result<Claim, Problem> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if wire.id.is_empty() || wire.id.len() > 40 || !wire.id.chars().all(allowed) {
        let problem = format!(
            "id is `{}`; allowed are 1 to 40 letters, digits and -",
            wire.id
        );
        return Err(Problem::at("id", problem));
    }
    let says = sentence("says", &wire.says)?;
    let how = match (wire.tests, wire.needs, wire.cannot, wire.textual) {
        (Some(tests), None, None, None) => How::Tested(test_file::checked(tests)?),
        (None, Some(needs), None, None) => How::Needs(sentence("needs", &needs)?),
        (None, None, Some(cannot), None) => How::Cannot(sentence("cannot", &cannot)?),
        (None, None, None, Some(textual)) => How::Textual(sentence("textual", &textual)?),
        _ => {
            let problem = format!(
                "claim `{}` needs exactly one of tests (what measures it), needs (what is not there yet that would), cannot (why it cannot be tested here), textual (it is about the text alone)",
                wire.id
            );
            return Err(Problem::at("id", problem));
        }
    };
    Ok(Claim {
        id: wire.id,
        chapter: wire.chapter,
        says,
        how,
    })
}

/// A text that is there, on one line.
fn sentence(key: &str, text: &str) -> Result<String, Problem> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.is_empty() {
        true => Err(Problem::at(
            key,
            format!("{key} is empty: say it in a sentence"),
        )),
        false => Ok(text),
    }
}
