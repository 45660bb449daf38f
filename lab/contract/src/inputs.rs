//! What a server was built from, by the word of its executable: the declared module, the checkout's
//! kit, no profile and no settings of its own.
//!
//! A tuned copy in the place of a module, a profile for the compiler or a kit that tells the probe
//! what it wants to hear leave the source as it should be. The executable names them.

use std::path::Path;

use record::{Class, engine_module};

use super::check::Failure;
use builder::Binary;
use catalog::Framework;
use catalog::framework::{Feature, Language};

/// The module that the lab's own package comes from.
pub const KIT: &str = "bench.lab/kit";
/// Where a variant's folder has its framework's.
const VARIED: &str = "../..";
/// What every build of the lab's says of itself; nix leaves some of it out.
const USUAL: [(&str, Option<&str>); 4] = [
    ("-buildmode", Some("exe")),
    ("-compiler", Some("gc")),
    // A comparison's layouts have an order of functions each, and it is the lab that says so.
    ("-ldflags", None),
    ("-trimpath", Some("true")),
];
/// What the lab sets in the environment, or the machine decides.
const ENVIRONMENT: [&str; 4] = ["CGO_ENABLED", "GOAMD64", "GOARCH", "GOOS"];

/// Compares an executable with what its framework declares.
pub fn as_declared(framework: &Framework, binary: &Binary) -> Result<(), Failure> {
    let found = match framework.language {
        Language::Go => deviations(framework, binary),
        // What came built says nothing of itself.
        Language::Rust if framework.prebuilt.is_some() => Vec::new(),
        Language::Rust => deviations_in_rust(framework, binary),
    };
    match found.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(
            "its executable",
            "one that was built from what framework.yaml declares",
            found.join("; "),
        )),
    }
}

/// A server in Go has the kit and so its probe: without, salt, memory and collector could not be
/// asked.
pub fn is_probed(framework: &Framework) -> Result<(), Failure> {
    if framework.language != Language::Go || framework.supports.contains(&Feature::Probe) {
        return Ok(());
    }
    Err(Failure::new(
        "framework.yaml",
        "`probe` in `supports`, as every server in Go has the kit's",
        "a server that says nothing of its runtime",
    ))
}

fn deviations(framework: &Framework, binary: &Binary) -> Vec<String> {
    let mut found = Vec::new();
    let declared = |key: &str| framework.exceptions.iter().any(|e| e.allow == key);
    let engine = engine_module(&framework.engine);
    let std = framework.module == "std";
    let wanted = (std::iter::once(framework.module.as_str()).filter(|_| !std))
        .chain(engine)
        .chain([KIT]);
    for module in wanted {
        if !binary.modules.contains_key(module) {
            found.push(format!("nothing of the module {module} is in it"));
        }
    }
    for (module, by) in &binary.replaced {
        let told = || declared(&format!("replace {module} => {by}"));
        if is_usual(framework, module, by) || told() && is_designs(framework, module, by) {
            continue;
        }
        found.push(format!(
            "[replace {module} => {by}] {module} is not what its name says"
        ));
    }
    for (name, value) in &binary.settings {
        let usual = USUAL.iter().find(|(usual, _)| usual == name);
        if usual.is_some_and(|(_, only)| only.is_none_or(|only| only == value)) {
            continue;
        }
        let (key, words) = match name.as_str() {
            "-pgo" => (
                "pgo".to_owned(),
                "a profile in the folder told the compiler what to make fast".to_owned(),
            ),
            _ => (
                format!("setting {name}={value}"),
                format!("{name}={value} is set"),
            ),
        };
        if !declared(&key) {
            found.push(format!("[{key}] {words}"));
        }
    }
    for (name, value) in &binary.environment {
        let key = format!("setting {name}={value}");
        // What a server that came built was built with is told by its campaign.
        if framework.prebuilt.is_none() && !ENVIRONMENT.contains(&name.as_str()) && !declared(&key)
        {
            found.push(format!("[{key}] {name}={value} is set"));
        }
    }
    found
}

