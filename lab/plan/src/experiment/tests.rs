use super::*;
use record::Metric;

use crate::kinds::{Article, Crossed, Kind, Soak};

fn crossed(protocol: &mut Protocol) -> &mut Crossed {
    protocol.kind.as_crossed().unwrap()
}

const HEADLINE: &str = include_str!("../../../experiments/headline.yaml");

/// What the headline experiment declares, as it stands in its file.
const DECLARED: &str = "primary: [throughput, cpu_per_request, latency_p99]
margin_percent: {throughput: 3, cpu_per_request: 2, latency_p99: 5}
";

fn load(text: &str) -> Result<Experiment, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("headline.yaml");
    std::fs::write(&path, text).unwrap();
    Experiment::load(&path).map_err(|e| e.to_string())
}

#[test]
fn an_editors_mark_at_the_beginning_is_passed_by() {
    let marked = format!("\u{feff}{HEADLINE}");
    assert_eq!(load(&marked).unwrap(), load(HEADLINE).unwrap());
    let error = load(&marked.replacen("baseline: nethttp", "baseline: nope", 1));
    assert!(error.unwrap_err().contains("headline.yaml:7: "));
}

#[test]
fn the_headline_experiment_is_sound() {
    let mut experiment = load(HEADLINE).unwrap();
    let full = crossed(&mut experiment.full);
    assert!(full.blocks >= 12 && full.launches >= 6);
    assert_eq!(experiment.full.starts, 20);
}

#[test]
fn the_articles_protocol_is_sound() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("article.yaml");
    let text = include_str!("../../../experiments/article.yaml");
    std::fs::write(&path, text).unwrap();
    let experiment = Experiment::load(&path).unwrap();
    let Kind::Article(Article { samples, .. }) = experiment.full.kind else {
        panic!("{:?}", experiment.full);
    };
    assert_eq!(samples, 5);
}

#[test]
fn long_connections_are_watched_for_three_minutes_and_stay_within_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("longconn.yaml");
    let text = include_str!("../../../experiments/longconn.yaml");
    let load = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Experiment::load(&path).map_err(|e| e.to_string())
    };
    let experiment = load(text).unwrap();
    let Kind::Soak(Soak { window, .. }) = experiment.full.kind else {
        panic!("{:?}", experiment.full);
    };
    assert!(window >= Duration::from_secs(180));
    assert_eq!(experiment.modes[0].connections, 10_000);
    for (from, to, says) in [
        (
            "interval_ms: 10000",
            "interval_ms: 7000",
            "a whole number of them",
        ),
        ("interval_ms: 10000", "interval_ms: 60000", "1000 to 22500"),
        ("  interval_ms: 10000\n", "", "needs `interval_ms`"),
        (
            "interval_ms: 10000",
            "interval_ms: 10000\n  samples: 5",
            "has no `samples`",
        ),
        (
            "    kind: rate\n    rate: 1000",
            "    kind: saturation",
            "mostly idle need",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let error = load(&text.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(says), "{to}: {error}");
    }
}

#[test]
fn precision_is_opt_in() {
    let mut experiment = load(HEADLINE).unwrap();
    assert!(crossed(&mut experiment.full).precision.is_empty());
    let from = "  blocks: 12\n";
    let to = "  blocks: 12\n  precision_percent: {cpu_per_request: 1.5}\n";
    let mut experiment = load(&HEADLINE.replacen(from, to, 1)).unwrap();
    let own = BTreeMap::from([(Metric::CpuPerRequest, 0.015)]);
    let full = crossed(&mut experiment.full);
    assert_eq!(full.precision, own);
    full.be_precise(&experiment.primary);
    assert_eq!(full.precision, own);
    let quick = crossed(&mut experiment.quick);
    quick.be_precise(&experiment.primary);
    assert_eq!(quick.precision.len(), 3);
}

