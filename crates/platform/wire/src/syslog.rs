//! One message of syslog to a record: what [`event::text`] reads of it, opened where its text is
//! JSON, with the address it came from.
//!
//! The address stands under `peer`: devices that name no host are told apart by it. When a message
//! holds JSON (NXLog, `@cee:`), that object is the record and the header lies under `syslog`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    body::{self, Form},
    framing::Frame,
    records::Records,
};

/// Why a message is kept as text.
const NO_HEADER: &str = "no header of syslog and no other form that Ward reads; kept as text";

/// Adds what a frame holds.
pub fn add(frame: Frame<'_>, peer: &str, records: &mut Records) {
    match frame {
        Frame::Message(bytes) => message(bytes, peer, records),
        Frame::TooLong(beginning) => {
            records.refuse("longer than the listener takes".to_owned(), beginning, true);
        }
        Frame::Cut(beginning) => {
            records.refuse("cut: the connection ended within it".to_owned(), beginning, false);
        }
    }
}

/// Adds one message, without its frame.
pub fn message(bytes: &[u8], peer: &str, records: &mut Records) {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut form = Form::Plain;
    let before = records.count;
    records.add(bytes, |out| {
        let start = out.len();
        form = body::write(text, out);
        if form == Form::Line
            && let Some(opened) = opened(&out[start..])
        {
            out.truncate(start);
            out.extend_from_slice(&opened);
        }
        body::extend(out, |members| members.some("peer", peer));
    });
    if form == Form::Plain && records.count > before {
        records.note_plain(NO_HEADER, bytes);
    }
}

/// What a header tells.
#[derive(Deserialize)]
struct Header<'t> {
    #[serde(borrow, default)]
    facility: Option<&'t RawValue>,
    #[serde(borrow, default)]
    severity: Option<&'t RawValue>,
    #[serde(borrow, default)]
    timestamp: Option<&'t RawValue>,
    #[serde(borrow, default)]
    host: Option<&'t RawValue>,
    #[serde(borrow, default)]
    program: Option<&'t RawValue>,
    #[serde(borrow, default)]
    pid: Option<&'t RawValue>,
    #[serde(borrow, default)]
    msgid: Option<&'t RawValue>,
    #[serde(borrow, default)]
    message: Cow<'t, str>,
}

