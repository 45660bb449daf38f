//! QEMU's user-mode emulator with a plugin of ours: found, built, and held to a known count.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sha2::{Digest, Sha256};
use sys::stderr;

use crate::counters::{BLOCKS, Counters, MAGIC, THREADS};

const PLUGIN: &str = include_str!("../plugin/count.c");
const KNOWN: &str = include_str!("../plugin/known.c");
/// The emulator of this machine's own instructions.
const QEMU: &str = "qemu-x86_64";
/// The versions of the plugin interface that are tried, newest QEMU's last.
const APIS: std::ops::RangeInclusive<u32> = 1..=9;
/// How often the loop of the known program goes round.
const TURNS: u64 = 100_000;

/// Why nothing can be counted here. Each is a whole sentence with its remedy.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// Another processor.
    #[error("instructions are counted on x86-64 only, and this machine is not one")]
    Architecture,
    /// No emulator.
    #[error(
        "there is no `{QEMU}` on PATH, by which instructions are counted: install QEMU's user-mode emulators (Debian and Ubuntu: apt-get install qemu-user; the flake's shell has it)"
    )]
    NoEmulator,
    /// No C compiler.
    #[error(
        "there is no `cc` on PATH, which builds the plugin that counts instructions: install a C compiler (Debian and Ubuntu: apt-get install gcc)"
    )]
    NoCompiler,
    /// The compiler says no.
    #[error("the plugin that counts instructions does not compile: {0}")]
    Compile(String),
    /// The emulator takes no plugin.
    #[error("{version} does not run the plugin that counts instructions: {words}")]
    Plugin {
        /// The emulator's own name and version.
        version: String,
        /// What it says.
        words: String,
    },
    /// It counts wrongly.
    #[error(
        "{version} counted {counted} instructions in a program that has {known}: its counts cannot be used"
    )]
    Wrong {
        /// The emulator's own name and version.
        version: String,
        /// By the plugin.
        counted: u64,
        /// By construction.
        known: u64,
    },
    /// A file or a process.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// The system's words.
        source: std::io::Error,
    },
}

impl Unavailable {
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// An emulator that has counted a known program rightly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emulator {
    program: PathBuf,
    plugin: PathBuf,
    version: String,
    api: u32,
}

impl Emulator {
    /// Finds the emulator on PATH, builds the plugin in `folder` where it is not there yet, and has a
    /// known program counted.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn find(folder: &Path) -> Result<Self, Unavailable> {
        if !cfg!(target_arch = "x86_64") {
            return Err(Unavailable::Architecture);
        }
        let program = on_path(QEMU).ok_or(Unavailable::NoEmulator)?;
        Self::at(program, folder)
    }

    /// As [`Self::find`], with the emulator at a path.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn at(program: PathBuf, folder: &Path) -> Result<Self, Unavailable> {
        let compiler = on_path("cc").ok_or(Unavailable::NoCompiler)?;
        let said = run(Command::new(&program).arg("--version"))?;
        let said = String::from_utf8_lossy(&said.stdout);
        let version = said.lines().next().unwrap_or(QEMU).trim().to_owned();
        fs::create_dir_all(folder)
            .map_err(Unavailable::io(format!("create {}", folder.display())))?;
        let known = Source {
            text: KNOWN,
            name: "known",
            flags: vec![
                "-static".to_owned(),
                "-nostdlib".to_owned(),
                "-no-pie".to_owned(),
                format!("-DTURNS={TURNS}"),
            ],
        };
        let known = known.build(&compiler, folder)?;
        let mut words = String::new();
        for api in APIS {
            let plugin = Source {
                text: PLUGIN,
                name: "count.so",
                flags: vec![
                    "-O2".to_owned(),
                    "-shared".to_owned(),
                    "-fPIC".to_owned(),
                    "-fvisibility=hidden".to_owned(),
                    format!("-DAPI={api}"),
                    format!("-DBLOCKS={BLOCKS}"),
                    format!("-DTHREADS={THREADS}"),
                    format!("-DMAGIC={MAGIC}ULL"),
                ],
            };
            let emulator = Self {
                program: program.clone(),
                plugin: plugin.build(&compiler, folder)?,
                version: version.clone(),
                api,
            };
            match emulator.counts_rightly(&known)? {
                None => return Ok(emulator),
                Some(said) => {
                    let next = said.contains("API version");
                    words = said;
                    // It took the version and failed by something else.
                    if !next {
                        break;
                    }
                }
            }
        }
        Err(Unavailable::Plugin { version, words })
    }

    /// What it calls itself: name and version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The version of the plugin interface that it took.
    pub fn api(&self) -> u32 {
        self.api
    }

    /// The command that runs a program under the emulator, counted in `counters`. The program sees the
    /// arguments and the environment that are added to the command.
    pub fn command(&self, program: &Path, counters: &Counters) -> Command {
        let mut command = Command::new(&self.program);
        let mut plugin = escaped(&self.plugin);
        plugin.push(",into=");
        plugin.push(escaped(&counters.path()));
        command.arg("-plugin").arg(plugin).arg(program);
        command
    }

    /// Has the known program counted; what the emulator says where it does not take the plugin.
    fn counts_rightly(&self, known: &Path) -> Result<Option<String>, Unavailable> {
        let counters = Counters::new().map_err(|e| Unavailable::Compile(e.to_string()))?;
        let output = run(self.command(known, &counters).env_clear())?;
        let Ok(counts) = counters.read() else {
            let words = stderr::last_line_of(&String::from_utf8_lossy(&output.stderr));
            return Ok(Some(words.unwrap_or_else(|| {
                format!("it says nothing, and ends with {}", output.status)
            })));
        };
        let (counted, known) = (counts.instructions(), 2 * TURNS + 4);
        if counted != known {
            let version = self.version.clone();
            return Err(Unavailable::Wrong {
                version,
                counted,
                known,
            });
        }
        Ok(None)
    }
}

