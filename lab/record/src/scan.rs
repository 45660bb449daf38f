//! The long table row by row, in one pass over the file and with a fixed amount of memory.
//!
//! Rows are handed on as they stand in the file, numbers parsed and text borrowed, so that
//! whoever adds them up looks at each byte once.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::RecordError;
use crate::observation::COLUMNS;
use crate::reader::{head, other_head};
use crate::writer::END_MARKER;

/// So many bytes are read at once; no row is longer.
pub const CHUNK: usize = 1 << 20;
/// So many bytes are looked through at once for the end of the last whole group.
const BACK: u64 = 1 << 16;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// The launch, 0 outside of any.
    pub launch: u32,
    /// The block, 0 outside of any.
    pub block: u32,
    /// The position of the window inside its block.
    pub window: u32,
    /// The fields from `framework` to `unit` as they stand in the file; [`subject`] takes them
    /// apart. Rows of equal text belong to one series.
    pub subject: &'a str,
    /// The value in its unit.
    pub value: f64,
    /// The reasons to doubt it, as they stand in the file.
    pub validity: &'a str,
}

/// What is wrong with a field of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadField {
    /// The column's name.
    pub column: &'static str,
    /// What is wrong.
    pub problem: String,
}

/// The fields `framework`, `variant`, `scenario`, `mode`, `metric` and `unit` of a
/// [`Row::subject`], without their quotes.
pub fn subject(text: &str) -> [String; 6] {
    let mut fields = [const { String::new() }; 6];
    let mut ends = [0; 6];
    split(text.as_bytes(), &mut ends);
    let mut begin = 0;
    for (field, end) in fields.iter_mut().zip(ends) {
        let end = end.max(begin).min(text.len());
        *field = unquoted(&text[begin..end]).into_owned();
        begin = (end + 1).min(text.len());
    }
    fields
}

/// Hands every row of a table on, up to the end of the last whole group; gives the number of
/// bytes behind that.
///
/// # Errors
/// [`RecordError`] when the file cannot be read or its head is not what it should be;
/// [`RecordError::Row`] names line and column of the first bad field, `each`'s own included.
pub fn rows(
    path: &Path,
    mut each: impl FnMut(Row<'_>) -> Result<(), BadField>,
) -> Result<u64, RecordError> {
    let unreadable = |e| RecordError::io("read", path, e);
    let mut file = File::open(path).map_err(unreadable)?;
    let head = head();
    let mut first = Vec::new();
    (&mut file)
        .take(head.len() as u64)
        .read_to_end(&mut first)
        .map_err(unreadable)?;
    if first != head.as_bytes() {
        return Err(other_head(path, &first));
    }
    let length = file.metadata().map_err(unreadable)?.len();
    let begin = head.len() as u64;
    let end = last_whole_group(&mut file, begin, length).map_err(unreadable)?;
    file.seek(SeekFrom::Start(begin)).map_err(unreadable)?;

    let mut lines = Lines::new(file.take(end - begin));
    let mut number = head.lines().count() as u64;
    while let Some((line, feeds)) = lines.next(path)? {
        number += 1;
        let bad = |bad: BadField| RecordError::Row {
            path: path.to_owned(),
            line: number,
            column: bad.column,
            problem: bad.problem,
        };
        if line.first().is_some_and(|b| *b != b'#') {
            let row = parsed(line).map_err(bad)?;
            each(row).map_err(bad)?;
        }
        number += feeds;
    }
    Ok(length - end)
}

/// Where the last line ends that closes a group; `begin` if there is none.
fn last_whole_group(file: &mut File, begin: u64, length: u64) -> std::io::Result<u64> {
    let marker = format!("\n{END_MARKER}");
    let mut window = Vec::new();
    // The head ends in a line feed, with which a marker right behind it begins.
    let least = begin - 1;
    let mut behind = length;
    while behind > least {
        let start = behind.saturating_sub(BACK).max(least);
        // A marker may lie across the border to what was looked through before.
        let stop = (behind + marker.len() as u64).min(length);
        window.resize((stop - start) as usize, 0);
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut window)?;
        let mut rest = &window[..];
        while let Some(at) = memchr::memmem::rfind(rest, marker.as_bytes()) {
            if let Some(end) = end_of_line(file, start + at as u64 + 1, length)? {
                return Ok(end);
            }
            rest = &window[..at];
        }
        behind = start;
    }
    Ok(begin)
}

