//! What each fuzz target does with its bytes: laws that must hold whatever comes from outside.
//! `fuzz_targets/` feeds them from a fuzzer, `tests/replay.rs` from kept seeds and finds.

pub mod wire;

use std::{
    io::Read,
    path::Path,
    sync::{Arc, LazyLock},
};

use event::{Catalogue, Reader};
use oracle::{FlatEvent, Oracle, Value};
use sigma::{Engine, Matcher, Placeholders, RuleId, RuleSet};

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    fn walk(folder: &Path, out: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).expect("the catalogue") {
            let path = entry.expect("a folder's entry").path();
            if path.is_dir() {
                walk(&path, out);
            } else {
                let text = std::fs::read_to_string(&path).expect("a text file");
                out.push((path.display().to_string(), text));
            }
        }
    }
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalogues/fields"), &mut files);
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Arc::new(Catalogue::parse(files, Default::default()).expect("the project's own catalogue"))
});

/// One JSON record: what a strict parser takes for an object is read, and every value of it, in
/// order, as the slow reader of the oracle sees it.
pub fn json(bytes: &[u8]) {
    let mut reader = Reader::new(CATALOGUE.clone());
    let mut fields = Vec::new();
    let read = reader.json(bytes, &mut fields);
    if let Ok(kind) = read {
        let event = reader.event(kind, &fields);
        let _ = (event.time(), event.host(), event.user());
        let text = std::str::from_utf8(bytes).expect("only text is read");
        let slow = FlatEvent::parse(text).expect("what Ward reads is JSON");
        let values: Vec<Value> = fields.iter().map(|field| field.raw.into()).collect();
        assert_eq!(values, slow.content);
        for (field, (name, _)) in fields.iter().zip(&slow.fields) {
            assert_eq!(event.names.text(field.path), name);
        }
        let mut opened = Vec::new();
        if reader.unnest(kind, bytes, &mut opened) {
            reader.json(&opened, &mut Vec::new()).expect("what was opened is JSON");
        }
    }
    // serde_json goes deeper than Ward does, so only shallow records are compared.
    let shallow = bytes.iter().filter(|b| matches!(b, b'{' | b'[')).count() < 60;
    if shallow
        && serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes).is_ok()
    {
        assert!(read.is_ok(), "{read:?}");
    }
}

/// One line of text: what becomes of it is one JSON object that Ward reads.
pub fn text(bytes: &[u8]) {
    let mut out = b"kept".to_vec();
    match event::text::to_json(bytes, &mut out) {
        Ok(true) => {
            let object = out.strip_prefix(b"kept").expect("what was there stays");
            serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(object)
                .expect("one JSON object");
            Reader::new(CATALOGUE.clone()).json(object, &mut Vec::new()).expect("a readable one");
        }
        Ok(false) | Err(_) => assert_eq!(out, b"kept"),
    }
}

/// A file of the catalogue: read and of use, or a clear error.
pub fn catalogue(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Catalogue::parse([("fuzzed.yaml", text)], Default::default()) {
        Ok(catalogue) => {
            let mut reader = Reader::new(Arc::new(catalogue));
            let mut fields = Vec::new();
            for event in EVENTS {
                let kind = reader.json(event.as_bytes(), &mut fields).expect("a readable event");
                let event = reader.event(kind, &fields);
                let _ = (event.time(), event.host(), event.user(), event.value("Image"));
                let _ = FlatEvent::from_ward(&event);
            }
        }
        Err(error) => assert!(error.to_string().contains("fuzzed.yaml"), "{error}"),
    }
}

/// Events for targets whose bytes are no events.
const EVENTS: [&str; 4] = [
    r#"{"Channel":"Security","EventID":4688,"NewProcessName":"C:\\a.exe","CommandLine":"a /x -e"}"#,
    r#"{"Event":{"System":{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"c"},
        "EventData":{"Image":"C:\\a.exe","User":"Admin","n":[1,2.5,null,true,""]}}}"#,
    r#"{"a":"1","b":2,"c":"x é ſ\u0000","t":"2026-03-01T22:10:05Z","x":"YWJj","y":"10.1.2.3","z":"::1"}"#,
    "{}",
];

