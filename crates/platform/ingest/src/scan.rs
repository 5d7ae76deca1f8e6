//! Finds where JSON objects begin and end, byte by byte, whatever the blocks they come in.
//!
//! In: blocks of one JSON text. Out: marks. Knows strings, nesting and the wrappers of log
//! exports, nothing else: whether an object is valid is left to whoever parses it. Pure.

use memchr::memchr3;

/// Keys whose array of objects holds the records of an export.
const WRAPPERS: [&[u8]; 10] = [
    b"Records",
    b"records",
    b"value",
    b"events",
    b"Events",
    b"logs",
    b"Logs",
    b"logEvents",
    b"hits",
    b"results",
];

/// Keys that may hold an object before the array of a wrapper.
const NOTES: [&[u8]; 5] = [b"meta", b"metadata", b"paging", b"pagination", b"links"];

/// Longest key that can matter for wrappers.
const KEY_BYTES: usize = 16;

/// Something found, at an index into the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// An object begins that may be a record.
    Begin(usize),
    /// The object that began is a wrapper: forget it.
    Unwrap,
    /// The record ends before this index; `broken`: a line end inside a string.
    End { end: usize, broken: bool },
    /// A value begins that is no object where a record should stand.
    Other(usize),
    /// A closing bracket without an opening one.
    Stray(usize),
}

/// State between blocks.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    depth: u32,
    /// Depth of the brackets around records: 0 outside any array.
    base: u32,
    in_string: bool,
    is_escaped: bool,
    is_open: bool,
    is_broken: bool,
    is_line_start: bool,
    /// Inside a value that is no object but stands where a record should.
    in_other: bool,
    wrapper: Wrapper,
    elements: u64,
}

/// Whether the object at hand may be a wrapper.
#[derive(Debug, Default)]
struct Wrapper {
    is_possible: bool,
    /// Depth at which keys count: 1, or 2 inside `hits`.
    level: u32,
    expects_key: bool,
    in_key: bool,
    key: Vec<u8>,
    /// The array just opened is one of records if an object comes next.
    is_array_open: bool,
    in_hits: bool,
}

impl Scanner {
    /// Elements begun so far in the array at hand.
    pub(crate) fn elements(&self) -> u64 {
        self.elements
    }

    /// Whether records stand in an array (else one after the other).
    pub(crate) fn in_array(&self) -> bool {
        self.base > 0
    }

