//! Campaigns one after the other: what is remembered of them, and where a level changed.

mod support;

use analysis::history::{FILE, History, Point};
use support::{Plan, report};

/// Campaign n of a framework whose cost changes after the eighth.
fn campaign(n: u64) -> analysis::Analysis {
    let mut plan = Plan {
        id: format!("headline-{n:02}"),
        scenarios: vec!["json"],
        starts: 2,
        blocks: 6,
        noise: 0.005,
        seed: n,
        ..Plan::default()
    };
    plan.servers
        .retain(|s| ["nethttp", "gin", "echo"].contains(&s.name.as_str()));
    if n > 8 {
        plan.server("gin").cost = 1.12;
    }
    let mut analysis = report(&plan).analysis;
    analysis.campaign.started = format!("2026-03-{n:02}T04:05:06Z");
    let version = if n > 8 { "v2.0.0" } else { "v1.0.0" };
    for framework in &mut analysis.campaign.frameworks {
        framework.version = version.to_owned();
    }
    analysis
}

fn history(campaigns: &[u64]) -> History {
    let mut history = History::default();
    for n in campaigns {
        history.add(&campaign(*n));
    }
    history
}

#[test]
fn a_known_change_is_found_where_it_is_and_nowhere_else() {
    let all: Vec<u64> = (1..=14).collect();
    let lines = history(&all).lines();
    let of = |metric: &str, framework: &str| {
        let mut found = lines.iter();
        found
            .find(|l| l.metric == metric && l.framework == framework)
            .unwrap()
    };
    for metric in ["throughput", "cpu_per_request"] {
        assert_eq!(of(metric, "echo").changes, []);
        let [change] = &of(metric, "gin").changes[..] else {
            panic!("{:?}", of(metric, "gin").changes);
        };
        assert_eq!(change.at, 8);
        let costs = metric == "cpu_per_request";
        let wanted: f64 = if costs { 1.12 / 1.02 } else { 1.02 / 1.12 };
        assert!(
            (change.relative() - (wanted - 1.0)).abs() < 0.02,
            "{change:?}"
        );
    }
    // The baseline and its copy are what ratios are made with, and no series.
    assert!(lines.iter().all(|l| l.framework != "nethttp"));
}

#[test]
fn what_is_written_is_read_back_and_rendered_to_the_same_bytes() {
    let all = history(&[1, 2, 3, 9, 10]);
    let other_order = history(&[10, 3, 1, 9, 2, 3]);
    assert_eq!(all, other_order);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(History::of_folder(folder.path()).unwrap(), None);
    std::fs::write(folder.path().join(FILE), all.csv()).unwrap();
    let read = History::of_folder(folder.path()).unwrap().unwrap();
    assert_eq!(read, all);
    let (first, second) = (
        all.render("A title", &Default::default()).unwrap(),
        read.render("A title", &Default::default()).unwrap(),
    );
    assert_eq!(first, second);
    let names: Vec<&str> = first.files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "charts/history-cpu_per_request-json-saturation.svg",
            "charts/history-throughput-json-saturation.svg",
            "history.csv",
            "history.html",
            "history.md"
        ]
    );
    let campaign = campaign(3);
    assert!(read.agrees(&campaign));
    let mut edited = read.clone();
    edited.points.iter_mut().for_each(|p| p.ratio *= 1.01);
    assert!(!edited.agrees(&campaign));
}

#[test]
fn the_page_names_the_change_and_the_versions_around_it() {
    let all: Vec<u64> = (1..=14).collect();
    let files = history(&all)
        .render("<b>Title</b>", &Default::default())
        .unwrap()
        .files;
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    let markdown = text("history.md");
    assert!(markdown.contains("(v1.0.0 to v2.0.0)"), "{markdown}");
    assert!(
        markdown.contains("gin -8.") || markdown.contains("gin -9."),
        "{markdown}"
    );
    assert!(markdown.contains("since 2026-03-09"), "{markdown}");
    assert!(text("history.html").contains("&lt;b&gt;Title&lt;/b&gt;"));
    assert!(!text("history.html").contains("<b>Title"));
}

