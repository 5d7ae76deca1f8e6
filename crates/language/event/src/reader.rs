//! Records read, recognised and sorted into kinds. One reader a thread; the catalogue is shared.

use std::{borrow::Cow, sync::Arc};

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use terms::{Timestamp, parse_time};

use crate::{Catalogue, Damage, Field, Kind, KindId, Names, Raw, catalogue::Marks, json, nested};

/// Reads records one by one and remembers what they have in common.
pub struct Reader {
    catalogue: Arc<Catalogue>,
    names: Names,
    /// Marks → shape, for the combinations met.
    shapes: HashMap<Marks, Option<usize>, RandomState>,
    last_shape: Option<(Marks, Option<usize>)>,
    /// Selecting values → kind. The kinds themselves are in `met`, by number, so that the
    /// threads do not fight over their reference counts.
    kinds: HashMap<Box<[u8]>, KindId, RandomState>,
    met: Vec<Option<Arc<Kind>>>,
    unknown: Option<KindId>,
    key: Vec<u8>,
    /// Positions of fields at selecting paths in the record at hand: (select, position).
    selected: Vec<(u8, u32)>,
}

/// A record that was read: its fields, what they are called and what kind it is.
#[derive(Clone, Copy)]
pub struct Event<'e, 'a> {
    /// Fields in the order of the record.
    pub fields: &'e [Field<'a>],
    /// Names of the paths.
    pub names: &'e Names,
    /// Log sources and spelling.
    pub kind: &'e Arc<Kind>,
}

/// Combinations of marks remembered.
const MAX_MARK_KEYS: usize = 1 << 12;
/// Values longer than this select nothing: no table asks for one so long.
const MAX_SELECT_BYTES: usize = 512;
/// Kinds remembered by their selecting values; hostile input cannot grow this further.
const MAX_KIND_KEYS: usize = 1 << 14;

