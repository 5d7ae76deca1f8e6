//! Text formats: what each line gives as JSON, and that nothing upsets the converter.

#![allow(clippy::unwrap_used)] // Helpers of tests, too.

use event::{
    Damage,
    text::{MAX_LINE, to_json},
};
use proptest::prelude::*;
use serde_json::{Map, Value};

fn converted(line: &[u8]) -> Result<bool, (Damage, usize)> {
    let mut out = b"before".to_vec();
    let done = to_json(line, &mut out).map_err(|damage| (damage, out.len()));
    assert!(out.starts_with(b"before"));
    if done == Ok(true) {
        let object: Result<Map<String, Value>, _> = serde_json::from_slice(&out[6..]);
        assert!(object.is_ok(), "{}", String::from_utf8_lossy(&out[6..]));
    } else {
        assert_eq!(out.len(), 6, "something was left behind");
    }
    done
}

/// `expected` are pairs that the object must hold; of a key that comes twice, the last counts.
fn check(line: &str, expected: &[(&str, &str)]) {
    let mut out = Vec::new();
    assert_eq!(to_json(line.as_bytes(), &mut out), Ok(true), "{line}");
    let object: Map<String, Value> = serde_json::from_slice(&out).unwrap();
    for (key, value) in expected {
        assert_eq!(object.get(*key).and_then(Value::as_str), Some(*value), "{key} of {object:?}");
    }
}

fn refused(line: &str, damage: Damage) {
    assert_eq!(converted(line.as_bytes()), Err((damage, 6)), "{line}");
}

#[test]
fn lines_without_a_record_give_none() {
    for line in ["", "   ", "\r\n", "# a comment", "\u{feff}"] {
        assert_eq!(converted(line.as_bytes()), Ok(false), "{line:?}");
    }
}

#[test]
fn lines_in_no_format_are_refused() {
    refused("an ordinary sentence", Damage::NoFormat);
    refused("a=1", Damage::NoFormat);
    refused("{\"a\":1}", Damage::NoFormat);
    refused(&"x".repeat(MAX_LINE + 1), Damage::TooLong);
}

#[test]
fn bytes_that_are_no_utf_8_are_replaced() {
    let mut out = Vec::new();
    assert_eq!(to_json(b"Nov 24 08:30:00 h sshd[1]: user \xe9va", &mut out), Ok(true));
    assert!(String::from_utf8(out).unwrap().contains("user \u{fffd}va"));
}

#[test]
fn numbers_of_system_calls_are_not_taken_for_text() {
    check(
        "type=SYSCALL msg=audit(1.0:1): a0=7ffd a1=4142 comm=2F62696E",
        &[("a0", "7ffd"), ("a1", "4142"), ("comm", "/bin"), ("time", "1.0"), ("audit_id", "1.0:1")],
    );
}

#[test]
fn null_and_odd_digits_in_audit_records_stay() {
    check("type=PATH msg=audit(1.0:1): name=(null) exe=ABC", &[("name", "(null)"), ("exe", "ABC")]);
}

#[test]
fn an_audit_record_without_an_end_is_refused() {
    refused("type=PATH msg=audit(1.0:1", Damage::Truncated(25));
    refused("type=PATH msg=audit(x): a=1", Damage::NoFormat);
}

#[test]
fn an_audit_record_mentioned_in_a_message_is_none() {
    check("Nov 24 08:30:00 h app: saw xtype=PATH msg=audit(1.0:1): a=1", &[("program", "app")]);
}

#[test]
fn a_windows_event_in_xml_is_flat() {
    check(
        "<Event><System><EventID>1</EventID><Level>4</Level></System><EventData><Data Name=\"Level\">x &lt; y</Data><Data Name='E'/></EventData></Event>",
        &[("EventID", "1"), ("Level", "4"), ("EventData_Level", "x < y"), ("E", "")],
    );
}

#[test]
fn entities_that_are_not_predefined_are_not_expanded() {
    check(
        "<Event><System><EventID>1</EventID></System><EventData><Data Name='A'>&xxe;&#65;</Data></EventData></Event>",
        &[("A", "\u{fffd}A")],
    );
}

#[test]
fn xml_that_does_not_close_is_refused() {
    let open = "<Event><System><EventID>1</EventID>";
    refused(open, Damage::Truncated(open.len()));
    let wrong = "<Event><System></Event>";
    assert!(matches!(converted(wrong.as_bytes()), Err((Damage::Xml(_), 6))));
}

#[test]
fn deep_xml_is_refused() {
    let deep = format!("<Event><System>{}", "<a>".repeat(1000));
    assert!(matches!(converted(deep.as_bytes()), Err((Damage::TooDeep(_), 6))));
}

