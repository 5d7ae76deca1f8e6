//! Log sources, and the kinds of records that share them. A kind also knows by which names rules
//! may ask for its fields.

use std::sync::Arc;

use crate::Shape;

/// A Sigma log source. Unset parts stand for "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogSource {
    /// For example `windows`.
    pub product: Option<Box<str>>,
    /// For example `process_creation`.
    pub category: Option<Box<str>>,
    /// For example `sysmon`.
    pub service: Option<Box<str>>,
}

impl std::fmt::Display for LogSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [&self.product, &self.category, &self.service];
        let mut parts = parts.into_iter().flatten().peekable();
        if parts.peek().is_none() {
            return f.write_str("any");
        }
        for (at, part) in parts.enumerate() {
            f.write_str(if at == 0 { "" } else { "/" })?;
            f.write_str(part)?;
        }
        Ok(())
    }
}

/// Number of a [`Kind`], dense from 0 within one [`Catalogue`](crate::Catalogue).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KindId(pub u32);

/// Records that belong to the same log sources and spell their fields alike.
#[derive(Debug)]
pub struct Kind {
    /// Number, for tables with one entry a kind.
    pub id: KindId,
    /// The shape all of them have.
    pub shape: Arc<Shape>,
    /// Products, services and categories it belongs to, in lower case.
    pub products: Vec<Box<str>>,
    /// Services, in lower case.
    pub services: Vec<Box<str>>,
    /// Categories, in lower case.
    pub categories: Vec<Box<str>>,
    /// Name the record uses → names rules may use for it.
    pub(crate) aliases: Vec<(Box<str>, Box<str>)>,
    /// Rules' name → value written → value rules expect.
    pub(crate) values: Vec<(Box<str>, Box<str>, Box<str>)>,
}

impl Kind {
    /// Whether a rule for `source` is meant for records of this kind.
    pub fn belongs_to(&self, source: &LogSource) -> bool {
        fn fits(wanted: &Option<Box<str>>, have: &[Box<str>]) -> bool {
            wanted
                .as_ref()
                .is_none_or(|wanted| have.iter().any(|one| one.eq_ignore_ascii_case(wanted)))
        }
        fits(&source.product, &self.products)
            && fits(&source.category, &self.categories)
            && fits(&source.service, &self.services)
    }

    /// Whether nothing is known of where the record comes from.
    pub fn is_unknown(&self) -> bool {
        self.products.is_empty() && self.services.is_empty() && self.categories.is_empty()
    }

    /// All names by which rules may ask for the field at `path`: the first is its own.
    pub fn names_of(&self, path: &str) -> Vec<String> {
        let mut names = self.shape.names_of(path);
        for at in 0..names.len() {
            for (own, alias) in &self.aliases {
                if *names[at] == **own && !names.iter().any(|name| **name == **alias) {
                    names.push(alias.to_string());
                }
            }
        }
        names
    }

    /// The value rules expect where the record writes `value` for `field`, if it differs.
    pub fn value_for(&self, field: &str, value: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(name, written, _)| **name == *field && written.eq_ignore_ascii_case(value))
            .map(|(_, _, expected)| &**expected)
    }

    /// Rules' names whose values are translated before rules see them.
    pub fn translated_fields(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|(name, _, _)| &**name)
    }

    /// Products, categories and services joined for people, for example
    /// `windows process_creation registry_event sysmon`.
    pub fn label(&self) -> String {
        let all = self.products.iter().chain(&self.categories).chain(&self.services);
        let words: Vec<&str> = all.map(|word| &**word).collect();
        if words.is_empty() { format!("unknown ({})", self.shape.shape) } else { words.join(" ") }
    }
}
