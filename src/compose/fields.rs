//! The fields of a map, in the order of their first writing: small, since most maps have few of them.

use super::text::Text;
use super::value::Field;
use std::collections::HashMap;

/// From as many fields on they are found by their hash, and not one by one.
const MANY: usize = 24;

/// Fields by key.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    fields: Vec<(Text, Field)>,
    index: Option<Box<Index>>,
}

/// Where there are many fields: the place of each key.
#[derive(Clone, Debug)]
struct Index {
    places: HashMap<Text, usize>,
}

impl Fields {
    /// Without fields, but with room for some.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            fields: Vec::with_capacity(capacity),
            index: None,
        }
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The place of a key in the order.
    pub fn get_index_of(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.places.get(key).copied(),
            None => self.fields.iter().position(|(other, _)| other == key),
        }
    }

    /// Whether there is a field of this key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get_index_of(key).is_some()
    }

    /// The field of a key.
    pub fn get(&self, key: &str) -> Option<&Field> {
        Some(&self.fields[self.get_index_of(key)?].1)
    }

    /// The field of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Field> {
        let at = self.get_index_of(key)?;
        Some(&mut self.fields[at].1)
    }

    /// Sets a field; one that is there keeps its place in the order.
    pub fn insert(&mut self, key: impl Into<Text>, field: Field) {
        let key = key.into();
        match self.get_mut(&key) {
            Some(known) => *known = field,
            None => self.push(key, field),
        }
    }

    /// The field of a key; what `make` makes if there is none.
    pub fn or_insert_with(
        &mut self,
        key: impl Into<Text>,
        make: impl FnOnce() -> Field,
    ) -> &mut Field {
        let key = key.into();
        let at = self.get_index_of(&key).unwrap_or_else(|| {
            self.push(key, make());
            self.fields.len() - 1
        });
        &mut self.fields[at].1
    }

    /// Sets a field if there is none of this key.
    pub fn or_insert(&mut self, key: impl Into<Text>, field: Field) {
        self.or_insert_with(key, || field);
    }

    fn push(&mut self, key: Text, field: Field) {
        match &mut self.index {
            Some(index) => {
                index.places.insert(key.clone(), self.fields.len());
            }
            // There are many small maps: none gets more room than it needs.
            None => self.fields.reserve_exact(1),
        }
        self.fields.push((key, field));
        if self.index.is_none() && self.fields.len() >= MANY {
            self.find_places();
        }
    }

    /// Finds the places of all keys anew.
    fn find_places(&mut self) {
        let keys = self.fields.iter().map(|(key, _)| key.clone());
        let places = keys.enumerate().map(|(at, key)| (key, at));
        self.index = (self.fields.len() >= MANY).then(|| {
            let places = places.collect();
            Box::new(Index { places })
        });
    }

    /// Takes a field out; those behind it move up.
    pub fn shift_remove(&mut self, key: &str) -> Option<Field> {
        let at = self.get_index_of(key)?;
        let (_, field) = self.fields.remove(at);
        self.find_places();
        Some(field)
    }

    /// Takes out the fields for which `holds` does not hold.
    pub fn retain(&mut self, mut holds: impl FnMut(&Text, &mut Field) -> bool) {
        let before = self.fields.len();
        self.fields.retain_mut(|(key, field)| holds(key, field));
        if self.fields.len() < before {
            self.find_places();
        }
    }

    /// The fields with their keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Field)> {
        self.fields.iter().map(|(key, field)| (key, field))
    }

    /// The fields with their keys, to change them.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&Text, &mut Field)> {
        self.fields.iter_mut().map(|(key, field)| (&*key, field))
    }

    /// The keys.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.fields.iter().map(|(key, _)| key)
    }

    /// The fields.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Field> {
        self.fields.iter().map(|(_, field)| field)
    }

    /// The fields, to change them.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Field> {
        self.fields.iter_mut().map(|(_, field)| field)
    }
}

impl Extend<(Text, Field)> for Fields {
    fn extend<I: IntoIterator<Item = (Text, Field)>>(&mut self, fields: I) {
        for (key, field) in fields {
            self.insert(key, field);
        }
    }
}

impl<K: Into<Text>> FromIterator<(K, Field)> for Fields {
    fn from_iter<I: IntoIterator<Item = (K, Field)>>(fields: I) -> Self {
        let fields = fields.into_iter();
        let mut made = Self::with_capacity(fields.size_hint().0);
        for (key, field) in fields {
            made.insert(key, field);
        }
        made
    }
}

impl IntoIterator for Fields {
    type Item = (Text, Field);
    type IntoIter = std::vec::IntoIter<(Text, Field)>;

    fn into_iter(self) -> Self::IntoIter {
        self.fields.into_iter()
    }
}

impl<'a> IntoIterator for &'a Fields {
    type Item = (&'a Text, &'a Field);
    type IntoIter = std::iter::Map<
        std::slice::Iter<'a, (Text, Field)>,
        fn(&'a (Text, Field)) -> (&'a Text, &'a Field),
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.fields.iter().map(|(key, field)| (key, field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::value::{Data, Value};
    use crate::source::{Sources, Span};
    use crate::yaml;

    fn field(number: usize) -> Field {
        let mut sources = Sources::default();
        let file = sources.add("a", "");
        let tree = yaml::parse(file, "a").expect("YAML");
        let span = Span::new(file, number..number);
        Field {
            key: span,
            value: Value::new(Data::Null, span, tree.documents()[0]),
        }
    }

    fn order(fields: &Fields) -> Vec<usize> {
        let numbers = fields.iter().map(|(key, field)| {
            assert_eq!(fields.get(key).expect("there").key, field.key);
            field.key.start as usize
        });
        numbers.collect()
    }

    #[test]
    fn few_and_many_fields_behave_alike() {
        for count in [3, MANY - 1, MANY, 3 * MANY] {
            let mut fields: Fields = (0..count).map(|n| (format!("k{n}"), field(n))).collect();
            assert_eq!(fields.index.is_some(), count >= MANY);
            assert_eq!(order(&fields), (0..count).collect::<Vec<_>>());
            assert_eq!(fields.get_index_of("k2"), Some(2));
            assert!(!fields.contains_key("k"));
            // One that is there keeps its place.
            fields.insert("k1", field(1000));
            fields.or_insert("k1", field(2000));
            assert_eq!(fields.or_insert_with("k1", || field(3000)).key.start, 1000);
            fields.insert("k1", field(1));
            assert!(fields.shift_remove("k1").is_some());
            assert!(fields.shift_remove("k1").is_none());
            fields.insert("k1", field(count));
            let moved: Vec<usize> = (0..=count).filter(|n| *n != 1).collect();
            assert_eq!(order(&fields), moved);
            fields.retain(|_, field| field.key.start % 2 == 0);
            let even: Vec<usize> = moved.into_iter().filter(|n| n % 2 == 0).collect();
            assert_eq!(order(&fields), even);
            assert_eq!(fields.index.is_some(), even.len() >= MANY);
        }
    }
}