#[test]
fn quotes_keep_blanks_in_pairs() {
    check(
        r#"a=1 msg="two words" path="C:\Temp\" x="say \"hi\"" empty= last=z"#,
        &[
            ("msg", "two words"),
            ("path", r"C:\Temp\"),
            ("x", "say \"hi\""),
            ("empty", ""),
            ("last", "z"),
        ],
    );
}

#[test]
fn equals_and_bars_may_be_escaped_in_cef() {
    check(
        r"CEF:0|A\|B|P|1|id|name|5|msg=a\=b c filePath=C:\Windows\notepad.exe cs1Label=x cs1=y=z",
        &[
            ("DeviceVendor", "A|B"),
            ("msg", "a=b c"),
            ("filePath", r"C:\Windows\notepad.exe"),
            ("cs1", "y=z"),
        ],
    );
}

#[test]
fn a_cef_header_that_is_cut_off_is_refused() {
    refused("CEF:0|A|B", Damage::Truncated(9));
}

#[test]
fn leef_2_may_name_its_delimiter_in_hexadecimal() {
    check("LEEF:2.0|V|P|1|id|x5E|a=1^b=2 3", &[("a", "1"), ("b", "2 3")]);
    check("LEEF:1.0|V|P|1|id|a=1\tb=2 3", &[("a", "1"), ("b", "2 3")]);
}

#[test]
fn a_bare_priority_is_enough_for_syslog() {
    check("<34>su: failed", &[("facility", "4"), ("severity", "2"), ("message", "su: failed")]);
}

#[test]
fn a_time_without_host_is_read() {
    check("Nov 24 08:30:00 sshd[7]: x", &[("program", "sshd"), ("pid", "7"), ("message", "x")]);
}

/// Takes minutes where a reader goes over a line again and again.
#[test]
fn long_lines_take_time_by_their_length_only() {
    for (start, piece) in [
        ("CEF:0|A|B|C|1|n|5|a", "="),
        ("CEF:0|A|B|C|1|n|5|a=", "\\n"),
        ("CEF:0|A|B|C|1|n|5|", "a= "),
        ("LEEF:1.0|A|B|C|1|", "a=\t"),
        ("CEF:0", "|"),
        ("type=EXECVE msg=audit(1.0:1): ", "a0=\""),
        ("type=EXECVE msg=audit(1.0:1): ", "a=' "),
        ("", "type="),
        ("a=1 b=\"", "\\\" "),
        ("a=1 ", "b=\"\\\"x "),
        ("<34>1 - - - - - [", "\\]\" "),
        ("<Event><System ", "a='' "),
        ("<Event><System>", "&a;"),
        ("<Event><System></System><EventData>", "<Data>"),
        ("<Event><System></System><EventData>", "<Data/>"),
        ("", "<Event <System"),
        ("Nov 24 08:30:00 h ", "%-"),
        ("Nov 24 08:30:00 h sudo: a : ", "USER=x ; "),
        ("1.2.3.4 - - [", "] \""),
    ] {
        let line = format!("{start}{}", piece.repeat((MAX_LINE - start.len()) / piece.len()));
        let _ = converted(line.as_bytes());
    }
}

fn noise() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        ".{0,8}",
        "[ -~]{0,12}",
        prop::sample::select(vec![
            "type=EXECVE ",
            "msg=audit(",
            "1.0:2): ",
            "a0=",
            "\"",
            "'",
            "=",
            "41\u{1d}",
            "node=x ",
            "<Event>",
            "<System>",
            "<Data Name='a'>",
            "</Data>",
            "</System>",
            "</Event>",
            "&#1;",
            "&amp;",
            "<![CDATA[",
            "]]>",
            "<!--",
            "<34>",
            "<34>1 ",
            "Nov 24 08:30:00 ",
            "2026-11-24T08:30:00",
            "h p[1]: ",
            "[a b=\"",
            "] ",
            "CEF:0|",
            "LEEF:2.0|",
            "|",
            "\\",
            "x09",
            "k=v ",
            "%A-1-B: ",
            "sudo: a : USER=",
            "1.2.3.4 - - [24/Nov/2026:08:30:00 +0000] ",
            "\"GET / HTTP/1.1\" ",
            "200 ",
            "é",
            "\u{feff}",
            "\0",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_give_one_object_or_leave_nothing(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = converted(&bytes);
    }

    #[test]
    fn pieces_of_formats_give_one_object_or_leave_nothing(line in noise()) {
        let _ = converted(line.as_bytes());
    }

    #[test]
    fn arguments_of_a_program_come_back(argument in "[^\0\u{1d}]{1,20}") {
        let hex: String = argument.bytes().map(|b| format!("{b:02X}")).collect();
        check(&format!("type=EXECVE msg=audit(1.0:1): a0={hex}"), &[("a0", &argument)]);
    }
}
