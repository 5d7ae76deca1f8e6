//! Values to atoms: for one field, which tests may hold for this value.
//!
//! Each operator has the structure that suits it: whole values and numbers one look-up, starts
//! and ends one look-up for each length in use, substrings [`Grams`].

use std::borrow::Cow;

use event::Raw;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::{
    AtomId,
    grams::{self, Grams},
    required,
};
use crate::test::{Compare, Number, Place, Test, fold, number_in};

/// Something that must be true of a value's index form for a test to hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    Whole(String),
    Start(String),
    End(String),
    Inside(String),
    Number(Number),
    /// The value is not ASCII.
    Foreign,
    /// Nothing: every value has to be tested. Worth it only where values repeat.
    Every,
}

impl Key {
    fn shortest(&self) -> usize {
        match self {
            Key::Whole(text) | Key::Start(text) | Key::End(text) | Key::Inside(text) => text.len(),
            Key::Number(_) | Key::Every => 0,
            // Short values that are not ASCII are looked at anyway.
            Key::Foreign => usize::MAX,
        }
    }
}

/// Whether a byte can stand in the text of a number or truth value.
fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || b"+-.eEtrufals".contains(&byte)
}

/// Keys one of which is true of every value for which `test` holds; `None` if a value alone does
/// not tell.
pub(super) fn keys_of(test: &Test) -> Option<Vec<Key>> {
    let key = match test {
        Test::Text { place, text, cased: false } => text_key(*place, text),
        Test::Text { text, cased: true, .. } => inside_key(text),
        Test::Glob { glob, .. } => inside_key(glob.longest_text()),
        Test::Regex(pattern) => {
            let texts = required::texts(pattern.source());
            return Some(match texts {
                Some(texts) => texts.into_iter().map(Key::Inside).collect(),
                None => vec![Key::Every],
            });
        }
        Test::Number(Compare::Equal, number) => Key::Number(*number),
        Test::Truth(truth) => Key::Whole(truth.to_string()),
        Test::Number(..) | Test::Cidr(_) | Test::Time(..) => Key::Every,
        Test::Null | Test::Exists(_) | Test::FieldRef { .. } => return None,
    };
    Some(vec![key])
}

fn text_key(place: Place, text: &str) -> Key {
    let text = fold_for_index(text).into_owned();
    match place {
        Place::Whole => Key::Whole(text),
        Place::Start if !text.is_empty() => Key::Start(text),
        Place::End if !text.is_empty() => Key::End(text),
        Place::Inside if text.len() >= grams::SHORTEST => Key::Inside(text),
        Place::Inside if !text.is_ascii() => Key::Foreign,
        Place::Start | Place::End | Place::Inside => Key::Every,
    }
}

/// The key for a text that stands somewhere in the value. Only ASCII keeps its place when a
/// longer text around it is put in lower case.
fn inside_key(text: &str) -> Key {
    let runs = text.split(|c: char| !c.is_ascii());
    match runs.max_by_key(|run| run.len()) {
        Some(run) if run.len() >= grams::SHORTEST => Key::Inside(run.to_ascii_lowercase()),
        _ => Key::Every,
    }
}

/// The form of a value in which the index looks: lower case, the long s as `s`.
pub(crate) fn fold_for_index(text: &str) -> Cow<'_, str> {
    let folded = fold(text);
    if folded.is_ascii() || !folded.contains('\u{17f}') {
        return folded;
    }
    Cow::Owned(folded.replace('\u{17f}', "s"))
}

/// The tests of one field that can be looked up.
#[derive(Default)]
pub(crate) struct Index {
    whole: HashMap<Box<[u8]>, Box<[AtomId]>, RandomState>,
    numbers: HashMap<u64, Box<[AtomId]>, RandomState>,
    starts: Edges,
    ends: Edges,
    inside: Grams,
    foreign: Box<[AtomId]>,
    every: Box<[AtomId]>,
    empty: bool,
    /// Values shorter than this hold nothing that is sought.
    shortest: usize,
    /// Whether only substrings are sought, none of them a number.
    only_inside: bool,
}

impl Index {
    pub(super) fn new(keys: Vec<(Key, AtomId)>) -> Self {
        let mut whole: HashMap<Box<[u8]>, Vec<AtomId>, RandomState> = HashMap::default();
        let mut numbers: HashMap<u64, Vec<AtomId>, RandomState> = HashMap::default();
        let (mut starts, mut ends, mut inside) = (Vec::new(), Vec::new(), Vec::new());
        let (mut foreign, mut every) = (Vec::new(), Vec::new());
        let empty = keys.is_empty();
        let shortest = keys.iter().map(|(key, _)| key.shortest()).min().unwrap_or_default();
        let only_inside = keys
            .iter()
            .all(|(key, _)| matches!(key, Key::Inside(text) if !text.bytes().all(is_of_number)));
        for (key, atom) in keys {
            match key {
                Key::Whole(text) => whole.entry(text.into_bytes().into()).or_default().push(atom),
                Key::Number(number) => numbers.entry(number.bits()).or_default().push(atom),
                Key::Start(text) => starts.push((text.into_bytes(), atom)),
                Key::End(text) => ends.push((text.into_bytes(), atom)),
                Key::Inside(text) => inside.push((text.into_bytes().into(), atom)),
                Key::Foreign => foreign.push(atom),
                Key::Every => every.push(atom),
            }
        }
        Index {
            whole: whole.into_iter().map(|(key, list)| (key, list.into())).collect(),
            numbers: numbers.into_iter().map(|(key, list)| (key, list.into())).collect(),
            starts: Edges::new(starts, |text, length| &text[..length]),
            ends: Edges::new(ends, |text, length| &text[text.len() - length..]),
            inside: Grams::new(inside),
            foreign: foreign.into(),
            every: every.into(),
            empty,
            shortest,
            only_inside,
        }
    }

