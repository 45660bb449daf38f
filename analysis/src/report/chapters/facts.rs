//! What the campaign was run with: all that another needs to run it again.

use std::collections::BTreeMap;

use record::{CalibrationRecord, FrameworkRecord};

use crate::estimate::{Analysis, Keep};
use crate::report::document::{Cell, Column, Document, RowGroup, Table, Text};
use crate::text::{self, escape, number};

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let campaign = &analysis.campaign;
    let design = &campaign.design;
    page.heading(2, "Exactly what was run");
    let command: Vec<String> = std::iter::once("lab".to_owned())
        .chain(campaign.command.iter().map(|w| escape::shell(w)))
        .collect();
    page.item(Text::from("Command: ").code(command.join(" ")));
    page.item(Text::from("Campaign: ").code(&campaign.id));
    page.item(format!("Seed: {}", campaign.seed));
    page.item(format!("Started: {}", campaign.started));
    let finished = campaign.finished.as_deref().unwrap_or("not recorded");
    page.item(format!("Finished: {finished}"));
    page.item(
        Text::from(format!("Lab: {}, revision ", campaign.lab.version))
            .code(&campaign.lab.revision),
    );
    page.item(analysis.kind.protocol(design));
    if let Some(duet) = &campaign.method.duet {
        let layouts = match duet.layouts {
            0 => String::new(),
            n => format!(
                ", each program linked in {} of its functions",
                text::count(n as usize, "layout")
            ),
        };
        page.item(format!(
            "Two servers at once: {} launches of each of {}, {} ms after a lead-in of {} ms, {} requests/s to each, arriving at random, {} connections, control of {} ns{layouts}",
            duet.launches,
            text::list(&duet.kinds.iter().map(|k| k.mode().to_owned()).collect::<Vec<_>>()),
            duet.window_ms,
            duet.lead_in_ms,
            number::rounded(duet.rate, 0),
            duet.connections,
            duet.spin_ns
        ));
    }
    claims(page, analysis);
    course(page, analysis);
    for mode in &design.modes {
        let rate = mode
            .rate
            .map(|r| format!(", {} requests/s", number::rounded(r, 0)))
            .unwrap_or_default();
        let spin = mode
            .spin_ms
            .map(|ms| format!(", the instrument spins {ms} ms after a send before it sleeps"))
            .unwrap_or_default();
        page.item(format!(
            "Mode {}: {} connections{rate}{spin}",
            mode.name, mode.connections
        ));
    }
    page.item(format!(
        "CPUs: server on {}, instrument on {}",
        cpus(&campaign.cpus.server),
        cpus(&campaign.cpus.instrument)
    ));
    page.item(calibration(&campaign.calibration, &campaign.course.program));
    if let Some(host) = &campaign.server_host {
        page.item(
            Text::from("Load: from another machine; the servers ran on ")
                .code(&host.destination)
                .plain(", and a network is in rates and latencies"),
        );
    }
    page.heading(3, "Frameworks");
    frameworks(page, analysis);
    if !campaign.course.servers.is_empty() {
        map(page, "Servers that came built", &campaign.course.servers);
    }
    match &campaign.server_host {
        None => map(page, "Host", &campaign.host),
        Some(host) => {
            map(page, "Host of the instrument", &campaign.host);
            map(page, "Host of the servers", &host.facts);
        }
    }
    map(page, "Toolchains", &campaign.toolchains);
}

/// Whether the instrument was held to known truths before.
fn calibration(record: &Option<CalibrationRecord>, program: &str) -> String {
    let Some(record) = record else {
        return "Calibration of the instrument: none on record".to_owned();
    };
    let verdict = match record.faults.len() {
        0 => "fit".to_owned(),
        n => format!("not shown to be fit ({})", text::count(n, "objection")),
    };
    let build = match record.program == program {
        true => "this very program",
        false => "another build of the lab",
    };
    let part = match record.limits.is_empty() {
        true => String::new(),
        false => format!(" in part ({})", record.limits.join("; ")),
    };
    format!(
        "Calibration of the instrument: {verdict}{part}, {}, {build}",
        record.at
    )
}

/// What was declared before the run.
fn claims(page: &mut Document<'_>, analysis: &Analysis) {
    let method = &analysis.campaign.method;
    let name = |metric: &String| metric.replace('_', " ");
    if !method.primary.is_empty() {
        let primary: Vec<String> = method.primary.iter().map(name).collect();
        page.item(format!(
            "Primary comparisons, declared before the run: every framework with {} in {}",
            analysis.baseline(),
            text::list(&primary)
        ));
    }
    if !method.margins.is_empty() {
        let margins: Vec<String> = (method.margins.iter())
            .map(|(metric, margin)| format!("{} {}", name(metric), number::share(*margin)))
            .collect();
        page.item(format!(
            "Margins, declared before the run: {}",
            margins.join(", ")
        ));
    }
    page.item(format!(
        "Level of intervals before adjustment: {}",
        number::share(analysis.level)
    ));
}

