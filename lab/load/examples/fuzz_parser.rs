//! The fuzz target without libFuzzer: mutates the corpus with a seeded generator and counts the
//! executions. Ends with 0 if none panicked; each must be over in a second.
//!
//! `fuzz_parser CORPUS [EXECUTIONS] [SEED]`

#[path = "../fuzz/harness.rs"]
mod harness;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::time::{Duration, Instant};

/// Pieces that random bytes would hardly hit upon.
const WORDS: [&[u8]; 16] = [
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"Content-Length: ",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 ",
    b"100 ",
    b"0\r\n\r\n",
    b"5\r\n",
    b"ffffffffffffffff",
    b"18446744073709551616",
    b", ",
    b";",
];

fn main() {
    let mut args = std::env::args().skip(1);
    let corpus = args
        .next()
        .expect("usage: fuzz_parser CORPUS [EXECUTIONS] [SEED]");
    let executions: u64 = args
        .next()
        .map_or(10_000_000, |text| text.parse().expect("a number"));
    let seed: u64 = args
        .next()
        .map_or(1, |text| text.parse().expect("a number"));
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut paths: Vec<_> = std::fs::read_dir(corpus)
        .expect("the corpus is a folder")
        .flatten()
        .map(|e| e.path())
        .collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| std::fs::read(path).expect("readable"))
        .collect();
    let begin = Instant::now();
    let mut data = Vec::new();
    for _ in 0..executions {
        data.clear();
        data.extend_from_slice(&seeds[rng.random_range(0..seeds.len())]);
        for _ in 0..rng.random_range(1..6) {
            mutate(&mut data, &seeds, &mut rng);
        }
        let each = Instant::now();
        harness::execute(&data);
        assert!(
            each.elapsed() < Duration::from_secs(1),
            "too slow: {}",
            data.escape_ascii()
        );
    }
    println!(
        "{executions} executions, seed {seed}, {} seeds, no panic, no hang, {:.1} s",
        seeds.len(),
        begin.elapsed().as_secs_f64()
    );
}

fn mutate(data: &mut Vec<u8>, seeds: &[Vec<u8>], rng: &mut SmallRng) {
    let at = rng.random_range(0..=data.len());
    match rng.random_range(0..7) {
        0 if at < data.len() => data[at] = rng.random(),
        1 if at < data.len() => data[at] ^= 1 << rng.random_range(0..8),
        2 => data.insert(at, rng.random()),
        3 if at < data.len() => {
            data.remove(at);
        }
        4 => {
            let word = WORDS[rng.random_range(0..WORDS.len())];
            data.splice(at..at, word.iter().copied());
        }
        5 => data.truncate(at.max(2)),
        _ => {
            let other = &seeds[rng.random_range(0..seeds.len())];
            let from = rng.random_range(0..=other.len());
            data.truncate(at);
            data.extend_from_slice(&other[from..]);
        }
    }
}
