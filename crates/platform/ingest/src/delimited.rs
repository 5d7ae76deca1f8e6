//! Tables: rows of cells under a header, as RFC 4180 has them and spreadsheets write them.
//!
//! The reader finds the header and cuts at row ends; the worker turns each row into one JSON
//! object whose values are all strings. Quoted cells may hold line ends. A quote that never
//! closes does not swallow the file: from its row on, every line is a row.

use std::{io::Read, sync::Arc};

use memchr::{memchr, memchr_iter, memchr3};
use terms::Position;

use crate::{
    batch::{Piece, Unpacked, Work},
    cx::{Cx, Halt},
    json,
    lines::too_long,
    model::{Format, ProblemKind},
    source::Blocks,
};

/// Most columns of a table.
const MAX_COLUMNS: usize = 4096;

/// What the rows of a block need to be understood.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The byte between cells.
    delimiter: u8,
    /// For each column its name as a JSON string with the colon after it.
    keys: Vec<Vec<u8>>,
    /// Whether a quoted cell may hold line ends.
    spans_lines: bool,
}

/// Sends the rows of a table.
pub(crate) fn read(
    cx: &mut Cx<'_>,
    file: &Arc<str>,
    source: &mut dyn Read,
    delimiter: u8,
) -> Result<(), Halt> {
    let limits = cx.options.limits.clone();
    let mut blocks = Blocks::new(source, &limits);
    let mut rows = Rows::new(delimiter);
    loop {
        let is_end = blocks.fill(&mut rows.buf) == 0;
        let is_cut = is_end && blocks.has_failed();
        let mut trouble = None;
        while let Some(end) = rows.cut(limits.record_bytes, is_end && !is_cut, &mut trouble) {
            let start_line = rows.line;
            if let Some(work) = rows.take(end) {
                cx.send(file, Format::Delimited, work)?;
            }
            if let Some((kind, reason, lost)) = trouble.take() {
                cx.problem(kind, file, Position::Line(start_line), &reason, lost);
            }
        }
        if is_end {
            break;
        }
    }
    if !rows.buf.trim_ascii().is_empty() {
        cx.damaged(file, Position::Line(rows.line), "the last row is cut off", 1);
    }
    blocks.finish().map_err(Halt::Failed)
}

/// Why rows are given up, and how many that costs.
type Trouble = (ProblemKind, String, u64);

/// Bytes on their way to whole rows.
struct Rows {
    buf: Vec<u8>,
    line: u64,
    delimiter: u8,
    table: Option<Arc<Table>>,
    spans_lines: bool,
    /// Inside a line that is too long, to be passed over.
    is_skipping: bool,
}

impl Rows {
    fn new(delimiter: u8) -> Self {
        Rows {
            buf: Vec::new(),
            line: 1,
            delimiter,
            table: None,
            spans_lines: true,
            is_skipping: false,
        }
    }

    /// How many bytes of the buffer are whole rows; `None` if more bytes are needed.
    fn cut(
        &mut self,
        longest: usize,
        is_end: bool,
        trouble: &mut Option<Trouble>,
    ) -> Option<usize> {
        if self.is_skipping {
            self.skip();
        }
        if self.buf.is_empty() {
            return None;
        }
        let mut end = 0;
        while let Some(next) = row_end(&self.buf, end, self.delimiter, self.spans_lines) {
            end = next;
            if self.table.is_none() {
                return Some(end);
            }
        }
        if end > 0 {
            return Some(end);
        }
        if is_end && self.spans_lines && has_open_quote(&self.buf, self.delimiter) {
            let reason = "a quote is never closed: from here on every line is taken for a row";
            *trouble = Some((ProblemKind::Damaged, reason.to_owned(), 0));
            self.set_lines();
            return self.cut(longest, is_end, &mut None);
        }
        if is_end {
            return Some(self.buf.len());
        }
        if self.buf.len() > longest {
            if memchr(b'\n', &self.buf).is_some() {
                let reason = "a row without end: from here on every line is taken for a row";
                *trouble = Some((ProblemKind::Limit, reason.to_owned(), 0));
                self.set_lines();
                return self.cut(longest, is_end, &mut None);
            }
            let reason = format!("more than {longest} bytes long: skipped");
            *trouble = Some((ProblemKind::Limit, reason, 1));
            self.buf.clear();
            self.is_skipping = true;
            return Some(0);
        }
        None
    }

    /// Passes over a line that is too long.
    fn skip(&mut self) {
        match memchr(b'\n', &self.buf) {
            Some(end) => {
                self.buf.drain(..=end);
                self.line += 1;
                self.is_skipping = false;
            }
            None => self.buf.clear(),
        }
    }

