//! A text or an object of any form, as a record: what is JSON stays as it is, what is in a text
//! format that Ward reads is taken apart, and anything else is kept under `message`.

use serde::de::IgnoredAny;

/// What a text turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON object.
    Object,
    /// A line in a format that Ward reads.
    Line,
    /// Nothing that Ward knows.
    Plain,
}

/// Appends `text` to `out` as one JSON object on one line.
pub fn write(text: &str, out: &mut Vec<u8>) -> Form {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\0');
    let before = out.len();
    if let Some(object) = object(text) {
        push_on_one_line(object, out);
        return Form::Object;
    }
    if let Ok(true) = event::text::to_json(text.as_bytes(), out) {
        return Form::Line;
    }
    out.truncate(before);
    out.push(b'{');
    member("message", text, out);
    out.push(b'}');
    Form::Plain
}

/// The JSON object that a text is, also behind the mark of the Common Event Expression.
fn object(text: &str) -> Option<&str> {
    let text = text.strip_prefix("@cee:").map_or(text, str::trim_start);
    let is_object = text.starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok();
    is_object.then_some(text)
}

/// Line breaks of valid JSON stand between its parts only; records are one a line.
pub(crate) fn push_on_one_line(json: &str, out: &mut Vec<u8>) {
    out.extend(json.bytes().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { b }));
}

/// Appends members to the object that ends `out`. `write` writes one, with [`member`] or
/// `raw_member`, each time it is called; commas are set here.
pub(crate) fn extend(out: &mut Vec<u8>, members: impl FnOnce(&mut Members<'_>)) {
    debug_assert_eq!(out.last(), Some(&b'}'));
    out.pop();
    members(&mut Members(out));
    out.push(b'}');
}

/// The members of an object that is being written.
pub(crate) struct Members<'o>(&'o mut Vec<u8>);

impl Members<'_> {
    /// A text.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.comma();
        member(name, value, self.0);
    }

    /// A text, unless it is empty.
    pub(crate) fn some(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.text(name, value);
        }
    }

    /// A value that is JSON already, on one line.
    pub(crate) fn raw(&mut self, name: &str, json: &str) {
        self.comma();
        quoted(name, self.0);
        self.0.push(b':');
        push_on_one_line(json, self.0);
    }

    /// An object.
    pub(crate) fn object(&mut self, name: &str, members: impl FnOnce(&mut Members<'_>)) {
        self.comma();
        quoted(name, self.0);
        self.0.extend_from_slice(b":{");
        members(&mut Members(self.0));
        self.0.push(b'}');
    }

    fn comma(&mut self) {
        let last = self.0.iter().rev().find(|b| !b.is_ascii_whitespace());
        if last != Some(&b'{') {
            self.0.push(b',');
        }
    }
}

fn member(name: &str, value: &str, out: &mut Vec<u8>) {
    quoted(name, out);
    out.push(b':');
    quoted(value, out);
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("a text is written to memory");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, form: Form, expected: &str) {
        let mut out = Vec::new();
        assert_eq!(write(text, &mut out), form, "{text}");
        assert_eq!(String::from_utf8_lossy(&out), expected, "{text}");
    }

    #[test]
    fn an_object_stays_as_it_is_but_for_its_line_breaks() {
        check(r#"{"a":1.10,"b":"\n"}"#, Form::Object, r#"{"a":1.10,"b":"\n"}"#);
        check("{\n \"a\": 1\r\n}\n", Form::Object, "{  \"a\": 1  }");
        check(r#"@cee: {"a":1}"#, Form::Object, r#"{"a":1}"#);
    }

    #[test]
    fn a_line_that_ward_reads_is_taken_apart() {
        let line = "CEF:0|Example|Wall|1|7|deny|5|src=192.0.2.7 act=deny";
        let mut out = Vec::new();
        assert_eq!(write(line, &mut out), Form::Line);
        let read: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!((&read["DeviceVendor"], &read["src"]), (&"Example".into(), &"192.0.2.7".into()));
    }

    #[test]
    fn anything_else_is_kept_as_text() {
        check("hello\nworld \u{1}", Form::Plain, r#"{"message":"hello\nworld \u0001"}"#);
        check("{\"cut\":", Form::Plain, r#"{"message":"{\"cut\":"}"#);
        check("", Form::Plain, r#"{"message":""}"#);
    }

    #[test]
    fn members_follow_those_that_were_there() {
        let extended = |object: &str| {
            let mut out = object.as_bytes().to_vec();
            extend(&mut out, |members| {
                members.text("peer", "192.0.2.7");
                members.object("s", |inner| inner.some("none", ""));
            });
            String::from_utf8(out).expect("text")
        };
        assert_eq!(extended("{ }"), r#"{ "peer":"192.0.2.7","s":{}}"#);
        assert_eq!(extended(r#"{"a":{}}"#), r#"{"a":{},"peer":"192.0.2.7","s":{}}"#);
    }
}
