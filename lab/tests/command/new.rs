//! `lab new`, in a checkout of its own.

use std::path::Path;
use std::process::Command;

use crate::support::{lab, root, run};

/// A folder that is a checkout to the lab: the kit, and nothing else in frameworks/.
fn checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let frameworks = folder.path().join("frameworks");
    std::fs::create_dir_all(&frameworks).unwrap();
    std::fs::create_dir_all(folder.path().join("lab/experiments")).unwrap();
    std::os::unix::fs::symlink(root().join("frameworks/kit"), frameworks.join("kit")).unwrap();
    folder
}

fn new(checkout: &Path, module: &str) -> Command {
    let mut command = lab(&["new", "mine", "--module", module]);
    command.current_dir(checkout);
    command
}

#[test]
fn a_new_folder_compiles_and_the_check_says_what_is_missing() {
    let checkout = checkout();
    let folder = checkout.path().join("frameworks/mine");
    let made = run(new(
        checkout.path(),
        "github.com/julienschmidt/httprouter@v1.3.0",
    ));
    made.expect_status(0);
    assert!(
        made.stdout().contains("httprouter v1.3.0"),
        "{}",
        made.stdout()
    );
    assert!(
        made.stdout().contains("lab check mine"),
        "{}",
        made.stdout()
    );
    assert!(
        made.stdout().contains("lab vendor-hashes mine"),
        "{}",
        made.stdout()
    );
    let module = std::fs::read_to_string(folder.join("go.mod")).unwrap();
    assert!(
        module.contains("github.com/julienschmidt/httprouter v1.3.0"),
        "{module}"
    );
    assert!(folder.join("go.sum").is_file());
    let unformatted = Command::new("gofmt")
        .arg("-l")
        .arg(&folder)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&unformatted.stdout), "");
    // It is a framework, it is built, and it is not taken for a finished one.
    let mut check = lab(&["check", "mine", "--framework-dir"]);
    check.arg(&folder);
    let checked = run(check);
    checked.expect_status(1);
    assert!(
        checked.stdout().contains("FAILED  mine "),
        "{}",
        checked.stdout()
    );
    assert!(checked.stdout().contains("501"), "{}", checked.stdout());
    // A second one of that name is refused.
    let again = run(new(checkout.path(), "github.com/julienschmidt/httprouter"));
    again.expect_status(2);
    assert!(
        again.stderr().contains("mine is there already"),
        "{}",
        again.stderr()
    );
}

#[test]
fn a_module_that_cannot_be_had_leaves_nothing_behind() {
    let checkout = checkout();
    let mut command = new(checkout.path(), "example.invalid/none");
    command.env("GOPROXY", "off");
    let refused = run(command);
    refused.expect_status(2);
    let stderr = refused.stderr();
    assert!(
        stderr.contains("`go get example.invalid/none@latest` failed"),
        "{stderr}"
    );
    assert!(!checkout.path().join("frameworks/mine").exists());
}
