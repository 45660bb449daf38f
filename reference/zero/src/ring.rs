//! A bounded ring between one producer and one consumer, without locks.
//!
//! Each end has an index of its own that only it writes: both only grow, and what lies between
//! them is what the ring holds, so that full and empty are told apart without a count or a lost
//! place. An end looks at the other's index with `Acquire`, and that is written with `Release`
//! after the place was written or read: a place is never touched by both. The indices lie on
//! cache lines of their own. `cfg(loom)` puts loom's types in, under which the tests try every
//! order that the memory model allows.

#[cfg(loom)]
use loom::{cell::UnsafeCell, sync::Arc, sync::atomic::AtomicUsize};
#[cfg(not(loom))]
use std::sync::{Arc, atomic::AtomicUsize};

use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

#[cfg(not(loom))]
struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// On a pair of cache lines of its own: processors fetch them in pairs.
#[repr(align(128))]
struct Padded(AtomicUsize);

struct Ring<T> {
    places: Box<[UnsafeCell<MaybeUninit<T>>]>,
    written: Padded,
    read: Padded,
}

// SAFETY: a place is touched by one end at a time, see the module's words.
unsafe impl<T: Send> Send for Ring<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Ring<T> {}

/// The end that puts in.
pub struct Producer<T> {
    ring: Arc<Ring<T>>,
    /// What the other's index was when it was looked at last: it is further now, or the same.
    read: usize,
}

/// The end that takes out.
pub struct Consumer<T> {
    ring: Arc<Ring<T>>,
    written: usize,
}

/// A ring with room for `capacity` values, which is a power of two.
///
/// # Panics
/// Where it is none.
pub fn ring<T: Send>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    assert!(
        capacity.is_power_of_two(),
        "a ring's capacity of {capacity} is no power of two"
    );
    let place = |_| UnsafeCell::new(MaybeUninit::uninit());
    let ring = Arc::new(Ring {
        places: (0..capacity).map(place).collect(),
        written: Padded(AtomicUsize::new(0)),
        read: Padded(AtomicUsize::new(0)),
    });
    let producer = Producer {
        ring: Arc::clone(&ring),
        read: 0,
    };
    (producer, Consumer { ring, written: 0 })
}

impl<T> Ring<T> {
    fn place(&self, index: usize) -> &UnsafeCell<MaybeUninit<T>> {
        &self.places[index & (self.places.len() - 1)]
    }
}

impl<T> Producer<T> {
    /// Puts a value in, or gives it back where the ring is full.
    ///
    /// # Errors
    /// The value.
    pub fn push(&mut self, value: T) -> Result<(), T> {
        let ring = &*self.ring;
        let written = ring.written.0.load(Relaxed);
        if written.wrapping_sub(self.read) == ring.places.len() {
            self.read = ring.read.0.load(Acquire);
            if written.wrapping_sub(self.read) == ring.places.len() {
                return Err(value);
            }
        }
        // SAFETY: the consumer is done with this place, and does not look at it before `written`
        // says so.
        ring.place(written)
            .with_mut(|place| unsafe { (*place).write(value) });
        ring.written.0.store(written.wrapping_add(1), Release);
        Ok(())
    }
}

