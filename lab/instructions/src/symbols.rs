//! Which function an address lies in.
//!
//! What is measured is linked without its symbols, as servers are shipped. A second file of the same
//! source, linked with them, has the same code at the same addresses: that is held here, byte by
//! byte, before its symbols are believed. It is another file all the same (its tables of data lie
//! elsewhere), and whoever shows functions says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};

/// Why there are no symbols. Each is a whole sentence.
#[derive(Debug, thiserror::Error)]
pub enum SymbolError {
    /// A file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// It is no executable, or has no code.
    #[error("{} is not an executable that can be read: {words}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        words: String,
    },
    /// It has no symbols.
    #[error("{} has no symbols of functions: link it without -s", .0.display())]
    Stripped(PathBuf),
    /// Its addresses are chosen when it is started.
    #[error(
        "{} is placed anew at each start, so that its addresses name no functions: link it without -buildmode=pie",
        .0.display()
    )]
    Moving(PathBuf),
    /// The two files do not have the same code.
    #[error(
        "{} and {} do not have the same code, so the symbols of one say nothing of the other: build both from the same source by the same Go",
        program.display(), twin.display()
    )]
    OtherCode {
        /// What is measured.
        program: PathBuf,
        /// What has the symbols.
        twin: PathBuf,
    },
}

/// The functions of a program, by address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Symbols {
    /// Start -> end, name; sorted, as a map.
    functions: BTreeMap<u64, (u64, String)>,
}

impl Symbols {
    /// The symbols of a program that has none, from a twin with the same code.
    ///
    /// # Errors
    /// [`SymbolError`].
    pub fn of_twin(program: &Path, twin: &Path) -> Result<Self, SymbolError> {
        let (ours, theirs) = (Executable::read(program)?, Executable::read(twin)?);
        if ours.code()? != theirs.code()? {
            return Err(SymbolError::OtherCode {
                program: program.to_owned(),
                twin: twin.to_owned(),
            });
        }
        theirs.symbols()
    }

    /// The symbols that a program has itself.
    ///
    /// # Errors
    /// [`SymbolError`].
    pub fn of(program: &Path) -> Result<Self, SymbolError> {
        Executable::read(program)?.symbols()
    }

    /// The function that an address lies in.
    pub fn at(&self, address: u64) -> Option<&str> {
        let (_, (end, name)) = self.functions.range(..=address).next_back()?;
        (address < *end).then_some(name.as_str())
    }

    /// Whether a function begins at an address.
    pub fn starts(&self, address: u64) -> bool {
        self.functions.contains_key(&address)
    }

    /// The addresses of a function.
    pub fn range(&self, function: &str) -> Option<std::ops::Range<u64>> {
        let mut all = self.functions.iter();
        all.find(|(_, (_, name))| name == function)
            .map(|(start, (end, _))| *start..*end)
    }

    /// How many functions there are.
    pub fn len(&self) -> usize {
        self.functions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }
}

impl FromIterator<(std::ops::Range<u64>, String)> for Symbols {
    fn from_iter<I: IntoIterator<Item = (std::ops::Range<u64>, String)>>(all: I) -> Self {
        let functions = all.into_iter().map(|(at, name)| (at.start, (at.end, name)));
        Self {
            functions: functions.collect(),
        }
    }
}

/// A file with its contents.
struct Executable<'a> {
    path: &'a Path,
    content: Vec<u8>,
}

impl<'a> Executable<'a> {
    fn read(path: &'a Path) -> Result<Self, SymbolError> {
        let content = std::fs::read(path).map_err(|source| SymbolError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self { path, content })
    }

    fn parsed(&self) -> Result<object::File<'_>, SymbolError> {
        let file = object::File::parse(&*self.content).map_err(|e| self.malformed(e))?;
        match file.kind() {
            object::ObjectKind::Dynamic => Err(SymbolError::Moving(self.path.to_owned())),
            _ => Ok(file),
        }
    }

    fn malformed(&self, words: impl std::fmt::Display) -> SymbolError {
        SymbolError::Malformed {
            path: self.path.to_owned(),
            words: words.to_string(),
        }
    }

    /// The code, with its address.
    fn code(&self) -> Result<(u64, Vec<u8>), SymbolError> {
        let file = self.parsed()?;
        let text = file.section_by_name(".text");
        let text = text.ok_or_else(|| self.malformed("it has no section .text"))?;
        let data = text.data().map_err(|e| self.malformed(e))?;
        Ok((text.address(), data.to_vec()))
    }

    fn symbols(&self) -> Result<Symbols, SymbolError> {
        let file = self.parsed()?;
        let functions = file.symbols().filter(|s| s.kind() == SymbolKind::Text);
        let mut all: Vec<(u64, u64, String)> = functions
            .filter_map(|s| Some((s.address(), s.size(), s.name().ok()?.to_owned())))
            .collect();
        all.sort();
        // Assembly may leave a symbol without a size: it ends where the next one begins.
        let starts: Vec<u64> = all.iter().map(|(start, ..)| *start).collect();
        let ended = all.into_iter().map(|(start, size, name)| {
            let next = starts[starts.partition_point(|s| *s <= start)..].first();
            let end = match size {
                0 => next.copied().unwrap_or(start + 1),
                size => start + size,
            };
            (start..end, name)
        });
        let symbols: Symbols = ended.collect();
        match symbols.is_empty() {
            true => Err(SymbolError::Stripped(self.path.to_owned())),
            false => Ok(symbols),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_the_function_that_holds_it_and_to_none_between_two() {
        let symbols: Symbols = [(0x10..0x20, "a"), (0x30..0x38, "b")]
            .map(|(at, name)| (at, name.to_owned()))
            .into_iter()
            .collect();
        let at = |address| symbols.at(address);
        assert_eq!([at(0x0f), at(0x10), at(0x1f)], [None, Some("a"), Some("a")]);
        assert_eq!([at(0x20), at(0x37), at(0x38)], [None, Some("b"), None]);
        assert_eq!(symbols.range("b"), Some(0x30..0x38));
        assert_eq!(symbols.range("c"), None);
    }

    #[test]
    fn what_is_no_executable_is_named() {
        let error = Symbols::of(Path::new(file!()).file_name().unwrap().as_ref());
        assert!(matches!(error, Err(SymbolError::Unreadable { .. })));
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("script");
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        let error = Symbols::of(&script).unwrap_err().to_string();
        assert!(
            error.contains("script") && error.contains("not an executable"),
            "{error}"
        );
    }
}
