//! Sets of CPUs as the kernel writes them in masks: `3`, `0000ffff`, `00000001,00000000`.

use super::cpu_list::CpuList;

const BITS: usize = 32;

/// Reads a mask; nothing where it is none, or of no CPU.
pub(super) fn parse(text: &str) -> Option<CpuList> {
    let mut cpus = Vec::new();
    for (place, word) in text.trim().rsplit(',').enumerate() {
        let bits = u32::from_str_radix(word, 16).ok()?;
        cpus.extend(
            (0..BITS)
                .filter(|bit| bits >> bit & 1 == 1)
                .map(|bit| place * BITS + bit),
        );
    }
    let words: Vec<String> = cpus.iter().map(usize::to_string).collect();
    words.join(",").parse().ok()
}

/// Writes a mask: 32 CPUs a word, the highest first, as the kernel reads them.
pub(super) fn write(cpus: &CpuList) -> String {
    let cpus = cpus.cpus();
    let last = cpus.last().map_or(0, |cpu| cpu / BITS);
    let mut words = vec![0_u32; last + 1];
    for cpu in cpus {
        words[last - cpu / BITS] |= 1 << (cpu % BITS);
    }
    let words: Vec<String> = words.iter().map(|word| format!("{word:08x}")).collect();
    words.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_of_any_length_are_read_and_written() {
        for (mask, list) in [
            ("3", "0-1"),
            ("0003\n", "0-1"),
            ("00000001,00000000", "32"),
            ("ff00,00000005", "0,2,40-47"),
        ] {
            let cpus = parse(mask).unwrap();
            assert_eq!(cpus.to_string(), list, "{mask}");
            assert_eq!(parse(&write(&cpus)).unwrap(), cpus, "{mask}");
        }
        assert_eq!(write(&"0,32".parse().unwrap()), "00000001,00000001");
        for bad in ["", "0", "x", "1,", "100000000"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