#[test]
fn what_will_be_said_is_declared_before() {
    let method = load(HEADLINE).unwrap().method(false);
    let primary = ["throughput", "cpu_per_request", "latency_p99"];
    assert_eq!(method.primary, primary);
    assert_eq!(method.margins["cpu_per_request"], 0.02);
    assert_eq!(method.margins["latency_p99"], 0.05);
    assert_eq!((method.margins["throughput"], method.level), (0.03, None));
    let own = "primary: [throughput]\nmargin_percent: {throughput: 1, startup: 20}\nstartup:\n";
    let text = HEADLINE
        .replace(DECLARED, "")
        .replacen("startup:\n", own, 1);
    let mut experiment = load(&text).unwrap();
    crossed(&mut experiment.full).be_precise(&experiment.primary);
    let method = experiment.method(false);
    assert_eq!(method.primary, ["throughput"]);
    assert_eq!(
        (method.margins["throughput"], method.margins["startup"]),
        (0.01, 0.2)
    );
    let waits: Vec<_> = method.precision.into_keys().collect();
    assert_eq!(waits, ["throughput"]);
    assert_eq!(method.level, Some(0.97));
}

#[test]
fn errors_name_the_line_and_what_is_allowed() {
    for (from, to, says, line) in [
        ("json, params", "json, parms", "plaintext", 11),
        ("kind: rate", "kind: fast", "saturation", 20),
        ("    rate: 4000\n", "", "needs a rate", 20),
        ("rate: 4000", "rate: -1", "1 to 1000000", 21),
        ("connections: 64", "connections: 0", "1 to 20000", 17),
        ("window_ms: 600", "window_ms: 1", "50 to 600000", 33),
        ("starts: 20", "starts: 4294967295", "0 to 10000", 28),
        ("blocks: 12", "blocks: 4294967295", "1 to 10000", 31),
        (
            "launches: 6",
            "launches: 13",
            "1 to the number of blocks (12)",
            30,
        ),
        (
            "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
            "frameworks: some",
            "must be `all` or a list",
            8,
        ),
        (
            "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
            "frameworks: {classes: [fast]}",
            "idiomatic, tuned, engine, reference",
            8,
        ),
        (
            "  launches: 6\n",
            "  kind: article\n  launches: 6\n",
            "has no `launches`; it has samples, warm_up_ms",
            31,
        ),
        ("  launches: 6\n", "", "needs `launches`", 29),
        (
            "  blocks: 12\n",
            "  blocks: 12\n  precision_percent: {rss: 1}\n",
            "latency_p99",
            32,
        ),
        (
            "  blocks: 12\n",
            "  blocks: 12\n  precision_percent: {throughput: 0}\n",
            "0.01 to 100",
            32,
        ),
        ("baseline: nethttp", "baseline: nope", "`nope`", 7),
        (
            "baseline: nethttp",
            "baseline: hertz",
            "take part are chi, echo, fasthttp, fiber, gin, nethttp",
            7,
        ),
        (
            "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
            "frameworks:\n  - gin\n  - nethttp\n  - gin",
            "framework `gin` is named twice",
            11,
        ),
        (
            "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
            "frameworks: []",
            "names none",
            8,
        ),
        (
            "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
            "frameworks: {classes: []}",
            "names none",
            8,
        ),
        (
            "frameworks: [chi, echo, fasthttp, fiber, gin, nethttp]",
            "frameworks: {classes: [engine, engine]}",
            "named twice",
            8,
        ),
        (
            DECLARED,
            "primary: [latency_p99, throughput, latency_p99]\n",
            "`latency_p99` is named twice",
            25,
        ),
        (DECLARED, "primary: []\n", "name at least one metric", 25),
        (DECLARED, "primary: [rss]\n", "unknown variant `rss`", 25),
        (DECLARED, "margin_percent: {rss: 0}\n", "0.01 to 100", 25),
        (DECLARED, "margin_percent: {errors: 1}\n", "latency_p99", 25),
        (
            "name: headline",
            "name: other",
            "the file's is `headline`",
            2,
        ),
        (
            "question: >",
            "questions: >",
            "unknown field `questions`",
            4,
        ),
    ] {
        assert!(HEADLINE.contains(from), "{from}");
        let err = load(&HEADLINE.replacen(from, to, 1)).unwrap_err();
        let place = format!("headline.yaml:{line}: ");
        assert!(err.contains(&place), "{place} {to}: {err}");
        assert!(err.contains(says), "{to}: {err}");
    }
}

