//! Lists as files: CSV or lines of JSON, a part at a time, so that a million rows need no more
//! memory than a thousand.
//!
//! Cells of a CSV that a spreadsheet would run as a formula get a `'` in front: what somebody
//! wrote into a log must not act on the reader's computer.

use std::{convert::Infallible, error::Error, fmt::Write as _};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt, stream};
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

    /// The file of rows that come a part at a time. After an error the answer ends without its
    /// last chunk, which tells the reader that it is cut.
    pub(crate) fn stream<E: Error + Send + Sync + 'static>(
        self,
        format: Format,
        parts: impl Stream<Item = Result<Vec<Cells>, E>> + Send + 'static,
    ) -> Response {
        let head = stream::iter([Ok(Bytes::from(self.head(format)))]);
        let rest = parts.map(move |part| match part {
            Ok(rows) => Ok(Bytes::from(self.rows(format, &rows))),
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "an export was cut");
                Err(error)
            }
        });
        let mut response = Body::from_stream(head.chain(rest)).into_response();
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
                    let _ = writeln!(out, "{}", Value::Object(object));
                }
            }
        }
        out
    }
}

fn csv_row(out: &mut String, row: &[Value]) {
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

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_do_nothing() {
        let rows = [
            vec![json!("a, \"b\"\n"), json!(3), json!(["x", "y"])],
            vec![json!("=1+1"), json!(-3), Value::Null],
        ];
        let file = SHEET.head(Format::Csv) + &SHEET.rows(Format::Csv, &rows);
        assert_eq!(file, "name,count,tags\r\n\"a, \"\"b\"\"\n\",3,x y\r\n'=1+1,-3,\r\n");
    }

    #[test]
    fn a_line_of_json_holds_a_row_as_it_is() {
        let rows = [vec![json!("=1+1"), json!(3), json!(["x", "y"])]];
        let file = SHEET.head(Format::JsonLines) + &SHEET.rows(Format::JsonLines, &rows);
        assert_eq!(file, "{\"name\":\"=1+1\",\"count\":3,\"tags\":[\"x\",\"y\"]}\n");
    }
}
