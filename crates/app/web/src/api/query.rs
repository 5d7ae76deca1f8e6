//! Parameters of lists as they are written in an address.

use super::alerts::bad;
use crate::failure::Failure;

/// What an address asks for.
pub(crate) struct Asked(Vec<(String, String)>);

impl Asked {
    /// Reads the query of an address. Errors: a parameter is given twice, or the text is no query.
    pub(crate) fn read(raw: Option<&str>) -> Result<Self, Failure> {
        let pairs: Vec<(String, String)> = serde_html_form::from_str(raw.unwrap_or_default())
            .map_err(|error| bad("the address", &error))?;
        for (at, (name, _)) in pairs.iter().enumerate() {
            if pairs[..at].iter().any(|(known, _)| known == name) {
                return Err(bad(&name.chars().take(40).collect::<String>(), &"it is given twice"));
            }
        }
        Ok(Self(pairs))
    }

    /// What stands under a name; empty when nothing does.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }
}

/// Rows of a page without a word about it.
const USUAL_ROWS: u16 = 100;
const MOST_ROWS: u16 = 500;

/// How many rows a page is to have. Errors: it is no number, out of bounds, or given twice.
pub(crate) fn limit(raw: Option<&str>) -> Result<u16, Failure> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(raw.unwrap_or_default())
        .map_err(|error| bad("the address", &error))?;
    let mut given = pairs.iter().filter(|(name, _)| name == "limit").map(|(_, value)| value);
    let rows = match (given.next(), given.next()) {
        (None, _) => return Ok(USUAL_ROWS),
        (Some(text), None) => text.parse().ok(),
        (Some(_), Some(_)) => return Err(bad("limit", &"it is given twice")),
    };
    let rows = rows.filter(|rows| (1..=MOST_ROWS).contains(rows));
    rows.ok_or_else(|| bad("limit", &format!("write a number from 1 to {MOST_ROWS}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(raw: &str) -> Result<u16, String> {
        limit(Some(raw)).map_err(|failure| failure.title().to_owned())
    }

    #[test]
    fn a_limit_out_of_bounds_or_given_twice_is_refused_by_name() {
        assert_eq!(rows(""), Ok(100));
        assert_eq!(rows("limit=500"), Ok(500));
        for raw in [
            "limit=",
            "limit=0",
            "limit=501",
            "limit=99999999999999999999",
            "limit=-1",
            "limit=many",
            "limit=1&limit=2",
        ] {
            let why = rows(raw).expect_err("refused");
            assert!(why.contains("limit"), "{raw}: {why}");
        }
    }
}