/// The same for Cargo's lock file: the declared package is in it, and none lies in a folder that is
/// not declared.
fn deviations_in_rust(framework: &Framework, binary: &Binary) -> Vec<String> {
    let mut found = Vec::new();
    if !binary.modules.contains_key(&framework.module) {
        found.push(format!(
            "nothing of the package {} is in it",
            framework.module
        ));
    }
    if let Some(script) = binary.settings.get("build") {
        let key = format!("setting build={script}");
        if !framework.exceptions.iter().any(|e| e.allow == key) {
            found.push(format!(
                "[{key}] a program of the folder's shapes the build"
            ));
        }
    }
    for (package, by) in &binary.replaced {
        let key = format!("replace {package} => {by}");
        let told = framework.exceptions.iter().any(|e| e.allow == key);
        if !told || !is_designs(framework, package, by) {
            found.push(format!("[{key}] {package} is not what its name says"));
        }
    }
    found
}

/// Whether a folder is that of the design that a server of class `reference` is about, which its module's name
/// names: `reference/NAME` of the checkout. What is declared of other classes and places is its author's to say.
fn is_designs(framework: &Framework, module: &str, by: &str) -> bool {
    let class = framework.origin.class.unwrap_or(framework.class);
    let checkout = (framework.origin.kit.as_deref()).and_then(|kit| kit.parent()?.parent());
    let (Class::Reference, Some(checkout), None) = (class, checkout, &framework.prebuilt) else {
        return true;
    };
    let name = (module.strip_prefix("bench.lab/reference/")).or(module.strip_prefix("lab-"));
    let there = framework.folder.join(by).canonicalize();
    let named = name.map(|name| checkout.join("reference").join(name).canonicalize());
    matches!((there, named), (Ok(there), Some(Ok(named))) if there == named)
}

