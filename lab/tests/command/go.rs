//! The Go side's own tests, so that `cargo test --workspace` runs all there are.

use std::path::PathBuf;

fn modules() -> Vec<PathBuf> {
    let inside = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|f| f.path())
            .filter(|f| f.join("go.mod").is_file())
    };
    let mut modules: Vec<_> = inside(crate::support::root().join("frameworks")).collect();
    let variants = modules.iter().flat_map(|m| inside(m.join("variants")));
    modules.extend(variants.collect::<Vec<_>>());
    let reference: Vec<_> = inside(crate::support::root().join("reference")).collect();
    modules.extend(
        reference
            .iter()
            .flat_map(|m| inside(m.clone()))
            .collect::<Vec<_>>(),
    );
    modules.extend(reference);
    modules.push(crate::support::root().join("lab/tests/misbehaving"));
    modules.push(crate::support::root().join("lab/look"));
    modules.push(crate::support::root().join("lab/facts/go"));
    modules.sort();
    modules
}

fn go(words: &[&str]) {
    for module in modules() {
        // As the servers are built, so that both share what the toolchain has cached.
        let output = builder::go::command(&module)
            .args(words)
            .output()
            .expect("Go is on PATH");
        assert!(
            output.status.success(),
            "go {} in {}:\n{}{}",
            words.join(" "),
            module.display(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn go_tests_pass_in_every_module() {
    go(&["test", "./..."]);
}
