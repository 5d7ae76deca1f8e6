//! Shapes and log sources: which tool wrote a record, how that tool spells the fields, and which
//! Sigma log sources the record belongs to. All of it is data from `catalogues/fields/`.
//!
//! Two kinds of file. A **shape** says how to recognise one way of writing records and where its
//! fields are; a **table** says which log sources a record with certain values belongs to, and
//! which further names its fields go by there. Several shapes share a table.

use std::sync::{Arc, RwLock};

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use serde::Deserialize;

/// A mistake in the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file is not the YAML expected.
    #[error("cannot read {file}")]
    Yaml {
        /// Name of the file.
        file: String,
        /// What the parser said; it names line and column.
        source: yaml_serde::Error,
    },
    /// A shape names a table that no file defines.
    #[error("{file}: no table is called {table:?}")]
    NoTable {
        /// Name of the shape's file.
        file: String,
        /// The name that leads nowhere.
        table: String,
    },
    /// The catalogue asks for more than fits.
    #[error("{file}: {what} (at most {limit})")]
    TooMany {
        /// Name of the file.
        file: String,
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        limit: usize,
    },
}

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
    /// Further Sigma names of single paths.
    #[serde(default)]
    pub paths: std::collections::BTreeMap<Box<str>, OneOrMany>,
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
    fn iter(&self) -> impl Iterator<Item = &Scalar> {
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
    /// All entries that fit a record apply to it.
    pub entries: Vec<Entry>,
}

/// What holds of the records that have certain values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Sigma field → values, one of which it must have (letter case aside). All must fit.
    pub when: std::collections::BTreeMap<Box<str>, OneOrMany>,
    /// Product, where it is not the table's.
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
    pub aliases: std::collections::BTreeMap<Box<str>, OneOrMany>,
    /// Sigma field → value written → value that rules expect.
    #[serde(default)]
    pub values:
        std::collections::BTreeMap<Box<str>, std::collections::BTreeMap<Box<str>, Box<str>>>,
}

/// Number of a [`Kind`], dense from 0 within one [`Catalogue`].
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
    aliases: Vec<(Box<str>, Box<str>)>,
    /// Rules' name → value written → value rules expect.
    values: Vec<(Box<str>, Box<str>, Box<str>)>,
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

impl Shape {
    /// The shape of records that no file describes: fields as they are, no log source.
    fn of_anything() -> Self {
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
            paths: Default::default(),
            ignore: Vec::new(),
            tags: Tags::default(),
            time: ["timestamp", "@timestamp", "time", "ts"].map(Box::from).into(),
            host: ["host", "hostname", "host.name", "computer"].map(Box::from).into(),
            user: ["user", "username", "user.name"].map(Box::from).into(),
        }
    }

    /// Names of the field at `path` without the kind's aliases: the first is its own.
    fn names_of(&self, path: &str) -> Vec<String> {
        let path = self.suffixes.iter().find_map(|end| path.strip_suffix(&**end)).unwrap_or(path);
        let mut names = Vec::new();
        let mut add = |name: &str| {
            if !name.is_empty() && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        };
        let short = self.prefixes.iter().find_map(|prefix| strip(path, prefix)).unwrap_or(path);
        add(short);
        if let Some(more) = self.paths.get(path) {
            more.iter().for_each(|name| add(&name.0));
        }
        if short.contains(' ') {
            add(&short.replace(' ', ""));
        }
        add(path);
        names
    }
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

/// A log source that the user vouches for where the records themselves do not tell.
pub type Assumed = LogSource;

/// All shapes and tables, and the kinds met so far.
pub struct Catalogue {
    shapes: Vec<Arc<Shape>>,
    tables: HashMap<Box<str>, Table, RandomState>,
    select_paths: Vec<Box<str>>,
    /// For each shape: its selecting Sigma fields, each with indices into `select_paths`.
    selectors: Vec<Vec<Selector>>,
    marks: HashMap<Box<str>, u128, RandomState>,
    /// For each shape: alternatives, each a set of marks.
    requires: Vec<Vec<u128>>,
    known_words: HashMap<Box<str>, (), RandomState>,
    assumed: Assumed,
    kinds: RwLock<Kinds>,
}

