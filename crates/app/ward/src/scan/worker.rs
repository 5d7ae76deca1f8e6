//! One worker: batches in, what was found in them out.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use crossbeam_channel::{Receiver, select};
use detect::{Coverage, Hits, Scanner, Told};
use ingest::{Batch, Problem, ProblemKind};
use terms::{Place, Position};

use super::{outlet::Outlet, pipeline::Done};
use crate::format::{Form, Forms};

/// A worker keeps no more than this of what it has written, and one finding.
const MUCH_BYTES: usize = 1 << 21;
/// The same for the number of findings.
const MUCH_FINDINGS: usize = 1 << 16;

/// What a worker finds with.
struct Worker {
    scanner: Scanner,
    form: Box<dyn Form>,
}

/// Makes workers.
#[derive(Clone)]
pub(super) struct Makers {
    pub(super) scanner: Arc<dyn Fn() -> Scanner + Send + Sync>,
    pub(super) forms: Forms,
}

impl Makers {
    fn make(&self) -> Worker {
        Worker { scanner: (self.scanner)(), form: (self.forms)() }
    }
}

/// What workers counted, besides findings.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) coverage: Coverage,
    /// For each exclusion, how many findings it left out.
    pub(super) excluded: Vec<u64>,
}

impl Counted {
    pub(super) fn add(&mut self, coverage: Coverage, excluded: &[u64]) {
        self.coverage.add(coverage);
        self.excluded.resize(excluded.len(), 0);
        self.excluded.iter_mut().zip(excluded).for_each(|(sum, more)| *sum += more);
    }
}

/// One worker: batches in, results out, until either end is gone.
pub(super) fn work(
    makers: &Makers,
    batches: &Receiver<Batch>,
    stop: &Receiver<()>,
    outlet: &Outlet,
) -> Counted {
    let mut worker = makers.make();
    let mut counted = Counted::default();
    while let Some(batch) = next(batches, stop) {
        let (seq, file) = (batch.seq, batch.file.clone());
        let result = catch_unwind(AssertUnwindSafe(|| worker.batch(batch, outlet)));
        let done = result.unwrap_or_else(|_| {
            // What the worker has learnt may be half written: a new one is safe. What it has
            // counted holds.
            counted.add(worker.scanner.coverage(), worker.scanner.excluded());
            worker = makers.make();
            defect(file)
        });
        if outlet.last(seq, done).is_err() {
            break;
        }
    }
    counted.add(worker.scanner.coverage(), worker.scanner.excluded());
    counted
}

/// The next batch, until there is none or there is to be none.
fn next(batches: &Receiver<Batch>, stop: &Receiver<()>) -> Option<Batch> {
    select! {
        recv(batches) -> batch => batch.ok(),
        recv(stop) -> _ => None,
    }
}

fn defect(file: Arc<str>) -> Done {
    let problem = Problem {
        place: Place { file, position: Position::Whole },
        reason: "a defect of ward: a part of this file was left out; please report it".to_owned(),
        kind: ProblemKind::Damaged,
        records_lost_at_least: 1,
    };
    Done { problems: vec![problem], ..Done::default() }
}

impl Worker {
    /// Finds what there is in one batch. What is too much to keep is handed over at once.
    fn batch(&mut self, batch: Batch, outlet: &Outlet) -> Done {
        let mut unpacked = batch.unpack();
        let (seq, file) = (unpacked.seq, unpacked.file.clone());
        let mut done = outlet.empty();
        done.problems = std::mem::take(&mut unpacked.problems);
        let mut hits = Hits::default();
        let form = &mut self.form;
        for (number, (position, record)) in (0..).zip(unpacked.iter()) {
            let told = self.scanner.visit(record, &file, position, &mut |found| {
                done.tally.add(found);
                form.finding(found, &mut done.written);
                if done.is_much() {
                    // Where nobody takes it any more, the end of the batch will show.
                    let _ = outlet.part(seq, std::mem::replace(&mut done, outlet.empty()));
                }
            });
            number_hits(number, self.scanner.take_hits(), &mut hits);
            match told {
                Told::Matched(_) => done.records += 1,
                Told::OutOfTime => done.out_of_time += 1,
                Told::Damaged(damage) => done.problems.push(Problem {
                    place: Place { file: file.clone(), position },
                    reason: damage.to_string(),
                    kind: ProblemKind::Damaged,
                    records_lost_at_least: 1,
                }),
            }
        }
        done.hits = (file, hits);
        done
    }
}

/// Adds the hits of a record under its number in the batch. Where it stands does not tell it from
/// others: several may stand on one line.
fn number_hits(number: u64, of_record: Hits, hits: &mut Hits) {
    hits.untimed += of_record.untimed;
    hits.list.extend(of_record.list.into_iter().map(|(position, mut hit)| {
        hit.order = number;
        (position, hit)
    }));
}

