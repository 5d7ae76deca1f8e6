//! From a name to batches: opens files, takes off their wrappings, hands what is inside to the
//! reader of its format. The one place that decides what happens next when something fails.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    rc::Rc,
    sync::{Arc, atomic::Ordering},
};

use crossbeam_channel::Sender;
use flate2::bufread::MultiGzDecoder;
use terms::Position;

use crate::{
    archive,
    batch::Batch,
    cx::{Cx, Halt},
    delimited, elements, evtx, lines,
    model::{Format, Input, Options, Problem, ProblemKind, ReadSummary},
    progress::Progress,
    recognise::{self, Content, HEAD_BYTES, Wrapping},
    source::{Budget, Counted, Guarded, LimitReached, Peeked},
    utf16::Utf16,
    walk::{self, Found},
};

/// Reads all inputs, in order, on the caller's thread; returns when everything is sent.
///
/// Batches are numbered without gaps and sent in order; `batches` should be a bounded channel,
/// it is what keeps memory bounded. What cannot be read goes to `problems` and reading goes on.
/// Stops early if the receiver is gone.
pub fn read(
    inputs: &[Input],
    options: &Options,
    progress: &Progress,
    batches: &Sender<Batch>,
    problems: &mut dyn FnMut(Problem),
) -> ReadSummary {
    let mut cx = Cx::new(options, progress, batches, problems);
    let found = walk::walk(&mut cx, inputs);
    progress.files_total.store(found.len() as u64, Ordering::Relaxed);
    let bytes_total = found.iter().filter_map(|f| f.size_bytes).sum();
    progress.bytes_total.store(bytes_total, Ordering::Relaxed);
    for found in &found {
        let budget = Budget::new(&options.limits, found.size_bytes);
        let outcome = match &found.path {
            Some(path) => match File::open(path) {
                Ok(file) => read_file(&mut cx, found, file, &budget),
                Err(error) => {
                    let reason = format!("cannot be read: {error}");
                    cx.skipped(ProblemKind::Unreadable, &found.file, &reason);
                    Ok(())
                }
            },
            None => {
                let stdin = Counted::new(io::stdin().lock(), Rc::clone(&budget), progress);
                read_source(&mut cx, &found.file, stdin, &budget, 0)
            }
        };
        if !finish(&mut cx, &found.file, outcome, &budget) {
            break;
        }
        // What the file shrank or grew by must not stop the bar short of its end.
        let unread = found.size_bytes.unwrap_or(0).saturating_sub(budget.read_bytes());
        Progress::add(&progress.bytes_done, unread);
        Progress::add(&progress.files_done, 1);
    }
    cx.summary
}

/// Reads one source that is neither a file nor standard input, as [`read`] does.
///
/// `name`: what to call it in places and problems.
pub fn read_from(
    name: &str,
    source: &mut dyn Read,
    options: &Options,
    progress: &Progress,
    batches: &Sender<Batch>,
    problems: &mut dyn FnMut(Problem),
) -> ReadSummary {
    let mut cx = Cx::new(options, progress, batches, problems);
    let file = walk::shown(name);
    let budget = Budget::new(&options.limits, None);
    let source = Counted::new(source, Rc::clone(&budget), progress);
    let outcome = read_source(&mut cx, &file, source, &budget, 0);
    finish(&mut cx, &file, outcome, &budget);
    cx.summary
}

/// Reports how a file ended; false if nobody receives batches any more.
fn finish(cx: &mut Cx<'_>, file: &Arc<str>, outcome: Result<(), Halt>, budget: &Budget) -> bool {
    cx.summary.bytes += budget.read_bytes();
    match outcome {
        Ok(()) => true,
        Err(Halt::Failed(error)) => {
            report(cx, file, &error);
            true
        }
        Err(Halt::Gone) => {
            cx.summary.stopped = true;
            false
        }
    }
}

/// Reports an error of the source.
pub(crate) fn report(cx: &mut Cx<'_>, file: &Arc<str>, error: &io::Error) {
    if let Some(limit) = limit(error) {
        let reason = format!("{limit}; the rest was not read");
        cx.problem(ProblemKind::Limit, file, Position::Whole, &reason, 0);
    } else {
        let what = match error.kind() {
            io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
            _ => error.to_string(),
        };
        cx.damaged(file, Position::Whole, &format!("cannot be read to its end: {what}"), 0);
    }
}

/// The limit that stopped a source, if one did.
pub(crate) fn limit(error: &io::Error) -> Option<&LimitReached> {
    error.get_ref()?.downcast_ref()
}

