//! What a field is called: dotted paths as small numbers.
//!
//! Records of one kind name the same fields in the same order, so the names are kept as a walk:
//! a step for each key, with the key that came next last time tried first. In the steady state
//! finding the number of a field costs one comparison of its key.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::catalogue::Catalogue;

/// Number of a dotted path within one [`Names`], valid until [`Names::generation`] changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathId(u32);

impl PathId {
    /// The record as a whole: the parent of every top-level field.
    pub const ROOT: PathId = PathId(0);

    /// For indexing tables with one entry a path.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A place in the walk through the keys of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step(u32);

impl Step {
    /// Before the first key.
    pub const START: Step = Step(0);
    /// Off the walk: names are looked up one by one.
    const OFF: Step = Step(u32::MAX);
}

/// Paths beyond this number make [`Names::tidy`] start afresh.
const MAX_PATHS: usize = 1 << 16;
/// Steps beyond this number are not remembered.
const MAX_STEPS: usize = 1 << 16;

/// Keys that may follow one step; hostile input cannot make the search for one longer.
const MAX_EDGES: usize = 64;
/// A path is cut off after this many bytes, so that long keys with many members stay small.
const MAX_PATH_BYTES: usize = 1024;

/// The paths seen so far.
pub struct Names {
    paths: Vec<Path>,
    by_text: HashMap<Box<str>, PathId, RandomState>,
    steps: Vec<Vec<Edge>>,
    generation: u64,
}

struct Path {
    text: Box<str>,
    mark: u16,
    select: u8,
}

struct Edge {
    parent: PathId,
    key: Box<[u8]>,
    /// None if a record cannot write the key as it is: it holds a quote or a backslash.
    written: Option<Written>,
    path: PathId,
    next: Step,
}

/// A key as records write it, with the quote and the colon after it: most are known from one
/// comparison of a word.
struct Written {
    head: u128,
    /// The bits of `head` that count.
    mask: u128,
    /// What does not fit into `head`.
    tail: Box<[u8]>,
    length: usize,
}

impl Written {
    fn new(key: &[u8]) -> Option<Self> {
        if key.iter().any(|byte| matches!(byte, b'"' | b'\\')) {
            return None;
        }
        let text = [key, b"\":"].concat();
        let (head, tail) = text.split_at(text.len().min(size_of::<u128>()));
        let word = |bytes: &mut dyn Iterator<Item = u8>| {
            let mut word = [0; size_of::<u128>()];
            word.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
            u128::from_le_bytes(word)
        };
        Some(Written {
            head: word(&mut head.iter().copied()),
            mask: word(&mut head.iter().map(|_| u8::MAX)),
            tail: tail.into(),
            length: text.len(),
        })
    }

    /// Whether `rest` starts so. Wrong only near the end of a record, where it says no.
    #[inline]
    fn starts(&self, rest: &[u8]) -> bool {
        let Some((head, rest)) = rest.split_first_chunk() else { return false };
        (u128::from_le_bytes(*head) ^ self.head) & self.mask == 0
            && (self.tail.is_empty() || rest.starts_with(&self.tail))
    }
}

impl Default for Names {
    fn default() -> Self {
        let mut names = Names {
            paths: Vec::new(),
            by_text: HashMap::default(),
            steps: Vec::new(),
            generation: 0,
        };
        names.clear();
        names
    }
}

impl Names {
    /// The dotted path, for example `winlog.event_data.Image`.
    pub fn text(&self, path: PathId) -> &str {
        &self.paths[path.index()].text
    }

    /// Changes when the numbers of paths change their meaning.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// How many paths are known; numbers are below this.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Never: the root is always there.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// The number of a dotted path, if it was seen.
    pub fn find(&self, text: &str) -> Option<PathId> {
        self.by_text.get(text).copied()
    }

    /// Which of the shapes' required paths this is, counted from 1, or 0.
    pub(crate) fn mark(&self, path: PathId) -> u16 {
        self.paths[path.index()].mark
    }

    /// Which selecting path this is: an index into [`Catalogue::select_paths`] plus one, or 0.
    pub(crate) fn select(&self, path: PathId) -> u8 {
        self.paths[path.index()].select
    }

    /// Forgets everything when hostile input has invented too many names. Call between records.
    pub(crate) fn tidy(&mut self) {
        if self.paths.len() > MAX_PATHS || self.steps.len() >= MAX_STEPS {
            self.clear();
        }
    }

    fn clear(&mut self) {
        self.generation += 1;
        self.paths.clear();
        self.by_text.clear();
        self.steps.clear();
        self.steps.push(Vec::new());
        self.paths.push(Path { text: "".into(), mark: 0, select: 0 });
        self.by_text.insert("".into(), PathId::ROOT);
    }

