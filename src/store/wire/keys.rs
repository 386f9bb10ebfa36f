//! Which keys a shape knows, and which one a stranger was probably meant to be.

use serde::de::{self, DeserializeOwned, Visitor};

pub use crate::domain::spelling::nearest;

/// The keys that a shape knows, as they are written in a file.
pub fn known<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut keys: &'static [&'static str] = &[];
    let _ = T::deserialize(Listener { keys: &mut keys });
    keys
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
    #[test]
    fn a_shape_tells_its_keys() {
        let keys = super::known::<crate::store::wire::release::Release>();
        assert!(keys.contains(&"title") && keys.contains(&"stage"), "{keys:?}");
    }
}