impl Reader {
    /// A reader with nothing learnt yet.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Reader {
            catalogue,
            names: Names::default(),
            shapes: HashMap::default(),
            last_shape: None,
            kinds: HashMap::default(),
            met: Vec::new(),
            unknown: None,
            key: Vec::new(),
            selected: Vec::new(),
        }
    }

    /// The names read so far.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The shapes and log sources known.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Reads one JSON object into `fields`, which is cleared first, and tells its kind.
    ///
    /// Errors: [`Damage`]; the reader can go on with the next record.
    pub fn json<'a>(
        &mut self,
        line: &'a [u8],
        fields: &mut Vec<Field<'a>>,
    ) -> Result<KindId, Damage> {
        self.json_text(text(line)?, fields)
    }

    /// The same for text.
    ///
    /// Errors: [`Damage`]; the reader can go on with the next record.
    pub fn json_text<'a>(
        &mut self,
        text: &'a str,
        fields: &mut Vec<Field<'a>>,
    ) -> Result<KindId, Damage> {
        fields.clear();
        self.names.tidy();
        json::scan(text, &self.catalogue, &mut self.names, fields)?;
        Ok(self.kind_of(fields))
    }

    /// For a record of a kind whose shape has `nested` keys: appends it to `out` with the objects
    /// that stand there as text put in place of the text, ready for [`Reader::json`]. `false`, and
    /// nothing appended, for all other records and where there is nothing to replace.
    pub fn unnest(&self, kind: KindId, line: &[u8], out: &mut Vec<u8>) -> bool {
        let keys = &self.kind(kind).shape.nested;
        !keys.is_empty() && nested::unnest(&self.catalogue, keys, line, out)
    }

    /// The kind with this number, which this reader has returned before.
    pub fn kind(&self, id: KindId) -> &Arc<Kind> {
        let kind = self.met.get(id.0 as usize).and_then(Option::as_ref);
        kind.expect("a reader returns only kinds it has met")
    }

    /// What was read, for those who ask for values by name.
    pub fn event<'e, 'a>(&'e self, kind: KindId, fields: &'e [Field<'a>]) -> Event<'e, 'a> {
        Event { fields, names: &self.names, kind: self.kind(kind) }
    }

    fn kind_of(&mut self, fields: &[Field<'_>]) -> KindId {
        let mut marks = Marks::default();
        self.selected.clear();
        for (at, field) in fields.iter().enumerate() {
            let mark = self.names.mark(field.path);
            if mark != 0 {
                marks.add(mark);
            }
            let select = self.names.select(field.path);
            if select != 0 {
                self.selected.push((select - 1, at as u32));
            }
        }
        let Some(shape) = self.shape(marks) else { return self.unknown_kind() };
        self.key.clear();
        self.key.extend((shape as u32).to_le_bytes());
        for selector in self.catalogue.selectors(shape) {
            if let Some(raw) = selected_value(&self.selected, &selector.paths, fields) {
                self.key.push(raw_tag(raw));
                self.key.extend(raw.bytes());
            }
            self.key.push(0xff);
        }
        if let Some(&kind) = self.kinds.get(self.key.as_slice()) {
            return kind;
        }
        self.new_kind(shape, fields)
    }

    #[cold]
    fn new_kind(&mut self, shape: usize, fields: &[Field<'_>]) -> KindId {
        let values: Vec<Option<String>> = self
            .catalogue
            .selectors(shape)
            .iter()
            .map(|selector| {
                let raw = selected_value(&self.selected, &selector.paths, fields)?;
                raw.text().map(Cow::into_owned)
            })
            .collect();
        let kind = self.catalogue.kind(shape, &values);
        let kind = self.meet(kind);
        if self.kinds.len() >= MAX_KIND_KEYS {
            self.kinds.clear();
        }
        self.kinds.insert(self.key.as_slice().into(), kind);
        kind
    }

    fn shape(&mut self, marks: Marks) -> Option<usize> {
        if let Some((last, shape)) = &self.last_shape
            && *last == marks
        {
            return *shape;
        }
        let catalogue = &self.catalogue;
        if self.shapes.len() >= MAX_MARK_KEYS {
            self.shapes.clear();
        }
        let shape = *self.shapes.entry(marks).or_insert_with(|| catalogue.shape_with(&marks));
        self.last_shape = Some((marks, shape));
        shape
    }

    fn meet(&mut self, kind: Arc<Kind>) -> KindId {
        let id = kind.id;
        if self.met.len() <= id.0 as usize {
            self.met.resize(id.0 as usize + 1, None);
        }
        self.met[id.0 as usize] = Some(kind);
        id
    }

    /// For records that fit no shape. The last shape of the catalogue asks for nothing, so this
    /// is met only with a catalogue that lacks such a shape.
    fn unknown_kind(&mut self) -> KindId {
        match self.unknown {
            Some(kind) => kind,
            None => {
                let kind = self.catalogue.unknown_kind();
                let kind = self.meet(kind);
                self.unknown = Some(kind);
                kind
            }
        }
    }
}

/// The bytes of a record as text.
///
/// Errors: [`Damage::Utf8`].
pub fn text(line: &[u8]) -> Result<&str, Damage> {
    std::str::from_utf8(line).map_err(|e| Damage::Utf8(e.valid_up_to()))
}

fn raw_tag(raw: Raw<'_>) -> u8 {
    match raw {
        Raw::Text(_) | Raw::Bool(_) => b't',
        // Apart from text: the number 1.0 is 1, the text "1.0" is not.
        Raw::Number(_) => b'n',
        Raw::Escaped(_) => b'e',
        Raw::Null | Raw::Container => b'0',
    }
}

/// The value at the first of `paths` that the record has.
fn selected_value<'a>(
    selected: &[(u8, u32)],
    paths: &[u8],
    fields: &[Field<'a>],
) -> Option<Raw<'a>> {
    paths.iter().find_map(|path| {
        selected
            .iter()
            .filter(|(select, _)| select == path)
            .map(|(_, at)| fields[*at as usize].raw)
            .find(|raw| !matches!(raw, Raw::Null | Raw::Container))
            .filter(|raw| raw.bytes().len() <= MAX_SELECT_BYTES)
    })
}

impl<'a> Event<'_, 'a> {
    /// The first value of the field that rules call `name`.
    pub fn value(&self, name: &str) -> Option<Raw<'a>> {
        self.values(name).next()
    }

    /// All values of the field that rules call `name`.
    pub fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = Raw<'a>> + 's {
        self.fields
            .iter()
            .filter(move |field| {
                let names = self.kind.names_of(self.names.text(field.path));
                names.iter().any(|known| known == name)
            })
            .map(|field| field.raw)
    }

    /// When it happened, from the first readable of the shape's times.
    pub fn time(&self) -> Option<Timestamp> {
        self.texts_at(&self.kind.shape.time).find_map(|text| parse_time(&text).ok())
    }

    /// On which device.
    pub fn host(&self) -> Option<Cow<'a, str>> {
        self.texts_at(&self.kind.shape.host).find(|text| meaningful(text))
    }

    /// By which user.
    pub fn user(&self) -> Option<Cow<'a, str>> {
        self.texts_at(&self.kind.shape.user).find(|text| meaningful(text))
    }

    fn texts_at<'s>(&'s self, paths: &'s [Box<str>]) -> impl Iterator<Item = Cow<'a, str>> + 's {
        paths
            .iter()
            .filter_map(|path| self.names.find(path))
            .filter_map(|path| self.fields.iter().find(|field| field.path == path))
            .filter_map(|field| field.raw.text())
    }
}

fn meaningful(text: &str) -> bool {
    !matches!(text.trim(), "" | "-" | "N/A")
}
