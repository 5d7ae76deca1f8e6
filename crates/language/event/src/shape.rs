//! The files of the catalogue as they are written: shapes (how one tool writes records) and
//! tables (which log sources a record with certain values belongs to).

use std::collections::BTreeMap;

use serde::Deserialize;

/// One way of writing records.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Name, unique in the catalogue.
    pub shape: Box<str>,
    /// What a person calls it.
    pub title: Box<str>,
    /// Grows with each change of the file.
    pub version: u32,
    /// Date from which the file describes what is written, `YYYY-MM-DD`.
    pub effective: Box<str>,
    /// Where the facts come from.
    #[serde(default)]
    pub source: Box<str>,
    /// Shapes are tried from the highest to the lowest.
    pub priority: i32,
    /// A record has this shape when it has all paths of one of these lists.
    pub requires: Vec<Vec<Box<str>>>,
    /// Name of the table of log sources.
    #[serde(default)]
    pub table: Option<Box<str>>,
    /// Product of every record of this shape.
    #[serde(default)]
    pub product: Option<Box<str>>,
    /// Service of every record of this shape.
    #[serde(default)]
    pub service: Option<Box<str>>,
    /// Category of every record of this shape.
    #[serde(default)]
    pub category: Option<Box<str>>,
    /// A field's Sigma name is its path without the first of these that fits; `*` stands for
    /// one part of the path.
    #[serde(default)]
    pub prefixes: Vec<Box<str>>,
    /// Endings taken off paths, for example `.#text`.
    #[serde(default)]
    pub suffixes: Vec<Box<str>>,
    /// The first letter of a name whose prefix was taken off is put in upper case.
    #[serde(default)]
    pub capitals: bool,
    /// Further Sigma names of single paths.
    #[serde(default)]
    pub paths: BTreeMap<Box<str>, OneOrMany>,
    /// Where the fields stand that the table asks for, best first, if not simply below one of the
    /// prefixes: a field of the event's own data may bear the same name.
    #[serde(default)]
    pub select: BTreeMap<Box<str>, OneOrMany>,
    /// Keys whose text may be a JSON object, which is then read in place of the text: see
    /// [`crate::Reader::unnest`].
    #[serde(default)]
    pub nested: Vec<Box<str>>,
    /// Paths that are no content: keywords do not look there.
    #[serde(default)]
    pub ignore: Vec<Box<str>>,
    /// Paths at which other tools have already written a log source down.
    #[serde(default)]
    pub tags: Tags,
    /// Paths of the time of the event, best first.
    #[serde(default)]
    pub time: Vec<Box<str>>,
    /// Paths of the name of the device, best first.
    #[serde(default)]
    pub host: Vec<Box<str>>,
    /// Paths of the name of the user, best first.
    #[serde(default)]
    pub user: Vec<Box<str>>,
}

/// One text, or a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(Scalar),
    /// Several.
    Many(Vec<Scalar>),
}

impl OneOrMany {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Scalar> {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one).iter(),
            OneOrMany::Many(many) => many.iter(),
        }
    }
}

/// A word or a whole number, as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scalar(pub Box<str>);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Truth(bool),
            Text(Box<str>),
        }
        Ok(Scalar(match Written::deserialize(deserializer)? {
            Written::Number(number) => number.to_string().into(),
            Written::Truth(truth) => truth.to_string().into(),
            Written::Text(text) => text,
        }))
    }
}

/// Paths of a log source that the sender wrote into the record.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tags {
    /// Path of the product.
    #[serde(default)]
    pub product: Option<Box<str>>,
    /// Path of the category.
    #[serde(default)]
    pub category: Option<Box<str>>,
    /// Path of the service.
    #[serde(default)]
    pub service: Option<Box<str>>,
}

/// Log sources by the values that tell them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Name, unique in the catalogue.
    pub table: Box<str>,
    /// What a person calls it.
    pub title: Box<str>,
    /// Grows with each change of the file.
    pub version: u32,
    /// Date from which the file describes what is written, `YYYY-MM-DD`.
    pub effective: Box<str>,
    /// Where the facts come from.
    #[serde(default)]
    pub source: Box<str>,
    /// Product of every entry that names none.
    #[serde(default)]
    pub product: Option<Box<str>>,
    /// Further products, categories and services that senders may name in their tags.
    #[serde(default)]
    pub words: Vec<Box<str>>,
    /// All entries that fit a record apply to it.
    #[serde(default)]
    pub entries: Vec<Entry>,
}

