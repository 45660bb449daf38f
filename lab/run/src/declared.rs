//! What a framework's folder declares, for the campaign file: nothing of it may stay in the folder.

use catalog::Framework;
use record::Declared;
use record::declared::Setting;

/// What a framework declares.
pub(super) fn of(framework: &Framework) -> Declared {
    Declared {
        settings: (framework.settings.iter())
            .map(|setting| Setting {
                set: setting.set.clone(),
                why: setting.why.clone(),
            })
            .collect(),
        departs: (framework.departs.iter())
            .map(|departure| departure.name().to_owned())
            .collect(),
        supports: (framework.supports.iter())
            .map(|feature| feature.name().to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_folder_declares_stands_in_the_record_by_the_files_own_names() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("mine");
        std::fs::create_dir(&folder).unwrap();
        let (parts, ways) = (
            "routes, middleware, spin, probe, tls",
            "overlap-refused, first-route-wins, no-backtracking, decodes-twice, chunked, memory-grows",
        );
        let text = format!(
            "schema: framework/1\nname: mine\ntitle: Mine\nclass: idiomatic\nlanguage: go\nengine: own\nrouter: none\nmodule: m\nhomepage: h\nsupports: [{parts}]\nhead: 404\nwrong_method: 405\ndeparts: [{ways}]\nsettings:\n  - set: Limit = 3\n    why: the contract asks for it\n"
        );
        std::fs::write(folder.join(catalog::framework::FILE), text).unwrap();
        let declared = of(&Framework::load(&folder).unwrap());
        let sorted = |names: &str| {
            let mut names: Vec<String> = names.split(", ").map(str::to_owned).collect();
            names.sort();
            names
        };
        let mut told = declared.clone();
        told.supports.sort();
        told.departs.sort();
        assert_eq!(told.supports, sorted(parts));
        assert_eq!(told.departs, sorted(ways));
        let setting = Setting {
            set: "Limit = 3".to_owned(),
            why: "the contract asks for it".to_owned(),
        };
        assert_eq!(declared.settings, [setting]);
    }
}
