//! Whether the machine was what its profile says, before the campaign and after.

use record::HostAudit;
use record::audit::{Setting, differences};

use crate::estimate::Analysis;
use crate::report::document::{Cell, Column, Document, RowGroup, Table, Text};
use crate::text;

pub(super) fn write(page: &mut Document<'_>, analysis: &Analysis) {
    let campaign = &analysis.campaign;
    if let Some(audit) = &campaign.audit {
        let title = match &campaign.server_host {
            None => "The host's settings",
            Some(_) => "Settings of the instrument's host",
        };
        one(page, title, audit);
    }
    if let Some(host) = &campaign.server_host {
        one(page, "Settings of the servers' host", &host.audit);
    }
}

fn one(page: &mut Document<'_>, title: &str, audit: &HostAudit) {
    page.heading(3, title);
    let objections = audit.objections();
    if objections.is_empty() {
        let asked = audit.before.iter().filter(|s| s.wanted.is_some()).count();
        page.item(
            Text::default()
                .strong("Pinned")
                .plain(": the machine matched profile ")
                .code(audit.profile.as_deref().unwrap_or_default())
                .plain(format!(
                    " in all of its {} before the campaign and after it.",
                    text::count(asked, "setting")
                )),
        );
    }
    for objection in objections {
        page.item(
            Text::default()
                .strong("Unpinned")
                .plain(format!(": {objection}.")),
        );
    }
    if audit.profile.is_none() {
        changes(page, audit);
    }
    settings(page, title, audit);
}

/// What changed on a machine that no profile was asked of.
fn changes(page: &mut Document<'_>, audit: &HostAudit) {
    let Some(after) = &audit.after else { return };
    let changed = differences(&audit.before, after);
    if changed.is_empty() {
        page.item("None of the settings below changed during the campaign.");
    }
    for change in changed {
        page.item(format!("Changed during the campaign: {change}."));
    }
}

fn settings(page: &mut Document<'_>, title: &str, audit: &HostAudit) {
    let found = |setting: Option<&Setting>| match setting {
        Some(setting) => setting.found().to_owned(),
        None => "–".to_owned(),
    };
    let row = |setting: &Setting| -> Vec<Cell> {
        let after = (audit.after.iter().flatten()).find(|s| s.name == setting.name);
        let verdict = match &setting.wanted {
            None => "",
            Some(_) if setting.matches && after.is_none_or(|s| s.matches) => "yes",
            Some(_) => "no",
        };
        vec![
            setting.name.as_str().into(),
            setting.wanted.as_deref().unwrap_or("–").into(),
            found(Some(setting)).into(),
            found(after).into(),
            verdict.into(),
        ]
    };
    let columns = ["Setting", "Wanted", "Before", "After", "Match"];
    page.table(Table {
        caption: format!("{title}: what the profile wants, what was found"),
        columns: columns.into_iter().map(Column::text).collect(),
        groups: vec![RowGroup {
            rows: audit.before.iter().map(row).collect(),
            ..RowGroup::default()
        }],
    });
    for setting in &audit.before {
        if let Some(why) = &setting.fixed {
            page.item(format!("{} cannot be set there: {why}.", setting.name));
        }
    }
}
