//! Lines of places in YAML. The parser keeps positions only in its errors, so a place is found by
//! reading the text again up to it, and failing there on purpose.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    self, DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Deserializer};

use super::{Step, deepest};

/// The line of a place, from 1; that of the deepest step that is there.
pub fn line(text: &str, place: &[Step]) -> usize {
    deepest(place, |way| {
        let arrived = Cell::new(false);
        let walk = Walk {
            way,
            arrived: &arrived,
        };
        let error = walk
            .deserialize(serde_yaml::Deserializer::from_str(text))
            .err()?;
        // Where the text itself is broken on the way there, its own error says that.
        arrived.get().then(|| error.location())?.map(|l| l.line())
    })
}

/// Finds a key that a mapping has twice, at any depth: its line, from 1, and a sentence. Readers
/// of plain types take the last one silently, or name the line of the whole mapping.
pub fn twice(text: &str) -> Option<(usize, String)> {
    let found = Cell::new(None);
    let error = Unique { found: &found }
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .err()?;
    Some((error.location()?.line(), found.take()?))
}

/// Reads a value of a type that looks at the whole of it before it decides, as untagged and
/// internally tagged enums do: its errors then carry the line of the value, where they would
/// otherwise carry that of the mapping around it. For `deserialize_with`.
///
/// # Errors
/// The type's own.
pub fn whole<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_any(Whole(PhantomData))
}

struct Whole<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Whole<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        T::deserialize(value.into_deserializer())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        T::deserialize(value.into_deserializer())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        T::deserialize(value.into_deserializer())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        T::deserialize(value.into_deserializer())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<T, E> {
        T::deserialize(value.into_deserializer())
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        T::deserialize(().into_deserializer())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(seq))
    }
}

/// Goes down a way and fails at its end.
struct Walk<'a> {
    way: &'a [Step],
    arrived: &'a Cell<bool>,
}

impl Walk<'_> {
    /// An error where the way ends here.
    fn here<E: de::Error>(&self) -> Result<(), E> {
        match self.way {
            [] => {
                self.arrived.set(true);
                Err(E::custom("arrived"))
            }
            _ => Ok(()),
        }
    }

    fn scalar<E: de::Error>(self) -> Result<(), E> {
        self.here()
    }
}

/// What a scalar is to a visitor that looks for structure only.
macro_rules! scalars {
    ($($name:ident: $kind:ty),*) => {
        $(fn $name<E: de::Error>(self, _: $kind) -> Result<Self::Value, E> {
            self.scalar()
        })*
        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            self.scalar()
        }
        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            self.scalar()
        }
    };
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128,
        visit_f64: f64, visit_str: &str);

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.here()?;
        loop {
            let rest = Key(|key: &str| match self.way {
                [Step::Key(wanted)] if wanted == key => {
                    self.arrived.set(true);
                    Err("arrived")
                }
                [Step::Key(wanted), rest @ ..] if wanted == key => Ok(Some(rest)),
                _ => Ok(None),
            });
            match map.next_key_seed(rest)? {
                None => return Ok(()),
                Some(None) => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(Some(way)) => map.next_value_seed(Walk { way, ..self })?,
            }
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.here()?;
        if let [Step::Index(index), rest @ ..] = self.way {
            for _ in 0..*index {
                if seq.next_element::<IgnoredAny>()?.is_none() {
                    return Ok(());
                }
            }
            seq.next_element_seed(Walk { way: rest, ..self })?;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// A key, given to a function that may fail there. Keys that are no scalars are an error, as they
/// are to every reader of the lab's files.
struct Key<F>(F);

impl<'de, T, F: FnOnce(&str) -> Result<T, &'static str>> DeserializeSeed<'de> for Key<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        from.deserialize_str(self)
    }
}

impl<T, F: FnOnce(&str) -> Result<T, &'static str>> Visitor<'_> for Key<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<T, E> {
        (self.0)(key).map_err(E::custom)
    }
}

/// Fails at a key that its mapping has already.
#[derive(Clone, Copy)]
struct Unique<'a> {
    found: &'a Cell<Option<String>>,
}

impl Unique<'_> {
    fn scalar<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128,
        visit_f64: f64, visit_str: &str);

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut keys = BTreeSet::new();
        loop {
            let new = Key(|key: &str| match keys.insert(key.to_owned()) {
                true => Ok(()),
                false => {
                    let what = format!("the key `{key}` is there twice");
                    self.found.set(Some(what));
                    Err("twice")
                }
            });
            match map.next_key_seed(new)? {
                None => return Ok(()),
                Some(()) => map.next_value_seed(self)?,
            }
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self)?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# name: 1
name: x # name: 2
text: >
  name: 4
  name: 5
modes:
  - name: 7
    kind: a
  - {kind: b, name: 9}
  -
    1: 11
    name: 12
deep:
  name:
    name:
      - [name, name]
      - name: 17
quick: {deep: {
  name: 19}}
";

    #[test]
    fn equal_keys_of_several_depths_are_told_apart() {
        let key = |k: &str| Step::from(k);
        for (place, wanted) in [
            (vec![key("name")], 2),
            (vec![key("modes")], 6),
            (vec![key("modes"), Step::Index(0), key("name")], 7),
            (vec![key("modes"), Step::Index(0), key("kind")], 8),
            (vec![key("modes"), Step::Index(1)], 9),
            (vec![key("modes"), Step::Index(1), key("name")], 9),
            (vec![key("modes"), Step::Index(2), key("name")], 12),
            (vec![key("deep"), key("name")], 14),
            (vec![key("deep"), key("name"), key("name")], 15),
            (
                vec![
                    key("deep"),
                    key("name"),
                    key("name"),
                    Step::Index(0),
                    Step::Index(1),
                ],
                16,
            ),
            (
                vec![
                    key("deep"),
                    key("name"),
                    key("name"),
                    Step::Index(1),
                    key("name"),
                ],
                17,
            ),
            (vec![key("quick"), key("deep"), key("name")], 19),
            // What is not there is told by what would hold it.
            (vec![key("quick"), key("deep"), key("other")], 18),
            (vec![key("modes"), Step::Index(7), key("name")], 6),
            (vec![key("name"), key("name")], 2),
            (vec![key("nothing")], 1),
            (vec![], 1),
        ] {
            assert_eq!(line(TEXT, &place), wanted, "{place:?}");
        }
    }

    #[test]
    fn a_key_that_is_there_twice_is_found_at_any_depth() {
        assert_eq!(twice(TEXT), None);
        let says = "the key `name` is there twice".to_owned();
        for (from, to, line) in [
            ("deep:\n", "name: y\ndeep:\n", 13),
            ("    kind: a\n", "    kind: a\n    name: 9\n", 9),
            ("name: 9}", "name: 9, name: 9}", 9),
            (
                "      - name: 17\n",
                "      - name: 17\n        name: 18\n",
                18,
            ),
        ] {
            assert!(TEXT.contains(from), "{from}");
            assert_eq!(
                twice(&TEXT.replacen(from, to, 1)),
                Some((line, says.clone()))
            );
        }
    }
}
