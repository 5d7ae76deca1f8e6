//! Messages out of a stream of syslog (RFC 6587): by counted octets or ended by a line feed, told
//! apart for each message, so that a stream may mix them.
//!
//! A message that begins with a digit from 1 to 9 is counted: a message of syslog itself begins
//! with `<`. In: bytes as they arrive, cut anywhere. Out: whole messages. Memory is bounded by the
//! longest message; of a longer one only the beginning is kept, for whoever looks for the fault.

use memchr::memchr;

/// One message, or what stands in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'b> {
    /// A message without its frame; never empty.
    Message(&'b [u8]),
    /// How a message began that is longer than the bound; the rest of it is passed over.
    TooLong(&'b [u8]),
    /// How a message began that the end of the stream cut.
    Cut(&'b [u8]),
}

/// Digits that a count may have: more would be longer than anything.
const MOST_DIGITS: usize = 9;
/// What is kept of a message that is too long.
const KEPT_OF_LONG: usize = 1024;

/// Cuts one stream.
#[derive(Debug)]
pub struct Framer {
    most_bytes: usize,
    state: State,
    held: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a message, or within its count.
    Start,
    /// Within a counted message, of which so many bytes are to come.
    Counted(usize),
    /// Within a message that ends with a line feed.
    Line,
    /// Within a counted message that is too long.
    SkipCounted(usize),
    /// Within a line that is too long.
    SkipLine,
}

impl Framer {
    /// For messages of at most `most_bytes`.
    pub fn new(most_bytes: usize) -> Self {
        Self { most_bytes, state: State::Start, held: Vec::new() }
    }

    /// How many bytes of a message not yet whole are held.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Takes bytes as they arrived, and gives each message that they complete.
    pub fn push(&mut self, mut bytes: &[u8], mut each: impl FnMut(Frame<'_>)) {
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Start => self.start(bytes, &mut each),
                State::Counted(missing) => self.counted(bytes, missing, &mut each),
                State::Line => self.line(bytes, &mut each),
                State::SkipCounted(missing) => {
                    let skipped = missing.min(bytes.len());
                    self.state = match missing - skipped {
                        0 => State::Start,
                        left => State::SkipCounted(left),
                    };
                    &bytes[skipped..]
                }
                State::SkipLine => match memchr(b'\n', bytes) {
                    Some(end) => {
                        self.state = State::Start;
                        &bytes[end + 1..]
                    }
                    None => &[],
                },
            };
        }
    }

    /// The stream ended. A line without its line feed is whole; a counted message is cut.
    pub fn end(self, mut each: impl FnMut(Frame<'_>)) {
        match self.state {
            State::Line => message(&self.held, &mut each),
            State::Start if self.held.is_empty() => {}
            State::Start | State::Counted(_) => each(Frame::Cut(&self.held)),
            State::SkipCounted(_) | State::SkipLine => {}
        }
    }

    /// Between messages: blanks and zeros are passed over, a count is gathered.
    fn start<'b>(&mut self, bytes: &'b [u8], each: &mut impl FnMut(Frame<'_>)) -> &'b [u8] {
        let next = bytes[0];
        match next {
            b'0'..=b'9' if !(self.held.is_empty() && next == b'0') => {
                self.held.push(next);
                if self.held.len() > MOST_DIGITS {
                    // No count: a line of digits.
                    self.state = State::Line;
                    if self.held.len() > self.most_bytes {
                        self.skip_line(each);
                    }
                }
                &bytes[1..]
            }
            b' ' if !self.held.is_empty() => {
                let count = self.held.iter().fold(0, |sum, b| sum * 10 + usize::from(b - b'0'));
                self.held.clear();
                self.state = State::Counted(count);
                &bytes[1..]
            }
            b'\n' | b'\r' | b' ' | b'\t' | b'\0' if self.held.is_empty() => &bytes[1..],
            _ => {
                self.state = State::Line;
                bytes
            }
        }
    }

    fn counted<'b>(
        &mut self,
        bytes: &'b [u8],
        missing: usize,
        each: &mut impl FnMut(Frame<'_>),
    ) -> &'b [u8] {
        let total = self.held.len() + missing;
        if total > self.most_bytes {
            let kept = missing.min(bytes.len()).min(KEPT_OF_LONG.min(self.most_bytes));
            each(Frame::TooLong(&bytes[..kept]));
            self.state = State::SkipCounted(missing);
            return bytes;
        }
        if self.held.is_empty() && bytes.len() >= missing {
            // The usual case: the whole message lies in what arrived.
            message(&bytes[..missing], each);
            self.state = State::Start;
            return &bytes[missing..];
        }
        let taken = missing.min(bytes.len());
        self.held.extend_from_slice(&bytes[..taken]);
        self.state = State::Counted(missing - taken);
        if taken == missing {
            self.whole(each);
        }
        &bytes[taken..]
    }

    fn line<'b>(&mut self, bytes: &'b [u8], each: &mut impl FnMut(Frame<'_>)) -> &'b [u8] {
        let end = memchr(b'\n', bytes);
        let part = &bytes[..end.unwrap_or(bytes.len())];
        let rest = end.map_or(&[][..], |end| &bytes[end + 1..]);
        let is_short = self.held.len() + part.len() <= self.most_bytes;
        match (is_short, end) {
            (true, Some(_)) if self.held.is_empty() => {
                message(part, each);
                self.state = State::Start;
            }
            (true, _) => {
                self.held.extend_from_slice(part);
                if end.is_some() {
                    self.whole(each);
                }
            }
            (false, _) => {
                let room = KEPT_OF_LONG.saturating_sub(self.held.len());
                self.held.extend_from_slice(&part[..part.len().min(room)]);
                self.skip_line(each);
                if end.is_some() {
                    self.state = State::Start;
                }
            }
        }
        rest
    }

    fn whole(&mut self, each: &mut impl FnMut(Frame<'_>)) {
        message(&self.held, each);
        self.clear();
        self.state = State::Start;
    }

    fn skip_line(&mut self, each: &mut impl FnMut(Frame<'_>)) {
        each(Frame::TooLong(&self.held[..self.held.len().min(KEPT_OF_LONG.min(self.most_bytes))]));
        self.clear();
        self.state = State::SkipLine;
    }

    /// A stream that once sent something large does not hold the room for it for ever.
    fn clear(&mut self) {
        self.held.clear();
        self.held.shrink_to(64 << 10);
    }
}

/// Gives a message, without the line end and zeros that some senders count in.
fn message(bytes: &[u8], each: &mut impl FnMut(Frame<'_>)) {
    let end = bytes.iter().rposition(|b| !matches!(b, b'\n' | b'\r' | b'\0'));
    if let Some(end) = end {
        each(Frame::Message(&bytes[..=end]));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a stream gives when it arrives in pieces of these sizes.
    fn cut(stream: &[u8], sizes: &[usize], most_bytes: usize) -> Vec<String> {
        let mut framer = Framer::new(most_bytes);
        let mut found = Vec::new();
        let mut each = |frame: Frame<'_>| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            found.push(match frame {
                Frame::Message(bytes) => text(bytes),
                // How much of it is shown depends on how it arrived.
                Frame::TooLong(_) => "(too long)".to_owned(),
                Frame::Cut(_) => "(cut)".to_owned(),
            });
        };
        let mut rest = stream;
        let mut sizes = sizes.iter().cycle();
        while !rest.is_empty() {
            let size = sizes.next().map_or(rest.len(), |size| (*size).clamp(1, rest.len()));
            framer.push(&rest[..size], &mut each);
            rest = &rest[size..];
            assert!(framer.held() <= most_bytes.max(MOST_DIGITS + 1), "{} held", framer.held());
        }
        framer.end(&mut each);
        found
    }

    fn check(stream: &str, expected: &[&str]) {
        assert_eq!(cut(stream.as_bytes(), &[], 32), expected, "{stream:?}");
        assert_eq!(cut(stream.as_bytes(), &[1], 32), expected, "{stream:?}, byte by byte");
    }

    #[test]
    fn counted_messages_may_hold_line_feeds() {
        check("6 <13>ab8 <13>c\nde", &["<13>ab", "<13>c\nde"]);
        check("7 <13>ab\n", &["<13>ab"]);
    }

    #[test]
    fn lines_end_with_a_line_feed_or_with_the_stream() {
        check("<13>ab\n<13>cd\r\n\n<13>ef", &["<13>ab", "<13>cd", "<13>ef"]);
        check("<13>ab\0\n<13>cd", &["<13>ab", "<13>cd"]);
    }

    #[test]
    fn one_stream_may_mix_both() {
        check("<13>ab\n6 <13>cd\n<13>ef\n", &["<13>ab", "<13>cd", "<13>ef"]);
    }

    #[test]
    fn digits_that_are_no_count_begin_a_line() {
        check("2026-11-24 a\n", &["2026-11-24 a"]);
        check("12345678901 x\n", &["12345678901 x"]);
        check("0 x\n", &["0 x"]);
    }

    #[test]
    fn what_is_too_long_is_told_once_and_the_stream_goes_on() {
        let long = "x".repeat(40);
        check(&format!("40 {long}6 <13>ab"), &["(too long)", "<13>ab"]);
        check(&format!("<13>{long}\n<13>ab\n"), &["(too long)", "<13>ab"]);
        check(&format!("<13>{long}"), &["(too long)"]);
    }

    #[test]
    fn a_counted_message_that_the_end_cuts_is_told() {
        check("6 <13>ab7 <13>", &["<13>ab", "(cut)"]);
        check("6", &["(cut)"]);
    }

    proptest! {
        #[test]
        fn however_a_stream_is_cut_its_messages_are_the_same(
            stream in prop::collection::vec(prop_oneof![
                "<13>[a-z \u{e9}]{0,40}\n",
                "[a-z]{0,40}".prop_map(|text| format!("{} {text}", text.len())),
                "[0-9]{1,12} ?\n?",
                "\n|\r\n|\0| ",
            ], 0..20),
            sizes in prop::collection::vec(1_usize..50, 1..10),
        ) {
            let stream = stream.concat();
            prop_assert_eq!(cut(stream.as_bytes(), &sizes, 32), cut(stream.as_bytes(), &[], 32));
        }

        #[test]
        fn counted_messages_come_out_as_they_went_in(
            messages in prop::collection::vec("<13>[a-z\n]{0,20}[a-z]", 0..10),
            sizes in prop::collection::vec(1_usize..50, 1..10),
        ) {
            let framed = |text: &String| format!("{} {text}", text.len());
            let stream: String = messages.iter().map(framed).collect();
            prop_assert_eq!(cut(stream.as_bytes(), &sizes, 32), messages);
        }
    }
}
