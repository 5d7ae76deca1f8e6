//! Windows event logs. The reader takes the 64 KiB chunks from any byte source, in the order of
//! the file; the worker turns the records of a chunk into the JSON that `evtx_dump -o jsonl`
//! writes.

use std::{
    cell::RefCell,
    error::Error,
    io::Read,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use evtx::{EvtxChunkData, ParserSettings, err::EvtxError};
use terms::Position;

use crate::{
    batch::{Piece, Unpacked, Work},
    cx::{Cx, Halt},
    model::Format,
    source::fill,
};

/// First bytes of an event log.
pub(crate) const MAGIC: &[u8] = b"ElfFile\0";
/// Bytes before the first chunk.
const HEADER_BYTES: usize = 4096;
const CHUNK_BYTES: usize = 65536;
/// Bytes of a chunk before its first record.
const CHUNK_HEADER_BYTES: usize = 512;

/// Sends the chunks of an event log.
///
/// Nothing in the file header is needed: a log that was not closed (dirty) reads like any other.
pub(crate) fn read(cx: &mut Cx<'_>, file: &Arc<str>, source: &mut dyn Read) -> Result<(), Halt> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    fill(source, &mut header, HEADER_BYTES)?;
    if header.len() < HEADER_BYTES {
        cx.damaged(file, Position::Byte(header.len() as u64), "the file header is cut off", 0);
    }
    for number in 0.. {
        let mut bytes = Vec::with_capacity(CHUNK_BYTES);
        let outcome = fill(source, &mut bytes, CHUNK_BYTES);
        let read_bytes = bytes.len();
        let is_last = read_bytes < CHUNK_BYTES;
        if bytes.iter().any(|&b| b != 0) {
            bytes.resize(CHUNK_BYTES, 0);
            cx.send(file, Format::Evtx, Work::Chunk { bytes, number, read_bytes })?;
        }
        outcome?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// Turns the records of a chunk into JSON.
///
/// `read_bytes`: bytes that were there; the rest of the chunk was cut off and is zero.
pub(crate) fn unpack(bytes: Vec<u8>, number: u64, read_bytes: usize, out: &mut Unpacked) {
    // A panic of the reader on hostile bytes must cost this chunk only, not the scan.
    let outcome = catch_unwind(AssertUnwindSafe(|| unpack_records(bytes, number, read_bytes, out)));
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(reason)) => out.damaged(Position::Chunk(number), reason, 1),
        Err(_) => {
            out.damaged(Position::Chunk(number), "the chunk cannot be read".to_owned(), 1);
        }
    }
}

fn unpack_records(
    bytes: Vec<u8>,
    number: u64,
    read_bytes: usize,
    out: &mut Unpacked,
) -> Result<(), String> {
    let mut chunk = EvtxChunkData::new(bytes, false).map_err(|e| reason(&e))?;
    let is_cut = read_bytes < CHUNK_BYTES;
    let is_whole = is_cut || chunk.validate_checksum();
    if is_cut {
        let (end, lost) = whole_records(&chunk.data[..read_bytes]);
        // Without this, a record cut in the middle would be read with zeros for its rest.
        chunk.header.free_space_offset = chunk.header.free_space_offset.min(end);
        out.damaged(Position::Chunk(number), "the chunk is cut off".to_owned(), lost);
    }
    let settings = SETTINGS.with(|settings| Arc::clone(&settings.borrow()));
    let mut records = chunk.parse(settings).map_err(|e| reason(&e))?;
    out.bytes.reserve(2 * CHUNK_BYTES);
    let before = out.problems.len();
    for record in records.iter() {
        match record.and_then(|record| record.into_json_bytes()) {
            Ok(record) => {
                let start = out.bytes.len();
                out.bytes.extend_from_slice(&record.data);
                out.bytes.push(b'\n');
                let range = start..out.bytes.len() - 1;
                let position = Position::Record(record.event_record_id);
                out.records.push(Piece { range, position });
            }
            Err(error) => {
                let position = match &error {
                    EvtxError::FailedToParseRecord { record_id, .. } => {
                        Position::Record(*record_id)
                    }
                    _ => Position::Chunk(number),
                };
                out.damaged(position, reason(&error), 1);
            }
        }
    }
    if !is_whole && out.problems.len() == before {
        let reason = "the checksum does not match: its records were read all the same";
        out.damaged(Position::Chunk(number), reason.to_owned(), 0);
    }
    Ok(())
}

/// Where the last record ends that is there whole, and whether another one had begun.
fn whole_records(bytes: &[u8]) -> (u32, u64) {
    let mut at = CHUNK_HEADER_BYTES;
    while let Some([0x2a, 0x2a, 0, 0, size @ ..]) = bytes.get(at..at + 8) {
        let size = size.try_into().map_or(0, u32::from_le_bytes) as usize;
        if size == 0 || at + size > bytes.len() {
            break;
        }
        at += size;
    }
    let has_more = bytes.get(at..).is_some_and(|rest| rest.iter().any(|&b| b != 0));
    (u32::try_from(at).unwrap_or(u32::MAX), u64::from(has_more))
}

thread_local! {
    /// What `evtx_dump -o jsonl` uses.
    static SETTINGS: RefCell<Arc<ParserSettings>> = RefCell::new(Arc::new(
        ParserSettings::new()
            .separate_json_attributes(false)
            .indent(false)
            .validate_checksums(false),
    ));
}

/// The error and its causes in one line.
fn reason(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{}: {error}", text.trim_end_matches('.'));
        cause = error.source();
    }
    text
}
