//! Reports of campaigns that went wrong in some way.

mod support;

use record::{Class, Note, Stage, Status};
use support::{Plan, report, report_of, server};

/// Two scenarios of everything are for the golden files; one is enough here.
fn small() -> Plan {
    Plan {
        scenarios: vec!["json"],
        starts: 8,
        ..Plan::default()
    }
}

fn result<'a>(
    summary: &'a serde_json::Value,
    framework: &str,
    metric: &str,
) -> &'a serde_json::Value {
    let results = summary["results"].as_array().unwrap();
    results
        .iter()
        .find(|r| r["framework"] == framework && r["metric"] == metric && r["variant"] == "")
        .unwrap_or_else(|| panic!("no {metric} of {framework}"))
}

/// A campaign's file with more said of its first server.
fn with_more_of_the_first(plan: &Plan, more: &str) -> String {
    let results = tempfile::tempdir().unwrap();
    let folder = plan.write(results.path());
    let file = folder.join("campaign.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    // The sum in the first line is of the file as it was written.
    let text = text.split_once('\n').unwrap().1;
    let line = text.lines().find(|l| l.trim() == "modules: {}").unwrap();
    let indent = &line[..line.len() - "modules: {}".len()];
    let more = more.replace('\n', &format!("\n{indent}"));
    std::fs::write(
        &file,
        text.replacen(line, &format!("{line}\n{indent}{more}"), 1),
    )
    .unwrap();
    report_of(&folder).markdown().to_owned()
}

#[test]
fn exceptions_replacements_and_warnings_are_printed() {
    let plain = report(&small()).markdown().to_owned();
    assert!(!plain.contains("## Exceptions"), "{plain}");
    let more = "replaced:\n  example.com/a: ../tuned\nexceptions:\n- allow: import os\n  why: It is needed.\nwarnings:\n- 'source: main.go:3'";
    let page = with_more_of_the_first(&small(), more);
    for words in [
        "## Exceptions, and servers from outside",
        "is allowed `import os`: It is needed.",
        "has in the place of `example.com/a` `../tuned`",
        "lies outside of the checkout and does what its class does not allow: source: main.go:3",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[test]
fn known_differences_are_found_and_equal_servers_are_not_called() {
    let summary = report(&small()).summary();
    let verdict = |name: &str| result(&summary, name, "throughput")["verdict"].clone();
    assert_eq!(verdict("fiber"), "faster");
    assert_eq!(verdict("chi"), "undecided");
    assert_eq!(verdict("nethttp"), "");
    assert_eq!(
        result(&summary, "fiber", "cpu_per_request")["verdict"],
        "less"
    );
    let ratio = &result(&summary, "fiber", "cpu_per_request")["ratio"];
    assert!(
        ratio["low"].as_f64() < Some(0.7) && ratio["high"].as_f64() > Some(0.7),
        "{ratio}"
    );
}

#[test]
fn threads_of_one_core_on_both_sides_are_labelled() {
    let results = tempfile::tempdir().unwrap();
    let folder = small().write(results.path());
    let labelled = || report_of(&folder).markdown().contains("shared core");
    assert!(!labelled());
    let file = folder.join("campaign.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let fact = "host:\n  shared-core: CPUs 0 and 1 are threads of one core\n";
    let text = record::campaign::unsealed(&text);
    std::fs::write(&file, text.replacen("host:\n", fact, 1)).unwrap();
    assert!(labelled());
}

#[test]
fn a_cpu_quota_below_the_cpus_measured_on_is_labelled() {
    let results = tempfile::tempdir().unwrap();
    let folder = small().write(results.path());
    let labelled = || {
        let report = report_of(&folder);
        let label = "- `throttled`: the control group";
        let fact = "1 CPU by /sys/fs/cgroup/cpu.max, where 2 CPUs are measured on";
        let text = report.markdown();
        (text.contains(label), text.contains(fact))
    };
    assert_eq!(labelled(), (false, false));
    let file = folder.join("campaign.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = record::campaign::unsealed(&text);
    let fact =
        "host:\n  short-cpu-quota: 1 CPU by /sys/fs/cgroup/cpu.max, where 2 CPUs are measured on\n";
    std::fs::write(&file, text.replacen("host:\n", fact, 1)).unwrap();
    assert_eq!(labelled(), (true, true));
}

#[test]
fn a_variant_stands_beside_its_framework_and_is_not_ranked() {
    let mut plan = small();
    let sonic = support::server("gin@sonic", "Gin with sonic", Class::Variant, 0.5);
    plan.servers.insert(5, sonic);
    let report = report(&plan);
    let text = report.markdown();
    let chapter = text
        .split("## Variants beside their frameworks")
        .nth(1)
        .expect("the chapter is there");
    assert!(chapter.contains("| Gin | Gin with sonic | "), "{chapter}");
    let ranked = text.split("*controls, not ranked:*").next().unwrap();
    assert!(!ranked.contains("Gin with sonic"), "{ranked}");
    let small = self::report(&small());
    let without = small.markdown();
    assert!(!without.contains("Variants beside"), "{without}");
}

#[test]
fn top3_holds_numbers_and_gin_echo_and_fiber() {
    let summary = report(&small()).summary();
    let top3 = summary["top3"].as_object().unwrap();
    let names: Vec<&str> = top3.keys().map(String::as_str).collect();
    for name in ["echo", "fiber", "gin"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(
        !names.contains(&"fasthttp"),
        "a control is never ranked: {names:?}"
    );
    for figure in [
        "json_throughput",
        "json_cpu_us",
        "json_rate_cpu_us",
        "json_p50_us",
        "json_p99_us",
        "json_p999_us",
        "startup_ms",
        "rss_idle_mib",
        "rss_load_mib",
        "rss_after_mib",
        "binary_mib",
    ] {
        assert!(
            top3["fiber"][figure].is_number(),
            "{figure}: {}",
            top3["fiber"]
        );
    }
}

#[test]
fn two_blocks_give_numbers_and_no_verdict() {
    let plan = Plan {
        quick: true,
        launches: 1,
        blocks: 2,
        starts: 3,
        ..small()
    };
    let report = report(&plan);
    assert!(
        report
            .markdown()
            .contains("**No verdict:** 2 blocks a cell")
    );
    assert!(report.markdown().contains("- `quick`: "));
    for word in ["**faster**", "**slower**", "**less**", "**more**"] {
        assert!(
            !report.markdown().contains(&format!("| {word} |")),
            "{word}"
        );
    }
    let summary = report.summary();
    for entry in summary["results"].as_array().unwrap() {
        let verdict = entry["verdict"].as_str().unwrap();
        assert!(["", "too few blocks"].contains(&verdict), "{entry}");
    }
    assert_eq!(summary["quick"], true);
}

#[test]
fn a_cut_off_campaign_says_so() {
    let plan = Plan {
        status: Status::Running,
        ..small()
    };
    let results = tempfile::tempdir().unwrap();
    let folder = plan.write(results.path());
    let table = folder.join("observations.csv");
    let bytes = std::fs::read(&table).unwrap();
    std::fs::write(&table, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let report = report_of(&folder);
    assert!(report.markdown().contains("- `cut off`: "));
    assert!(
        report
            .markdown()
            .contains("behind the last whole block were ignored")
    );
    assert_eq!(report.summary()["status"], "running");
    assert!(analysis::terminal::table(&report.analysis).contains("cut off"));
}

#[test]
fn an_instrument_that_is_always_the_bottleneck_ranks_nobody() {
    let mut plan = small();
    for server in &mut plan.servers {
        server.client_bound = 1.0;
    }
    let report = report(&plan);
    let summary = report.summary();
    for name in ["chi", "echo", "fasthttp", "fiber", "gin"] {
        let entry = result(&summary, name, "throughput");
        assert_eq!(entry["verdict"], "client-bound", "{entry}");
        assert_eq!(
            (&entry["bound"], &entry["ratio"]["bound"]),
            (&"at least".into(), &"unknown".into())
        );
    }
    assert!(
        report
            .markdown()
            .contains("the instrument and not the server was the bottleneck")
    );
    assert!(report.markdown().contains("| ≥ "));
    // What a request costs is measured on the server and holds all the same.
    assert_eq!(
        result(&summary, "fiber", "cpu_per_request")["verdict"],
        "less"
    );
}

#[test]
fn a_limited_server_is_never_called_slower() {
    let mut plan = small();
    plan.server("echo").cost = 1.5;
    plan.server("echo").client_bound = 0.5;
    plan.server("fiber").client_bound = 0.5;
    let summary = report(&plan).summary();
    assert_eq!(
        result(&summary, "echo", "throughput")["verdict"],
        "client-bound"
    );
    assert_eq!(result(&summary, "fiber", "throughput")["verdict"], "faster");
    assert_eq!(
        result(&summary, "fiber", "throughput")["ratio"]["bound"],
        "at least"
    );
}

#[test]
fn failing_late_is_as_slow_as_answering_late_and_at_least_that() {
    let mut plan = small();
    // Three in a hundred fail after 0.8 s; without them gin is as fast as the baseline.
    plan.server("gin").failing = (6, 800_000_000);
    let report = report(&plan);
    let summary = report.summary();
    let p99 = result(&summary, "gin", "latency_p99");
    assert!(p99["estimate"].as_f64().unwrap() >= 799_000.0, "{p99}");
    assert_eq!(
        (&p99["bound"], &p99["ratio"]["bound"], &p99["verdict"]),
        (&"at least".into(), &"at least".into(), &"slower".into())
    );
    assert_eq!(p99["flags"]["lower-bound"], p99["windows"]);
    // What three in a hundred cannot move is itself, and so is everybody else.
    let p50 = result(&summary, "gin", "latency_p50");
    assert_eq!(
        (&p50["bound"], &p50["ratio"]["bound"]),
        (&"exact".into(), &"exact".into())
    );
    assert_eq!(result(&summary, "echo", "latency_p99")["bound"], "exact");
    assert!(
        report.markdown().contains("| ≥ 80"),
        "{}",
        report.markdown()
    );
    assert!(
        report
            .markdown()
            .contains("- ≥, ≤: requests failed (`lower-bound`)")
    );
}

#[test]
fn failing_at_once_makes_nobody_faster() {
    let mut plan = small();
    plan.server("gin").cost = 0.5;
    plan.server("gin").failing = (6, 1_000);
    let summary = report(&plan).summary();
    let p99 = result(&summary, "gin", "latency_p99");
    // What is known of it looks fast, and how long those that failed would have taken is not known.
    assert!(p99["ratio"]["point"].as_f64().unwrap() < 0.9, "{p99}");
    assert_eq!(
        (&p99["bound"], &p99["verdict"]),
        (&"at least".into(), &"lower-bound".into())
    );
    // It may stand behind all, and who stands behind it in front.
    let places = p99["rank"].as_array().unwrap();
    let frameworks = 5;
    assert_eq!(places[1], frameworks, "{p99}");
    assert_eq!(result(&summary, "gin", "latency_p50")["verdict"], "faster");

    // The baseline fails: others can be called faster than it, and nobody slower.
    let mut plan = small();
    plan.server("nethttp").failing = (6, 1_000);
    plan.server("echo").cost = 2.0;
    plan.server("fiber").cost = 0.5;
    let summary = report(&plan).summary();
    for (name, verdict) in [("echo", "lower-bound"), ("fiber", "faster")] {
        let entry = result(&summary, name, "latency_p99");
        assert_eq!(
            (&entry["ratio"]["bound"], &entry["verdict"]),
            (&"at most".into(), &verdict.into())
        );
        assert_eq!(entry["bound"], "exact");
    }
}

#[test]
fn a_framework_that_died_keeps_what_was_measured() {
    let mut plan = small();
    plan.server("gin").blocks = 4;
    plan.server("gin").excluded = Some("Gin died under load.".to_owned());
    let mut absent = server("iris", "Iris", Class::Idiomatic, 1.0);
    absent.blocks = 0;
    absent.excluded = Some("Iris does not build.".to_owned());
    plan.servers.push(absent);
    let report = report(&plan);
    let gin = report.summary();
    let gin = result(&gin, "gin", "throughput");
    assert_eq!(
        (&gin["n"], &gin["verdict"]),
        (&4.into(), &"too few blocks".into())
    );
    assert!(
        report
            .markdown()
            .contains("- **Gin** is excluded: Gin died under load.")
    );
    assert!(report.markdown().contains("no value for Iris."));
    assert!(analysis::terminal::table(&report.analysis).contains("Gin is excluded: Gin died"));
}

#[test]
fn without_a_baseline_nothing_is_compared() {
    let mut plan = small();
    plan.server("nethttp").blocks = 0;
    let report = report(&plan);
    assert!(
        report
            .markdown()
            .contains("**No comparison:** net/http, the baseline")
    );
}

#[test]
fn an_empty_campaign_is_still_a_report() {
    let plan = Plan {
        servers: vec![],
        starts: 0,
        ..small()
    };
    let report = report(&plan);
    assert!(report.markdown().contains("Nothing was measured"));
    assert!(report.summary()["top3"].as_object().unwrap().is_empty());
}

#[test]
fn text_from_outside_stays_text() {
    let evil = "<script>alert(1)</script> | `a` *b* [c](d) \"e\" & f";
    let mut plan = small();
    plan.title = evil.to_owned();
    plan.server("gin").title = evil.to_owned();
    plan.server("gin").excluded = Some(evil.to_owned());
    let results = tempfile::tempdir().unwrap();
    let folder = plan.write(results.path());
    let path = folder.join("campaign.yaml");
    let mut campaign = record::Campaign::open(&folder).unwrap().file;
    campaign.host.insert(evil.to_owned(), evil.to_owned());
    campaign.command.push(evil.to_owned());
    campaign.notes.push(Note {
        framework: "gin".to_owned(),
        stage: Stage::Load,
        what: evil.to_owned(),
        stderr: Some(format!("{evil}\u{1b}[31m\n# red ``")),
    });
    std::fs::write(&path, serde_yaml(&campaign)).unwrap();
    let report = report_of(&folder);

    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut table: Option<usize> = None;
    for line in report.markdown().lines() {
        let outside_code: String = line.split('`').step_by(2).collect();
        let is_code = line.contains("stderr: `") || line.contains("Command: `");
        assert!(
            is_code || !outside_code.replace("&lt;", "").contains("<script"),
            "{line}"
        );
        assert!(!line.contains('\u{1b}'), "{line}");
        if line.starts_with('|') {
            assert_eq!(*table.get_or_insert(columns(line)), columns(line), "{line}");
        } else {
            table = None;
        }
    }
    for (name, text) in &report.files {
        if name.ends_with(".svg") {
            assert!(!text.contains("<script"), "{name}");
            assert!(text.contains("&lt;script&gt;"), "{name}");
        }
    }
    assert!(!analysis::terminal::table(&report.analysis).contains('\u{1b}'));

    let html = &report.files["report.html"];
    assert_eq!(html.matches("<script").count(), 2, "only the page's own");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!html.contains('\u{1b}') && !html.contains("\"e\""));
}

#[test]
fn the_page_needs_nothing_else_and_says_what_the_markdown_says() {
    let report = report(&small());
    let html = &report.files["report.html"];
    for outside in ["src=", "href=\"http", "url(", "@import", "fetch("] {
        assert!(!html.contains(outside), "{outside}");
    }
    let ids: Vec<&str> = html.split(" id=\"").skip(1).collect();
    let ids: Vec<&str> = ids
        .iter()
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let rows = |text: &str, row: &str| text.matches(row).count();
    let markdown = report.markdown();
    let rules = rows(markdown, "\n| ---");
    assert_eq!(rows(html, "<table>"), rules);
    assert_eq!(rows(html, "<tr"), rows(markdown, "\n|") - rules);
    assert_eq!(rows(html, "</svg>"), rows(markdown, "!["));
    assert_eq!(rows(html, "<h2 "), rows(markdown, "\n## "));
}

#[test]
fn the_validity_record_says_whether_the_host_was_pinned() {
    let setting = |found: &str| record::audit::Setting {
        name: "vm.swappiness".to_owned(),
        wanted: Some("1".to_owned()),
        found: Some(found.to_owned()),
        matches: found == "1",
        fixed: None,
    };
    let says = |after: &str| {
        let results = tempfile::tempdir().unwrap();
        let folder = small().write(results.path());
        let mut campaign = record::Campaign::open(&folder).unwrap().file;
        campaign.audit = Some(record::HostAudit {
            profile: Some("article-8core".to_owned()),
            before: vec![setting("1")],
            after: Some(vec![setting(after)]),
        });
        std::fs::write(folder.join("campaign.yaml"), serde_yaml(&campaign)).unwrap();
        report_of(&folder).markdown().to_owned()
    };
    let pinned = "**Pinned**: the machine matched profile `article-8core` in all of its 1 setting";
    assert!(says("1").contains(pinned));
    let changed = says("60");
    assert!(!changed.contains(pinned));
    assert!(
        changed.contains("**Unpinned**: vm.swappiness was 1 and is 60 after the campaign."),
        "{changed}"
    );
    assert!(
        changed.contains("| vm.swappiness | 1 | 1 | 60 | no |"),
        "{changed}"
    );
}

fn serde_yaml(campaign: &record::CampaignFile) -> String {
    // JSON is YAML.
    serde_json::to_string(campaign).unwrap()
}

#[test]
fn the_terminal_table_fits() {
    let plan = Plan {
        scenarios: vec!["plaintext", "json", "params", "echo", "blob"],
        starts: 6,
        ..Plan::default()
    };
    let table = analysis::terminal::table(&report(&plan).analysis);
    for line in table.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(table.contains("blob"));
    // The same signs as on the page, and the second copy.
    assert!(table.contains("▲ better"), "{table}");
    assert!(table.contains("net/http, 2nd"), "{table}");
}

#[test]
fn a_warning_names_the_figures_that_it_is_about() {
    let mut plan = small();
    // Every block at the fixed rate, and no other.
    plan.disturbed = (1..=24).filter(|block| block % 2 == 0).collect();
    let text = report(&plan).markdown().to_owned();
    let warning = text.lines().find(|l| l.contains("not left alone")).unwrap();
    assert!(
        warning.contains("windows of mode rate are flagged foreign-cpu, so of latency"),
        "{warning}"
    );
    assert!(
        warning.contains("of mode saturation, which requests per second"),
        "{warning}"
    );
}

#[test]
fn a_long_line_up_says_how_wide_its_intervals_are() {
    let mut plan = small();
    assert!(!report(&plan).markdown().contains("Each ratio by itself"));
    for i in 0..12 {
        let name = format!("more{i:02}");
        plan.servers
            .push(server(&name, &name, Class::Idiomatic, 1.1));
    }
    let report = report(&plan);
    // Who is nearest and who is farthest, where there are too many to name.
    let headline = &analysis::report::headline(&report.analysis)[0];
    assert!(
        headline.contains("fewer, from ") && headline.contains(" to more"),
        "{headline}"
    );
    let said = "- Each ratio by itself, at 95 % before it is adjusted for how many there are: ±";
    let mut lines = report.markdown().lines().filter(|l| l.starts_with(said));
    let line = lines.next().expect("it is not said");
    // Servers and the baseline scatter by 2 % a window, the baseline has two; twelve blocks.
    let sd = 0.02 * 1.5f64.sqrt();
    let wide = 2.2 * sd / 12f64.sqrt();
    let shown: Vec<f64> = (line[said.len()..].split('±'))
        .map(|part| part.split(' ').next().unwrap().parse::<f64>().unwrap() / 100.0)
        .collect();
    let [least, most, nine_in_ten] = shown[..] else {
        panic!("{line}");
    };
    assert!(least < wide && wide < most, "{line}");
    assert!(least < nine_in_ten && nine_in_ten <= most, "{line}");
}

#[test]
fn a_long_line_up_that_is_known_loosely_is_preliminary() {
    const NAMES: [&str; 13] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "nethttp",
    ];
    let line_up = |noise: f64, n: usize| {
        let mut plan = Plan {
            scenarios: vec!["json"],
            starts: 2,
            noise,
            ..Plan::default()
        };
        plan.servers = (NAMES[NAMES.len() - n..].iter())
            .map(|name| server(name, name, Class::Idiomatic, 1.0))
            .collect();
        report(&plan).markdown().contains("`preliminary`")
    };
    assert!(line_up(0.1, 13), "12 ratios that are known within some 9 %");
    assert!(!line_up(0.01, 13), "12 ratios that are known within 1 %");
    assert!(!line_up(0.1, 12), "no long line-up");
}

#[test]
fn instructions_have_a_chapter_where_the_machine_counts_them_and_none_elsewhere() {
    let plain = report(&small());
    assert!(!plain.markdown().contains("Instructions per request"));
    let counted = report(&Plan {
        counted: true,
        ..small()
    });
    let page = counted.markdown();
    let chapter = page
        .split("\n## ")
        .find(|c| c.starts_with("Instructions per request"));
    let chapter = chapter.expect("there is no chapter of it");
    assert!(chapter.contains("less is not faster"), "{chapter}");
    let found = result(&counted.summary(), "fiber", "instructions_per_request").clone();
    let estimate = found["estimate"].as_f64().unwrap();
    assert!((estimate / 21_000.0 - 1.0).abs() < 0.02, "{found}");
    // It is no reason for any other number to be another one.
    for metric in ["throughput", "cpu_per_request"] {
        let of = |report: &support::Report| result(&report.summary(), "fiber", metric).clone();
        assert_eq!(of(&plain), of(&counted), "{metric}");
    }
}
