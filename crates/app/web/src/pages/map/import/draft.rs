//! Uploads that wait to be looked through: in memory, bounded, for an hour, each for its person
//! alone. Another process does not know them; the page then asks for the files again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use terms::{PersonId, Timestamp};

/// A file as it came.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Arc<[u8]>,
}

/// An upload.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    person: PersonId,
    at: Timestamp,
    /// In the order in which they are applied: what others speak of comes first.
    pub(super) files: Vec<File>,
}

/// Bytes of all uploads together.
const MOST_BYTES: usize = 256 << 20;

/// Seconds an upload is kept.
const KEPT_S: i64 = 3600;

/// Longest name of a file that is kept.
const NAME_CHARS: usize = 120;

impl Draft {
    pub(super) fn new(person: PersonId, files: Vec<(String, Vec<u8>)>, at: Timestamp) -> Self {
        let file = |(name, bytes): (String, Vec<u8>)| {
            let name = name.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
            File { name, bytes: bytes.into() }
        };
        let mut files: Vec<File> = files.into_iter().map(file).collect();
        files.sort_by_key(|file| turn(&file.name, &file.bytes));
        Self { person, at, files }
    }

    fn bytes(&self) -> usize {
        self.files.iter().map(|file| file.bytes.len()).sum()
    }
}

/// When a file's turn is: the order in which files build on each other.
fn turn(name: &str, bytes: &[u8]) -> usize {
    let kind = sector::import::read(name, bytes, &sector::Limits { rows: 1, ..Default::default() });
    use sector::FileKind as K;
    match kind.map(|file| file.kind) {
        Ok(K::Icbs) => 0,
        Ok(K::SubIcbs) => 1,
        Ok(K::Organisations) => 2,
        Ok(K::Trusts) => 3,
        Ok(K::GpPractices) => 4,
        Ok(K::Sites) => 5,
        Ok(K::Hospitals) => 6,
        Ok(K::Suppliers) => 7,
        Ok(K::Services) => 8,
        Ok(K::Systems) => 9,
        Ok(K::Dependencies) => 10,
        Ok(K::Devices) => 11,
        Err(_) => 12,
    }
}

/// All uploads. Clones share them.
#[derive(Clone, Debug, Default)]
pub(in crate::pages::map) struct Drafts(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    drafts: BTreeMap<u64, Draft>,
}

impl Drafts {
    /// Keeps an upload instead of an earlier one of the same person: its number. `None` when
    /// there is no room.
    pub(super) fn keep(&self, draft: Draft) -> Option<u64> {
        let mut kept = self.lock();
        let now = draft.at;
        kept.drafts.retain(|_, other| other.person != draft.person && is_fresh(other, now));
        let used: usize = kept.drafts.values().map(Draft::bytes).sum();
        if used + draft.bytes() > MOST_BYTES {
            return None;
        }
        kept.last += 1;
        let number = kept.last;
        kept.drafts.insert(number, draft);
        Some(number)
    }

    /// An upload of this person.
    pub(super) fn find(&self, number: u64, person: PersonId, now: Timestamp) -> Option<Draft> {
        let kept = self.lock();
        let draft = kept.drafts.get(&number);
        draft.filter(|draft| draft.person == person && is_fresh(draft, now)).cloned()
    }

    /// Keeps only these files of an upload.
    pub(super) fn shorten(&self, number: u64, files: Vec<File>) {
        if let Some(draft) = self.lock().drafts.get_mut(&number) {
            draft.files = files;
        }
    }

    pub(super) fn forget(&self, number: u64) {
        self.lock().drafts.remove(&number);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Each change is one insertion or removal: a holder that panicked left nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(draft: &Draft, now: Timestamp) -> bool {
    now.as_second() - draft.at.as_second() < KEPT_S
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn draft(person: PersonId, second: i64, files: &[(&str, &str)]) -> Draft {
        let file = |(name, text): &(&str, &str)| ((*name).to_owned(), text.as_bytes().to_vec());
        Draft::new(person, files.iter().map(file).collect(), at(second))
    }

    #[test]
    fn an_upload_is_its_persons_alone_and_ends_after_an_hour() {
        let (ann, bob) = (PersonId::new(at(0)), PersonId::new(at(0)));
        let drafts = Drafts::default();
        let number = drafts.keep(draft(ann, 0, &[("a.csv", "x")])).expect("room");
        assert!(drafts.find(number, ann, at(3_599)).is_some());
        assert!(drafts.find(number, bob, at(1)).is_none());
        assert!(drafts.find(number, ann, at(3_600)).is_none());
        let next = drafts.keep(draft(ann, 10, &[("b.csv", "x")])).expect("room");
        assert!(drafts.find(number, ann, at(11)).is_none(), "a new upload replaces the old one");
        assert!(drafts.find(next, ann, at(11)).is_some());
    }

    #[test]
    fn files_are_ordered_as_they_build_on_each_other() {
        let person = PersonId::new(at(0));
        let files = [
            ("d.csv", "from,to,kind,reason,strength\n"),
            ("x.csv", "nonsense\n"),
            ("s.csv", "code,name,organisation,kind,criticality\n"),
            ("o.csv", "ods_code,name,type\n"),
        ];
        let names: Vec<String> =
            draft(person, 0, &files).files.into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["o.csv", "s.csv", "d.csv", "x.csv"]);
    }

    #[test]
    fn what_there_is_no_room_for_is_refused() {
        let drafts = Drafts::default();
        for _ in 0..4 {
            let large = vec![("l.csv".to_owned(), vec![b'x'; 64 << 20])];
            let one = Draft { person: PersonId::new(at(0)), at: at(0), files: Vec::new() };
            let files = large.into_iter().map(|(name, bytes)| File { name, bytes: bytes.into() });
            assert!(drafts.keep(Draft { files: files.collect(), ..one }).is_some());
        }
        assert_eq!(drafts.keep(draft(PersonId::new(at(0)), 0, &[("a.csv", "x")])), None);
    }
}
