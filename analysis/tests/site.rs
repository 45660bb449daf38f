//! Published reports as pages, and what is said of those that are not as rendered.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use analysis::site::{Site, faults, published};
use support::Plan;

fn publish(reports: &Path, host: &str, id: &str, seed: u64) -> PathBuf {
    let plan = Plan {
        id: id.to_owned(),
        title: format!("The <b>experiment</b> {id}"),
        scenarios: vec!["json"],
        starts: 6,
        seed,
        ..Plan::default()
    };
    let folder = plan.write(&reports.join(host));
    fs::remove_file(reports.join(host).join("latest")).unwrap();
    let analysis = analysis::analyse(&folder).unwrap();
    let place = analysis::report::Place::Published { history: None };
    let rendered = analysis::report::render_in(&analysis, place).unwrap();
    for (name, text) in rendered.files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn the_site_holds_every_report_and_an_index_and_is_the_same_twice() {
    let reports = tempfile::tempdir().unwrap();
    let folder = publish(reports.path(), "shelf", "headline", 1);
    publish(reports.path(), "unpinned", "article", 2);
    // A chart that no rendering owns is not shown.
    fs::write(folder.join("charts/stale.svg"), "").unwrap();
    let found = published(reports.path()).unwrap();
    let places: Vec<&str> = found.iter().map(|r| r.place.as_str()).collect();
    assert_eq!(places, ["shelf/headline", "unpinned/article"]);

    let site = Site::render(&found).unwrap();
    let index = String::from_utf8(site.rendered["index.html"].clone()).unwrap();
    for words in [
        "<h2 id=\"shelf\">shelf",
        "<h2 id=\"unpinned\">unpinned",
        "href=\"shelf/headline/report.html\"",
        "href=\"unpinned/article/summary.json\"",
        "The &lt;b&gt;experiment&lt;/b&gt; headline",
        "Requests per second at saturation",
    ] {
        assert!(index.contains(words), "{words} is not in {index}");
    }
    assert_eq!(
        site.rendered["shelf/headline/report.html"],
        fs::read(folder.join("report.html")).unwrap()
    );
    assert!(site.copied.contains_key("shelf/headline/observations.csv"));
    assert!(!site.copied.contains_key("shelf/headline/charts/stale.svg"));
    assert!(site.copied.keys().any(|k| k.ends_with(".hlog")));

    let again = Site::render(&found).unwrap();
    assert_eq!(again.rendered, site.rendered);
    let out = tempfile::tempdir().unwrap();
    site.write(&out.path().join("site")).unwrap();
    for name in site.rendered.keys().chain(site.copied.keys()) {
        assert!(out.path().join("site").join(name).is_file(), "{name}");
    }
}

#[test]
fn what_is_not_as_rendered_is_named() {
    let reports = tempfile::tempdir().unwrap();
    let folder = publish(reports.path(), "shelf", "headline", 1);
    let found = published(reports.path()).unwrap();
    assert_eq!(faults(&found[0]).unwrap(), Vec::<String>::new());
    let markdown = fs::read_to_string(folder.join("report.md")).unwrap();
    fs::write(folder.join("report.md"), markdown.replace("1.0", "2.0")).unwrap();
    fs::remove_file(folder.join("charts/memory.svg")).unwrap();
    fs::write(folder.join("charts/stale.svg"), "").unwrap();
    assert_eq!(
        faults(&found[0]).unwrap(),
        [
            "charts/memory.svg is missing",
            "report.md differs from what the raw data give",
            "charts/stale.svg is left over: the raw data give none"
        ]
    );
}