    /// Whether the text may end here.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.depth == 0 && !self.in_string
    }

    /// Whether records come from the `hits` of a search engine.
    pub(crate) fn in_hits(&self) -> bool {
        self.base > 0 && self.wrapper.in_hits
    }

    /// Reads one block.
    pub(crate) fn scan(&mut self, block: &[u8], mark: &mut dyn FnMut(Mark, &Scanner)) {
        let mut at = 0;
        while at < block.len() {
            if self.in_string {
                at = self.string(block, at);
                continue;
            }
            let byte = block[at];
            let is_line_start = std::mem::replace(&mut self.is_line_start, byte == b'\n');
            if byte == b'{' && is_line_start && self.is_broken && self.depth > self.base {
                self.resync(at, mark);
            }
            match byte {
                b'"' => {
                    self.starts_value(at, false, mark);
                    self.in_string = true;
                    self.wrapper.begin_key(self.depth);
                }
                b'{' | b'[' => self.open(byte, at, mark),
                b'}' | b']' => self.close(at, mark),
                b',' => {
                    self.in_other &= self.depth != self.base;
                    self.wrapper.expects_key |= self.depth == self.wrapper.level;
                }
                b'\n' => self.in_other &= self.depth > 0,
                b' ' | b'\t' | b'\r' | b':' => {}
                _ => self.starts_value(at, false, mark),
            }
            at += 1;
        }
    }

    /// Reads inside a string; gives the index after what was read.
    fn string(&mut self, block: &[u8], at: usize) -> usize {
        if self.is_escaped {
            self.is_escaped = false;
            self.wrapper.push_key(b"\\");
            return at + 1;
        }
        let Some(length) = memchr3(b'"', b'\\', b'\n', &block[at..]) else {
            self.wrapper.push_key(&block[at..]);
            return block.len();
        };
        let end = at + length;
        self.wrapper.push_key(&block[at..end]);
        match block[end] {
            b'\\' => self.is_escaped = true,
            found => {
                // JSON has no line end inside a string: it was cut off in the middle.
                self.is_broken |= found == b'\n';
                self.is_line_start = found == b'\n';
                self.in_string = false;
                self.wrapper.in_key = false;
            }
        }
        end + 1
    }

    /// An object at the start of a line, after a record that broke off: a new beginning.
    fn resync(&mut self, at: usize, mark: &mut dyn FnMut(Mark, &Scanner)) {
        if std::mem::take(&mut self.is_open) {
            mark(Mark::End { end: at, broken: true }, self);
        }
        (self.depth, self.base, self.is_broken) = (0, 0, false);
        self.wrapper = Wrapper::default();
    }

    fn open(&mut self, byte: u8, at: usize, mark: &mut dyn FnMut(Mark, &Scanner)) {
        let is_object = byte == b'{';
        if self.depth == 0 && !is_object {
            if !self.in_other {
                (self.base, self.depth, self.elements) = (1, 1, 0);
            }
            return;
        }
        if self.wrapper.is_array_open && is_object {
            self.unwrap(mark);
        }
        if self.depth == self.base {
            self.starts_value(at, is_object, mark);
            if self.base == 0 && is_object {
                self.wrapper.restart();
            }
        } else if self.wrapper.is_possible {
            self.wrapper.open(self.depth, is_object);
        }
        self.depth += 1;
    }

    /// The array just opened holds the records.
    fn unwrap(&mut self, mark: &mut dyn FnMut(Mark, &Scanner)) {
        self.wrapper.is_array_open = false;
        self.wrapper.is_possible = false;
        (self.base, self.elements) = (self.depth, 0);
        if std::mem::take(&mut self.is_open) {
            mark(Mark::Unwrap, self);
        }
    }

    fn close(&mut self, at: usize, mark: &mut dyn FnMut(Mark, &Scanner)) {
        if self.depth == 0 {
            if !self.in_other {
                mark(Mark::Stray(at), self);
            }
            return;
        }
        if self.wrapper.is_array_open {
            self.wrapper.is_array_open = false;
        }
        self.depth -= 1;
        if self.depth == self.base {
            if std::mem::take(&mut self.is_open) {
                let broken = std::mem::take(&mut self.is_broken);
                mark(Mark::End { end: at + 1, broken }, self);
            }
            if self.depth == 0 {
                self.wrapper.is_possible = false;
            }
        } else if self.depth < self.base {
            self.base = 0;
            self.in_other = false;
            // A wrapper may hold a second array of records.
            self.wrapper.resume(self.depth);
        }
    }

    /// A value begins; marks it where a record should stand.
    fn starts_value(&mut self, at: usize, is_object: bool, mark: &mut dyn FnMut(Mark, &Scanner)) {
        self.wrapper.is_array_open = false;
        if self.depth != self.base || (self.in_other && !is_object) {
            return;
        }
        if self.base > 0 {
            self.elements += 1;
        }
        if is_object {
            (self.is_open, self.is_broken, self.in_other) = (true, false, false);
            mark(Mark::Begin(at), self);
        } else {
            self.in_other = true;
            mark(Mark::Other(at), self);
        }
    }
}

impl Wrapper {
    /// A top-level object begins.
    fn restart(&mut self) {
        *self = Wrapper { is_possible: true, level: 1, expects_key: true, ..Wrapper::default() };
    }

    /// An array of records has ended; the object around it goes on at this depth.
    fn resume(&mut self, depth: u32) {
        *self = Wrapper { is_possible: depth > 0, level: depth, ..Wrapper::default() };
        self.in_hits = depth == 2;
    }

    fn begin_key(&mut self, depth: u32) {
        if self.is_possible && self.expects_key && depth == self.level {
            (self.in_key, self.expects_key) = (true, false);
            self.key.clear();
        }
    }

