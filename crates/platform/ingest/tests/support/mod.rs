//! One way to read for all suites, and makers of wrappings.
#![allow(dead_code, clippy::unwrap_used, missing_docs, unreachable_pub)]

use std::{io::Write, path::Path};

use ingest::{
    Input, Limits, Options, Problem, ProblemKind, Progress, ReadSummary, read, read_from,
};
use terms::Position;

/// Everything that one reading gave.
pub struct Read {
    pub records: Vec<(String, Position, String)>,
    pub problems: Vec<Problem>,
    pub summary: ReadSummary,
    pub batches: u64,
    pub progress: Progress,
}

impl Read {
    pub fn texts(&self) -> Vec<&str> {
        self.records.iter().map(|(_, _, text)| text.as_str()).collect()
    }

    pub fn values(&self) -> Vec<serde_json::Value> {
        self.texts().iter().map(|text| serde_json::from_str(text).expect(text)).collect()
    }

    pub fn positions(&self) -> Vec<String> {
        self.records.iter().map(|(_, position, _)| position.to_string()).collect()
    }

    /// Problems as the user sees them.
    pub fn lines(&self) -> Vec<String> {
        self.problems.iter().map(|p| format!("{:?} {}: {}", p.kind, p.place, p.reason)).collect()
    }

    pub fn kinds(&self) -> Vec<ProblemKind> {
        self.problems.iter().map(|p| p.kind).collect()
    }

    pub fn lost(&self) -> u64 {
        self.problems.iter().map(|p| p.records_lost_at_least).sum()
    }
}

/// Options with small blocks, so that every suite meets block ends.
pub fn options(batch_bytes: usize) -> Options {
    let limits = Limits { batch_bytes, ..Limits::default() };
    Options { limits, text: Some(text), ..Options::default() }
}

/// A stand-in for the true converter: lines that begin with `<` are log lines.
pub fn text(line: &[u8], out: &mut Vec<u8>) -> Result<bool, String> {
    out.extend_from_slice(b"{\"line\":");
    out.extend_from_slice(
        serde_json::to_string(&String::from_utf8_lossy(line)).unwrap().as_bytes(),
    );
    out.push(b'}');
    match line.first() {
        Some(b'<') => Ok(true),
        Some(b'!') => Err("no priority".to_owned()),
        _ => Ok(false),
    }
}

pub fn read_inputs(inputs: &[Input], options: &Options) -> Read {
    collect(|progress, sender, problems| read(inputs, options, progress, sender, problems))
}

pub fn read_path(path: &Path, options: &Options) -> Read {
    read_inputs(&[Input::Path(path.to_owned())], options)
}

pub fn read_stream(source: &mut dyn std::io::Read, options: &Options) -> Read {
    collect(|progress, sender, problems| {
        read_from("stream", source, options, progress, sender, problems)
    })
}

pub fn read_bytes(mut bytes: &[u8], options: &Options) -> Read {
    read_stream(&mut bytes, options)
}

fn collect(
    run: impl FnOnce(
        &Progress,
        &crossbeam_channel::Sender<ingest::Batch>,
        &mut dyn FnMut(Problem),
    ) -> ReadSummary,
) -> Read {
    let (sender, receiver) = crossbeam_channel::bounded::<ingest::Batch>(4);
    let progress = Progress::default();
    let mut problems = Vec::new();
    let (summary, records, late, batches) = std::thread::scope(|scope| {
        let worker = scope.spawn(move || {
            let (mut records, mut problems, mut batches) = (Vec::new(), Vec::new(), 0);
            for batch in receiver {
                assert_eq!(batch.seq, batches, "batches come in order");
                batches += 1;
                let unpacked = batch.unpack();
                for (position, text) in unpacked.iter() {
                    let text = String::from_utf8_lossy(text).into_owned();
                    records.push((unpacked.file.to_string(), position, text));
                }
                problems.extend(unpacked.problems);
            }
            (records, problems, batches)
        });
        let summary = run(&progress, &sender, &mut |problem| problems.push(problem));
        drop(sender);
        let (records, late, batches) = worker.join().unwrap();
        (summary, records, late, batches)
    });
    problems.extend(late);
    Read { records, problems, summary, batches, progress }
}

pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(members, zip::CompressionMethod::Deflated)
}

pub fn zip_with(members: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let how = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        out.start_file(*name, how).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

pub fn utf16(text: &str, is_big_endian: bool) -> Vec<u8> {
    std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(|u: u16| if is_big_endian { u.to_be_bytes() } else { u.to_le_bytes() })
        .collect()
}