/// A file of rules: every document is used or refused, none is lost; engine and explanation
/// agree on every rule in use, filters applied.
pub fn rule(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parsed = sigma::parse::file(&"fuzzed.yml".into(), text, &Placeholders::new());
    let is_one = text.lines().all(|line| line.trim_end() != "---");
    let outcomes = parsed.rules.len()
        + parsed.correlations.len()
        + parsed.filters.len()
        + parsed.refused.len()
        + parsed.not_yet.len();
    assert!(!is_one || outcomes > 0, "a document was lost");
    for refused in &parsed.refused {
        assert!(refused.line > 0 && !refused.reason.is_empty(), "{refused:?}");
    }
    let set = Arc::new(RuleSet::new([parsed]));
    let mut matcher = Matcher::new(Arc::new(Engine::new(set.clone())));
    let mut reader = Reader::new(CATALOGUE.clone());
    let mut fields = Vec::new();
    // Twice: the matcher remembers, and must say the same from memory.
    for event in EVENTS.iter().chain(&EVENTS) {
        let kind = reader.json(event.as_bytes(), &mut fields).expect("a readable event");
        let event = reader.event(kind, &fields);
        let held: Vec<RuleId> = matcher.matches(event).to_vec();
        let explained: Vec<RuleId> = set
            .iter()
            .filter(|(_, rule)| sigma::explain(rule, event).holds())
            .map(|(id, _)| id)
            .collect();
        assert_eq!(held, explained, "engine, explanation");
    }
}

/// Correlations over two rules, `a` and `b`: each document is used, refused or not yet, what is used
/// is linked to what there is, and taking away what is not wanted leaves what wanted ones stand on.
pub fn correlation(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let base = |name| {
        format!(
            "title: {name}\nname: {name}\nlogsource: {{product: windows}}\n\
             detection: {{x: {{n: {name}}}, condition: x}}\n---\n"
        )
    };
    let all = format!("{}{}{text}\n", base("a"), base("b"));
    let read = || sigma::parse::file(&"fuzzed.yml".into(), &all, &Placeholders::new());
    let parsed = read();
    let before = parsed.correlations.len() + parsed.refused.len();
    let mut set = RuleSet::new([parsed]);
    let links_hold = |set: &RuleSet| {
        let correlations = set.correlations();
        for linked in correlations.list() {
            assert!(!linked.correlation.to_string().is_empty());
            assert_eq!(linked.sources.len(), linked.correlation.rules.len());
            for (at, source) in linked.sources.iter().enumerate() {
                let mut links = correlations.links(*source).iter();
                let fields = correlations.fields(*source).len();
                let link = links.find(|link| {
                    correlations.list()[link.correlation].id == linked.id && link.source == at
                });
                let link = link.expect("what it refers to feeds it");
                assert_eq!(link.group.len(), linked.correlation.group_by.len());
                assert_eq!(link.fields.len(), linked.correlation.fields.len());
                assert!(link.group.iter().chain(&link.fields).all(|at| *at < fields));
            }
            let all = linked.sources.len();
            for occur in [0, 1, u64::MAX >> (64 - all.max(1))] {
                linked.correlation.condition.rules(occur, all);
            }
        }
    };
    links_hold(&set);
    let after = set.correlations().list().len() + set.refused.len();
    let doubled = set.notes.iter().filter(|note| note.reason.contains("left out")).count();
    assert!(after + doubled >= before, "a correlation was lost");
    let Some(last) = set.correlations().list().last().map(|one| one.correlation.meta.clone())
    else {
        return;
    };
    let refused = set.refused.len();
    set.narrow(|meta| *meta == *last);
    links_hold(&set);
    assert!(!set.correlations().is_empty() && set.refused.len() == refused);
}

/// A rule, a line `===`, and events, one a line: engine, explanation and slow interpreter agree.
pub fn engine(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some((rule, events)) = text.split_once("\n===\n") else { return };
    let parsed = sigma::parse::file(&"fuzzed.yml".into(), rule, &Placeholders::new());
    let set = Arc::new(RuleSet::new([parsed]));
    if set.rules().len() != 1 || !set.refused.is_empty() {
        return;
    }
    let Ok(slow) = Oracle::parse(rule) else { return };
    let mut matcher = Matcher::new(Arc::new(Engine::new(set.clone())));
    let mut reader = Reader::new(CATALOGUE.clone());
    let mut fields = Vec::new();
    // Twice: the matcher remembers, and must say the same from memory.
    for event in events.lines().chain(events.lines()) {
        let Ok(kind) = reader.json(event.as_bytes(), &mut fields) else { continue };
        let event = reader.event(kind, &fields);
        let said = sigma::explain(set.rule(RuleId(0)), event).holds();
        let expected = slow.is_for(event.kind) && slow.holds(&FlatEvent::from_ward(&event));
        let held = !matcher.matches(event).is_empty();
        assert_eq!(
            (held, said),
            (expected, expected),
            "engine, explanation; interpreter: {expected}"
        );
    }
}

