//! Receive buffers that the kernel picks from: one ring, one group.

use crate::LoadError;
use io_uring::types::BufRingEntry;
use io_uring::{IoUring, cqueue};
use std::sync::atomic::{AtomicU16, Ordering};

/// The only group.
pub const GROUP: u16 = 0;
/// How many there are; a power of two.
const COUNT: u16 = 1024;
/// Bytes of each. Large bodies come in pieces of this size.
const SIZE: usize = 32 * 1024;
/// Distance between two: a little more than the size, so that the first lines of all buffers,
/// where small answers lie, do not fall into the same cache set.
const STRIDE: usize = SIZE + 256;
const PAGE: usize = 4096;

/// The buffers and the ring that hands them to the kernel.
pub struct Buffers {
    memory: Vec<u8>,
    /// Page-aligned start of the ring inside `ring`.
    ring: Vec<u8>,
    base: *mut BufRingEntry,
    tail: u16,
}

impl Buffers {
    /// Registers all buffers with `uring`.
    pub fn new(uring: &IoUring) -> Result<Self, LoadError> {
        let bytes = COUNT as usize * size_of::<BufRingEntry>();
        let mut ring = vec![0u8; bytes + PAGE];
        let start = ring.as_mut_ptr();
        // SAFETY: the offset is below PAGE, and the vector is longer than the ring by that.
        let base = unsafe { start.add(start.align_offset(PAGE)) }.cast::<BufRingEntry>();
        let mut buffers = Self {
            memory: vec![0; COUNT as usize * STRIDE],
            ring,
            base,
            tail: 0,
        };
        // SAFETY: the ring is page-aligned, has COUNT entries, and lives as long as `buffers`,
        // which the engine drops after the ring's file.
        unsafe {
            uring
                .submitter()
                .register_buf_ring_with_flags(base as u64, COUNT, GROUP, 0)
        }
        .map_err(|source| LoadError::Engine {
            engine: "uring",
            reason: format!("the kernel takes no ring of provided buffers ({source})"),
        })?;
        (0..COUNT).for_each(|id| buffers.give(id));
        buffers.publish();
        debug_assert!(!buffers.ring.is_empty());
        Ok(buffers)
    }

    /// The bytes of a receive completion, with the id to give back.
    pub fn filled(&self, flags: u32, length: usize) -> Option<(u16, &[u8])> {
        let id = cqueue::buffer_select(flags)?;
        let start = id as usize * STRIDE;
        Some((id, &self.memory[start..start + length.min(SIZE)]))
    }

    /// Hands a buffer to the kernel, from the next [`Buffers::publish`] on.
    pub fn give(&mut self, id: u16) {
        let address = self.memory.as_ptr() as usize + id as usize * STRIDE;
        // SAFETY: the index is below COUNT; the kernel reads the entry only once it is published.
        let entry = unsafe { &mut *self.base.add((self.tail & (COUNT - 1)) as usize) };
        entry.set_addr(address as u64);
        entry.set_len(SIZE as u32);
        entry.set_bid(id);
        self.tail = self.tail.wrapping_add(1);
    }

    /// Shows the kernel what has been given.
    pub fn publish(&mut self) {
        // SAFETY: `base` is the ring's address; its tail is a u16 that both sides access atomically.
        let tail = unsafe { &*BufRingEntry::tail(self.base).cast::<AtomicU16>() };
        tail.store(self.tail, Ordering::Release);
    }
}
