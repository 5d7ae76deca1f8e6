//! Lists as files: CSV or lines of JSON, a part at a time, so that a million rows need no more
//! memory than a thousand.
//!
//! Cells of a CSV that a spreadsheet would run as a formula get a `'` in front: what somebody
//! wrote into a log must not act on the reader's computer.

use std::{convert::Infallible, error::Error, fmt::Write as _, future::Future};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value};

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// RFC 4180, with a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// A list as a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet {
    /// The file's name without its ending.
    pub(crate) name: &'static str,
    /// Columns in order; JSON's keys have the same names.
    pub(crate) columns: &'static [&'static str],
}

/// A row: a value for each column.
pub(crate) type Cells = Vec<Value>;

impl Sheet {
    /// The file of rows that are all there.
    pub(crate) fn of(self, format: Format, rows: Vec<Cells>) -> Response {
        self.stream(format, stream::iter([Ok::<_, Infallible>(rows)]))
    }

    /// The file of rows that come a part at a time.
    pub(crate) fn stream<E: Error + Send + Sync + 'static>(
        self,
        format: Format,
        parts: impl Stream<Item = Result<Vec<Cells>, E>> + Send + 'static,
    ) -> Response {
        self.written(format, parts.map_ok(move |rows| self.rows(format, &rows)))
    }

    /// The file of rows whose JSON is not that of the columns. `part` writes those at a place, and
    /// gives the next place until there is none.
    pub(crate) fn parts<P, E, F>(
        self,
        format: Format,
        first: P,
        part: impl Fn(P) -> F + Send + 'static,
    ) -> Response
    where
        P: Send + 'static,
        E: Error + Send + Sync + 'static,
        F: Future<Output = Result<(String, Option<P>), E>> + Send + 'static,
    {
        let parts = stream::try_unfold((Some(first), part), async |(at, part)| {
            let Some(at) = at else { return Ok::<_, E>(None) };
            let (text, next) = part(at).await?;
            Ok(Some((text, (next, part))))
        });
        self.written(format, parts)
    }

    /// After an error the answer ends without its last chunk, which tells the reader that it is
    /// cut.
    fn written<E: Error + Send + Sync + 'static>(
        self,
        format: Format,
        texts: impl Stream<Item = Result<String, E>> + Send + 'static,
    ) -> Response {
        let head = stream::iter([Ok(self.head(format))]);
        let texts = head.chain(texts).map_ok(Bytes::from);
        let texts = texts.inspect_err(|error| {
            tracing::error!(error = error as &dyn Error, "an export was cut");
        });
        let mut response = Body::from_stream(texts).into_response();
        let (kind, ending) = match format {
            Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
            Format::JsonLines => ("application/x-ndjson", "jsonl"),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let disposition = format!("attachment; filename=\"{}.{ending}\"", self.name);
        if let Ok(disposition) = HeaderValue::from_str(&disposition) {
            headers.insert(header::CONTENT_DISPOSITION, disposition);
        }
        response
    }

    fn head(self, format: Format) -> String {
        match format {
            Format::Csv => self.columns.join(",") + "\r\n",
            Format::JsonLines => String::new(),
        }
    }

    fn rows(self, format: Format, rows: &[Cells]) -> String {
        let mut out = String::new();
        for row in rows {
            match format {
                Format::Csv => csv_row(&mut out, row),
                Format::JsonLines => {
                    let names = self.columns.iter().map(|name| (*name).to_owned());
                    let object: Map<String, Value> = names.zip(row.iter().cloned()).collect();
                    json_row(&mut out, &Value::Object(object));
                }
            }
        }
        out
    }
}

/// A line of JSON.
pub(crate) fn json_row(out: &mut String, value: &Value) {
    let _ = writeln!(out, "{value}");
}

/// A row of a CSV (RFC 4180).
pub(crate) fn csv_row(out: &mut String, row: &[Value]) {
    for (at, value) in row.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        let cell = match value {
            Value::Null => String::new(),
            Value::String(text) => harmless(text),
            Value::Array(list) => {
                let texts = list.iter().map(|one| one.as_str().unwrap_or_default());
                harmless(&texts.collect::<Vec<_>>().join(" "))
            }
            other => other.to_string(),
        };
        match cell.contains([',', '"', '\r', '\n']) {
            true => {
                let _ = write!(out, "\"{}\"", cell.replace('"', "\"\""));
            }
            false => out.push_str(&cell),
        }
    }
    out.push_str("\r\n");
}

fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SHEET: Sheet = Sheet { name: "things", columns: &["name", "count", "tags"] };

    fn check(row: &[Value], expected: &str) {
        let mut out = String::new();
        csv_row(&mut out, row);
        assert_eq!(out, format!("{expected}\r\n"));
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        check(&[json!("a, \"b\"\n"), json!(3), json!(["x", "y"])], "\"a, \"\"b\"\"\n\",3,x y");
        check(&[json!(""), Value::Null, json!(true), json!(-0.5)], ",,true,-0.5");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for text in ["=1+1", "+44", "-2", "@SUM(A1)"] {
            check(&[json!(text)], &format!("'{text}"));
            check(&[json!([text, "b"])], &format!("'{text} b"));
        }
        check(&[json!("=HYPERLINK(\"http://x\",1)")], "\"'=HYPERLINK(\"\"http://x\"\",1)\"");
        check(&[json!("\t=1"), json!("\r=1")], "'\t=1,\"'\r=1\"");
        check(&[json!("a=1"), json!(-3)], "a=1,-3");
    }

    #[test]
    fn a_file_begins_with_its_columns() {
        let rows = [vec![json!("a"), json!(3), json!(["x", "y"])]];
        let file = SHEET.head(Format::Csv) + &SHEET.rows(Format::Csv, &rows);
        assert_eq!(file, "name,count,tags\r\na,3,x y\r\n");
    }

    #[test]
    fn a_line_of_json_holds_a_row_as_it_is() {
        let rows = [vec![json!("=1+1"), json!(3), json!(["x", "y"])]];
        let file = SHEET.head(Format::JsonLines) + &SHEET.rows(Format::JsonLines, &rows);
        assert_eq!(file, "{\"name\":\"=1+1\",\"count\":3,\"tags\":[\"x\",\"y\"]}\n");
    }
}