/// A file of any wrapping: every record an object's text, and the same records however the
/// bytes come in and however large the batches are.
pub fn ingest(bytes: &[u8]) {
    let at_once = read(&mut { bytes }, 1 << 10);
    let dripping = read(&mut Dripping(bytes), 97);
    if !at_once.is_limited && !dripping.is_limited {
        let text = |records: &[Vec<u8>]| -> Vec<String> {
            records.iter().map(|record| String::from_utf8_lossy(record).into_owned()).collect()
        };
        assert_eq!(text(&at_once.records), text(&dripping.records), "at once, dripping");
    }
}

/// An event log: a whole file, a chunk, or the records of a chunk without what stands before
/// them (the smallest, so the most for a fuzzer to change). The laws of [`json`] hold for every
/// record, and a chunk never becomes more than so many bytes.
pub fn evtx(bytes: &[u8]) {
    const MOST_BYTES: usize = 64 << 20;
    let file = match bytes {
        [b'E', b'l', b'f', b'F', ..] => bytes.to_vec(),
        [b'E', b'l', b'f', b'C', ..] => evtx_file(bytes),
        _ => evtx_file(&evtx_chunk(bytes)),
    };
    let read = read(&mut file.as_slice(), 1 << 10);
    // Names are written as they stand in the log, so a forged one gives a record that is no JSON.
    read.records.iter().for_each(|record| json(record));
    let chunks = file.len().div_ceil(65536);
    let total: usize = read.records.iter().map(Vec::len).sum();
    assert!(total <= chunks * MOST_BYTES, "{total} bytes of JSON");
}

/// A chunk put into a file.
fn evtx_file(chunk: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 4096];
    file[..8].copy_from_slice(b"ElfFile\0");
    file.extend_from_slice(chunk);
    file
}

/// Records put into a whole chunk.
fn evtx_chunk(records: &[u8]) -> Vec<u8> {
    const CHUNK_BYTES: usize = 65536;
    const HEADER_BYTES: usize = 512;
    let records = &records[..records.len().min(CHUNK_BYTES - HEADER_BYTES)];
    let end = HEADER_BYTES + records.len();
    let mut chunk = vec![0; CHUNK_BYTES];
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    // Size of the header, start of the last record, end of the records.
    for (at, value) in [(40, 128), (44, HEADER_BYTES), (48, end)] {
        chunk[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
    }
    chunk[HEADER_BYTES..end].copy_from_slice(records);
    chunk
}

/// What came of a file.
struct Records {
    records: Vec<Vec<u8>>,
    /// A limit was met: where exactly depends on the sizes of reads.
    is_limited: bool,
}

/// Reads a file within small limits.
fn read(source: &mut dyn Read, batch_bytes: usize) -> Records {
    let (sender, receiver) = crossbeam_channel::unbounded();
    let options = ingest::Options {
        limits: ingest::Limits {
            record_bytes: 1 << 12,
            batch_bytes,
            unpacked_bytes: 1 << 22,
            ..ingest::Limits::default()
        },
        text: Some(|line, out| event::text::to_json(line, out).map_err(|e| e.to_string())),
        ..ingest::Options::default()
    };
    let progress = ingest::Progress::default();
    let mut problems = Vec::new();
    let mut tell = |problem| problems.push(problem);
    ingest::read_from("fuzzed", source, &options, &progress, &sender, &mut tell);
    drop(sender);
    let mut records = Vec::new();
    for (number, batch) in receiver.into_iter().enumerate() {
        assert_eq!(batch.seq, number as u64);
        let unpacked = batch.unpack();
        for (_, record) in unpacked.iter() {
            assert!(record.trim_ascii_start().starts_with(b"{"), "{record:?}");
            records.push(record.to_vec());
        }
        problems.extend(unpacked.problems);
    }
    let is_limited = problems.iter().any(|problem| problem.kind == ingest::ProblemKind::Limit);
    Records { records, is_limited }
}

/// A source that gives little at a time.
struct Dripping<'b>(&'b [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let most = out.len().min(7);
        self.0.read(&mut out[..most])
    }
}

/// Panics of the event log reader that Ward catches are no finds; libFuzzer would stop at them.
pub fn pass_over_caught_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_caught = panic.location().is_some_and(|at| at.file().contains("/evtx-"));
        if !is_caught {
            before(panic);
        }
    }));
}