    /// The path of `key` below `parent`, and the step after it.
    #[inline]
    pub(crate) fn step(
        &mut self,
        catalogue: &Catalogue,
        step: Step,
        parent: PathId,
        key: &[u8],
    ) -> (PathId, Step) {
        if let Some(edges) = self.steps.get_mut(step.0 as usize) {
            if let Some(first) = edges.first()
                && first.parent == parent
                && *first.key == *key
            {
                return (first.path, first.next);
            }
            for at in 1..edges.len() {
                if edges[at].parent == parent && *edges[at].key == *key {
                    edges.swap(at, at / 2);
                    let found = &edges[at / 2];
                    return (found.path, found.next);
                }
            }
        }
        self.learn(catalogue, step, parent, key)
    }

    /// The same for the key that came next last time, if `rest` starts with it, a quote and a
    /// colon: its path, the step after it, and the length of all three.
    #[inline]
    pub(crate) fn foreseen(
        &self,
        step: Step,
        parent: PathId,
        rest: &[u8],
    ) -> Option<(PathId, Step, usize)> {
        let first = self.steps.get(step.0 as usize)?.first()?;
        let written = first.written.as_ref().filter(|written| written.starts(rest))?;
        (first.parent == parent).then_some((first.path, first.next, written.length))
    }

    #[cold]
    fn learn(
        &mut self,
        catalogue: &Catalogue,
        step: Step,
        parent: PathId,
        key: &[u8],
    ) -> (PathId, Step) {
        let key_text = String::from_utf8_lossy(&key[..key.len().min(MAX_PATH_BYTES)]);
        let mut text = match (parent, key_text.is_empty()) {
            (PathId::ROOT, _) => key_text.into_owned(),
            (_, true) => self.text(parent).to_owned(),
            (_, false) => format!("{}.{key_text}", self.text(parent)),
        };
        text.truncate(text.floor_char_boundary(MAX_PATH_BYTES));
        let path = self.intern(catalogue, text);
        let full = self.steps.len() >= MAX_STEPS || key.len() > MAX_PATH_BYTES;
        match self.steps.get(step.0 as usize) {
            Some(edges) if edges.len() < MAX_EDGES && !full => {}
            _ => return (path, Step::OFF),
        }
        let next = Step(self.steps.len() as u32);
        self.steps.push(Vec::new());
        let written = Written::new(key);
        self.steps[step.0 as usize].push(Edge { parent, key: key.into(), written, path, next });
        (path, next)
    }

    pub(crate) fn intern(&mut self, catalogue: &Catalogue, text: String) -> PathId {
        if let Some(&known) = self.by_text.get(text.as_str()) {
            return known;
        }
        let path = PathId(self.paths.len() as u32);
        let (mark, select) = catalogue.roles_of(&text);
        self.by_text.insert(text.as_str().into(), path);
        self.paths.push(Path { text: text.into(), mark, select });
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LogSource;

    #[test]
    fn a_key_is_foreseen_only_as_a_whole_and_only_if_it_is_written_as_it_is() {
        let catalogue = Catalogue::parse([], LogSource::default()).expect("nothing to refuse");
        let foreseen = |key: &str, rest: &str| {
            let mut names = Names::default();
            let (path, next) = names.step(&catalogue, Step::START, PathId::ROOT, key.as_bytes());
            let found = names.foreseen(Step::START, PathId::ROOT, rest.as_bytes());
            assert!(found.is_none_or(|found| found == (path, next, key.len() + 2)));
            found.is_some()
        };
        assert!(foreseen("Image", r#"Image":"C:\\a.exe"}"#));
        assert!(foreseen("", r#"":"some other value"}"#));
        assert!(foreseen("ParentCommandLine", r#"ParentCommandLine":1}"#));
        assert!(foreseen("fourteen bytes", r#"fourteen bytes":1}"#));
        assert!(!foreseen("ParentCommandLine", r#"ParentCommandLin":1}"#));
        assert!(!foreseen("ParentCommandLine", r#"ParentCommandLine" :1}"#));
        assert!(!foreseen("Image", r#"ImageLoaded":"C:\\a.exe"}"#));
        assert!(!foreseen("Image", r#"Imag":"C:\\a.exe"}"#));
        assert!(!foreseen("Image", "Image"));
        assert!(!foreseen(r"a\", r#"a\":"some other value"}"#));
        assert!(!foreseen(r#"a"b"#, r#"a"b":"some other value"}"#));
    }
}
