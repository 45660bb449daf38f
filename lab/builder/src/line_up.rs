//! Building a whole line-up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use catalog::Framework;
use tokio::task::JoinSet;

use super::store::Wanted;
use super::{Binary, BuildError, Toolchain, compile};

/// What is being done, for those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// It is known how many servers are there already, and how many have to be compiled.
    Sorted {
        /// Found in the store.
        found: usize,
        /// To be compiled.
        missing: usize,
    },
    /// A server is about to be compiled.
    Compiling {
        /// The framework.
        framework: &'a str,
        /// Its number among those that are compiled, from 1.
        number: usize,
        /// How many there are.
        of: usize,
    },
}

/// The servers of a line-up, or why there is none, by framework.
pub type LineUp = BTreeMap<String, Result<Binary, BuildError>>;

/// Takes from the store what is there and compiles the rest, as many at a time as there are
/// CPUs. `log` says where a framework's compiler output goes.
///
/// The first one is compiled alone: it brings the standard library and the kit into the
/// toolchain's cache, which builds side by side would each compile for themselves.
///
/// # Errors
/// [`BuildError`] when there is no toolchain. A single framework's failure is in its place.
pub async fn build_all(
    frameworks: &[&Framework],
    folder: &Path,
    toolchain: &Toolchain,
    log: impl Fn(&Framework) -> PathBuf,
    mut on: impl FnMut(Step<'_>),
) -> LineUp {
    let mut done = LineUp::new();
    let mut missing = Vec::new();
    for framework in frameworks {
        match Wanted::new(framework, folder, toolchain) {
            Err(e) => {
                done.insert(framework.name.clone(), Err(e));
            }
            Ok(wanted) => match wanted.found() {
                Some(binary) => {
                    done.insert(framework.name.clone(), Ok(binary));
                }
                None => missing.push(((*framework).clone(), wanted)),
            },
        }
    }
    let of = missing.len();
    on(Step::Sorted {
        found: done.values().filter(|built| built.is_ok()).count(),
        missing: of,
    });
    let mut at_once = 1;
    let mut running = JoinSet::new();
    let mut missing = missing.into_iter().enumerate();
    loop {
        while running.len() < at_once
            && let Some((index, (framework, wanted))) = missing.next()
        {
            on(Step::Compiling {
                framework: &framework.name,
                number: index + 1,
                of,
            });
            let log = log(&framework);
            running.spawn(async move {
                let built = compile(&framework, &wanted, &log).await;
                (framework.name, built)
            });
        }
        let Some(ended) = running.join_next().await else {
            return done;
        };
        let (name, built) = ended.expect("a build does not panic");
        done.insert(name, built);
        at_once = std::thread::available_parallelism().map_or(1, usize::from);
    }
}
