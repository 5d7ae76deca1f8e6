//! How many parts a request has, counted before it is read: an empty record takes two bytes on the
//! way and some hundred once read, so that a bound on bytes alone is none on memory.

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// Parts of one request: records, attributes, values and what holds them.
pub const MOST_PARTS: usize = 1_000_000;
/// Messages within messages; the reader refuses what is deeper.
const MOST_DEPTH: u32 = 100;

/// Whether a request in protocol buffers has more. One that is damaged is counted up to there, as
/// it is read.
pub(super) fn are_too_many_in_protobuf(body: &[u8]) -> bool {
    let mut count = 0;
    let _ = add(body, Part::Request, MOST_DEPTH, &mut count);
    count > MOST_PARTS
}

/// Whether a request in JSON has more. Members of objects and of arrays follow commas; a part that
/// follows none costs its sender the name of what holds it.
pub(super) fn are_too_many_in_json(body: &[u8]) -> bool {
    let (mut is_text, mut is_escaped, mut count) = (false, false, 0);
    for byte in body {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b',' if !is_text => count += 1,
            _ => {}
        }
    }
    count > MOST_PARTS
}

/// Messages of the protocol that hold others, and what they hold.
#[derive(Clone, Copy)]
enum Part {
    Request,
    OfResource,
    Resource,
    Entity,
    OfScope,
    Scope,
    Record,
    Attribute,
    Value,
    Values,
    Attributes,
    Text,
}

impl Part {
    /// What a field holds. Source: opentelemetry-proto 1.x, the numbers of its fields.
    fn held(self, field: u32) -> Option<Self> {
        Some(match (self, field) {
            (Self::Request, 1) => Self::OfResource,
            (Self::OfResource, 1) => Self::Resource,
            (Self::OfResource, 2) => Self::OfScope,
            (Self::Resource, 1) | (Self::Scope, 3) | (Self::Record, 6) => Self::Attribute,
            (Self::Attributes, 1) => Self::Attribute,
            (Self::Resource, 3) => Self::Entity,
            (Self::Entity, 3 | 4) => Self::Text,
            (Self::OfScope, 1) => Self::Scope,
            (Self::OfScope, 2) => Self::Record,
            (Self::Record, 5) | (Self::Attribute, 2) | (Self::Values, 1) => Self::Value,
            (Self::Value, 5) => Self::Values,
            (Self::Value, 6) => Self::Attributes,
            _ => return None,
        })
    }
}

/// Adds the parts within `bytes`; nothing once they are too many or cannot be read.
fn add(mut bytes: &[u8], part: Part, depth: u32, count: &mut usize) -> Option<()> {
    while !bytes.is_empty() && !matches!(part, Part::Text) {
        let (field, kind) = decode_key(&mut bytes).ok()?;
        let held = part.held(field).filter(|_| kind == WireType::LengthDelimited);
        let Some(held) = held else {
            skip_field(kind, field, &mut bytes, DecodeContext::default()).ok()?;
            continue;
        };
        *count += 1;
        if *count > MOST_PARTS {
            return None;
        }
        let length = decode_varint(&mut bytes).ok()?;
        let (inside, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
        add(inside, held, depth.checked_sub(1)?, count)?;
        bytes = rest;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::{
        collector::logs::v1::ExportLogsServiceRequest,
        common::v1::{AnyValue, ArrayValue, KeyValue, any_value::Value},
        logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
        resource::v1::Resource,
    };
    use prost::Message as _;

    use super::*;

    fn request(resource: Resource, records: Vec<LogRecord>) -> Vec<u8> {
        let scope_logs = vec![ScopeLogs { log_records: records, ..ScopeLogs::default() }];
        let of = ResourceLogs { resource: Some(resource), scope_logs, ..ResourceLogs::default() };
        ExportLogsServiceRequest { resource_logs: vec![of] }.encode_to_vec()
    }

    #[test]
    fn each_record_attribute_and_value_is_counted_wherever_it_stands() {
        let text = || AnyValue { value: Some(Value::StringValue("x".to_owned())) };
        let array = Value::ArrayValue(ArrayValue { values: vec![text(), text()] });
        let attribute = |value| KeyValue { value: Some(value), ..KeyValue::default() };
        let attributes = vec![attribute(text()), attribute(AnyValue { value: Some(array) })];
        let resource = Resource { attributes, ..Resource::default() };
        let records = vec![LogRecord { body: Some(text()), ..LogRecord::default() }; 3];
        let mut count = 0;
        add(&request(resource, records), Part::Request, MOST_DEPTH, &mut count).expect("read");
        // What holds the resource, it, its attributes with values, the array with two; then what
        // holds the records, and they with their bodies.
        assert_eq!(count, 1 + 1 + 2 + 2 + 1 + 2 + 1 + 3 + 3);
    }

    #[test]
    fn empty_parts_are_too_many_before_they_are_read() {
        let field = |number: u8, inside: &[u8]| {
            let mut field = vec![number << 3 | 2];
            prost::encoding::encode_varint(inside.len() as u64, &mut field);
            [field.as_slice(), inside].concat()
        };
        let empty = |records| field(1, &field(2, &field(2, b"").repeat(records)));
        assert!(!are_too_many_in_protobuf(&empty(MOST_PARTS / 2)));
        assert!(are_too_many_in_protobuf(&empty(MOST_PARTS)));
        let json = |records| format!("{{\"resourceLogs\":[{}{{}}]}}", "{},".repeat(records));
        assert!(!are_too_many_in_json(json(MOST_PARTS).as_bytes()));
        assert!(are_too_many_in_json(json(MOST_PARTS + 1).as_bytes()));
    }

    #[test]
    fn commas_within_texts_are_no_parts() {
        let text = format!("[\"{}\\\",\",1]", ",".repeat(MOST_PARTS + 1));
        assert!(!are_too_many_in_json(text.as_bytes()));
    }

    #[test]
    fn what_is_damaged_or_too_deep_is_left_to_the_reader() {
        for bytes in [&b"\x0a\xff"[..], b"\x0a\x05\x12", b"\xff\xff\xff", b"\x0b"] {
            assert!(!are_too_many_in_protobuf(bytes), "{bytes:?}");
        }
    }
}
