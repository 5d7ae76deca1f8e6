//! Files of lines. The reader cuts blocks at line ends and counts lines, nothing more; the
//! worker finds each line, or has it turned into JSON.

use std::{ops::Range, sync::Arc};

use memchr::{memchr, memchr_iter, memrchr};
use terms::Position;

use crate::{
    batch::{Piece, Unpacked, Work},
    cx::{Cx, Halt},
    elements,
    model::{Format, Limits, ProblemKind, TextToJson},
    source::Blocks,
};

/// Sends blocks of JSON lines.
pub(crate) fn read_json(
    cx: &mut Cx<'_>,
    file: &Arc<str>,
    source: &mut dyn std::io::Read,
) -> Result<(), Halt> {
    cut(cx, file, source, Format::JsonLines, &mut |bytes, first_line| Work::JsonLines {
        bytes,
        first_line,
    })
}

/// Sends blocks of text lines.
pub(crate) fn read_text(
    cx: &mut Cx<'_>,
    file: &Arc<str>,
    source: &mut dyn std::io::Read,
    to_json: TextToJson,
) -> Result<(), Halt> {
    cut(cx, file, source, Format::Text, &mut |bytes, first_line| Work::Text {
        bytes,
        first_line,
        to_json,
    })
}

/// Cuts a source into blocks of whole lines.
fn cut(
    cx: &mut Cx<'_>,
    file: &Arc<str>,
    source: &mut dyn std::io::Read,
    format: Format,
    work: &mut dyn FnMut(Vec<u8>, u64) -> Work,
) -> Result<(), Halt> {
    let limits = cx.options.limits.clone();
    let mut blocks = Blocks::new(source, &limits);
    let mut line = 1;
    let mut buf = Vec::with_capacity(limits.batch_bytes);
    let mut searched = 0;
    loop {
        if let Some(end) = memrchr(b'\n', &buf[searched..]).map(|at| searched + at + 1) {
            let mut next = Vec::with_capacity(buf.len() - end + limits.batch_bytes);
            next.extend_from_slice(&buf[end..]);
            buf.truncate(end);
            let lines = memchr_iter(b'\n', &buf).count() as u64;
            cx.send(file, format, work(buf, line))?;
            line += lines;
            buf = next;
        } else if buf.len() > limits.record_bytes {
            let length = skip_line(&mut blocks, &mut buf);
            let reason = too_long(length, limits.record_bytes);
            cx.problem(ProblemKind::Limit, file, Position::Line(line), &reason, 1);
            line += 1;
            // What follows the line may hold whole lines: look before reading on.
            searched = 0;
            continue;
        }
        searched = buf.len();
        if blocks.fill(&mut buf) == 0 {
            break;
        }
    }
    let ended = blocks.finish();
    let is_cut = match format {
        Format::JsonLines => !elements::is_complete(&buf),
        _ => ended.is_err(),
    };
    if is_cut && !buf.trim_ascii().is_empty() {
        cx.damaged(file, Position::Line(line), "the last line is cut off", 1);
    } else {
        cx.send(file, format, work(buf, line))?;
    }
    ended.map_err(Halt::Failed)
}

/// Drops the rest of a line; leaves what follows it in `buf`. Out: the length of the line.
fn skip_line(blocks: &mut Blocks<'_>, buf: &mut Vec<u8>) -> u64 {
    let mut length = buf.len() as u64;
    loop {
        buf.clear();
        if blocks.fill(buf) == 0 {
            return length;
        }
        if let Some(end) = memchr(b'\n', buf) {
            buf.drain(..=end);
            return length + end as u64;
        }
        length += buf.len() as u64;
    }
}

pub(crate) fn too_long(length: u64, longest: usize) -> String {
    format!("{length} bytes long: skipped, the limit is {longest} bytes")
}

