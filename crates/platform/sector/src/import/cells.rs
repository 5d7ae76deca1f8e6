//! The cells of one row by the names of their columns, read as what they should be. Pure.

use std::{fmt::Display, str::FromStr};

use terms::Timestamp;

use super::Complaint;

/// One row.
pub(crate) struct Cells<'r> {
    pub(crate) columns: &'r [String],
    pub(crate) record: &'r csv::StringRecord,
    pub(crate) cell_chars: usize,
}

/// What a cell says: nothing because there is no such column, that there is none (`Some(None)`),
/// or a value.
pub(crate) type Said<T> = Option<Option<T>>;

impl Cells<'_> {
    /// The cell without blanks around it; `None` if there is no such column.
    fn get(&self, column: &'static str) -> Result<Option<&str>, Complaint> {
        let at = self.columns.iter().position(|name| name == column);
        let Some(cell) = at.and_then(|at| self.record.get(at)) else { return Ok(None) };
        let cell = cell.trim();
        if cell.chars().nth(self.cell_chars).is_some() {
            let message = format!("longer than {} characters", self.cell_chars);
            return Err(Complaint::new(column, message));
        }
        if cell.chars().any(char::is_control) {
            return Err(Complaint::new(column, "holds a line end or another control character"));
        }
        Ok(Some(cell))
    }

    /// Text that may be blank.
    pub(crate) fn text(&self, column: &'static str) -> Result<Option<String>, Complaint> {
        Ok(self.get(column)?.map(str::to_owned))
    }

    /// Text that may not.
    pub(crate) fn required_text(&self, column: &'static str) -> Result<String, Complaint> {
        let cell = self.get(column)?.unwrap_or_default();
        if cell.is_empty() {
            return Err(Complaint::new(column, "must not be blank"));
        }
        Ok(cell.to_owned())
    }

    /// A value that may be missing.
    pub(crate) fn value<T>(&self, column: &'static str) -> Result<Said<T>, Complaint>
    where
        T: FromStr<Err: Display>,
    {
        match self.get(column)? {
            None => Ok(None),
            Some("") => Ok(Some(None)),
            Some(cell) => match cell.parse() {
                Ok(value) => Ok(Some(Some(value))),
                Err(error) => Err(Complaint::new(column, error.to_string())),
            },
        }
    }

    /// A value that may not.
    pub(crate) fn required<T>(&self, column: &'static str) -> Result<T, Complaint>
    where
        T: FromStr<Err: Display>,
    {
        self.value(column)?.flatten().ok_or_else(|| Complaint::new(column, "must not be blank"))
    }

    /// A whole number; `4100.0`, as spreadsheets write it, is one.
    pub(crate) fn count(&self, column: &'static str) -> Result<Said<u32>, Complaint> {
        let Some(cell) = self.get(column)? else { return Ok(None) };
        if cell.is_empty() {
            return Ok(Some(None));
        }
        let whole = cell.strip_suffix(".0").unwrap_or(cell);
        match whole.parse() {
            Ok(number) => Ok(Some(Some(number))),
            Err(_) => {
                let message = format!("{cell:?} is no whole number from 0 to {}", u32::MAX);
                Err(Complaint::new(column, message))
            }
        }
    }

    /// The last day of something, `20260331` or `2026-03-31`: the instant that day ends in UTC.
    pub(crate) fn last_day(&self, column: &'static str) -> Result<Said<Timestamp>, Complaint> {
        let Some(cell) = self.get(column)? else { return Ok(None) };
        if cell.is_empty() {
            return Ok(Some(None));
        }
        let date = ["%Y%m%d", "%Y-%m-%d"]
            .iter()
            .find_map(|form| jiff::civil::Date::strptime(form, cell).ok());
        let end = date
            .and_then(|date| date.tomorrow().ok())
            .and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC).ok());
        match end {
            Some(end) => Ok(Some(Some(end.timestamp()))),
            None => {
                let message = format!("{cell:?} is no date: write 20260331 or 2026-03-31");
                Err(Complaint::new(column, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T>(
        cell: &str,
        read: impl Fn(&Cells<'_>) -> Result<T, Complaint>,
    ) -> Result<T, String> {
        let columns = ["c".to_owned()];
        let record = csv::StringRecord::from(vec![cell]);
        let cells = Cells { columns: &columns, record: &record, cell_chars: 12 };
        read(&cells).map_err(|complaint| complaint.message)
    }

    #[test]
    fn numbers_are_whole_and_not_negative() {
        assert_eq!(check(" 4100.0 ", |c| c.count("c")), Ok(Some(Some(4100))));
        assert_eq!(check("", |c| c.count("c")), Ok(Some(None)));
        assert_eq!(check("5", |c| c.count("other")), Ok(None));
        for cell in ["-1", "1.5", "1,000", "4294967296", "many"] {
            assert!(check(cell, |c| c.count("c")).is_err(), "{cell}");
        }
    }

    #[test]
    fn the_last_day_belongs_to_the_time_before_the_end() {
        let end = "2026-04-01T00:00:00Z".parse().expect("an instant");
        assert_eq!(check("20260331", |c| c.last_day("c")), Ok(Some(Some(end))));
        assert_eq!(check("2026-03-31", |c| c.last_day("c")), Ok(Some(Some(end))));
        for cell in ["31/03/2026", "20260230", "2026", "99991231"] {
            assert!(check(cell, |c| c.last_day("c")).is_err(), "{cell}");
        }
    }

    #[test]
    fn cells_are_bounded_and_of_one_line() {
        assert!(check("1234567890123", |c| c.text("c")).is_err());
        assert!(check("a\nb", |c| c.text("c")).is_err());
        assert_eq!(check("é".repeat(12).as_str(), |c| c.required_text("c")), Ok("é".repeat(12)));
        assert!(check("  ", |c| c.required_text("c")).is_err());
    }
}
