//! Numbers of records to places. In: the places of records, in the order of their numbers. Out: the
//! place of one, when it is asked for.
//!
//! Records that stand one after another, or all in one place, take the memory of one: a run.

use std::sync::Arc;

use terms::{Place, Position};

/// Runs whose positions are kept. Beyond, a place is the file as a whole.
const MAX_RUNS: usize = 1 << 22;

/// Where records stand.
pub(super) struct Places {
    files: Vec<Arc<str>>,
    runs: Vec<Run>,
    max_runs: usize,
}

impl Default for Places {
    fn default() -> Self {
        Places { files: Vec::new(), runs: Vec::new(), max_runs: MAX_RUNS }
    }
}

/// Records whose places follow from that of the first.
struct Run {
    /// Number of the first.
    first: u64,
    /// Where it stands.
    position: Position,
    file: u32,
    /// Whether the position grows with the number; not known of a single one.
    grows: Option<bool>,
}

impl Places {
    /// Notes where a record stands. Its number is larger than all before.
    pub(super) fn add(&mut self, number: u64, file: &Arc<str>, position: Position) {
        if self.files.last() != Some(file) {
            self.files.push(file.clone());
        }
        let file = self.files.len() as u32 - 1;
        let is_much = self.runs.len() >= self.max_runs;
        let position = if is_much { Position::Whole } else { position };
        let last = self.runs.last_mut().filter(|run| run.file == file);
        if !last.is_some_and(|run| run.goes_on(number, position)) {
            self.runs.push(Run { first: number, position, file, grows: None });
        }
    }

    /// Where the record with this number, which was added, stands.
    pub(super) fn of(&self, number: u64) -> Place {
        let after = self.runs.partition_point(|run| run.first <= number);
        let run = after.checked_sub(1).and_then(|at| self.runs.get(at));
        match run {
            Some(run) => Place {
                file: self.files[run.file as usize].clone(),
                position: run.position(number, run.grows == Some(true)),
            },
            None => Place { file: "another file".into(), position: Position::Whole },
        }
    }
}

impl Run {
    fn goes_on(&mut self, number: u64, position: Position) -> bool {
        let grows = self.grows.unwrap_or(position != self.position);
        let fits = self.position(number, grows) == position;
        if fits {
            self.grows = Some(grows);
        }
        fits
    }

    fn position(&self, number: u64, grows: bool) -> Position {
        let by = if grows { number - self.first } else { 0 };
        match self.position {
            Position::Whole => Position::Whole,
            Position::Line(n) => Position::Line(n.saturating_add(by)),
            Position::Element(n) => Position::Element(n.saturating_add(by)),
            Position::Record(n) => Position::Record(n.saturating_add(by)),
            Position::Chunk(n) => Position::Chunk(n.saturating_add(by)),
            Position::Byte(n) => Position::Byte(n.saturating_add(by)),
        }
    }
}

#[cfg(test)]
mod tests {
    use Position::{Element, Line, Record, Whole};

    use super::*;

    /// Adds them, and gives how many runs they took.
    fn check(places: &mut Places, list: &[(u64, &str, Position)]) -> usize {
        for (number, file, position) in list {
            places.add(*number, &Arc::from(*file), *position);
        }
        places.runs.len()
    }

    #[test]
    fn every_record_is_found_where_it_stands() {
        let list = [
            (0, "a", Line(1)),
            (1, "a", Line(1)),
            (2, "a", Line(2)),
            (5, "a", Line(5)),
            (9, "a", Line(7)),
            (10, "a", Element(1)),
            (11, "a", Element(1)),
            (12, "b", Record(u64::MAX)),
            (13, "a", Whole),
        ];
        let mut places = Places::default();
        check(&mut places, &list);
        for (number, file, position) in list {
            assert_eq!(places.of(number), Place { file: file.into(), position }, "{number}");
        }
    }

    #[test]
    fn a_run_takes_the_memory_of_one_record() {
        let lines: Vec<_> = (0..1000).map(|n| (3 * n, "a", Line(3 * n + 1))).collect();
        assert_eq!(check(&mut Places::default(), &lines), 1);
        let one_line: Vec<_> = (0..1000).map(|n| (n, "a", Line(1))).collect();
        assert_eq!(check(&mut Places::default(), &one_line), 1);
    }

    #[test]
    fn beyond_the_bound_the_file_is_named_and_no_more_is_kept() {
        let list: Vec<_> = (0..100).map(|n| (n, "a", Line(n * n))).collect();
        let mut places = Places { max_runs: 5, ..Places::default() };
        assert_eq!(check(&mut places, &list), 6);
        assert_eq!(places.of(1).position, Line(1));
        assert_eq!(places.of(99), Place { file: "a".into(), position: Whole });
    }
}
