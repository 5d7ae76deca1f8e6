//! Lists of values to draw from, kept as they stand in JSON.

use crate::template::escaped;

/// All lists.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    names: Vec<String>,
    values: Vec<Vec<String>>,
}

impl Lists {
    /// Adds a list. Errors: what is wrong, in words.
    pub(crate) fn add(&mut self, name: String, values: &[String]) -> Result<(), String> {
        if values.is_empty() {
            return Err(format!("list {name:?} is empty"));
        }
        if self.find(&name).is_some() || self.names.len() >= usize::from(u16::MAX) {
            return Err(format!("list {name:?} is there already"));
        }
        self.names.push(name);
        self.values.push(values.iter().map(|value| escaped(value)).collect());
        Ok(())
    }

    pub(crate) fn find(&self, name: &str) -> Option<u16> {
        self.names.iter().position(|known| known == name).map(|at| at as u16)
    }

    /// The value that a number of 64 bits picks.
    #[inline]
    pub(crate) fn pick(&self, list: u16, number: u64) -> &str {
        let values = &self.values[usize::from(list)];
        &values[crate::chance::below(number, values.len() as u64) as usize]
    }
}