impl Done {
    /// Whether no more should be kept.
    fn is_much(&self) -> bool {
        self.written.bytes() >= MUCH_BYTES || self.tally.len() >= MUCH_FINDINGS
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use detect::{Detail, Exclusions, Finding, Found, Wanted, exclude};
    use event::{Catalogue, LogSource};
    use ingest::{Input, Limits, Progress};
    use sigma::{Engine, RuleSet};

    use super::*;
    use crate::{
        format::Written,
        scan::{
            interrupt::Interrupt,
            pipeline::{Job, Outcome, run},
        },
    };

    const SHAPE: &str = "shape: any\ntitle: Any\nversion: 1\neffective: 2026-01-01\n\
        priority: 0\nrequires: [[]]\nproduct: windows\n";

    const RULE: &str = "title: A\nlogsource: {product: windows}\n\
        detection: {a: {x|contains: a}, condition: a}\n";

    fn scanner() -> Scanner {
        let catalogue = Catalogue::parse([("any.yaml", SHAPE)], LogSource::default());
        let rule = sigma::parse::file(&"rule.yml".into(), RULE, &Default::default());
        let rules = Arc::new(RuleSet::new([rule]));
        let list = exclude::parse("A | x = a-known").expect("an exclusion");
        let exclusions = Arc::new(Exclusions::new(list, &rules));
        let (catalogue, wanted) = (Arc::new(catalogue.expect("one shape")), Wanted::default());
        let engine = Arc::new(Engine::new(rules));
        Scanner::new(catalogue, engine, Arc::new(wanted), Detail::Brief).without(exclusions)
    }

    /// Scans the lines in batches of about so many bytes, and hands on what comes of them in order.
    fn scan<F: Form + 'static>(
        lines: &[String],
        (batch_bytes, threads): (usize, usize),
        form: impl Fn() -> F + Send + Sync + 'static,
        take: &mut dyn FnMut(&mut Done),
    ) -> Outcome {
        let mut file = tempfile::Builder::new().suffix(".ndjson").tempfile().expect("a file");
        for line in lines {
            writeln!(file, "{line}").expect("writes");
        }
        let limits = Limits { batch_bytes, ..Limits::default() };
        let job = Job {
            inputs: vec![Input::Path(file.path().to_owned())],
            options: ingest::Options { limits, ..ingest::Options::default() },
            threads,
            scanner: Arc::new(scanner),
            forms: Arc::new(move || Box::new(form())),
        };
        let mut take = |done: &mut Done| {
            take(done);
            Ok(())
        };
        let progress = Arc::new(Progress::default());
        run(job, &progress, &Interrupt::default(), &mut take, &mut || {})
    }

    /// Breaks at one record.
    struct Fragile;

    impl Form for Fragile {
        fn firing(&mut self, _: Finding, _: &mut Written) {}

        fn finding(&mut self, found: &mut Found<'_>, _: &mut Written) {
            assert!(!found.record.contains("break"), "a defect, on purpose");
        }
    }

    #[test]
    fn what_was_counted_before_a_defect_still_counts() {
        let records = ["a-known", "a", "break-a", "a", "a-known", "none"];
        let lines = records.map(|value| format!(r#"{{"x":"{value}"}}"#));
        let (mut findings, mut problems) = (0, Vec::new());
        let outcome = scan(&lines, (1, 1), || Fragile, &mut |done| {
            findings += done.tally.len();
            problems.append(&mut done.problems);
        });
        let events: u64 = outcome.coverage.kinds().iter().map(|(_, events)| events).sum();
        assert_eq!((findings, problems.len()), (2, 1));
        assert!(problems[0].reason.contains("a defect of ward"), "{}", problems[0].reason);
        assert_eq!(events, 6);
        assert_eq!(outcome.excluded, [2]);
    }

    /// Writes much of each finding.
    struct Talkative;

    impl Form for Talkative {
        fn firing(&mut self, _: Finding, _: &mut Written) {}

        fn finding(&mut self, found: &mut Found<'_>, out: &mut Written) {
            let terms::Position::Line(line) = found.position else { panic!("files have lines") };
            out.text.resize(out.text.len() + MUCH_BYTES / 3 * 2, line as u8);
        }
    }

    #[test]
    fn however_much_is_found_it_is_handed_over_in_parts_and_in_order() {
        let lines = vec![r#"{"x":"a"}"#.to_owned(); 40];
        for threads in [1, 3] {
            let (mut order, mut most) = (Vec::new(), 0);
            let _ = scan(&lines, (100, threads), || Talkative, &mut |done| {
                most = most.max(done.written.text.len());
                order.extend(done.written.text.chunks(MUCH_BYTES / 3 * 2).map(|text| text[0]));
            });
            assert_eq!(order, (1..=40).collect::<Vec<u8>>());
            assert!(most < 2 * MUCH_BYTES, "{most}");
        }
    }
}
