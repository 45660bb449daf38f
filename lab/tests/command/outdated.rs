//! `lab outdated`, against a module proxy that is a folder.

use std::path::Path;
use std::process::Command;

use crate::support::{lab, run};

/// Writes what a proxy has of a module: its list, and each version's facts.
fn module(proxy: &Path, path: &str, versions: &[&str], listed: bool) {
    let folder = proxy.join(path).join("@v");
    std::fs::create_dir_all(&folder).unwrap();
    match listed {
        true => std::fs::write(folder.join("list"), versions.join("\n")).unwrap(),
        // What cannot be read is refused; a list that is missing would be an empty one.
        false => std::fs::create_dir(folder.join("list")).unwrap(),
    }
    for version in versions {
        let info = format!(r#"{{"Version": "{version}", "Time": "2026-01-02T03:04:05Z"}}"#);
        std::fs::write(folder.join(format!("{version}.info")), info).unwrap();
        let module = format!("module {path}\n\ngo 1.26\n");
        std::fs::write(folder.join(format!("{version}.mod")), module).unwrap();
    }
}

fn framework(checkout: &Path, name: &str, requires: &str) {
    let folder = checkout.join("frameworks").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let declared = format!(
        "schema: framework/1\nname: {name}\ntitle: {name}\nclass: idiomatic\nlanguage: go\n\
         engine: fasthttp\nrouter: radix\nmodule: example.com/old\nhomepage: https://example.com\n\
         supports: []\nhead: 405\nwrong_method: 405\nsettings: []\n"
    );
    std::fs::write(folder.join("framework.yaml"), declared).unwrap();
    let module = format!(
        "module bench.lab/{name}\n\ngo 1.26\n\nrequire (\n\tbench.lab/kit v0.0.0\n{requires})\n\n\
         replace bench.lab/kit => ../kit\n"
    );
    std::fs::write(folder.join("go.mod"), module).unwrap();
}

fn outdated(checkout: &Path, words: &[&str], proxy: &str) -> Command {
    let mut command = lab(&["outdated"]);
    command
        .args(words)
        .current_dir(checkout)
        .env("GOPROXY", proxy)
        .env("GOMODCACHE", checkout.join("cache"))
        .env("GOSUMDB", "off");
    command
}

#[test]
fn what_is_newer_is_told_and_what_a_proxy_hides_too() {
    let folder = tempfile::tempdir().unwrap();
    let checkout = folder.path();
    std::fs::create_dir_all(checkout.join("lab/experiments")).unwrap();
    std::fs::create_dir_all(checkout.join("frameworks/kit")).unwrap();
    std::fs::write(
        checkout.join("frameworks/kit/go.mod"),
        "module bench.lab/kit\n",
    )
    .unwrap();
    let proxy = checkout.join("proxy");
    module(&proxy, "example.com/old", &["v1.0.0", "v1.2.0"], true);
    module(&proxy, "example.com/new", &["v1.0.0"], true);
    module(&proxy, "example.com/hidden", &["v1.0.0"], false);
    module(
        &proxy,
        "github.com/valyala/fasthttp",
        &["v1.0.0", "v1.78.0"],
        true,
    );
    module(&proxy, "example.com/nobody", &["v1.0.0", "v1.1.0"], true);
    framework(
        checkout,
        "first",
        "\texample.com/old v1.0.0\n\texample.com/new v1.0.0\n\
         \tgithub.com/valyala/fasthttp v1.0.0 // indirect\n\texample.com/nobody v1.0.0 // indirect\n",
    );
    framework(
        checkout,
        "second",
        "\texample.com/old v1.0.0\n\texample.com/hidden v1.0.0\n",
    );
    let address = format!("file://{}", proxy.display());
    let told = run(outdated(checkout, &[], &address));
    told.expect_status(0);
    let said = told.stdout();
    for line in [
        "newer    example.com/old v1.0.0 -> v1.2.0 (first, second)\n",
        // An engine is asked for though only the framework names it, other dependencies are not.
        "newer    github.com/valyala/fasthttp v1.0.0 -> v1.78.0 (first)\n",
        "untold   example.com/hidden v1.0.0 (second): ",
        "\n4 modules at their versions: 2 have a newer one, of 1 the module proxy does not tell\n",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(!said.contains("nobody"), "{said}");

    let told = run(outdated(checkout, &["second", "--json"], &address));
    told.expect_status(0);
    let json: serde_json::Value = serde_json::from_str(&told.stdout()).unwrap();
    assert_eq!(json["modules"][1]["newest"], "v1.2.0", "{json}");
    assert_eq!(json["modules"][0]["newest"], serde_json::Value::Null);

    // Without a proxy nothing is told, which is not the same as nothing newer.
    std::fs::remove_dir_all(checkout.join("cache")).unwrap_or_default();
    run(outdated(checkout, &["second"], "off")).expect_status(3);
}
