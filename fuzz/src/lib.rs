//! What each fuzz target does with its bytes: laws that must hold whatever comes from outside.
//! `fuzz_targets/` feeds them from a fuzzer, `tests/replay.rs` from kept seeds and finds.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use event::{Catalogue, Reader};
use oracle::{FlatEvent, Oracle};
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

/// One JSON record: no panic, and what a strict parser takes for an object is read.
pub fn json(bytes: &[u8]) {
    let mut reader = Reader::new(CATALOGUE.clone());
    let mut fields = Vec::new();
    let read = reader.json(bytes, &mut fields);
    if let Ok(kind) = read {
        let event = reader.event(kind, &fields);
        let _ = (event.time(), event.host(), event.user());
        let mut opened = Vec::new();
        if reader.unnest(kind, bytes, &mut opened) {
            reader.json(&opened, &mut Vec::new()).expect("what was opened is JSON");
        }
    }
    // serde_json goes deeper than Ward does, so only shallow records are compared.
    let shallow = bytes.iter().filter(|b| matches!(b, b'{' | b'[')).count() < 60;
    if shallow && serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes).is_ok()
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

/// A file of the catalogue: read, or a clear error.
pub fn catalogue(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = Catalogue::parse([("fuzzed.yaml", text)], Default::default()) {
        assert!(error.to_string().contains("fuzzed.yaml"), "{error}");
    }
}

/// A file of rules: every document is used or refused, none is lost.
pub fn rule(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parsed = sigma::parse::file(&"fuzzed.yml".into(), text, &Placeholders::new());
    let set = RuleSet::new([parsed]);
    let engine = Arc::new(Engine::new(Arc::new(set)));
    let mut reader = Reader::new(CATALOGUE.clone());
    let mut fields = Vec::new();
    let event = br#"{"Channel":"Security","EventID":4688,"NewProcessName":"C:\\a.exe"}"#;
    let kind = reader.json(event, &mut fields).expect("a readable event");
    let _ = Matcher::new(engine).matches(reader.event(kind, &fields));
}

/// A rule, a line `===`, and an event: engine, explanation and slow interpreter agree.
pub fn engine(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some((rule, event)) = text.split_once("\n===\n") else { return };
    let parsed = sigma::parse::file(&"fuzzed.yml".into(), rule, &Placeholders::new());
    let set = RuleSet::new([parsed]);
    let (1, Ok(slow)) = (set.rules().len(), Oracle::parse(rule)) else { return };
    if !set.refused.is_empty() {
        return;
    }
    let mut reader = Reader::new(CATALOGUE.clone());
    let mut fields = Vec::new();
    let Ok(kind) = reader.json(event.as_bytes(), &mut fields) else { return };
    let event = reader.event(kind, &fields);
    let said = sigma::explain(set.rule(RuleId(0)), event).holds();
    let expected = slow.is_for(event.kind) && slow.holds(&FlatEvent::from_ward(&event));
    let mut matcher = Matcher::new(Arc::new(Engine::new(Arc::new(set))));
    let held = !matcher.matches(event).is_empty();
    assert_eq!((held, said), (expected, expected), "engine, explanation; interpreter: {expected}");
}

/// A file of any wrapping: read in bounded pieces, every record an object's text.
pub fn ingest(bytes: &[u8]) {
    let (sender, receiver) = crossbeam_channel::unbounded();
    let options = ingest::Options {
        limits: ingest::Limits {
            record_bytes: 1 << 12,
            batch_bytes: 1 << 10,
            unpacked_bytes: 1 << 22,
            ..ingest::Limits::default()
        },
        text: Some(|line, out| event::text::to_json(line, out).map_err(|e| e.to_string())),
        ..ingest::Options::default()
    };
    let mut source = bytes;
    let progress = ingest::Progress::default();
    ingest::read_from("fuzzed", &mut source, &options, &progress, &sender, &mut |_| {});
    drop(sender);
    for (number, batch) in receiver.into_iter().enumerate() {
        assert_eq!(batch.seq, number as u64);
        for (_, record) in batch.unpack().iter() {
            assert!(record.trim_ascii_start().starts_with(b"{"), "{record:?}");
        }
    }
}
