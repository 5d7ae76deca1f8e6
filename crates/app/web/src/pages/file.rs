//! Lists as files: streamed, so that a million rows need no more memory than a page of them. What
//! a spreadsheet would take for a formula is written so that it takes it for text.

use std::future::Future;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Comma-separated values with a head (RFC 4180).
    Csv,
    /// A JSON object a line.
    JsonLines,
}

impl Kind {
    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines => "application/x-ndjson",
        }
    }
}

/// A file of rows. `part` gives the rows at a place and the next place, until there is none.
pub(super) fn streamed<P, E, F>(
    name: &str,
    kind: Kind,
    head: &[&str],
    first: Option<P>,
    part: impl Fn(P) -> F + Send + 'static,
) -> Response
where
    P: Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
    F: Future<Output = Result<(Vec<u8>, Option<P>), E>> + Send + 'static,
{
    let mut beginning = Vec::new();
    if kind == Kind::Csv {
        csv_row(&mut beginning, head.iter().copied());
    }
    let rows = stream::unfold((first, Some(beginning), part), async |(at, beginning, part)| {
        if let Some(beginning) = beginning {
            return Some((Ok(Bytes::from(beginning)), (at, None, part)));
        }
        match part(at?).await {
            Ok((rows, next)) => Some((Ok(Bytes::from(rows)), (next, None, part))),
            Err(error) => {
                // The answer began; its end without the last chunk tells the reader that it is cut.
                tracing::error!(error = &error as &dyn std::error::Error, "an export was cut");
                Some((Err(error), (None, None, part)))
            }
        }
    });
    let mut response = Body::from_stream(rows).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media()));
    let file = format!("attachment; filename=\"{name}.{}\"", kind.ending());
    if let Ok(file) = HeaderValue::from_str(&file) {
        headers.insert(header::CONTENT_DISPOSITION, file);
    }
    response
}

/// One row of a CSV.
pub(super) fn csv_row<T: AsRef<str>>(out: &mut Vec<u8>, fields: impl IntoIterator<Item = T>) {
    for (at, field) in fields.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        csv_field(out, field.as_ref());
    }
    out.extend_from_slice(b"\r\n");
}

fn csv_field(out: &mut Vec<u8>, text: &str) {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let is_plain = !is_formula && !text.contains([',', '"', '\n', '\r']);
    if is_plain {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    if is_formula {
        out.push(b'\'');
    }
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// One line of JSON lines.
pub(super) fn json_row(out: &mut Vec<u8>, value: &serde_json::Value) {
    out.extend_from_slice(value.to_string().as_bytes());
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[&str], expected: &str) {
        let mut out = Vec::new();
        csv_row(&mut out, fields);
        assert_eq!(String::from_utf8(out).expect("text"), expected);
    }

    #[test]
    fn a_field_is_quoted_where_it_must_be() {
        check(&["a", "", "b c"], "a,,b c\r\n");
        check(&["a,b", "say \"x\"", "two\nlines"], "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"\r\n");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        check(&["=1+1", "@SUM(A1)", "-2", "+44"], "\"'=1+1\",\"'@SUM(A1)\",\"'-2\",\"'+44\"\r\n");
    }
}
