//! What senders say: every record is one JSON object on one line, nothing is lost without a count,
//! and a stream gives the same however it is cut.

use serde_json::value::RawValue;
use wire::{Framer, Records, hec, otlp};

/// A stream of syslog. The first byte says in pieces of how many bytes it comes in.
pub fn syslog(bytes: &[u8]) {
    let Some((size, stream)) = bytes.split_first() else { return };
    let whole = cut(stream, stream.len().max(1));
    let pieces = cut(stream, usize::from(*size).max(1));
    check(&whole);
    assert_eq!((&whole.bytes, whole.count), (&pieces.bytes, pieces.count), "whole, in pieces");
    assert_eq!(whole.refused_count, pieces.refused_count, "whole, in pieces");
    let mut datagram = Records::default();
    wire::syslog::message(stream, "192.0.2.7", &mut datagram);
    check(&datagram);
    assert_eq!(datagram.items(), 1);
}

fn cut(stream: &[u8], size: usize) -> Records {
    const MOST_BYTES: usize = 2_000;
    let mut records = Records::default();
    let mut framer = Framer::new(MOST_BYTES);
    for piece in stream.chunks(size) {
        framer.push(piece, |frame| wire::syslog::add(frame, "192.0.2.7", &mut records));
        assert!(framer.held() <= MOST_BYTES, "{} bytes held", framer.held());
    }
    framer.end(|frame| wire::syslog::add(frame, "192.0.2.7", &mut records));
    records
}

/// A body of Splunk's collector, as events and as raw lines.
pub fn hec(bytes: &[u8]) {
    let events = hec::events(bytes);
    check(&events.records);
    assert_eq!(events.first_error.is_some(), events.records.refused_count > 0 || is_empty(&events));
    check(&hec::raw(bytes, &hec::RawQuery::default()).records);
}

fn is_empty(read: &hec::Read) -> bool {
    read.records.is_empty()
}

/// A request of OpenTelemetry in either encoding.
pub fn otlp(bytes: &[u8]) {
    for request in [otlp::protobuf(bytes), otlp::json(bytes)].into_iter().flatten() {
        let records = otlp::records(&request);
        check(&records);
        let logs = request.resource_logs.iter().flat_map(|one| &one.scope_logs);
        let logs: usize = logs.map(|one| one.log_records.len()).sum();
        assert_eq!(records.items() as usize, logs);
        let rejected = otlp::answer(&records).partial_success.map(|told| told.rejected_log_records);
        assert_eq!(rejected.unwrap_or(0), i64::from(records.refused_count));
    }
}

fn check(records: &Records) {
    let text = std::str::from_utf8(&records.bytes).expect("records are text");
    assert_eq!(text.lines().count(), records.count as usize);
    for line in text.lines() {
        assert!(line.starts_with('{') && line.len() <= wire::MOST_RECORD_BYTES, "{line}");
        serde_json::from_str::<&RawValue>(line).expect("a record is JSON");
    }
    assert!(records.refused.len() <= records.refused_count as usize);
    assert!(records.plain_count <= records.count);
}