    fn push_key(&mut self, part: &[u8]) {
        if self.in_key && self.key.len() <= KEY_BYTES {
            self.key.extend_from_slice(&part[..part.len().min(KEY_BYTES + 1)]);
        }
    }

    /// An object or array opens inside the object at hand.
    fn open(&mut self, depth: u32, is_object: bool) {
        if depth != self.level {
            // Objects inside the arrays and notes of a wrapper do not matter.
            return;
        }
        let key = self.key.as_slice();
        if !is_object {
            self.is_array_open = WRAPPERS.contains(&key);
            self.in_hits |= key == b"hits";
        } else if key == b"hits" && self.level == 1 {
            (self.level, self.expects_key, self.in_hits) = (2, true, true);
        } else if !key.starts_with(b"_") && !NOTES.contains(&key) && self.level == 1 {
            self.is_possible = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of the records found, with blocks of each size.
    fn check(text: &str, expected: &[&str]) {
        for size in [1, 2, 3, 7, 64, 4096] {
            let (mut found, mut start) = (Vec::new(), 0);
            let mut scanner = Scanner::default();
            for (index, block) in text.as_bytes().chunks(size).enumerate() {
                scanner.scan(block, &mut |mark, _| match mark {
                    Mark::Begin(at) => start = index * size + at,
                    Mark::End { end, .. } => found.push(&text[start..index * size + end]),
                    _ => {}
                });
            }
            assert_eq!(found, expected, "{text} in blocks of {size}");
        }
    }

    #[test]
    fn elements_of_an_array_are_records() {
        check(
            r#" [ {"a":"]}"} , {"b":{"c":[1,{}]}} ] "#,
            &[r#"{"a":"]}"}"#, r#"{"b":{"c":[1,{}]}}"#],
        );
    }

    #[test]
    fn objects_one_after_the_other_are_records() {
        check("{\"a\":1}{\"b\":2}\n{\n\"c\":3}", &["{\"a\":1}", "{\"b\":2}", "{\n\"c\":3}"]);
    }

    #[test]
    fn escaped_quotes_do_not_end_a_string() {
        check(r#"{"a":"\"}\\"}{"b":"\\\""}"#, &[r#"{"a":"\"}\\"}"#, r#"{"b":"\\\""}"#]);
    }

    #[test]
    fn wrappers_give_their_elements() {
        check(r#"{"Records":[{"a":1},{"a":2}]}"#, &[r#"{"a":1}"#, r#"{"a":2}"#]);
        check(r#"{"@odata.context":"x","value": [ {"a":1}],"n":{"x":[{}]}}"#, &[r#"{"a":1}"#]);
        check(
            r#"{"took":5,"_shards":{"n":1},"hits":{"total":{"value":2},"hits":[{"_source":{}}]}}"#,
            &[r#"{"_source":{}}"#],
        );
        check(r#"{"events":[{"a":1}],"logs":[{"b":1}]}"#, &[r#"{"a":1}"#, r#"{"b":1}"#]);
        check(r#"{"Records":[{"a":1}]}{"Records":[{"a":2}]}"#, &[r#"{"a":1}"#, r#"{"a":2}"#]);
    }

    #[test]
    fn records_that_only_look_like_wrappers_stay_whole() {
        for text in [
            r#"{"id":{"time":1},"actor":{"email":"x"},"events":[{"name":"login"}]}"#,
            r#"{"records":["a","b"]}"#,
            r#"{"a":{"value":[{"b":1}]}}"#,
            r#"{"events":5}"#,
        ] {
            check(text, &[text]);
        }
    }

    #[test]
    fn a_record_that_breaks_off_does_not_swallow_the_next_lines() {
        check("{\"a\":\"b\n{\"c\":1}\n{\"d\":1}", &["{\"a\":\"b\n", "{\"c\":1}", "{\"d\":1}"]);
    }

    #[test]
    fn what_is_no_object_is_passed_over() {
        check(r#"[1,"x",null,[{"n":1}],{"a":1}]"#, &[r#"{"a":1}"#]);
        check("garbage here\n{\"a\":1}\n]\n{\"b\":1}", &["{\"a\":1}", "{\"b\":1}"]);
    }
}
