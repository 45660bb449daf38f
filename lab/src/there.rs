//! A campaign's folder as it was named, or what there is instead.

use std::path::Path;

use anyhow::bail;

/// Refuses a folder that holds no campaign, with those that lie beside it.
///
/// # Errors
/// A sentence with the folder and the remedy.
pub fn holds_a_campaign(folder: &Path) -> anyhow::Result<()> {
    if folder.join("campaign.yaml").is_file() {
        return Ok(());
    }
    let is_latest = folder.file_name().is_some_and(|name| name == "latest");
    let beside = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let beside = beside.unwrap_or_else(|| Path::new("."));
    let names = campaigns(beside);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.is_empty() {
        match is_latest {
            true => bail!(
                "there is no campaign in {} yet: `lab bench` measures one, or name the folder of one",
                beside.display()
            ),
            false => bail!(
                "{} holds no campaign (there is no campaign.yaml in it), and neither does a folder beside it",
                folder.display()
            ),
        }
    }
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    bail!(
        "{} holds no campaign: in {} {}",
        folder.display(),
        beside.display(),
        analysis::text::unknown("campaign", &name.unwrap_or_default(), &names)
    )
}

fn campaigns(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("campaign.yaml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
