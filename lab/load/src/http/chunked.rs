//! The chunked transfer coding (RFC 9112, section 7.1), byte by byte where it must be and in
//! whole slices where it can.

use super::Fault;
use super::head::header_line;

/// Longest chunk-size line: sixteen digits of size and room for extensions nobody sends.
const MAX_SIZE_LINE: u16 = 1024;
/// Longest trailer section.
const MAX_TRAILER: usize = 8 * 1024;

/// Where in the coding the reader is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum At {
    /// In the hex digits.
    #[default]
    Size,
    /// In an extension, up to CR.
    Extension,
    /// At the LF after the size line.
    SizeEnd,
    /// In a chunk's bytes.
    Data,
    /// At the CR and then the LF after them.
    DataCr,
    DataLf,
    /// In the trailer, whose current line is kept.
    Trailer,
}

/// A reader of one chunked body.
#[derive(Clone, Debug, Default)]
pub struct Chunked {
    at: At,
    left: u64,
    digits: u8,
    line: u16,
    trailer: usize,
    trailer_line: Vec<u8>,
}

impl Chunked {
    /// Takes what it can of `input`, gives the body's bytes to `body`, and returns how much it
    /// took and whether the body is complete.
    pub fn feed(
        &mut self,
        input: &[u8],
        body: &mut impl FnMut(&[u8]),
    ) -> Result<(usize, bool), Fault> {
        let mut used = 0;
        while used < input.len() {
            let byte = input[used];
            match self.at {
                At::Data => {
                    let take = self.left.min((input.len() - used) as u64) as usize;
                    body(&input[used..used + take]);
                    self.left -= take as u64;
                    used += take;
                    if self.left == 0 {
                        self.at = At::DataCr;
                    }
                    continue;
                }
                At::Size => self.size_byte(byte)?,
                At::Extension => {
                    self.count_line()?;
                    match byte {
                        b'\r' => self.at = At::SizeEnd,
                        b'\t' | b' '..=b'~' | 0x80.. => {}
                        _ => return Err(Fault::Chunk),
                    }
                }
                At::SizeEnd => {
                    expect(byte, b'\n')?;
                    self.at = if self.left == 0 {
                        At::Trailer
                    } else {
                        At::Data
                    };
                    (self.digits, self.line) = (0, 0);
                }
                At::DataCr => {
                    expect(byte, b'\r')?;
                    self.at = At::DataLf;
                }
                At::DataLf => {
                    expect(byte, b'\n')?;
                    self.at = At::Size;
                }
                At::Trailer => {
                    if self.trailer_byte(byte)? {
                        return Ok((used + 1, true));
                    }
                }
            }
            used += 1;
        }
        Ok((used, false))
    }

    fn size_byte(&mut self, byte: u8) -> Result<(), Fault> {
        self.count_line()?;
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b'\r' if self.digits > 0 => {
                self.at = At::SizeEnd;
                return Ok(());
            }
            b';' | b' ' | b'\t' if self.digits > 0 => {
                self.at = At::Extension;
                return Ok(());
            }
            _ => return Err(Fault::Chunk),
        };
        // Fifteen digits keep the size, and sums of sizes, far from overflow.
        if self.digits == 15 {
            return Err(Fault::Chunk);
        }
        self.left = if self.digits == 0 { 0 } else { self.left << 4 } | u64::from(digit);
        self.digits += 1;
        Ok(())
    }

    fn count_line(&mut self) -> Result<(), Fault> {
        self.line += 1;
        if self.line > MAX_SIZE_LINE {
            Err(Fault::Chunk)
        } else {
            Ok(())
        }
    }

    /// True at the trailer's end.
    fn trailer_byte(&mut self, byte: u8) -> Result<bool, Fault> {
        self.trailer += 1;
        if self.trailer > MAX_TRAILER {
            return Err(Fault::HeadTooLarge);
        }
        if byte != b'\n' {
            self.trailer_line.push(byte);
            return Ok(false);
        }
        let line = self.trailer_line.strip_suffix(b"\r").ok_or(Fault::Chunk)?;
        if line.is_empty() {
            return Ok(true);
        }
        header_line(line)?;
        self.trailer_line.clear();
        Ok(false)
    }
}

fn expect(byte: u8, wanted: u8) -> Result<(), Fault> {
    if byte == wanted {
        Ok(())
    } else {
        Err(Fault::Chunk)
    }
}