/// Which look at the precision ended the campaign, and at which level of the intervals.
pub(super) fn stopped(analysis: &Analysis) -> Option<String> {
    let method = &analysis.campaign.method;
    if method.precision.is_empty() {
        return None;
    }
    let level = number::share(analysis.level);
    let targets: Vec<String> = (method.precision.iter())
        .map(|(metric, target)| format!("{} ±{}", metric.replace('_', " "), number::share(*target)))
        .collect();
    let rule = format!(
        "by its {level} interval before adjustment ({})",
        targets.join(", ")
    );
    let Some(stopped) = &analysis.campaign.course.stopped else {
        return Some(format!(
            "Not stopped on precision: the campaign ended before any look found every primary ratio precise {rule}"
        ));
    };
    let looks: Vec<String> = method.looks.iter().map(u32::to_string).collect();
    let at = stopped.at;
    let nth = method.looks.iter().position(|look| *look == at);
    let which = nth.map_or_else(String::new, |nth| {
        format!(
            ", look {} of {} (at {})",
            nth + 1,
            looks.len(),
            text::list(&looks)
        )
    });
    Some(match &stopped.inconclusive {
        None => format!(
            "Stopped on precision at {at} blocks for each scenario and mode{which}: every primary ratio was precise enough {rule}"
        ),
        Some(left) => {
            let width = left.half_width.map_or_else(
                || "without any interval".to_owned(),
                |w| format!("at ±{}", number::share(w)),
            );
            format!(
                "Inconclusive {width}: {} was not precise enough {rule} at the cap of {at} blocks{which}",
                left.ratio
            )
        }
    })
}

/// What happened on the way.
fn course(page: &mut Document<'_>, analysis: &Analysis) {
    let course = &analysis.campaign.course;
    if let Some(look) = stopped(analysis) {
        page.item(look);
    }
    if let Some(repetition) = course.repetition {
        page.item(format!(
            "Repetition {} of those that share the seed {}",
            repetition.number, repetition.family
        ));
    }
    for part in &course.collected {
        page.item(
            Text::from(format!(
                "Launches {} to {}: repetition {}, ",
                part.first_launch, part.last_launch, part.number
            ))
            .code(&part.campaign)
            .plain(format!(", started {}, seed {}", part.started, part.seed)),
        );
    }
    for resume in &course.resumes {
        page.item(format!(
            "Broken off and resumed on {} after {}",
            resume.at, resume.after
        ));
    }
    if !course.repeats.is_empty() {
        let all: Vec<_> = (course.repeats.iter())
            .map(|r| format!("{} by {}", r.of, r.block))
            .collect();
        page.item(format!(
            "Disturbed blocks measured again: {}",
            all.join(", ")
        ));
    }
    if analysis.keep == Keep::Undisturbed {
        page.item("Estimates: of undisturbed blocks only");
    }
}

fn frameworks(page: &mut Document<'_>, analysis: &Analysis) {
    let columns = vec![
        Column::text("Framework"),
        Column::text("Class"),
        Column::text("Module"),
        Column::text("Version"),
        Column::text("Engine"),
        Column::text("Router"),
        Column::number("MiB"),
        Column::text("SHA-256"),
    ];
    let row = |f: &FrameworkRecord| -> Vec<Cell> {
        let mib = f.binary_bytes as f64 / f64::from(1 << 20);
        let size = match f.binary_bytes {
            0 => Cell::from("–"),
            _ => Cell::number(number::rounded(mib, -1), Some(mib)),
        };
        vec![
            f.title.as_str().into(),
            f.class.name().into(),
            f.module.as_str().into(),
            f.version.as_str().into(),
            f.engine_at().into(),
            f.router.as_str().into(),
            size,
            f.sha256.chars().take(12).collect::<String>().into(),
        ]
    };
    page.table(Table {
        caption: "Frameworks: where they come from and what was built".to_owned(),
        columns,
        groups: vec![RowGroup {
            rows: analysis.campaign.frameworks.iter().map(row).collect(),
            ..RowGroup::default()
        }],
    });
    declared(page, &analysis.campaign.frameworks);
}

/// What the servers' folders declare, each setting with its reason.
fn declared(page: &mut Document<'_>, frameworks: &[FrameworkRecord]) {
    let or_none = |words: Vec<String>, between: &str| match words.is_empty() {
        true => Cell::from("–"),
        false => Cell::from(words.join(between)),
    };
    let row = |f: &FrameworkRecord| -> Option<Vec<Cell>> {
        let declared = f.declared.as_ref()?;
        let settings = (declared.settings.iter()).map(|s| format!("{} ({})", s.set, s.why));
        Some(vec![
            f.title.as_str().into(),
            or_none(declared.departs.clone(), ", "),
            or_none(settings.collect(), "; "),
            or_none(declared.supports.clone(), ", "),
        ])
    };
    let rows: Vec<_> = frameworks.iter().filter_map(row).collect();
    if rows.is_empty() {
        return;
    }
    page.table(Table {
        caption: "Frameworks: what their folders declare".to_owned(),
        columns: vec![
            Column::text("Framework"),
            Column::text("Departs from the contract"),
            Column::text("Settings that are not the project's defaults"),
            Column::text("Optional parts"),
        ],
        groups: vec![RowGroup {
            rows,
            ..RowGroup::default()
        }],
    });
}

fn map(page: &mut Document<'_>, title: &str, facts: &BTreeMap<String, String>) {
    if facts.is_empty() {
        return;
    }
    page.heading(3, title);
    for (name, value) in facts {
        page.item(format!("{name}: {value}"));
    }
}

fn cpus(cpus: &[usize]) -> String {
    cpus.iter()
        .map(usize::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}
