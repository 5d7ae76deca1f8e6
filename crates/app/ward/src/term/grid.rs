//! Rows and columns of text in a width. Columns that may shrink share what room there is, and
//! wrap; nothing is cut off.

use super::{
    Look,
    paint::{Paint, paint},
    wrap::{width, wrap},
};

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    title: String,
    is_number: bool,
    /// May become this narrow; `None`: never narrower than its text.
    shrinks_to: Option<usize>,
}

/// A cell: lines of text, and what they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell(Vec<(String, Paint)>);

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// Text that is as wide as it is.
pub(crate) fn fixed(title: &str) -> Column {
    Column { title: title.to_owned(), is_number: false, shrinks_to: None }
}

/// A number, put to the right.
pub(crate) fn number(title: &str) -> Column {
    Column { title: title.to_owned(), is_number: true, shrinks_to: None }
}

/// Text that wraps where room is scarce.
pub(crate) fn flexible(title: &str, at_least: usize) -> Column {
    Column { title: title.to_owned(), is_number: false, shrinks_to: Some(at_least) }
}

impl Cell {
    /// One piece of text.
    pub(crate) fn new(text: impl Into<String>, paint: Paint) -> Self {
        Cell(vec![(text.into(), paint)])
    }

    /// A further line.
    pub(crate) fn and(mut self, text: impl Into<String>, paint: Paint) -> Self {
        self.0.push((text.into(), paint));
        self
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Cell::new(text, Paint::Plain)
    }
}

/// Blanks between columns.
const GAP: usize = 2;

impl Grid {
    /// An empty table.
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Grid { columns, rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The table as text, one line after the other, each ended.
    pub(crate) fn text(&self, look: Look) -> String {
        let widths = self.widths(look.width);
        let mut out = String::new();
        if self.columns.iter().any(|column| !column.title.is_empty()) {
            let titles = self.columns.iter().map(|c| Cell::new(c.title.clone(), Paint::Faint));
            self.line(&titles.collect::<Vec<_>>(), &widths, look, &mut out);
        }
        for row in &self.rows {
            self.line(row, &widths, look, &mut out);
        }
        out
    }

    fn line(&self, cells: &[Cell], widths: &[usize], look: Look, out: &mut String) {
        let wrapped: Vec<Vec<(String, Paint)>> = cells
            .iter()
            .zip(widths)
            .map(|(cell, columns)| {
                let lines = cell.0.iter();
                let lines = lines.flat_map(|(text, paint)| {
                    wrap(text, *columns).into_iter().map(|line| (line, *paint))
                });
                lines.collect()
            })
            .collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..height {
            let mut line = String::new();
            let mut pending = 0;
            for ((column, cell), columns) in self.columns.iter().zip(&wrapped).zip(widths) {
                let empty = (String::new(), Paint::Plain);
                let (text, kind) = cell.get(at).unwrap_or(&empty);
                let blanks = columns.saturating_sub(width(text));
                let (before, after) = if column.is_number { (blanks, 0) } else { (0, blanks) };
                if !text.is_empty() {
                    line.push_str(&" ".repeat(pending + before));
                    line.push_str(&paint(look, *kind, text));
                    pending = after + GAP;
                } else {
                    pending += columns + GAP;
                }
            }
            out.push_str(&line);
            out.push('\n');
        }
    }

    fn widths(&self, room: usize) -> Vec<usize> {
        let widest = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            let lines = cells.flat_map(|cell| &cell.0).flat_map(|(text, _)| text.split('\n'));
            lines.map(width).max().unwrap_or(0).max(width(&self.columns[at].title))
        };
        let mut widths: Vec<usize> = (0..self.columns.len()).map(widest).collect();
        let gaps = GAP * widths.len().saturating_sub(1);
        // Take from the widest that may give, one by one: tables are small.
        while widths.iter().sum::<usize>() + gaps > room {
            let may_give =
                |at: &usize| self.columns[*at].shrinks_to.is_some_and(|least| widths[*at] > least);
            let Some(at) = (0..widths.len()).filter(may_give).max_by_key(|at| widths[*at]) else {
                break;
            };
            widths[at] -= 1;
        }
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { width: 30, colour: false, unicode: true };

    #[test]
    fn columns_that_may_shrink_wrap_and_the_rest_stays() {
        let mut grid = Grid::new(vec![fixed("Level"), number("N"), flexible("Rule", 8)]);
        grid.row(vec!["high".into(), "12".into(), "Shadow copies deleted by a tool".into()]);
        let expected = "Level   N  Rule\n\
                        high   12  Shadow copies\n           deleted by a tool\n";
        assert_eq!(grid.text(LOOK), expected);
    }

    #[test]
    fn colour_does_not_count_as_width() {
        let mut grid = Grid::new(vec![fixed("A"), fixed("B")]);
        grid.row(vec![Cell::new("x", Paint::Bad), "y".into()]);
        let text = grid.text(Look { colour: true, ..LOOK });
        assert!(text.ends_with("\u{1b}[31mx\u{1b}[0m  y\n"), "{text:?}");
    }
}
