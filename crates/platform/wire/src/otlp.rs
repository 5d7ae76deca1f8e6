//! Logs of OpenTelemetry (OTLP 1.x): a request of either encoding to records.
//!
//! A record is the body (taken apart when its form is known, else under `message`), with its
//! attributes beside it, the resource's under `resource`, and what the protocol itself says under
//! `otlp`. Source: OpenTelemetry, Logs Data Model and OTLP Specification.

use data_encoding::{BASE64, HEXLOWER};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    logs::v1::LogRecord,
    resource::v1::Resource,
};
use prost::Message as _;

mod parts;
pub mod rpc;

use crate::{
    body::{self, Members},
    records::{Records, TooLarge},
};

pub use parts::MOST_PARTS;

pub use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};

/// Why a request cannot be read; nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum OtlpError {
    /// It is not the protocol's message.
    #[error("no ExportLogsServiceRequest: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// It is not the protocol's JSON.
    #[error("no ExportLogsServiceRequest: {0}")]
    Json(#[from] serde_json::Error),
    /// It has more parts than are taken: read, each takes far more room than it was sent in.
    #[error("more than {MOST_PARTS} records, attributes and values: send smaller batches")]
    TooMany,
}

/// Reads a request of protocol buffers. Errors: [`OtlpError`].
pub fn protobuf(body: &[u8]) -> Result<ExportLogsServiceRequest, OtlpError> {
    if parts::are_too_many_in_protobuf(body) {
        return Err(OtlpError::TooMany);
    }
    Ok(ExportLogsServiceRequest::decode(body)?)
}

/// Reads a request of JSON. Errors: [`OtlpError`].
pub fn json(body: &[u8]) -> Result<ExportLogsServiceRequest, OtlpError> {
    if parts::are_too_many_in_json(body) {
        return Err(OtlpError::TooMany);
    }
    Ok(serde_json::from_slice(body)?)
}

/// The records of a request, in its order.
pub fn records(request: &ExportLogsServiceRequest) -> Records {
    write(request, Records::default())
}

/// The same of at most so many bytes. Errors: [`TooLarge`].
pub fn records_within(
    request: &ExportLogsServiceRequest,
    most_bytes: usize,
) -> Result<Records, TooLarge> {
    write(request, Records::within(most_bytes)).bounded()
}

fn write(request: &ExportLogsServiceRequest, mut records: Records) -> Records {
    for of_resource in &request.resource_logs {
        let resource = of_resource.resource.as_ref();
        for of_scope in &of_resource.scope_logs {
            for log in &of_scope.log_records {
                let about = About { log, resource, scope: of_scope.scope.as_ref() };
                records.add(about.sample(), |out| about.write(out));
            }
        }
    }
    records
}

/// What is told to a sender of which not all could be kept.
pub fn answer(records: &Records) -> ExportLogsServiceResponse {
    let partial_success = (records.refused_count > 0).then(|| ExportLogsPartialSuccess {
        rejected_log_records: i64::from(records.refused_count),
        error_message: records.refused.first().map(|one| one.reason.clone()).unwrap_or_default(),
    });
    ExportLogsServiceResponse { partial_success }
}

/// An answer in protocol buffers.
pub fn packed(answer: &ExportLogsServiceResponse) -> Vec<u8> {
    answer.encode_to_vec()
}

/// An answer in JSON. Written here: the protocol's JSON has whole numbers of 64 bits as texts, and
/// leaves out what is not there.
pub fn written(answer: &ExportLogsServiceResponse) -> Vec<u8> {
    let told = match &answer.partial_success {
        None => serde_json::json!({}),
        Some(partial) => serde_json::json!({"partialSuccess": {
            "rejectedLogRecords": partial.rejected_log_records.to_string(),
            "errorMessage": partial.error_message,
        }}),
    };
    told.to_string().into_bytes()
}

struct About<'r> {
    log: &'r LogRecord,
    resource: Option<&'r Resource>,
    scope: Option<&'r InstrumentationScope>,
}

impl About<'_> {
    fn sample(&self) -> &[u8] {
        match self.value() {
            Some(Value::StringValue(text)) => text.as_bytes(),
            _ => self.log.event_name.as_bytes(),
        }
    }

    fn value(&self) -> Option<&Value> {
        self.log.body.as_ref()?.value.as_ref()
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self.value() {
            Some(Value::StringValue(text)) => {
                body::write(text, out);
            }
            other => {
                out.extend_from_slice(b"{}");
                body::extend(out, |members| match other {
                    Some(Value::KvlistValue(list)) => all(&list.values, members),
                    Some(value) => members.raw("message", &to_json(value)),
                    None => {}
                });
            }
        }
        body::extend(out, |members| {
            all(&self.log.attributes, members);
            if let Some(resource) = self.resource {
                members.object("resource", |members| all(&resource.attributes, members));
            }
            members.object("otlp", |members| self.protocol(members));
        });
    }

    fn protocol(&self, members: &mut Members<'_>) {
        let log = self.log;
        for (name, nanos) in
            [("time", log.time_unix_nano), ("observed_time", log.observed_time_unix_nano)]
        {
            if nanos > 0 {
                members.raw(name, &nanos.to_string());
            }
        }
        members.some("severity_text", &log.severity_text);
        if log.severity_number != 0 {
            members.raw("severity_number", &log.severity_number.to_string());
        }
        members.some("event_name", &log.event_name);
        members.some("scope", self.scope.map_or("", |scope| &scope.name));
        members.some("trace_id", &HEXLOWER.encode(&log.trace_id));
        members.some("span_id", &HEXLOWER.encode(&log.span_id));
    }
}