/// Something to compile.
struct Source {
    text: &'static str,
    name: &'static str,
    flags: Vec<String>,
}

impl Source {
    /// Compiles it, unless the same text was compiled with the same flags before.
    fn build(&self, compiler: &Path, folder: &Path) -> Result<PathBuf, Unavailable> {
        let mut hash = Sha256::new();
        for part in std::iter::once(self.text).chain(self.flags.iter().map(String::as_str)) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let key: String = hash.finalize()[..8]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let built = folder.join(format!("{key}-{}", self.name));
        if built.is_file() {
            return Ok(built);
        }
        // Under another name first: two labs may build it at the same time.
        let draft = folder.join(format!("{key}-{}-{}", std::process::id(), self.name));
        let source = draft.with_extension("c");
        let write = Unavailable::io(format!("write {}", source.display()));
        fs::write(&source, self.text).map_err(write)?;
        let mut command = Command::new(compiler);
        command.args(&self.flags).arg("-o").arg(&draft).arg(&source);
        let output = run(&mut command);
        let _ = fs::remove_file(&source);
        let output = output?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            let error = text.lines().find(|line| line.contains("error"));
            let words = error
                .map(str::to_owned)
                .or_else(|| stderr::last_line_of(&text));
            return Err(Unavailable::Compile(words.unwrap_or_default()));
        }
        let keep = Unavailable::io(format!("write {}", built.display()));
        fs::rename(&draft, &built).map_err(keep)?;
        Ok(built)
    }
}

fn run(command: &mut Command) -> Result<Output, Unavailable> {
    let name = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output();
    output.map_err(Unavailable::io(format!("run {name}")))
}

/// A comma ends an option's value; a doubled one is a comma in it.
fn escaped(path: &Path) -> OsString {
    path.display().to_string().replace(',', ",,").into()
}

/// Where a program lies on PATH.
fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_in_a_path_does_not_end_the_option() {
        assert_eq!(escaped(Path::new("/a,b/c")), "/a,,b/c");
    }

    #[test]
    fn a_program_that_is_no_emulator_is_told_with_its_words() {
        let folder = tempfile::tempdir().unwrap();
        let error = Emulator::at("/bin/true".into(), folder.path()).unwrap_err();
        assert!(matches!(error, Unavailable::Plugin { .. }), "{error}");
        let error = Emulator::at("/nowhere/qemu".into(), folder.path()).unwrap_err();
        assert!(error.to_string().contains("/nowhere/qemu"), "{error}");
    }
}
