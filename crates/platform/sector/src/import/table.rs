//! Text of a CSV file to rows of cells with their lines. Pure.

use super::{Complaint, FileError, Limits, Problems};

/// A file's rows.
#[derive(Debug)]
pub(crate) struct Table {
    /// Names of the columns, in small letters.
    pub(crate) columns: Vec<String>,
    /// The rows that have a cell for each column.
    pub(crate) rows: Vec<(u64, csv::StringRecord)>,
}

/// Cuts a text into rows. A row of the wrong length is a problem and left out.
pub(crate) fn read(
    file: &str,
    text: &str,
    limits: &Limits,
    problems: &mut Problems,
) -> Result<Table, FileError> {
    // One kind of line end, so that lines count as people's editors count them.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.records();
    // Text has no encoding left that could be wrong, so the reader has nothing to refuse.
    let header = records.next().and_then(Result::ok).unwrap_or_default();
    let columns = columns(file, &header)?;
    let mut rows = Vec::new();
    for record in records.filter_map(Result::ok) {
        let line = line_of(&text, &record);
        if rows.len() >= limits.rows {
            let message = format!("more than {} rows: the rest is left out", limits.rows);
            problems.add(line, Complaint::new("", message));
            break;
        }
        match shape(&record, columns.len(), limits) {
            Shape::Blank => {}
            Shape::Good => rows.push((line, record)),
            Shape::Bad(message) => problems.add(line, Complaint::new("", message)),
        }
    }
    Ok(Table { columns, rows })
}

fn columns(file: &str, header: &csv::StringRecord) -> Result<Vec<String>, FileError> {
    let columns: Vec<String> =
        header.iter().map(|name| name.trim().to_lowercase().chars().take(60).collect()).collect();
    for (at, column) in columns.iter().enumerate() {
        if !column.is_empty() && columns[..at].contains(column) {
            let column = column.clone();
            return Err(FileError::ColumnTwice { file: file.to_owned(), column });
        }
    }
    Ok(columns)
}

enum Shape {
    Blank,
    Good,
    Bad(String),
}

fn shape(record: &csv::StringRecord, columns: usize, limits: &Limits) -> Shape {
    if record.iter().all(|cell| cell.trim().is_empty()) {
        return Shape::Blank;
    }
    if record.as_slice().len() > limits.row_bytes {
        return Shape::Bad(format!(
            "longer than {} bytes: a quotation mark may be missing",
            limits.row_bytes
        ));
    }
    let beyond_is_blank = record.iter().skip(columns).all(|cell| cell.trim().is_empty());
    if record.len() < columns || !beyond_is_blank {
        return Shape::Bad(format!("{} cells where the header has {columns}", record.len()));
    }
    Shape::Good
}

/// The line a record begins on. The reader's own position stands before blank lines.
fn line_of(text: &str, record: &csv::StringRecord) -> u64 {
    let Some(position) = record.position() else { return 1 };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let ahead = text.as_bytes().get(from..).unwrap_or_default();
    position.line() + ahead.iter().take_while(|&&byte| byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (Vec<u64>, Vec<super::super::Problem>) {
        let mut problems = Problems::new("x.csv", 10);
        let limits = Limits { row_bytes: 40, rows: 4, ..Limits::default() };
        let table = read("x.csv", text, &limits, &mut problems).expect("a table");
        (table.rows.iter().map(|(line, _)| *line).collect(), problems.into_list())
    }

    #[test]
    fn lines_count_as_in_an_editor_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "1,2", "", "\"3\n3\",4", "5,6"].join(end);
            let (lines, problems) = check(&text);
            assert_eq!(lines, [2, 4, 6], "{end:?}");
            assert!(problems.is_empty());
        }
    }

    #[test]
    fn a_row_of_the_wrong_length_is_named_and_the_rest_goes_on() {
        let (lines, problems) = check("a,b\n1\n1,2,3\n1,2,,\n,\n1,2\n");
        assert_eq!(lines, [4, 6]);
        assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(problems[0].message, "1 cells where the header has 2");
    }

    #[test]
    fn limits_of_rows_and_bytes_are_kept() {
        let (lines, problems) = check("a,b\n1,2\n1,2\n1,2\n1,2\n1,2\n");
        assert_eq!((lines.len(), problems[0].line), (4, 6));
        let (lines, problems) = check(&format!("a,b\n\"{}\n1,2\n", "x".repeat(50)));
        assert!(lines.is_empty());
        assert!(problems[0].message.contains("quotation mark"), "{problems:?}");
    }

    #[test]
    fn a_column_that_stands_twice_is_refused() {
        let mut problems = Problems::new("x.csv", 10);
        let read = read("x.csv", "name, Name\n", &Limits::default(), &mut problems);
        assert!(matches!(read, Err(FileError::ColumnTwice { .. })));
    }
}
