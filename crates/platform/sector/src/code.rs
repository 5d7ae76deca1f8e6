//! Names of things on the map: codes, references to things of different kinds, and the two scales
//! from one to four.

use std::{fmt, str::FromStr, sync::Arc};

use terms::OdsCode;

/// The code of a service, system or supplier, as `RX1-EPR`: 1 to 64 letters, digits, `-`, `_`, `.`
/// or `/`; kept in capitals, because people write them either way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapCode(Arc<str>);

/// Most characters of a [`MapCode`].
pub const MAX_CODE_CHARS: usize = 64;

/// Text that cannot be read as what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The beginning of the text.
    pub text: String,
    /// What should have stood there.
    pub expected: &'static str,
}

impl Unreadable {
    pub(crate) fn new(text: &str, expected: &'static str) -> Self {
        Self { text: text.chars().take(60).collect(), expected }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} cannot be read: {} is expected", self.text, self.expected)
    }
}

impl std::error::Error for Unreadable {}

impl MapCode {
    /// The code's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MapCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MapCode {
    type Err = Unreadable;

    /// Blanks around it and small letters are forgiven.
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let code = text.trim();
        let is_plain = code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
        if code.is_empty() || code.len() > MAX_CODE_CHARS || !is_plain {
            let expected = "a code of 1 to 64 letters, digits, -, _, . or /";
            return Err(Unreadable::new(text, expected));
        }
        Ok(Self(code.to_ascii_uppercase().into()))
    }
}

/// Something on the map that can depend on something else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// An organisation; that it depends on something means that all its services do.
    Organisation(OdsCode),
    /// A service for patients.
    Service(MapCode),
    /// A system, as an electronic patient record or a network.
    System(MapCode),
    /// A supplier.
    Supplier(MapCode),
}

impl Thing {
    /// The kind, as written before the colon.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Organisation(_) => "organisation",
            Self::Service(_) => "service",
            Self::System(_) => "system",
            Self::Supplier(_) => "supplier",
        }
    }

    /// The code, as written after the colon.
    pub fn code(&self) -> &str {
        match self {
            Self::Organisation(code) => code.as_str(),
            Self::Service(code) | Self::System(code) | Self::Supplier(code) => code.as_str(),
        }
    }

    /// The thing of a kind and a code.
    pub fn of(kind: &str, code: &str) -> Result<Self, Unreadable> {
        let expected = "service:<code>, system:<code>, supplier:<code> or organisation:<code>";
        match kind {
            "organisation" => code
                .parse()
                .map(Self::Organisation)
                .map_err(|_| Unreadable::new(code, "an ODS code after organisation:")),
            "service" => code.parse().map(Self::Service),
            "system" => code.parse().map(Self::System),
            "supplier" => code.parse().map(Self::Supplier),
            _ => Err(Unreadable::new(kind, expected)),
        }
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.code())
    }
}

impl FromStr for Thing {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let (kind, code) = text.split_once(':').unwrap_or((text, ""));
        Self::of(kind.trim().to_ascii_lowercase().as_str(), code)
    }
}

macro_rules! one_to_four {
    ($($(#[$doc:meta])* $name:ident, $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u8);

        impl $name {
            /// The least.
            pub const LEAST: Self = Self(1);
            /// The most.
            pub const MOST: Self = Self(4);

            /// The number as this scale; `None` beyond 1 to 4.
            pub fn new(number: u8) -> Option<Self> {
                (1..=4).contains(&number).then_some(Self(number))
            }

            /// The number, 1 to 4.
            pub fn get(self) -> u8 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Unreadable;

            fn from_str(text: &str) -> Result<Self, Unreadable> {
                let number = text.trim().parse().ok().and_then(Self::new);
                number.ok_or_else(|| Unreadable::new(text, $expected))
            }
        }
    )*};
}

one_to_four! {
    /// How much care depends on a service or system: 1 convenient, 2 important, 3 essential,
    /// 4 life depends on it within hours.
    Criticality, "a criticality from 1 (convenient) to 4 (life depends on it)";
    /// What happens to a thing when what it depends on stops: 1 hardly anything, 2 it slows,
    /// 3 it is badly hindered, 4 it stops.
    Strength, "a strength from 1 (hardly matters) to 4 (stops without it)";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_read_back_from_its_text() {
        for text in ["organisation:RX1", "service:RX1-ED", "system:RX1_EPR", "supplier:A.B/C"] {
            assert_eq!(text.parse::<Thing>().expect("a thing").to_string(), text);
        }
        assert_eq!("System: rx1-epr".parse(), Ok(Thing::System("RX1-EPR".parse().expect("code"))));
    }

    #[test]
    fn what_is_no_thing_is_refused() {
        for text in ["", "RX1", "device:PC1", "service:", "service:a b", "organisation:R-1"] {
            assert!(text.parse::<Thing>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_scales_end_at_one_and_four() {
        for text in ["0", "5", "", "-1", "256", "2.5", "high"] {
            assert!(text.parse::<Criticality>().is_err(), "{text}");
        }
        assert_eq!("1".parse(), Ok(Strength::LEAST));
        assert_eq!(" 4 ".parse(), Ok(Strength::MOST));
    }
}