/// Each of these keys is there before, in another mode, at the top or in the full protocol.
#[test]
fn the_line_is_that_of_the_key_that_is_wrong_and_not_of_one_of_its_name() {
    let (head, second) = HEADLINE.split_once("  - name: rate\n").unwrap();
    let second = format!("  - name: rate\n{second}");
    let (full, quick) = second.split_once("quick:\n").unwrap();
    let text = |full: &str, quick: &str| format!("{head}{full}quick:\n{quick}");
    for (from, to, says, line) in [
        ("connections: 64", "connections: 99999", "is 99999", 22),
        ("name: rate", "name: saturation", "is there twice", 19),
        ("kind: rate", "kind: saturation", "has no rate", 21),
        ("kind: rate", "kind: fast", "unknown variant `fast`", 20),
        ("connections: 64", "rate: 5", "`rate` is there twice", 22),
        ("connections: 64", "connection: 64", "unknown field", 22),
        ("throughput: 3,", "throughput: 300,", "0.01 to 100", 26),
        (
            "cpu_per_request: 2,",
            "throughput: 2,",
            "the key `throughput` is there twice",
            26,
        ),
    ] {
        assert!(full.contains(from), "{from}");
        let err = load(&text(&full.replacen(from, to, 1), quick)).unwrap_err();
        let place = format!("headline.yaml:{line}: ");
        assert!(
            err.contains(&place) && err.contains(says),
            "{place}{to}: {err}"
        );
    }
    for (from, to, says, line) in [
        ("launches: 2", "launches: 13", "number of blocks (4)", 38),
        ("    launches: 2\n", "", "needs `launches`", 37),
        ("window_ms: 200", "window_ms: 1", "50 to 600000", 41),
        ("lead_in_ms: 100", "samples: 100", "has no `samples`", 40),
        ("starts: 5", "starts: -5", "invalid type", 36),
        ("blocks: 4", "launches: 4", "`launches` is there twice", 39),
        (
            "lead_in_ms: 100",
            "lead_in_ms: 100\n    precision_percent: {throughput: 1}",
            "set blocks to 12",
            39,
        ),
    ] {
        assert!(quick.contains(from), "{from}");
        let err = load(&text(full, &quick.replacen(from, to, 1))).unwrap_err();
        let place = format!("headline.yaml:{line}: ");
        assert!(
            err.contains(&place) && err.contains(says),
            "{place}{to}: {err}"
        );
    }
}

#[test]
fn shares_are_of_a_capacity_that_is_measured_before_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("load.yaml");
    let text = include_str!("../../../experiments/load.yaml");
    let load = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Experiment::load(&path).map_err(|e| e.to_string())
    };
    let experiment = load(text).unwrap();
    let shares: Vec<_> = experiment.modes.iter().map(|mode| mode.arrival).collect();
    let wanted = [0.3, 0.5, 0.7, 0.8, 0.9].map(Arrival::Share);
    assert_eq!(shares, [&[Arrival::Closed][..], &wanted].concat());
    let design = experiment.design(false, 7, Duration::from_millis(2));
    assert_eq!(
        (
            design.modes[5].kind,
            design.modes[5].share,
            design.modes[5].rate
        ),
        (ModeKind::Share, Some(0.9), None)
    );
    let article = "  kind: article\n  warm_up_ms: 200\n  samples: 5";
    for (from, to, says) in [
        (
            "share_percent: 30",
            "share_percent: 0",
            "allowed are 1 to 100",
        ),
        (
            "share_percent: 30",
            "share_percent: 101",
            "allowed are 1 to 100",
        ),
        ("    share_percent: 30\n", "", "needs share_percent"),
        (
            "share_percent: 30",
            "share_percent: 30\n    rate: 5",
            "has no rate",
        ),
        (
            "kind: saturation\n",
            "kind: saturation\n    share_percent: 5\n",
            "has no share",
        ),
        (
            "kind: saturation\n",
            "kind: rate\n    rate: 4000\n",
            "of kind `saturation` before it",
        ),
        (
            "  launches: 6\n  blocks: 12\n  lead_in_ms: 200",
            article,
            "only by a protocol of kind `crossed`",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let error = load(&text.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(says), "{to}: {error}");
    }
}
