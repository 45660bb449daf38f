//! Files of claims that are not what they should be are refused with file, line and what is allowed.

use std::path::Path;

use claims::{Article, Expected, Ledger, Source};

const GOOD: &str = "\
schema: claims/1
article: mine
title: Notes
source: The notes.
claims:
  - id: M-1
    chapter: 2.4
    says: One is faster.
    tests:
      - campaign: headline
        scenario: json
        mode: saturation
        metric: throughput
        of: fiber
        over: gin
        equal: 1.2
        within_percent: 5
      - {arithmetic: 2 * 3, unit: s, at_most: 7}
  - id: M-2
    chapter: start
    says: >
      Two is
      small.
    needs: A campaign.
";

fn load(text: &str) -> Result<Article, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.yaml");
    std::fs::write(&path, text).unwrap();
    Article::load(&path).map_err(|e| {
        let said = e.to_string();
        said.replace(&format!("{}/", folder.path().display()), "")
    })
}

#[test]
fn a_good_file_is_read() {
    let article = load(GOOD).unwrap();
    let [one, two] = article.claims.as_slice() else {
        panic!("{article:?}");
    };
    assert_eq!(one.chapter, "2.4");
    assert_eq!(two.says, "Two is small.");
    assert!(two.tests().is_empty());
    let [ratio, sum] = one.tests() else {
        panic!("{one:?}");
    };
    assert!(matches!(&ratio.source, Source::Campaign { over: Some(over), .. } if over == "gin"));
    assert!(matches!(sum.source, Source::Arithmetic { value, .. } if value == 6.0));
    assert!(matches!(sum.expected, Expected::AtMost(v, _) if v == 7.0));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (from, to, says) in [
        (
            "claims/1",
            "claims/2",
            "mine.yaml:1: schema is `claims/2`, this lab reads `claims/1`",
        ),
        (
            "article: mine",
            "article: yours",
            "mine.yaml:2: article is `yours`, but the file's name is `mine`",
        ),
        (
            "says: One is faster.",
            "says: ''",
            "mine.yaml:8: says is empty",
        ),
        (
            "id: M-2",
            "id: M-1",
            "mine.yaml:19: claim `M-1` is there twice",
        ),
        (
            "id: M-2",
            "id: M 2",
            "mine.yaml:19: id is `M 2`; allowed are",
        ),
        (
            "needs: A campaign.",
            "title: x",
            "mine.yaml:24: claims[1]: unknown field `title`",
        ),
        (
            "needs: A campaign.",
            "needs: x\n    cannot: y",
            "mine.yaml:19: claim `M-2` needs exactly one of tests",
        ),
        (
            "    needs: A campaign.\n",
            "",
            "mine.yaml:19: claim `M-2` needs exactly one of tests",
        ),
        (
            "metric: throughput",
            "metric: speed",
            "mine.yaml:13: unknown metric `speed`, expected one of throughput",
        ),
        (
            "        mode: saturation\n",
            "",
            "mine.yaml:10: a test by campaign needs mode",
        ),
        (
            "of: fiber",
            "of: [fiber, gin]",
            "mine.yaml:14: a test by campaign needs of, one server",
        ),
        (
            "equal: 1.2",
            "equal: 1.2\n        at_most: 2",
            "mine.yaml:10: a test needs exactly one of equal",
        ),
        (
            "        equal: 1.2\n",
            "",
            "mine.yaml:10: a test needs exactly one of equal",
        ),
        (
            "equal: 1.2",
            "more_than: 1.2",
            "mine.yaml:16: more_than: a direction has no tolerance",
        ),
        (
            "equal: 1.2",
            "equal: -1.2",
            "mine.yaml:16: equal: a tolerance in per cent needs a number greater than 0",
        ),
        (
            "equal: 1.2",
            "equal: .nan",
            "mine.yaml:16: equal: the number has to be finite",
        ),
        (
            "equal: 1.2",
            "between: [2, 1]",
            "mine.yaml:16: between: the first number has to be the smaller one",
        ),
        (
            "within_percent: 5",
            "within_percent: 0",
            "mine.yaml:17: within_percent is 0; allowed are 0.01 to 100",
        ),
        (
            "within_percent: 5",
            "within: -1",
            "mine.yaml:17: within is -1",
        ),
        (
            "within_percent: 5",
            "fact: x",
            "mine.yaml:10: a test needs exactly one of campaign, servers",
        ),
        (
            "over: gin",
            "answers: x",
            "mine.yaml:15: answers is no key of a test by campaign",
        ),
        (
            "2 * 3",
            "2 * x",
            "mine.yaml:18: `2 * x` is no sum: a number is missing at character 5",
        ),
        (
            "title: Notes",
            "title: Notes\ntitle: x",
            "mine.yaml:4: the key `title` is there twice",
        ),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let error = load(&GOOD.replacen(from, to, 1)).unwrap_err();
        assert!(error.starts_with(says), "{from} -> {to}:\n{error}\n{says}");
    }
}

#[test]
fn two_files_cannot_have_a_claim_of_one_name() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("mine.yaml", GOOD);
    write(
        "other.yaml",
        &GOOD.replace("article: mine", "article: other"),
    );
    let error = Ledger::read(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("`M-1` is in mine.yaml and in other.yaml"),
        "{error}"
    );
    let gone = Ledger::read(Path::new("/nonexistent/x.yaml")).unwrap_err();
    assert!(gone.to_string().contains("cannot read /nonexistent/x.yaml"));
    let empty = tempfile::tempdir().unwrap();
    let error = Ledger::read(empty.path()).unwrap_err().to_string();
    assert!(error.contains("holds no file of claims"), "{error}");
}

#[test]
fn the_digest_changes_with_any_word_and_not_with_the_way_there() {
    let digest = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine.yaml"), text).unwrap();
        Ledger::read(folder.path()).unwrap().digest
    };
    assert_eq!(digest(GOOD), digest(GOOD));
    assert_ne!(
        digest(GOOD),
        digest(&GOOD.replace("within_percent: 5", "within_percent: 6"))
    );
}

proptest::proptest! {
    /// Whatever a file holds, reading it ends in claims or in a sentence with a line.
    #[test]
    fn no_file_ends_it_in_a_panic(at in 0..GOOD.len(), with in "[a-z0-9:{}\\[\\], .'-]{0,6}") {
        if GOOD.is_char_boundary(at) {
            let text = format!("{}{with}{}", &GOOD[..at], &GOOD[at..]);
            if let Err(error) = load(&text) {
                proptest::prop_assert!(error.contains("mine.yaml:"), "{error}");
            }
        }
    }
}