/// Where the line that begins here ends, its line feed included.
fn end_of_line(file: &mut File, begin: u64, length: u64) -> std::io::Result<Option<u64>> {
    file.seek(SeekFrom::Start(begin))?;
    let mut line = Vec::new();
    file.take(BACK.min(length - begin)).read_to_end(&mut line)?;
    Ok(memchr::memchr(b'\n', &line).map(|at| begin + at as u64 + 1))
}

/// The lines of a file, a chunk at a time.
struct Lines<R> {
    from: R,
    chunk: Vec<u8>,
    /// What of the chunk was not handed on yet.
    begin: usize,
    end: usize,
    ended: bool,
}

impl<R: Read> Lines<R> {
    fn new(from: R) -> Self {
        Self {
            from,
            chunk: vec![0; CHUNK],
            begin: 0,
            end: 0,
            ended: false,
        }
    }

    /// The next line without its end, and the number of line feeds in quoted fields of it.
    fn next(&mut self, path: &Path) -> Result<Option<(&[u8], u64)>, RecordError> {
        loop {
            if let Some((length, feeds)) = whole(&self.chunk[self.begin..self.end]) {
                let begin = self.begin;
                self.begin += length + 1;
                let line = &self.chunk[begin..begin + length];
                return Ok(Some((line.strip_suffix(b"\r").unwrap_or(line), feeds)));
            }
            if self.ended {
                // The last whole group ends in a line feed: nothing is left.
                return Ok(None);
            }
            self.chunk.copy_within(self.begin..self.end, 0);
            self.end -= self.begin;
            self.begin = 0;
            if self.end == self.chunk.len() {
                return Err(RecordError::Malformed {
                    what: "table of observations",
                    path: path.to_owned(),
                    problem: format!("it has a row of more than {CHUNK} bytes"),
                });
            }
            let read = self.from.read(&mut self.chunk[self.end..]);
            let read = read.map_err(|e| RecordError::io("read", path, e))?;
            self.ended = read == 0;
            self.end += read;
        }
    }
}

/// The length of the first whole line, and the line feeds that quotes make part of it. A
/// comment has no quotes.
fn whole(bytes: &[u8]) -> Option<(usize, u64)> {
    let mut from = 0;
    let mut feeds = 0;
    loop {
        let at = from + memchr::memchr(b'\n', &bytes[from..])?;
        let open = bytes[0] != b'#' && memchr::memchr_iter(b'"', &bytes[..at]).count() % 2 == 1;
        if !open {
            return Some((at, feeds));
        }
        feeds += 1;
        from = at + 1;
    }
}

/// Writes down where fields end, the last with the text; gives their number.
fn split(line: &[u8], ends: &mut [usize]) -> usize {
    let mut fields = 0;
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                if let Some(end) = ends.get_mut(fields) {
                    *end = at;
                }
                fields += 1;
            }
            _ => {}
        }
    }
    if let Some(end) = ends.get_mut(fields) {
        *end = line.len();
    }
    fields + 1
}

fn parsed(line: &[u8]) -> Result<Row<'_>, BadField> {
    let mut ends = [0; COLUMNS.len()];
    let fields = split(line, &mut ends);
    if fields != COLUMNS.len() {
        return Err(BadField {
            column: COLUMNS[fields.min(COLUMNS.len() - 1)],
            problem: format!("the row has {fields} of {} fields", COLUMNS.len()),
        });
    }
    let line = std::str::from_utf8(line).map_err(|e| BadField {
        column: COLUMNS[ends.partition_point(|end| *end < e.valid_up_to())],
        problem: "the field is not UTF-8".to_owned(),
    })?;
    let field = |i: usize| &line[if i == 0 { 0 } else { ends[i - 1] + 1 }..ends[i]];
    let whole_number = |i: usize| {
        let text = unquoted(field(i));
        text.parse().map_err(|_| BadField {
            column: COLUMNS[i],
            problem: format!("`{text}` is not a whole number"),
        })
    };
    let value = unquoted(field(10));
    Ok(Row {
        launch: whole_number(1)?,
        block: whole_number(2)?,
        window: whole_number(3)?,
        subject: &line[ends[3] + 1..ends[9]],
        value: value.parse().map_err(|_| BadField {
            column: COLUMNS[10],
            problem: format!("`{value}` is not a number"),
        })?,
        validity: field(11),
    })
}

