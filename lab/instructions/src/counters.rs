//! The memory that the plugin counts in and the lab reads.
//!
//! It is anonymous (memfd): nothing of it is left when the lab ends, however it does. The emulator
//! opens it by its name in `/proc`. Pages that were never written take no memory, so there is room
//! for more blocks and threads than any server has.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use crate::counts::{Block, Counts};

/// The most blocks that are told apart. A Go server of 15 MB has some 20,000 in use; a block that
/// is translated again is another one.
pub const BLOCKS: usize = 1 << 18;
/// The most threads, ended ones included where the emulator gives no number twice.
pub const THREADS: usize = 256;
/// What the plugin writes first.
pub const MAGIC: u64 = 0x6c61_6269_6e73_7472;

const WORD: usize = 8;
const HEADER: usize = 4 * WORD;
const BLOCK: usize = 2 * WORD;

/// Why there is no count. Each is a whole sentence.
#[derive(Debug, thiserror::Error)]
pub enum CounterError {
    /// The memory cannot be made or read.
    #[error("the memory for the counters cannot be {what}: {source}")]
    Memory {
        /// "made", "read".
        what: &'static str,
        /// The system's words.
        source: io::Error,
    },
    /// The plugin did not run.
    #[error(
        "the emulator has counted nothing: it did not load the plugin, or ended before it began"
    )]
    Silent,
    /// More code than there is room for.
    #[error(
        "the program has more than {BLOCKS} blocks of code, so not all of it was counted: raise BLOCKS in lab/instructions/src/counters.rs"
    )]
    Blocks,
    /// More threads than there is room for.
    #[error(
        "the program has more than {THREADS} threads, so {0} blocks were not counted: raise THREADS in lab/instructions/src/counters.rs"
    )]
    Threads(u64),
}

/// Counters for one process.
#[derive(Debug)]
pub struct Counters {
    memory: File,
}

impl Counters {
    /// Counters that are all zero.
    ///
    /// # Errors
    /// [`CounterError::Memory`].
    pub fn new() -> Result<Self, CounterError> {
        let made = |source| CounterError::Memory {
            what: "made",
            source,
        };
        // SAFETY: the name is a string that ends in a zero; the descriptor is fresh and nobody else's.
        let memory = unsafe {
            match libc::memfd_create(c"instructions".as_ptr(), libc::MFD_CLOEXEC) {
                -1 => return Err(made(io::Error::last_os_error())),
                descriptor => File::from_raw_fd(descriptor),
            }
        };
        let size = HEADER + BLOCKS * BLOCK + THREADS * BLOCKS * WORD;
        memory.set_len(size as u64).map_err(made)?;
        Ok(Self { memory })
    }

    /// The path by which another process of the same user opens them while they are here.
    pub fn path(&self) -> PathBuf {
        let descriptor = self.memory.as_raw_fd();
        format!("/proc/{}/fd/{descriptor}", std::process::id()).into()
    }

    /// What was counted so far. Exact once the program is at rest: a program that runs meanwhile is
    /// read block by block.
    ///
    /// # Errors
    /// [`CounterError`].
    pub fn read(&self) -> Result<Counts, CounterError> {
        let header = self.words(0, HEADER / WORD)?;
        let (magic, blocks, threads, lost) = (header[0], header[1], header[2], header[3]);
        if magic != MAGIC || blocks == 0 {
            return Err(CounterError::Silent);
        }
        if blocks > BLOCKS as u64 {
            return Err(CounterError::Blocks);
        }
        if lost > 0 {
            return Err(CounterError::Threads(lost));
        }
        let blocks = blocks as usize;
        let code = self.words(HEADER, 2 * blocks)?;
        let executed = (0..threads as usize)
            .map(|thread| {
                let row = HEADER + BLOCKS * BLOCK + thread * BLOCKS * WORD;
                self.words(row, blocks)
            })
            .collect::<Result<_, _>>()?;
        let block = |word: &[u64]| Block {
            address: word[0],
            instructions: word[1],
        };
        Ok(Counts {
            blocks: code.chunks_exact(2).map(block).collect(),
            executed,
        })
    }

    fn words(&self, at: usize, count: usize) -> Result<Vec<u64>, CounterError> {
        let mut bytes = vec![0; count * WORD];
        let read = self.memory.read_exact_at(&mut bytes, at as u64);
        read.map_err(|source| CounterError::Memory {
            what: "read",
            source,
        })?;
        let word = |bytes: &[u8]| u64::from_ne_bytes(bytes.try_into().expect("eight bytes"));
        Ok(bytes.chunks_exact(WORD).map(word).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(counters: &Counters, at: usize, words: &[u64]) {
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_ne_bytes()).collect();
        counters.memory.write_all_at(&bytes, at as u64).unwrap();
    }

    #[test]
    fn nothing_counted_is_no_count_of_nothing() {
        let counters = Counters::new().unwrap();
        assert!(matches!(counters.read(), Err(CounterError::Silent)));
    }

    #[test]
    fn rows_are_read_from_where_the_plugin_writes_them() {
        let counters = Counters::new().unwrap();
        write(&counters, 0, &[MAGIC, 2, 3, 0]);
        write(&counters, HEADER, &[0x1000, 5, 0x2000, 7]);
        write(
            &counters,
            HEADER + BLOCKS * BLOCK + 2 * BLOCKS * WORD,
            &[10, 1],
        );
        let counts = counters.read().unwrap();
        assert_eq!(counts.blocks.len(), 2);
        assert_eq!(counts.executed, [vec![0, 0], vec![0, 0], vec![10, 1]]);
        assert_eq!(counts.instructions(), 57);
    }

    #[test]
    fn what_was_not_counted_is_no_number() {
        let counters = Counters::new().unwrap();
        write(&counters, 0, &[MAGIC, BLOCKS as u64 + 1, 1, 0]);
        assert!(matches!(counters.read(), Err(CounterError::Blocks)));
        write(&counters, 0, &[MAGIC, 1, 1, 3]);
        assert!(matches!(counters.read(), Err(CounterError::Threads(3))));
    }

    #[test]
    fn the_layout_is_the_one_in_the_plugin() {
        let source = include_str!("../plugin/count.c");
        for field in ["magic", "blocks", "threads", "lost"] {
            assert!(source.contains(&format!("uint64_t {field};")), "{field}");
        }
        assert!(source.contains("uint64_t executed[THREADS][BLOCKS];"));
    }
}