/// The record whose text is itself an object: that object, with the header below `syslog`.
fn opened(record: &[u8]) -> Option<Vec<u8>> {
    // Most texts hold no object; they are not looked at twice.
    memchr::memchr(b'}', record).filter(|end| *end + 2 < record.len())?;
    let header: Header<'_> = serde_json::from_slice(record).ok()?;
    let text = header.message.trim();
    if !(text.starts_with('{') || text.starts_with("@cee:")) {
        return None;
    }
    let mut out = Vec::with_capacity(record.len() + 16);
    if body::write(text, &mut out) != Form::Object {
        return None;
    }
    body::extend(&mut out, |members| {
        members.object("syslog", |members| {
            for (name, value) in [
                ("facility", header.facility),
                ("severity", header.severity),
                ("timestamp", header.timestamp),
                ("host", header.host),
                ("program", header.program),
                ("pid", header.pid),
                ("msgid", header.msgid),
            ] {
                if let Some(value) = value {
                    members.raw(name, value.get());
                }
            }
        });
    });
    Some(out)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(text: &str, expected: Value) {
        let mut records = Records::default();
        message(text.as_bytes(), "192.0.2.7", &mut records);
        let read: Value = serde_json::from_slice(&records.bytes).expect("one record");
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn both_forms_of_the_header_are_read() {
        check(
            "<38>Nov 24 08:30:00 gw1 sshd[4711]: Failed password for root",
            json!({"facility": "4", "severity": "6", "timestamp": "Nov 24 08:30:00", "host": "gw1",
                   "program": "sshd", "pid": "4711", "message": "Failed password for root",
                   "peer": "192.0.2.7"}),
        );
        check(
            "<165>1 2026-11-24T08:30:00.003Z gw1 evntslog - ID47 [x@32473 iut=\"3\"] \u{feff}An event",
            json!({"facility": "20", "severity": "5", "timestamp": "2026-11-24T08:30:00.003Z",
                   "host": "gw1", "program": "evntslog", "msgid": "ID47",
                   "structured_data": "[x@32473 iut=\"3\"]", "message": "An event",
                   "peer": "192.0.2.7"}),
        );
    }

    #[test]
    fn an_object_in_the_message_is_the_record() {
        check(
            "<14>1 2026-11-24T08:30:00Z pc1 nxlog - - - {\"EventID\":1,\"Image\":\"C:\\\\a.exe\"}",
            json!({"EventID": 1, "Image": "C:\\a.exe", "peer": "192.0.2.7",
                   "syslog": {"facility": "1", "severity": "6", "program": "nxlog", "host": "pc1",
                              "timestamp": "2026-11-24T08:30:00Z"}}),
        );
        check("{\"a\":1}", json!({"a": 1, "peer": "192.0.2.7"}));
        check(
            "<14>Nov 24 08:30:00 h p: {not json}",
            json!({"facility": "1", "severity": "6", "timestamp": "Nov 24 08:30:00", "host": "h",
                   "program": "p", "message": "{not json}", "peer": "192.0.2.7"}),
        );
    }

    #[test]
    fn cef_and_leef_are_read_inside_a_message() {
        check(
            "<134>Nov 24 08:30:00 fw1 CEF:0|Example|Wall|1|7|a \\| b|5|msg=x\\=y src=192.0.2.9",
            json!({"facility": "16", "severity": "6", "timestamp": "Nov 24 08:30:00", "host": "fw1",
                   "DeviceVendor": "Example", "DeviceProduct": "Wall", "DeviceVersion": "1",
                   "DeviceEventClassID": "7", "Name": "a | b", "Severity": "5", "msg": "x=y",
                   "src": "192.0.2.9", "peer": "192.0.2.7"}),
        );
        check(
            "LEEF:2.0|Example|Wall|1|deny|^|src=192.0.2.9^dst=192.0.2.10",
            json!({"DeviceVendor": "Example", "DeviceProduct": "Wall", "DeviceVersion": "1",
                   "DeviceEventClassID": "deny", "src": "192.0.2.9", "dst": "192.0.2.10",
                   "peer": "192.0.2.7"}),
        );
    }

    #[test]
    fn a_text_without_a_header_is_kept_and_told() {
        let mut records = Records::default();
        message(b"who knows", "192.0.2.7", &mut records);
        assert_eq!(records.bytes, b"{\"message\":\"who knows\",\"peer\":\"192.0.2.7\"}\n");
        assert_eq!((records.plain_count, records.plain[0].sample.as_str()), (1, "who knows"));
    }

    #[test]
    fn what_no_message_is_whole_of_is_refused() {
        let mut records = Records::default();
        add(Frame::TooLong(b"<13>x"), "", &mut records);
        add(Frame::Cut(b"<13>y"), "", &mut records);
        assert_eq!((records.count, records.refused_count), (0, 2));
        assert!(records.refused[0].is_too_long && !records.refused[1].is_too_long);
    }

    #[test]
    fn another_reader_of_syslog_sees_the_same_in_well_formed_messages() {
        let texts = [
            "<34>1 2026-10-11T22:14:15.003Z mymachine.example.com su 12 ID47 - 'su root' failed",
            "<165>1 2026-11-24T08:30:00+01:00 192.0.2.1 evntslog 8710 - [e@32473 a=\"b\"] text",
            "<13>1 2026-11-24T08:30:00Z host app - - - text with  blanks",
        ];
        for text in texts {
            let mut records = Records::default();
            message(text.as_bytes(), "", &mut records);
            let ours: Value = serde_json::from_slice(&records.bytes).expect("one record");
            let theirs = syslog_loose::parse_message(text, syslog_loose::Variant::RFC5424);
            let pid = theirs.procid.map(|pid| pid.to_string());
            for (name, theirs) in [
                ("host", theirs.hostname),
                ("program", theirs.appname),
                ("pid", pid.as_deref()),
                ("msgid", theirs.msgid),
                ("message", Some(theirs.msg)),
            ] {
                assert_eq!(ours.get(name).and_then(Value::as_str), theirs, "{name} of {text}");
            }
        }
    }
}