fn all(attributes: &[KeyValue], members: &mut Members<'_>) {
    for attribute in attributes.iter().filter(|attribute| !attribute.key.is_empty()) {
        let value = attribute.value.as_ref().and_then(|value| value.value.as_ref());
        let value = value.map_or_else(|| "null".to_owned(), to_json);
        members.raw(&attribute.key, &value);
    }
}

/// A value as JSON: numbers that JSON lacks as null, bytes in base 64.
fn to_json(value: &Value) -> String {
    let json = match value {
        Value::StringValue(text) => serde_json::Value::from(text.as_str()),
        Value::BoolValue(truth) => (*truth).into(),
        Value::IntValue(number) => (*number).into(),
        Value::DoubleValue(number) => (*number).into(),
        Value::BytesValue(bytes) => BASE64.encode(bytes).into(),
        Value::ArrayValue(array) => {
            let members: Vec<String> = array.values.iter().map(any).collect();
            return format!("[{}]", members.join(","));
        }
        Value::KvlistValue(list) => {
            let mut out = b"{}".to_vec();
            body::extend(&mut out, |members| all(&list.values, members));
            return String::from_utf8(out).expect("texts and JSON are text");
        }
        Value::StringValueStrindex(_) => serde_json::Value::Null,
    };
    json.to_string()
}

fn any(value: &AnyValue) -> String {
    value.value.as_ref().map_or_else(|| "null".to_owned(), to_json)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(record: serde_json::Value, expected: serde_json::Value) {
        let request = json!({"resourceLogs": [{
            "resource": {"attributes": [{"key": "host.name", "value": {"stringValue": "pc1"}}]},
            "scopeLogs": [{"scope": {"name": "example"}, "logRecords": [record]}],
        }]});
        let request = super::json(request.to_string().as_bytes()).expect("a request");
        let packed = protobuf(&request.encode_to_vec()).expect("the same, packed");
        for request in [request, packed] {
            let records = records(&request);
            let read: serde_json::Value = serde_json::from_slice(&records.bytes).expect("a record");
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn a_text_is_the_message_and_attributes_stand_beside_it() {
        check(
            json!({"timeUnixNano": "1795681800000000003", "severityText": "INFO",
                   "severityNumber": 9, "body": {"stringValue": "signed in"},
                   "traceId": "0102030405060708090a0b0c0d0e0f10",
                   "attributes": [
                       {"key": "user", "value": {"stringValue": "anna"}},
                       {"key": "n", "value": {"intValue": "7"}},
                       {"key": "all", "value": {"arrayValue": {"values": [{"boolValue": true}, {"doubleValue": 0.5}]}}}]}),
            json!({"message": "signed in", "user": "anna", "n": 7, "all": [true, 0.5],
                   "resource": {"host.name": "pc1"},
                   "otlp": {"time": 1_795_681_800_000_000_003_u64, "severity_text": "INFO",
                            "severity_number": 9, "scope": "example",
                            "trace_id": "0102030405060708090a0b0c0d0e0f10"}}),
        );
    }

    #[test]
    fn a_map_or_an_object_or_a_line_is_taken_apart() {
        let about = json!({"scope": "example"});
        let resource = json!({"host.name": "pc1"});
        check(
            json!({"body": {"kvlistValue": {"values": [
                {"key": "EventID", "value": {"intValue": 1}},
                {"key": "inner", "value": {"kvlistValue": {"values": [{"key": "a"}]}}}]}}}),
            json!({"EventID": 1, "inner": {"a": null}, "resource": resource, "otlp": about}),
        );
        check(
            json!({"body": {"stringValue": "{\"EventID\":1}"}}),
            json!({"EventID": 1, "resource": resource, "otlp": about}),
        );
        check(
            json!({"body": {"stringValue": "Nov 24 08:30:00 gw1 sshd[1]: Accepted"}}),
            json!({"timestamp": "Nov 24 08:30:00", "host": "gw1", "program": "sshd", "pid": "1",
                   "message": "Accepted", "resource": resource, "otlp": about}),
        );
        check(json!({}), json!({"resource": resource, "otlp": about}));
    }

    #[test]
    fn what_is_too_long_is_refused_alone_and_told() {
        let long = "x".repeat(crate::MOST_RECORD_BYTES);
        let request = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [
            {"body": {"stringValue": long}}, {"body": {"stringValue": "short"}}]}]}]});
        let records = records(&super::json(request.to_string().as_bytes()).expect("a request"));
        assert_eq!((records.count, records.refused_count), (1, 1));
        let partial = answer(&records).partial_success.expect("told");
        assert_eq!(partial.rejected_log_records, 1);
        assert!(partial.error_message.contains("bytes long"), "{}", partial.error_message);
    }

    #[test]
    fn what_a_resource_says_of_all_its_records_cannot_make_a_small_request_large() {
        let check = |bytes: usize, records: usize, is_taken: bool| {
            let request = json!({"resourceLogs": [{
                "resource": {"attributes": [{"key": "x", "value": {"stringValue": "x".repeat(bytes)}}]},
                "scopeLogs": [{"logRecords": vec![json!({}); records]}],
            }]});
            let request = super::json(request.to_string().as_bytes()).expect("a request");
            let read = records_within(&request, 4 << 20);
            assert_eq!(read.is_ok(), is_taken, "{bytes} bytes, {records} records");
        };
        check(1_000, 1_000, true);
        check(1_000, 10_000, false);
        // Each is refused as too long; all of them would still have to be written.
        check(crate::MOST_RECORD_BYTES, 2, true);
        check(crate::MOST_RECORD_BYTES, 100, false);
    }

    #[test]
    fn what_is_no_request_is_refused() {
        assert!(super::json(b"[1]").is_err());
        assert!(protobuf(b"\xff\xff\xff").is_err());
    }
}