/// A Sigma field that decides the log source, and the paths at which a shape may keep it.
#[derive(Debug)]
pub(crate) struct Selector {
    pub(crate) field: Box<str>,
    pub(crate) paths: Vec<u8>,
}

#[derive(Default)]
struct Kinds {
    by_key: HashMap<Vec<u32>, Arc<Kind>, RandomState>,
    all: Vec<Arc<Kind>>,
}

const MAX_MARKS: usize = 128;
const MAX_SELECT_PATHS: usize = 255;

impl Catalogue {
    /// Reads the files of a catalogue, each with its name and text.
    ///
    /// Errors: [`CatalogueError`], which names the file.
    pub fn parse<'f>(
        files: impl IntoIterator<Item = (&'f str, &'f str)>,
        assumed: Assumed,
    ) -> Result<Self, CatalogueError> {
        let mut shapes: Vec<(String, Shape)> = Vec::new();
        let mut tables: HashMap<Box<str>, Table, RandomState> = HashMap::default();
        for (name, text) in files {
            let yaml = |source| CatalogueError::Yaml { file: name.to_owned(), source };
            if text.lines().any(|line| line.starts_with("table:"))
                && !text.lines().any(|line| line.starts_with("shape:"))
            {
                let table: Table = yaml_serde::from_str(text).map_err(yaml)?;
                tables.insert(table.table.clone(), table);
            } else {
                shapes.push((name.to_owned(), yaml_serde::from_str(text).map_err(yaml)?));
            }
        }
        shapes.sort_by(|(_, a), (_, b)| {
            b.priority.cmp(&a.priority).then_with(|| a.shape.cmp(&b.shape))
        });
        let mut catalogue = Catalogue {
            shapes: Vec::new(),
            tables,
            select_paths: Vec::new(),
            selectors: Vec::new(),
            marks: HashMap::default(),
            requires: Vec::new(),
            known_words: HashMap::default(),
            assumed,
            kinds: RwLock::default(),
        };
        catalogue.learn_words();
        shapes.push((String::from("(built in)"), Shape::of_anything()));
        for (file, shape) in shapes {
            catalogue.add_shape(&file, shape)?;
        }
        Ok(catalogue)
    }

    fn learn_words(&mut self) {
        let lower = |word: &str| -> Box<str> { word.to_ascii_lowercase().into() };
        for table in self.tables.values() {
            for word in table.product.iter() {
                self.known_words.insert(lower(word), ());
            }
            for entry in &table.entries {
                let lists = entry.service.iter().chain(&entry.category);
                for word in lists.flat_map(OneOrMany::iter).map(|word| &word.0) {
                    self.known_words.insert(lower(word), ());
                }
                for word in entry.product.iter() {
                    self.known_words.insert(lower(word), ());
                }
            }
        }
    }

    fn add_shape(&mut self, file: &str, shape: Shape) -> Result<(), CatalogueError> {
        let too_many = |what, limit| CatalogueError::TooMany { file: file.to_owned(), what, limit };
        let mut alternatives = Vec::new();
        for list in &shape.requires {
            let mut all = 0u128;
            for path in list {
                let next = self.marks.len();
                let mark = *self
                    .marks
                    .entry(path.clone())
                    .or_insert_with(|| 1u128.checked_shl(next as u32).unwrap_or_default());
                if mark == 0 {
                    return Err(too_many("too many different required paths", MAX_MARKS));
                }
                all |= mark;
            }
            alternatives.push(all);
        }
        let selectors = self.selectors_of(file, &shape)?;
        if self.select_paths.len() > MAX_SELECT_PATHS {
            return Err(too_many("too many different selecting paths", MAX_SELECT_PATHS));
        }
        self.requires.push(alternatives);
        self.selectors.push(selectors);
        self.shapes.push(Arc::new(shape));
        Ok(())
    }

    fn selectors_of(&mut self, file: &str, shape: &Shape) -> Result<Vec<Selector>, CatalogueError> {
        let mut selectors = Vec::new();
        let mut fields: Vec<Box<str>> = Vec::new();
        if let Some(name) = &shape.table {
            let table = self.tables.get(name).ok_or_else(|| CatalogueError::NoTable {
                file: file.to_owned(),
                table: name.to_string(),
            })?;
            fields.extend(table.entries.iter().flat_map(|entry| entry.when.keys().cloned()));
            fields.sort();
            fields.dedup();
        }
        for field in fields {
            let mut paths: Vec<Box<str>> =
                shape.prefixes.iter().map(|prefix| format!("{prefix}{field}").into()).collect();
            paths.extend(
                shape
                    .paths
                    .iter()
                    .filter(|(_, names)| names.iter().any(|name| name.0 == field))
                    .map(|(path, _)| path.clone()),
            );
            let plain = paths.clone();
            for end in &shape.suffixes {
                paths.extend(plain.iter().map(|path| Box::from(format!("{path}{end}"))));
            }
            if shape.prefixes.is_empty() {
                paths.push(field.clone());
            }
            let paths = paths.iter().map(|path| self.select_path(path)).collect();
            selectors.push(Selector { field, paths });
        }
        let tags = [&shape.tags.product, &shape.tags.category, &shape.tags.service];
        for (name, tag) in TAG_FIELDS.into_iter().zip(tags) {
            if let Some(path) = tag {
                let path = self.select_path(path);
                selectors.push(Selector { field: name.into(), paths: vec![path] });
            }
        }
        Ok(selectors)
    }

    fn select_path(&mut self, path: &str) -> u8 {
        let at = self.select_paths.iter().position(|known| **known == *path).unwrap_or_else(|| {
            self.select_paths.push(path.into());
            self.select_paths.len() - 1
        });
        at.min(MAX_SELECT_PATHS - 1) as u8
    }

    /// Shapes in the order in which they are tried.
    pub fn shapes(&self) -> &[Arc<Shape>] {
        &self.shapes
    }

    /// All kinds met so far, in the order of their numbers.
    pub fn kinds(&self) -> Vec<Arc<Kind>> {
        self.kinds.read().unwrap_or_else(|poisoned| poisoned.into_inner()).all.clone()
    }

    pub(crate) fn roles_of(&self, path: &str) -> (u128, u8) {
        let mark = self.marks.get(path).copied().unwrap_or_default();
        let select = self.select_paths.iter().position(|known| **known == *path);
        (mark, select.map_or(0, |at| at as u8 + 1))
    }

    /// The first shape whose required paths are all among `marks`.
    pub(crate) fn shape_with(&self, marks: u128) -> Option<usize> {
        self.requires
            .iter()
            .position(|lists| lists.iter().any(|required| marks & required == *required))
    }

    pub(crate) fn selectors(&self, shape: usize) -> &[Selector] {
        &self.selectors[shape]
    }

    /// The kind of records of `shape` with these values for its selectors, in their order.
    pub(crate) fn kind(&self, shape: usize, values: &[Option<String>]) -> Arc<Kind> {
        let key = self.kind_key(shape, values);
        let kinds = self.kinds.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(kind) = kinds.by_key.get(&key) {
            return kind.clone();
        }
        drop(kinds);
        let mut kinds = self.kinds.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(kind) = kinds.by_key.get(&key) {
            return kind.clone();
        }
        let kind = Arc::new(self.make_kind(KindId(kinds.all.len() as u32), shape, &key, values));
        kinds.all.push(kind.clone());
        kinds.by_key.insert(key, kind.clone());
        kind
    }

    /// The kind of records that fit no shape at all.
    pub(crate) fn unknown_kind(&self) -> Arc<Kind> {
        match self.shapes.len() {
            0 => unreachable!("Catalogue::parse adds a shape that asks for nothing"),
            shapes => self.kind(shapes - 1, &[]),
        }
    }

    /// What the values come to: the shape, the entries that apply, and the tags that are known.
    fn kind_key(&self, shape: usize, values: &[Option<String>]) -> Vec<u32> {
        let mut key = vec![shape as u32];
        if let Some(table) = self.table_of(shape) {
            for (number, entry) in table.entries.iter().enumerate() {
                if self.applies(shape, entry, values) {
                    key.push(number as u32);
                }
            }
        }
        for tag in self.known_tags(shape, values).into_iter().flatten() {
            key.push(u32::MAX);
            key.extend(tag.bytes().map(u32::from));
        }
        key
    }

    fn table_of(&self, shape: usize) -> Option<&Table> {
        self.shapes[shape].table.as_ref().and_then(|name| self.tables.get(name))
    }

    fn applies(&self, shape: usize, entry: &Entry, values: &[Option<String>]) -> bool {
        entry.when.iter().all(|(field, wanted)| {
            let at = self.selectors[shape].iter().position(|selector| selector.field == *field);
            let value = at.and_then(|at| values.get(at)).and_then(Option::as_deref);
            value.is_some_and(|value| {
                wanted.iter().any(|wanted| wanted.0.eq_ignore_ascii_case(value))
            })
        })
    }

    fn known_tags(&self, shape: usize, values: &[Option<String>]) -> [Option<Box<str>>; 3] {
        TAG_FIELDS.map(|tag| {
            let at = self.selectors[shape].iter().position(|selector| *selector.field == *tag)?;
            let value = values.get(at)?.as_deref()?.to_ascii_lowercase();
            self.known_words.contains_key(value.as_str()).then(|| value.into())
        })
    }

    fn make_kind(&self, id: KindId, shape: usize, key: &[u32], values: &[Option<String>]) -> Kind {
        let own = &self.shapes[shape];
        let mut kind = Kind {
            id,
            shape: own.clone(),
            products: own.product.iter().cloned().collect(),
            services: own.service.iter().cloned().collect(),
            categories: own.category.iter().cloned().collect(),
            aliases: Vec::new(),
            values: Vec::new(),
        };
        let numbers = key[1..].iter().take_while(|number| **number != u32::MAX);
        if let Some(table) = self.table_of(shape) {
            for entry in numbers.filter_map(|number| table.entries.get(*number as usize)) {
                kind.products.extend(entry.product.iter().chain(&table.product).take(1).cloned());
                let words = |list: &Option<OneOrMany>| -> Vec<Box<str>> {
                    list.iter().flat_map(OneOrMany::iter).map(|word| word.0.clone()).collect()
                };
                kind.services.extend(words(&entry.service));
                kind.categories.extend(words(&entry.category));
                for (alias, own) in &entry.aliases {
                    kind.aliases.extend(own.iter().map(|own| (own.0.clone(), alias.clone())));
                }
                for (field, map) in &entry.values {
                    kind.values.extend(
                        map.iter().map(|(from, to)| (field.clone(), from.clone(), to.clone())),
                    );
                }
            }
        }
        let [product, category, service] = self.known_tags(shape, values);
        kind.products.extend(product);
        kind.categories.extend(category);
        kind.services.extend(service);
        if kind.is_unknown() {
            kind.products.extend(self.assumed.product.clone());
            kind.categories.extend(self.assumed.category.clone());
            kind.services.extend(self.assumed.service.clone());
        }
        for list in [&mut kind.products, &mut kind.services, &mut kind.categories] {
            list.iter_mut().for_each(|word| word.make_ascii_lowercase());
            list.sort();
            list.dedup();
        }
        kind
    }
}

/// Stand-ins for field names under which explicit tags are selected; no Sigma field has a blank.
const TAG_FIELDS: [&str; 3] = ["tag product", "tag category", "tag service"];