fn read_file(cx: &mut Cx<'_>, found: &Found, file: File, budget: &Rc<Budget>) -> Result<(), Halt> {
    let counted = Counted::new(file, Rc::clone(budget), cx.progress);
    let peeked = Peeked::new(counted, HEAD_BYTES);
    if found.size_bytes.is_none() || recognise::wrapping(peeked.head()) != Wrapping::Zip {
        return read_peeked(cx, &found.file, peeked, budget, 0);
    }
    let mut file = BufReader::with_capacity(HEAD_BYTES, peeked.into_rest());
    file.seek(SeekFrom::Start(0))?;
    archive::read_zip_file(cx, &found.file, file, budget)
}

/// Reads a source of any wrapping. `level`: archives it stands in.
pub(crate) fn read_source(
    cx: &mut Cx<'_>,
    file: &Arc<str>,
    source: impl Read,
    budget: &Rc<Budget>,
    level: u8,
) -> Result<(), Halt> {
    // One type for all depths, or the compiler would never end.
    let mut source = source;
    let source: &mut dyn Read = &mut source;
    read_peeked(cx, file, Peeked::new(source, HEAD_BYTES), budget, level)
}

fn read_peeked<R: Read>(
    cx: &mut Cx<'_>,
    file: &Arc<str>,
    mut source: Peeked<R>,
    budget: &Rc<Budget>,
    level: u8,
) -> Result<(), Halt> {
    if source.head().is_empty() {
        return match source.take_error() {
            Some(error) => Err(Halt::Failed(error)),
            None => {
                cx.skipped(ProblemKind::Skipped, file, "empty");
                Ok(())
            }
        };
    }
    match recognise::wrapping(source.head()) {
        Wrapping::Foreign(what) => {
            cx.skipped(ProblemKind::Skipped, file, what);
            Ok(())
        }
        Wrapping::Evtx => {
            cx.begin(Format::Evtx);
            evtx::read(cx, file, &mut source)
        }
        Wrapping::Plain { mark_bytes } => {
            source.skip(mark_bytes);
            read_text(cx, file, source)
        }
        Wrapping::Utf16 { is_big_endian, mark_bytes } => {
            source.skip(mark_bytes);
            read_text(cx, file, Peeked::new(Utf16::new(source, is_big_endian), HEAD_BYTES))
        }
        _ if level > cx.options.limits.depth => {
            cx.skipped(ProblemKind::Limit, file, "archives inside archives: too deep");
            Ok(())
        }
        Wrapping::Gzip => {
            let packed = BufReader::with_capacity(HEAD_BYTES, source);
            let unpacked = Guarded::new(MultiGzDecoder::new(packed), budget);
            read_source(cx, file, unpacked, budget, level + 1)
        }
        Wrapping::Zstd => {
            let packed = BufReader::with_capacity(HEAD_BYTES, source);
            let unpacked = Guarded::new(zstd::Decoder::with_buffer(packed)?, budget);
            read_source(cx, file, unpacked, budget, level + 1)
        }
        Wrapping::Zip => {
            let source = BufReader::with_capacity(HEAD_BYTES, source);
            archive::read_zip_stream(cx, file, source, budget, level)
        }
    }
}

/// Reads plain text in UTF-8.
fn read_text<R: Read>(cx: &mut Cx<'_>, file: &Arc<str>, mut source: Peeked<R>) -> Result<(), Halt> {
    let (options, limits) = (cx.options, &cx.options.limits);
    let name = without_packing(file);
    let head = source.head();
    match recognise::content(head, source.is_whole(), name, options.text, limits) {
        Content::JsonLines => {
            cx.begin(Format::JsonLines);
            lines::read_json(cx, file, &mut source)
        }
        Content::Json => {
            cx.begin(Format::Json);
            elements::read(cx, file, &mut source)
        }
        Content::Delimited(delimiter) => {
            cx.begin(Format::Delimited);
            delimited::read(cx, file, &mut source, delimiter)
        }
        Content::Text(to_json) => {
            cx.begin(Format::Text);
            lines::read_text(cx, file, &mut source, to_json)
        }
        Content::Unknown(reason) => {
            cx.skipped(ProblemKind::Skipped, file, reason);
            source.take_error().map_or(Ok(()), |error| Err(Halt::Failed(error)))
        }
    }
}

/// `a.csv.gz` is called `a.csv` inside.
fn without_packing(file: &str) -> &str {
    [".gz", ".zst", ".GZ"].iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file)
}
