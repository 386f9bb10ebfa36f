//! Label sets.

use std::fmt;

/// The name of the label that holds the metric's name.
pub(super) const NAME: &str = "__name__";

/// A label set, sorted by name; an empty value is the same as no label.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// From pairs in any order; of two with one name the later wins.
    pub fn new<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut labels = Self::default();
        for (name, value) in pairs {
            labels.set(&name.into(), value.into());
        }
        labels
    }

    /// A label's value; the empty string where it is not there.
    pub fn get(&self, name: &str) -> &str {
        match self.find(name) {
            Ok(index) => &self.0[index].1,
            Err(_) => "",
        }
    }

    /// All pairs, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Sets a label; an empty value removes it.
    pub fn set(&mut self, name: &str, value: String) {
        match (self.find(name), value.is_empty()) {
            (Ok(index), true) => {
                self.0.remove(index);
            }
            (Ok(index), false) => self.0[index].1 = value,
            (Err(_), true) => {}
            (Err(index), false) => self.0.insert(index, (name.to_owned(), value)),
        }
    }

    /// Without the metric's name.
    #[must_use]
    pub fn nameless(mut self) -> Self {
        self.set(NAME, String::new());
        self
    }

    /// Only these labels.
    #[must_use]
    pub fn only(&self, names: &[String]) -> Self {
        Self(self.0.iter().filter(|(name, _)| names.contains(name)).cloned().collect())
    }

    /// All but these labels.
    #[must_use]
    pub fn except(&self, names: &[String]) -> Self {
        Self(self.0.iter().filter(|(name, _)| !names.contains(name)).cloned().collect())
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.as_str().cmp(name))
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        write!(formatter, "{{{}}}", pairs.join(", "))
    }
}
