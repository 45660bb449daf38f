//! How much memory a server holds.

use std::collections::BTreeMap;
use std::fs;

use super::inspect::Stat;

/// What a process holds, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resident {
    /// Resident set size.
    pub rss: u64,
    /// The same, with pages that others map too counted by their share.
    pub pss: u64,
}

impl Resident {
    /// Reads it from the kernel's account of all mappings, which takes it about a millisecond
    /// for 100 MiB; nothing where the process is gone.
    pub fn of(pid: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?)
    }

    fn parse(rollup: &str) -> Option<Self> {
        Some(Self {
            rss: bytes(rollup, "Rss:")?,
            pss: bytes(rollup, "Pss:")?,
        })
    }
}

/// Reads the memory of processes, and remembers the most pages of files that each had.
///
/// A process can give the pages of its own program back whenever nobody asks it for anything, and read
/// them again at the next request: they are in the page cache all the while. So they count once they were
/// seen, as do pages that were moved to swap.
#[derive(Default)]
pub struct MemoryReader(BTreeMap<Process, u64>);

/// A process, told from a later one with its number by when it began.
type Process = (i32, u64);

impl MemoryReader {
    /// What a process holds, in bytes: its resident set size, with the most pages of files that it was
    /// seen to have; nothing when it is gone.
    pub fn resident(&mut self, pid: i32) -> Option<u64> {
        let begun = Stat::of_process(pid)?.begun;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        // A process that has ended but was not waited for has no such lines.
        let own = ["RssAnon:", "RssShmem:", "VmSwap:"].map(|name| bytes(&status, name));
        let of_files = bytes(&status, "RssFile:")?;
        let most = self.0.entry((pid, begun)).or_default();
        *most = of_files.max(*most);
        Some(own.into_iter().flatten().sum::<u64>() + *most)
    }
}

/// A line of the kernel's, in bytes.
fn bytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|l| l.strip_prefix(name))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollup_is_read() {
        let rollup =
            "00400000-7ffe [rollup]\nRss:      6868 kB\nPss:      5000 kB\nPss_Dirty:  1 kB\n";
        let read = Resident::parse(rollup).unwrap();
        assert_eq!((read.rss, read.pss), (6868 * 1024, 5000 * 1024));
        assert_eq!(Resident::parse("Rss: 1 kB\n"), None);
        let own = Resident::of(std::process::id() as i32).unwrap();
        assert!(own.pss > 0 && own.pss <= own.rss);
    }

    /// Pages of a file that was mapped and read are given back as a server could at rest.
    #[test]
    fn pages_of_files_count_also_when_they_are_given_back() {
        const LENGTH: usize = 64 << 20;
        let file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut &file, &vec![1; LENGTH]).unwrap();
        let own = std::process::id() as i32;
        let mut reader = MemoryReader::default();
        let kernels = || {
            let status = fs::read_to_string("/proc/self/status").unwrap();
            bytes(&status, "RssFile:").unwrap()
        };
        // SAFETY: the mapping is a new one, is only read, in its bounds, and nobody has it afterwards.
        unsafe {
            let (read, private) = (libc::PROT_READ, libc::MAP_PRIVATE | libc::MAP_POPULATE);
            let fd = std::os::fd::AsRawFd::as_raw_fd(&file);
            let pages = libc::mmap(std::ptr::null_mut(), LENGTH, read, private, fd, 0);
            assert_ne!(pages, libc::MAP_FAILED);
            let (before, of_files) = (reader.resident(own).unwrap(), kernels());
            assert!(of_files > LENGTH as u64 / 2, "{of_files}");
            assert_eq!(libc::madvise(pages, LENGTH, libc::MADV_DONTNEED), 0);
            assert!(kernels() < of_files - LENGTH as u64 / 2);
            let after = reader.resident(own).unwrap();
            // Other tests of this process have memory of their own meanwhile.
            assert!(after > before - LENGTH as u64 / 2, "{before}, {after}");
            libc::munmap(pages, LENGTH);
        }
        let new = MemoryReader::default().resident(own).unwrap();
        assert!(new < reader.resident(own).unwrap());
    }
}
