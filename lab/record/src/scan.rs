//! The long table line by line, in one pass over the file and with a fixed amount of memory.
//!
//! Rows are handed on as they stand in the file, numbers parsed and text borrowed, so that
//! whoever adds them up looks at each byte once. A row is a line: names that need it are quoted
//! as in any CSV, and none has a line feed, so that a stray quote spoils one line and not all
//! that follow. Whatever no lab writes is an error that names its line.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::RecordError;
use crate::observation::COLUMNS;
use crate::reader::{head, other_head};
use crate::sum::{self, Sum};
use crate::writer::{END_MARKER, HLOG_MARKER, HLOG_SUM_MARKER, SUM_MARKER};

/// So many bytes are read at once; no row is longer.
pub const CHUNK: usize = 1 << 20;
/// So many bytes are looked through at once for the end of the last whole group.
const BACK: u64 = 1 << 16;

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Line<'a> {
    /// A measured value.
    Row(Row<'a>),
    /// The end of a group, and the group's name.
    End(&'a str),
    /// How long an interval log is with the group in it.
    Log {
        /// Its path below the folder of histograms.
        name: &'a str,
        /// Its length in bytes.
        bytes: u64,
    },
    /// The sum of an interval log with the group in it, whose length was said before.
    LogSum {
        /// Its path below the folder of histograms.
        name: &'a str,
        /// The sum.
        sum: u32,
    },
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// The campaign's name as it stands in the file.
    pub campaign: &'a str,
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
    /// The column's name; empty where it is the line that is wrong.
    pub column: &'static str,
    /// What is wrong.
    pub problem: String,
}

impl BadField {
    /// Of a line as a whole.
    pub(crate) fn line(problem: impl Into<String>) -> Self {
        Self {
            column: "",
            problem: problem.into(),
        }
    }

    /// Says where it is.
    fn at(self, path: &Path, line: u64) -> RecordError {
        let (path, problem) = (path.to_owned(), self.problem);
        match self.column {
            "" => RecordError::Line {
                path,
                line,
                problem,
            },
            column => RecordError::Row {
                path,
                line,
                column,
                problem,
            },
        }
    }
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
/// As [`lines`].
pub fn rows(
    path: &Path,
    mut each: impl FnMut(Row<'_>) -> Result<(), BadField>,
) -> Result<u64, RecordError> {
    lines(path, |line| match line {
        Line::Row(row) => each(row),
        Line::End(_) | Line::Log { .. } | Line::LogSum { .. } => Ok(()),
    })
}

/// Hands every line behind the head of a table on, up to the end of the last whole group; gives
/// the number of bytes behind that. The sums of groups are held against their bytes on the way.
///
/// # Errors
/// [`RecordError`] when the file cannot be read or its head is not what it should be;
/// [`RecordError::Row`] and [`RecordError::Line`] name the first bad line, what `each` objects
/// to included.
pub fn lines(
    path: &Path,
    each: impl FnMut(Line<'_>) -> Result<(), BadField>,
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
    behind_head(file.take(end - begin), path, each)?;
    Ok(length - end)
}

/// As [`lines`], of whole groups behind a table's head that come from anywhere.
pub(crate) fn behind_head(
    from: impl Read,
    path: &Path,
    mut each: impl FnMut(Line<'_>) -> Result<(), BadField>,
) -> Result<(), RecordError> {
    let head = head();
    let mut lines = Lines::new(from, head.as_bytes());
    let mut number = head.lines().count() as u64;
    let mut sums = Sums::default();
    while lines.next(path)? {
        number += 1;
        let bad = |bad: BadField| bad.at(path, number);
        let line = match lines.line().first() {
            Some(b'#') => comment(lines.line()),
            _ => parsed(lines.line()).map(|row| Some(Line::Row(row))),
        };
        let line = line.map_err(bad)?;
        if !matches!(line, Some(Line::End(_)) | None) && sums.written.is_some() {
            let problem = "between the sum of a group and its end there is nothing";
            return Err(bad(BadField::line(problem)));
        }
        match line {
            Some(Line::End(name)) => {
                // Borrowed from what the sum is taken of.
                let name = name.to_owned();
                let found = lines.sum();
                sums.check(found).map_err(bad)?;
                each(Line::End(&name)).map_err(bad)?;
            }
            Some(line) => each(line).map_err(bad)?,
            None => {
                let written = sum_of(lines.line()).map_err(bad)?;
                if sums.written.replace(written).is_some() {
                    return Err(bad(BadField::line("the group has a second sum")));
                }
                lines.leave_out();
            }
        }
    }
    Ok(())
}

/// What is known of the sums of a table's groups.
#[derive(Default)]
struct Sums {
    /// Whether groups have them: all or, in older tables, none.
    there: Option<bool>,
    /// The open group's.
    written: Option<u32>,
}

impl Sums {
    /// At the end of a group.
    fn check(&mut self, found: u32) -> Result<(), BadField> {
        let written = self.written.take();
        if *self.there.get_or_insert(written.is_some()) != written.is_some() {
            return Err(BadField::line(
                "the groups before this one have sums and it has none, or the other way round, so a part of the table is missing or of another one",
            ));
        }
        match written {
            Some(written) if written != found => Err(BadField::line(format!(
                "the table up to the end of this group has the sum {} and was written with {}: something in this group was changed, is missing or was added, or a group before it is missing",
                sum::text(found),
                sum::text(written)
            ))),
            _ => Ok(()),
        }
    }
}

/// What a line says that is no row; nothing where it is a sum.
fn comment(line: &[u8]) -> Result<Option<Line<'_>>, BadField> {
    let line = std::str::from_utf8(line).map_err(|_| BadField::line("it is not UTF-8"))?;
    let foreign = || BadField::line(format!("`{}` is nothing that the lab writes", short(line)));
    if line.starts_with(SUM_MARKER) {
        return Ok(None);
    }
    if let Some(name) = line.strip_prefix(END_MARKER) {
        return Ok(Some(Line::End(name)));
    }
    if let Some((name, bytes)) = line
        .strip_prefix(HLOG_MARKER)
        .and_then(|rest| rest.rsplit_once(' '))
    {
        let bytes: u64 = bytes.parse().map_err(|_| foreign())?;
        return Ok(Some(Line::Log { name, bytes }));
    }
    line.strip_prefix(HLOG_SUM_MARKER)
        .and_then(|rest| rest.rsplit_once(' '))
        .and_then(|(name, sum)| {
            let sum = sum::parse(sum)?;
            Some(Some(Line::LogSum { name, sum }))
        })
        .ok_or_else(foreign)
}

fn sum_of(line: &[u8]) -> Result<u32, BadField> {
    let written = line.strip_prefix(SUM_MARKER.as_bytes()).unwrap_or_default();
    let written = String::from_utf8_lossy(written);
    sum::parse(&written).ok_or_else(|| BadField::line(format!("`{}` is no sum", short(&written))))
}

/// The beginning of a text for a message, without what terminals would act on.
fn short(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_debug).collect()
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

/// The lines of a file, a chunk at a time, and the sum of all of them.
struct Lines<R> {
    from: R,
    chunk: Vec<u8>,
    /// The line that was read last, without its end.
    line: std::ops::Range<usize>,
    /// What of the chunk was not handed on yet.
    begin: usize,
    end: usize,
    ended: bool,
    sum: Sum,
    /// Up to where the chunk is in the sum.
    summed: usize,
}

impl<R: Read> Lines<R> {
    fn new(from: R, head: &[u8]) -> Self {
        let mut sum = Sum::default();
        sum.add(head);
        Self {
            from,
            chunk: vec![0; CHUNK],
            line: 0..0,
            begin: 0,
            end: 0,
            ended: false,
            sum,
            summed: 0,
        }
    }

    /// Reads the next line, if there is one.
    fn next(&mut self, path: &Path) -> Result<bool, RecordError> {
        loop {
            if let Some(length) = memchr::memchr(b'\n', &self.chunk[self.begin..self.end]) {
                self.line = self.begin..self.begin + length;
                self.begin = self.line.end + 1;
                return Ok(true);
            }
            if self.ended {
                // The last whole group ends in a line feed: nothing is left.
                return Ok(false);
            }
            self.sum.add(&self.chunk[self.summed..self.begin]);
            self.summed = 0;
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

    fn line(&self) -> &[u8] {
        &self.chunk[self.line.clone()]
    }

    /// The sum of all lines up to the last one that was read.
    fn sum(&mut self) -> u32 {
        self.sum.add(&self.chunk[self.summed..self.begin]);
        self.summed = self.begin;
        self.sum.value()
    }

    /// Leaves the last line out of the sum.
    fn leave_out(&mut self) {
        self.sum.add(&self.chunk[self.summed..self.line.start]);
        self.summed = self.begin;
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

/// Whether quotes stand only where a writer of CSV puts them: read and written again, it is the
/// same line.
fn is_quoted_well(line: &[u8]) -> bool {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(line);
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).unwrap_or(false) {
        return false;
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer.write_byte_record(&record).is_ok();
    let again = writer.into_inner().unwrap_or_default();
    written && again.strip_suffix(b"\n") == Some(line)
}

fn parsed(line: &[u8]) -> Result<Row<'_>, BadField> {
    if memchr::memchr(b'"', line).is_some() && !is_quoted_well(line) {
        return Err(BadField::line(
            "a quote is opened and not closed before the end of the line, or stands where none belongs",
        ));
    }
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
        let text = field(i);
        whole(text).ok_or_else(|| BadField {
            column: COLUMNS[i],
            problem: format!("`{}` is not a whole number", short(text)),
        })
    };
    let value = field(10);
    Ok(Row {
        campaign: field(0),
        launch: whole_number(1)?,
        block: whole_number(2)?,
        window: whole_number(3)?,
        subject: &line[ends[3] + 1..ends[9]],
        value: value.parse().map_err(|_| BadField {
            column: COLUMNS[10],
            problem: format!("`{}` is not a number", short(value)),
        })?,
        validity: field(11),
    })
}

/// A number as the lab writes it: no sign, no zero in front.
fn whole(text: &str) -> Option<u32> {
    let plain =
        text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    plain.then(|| text.parse().ok())?
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
    fn quotes_are_taken_off_and_hold_commas() {
        let text = format!(
            "{}a,1,2,3,\"g\"\"i,n\",,json,m,throughput,1/s,4,ok\nc,1,x,3,,,,,,,1,ok\n# end b\n",
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
            error.ends_with("line 4, column `block`: `x` is not a whole number"),
            "{error}"
        );
    }

    #[test]
    fn an_open_quote_spoils_its_line_and_not_those_behind_it() {
        let row = "c,1,7,2,gin,,json,saturation,throughput,1/s,2.5,ok\n";
        for (bad, says) in [
            (row.replacen("gin", "\"gin", 1), "a quote is opened"),
            (row.replacen("gin", "gi\"n", 1), "a quote is opened"),
            (row.replacen("gin", "\"gin\"", 1), "a quote is opened"),
            (row.replacen(",7,", ",+7,", 1), "`+7` is not a whole number"),
            (row.replacen(",7,", ",07,", 1), "`07` is not a whole number"),
            ("\n".to_owned(), "the row has 1 of 12 fields"),
            ("\0\0\0\n".to_owned(), "the row has 1 of 12 fields"),
            (
                "# and\n".to_owned(),
                "`# and` is nothing that the lab writes",
            ),
            ("# sum 7\n".to_owned(), "`7` is no sum"),
            (
                "# sum 00000007\n".to_owned(),
                "between the sum of a group and its end",
            ),
        ] {
            let text = format!("{}{row}{bad}{row}{row}# end x\n", head());
            let (_folder, path) = write(&text);
            let error = rows(&path, |_| Ok(())).unwrap_err().to_string();
            assert!(
                error.contains("line ") && error.contains(says),
                "{bad}: {error}"
            );
        }
    }

    #[test]
    fn what_the_reader_objects_to_is_named_with_its_line() {
        let row = "c,1,7,2,gin,,json,saturation,throughput,1/s,2.5,ok\n";
        let (_folder, path) = write(&format!(
            "{}{row}# hlog a 7\n# end x\n{row}# end y\n",
            head()
        ));
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
        fn any_name_survives(name in "[^\r\n]{0,12}") {
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