/// A field without the quotes around it.
pub fn unquoted(field: &str) -> Cow<'_, str> {
    let inner = field.strip_prefix('"').and_then(|f| f.strip_suffix('"'));
    match inner {
        None => Cow::Borrowed(field),
        Some(inner) => Cow::Owned(inner.replace("\"\"", "\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("observations.csv");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn read(text: &str) -> (Vec<(u32, String, f64)>, u64) {
        let (_folder, path) = write(text);
        let mut found = Vec::new();
        let ignored = rows(&path, |row| {
            found.push((row.block, row.subject.to_owned(), row.value));
            Ok(())
        });
        (found, ignored.unwrap())
    }

    #[test]
    fn rows_behind_the_last_whole_group_are_ignored() {
        let row = "c,1,7,2,gin,,json,saturation,throughput,1/s,2.5,ok\n";
        let subject = "gin,,json,saturation,throughput,1/s".to_owned();
        let head = head();
        let whole = format!("{head}{row}# end block 7\n");
        let cut = format!("{whole}{row}# end blo");
        assert_eq!(read(&whole), (vec![(7, subject.clone(), 2.5)], 0));
        let behind = (cut.len() - whole.len()) as u64;
        assert_eq!(read(&cut), (vec![(7, subject, 2.5)], behind));
        let none = format!("{head}{row}");
        assert_eq!(read(&none), (Vec::new(), row.len() as u64));
        assert_eq!(read(&format!("{head}# end nothing\n")), (Vec::new(), 0));
    }

    #[test]
    fn the_last_marker_is_found_across_chunks_and_rows_are_whole_at_their_borders() {
        let row =
            |block: usize| format!("c,1,{block},2,gin,,json,saturation,throughput,1/s,1,ok\n");
        let rows: Vec<String> = (0..40_000).map(row).collect();
        assert!(rows.concat().len() > CHUNK);
        for open in [0, 1, 1_000, 1_400, 30_000] {
            let (closed, left) = rows.split_at(rows.len() - open);
            let text = format!("{}{}# end x\n{}", head(), closed.concat(), left.concat());
            let (found, ignored) = read(&text);
            assert!(found.iter().map(|r| r.0 as usize).eq(0..closed.len()));
            assert_eq!(ignored as usize, left.concat().len());
        }
    }

    #[test]
    fn quotes_are_taken_off_and_hold_commas_and_line_feeds() {
        let text = format!(
            "{}\"a\nb\",1,2,3,\"g\"\"i,n\",,json,m,throughput,1/s,\"4\",ok\nc,1,x,3,,,,,,,1,ok\n# end b\n",
            head()
        );
        let (_folder, path) = write(&text);
        let mut subjects = Vec::new();
        let error = rows(&path, |row| {
            subjects.push((subject(row.subject), row.value));
            Ok(())
        });
        let fields = ["g\"i,n", "", "json", "m", "throughput", "1/s"].map(str::to_owned);
        assert_eq!(subjects, [(fields, 4.0)]);
        let error = error.unwrap_err().to_string();
        assert!(
            error.ends_with("line 5, column `block`: `x` is not a whole number"),
            "{error}"
        );
    }

    #[test]
    fn what_the_reader_objects_to_is_named_with_its_line() {
        let row = "c,1,7,2,gin,,json,saturation,throughput,1/s,2.5,ok\n";
        let (_folder, path) = write(&format!("{}{row}# end\n# end x\n{row}# end y\n", head()));
        let mut seen = 0;
        let error = rows(&path, |_| {
            seen += 1;
            match seen {
                1 => Ok(()),
                _ => Err(BadField {
                    column: "metric",
                    problem: "unheard of".to_owned(),
                }),
            }
        });
        let error = error.unwrap_err().to_string();
        assert!(
            error.ends_with("line 6, column `metric`: unheard of"),
            "{error}"
        );
    }

    proptest::proptest! {
        /// Whatever a writer of CSV makes of a name, it is read back.
        #[test]
        fn any_name_survives(name in "[^\r]{0,12}") {
            let mut writer = csv::Writer::from_writer(Vec::new());
            let fields = ["c", "1", "2", "3", &name, "v", "s", "m", "throughput", "1/s", "1", "ok"];
            writer.write_record(fields).unwrap();
            let row = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let (_folder, path) = write(&format!("{}{row}# end x\n", head()));
            let mut read = Vec::new();
            rows(&path, |row| { read.push(subject(row.subject)[0].clone()); Ok(()) }).unwrap();
            proptest::prop_assert_eq!(read, [name]);
        }
    }
}
