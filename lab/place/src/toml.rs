//! Lines of places in TOML, by the spans of its parser.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use super::{Step, deepest};

/// The line of a place, from 1; that of the deepest step that is there.
pub fn line(text: &str, place: &[Step]) -> usize {
    let Ok(table) = DeTable::parse(text) else {
        return 1;
    };
    deepest(place, |way| {
        let begin = begin_of(table.get_ref(), way)?;
        Some(line_at(text, begin))
    })
}

/// The line of a byte of a text, from 1.
pub fn line_at(text: &str, byte: usize) -> usize {
    let before = &text.as_bytes()[..byte.min(text.len())];
    before.iter().filter(|b| **b == b'\n').count() + 1
}

/// Where the last step of a way begins: a key, or an element.
fn begin_of(table: &DeTable<'_>, way: &[Step]) -> Option<usize> {
    let (first, rest) = way.split_first()?;
    let Step::Key(wanted) = first else {
        return None;
    };
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == wanted)?;
    match rest {
        [] => Some(key.span().start),
        rest => begin_in(value, rest),
    }
}

fn begin_in(value: &Spanned<DeValue<'_>>, way: &[Step]) -> Option<usize> {
    match value.get_ref() {
        DeValue::Table(table) => begin_of(table, way),
        DeValue::Array(array) => {
            let (first, rest) = way.split_first()?;
            let Step::Index(index) = first else {
                return None;
            };
            let element = array.get(*index)?;
            match rest {
                [] => Some(element.span().start),
                rest => begin_in(element, rest),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_of_several_tables_are_told_apart() {
        let text = "server = 1 # server = 2
# server = 3
[cpus]
server = '''
server = 5
'''
list = [
  \"server\",
  \"b\", # server = 9
]
[kernel.server]
server = 12
\"a.server\" = { server = 13 }
[[many]]
server = 15
[[many]]
server = 17
";
        let line = |place: &[Step]| line(text, place);
        let key = |k: &str| Step::from(k);
        for (place, wanted) in [
            (vec![key("server")], 1),
            (vec![key("cpus"), key("server")], 4),
            (vec![key("cpus"), key("list"), Step::Index(0)], 8),
            (vec![key("cpus"), key("list"), Step::Index(1)], 9),
            (vec![key("kernel"), key("server"), key("server")], 12),
            (
                vec![key("kernel"), key("server"), key("a.server"), key("server")],
                13,
            ),
            (vec![key("many"), Step::Index(1), key("server")], 17),
            // What is not there is told by what would hold it.
            (vec![key("cpus"), key("instrument")], 3),
            (vec![key("many"), Step::Index(7)], 14),
            (vec![key("nothing")], 1),
        ] {
            assert_eq!(line(&place), wanted, "{place:?}");
        }
    }
}