/// Bytes and number of each line, without the line end.
fn lines(bytes: &[u8], first_line: u64) -> impl Iterator<Item = (u64, usize, usize)> + '_ {
    let ends = memchr_iter(b'\n', bytes).map(|at| at + 1);
    let last = (!bytes.ends_with(b"\n") && !bytes.is_empty()).then_some(bytes.len());
    let mut start = 0;
    ends.chain(last).zip(first_line..).map(move |(end, number)| {
        let line = (number, start, end);
        start = end;
        line
    })
}

/// Finds the lines that hold a JSON object.
pub(crate) fn unpack_json(bytes: Vec<u8>, first_line: u64, longest: usize, out: &mut Unpacked) {
    out.records.reserve(bytes.len() / 512);
    for (number, start, end) in lines(&bytes, first_line) {
        let Some((start, end)) = trim(&bytes, start, end) else { continue };
        let position = Position::Line(number);
        if end - start > longest {
            let reason = too_long((end - start) as u64, longest);
            out.problem(ProblemKind::Limit, position, reason, 1);
        } else if bytes[start] == b'{' {
            out.records.push(Piece { range: start..end, position });
        } else {
            unpack_odd(&bytes, start..end, position, out);
        }
    }
    out.bytes = bytes;
}

/// A line that does not begin with an object: there may be one after zero bytes.
fn unpack_odd(bytes: &[u8], line: Range<usize>, position: Position, out: &mut Unpacked) {
    let zeros = bytes[line.clone()].iter().take_while(|&&b| b == 0).count();
    let range = line.start + zeros..line.end;
    if bytes[range.clone()].starts_with(b"{") {
        out.records.push(Piece { range, position });
        out.damaged(position, "begins with zero bytes: the rest was read".to_owned(), 0);
    } else if range.is_empty() {
        let reason = "zero bytes, as a lost power supply leaves them";
        out.damaged(position, reason.to_owned(), 1);
    } else {
        out.damaged(position, "no JSON object".to_owned(), 1);
    }
}

/// The line without blanks and byte order mark; `None` if nothing is left.
fn trim(bytes: &[u8], mut start: usize, mut end: usize) -> Option<(usize, usize)> {
    if bytes[start..end].starts_with(b"\xef\xbb\xbf") {
        start += 3;
    }
    while start < end && bytes[start].is_ascii_whitespace() {
        start += 1;
    }
    while start < end && bytes[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    (start < end).then_some((start, end))
}

/// Has each line turned into JSON.
pub(crate) fn unpack_text(
    bytes: &[u8],
    first_line: u64,
    longest: usize,
    to_json: TextToJson,
    out: &mut Unpacked,
) {
    let mut others = (0_u64, 0_u64);
    for (number, start, end) in lines(bytes, first_line) {
        let Some((_, end)) = trim(bytes, start, end) else { continue };
        let position = Position::Line(number);
        if end - start > longest {
            let reason = too_long((end - start) as u64, longest);
            out.problem(ProblemKind::Limit, position, reason, 1);
            continue;
        }
        let written = out.bytes.len();
        match to_json(&bytes[start..end], &mut out.bytes) {
            Ok(true) => {
                let range = written..out.bytes.len();
                out.records.push(Piece { range, position });
                continue;
            }
            Ok(false) => {
                others = (others.0 + 1, if others.0 == 0 { number } else { others.1 });
            }
            Err(reason) => out.damaged(position, reason, 1),
        }
        out.bytes.truncate(written);
    }
    if let (count @ 1.., first) = others {
        let reason = format!("{count} lines from here on are no log lines");
        out.problem(ProblemKind::Skipped, Position::Line(first), reason, 0);
    }
}

/// The first lines that are there whole, at most 64, for recognition.
pub(crate) fn head_lines(head: &[u8], is_whole: bool, limits: &Limits) -> Vec<Vec<u8>> {
    let end = match memrchr(b'\n', head) {
        Some(at) if !is_whole => at + 1,
        _ => head.len(),
    };
    lines(&head[..end], 1)
        .filter_map(|(_, start, end)| trim(head, start, end))
        .filter(|(start, end)| end - start <= limits.record_bytes)
        .map(|(start, end)| head[start..end].to_vec())
        .take(64)
        .collect()
}