/// What holds of the records that have certain values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Sigma field → values, one of which it must have (letter case aside). All must fit.
    pub when: BTreeMap<Box<str>, OneOrMany>,
    /// Product, where it is neither the shape's nor the table's: it stands instead of theirs.
    #[serde(default)]
    pub product: Option<Box<str>>,
    /// Services the record belongs to.
    #[serde(default)]
    pub service: Option<OneOrMany>,
    /// Categories the record belongs to.
    #[serde(default)]
    pub category: Option<OneOrMany>,
    /// Sigma field of rules → names of fields of this record that mean the same.
    #[serde(default)]
    pub aliases: BTreeMap<Box<str>, OneOrMany>,
    /// Sigma field → value written → value that rules expect.
    #[serde(default)]
    pub values: BTreeMap<Box<str>, BTreeMap<Box<str>, Box<str>>>,
}

impl Shape {
    /// The shape of records that no file describes: fields as they are, no log source.
    pub(crate) fn of_anything() -> Self {
        Shape {
            shape: "unknown".into(),
            title: "records of an unknown tool".into(),
            version: 1,
            effective: "2026-11-24".into(),
            source: "".into(),
            priority: i32::MIN,
            requires: vec![Vec::new()],
            table: None,
            product: None,
            service: None,
            category: None,
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            capitals: false,
            paths: BTreeMap::new(),
            select: BTreeMap::new(),
            nested: Vec::new(),
            ignore: Vec::new(),
            tags: Tags::default(),
            time: ["timestamp", "@timestamp", "time", "ts"].map(Box::from).into(),
            host: ["host", "hostname", "host.name", "computer"].map(Box::from).into(),
            user: ["user", "username", "user.name"].map(Box::from).into(),
        }
    }

    /// Names of the field at `path` without the kind's aliases: the first is its own.
    pub(crate) fn names_of(&self, path: &str) -> Vec<String> {
        let path = self.suffixes.iter().find_map(|end| path.strip_suffix(&**end)).unwrap_or(path);
        let mut names = Vec::new();
        let mut add = |name: &str| {
            if !name.is_empty() && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        };
        let short = self.prefixes.iter().find_map(|prefix| strip(path, prefix)).unwrap_or(path);
        let capital = (self.capitals && short.len() < path.len()).then(|| capitalised(short));
        let short = capital.as_deref().unwrap_or(short);
        add(short);
        if let Some(more) = self.paths.get(path) {
            more.iter().for_each(|name| add(&name.0));
        }
        if short.contains(' ') {
            add(&short.replace(' ', ""));
            add(&short.replace(' ', "_"));
        }
        add(path);
        names
    }
}

impl Shape {
    /// Paths at which a record of this shape may keep the field that rules call `field`.
    pub(crate) fn paths_of(&self, field: &str) -> Vec<Box<str>> {
        if let Some(paths) = self.select.get(field) {
            return paths.iter().map(|path| path.0.clone()).collect();
        }
        let mut paths: Vec<Box<str>> = Vec::new();
        for prefix in self.prefixes.iter().filter(|prefix| !prefix.contains('*')) {
            if self.capitals && !prefix.is_empty() {
                paths.push(format!("{prefix}{}", lowered(field)).into());
            } else {
                paths.push(format!("{prefix}{field}").into());
            }
        }
        let named = |names: &OneOrMany| names.iter().any(|name| *name.0 == *field);
        paths.extend(self.paths.iter().filter(|(_, names)| named(names)).map(|(p, _)| p.clone()));
        let plain = paths.clone();
        for end in &self.suffixes {
            paths.extend(plain.iter().map(|path| Box::from(format!("{path}{end}"))));
        }
        if self.prefixes.is_empty() {
            paths.push(field.into());
        }
        paths
    }
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn lowered(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
}

/// `path` without `prefix`, in which `*` stands for one part.
fn strip<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    match prefix.split_once('*') {
        None => path.strip_prefix(prefix),
        Some((before, after)) => {
            let rest = path.strip_prefix(before)?;
            let part = rest.find('.')?;
            rest[part..].strip_prefix(after)
        }
    }
}