impl<T> Consumer<T> {
    /// Takes the oldest value out; nothing where the ring is empty.
    pub fn pop(&mut self) -> Option<T> {
        let ring = &*self.ring;
        let read = ring.read.0.load(Relaxed);
        if read == self.written {
            self.written = ring.written.0.load(Acquire);
            if read == self.written {
                return None;
            }
        }
        // SAFETY: the producer has written this place, and does not touch it before `read` says so.
        let value = ring
            .place(read)
            .with(|place| unsafe { (*place).assume_init_read() });
        ring.read.0.store(read.wrapping_add(1), Release);
        Some(value)
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        // Both ends are gone.
        let (mut read, written) = (self.read.0.load(Relaxed), self.written.0.load(Relaxed));
        while read != written {
            // SAFETY: what lies between the indices was written and never taken out.
            self.place(read)
                .with_mut(|place| unsafe { (*place).assume_init_drop() });
            read = read.wrapping_add(1);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn full_and_empty_are_told_apart() {
        let (mut producer, mut consumer) = ring(2);
        assert_eq!(consumer.pop(), None);
        for round in 0..10 {
            assert_eq!(producer.push(round), Ok(()));
            assert_eq!(producer.push(round + 1), Ok(()));
            assert_eq!(producer.push(9), Err(9));
            assert_eq!(consumer.pop(), Some(round));
            assert_eq!(producer.push(round + 2), Ok(()));
            assert_eq!(producer.push(9), Err(9));
            assert_eq!(
                [consumer.pop(), consumer.pop()],
                [Some(round + 1), Some(round + 2)]
            );
            assert_eq!(consumer.pop(), None);
        }
    }

    #[test]
    fn what_is_left_is_dropped_once() {
        let counted = std::sync::Arc::new(());
        let (mut producer, mut consumer) = ring(4);
        for _ in 0..4 {
            producer.push(std::sync::Arc::clone(&counted)).unwrap();
        }
        drop(consumer.pop());
        drop((producer, consumer));
        assert_eq!(std::sync::Arc::strong_count(&counted), 1);
    }

    #[test]
    fn a_million_values_come_in_their_order() {
        let (mut producer, mut consumer) = ring(64);
        let sender = std::thread::spawn(move || {
            for value in 0..1_000_000u32 {
                while producer.push(value).is_err() {
                    std::thread::yield_now();
                }
            }
        });
        for value in 0..1_000_000u32 {
            let got = loop {
                match consumer.pop() {
                    Some(got) => break got,
                    None => std::thread::yield_now(),
                }
            };
            assert_eq!(got, value);
        }
        sender.join().unwrap();
    }
}

/// `RUSTFLAGS="--cfg loom" cargo test --release ring`: all orders of a producer and a consumer.
#[cfg(all(test, loom))]
mod every_order {
    use super::*;
    use loom::sync::atomic::fence;
    use loom::thread;

    #[test]
    fn values_come_once_and_in_their_order() {
        loom::model(|| {
            let (mut producer, mut consumer) = ring(2);
            let sender = thread::spawn(move || {
                for value in 0..3 {
                    while producer.push(value).is_err() {
                        thread::yield_now();
                    }
                }
            });
            let mut next = 0;
            while next < 3 {
                match consumer.pop() {
                    Some(value) => {
                        assert_eq!(value, next);
                        next += 1;
                    }
                    None => thread::yield_now(),
                }
            }
            assert_eq!(consumer.pop(), None);
            sender.join().unwrap();
        });
    }

    /// The article's listing, chapter 2.1, with the consumer that it leaves out written as its
    /// fence would want it. It looks for no room: the third value goes into the place of the
    /// first while that is read.
    struct Listing {
        data: [UnsafeCell<usize>; CAPACITY],
        write_ptr: AtomicUsize,
    }

    const CAPACITY: usize = 2;

    // SAFETY: that it is not, is what the test shows.
    unsafe impl Sync for Listing {}
    // SAFETY: as above.
    unsafe impl Send for Listing {}

    impl Listing {
        fn write(&self, payload: usize) {
            let ptr = self.write_ptr.load(Relaxed);
            // SAFETY: none, see above.
            self.data[ptr].with_mut(|place| unsafe { *place = payload });
            fence(Release);
            self.write_ptr.store((ptr + 1) % CAPACITY, Relaxed);
        }
    }

    #[test]
    #[should_panic]
    fn the_articles_listing_is_wrong() {
        loom::model(|| {
            let listing = Arc::new(Listing {
                data: [UnsafeCell::new(0), UnsafeCell::new(0)],
                write_ptr: AtomicUsize::new(0),
            });
            let other = Arc::clone(&listing);
            let sender = thread::spawn(move || {
                for value in 1..=3 {
                    other.write(value);
                }
            });
            let mut got = Vec::new();
            for read in 0..3 {
                let mut tries = 0;
                // Empty and full look the same, so it cannot wait for more than a change.
                while listing.write_ptr.load(Relaxed) == read % CAPACITY && tries < 2 {
                    tries += 1;
                    thread::yield_now();
                }
                fence(Acquire);
                // SAFETY: none, see above.
                got.push(listing.data[read % CAPACITY].with(|place| unsafe { *place }));
            }
            sender.join().unwrap();
            assert_eq!(got, [1, 2, 3]);
        });
    }
}
