//! Bodies of Splunk's HTTP Event Collector.
//!
//! An event is its `event` (an object, or a text of any form), with what surrounds it (`time`,
//! `host`, `source`, `sourcetype`, `index`) under `splunk` and its `fields` beside. Source: Splunk
//! Enterprise 9, Format events for HTTP Event Collector.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    body::{self, Members},
    records::{Records, TooLarge},
};

/// Why something of a body is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HecError {
    /// Nothing was sent.
    #[error("No data")]
    NoData,
    /// It is no JSON object, or a part of it is of the wrong kind; what follows cannot be read.
    #[error("Invalid data format")]
    Format,
    /// It has no `event`.
    #[error("Event field is required")]
    NoEvent,
    /// Its `event` is empty.
    #[error("Event field cannot be blank")]
    BlankEvent,
    /// Its `fields` are no flat object.
    #[error("Error in handling indexed fields")]
    Fields,
}

impl HecError {
    /// The protocol's number of it.
    pub fn code(self) -> u8 {
        match self {
            Self::NoData => 5,
            Self::Format => 6,
            Self::NoEvent => 12,
            Self::BlankEvent => 13,
            Self::Fields => 15,
        }
    }
}

/// A body, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Its events.
    pub records: Records,
    /// The first that is none, by its number from 0 on.
    pub first_error: Option<(u32, HecError)>,
}

impl Read {
    fn bounded(self) -> Result<Self, TooLarge> {
        Ok(Self { records: self.records.bounded()?, ..self })
    }

    /// Adds an event; one that is too long is the first error if there was none.
    fn add(&mut self, sample: &[u8], write: impl FnOnce(&mut Vec<u8>)) {
        let (number, refused) = (self.records.items(), self.records.refused_count);
        self.records.add(sample, write);
        if self.records.refused_count > refused {
            self.first_error.get_or_insert((number, HecError::Format));
        }
    }

    fn fail(&mut self, error: HecError, sample: &[u8]) {
        self.first_error.get_or_insert((self.records.items(), error));
        self.records.refuse(error.to_string(), sample, false);
    }
}

#[derive(Deserialize)]
struct Envelope<'b> {
    #[serde(borrow)]
    time: Option<&'b RawValue>,
    #[serde(borrow)]
    host: Option<&'b RawValue>,
    #[serde(borrow)]
    source: Option<&'b RawValue>,
    #[serde(borrow)]
    sourcetype: Option<&'b RawValue>,
    #[serde(borrow)]
    index: Option<&'b RawValue>,
    #[serde(borrow)]
    event: Option<&'b RawValue>,
    #[serde(borrow)]
    fields: Option<&'b RawValue>,
}

/// Reads events, one JSON object after the other, with or without blanks between.
pub fn events(body: &[u8]) -> Read {
    read_events(body, Read::default())
}

/// The same of at most so many bytes of records. Errors: [`TooLarge`].
pub fn events_within(body: &[u8], most_bytes: usize) -> Result<Read, TooLarge> {
    let read = Read { records: Records::within(most_bytes), first_error: None };
    read_events(body, read).bounded()
}

fn read_events(body: &[u8], mut read: Read) -> Read {
    let mut stream = serde_json::Deserializer::from_slice(body).into_iter::<&RawValue>();
    while !read.records.is_too_large() {
        let start = stream.byte_offset();
        match stream.next() {
            None => break,
            Some(Ok(one)) => event(one, &mut read),
            Some(Err(_)) => {
                read.fail(HecError::Format, body[start.min(body.len())..].trim_ascii_start());
                break;
            }
        }
    }
    if read.records.is_empty() {
        read.first_error = Some((0, HecError::NoData));
    }
    read
}

fn event(one: &RawValue, read: &mut Read) {
    let sample = one.get().as_bytes();
    // Arrays would be read as the members of an envelope in order.
    let envelope = Some(one.get()).filter(|text| text.starts_with('{'));
    let envelope = envelope.and_then(|text| serde_json::from_str::<Envelope<'_>>(text).ok());
    let Some(envelope) = envelope else { return read.fail(HecError::Format, sample) };
    let Some(event) = envelope.event else { return read.fail(HecError::NoEvent, sample) };
    if matches!(event.get(), "\"\"" | "{}" | "[]") {
        return read.fail(HecError::BlankEvent, sample);
    }
    let fields = match envelope.fields.map(fields) {
        None => HashMap::new(),
        Some(Some(fields)) => fields,
        Some(None) => return read.fail(HecError::Fields, sample),
    };
    read.add(sample, |out| {
        write(event, out);
        body::extend(out, |members| {
            for (name, value) in &fields {
                members.raw(name, value.get());
            }
            members.object("splunk", |members| surroundings(&envelope, members));
        });
    });
}

/// The members of `fields`; none when they are no flat object.
fn fields(raw: &RawValue) -> Option<HashMap<String, &RawValue>> {
    let fields: HashMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    let is_flat = fields.values().all(|value| !value.get().starts_with('{'));
    is_flat.then_some(fields)
}

fn write(event: &RawValue, out: &mut Vec<u8>) {
    let text = event.get();
    match text.as_bytes().first() {
        Some(b'{') => body::push_on_one_line(text, out),
        Some(b'"') => {
            let text: String = serde_json::from_str(text).unwrap_or_default();
            body::write(&text, out);
        }
        _ => {
            out.extend_from_slice(b"{}");
            body::extend(out, |members| members.raw("message", text));
        }
    }
}

fn surroundings(envelope: &Envelope<'_>, members: &mut Members<'_>) {
    for (name, value) in [
        ("time", envelope.time),
        ("host", envelope.host),
        ("source", envelope.source),
        ("sourcetype", envelope.sourcetype),
        ("index", envelope.index),
    ] {
        if let Some(value) = value {
            members.raw(name, value.get());
        }
    }
}

/// What the address of a raw request says of all its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct RawQuery {
    /// The moment, in seconds since 1970.
    #[serde(default)]
    pub time: String,
    /// The device.
    #[serde(default)]
    pub host: String,
    /// The file or the like.
    #[serde(default)]
    pub source: String,
    /// Splunk's name of the form.
    #[serde(default)]
    pub sourcetype: String,
    /// Splunk's name of the place.
    #[serde(default)]
    pub index: String,
}

