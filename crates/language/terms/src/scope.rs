//! What part of the sector a caller may see or act on. Every store function takes one.

use std::fmt;

use crate::{GroupId, OdsCode};

/// One part of the sector.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Everything.
    Sector,
    /// All organisations of an NHS England region, by its code (`Y56`).
    Region(OdsCode),
    /// All organisations of an integrated care board's area, by its code.
    Icb(OdsCode),
    /// The organisations of a named set.
    Group(GroupId),
    /// One organisation.
    Organisation(OdsCode),
}

/// The parts of the sector a caller may see: their union. An empty scope sees nothing.
///
/// Ward's own background work, which nobody asked for, uses [`Scope::sector`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<Part>);

impl Scope {
    /// The union of `parts`.
    pub fn of(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut parts: Vec<Part> = parts.into_iter().collect();
        parts.sort();
        parts.dedup();
        if parts.contains(&Part::Sector) {
            parts = vec![Part::Sector];
        }
        Self(parts)
    }

    /// All of the sector.
    pub fn sector() -> Self {
        Self(vec![Part::Sector])
    }

    /// Nothing.
    pub fn nothing() -> Self {
        Self(Vec::new())
    }

    /// One organisation.
    pub fn organisation(code: OdsCode) -> Self {
        Self(vec![Part::Organisation(code)])
    }

    /// The parts, sorted, none twice; [`Part::Sector`] stands alone.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Whether it is all of the sector.
    pub fn is_sector(&self) -> bool {
        self.0.first() == Some(&Part::Sector)
    }

    /// Whether nothing lies in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sector => f.write_str("sector"),
            Self::Region(code) => write!(f, "region:{code}"),
            Self::Icb(code) => write!(f, "icb:{code}"),
            Self::Group(id) => write!(f, "group:{id}"),
            Self::Organisation(code) => write!(f, "organisation:{code}"),
        }
    }
}

impl std::str::FromStr for Part {
    type Err = UnreadablePart;

    fn from_str(text: &str) -> Result<Self, UnreadablePart> {
        let unreadable = || UnreadablePart(text.chars().take(60).collect());
        let (kind, value) = text.split_once(':').unwrap_or((text, ""));
        let code = || value.parse().map_err(|_| unreadable());
        match kind {
            "sector" if value.is_empty() => Ok(Self::Sector),
            "region" => Ok(Self::Region(code()?)),
            "icb" => Ok(Self::Icb(code()?)),
            "group" => Ok(Self::Group(value.parse().map_err(|_| unreadable())?)),
            "organisation" => Ok(Self::Organisation(code()?)),
            _ => Err(unreadable()),
        }
    }
}

/// Text that names no part of the sector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadablePart(pub String);

impl fmt::Display for UnreadablePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} names no part of the sector: write sector, region:Y56, icb:QKK, group:<id> or \
             organisation:RX1",
            self.0
        )
    }
}

impl std::error::Error for UnreadablePart {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_sector_swallows_its_parts() {
        let code: OdsCode = "RX1".parse().expect("a code");
        let scope = Scope::of([Part::Organisation(code), Part::Sector]);
        assert_eq!(scope, Scope::sector());
    }

    #[test]
    fn a_part_is_read_back_from_its_text() {
        for text in ["sector", "region:Y56", "icb:QKK", "organisation:RX1"] {
            assert_eq!(text.parse::<Part>().expect("a part").to_string(), text);
        }
        for text in ["", "sector:1", "region:", "group:x", "country:UK"] {
            assert!(text.parse::<Part>().is_err(), "{text}");
        }
    }
}
