//! How bad a finding is, in the five words of the Sigma specification.

use std::{fmt, str::FromStr};

/// Severity of a rule, least first, so that `a < b` means "a is less severe".
///
/// Source: Sigma specification 2.1, attribute `level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Context for other findings; no alert by itself.
    Informational,
    /// Notable, seldom an incident.
    Low,
    /// To be reviewed by a person.
    Medium,
    /// To be reviewed soon: likely an attack.
    High,
    /// To be reviewed at once: an attack.
    Critical,
}

impl Level {
    /// All levels, least severe first.
    pub const ALL: [Level; 5] =
        [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];

    /// The word as Sigma spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Informational => "informational",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Level::ALL
            .into_iter()
            .find(|level| level.as_str().eq_ignore_ascii_case(s))
            .ok_or_else(|| UnknownLevel(s.to_owned()))
    }
}

/// A word that is none of the five levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLevel(pub String);

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown level {:?}: use informational, low, medium, high or critical", self.0)
    }
}

impl std::error::Error for UnknownLevel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_read_back_as_it_is_written() {
        for level in Level::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
        }
    }

    #[test]
    fn critical_is_the_worst() {
        assert_eq!(Level::ALL.into_iter().max(), Some(Level::Critical));
    }

    #[test]
    fn an_unknown_word_names_the_known_ones() {
        let error = "severe".parse::<Level>().expect_err("not a level").to_string();
        assert!(error.contains("severe") && error.contains("critical"), "{error}");
    }
}