    /// Gives up quoted line ends.
    fn set_lines(&mut self) {
        self.spans_lines = false;
        if let Some(table) = &self.table {
            self.table = Some(Arc::new(Table { spans_lines: false, ..Table::clone(table) }));
        }
    }

    /// Takes rows out: the header is kept, other rows are work.
    fn take(&mut self, end: usize) -> Option<Work> {
        let rest = self.buf[end..].to_vec();
        let mut bytes = std::mem::replace(&mut self.buf, rest);
        bytes.truncate(end);
        let first_line = self.line;
        self.line += memchr_iter(b'\n', &bytes).count() as u64;
        let Some(table) = &self.table else {
            self.header(&bytes);
            return None;
        };
        Some(Work::Rows { bytes, first_line, table: Arc::clone(table) })
    }

    /// Reads the header, or the line `sep=;` before it.
    fn header(&mut self, row: &[u8]) {
        if row.trim_ascii().is_empty() {
            return;
        }
        if let Some(delimiter) = separator_line(row) {
            self.delimiter = delimiter;
            return;
        }
        self.table = Some(Arc::new(Table::new(row, self.delimiter, self.spans_lines)));
    }
}

/// The delimiter that a first line such as `sep=;` names.
pub(crate) fn separator_line(row: &[u8]) -> Option<u8> {
    let row = row.trim_ascii_start();
    let rest = row.strip_prefix(b"sep=").or_else(|| row.strip_prefix(b"\"sep="))?;
    match rest {
        [delimiter @ (b',' | b';' | b'\t' | b'|'), rest @ ..]
            if rest.iter().all(|b| b.is_ascii_whitespace() || *b == b'"') =>
        {
            Some(*delimiter)
        }
        _ => None,
    }
}

impl Table {
    /// Names the columns: trimmed, empty ones by number, repeated ones numbered.
    fn new(header: &[u8], delimiter: u8, spans_lines: bool) -> Self {
        let mut names: Vec<Vec<u8>> = Vec::new();
        let mut cell = Vec::new();
        let mut rest = Some(header);
        while let Some(row) = rest.filter(|_| names.len() < MAX_COLUMNS) {
            rest = next_cell(row, delimiter, &mut cell);
            let mut name = cell.trim_ascii().to_vec();
            if name.is_empty() {
                name = format!("column{}", names.len() + 1).into_bytes();
            }
            let plain = name.clone();
            let mut number = 2;
            while names.contains(&name) {
                name = [&plain[..], format!("_{number}").as_bytes()].concat();
                number += 1;
            }
            names.push(name);
        }
        let keys = names.iter().map(|name| key(name)).collect();
        Table { delimiter, keys, spans_lines }
    }
}

fn key(name: &[u8]) -> Vec<u8> {
    let mut key = Vec::new();
    json::write_string(name, &mut key);
    key.push(b':');
    key
}

/// Turns rows into JSON objects.
pub(crate) fn unpack(
    bytes: &[u8],
    first_line: u64,
    longest: usize,
    table: &Table,
    out: &mut Unpacked,
) {
    let (mut start, mut line) = (0, first_line);
    while start < bytes.len() {
        let end = row_end(bytes, start, table.delimiter, table.spans_lines).unwrap_or(bytes.len());
        let row = &bytes[start..end];
        let position = Position::Line(line);
        line += memchr_iter(b'\n', row).count() as u64;
        start = end;
        if row.len() > longest {
            let reason = too_long(row.len() as u64, longest);
            out.problem(ProblemKind::Limit, position, reason, 1);
        } else if !row.trim_ascii().is_empty() {
            unpack_row(row, position, table, out);
        }
    }
}

fn unpack_row(row: &[u8], position: Position, table: &Table, out: &mut Unpacked) {
    let written = out.bytes.len();
    let mut cell = Vec::new();
    let mut cells = 0;
    let mut rest = Some(row);
    out.bytes.push(b'{');
    while let Some(row) = rest.filter(|_| cells < MAX_COLUMNS) {
        rest = next_cell(row, table.delimiter, &mut cell);
        if cells > 0 {
            out.bytes.push(b',');
        }
        match table.keys.get(cells) {
            Some(key) => out.bytes.extend_from_slice(key),
            None => out.bytes.extend_from_slice(&key(format!("column{}", cells + 1).as_bytes())),
        }
        json::write_string(&cell, &mut out.bytes);
        cells += 1;
    }
    out.bytes.push(b'}');
    out.records.push(Piece { range: written..out.bytes.len(), position });
    if cells != table.keys.len() || rest.is_some() {
        let columns = table.keys.len();
        let reason = format!("{cells} cells under {columns} columns: read all the same");
        out.damaged(position, reason, 0);
    }
}

