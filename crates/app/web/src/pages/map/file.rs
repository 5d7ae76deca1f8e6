//! Lists as files: CSV as RFC 4180 writes it, or an object a line; streamed, so that thirty
//! thousand rows need no more memory than a thousand.
//!
//! Text that a spreadsheet would run as a formula gets a `'` in front: what stands in a name must
//! not act on the reader's computer.

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::Stream;
use serde_json::{Map, Value};

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// RFC 4180, with a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Datum {
    /// Text; blank: nothing is known.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number with a fraction.
    Real(f64),
    /// Nothing is known.
    None,
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: std::fmt::Display> From<Option<&T>> for Datum {
    fn from(one: Option<&T>) -> Self {
        one.map_or(Self::None, |one| Self::Text(one.to_string()))
    }
}

impl Form {
    /// What comes before the rows.
    pub(crate) fn head(self, columns: &[&str]) -> String {
        match self {
            Self::Csv => format!("{}\r\n", columns.join(",")),
            Self::JsonLines => String::new(),
        }
    }

    /// Rows, each with a cell a column.
    pub(crate) fn rows(self, columns: &[&str], rows: &[Vec<Datum>]) -> String {
        rows.iter().map(|row| self.row(columns, row)).collect()
    }

    fn row(self, columns: &[&str], row: &[Datum]) -> String {
        match self {
            Self::Csv => {
                let cells: Vec<String> = row.iter().map(csv).collect();
                format!("{}\r\n", cells.join(","))
            }
            Self::JsonLines => {
                let named = columns.iter().zip(row);
                let object: Map<String, Value> =
                    named.map(|(name, cell)| ((*name).to_owned(), json(cell))).collect();
                format!("{}\n", Value::Object(object))
            }
        }
    }

    /// The answer that streams `parts` as the file `name`, without its ending.
    pub(crate) fn answer<E>(
        self,
        name: &str,
        parts: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Response
    where
        E: Into<axum::BoxError> + 'static,
    {
        let (kind, ending) = match self {
            Self::Csv => ("text/csv; charset=utf-8", "csv"),
            Self::JsonLines => ("application/x-ndjson", "jsonl"),
        };
        let mut response = Body::from_stream(parts).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let disposition = format!("attachment; filename=\"{name}.{ending}\"");
        if let Ok(value) = HeaderValue::from_str(&disposition) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        response
    }
}

fn csv(cell: &Datum) -> String {
    let text = match cell {
        Datum::None => return String::new(),
        Datum::Number(number) => return number.to_string(),
        Datum::Real(real) => return real.to_string(),
        Datum::Text(text) => text,
    };
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.clone() };
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

fn json(cell: &Datum) -> Value {
    match cell {
        Datum::None => Value::Null,
        Datum::Number(number) => (*number).into(),
        Datum::Real(real) => (*real).into(),
        Datum::Text(text) => text.as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_disarmed() {
        let row = |text: &str| Form::Csv.rows(&["a", "b"], &[vec![text.into(), Datum::Real(-1.5)]]);
        assert_eq!(row("plain"), "plain,-1.5\r\n");
        assert_eq!(row("a, \"b\"\n"), "\"a, \"\"b\"\"\n\",-1.5\r\n");
        assert_eq!(row("=HYPERLINK(1)"), "'=HYPERLINK(1),-1.5\r\n");
        assert_eq!(row(""), ",-1.5\r\n");
    }

    #[test]
    fn an_object_a_line_keeps_kinds_of_values() {
        let row = vec!["=x".into(), Datum::Number(7), Datum::None];
        let line = Form::JsonLines.rows(&["a", "b", "c"], &[row]);
        assert_eq!(line, "{\"a\":\"=x\",\"b\":7,\"c\":null}\n");
    }
}