/// Reads a raw body: an event a line.
pub fn raw(body: &[u8], query: &RawQuery) -> Read {
    read_raw(body, query, Read::default())
}

/// The same of at most so many bytes of records. Errors: [`TooLarge`].
pub fn raw_within(body: &[u8], query: &RawQuery, most_bytes: usize) -> Result<Read, TooLarge> {
    let read = Read { records: Records::within(most_bytes), first_error: None };
    read_raw(body, query, read).bounded()
}

fn read_raw(body: &[u8], query: &RawQuery, mut read: Read) -> Read {
    for line in body.split(|b| *b == b'\n').map(<[u8]>::trim_ascii) {
        if line.is_empty() {
            continue;
        }
        if read.records.is_too_large() {
            break;
        }
        let text = String::from_utf8_lossy(line);
        read.add(line, |out| {
            body::write(&text, out);
            body::extend(out, |members| {
                members.object("splunk", |members| {
                    members.some("time", &query.time);
                    members.some("host", &query.host);
                    members.some("source", &query.source);
                    members.some("sourcetype", &query.sourcetype);
                    members.some("index", &query.index);
                });
            });
        });
    }
    if read.records.is_empty() {
        read.first_error = Some((0, HecError::NoData));
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &[&str], error: Option<(u32, HecError)>) {
        let read = events(body.as_bytes());
        let text = String::from_utf8(read.records.bytes).expect("text");
        assert_eq!(text.lines().collect::<Vec<_>>(), expected, "{body}");
        assert_eq!(read.first_error, error, "{body}");
    }

    #[test]
    fn events_follow_one_another_with_or_without_blanks() {
        check(
            r#"{"event":{"a":1},"host":"h","time":1.5}{"event":{"b":2}}

            {"event":"text","fields":{"site":"x"}}"#,
            &[
                r#"{"a":1,"splunk":{"time":1.5,"host":"h"}}"#,
                r#"{"b":2,"splunk":{}}"#,
                r#"{"message":"text","site":"x","splunk":{}}"#,
            ],
            None,
        );
    }

    #[test]
    fn an_object_written_as_text_and_a_bare_value_are_records_too() {
        check(
            r#"{"event":"{\"a\":1}"}{"event":7}{"event":[1,2]}"#,
            &[
                r#"{"a":1,"splunk":{}}"#,
                r#"{"message":7,"splunk":{}}"#,
                r#"{"message":[1,2],"splunk":{}}"#,
            ],
            None,
        );
    }

    #[test]
    fn what_is_no_event_is_told_by_its_number_and_the_others_are_kept() {
        let kept = r#"{"a":1,"splunk":{}}"#;
        let one = r#"{"event":{"a":1}}"#;
        check(&format!("{one}{{}}{one}"), &[kept, kept], Some((1, HecError::NoEvent)));
        check(&format!("{one}{{\"event\":\"\"}}"), &[kept], Some((1, HecError::BlankEvent)));
        check(
            &format!("{one}{{\"event\":1,\"fields\":{{\"a\":{{}}}}}}"),
            &[kept],
            Some((1, HecError::Fields)),
        );
        check(&format!("{one}[1]{one}"), &[kept, kept], Some((1, HecError::Format)));
        check(&format!("{one} nonsense {one}"), &[kept], Some((1, HecError::Format)));
        check(" \n", &[], Some((0, HecError::NoData)));
    }

    #[test]
    fn raw_lines_take_what_the_address_says() {
        let query = RawQuery { host: "h".to_owned(), ..RawQuery::default() };
        let read = raw(b"one\r\n\n{\"a\":1}\n", &query);
        let text = String::from_utf8(read.records.bytes).expect("text");
        assert_eq!(
            text,
            "{\"message\":\"one\",\"splunk\":{\"host\":\"h\"}}\n{\"a\":1,\"splunk\":{\"host\":\"h\"}}\n"
        );
        assert_eq!(raw(b"\n", &query).first_error, Some((0, HecError::NoData)));
    }

    #[test]
    fn what_the_address_says_of_all_lines_cannot_make_a_small_request_large() {
        let query = RawQuery { source: "x".repeat(1_000), ..RawQuery::default() };
        let lines = "x\n".repeat(100);
        assert_eq!(
            raw_within(lines.as_bytes(), &query, 100_000),
            Err(TooLarge { most_bytes: 100_000 })
        );
        let read = raw_within(lines.as_bytes(), &query, 200_000).expect("within the bound");
        assert_eq!(read.records.count, 100);
        let events = r#"{"event":1}"#.repeat(100);
        assert!(events_within(events.as_bytes(), 2_000).is_err());
        assert_eq!(events_within(events.as_bytes(), 20_000).expect("within it").records.count, 100);
    }
}