/// Reads one cell into `cell`; gives the rest of the row, `None` after the last cell.
fn next_cell<'r>(row: &'r [u8], delimiter: u8, cell: &mut Vec<u8>) -> Option<&'r [u8]> {
    cell.clear();
    let mut rest = row;
    if let Some(mut quoted) = row.strip_prefix(b"\"") {
        loop {
            let Some(quote) = memchr(b'"', quoted) else {
                // The quote is never closed.
                cell.extend_from_slice(trim_line_end(quoted));
                return None;
            };
            cell.extend_from_slice(&quoted[..quote]);
            quoted = &quoted[quote + 1..];
            if quoted.first() != Some(&b'"') {
                break;
            }
            cell.push(b'"');
            quoted = &quoted[1..];
        }
        rest = quoted;
    }
    match memchr(delimiter, rest) {
        Some(at) => {
            cell.extend_from_slice(&rest[..at]);
            Some(&rest[at + 1..])
        }
        None => {
            cell.extend_from_slice(trim_line_end(rest));
            None
        }
    }
}

fn trim_line_end(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// The index after the line end of the row that begins at `start`; `None` if it is not there.
pub(crate) fn row_end(
    bytes: &[u8],
    start: usize,
    delimiter: u8,
    spans_lines: bool,
) -> Option<usize> {
    if !spans_lines {
        return memchr(b'\n', &bytes[start..]).map(|at| start + at + 1);
    }
    let mut at = start;
    let mut is_cell_start = true;
    loop {
        if is_cell_start && bytes.get(at) == Some(&b'"') {
            at = quoted_end(bytes, at + 1)?;
        }
        at += memchr3(delimiter, b'\n', b'\n', bytes.get(at..)?)?;
        if bytes[at] == b'\n' {
            return Some(at + 1);
        }
        at += 1;
        is_cell_start = true;
    }
}

/// The index after the quote that closes a cell; `None` if it is not there for sure.
fn quoted_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr(b'"', bytes.get(at..)?)? + 1;
        if bytes.get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether the row that begins the bytes has a quote without its partner.
fn has_open_quote(bytes: &[u8], delimiter: u8) -> bool {
    memchr(b'\n', bytes).is_some() && row_end(bytes, 0, delimiter, true).is_none()
}

/// The delimiter of a table, judged by its first rows; `None` if it is none.
///
/// `is_named`: the file's name says that it is a table, so the header alone is enough.
pub(crate) fn sniff(head: &[u8], is_whole: bool, is_named: bool) -> Option<u8> {
    let first_end = row_end(head, 0, b',', false).unwrap_or(head.len());
    if let Some(delimiter) = separator_line(&head[..first_end]) {
        return Some(delimiter);
    }
    [b'\t', b';', b',', b'|']
        .into_iter()
        .filter_map(|delimiter| Some((columns(head, is_whole, is_named, delimiter)?, delimiter)))
        .max_by_key(|&(columns, _)| columns)
        .map(|(_, delimiter)| delimiter)
}

/// Columns of the header, if the rows after it look like they belong to it.
fn columns(head: &[u8], is_whole: bool, is_named: bool, delimiter: u8) -> Option<usize> {
    let end = row_end(head, 0, delimiter, true).or_else(|| is_whole.then_some(head.len()))?;
    let table = Table::new(&head[..end], delimiter, true);
    let columns = table.keys.len();
    if columns < 2 || !table.keys.iter().all(|key| is_name(key)) {
        return None;
    }
    if is_named {
        return Some(columns);
    }
    let (mut start, mut good) = (end, 0);
    while good < 5 && start < head.len() {
        let Some(end) = row_end(head, start, delimiter, true).or(is_whole.then_some(head.len()))
        else {
            break;
        };
        if cells(&head[start..end], delimiter) != columns {
            return None;
        }
        (start, good) = (end, good + 1);
    }
    (good > 0 && columns >= if delimiter == b',' { 3 } else { 2 }).then_some(columns)
}

/// Whether a column may be called so; text lines with commas fail here.
fn is_name(key: &[u8]) -> bool {
    let name = key.strip_prefix(b"\"").and_then(|k| k.strip_suffix(b"\":")).unwrap_or(key);
    let starts_well = name
        .first()
        .is_some_and(|b| b.is_ascii_alphabetic() || b"_@#".contains(b) || !b.is_ascii());
    starts_well && name.len() <= 128 && !name.iter().any(|b| b"={}[]\n".contains(b))
}

fn cells(row: &[u8], delimiter: u8) -> usize {
    let (mut count, mut cell, mut rest) = (0, Vec::new(), Some(row));
    while let Some(row) = rest.filter(|_| count < MAX_COLUMNS) {
        rest = next_cell(row, delimiter, &mut cell);
        count += 1;
    }
    count
}