    /// Whether a value with this text, escapes unresolved, may hold something that is sought.
    /// Quick, and wrong only in saying yes too often.
    #[inline]
    pub(crate) fn may_find(&self, raw: Raw<'_>) -> bool {
        match raw {
            Raw::Text(text) if text.len() < self.shortest => !text.is_ascii(),
            Raw::Text(text) if self.only_inside => {
                self.inside.may_find(text.as_bytes()) || !text.is_ascii()
            }
            Raw::Number(_) | Raw::Bool(_) => !self.only_inside,
            Raw::Null | Raw::Container => false,
            Raw::Text(_) | Raw::Escaped(_) => true,
        }
    }

    /// The same, but only where it is quick to tell: other indices say yes.
    #[inline]
    pub(crate) fn may_find_in_short(&self, raw: Raw<'_>) -> bool {
        !self.empty && (!self.only_inside || self.may_find(raw))
    }

    /// Whether values of this length need no look.
    #[inline]
    pub(crate) fn skips(&self, raw: Raw<'_>) -> bool {
        match raw {
            _ if self.empty => true,
            Raw::Text(text) => text.len() < self.shortest && text.is_ascii(),
            Raw::Number(_) | Raw::Bool(_) => self.only_inside,
            Raw::Null | Raw::Container => true,
            Raw::Escaped(_) => false,
        }
    }

    /// Appends the atoms that may hold for a value with this text, given in its index form.
    pub(crate) fn find(&self, text: &str, out: &mut Vec<AtomId>) {
        let bytes = text.as_bytes();
        out.extend_from_slice(&self.every);
        if !self.foreign.is_empty() && !text.is_ascii() {
            out.extend_from_slice(&self.foreign);
        }
        if let Some(list) = self.whole.get(bytes) {
            out.extend_from_slice(list);
        }
        if !self.numbers.is_empty()
            && let Some(number) = number_in(text).and_then(Number::new)
            && let Some(list) = self.numbers.get(&number.bits())
        {
            out.extend_from_slice(list);
        }
        self.starts.find(bytes, |length| &bytes[..length], |text| bytes.starts_with(text), out);
        self.ends.find(
            bytes,
            |length| &bytes[bytes.len() - length..],
            |text| bytes.ends_with(text),
            out,
        );
        if !self.inside.is_empty() {
            self.inside.find(bytes, |atom| out.push(atom));
        }
    }
}

/// Texts sought at one end of a value, by up to eight bytes from that end.
#[derive(Default)]
struct Edges {
    /// One table for each length in use, at most [`Edges::LONGEST`].
    tables: Vec<(usize, EdgeTable)>,
}

/// Edge bytes → the texts with that edge, and their atoms.
type EdgeTable = HashMap<u64, Vec<(Box<[u8]>, AtomId)>, RandomState>;

impl Edges {
    const LONGEST: usize = 8;

    fn new(texts: Vec<(Vec<u8>, AtomId)>, edge: impl Fn(&[u8], usize) -> &[u8]) -> Self {
        let mut tables: Vec<(usize, EdgeTable)> = Vec::new();
        for (text, atom) in texts {
            let length = text.len().min(Self::LONGEST);
            let at = tables.iter().position(|(known, _)| *known == length).unwrap_or_else(|| {
                tables.push((length, HashMap::default()));
                tables.len() - 1
            });
            let key = edge_key(edge(&text, length));
            tables[at].1.entry(key).or_default().push((text.into(), atom));
        }
        Edges { tables }
    }

    #[inline]
    fn find<'v>(
        &self,
        value: &'v [u8],
        edge: impl Fn(usize) -> &'v [u8],
        stands: impl Fn(&[u8]) -> bool,
        out: &mut Vec<AtomId>,
    ) {
        for (length, table) in &self.tables {
            if value.len() < *length {
                continue;
            }
            if let Some(list) = table.get(&edge_key(edge(*length))) {
                out.extend(list.iter().filter(|(text, _)| stands(text)).map(|(_, atom)| *atom));
            }
        }
    }
}

/// Up to eight bytes as a number.
#[inline]
fn edge_key(bytes: &[u8]) -> u64 {
    let mut key = [0; 8];
    let length = bytes.len().min(8);
    key[..length].copy_from_slice(&bytes[..length]);
    u64::from_le_bytes(key)
}