#[test]
fn a_bad_file_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let refused = |text: &str| {
        std::fs::write(&path, text).unwrap();
        History::of_folder(folder.path()).unwrap_err().to_string()
    };
    assert!(refused("").contains("its first line is ``"));
    let text = history(&[1]).csv();
    let point: Point = history(&[1]).points[0].clone();
    let ratio = point.ratio.to_string();
    let error = refused(&text.replacen(&ratio, "much", 1));
    assert!(
        error.contains("history.csv") && error.contains("line: 3"),
        "{error}"
    );
    let error = refused(&text.replacen(&ratio, "-1", 1));
    assert!(error.contains("which none can be"), "{error}");
    let error = refused(&text.replacen("throughput", "speed", 1));
    assert!(error.contains("unknown metric `speed`"), "{error}");
    let (low, high) = (point.low.unwrap(), point.high.unwrap());
    for (from, to, says) in [
        (
            format!("{low},{high}"),
            format!("{high},{low}"),
            "which none can be",
        ),
        (format!("{low},{high}"), format!("{low},"), "has one end"),
        (
            format!("{low},{high}"),
            format!("{low},inf"),
            "which none can be",
        ),
        (ratio.clone(), "NaN".to_owned(), "which none can be"),
        (
            point.started.clone(),
            "yesterday".to_owned(),
            "is no time such as",
        ),
        (
            format!(",{},", point.framework),
            format!(",\"{},", point.framework),
            "line",
        ),
        (",exact,".to_owned(), ",\"exact,".to_owned(), "line"),
    ] {
        assert!(text.contains(&from), "{from}");
        let error = refused(&text.replacen(&from, &to, 1));
        assert!(
            error.contains("line") && error.contains(says),
            "{to}: {error}"
        );
    }
    let third = text.lines().nth(2).unwrap();
    let error = refused(&format!("{text}{third}\n"));
    assert!(
        error.contains("has said") && error.contains("before"),
        "{error}"
    );
    let error = refused(&text[..text.len() - 1]);
    assert!(error.contains("cut off"), "{error}");
}

#[test]
fn campaigns_that_were_measured_in_different_ways_are_no_one_series() {
    let mut two = history(&(1..=14).collect::<Vec<u64>>());
    let gin = |history: &History| {
        let lines = history.lines();
        let line = lines
            .iter()
            .find(|l| l.metric == "throughput" && l.framework == "gin");
        line.unwrap().clone()
    };
    assert_eq!(gin(&two).changes.len(), 1);
    // From the change on another way was taken, so it may be that alone.
    let from = gin(&two).points[8].started.clone();
    let later = two.points.iter_mut().filter(|point| point.started >= from);
    later.for_each(|point| point.protocol = "another".to_owned());
    let line = gin(&two);
    assert_eq!(line.changes, []);
    assert!(line.is_joined(0, 7) && !line.is_joined(7, 8));
    let text = two.text("x");
    assert!(text.contains("were measured in 2 ways"), "{text}");
    // A file without the column is read, and says nothing of the way.
    let old: Vec<&str> = two.csv().leak().lines().take(3).collect();
    let cut = |line: &str, at: usize| line.split(',').take(at).collect::<Vec<_>>().join(",");
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}\n{}\n{}\n", old[0], cut(old[1], 15), cut(old[2], 15));
    std::fs::write(folder.path().join("history.csv"), text).unwrap();
    let read = History::of_folder(folder.path()).unwrap().unwrap();
    assert_eq!(read.points[0].protocol, "");
}

#[test]
fn a_published_report_shows_the_course_of_each_ratio() {
    use analysis::report::{Place, render_in};
    let last = campaign(10);
    let all = history(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let page = |history: &History| {
        let place = Place::Published {
            history: Some(history),
        };
        let files = render_in(&last, place).unwrap().files;
        let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
        (text("report.md"), text("report.html"))
    };
    let (markdown, html) = page(&all);
    assert!(
        markdown.contains("10 campaigns from 2026-03-01 to 2026-03-10, each ratio to net/http"),
        "{markdown}"
    );
    let chapter = markdown
        .split("\n## ")
        .find(|c| c.starts_with("Over time"))
        .unwrap();
    let of = |name: &str| {
        let row = chapter
            .lines()
            .find(|l| l.starts_with(&format!("| {name} |")))
            .unwrap();
        row.split(" | ").nth(1).unwrap().to_owned()
    };
    // Gin falls after the eighth of ten campaigns and Echo goes on as it was.
    let heights = |cell: &str| -> Vec<u32> {
        let letters = cell.chars().take_while(|c| *c != ' ');
        letters.map(|c| c as u32 - '▁' as u32).collect()
    };
    let gin = heights(&of("Gin"));
    assert_eq!(gin.len(), 10);
    let (before, after) = gin.split_at(8);
    assert!(before.iter().min() > after.iter().max(), "{gin:?}");
    assert_eq!(heights(&of("Echo")).len(), 10);
    let drawn = html.matches("class=\"trend\"").count();
    // Two frameworks, requests/s and CPU time, one scenario.
    assert_eq!(drawn, 4);
    // One campaign has no course.
    assert!(!page(&history(&[10])).0.contains("Over time"));
}
