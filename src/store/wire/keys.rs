//! Which keys a shape knows, and which one a stranger was probably meant to be.

use serde::de::{self, DeserializeOwned, Visitor};

/// The keys that a shape knows, as they are written in a file.
pub fn known<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut keys: &'static [&'static str] = &[];
    let _ = T::deserialize(Listener { keys: &mut keys });
    keys
}

/// The known word that this one was probably meant to be.
pub fn nearest<'words>(word: &str, known: impl IntoIterator<Item = &'words str>) -> Option<&'words str> {
    let reach = match word.chars().count() {
        0..=2 => return None,
        3..=5 => 1,
        6..=12 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| (1..=reach).contains(distance))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    if one.len().abs_diff(other.len()) > 3 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, other_letter) in other.iter().enumerate() {
            let change = row[j] + usize::from(letter != other_letter);
            let mut best = change.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *letter == other[j - 1] && one[i - 1] == *other_letter {
                best = best.min(before[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[other.len()]
}

/// A deserializer that listens to what keys a struct asks for, and gives none.
struct Listener<'keys> {
    keys: &'keys mut &'static [&'static str],
}

impl<'de> de::Deserializer<'de> for Listener<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("only structs have keys"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.keys = fields;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_finds_its_word() {
        let known = ["environment", "service", "backend", "policy"];
        assert_eq!(nearest("enviroment", known), Some("environment"));
        assert_eq!(nearest("sevrice", known), Some("service"));
        assert_eq!(nearest("service", known), None);
        assert_eq!(nearest("x", known), None);
        assert_eq!(nearest("comment", known), None);
    }

    #[test]
    fn a_shape_tells_its_keys() {
        let keys = super::known::<crate::store::wire::release::Release>();
        assert!(keys.contains(&"title") && keys.contains(&"stage"), "{keys:?}");
    }
}
