//! Numbers and foreign words as text: how many digits, and nothing that acts.

pub mod escape;
pub mod number;

/// Joins words as a sentence does: `a`, `a and b`, `a, b and c`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A count with its noun, which gets an `s` unless there is one of it.
pub fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// A sentence for a name that is none of those there are, with the nearest of them.
///
/// ```
/// let said = analysis::text::unknown("framework", "gni", &["echo", "gin"]);
/// assert_eq!(said, "there is no framework `gni`; did you mean `gin`? There are: echo, gin");
/// ```
pub fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let name = escape::plain(name);
    let all = known.join(", ");
    match nearest(&name, known) {
        Some(near) => {
            format!("there is no {what} `{name}`; did you mean `{near}`? There are: {all}")
        }
        None => format!("there is no {what} `{name}`; there are: {all}"),
    }
}

/// The known word that a mistyped one most likely is, if any is near enough.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(1);
    (known.iter())
        .map(|other| {
            (
                distance(&word.to_lowercase(), &other.to_lowercase()),
                *other,
            )
        })
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, other)| other)
}

/// How many letters have to be added, taken away, changed or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut least = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        least = least.min(rows[i - 2][j - 2] + 1);
                    }
                    least
                }
            };
        }
    }
    rows[a.len()][b.len()]
}

/// The words with a capital at their beginning.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_a_sentence() {
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(list(&words("a")), "a");
        assert_eq!(list(&words("a b")), "a and b");
        assert_eq!(list(&words("a b c")), "a, b and c");
        assert_eq!(count(1, "block"), "1 block");
        assert_eq!(count(2, "block"), "2 blocks");
    }

    #[test]
    fn a_slip_of_the_hand_has_a_nearest_name() {
        let known = ["echo", "echo4", "fasthttp", "gin", "nethttp"];
        for (typed, meant) in [
            ("gni", Some("gin")),
            ("Gin", Some("gin")),
            ("fasthtp", Some("fasthttp")),
            ("net/http", Some("nethttp")),
            ("ecko", Some("echo")),
            ("rails", None),
        ] {
            assert_eq!(nearest(typed, &known), meant, "{typed}");
        }
    }
}