/// Whether a replacement is one that the lab knows of: the kit, the framework that a variant
/// varies, what the command said.
fn is_usual(framework: &Framework, module: &str, by: &str) -> bool {
    let origin = &framework.origin;
    if origin.replaced.contains(module) {
        return true;
    }
    // One that came built names a folder of another machine, a variant its framework's two above it.
    if framework.prebuilt.is_some() {
        return match module == KIT {
            true => by.ends_with("kit"),
            false => origin.varied.is_some() && by == VARIED,
        };
    }
    let is = |folder: &Option<std::path::PathBuf>| {
        let there = framework.folder.join(by).canonicalize();
        let folder = folder.as_deref().map(Path::canonicalize);
        matches!((there, folder), (Ok(there), Some(Ok(folder))) if there == folder)
    };
    if module == KIT {
        return origin.kit.is_none() || is(&origin.kit);
    }
    is(&origin.varied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::exception::Exception;
    use catalog::framework::{FILE, Origin};

    const DECLARED: &str = "schema: framework/1
name: gin
title: Gin
class: engine
language: go
engine: fasthttp
router: radix
module: example.org/gin
homepage: https://example.org
supports: []
head: 404
wrong_method: 405
settings: []
";

    /// A framework in a checkout with its kit, and an executable as it should be.
    fn right(place: &Path) -> (Framework, Binary) {
        let folder = place.join("frameworks/gin");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(place.join("frameworks/kit")).unwrap();
        std::fs::create_dir_all(place.join("frameworks/gin/kit")).unwrap();
        std::fs::write(folder.join(FILE), DECLARED).unwrap();
        let mut framework = Framework::load(&folder).unwrap();
        framework.origin = Origin {
            kit: Some(place.join("frameworks/kit")),
            ..Origin::default()
        };
        let strings = |all: &[(&str, &str)]| {
            let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
            all.iter().map(owned).collect()
        };
        let binary = Binary {
            modules: strings(&[
                ("example.org/gin", "v1.0.0"),
                ("github.com/valyala/fasthttp", "v1.0.0"),
                (KIT, "v0.0.0"),
            ]),
            replaced: strings(&[(KIT, "../kit")]),
            environment: strings(&[("CGO_ENABLED", "0"), ("GOARCH", "amd64")]),
            settings: strings(&[("-compiler", "gc"), ("-trimpath", "true")]),
            ..Binary::default()
        };
        (framework, binary)
    }

    #[test]
    fn a_reference_is_built_from_the_folder_of_its_own_design() {
        let place = tempfile::tempdir().unwrap();
        let (mut framework, _) = right(place.path());
        framework.class = Class::Reference;
        for folder in ["reference/nano", "reference/nano-pace"] {
            std::fs::create_dir_all(place.path().join(folder)).unwrap();
        }
        for (module, by, right) in [
            ("bench.lab/reference/nano", "../../reference/nano", true),
            ("lab-nano", "../../reference/nano", true),
            (
                "bench.lab/reference/nano",
                "../../reference/nano-pace",
                false,
            ),
            ("bench.lab/reference/gone", "../../reference/nano", false),
            ("github.com/gin-gonic/gin", "../../reference/nano", false),
        ] {
            assert_eq!(is_designs(&framework, module, by), right, "{module} {by}");
        }
    }

    #[test]
    fn what_a_server_is_built_from_is_what_is_declared() {
        let place = tempfile::tempdir().unwrap();
        let (framework, binary) = right(place.path());
        assert_eq!(as_declared(&framework, &binary), Ok(()));
        type Change = fn(&mut Binary);
        let cases: [(&str, Change); 7] = [
            ("nothing of the module example.org/gin", |b| {
                b.modules.remove("example.org/gin");
            }),
            ("nothing of the module github.com/valyala/fasthttp", |b| {
                b.modules.remove("github.com/valyala/fasthttp");
            }),
            ("nothing of the module bench.lab/kit", |b| {
                b.modules.remove(KIT);
            }),
            ("[replace bench.lab/kit => ./kit]", |b| {
                b.replaced.insert(KIT.into(), "./kit".into());
            }),
            ("[replace example.org/gin => ../tuned]", |b| {
                b.replaced
                    .insert("example.org/gin".into(), "../tuned".into());
            }),
            ("[pgo]", |b| {
                b.settings.insert("-pgo".into(), "/x/default.pgo".into());
            }),
            ("[setting DefaultGODEBUG=a=1]", |b| {
                b.settings.insert("DefaultGODEBUG".into(), "a=1".into());
            }),
        ];
        for (says, change) in cases {
            let mut other = binary.clone();
            change(&mut other);
            let failure = as_declared(&framework, &other).unwrap_err().to_string();
            assert!(failure.contains(says), "{says}: {failure}");
        }
    }

    #[test]
    fn a_variant_that_came_built_has_its_framework_two_folders_up_and_nobody_else_has() {
        let place = tempfile::tempdir().unwrap();
        let (mut framework, mut binary) = right(place.path());
        framework.prebuilt = Some(place.path().join("server"));
        assert_eq!(as_declared(&framework, &binary), Ok(()));
        binary
            .replaced
            .insert("bench.lab/gin".into(), VARIED.into());
        assert!(as_declared(&framework, &binary).is_err());
        framework.origin.varied = Some(framework.folder.clone());
        assert_eq!(as_declared(&framework, &binary), Ok(()));
        binary
            .replaced
            .insert("example.org/gin".into(), "../tuned".into());
        assert!(as_declared(&framework, &binary).is_err());
    }

    #[test]
    fn a_server_in_go_has_a_probe() {
        let place = tempfile::tempdir().unwrap();
        let (mut framework, _) = right(place.path());
        assert!(is_probed(&framework).is_err());
        framework.supports.insert(Feature::Probe);
        assert_eq!(is_probed(&framework), Ok(()));
    }

    #[test]
    fn what_is_declared_or_said_by_the_command_goes_by() {
        let place = tempfile::tempdir().unwrap();
        let (mut framework, mut binary) = right(place.path());
        binary
            .replaced
            .insert("example.org/gin".into(), "../tuned".into());
        binary.settings.insert("-pgo".into(), "default.pgo".into());
        assert!(as_declared(&framework, &binary).is_err());
        for allow in ["pgo", "replace example.org/gin => ../tuned"] {
            framework.exceptions.push(Exception {
                allow: allow.into(),
                why: "its article says so".into(),
            });
        }
        assert_eq!(as_declared(&framework, &binary), Ok(()));
        framework.class = Class::Reference;
        assert!(
            as_declared(&framework, &binary).is_err(),
            "a design is not named by its module"
        );
        framework.class = Class::Engine;
        framework.exceptions.pop();
        framework.origin.replaced.insert("example.org/gin".into());
        assert_eq!(as_declared(&framework, &binary), Ok(()));
    }
}
