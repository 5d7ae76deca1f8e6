//! Shapes and log sources: which tool wrote a record, how that tool spells the fields, and which
//! Sigma log sources the record belongs to. All of it is data from `catalogues/fields/`.
//!
//! Two kinds of file. A **shape** says how to recognise one way of writing records and where its
//! fields are; a **table** says which log sources a record with certain values belongs to, and
//! which further names its fields go by there. Several shapes share a table.

use std::sync::{Arc, RwLock};

use foldhash::fast::RandomState;
use hashbrown::HashMap;

pub use crate::{
    kind::{Kind, KindId, LogSource},
    shape::{Entry, OneOrMany, Scalar, Shape, Table, Tags},
};

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
    /// Two files define a shape or a table of the same name.
    #[error("{file}: another file defines {name:?} too")]
    Twice {
        /// Name of the second file.
        file: String,
        /// The name that is taken.
        name: String,
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

/// A log source that the user vouches for where the records themselves do not tell.
pub type Assumed = LogSource;

/// All shapes and tables, and the kinds met so far.
pub struct Catalogue {
    shapes: Vec<Arc<Shape>>,
    tables: HashMap<Box<str>, Table, RandomState>,
    select_paths: Vec<Box<str>>,
    /// For each shape: its selecting Sigma fields, each with indices into `select_paths`.
    selectors: Vec<Vec<Selector>>,
    /// Required path → its mark, from 1.
    marks: HashMap<Box<str>, u16, RandomState>,
    /// For each shape: alternatives, each a set of marks.
    requires: Vec<Vec<Marks>>,
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

/// A set of required paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Marks([u64; MAX_MARKS / 64]);

impl Marks {
    /// Adds the mark with this number, counted from 1.
    #[inline]
    pub(crate) fn add(&mut self, mark: u16) {
        let bit = usize::from(mark - 1);
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    fn holds_all_of(&self, required: &Marks) -> bool {
        self.0.iter().zip(&required.0).all(|(have, wanted)| have & wanted == *wanted)
    }
}

const MAX_MARKS: usize = 512;
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
        for (file, text) in files {
            let yaml = |source| CatalogueError::Yaml { file: file.to_owned(), source };
            if text.lines().any(|line| line.starts_with("table:"))
                && !text.lines().any(|line| line.starts_with("shape:"))
            {
                let table: Table = yaml_serde::from_str(text).map_err(yaml)?;
                if tables.contains_key(&table.table) {
                    let name = table.table.to_string();
                    return Err(CatalogueError::Twice { file: file.to_owned(), name });
                }
                tables.insert(table.table.clone(), table);
            } else {
                let shape: Shape = yaml_serde::from_str(text).map_err(yaml)?;
                if shapes.iter().any(|(_, known)| known.shape == shape.shape) {
                    let name = shape.shape.to_string();
                    return Err(CatalogueError::Twice { file: file.to_owned(), name });
                }
                shapes.push((file.to_owned(), shape));
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
        catalogue.learn_words(shapes.iter().map(|(_, shape)| shape));
        shapes.push((String::from("(built in)"), Shape::of_anything()));
        for (file, shape) in shapes {
            catalogue.add_shape(&file, shape)?;
        }
        Ok(catalogue)
    }

    /// The words that tags may bring in: all that the catalogue itself uses.
    fn learn_words<'s>(&mut self, shapes: impl Iterator<Item = &'s Shape>) {
        let mut learn = |word: &str| {
            self.known_words.insert(word.to_ascii_lowercase().into(), ());
        };
        for shape in shapes {
            let words = shape.product.iter().chain(&shape.category).chain(&shape.service);
            words.for_each(|word| learn(word));
        }
        for table in self.tables.values() {
            table.product.iter().chain(&table.words).for_each(|word| learn(word));
            for entry in &table.entries {
                let lists = entry.service.iter().chain(&entry.category);
                lists.flat_map(OneOrMany::iter).for_each(|word| learn(&word.0));
                entry.product.iter().for_each(|word| learn(word));
            }
        }
    }

    fn add_shape(&mut self, file: &str, shape: Shape) -> Result<(), CatalogueError> {
        let too_many = |what, limit| CatalogueError::TooMany { file: file.to_owned(), what, limit };
        let mut alternatives = Vec::new();
        for list in &shape.requires {
            let mut all = Marks::default();
            for path in list {
                let next = self.marks.len() + 1;
                let mark = *self.marks.entry(path.clone()).or_insert(next as u16);
                if usize::from(mark) > MAX_MARKS {
                    return Err(too_many("too many different required paths", MAX_MARKS));
                }
                all.add(mark);
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
            let paths = shape.paths_of(&field);
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

    pub(crate) fn roles_of(&self, path: &str) -> (u16, u8) {
        let mark = self.marks.get(path).copied().unwrap_or_default();
        let select = self.select_paths.iter().position(|known| **known == *path);
        (mark, select.map_or(0, |at| at as u8 + 1))
    }

    /// The first shape whose required paths are all among `marks`.
    pub(crate) fn shape_with(&self, marks: &Marks) -> Option<usize> {
        self.requires
            .iter()
            .position(|lists| lists.iter().any(|required| marks.holds_all_of(required)))
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
            products: Vec::new(),
            services: own.service.iter().cloned().collect(),
            categories: own.category.iter().cloned().collect(),
            aliases: Vec::new(),
            values: Vec::new(),
        };
        let numbers = key[1..].iter().take_while(|number| **number != u32::MAX);
        if let Some(table) = self.table_of(shape) {
            for entry in numbers.filter_map(|number| table.entries.get(*number as usize)) {
                kind.products.extend(entry.product.clone());
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
        if kind.products.is_empty() {
            let tables = self.table_of(shape).and_then(|table| table.product.clone());
            kind.products.extend(own.product.clone().or(tables));
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
