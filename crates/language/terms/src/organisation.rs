//! Codes of the Organisation Data Service: the key of every organisation and site in England.

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

/// An ODS code, as `RX1` or `A81001`: 2 to 12 capital letters and digits.
///
/// Published codes have 3 to 10; the room beyond serves codes an operator makes for bodies that
/// have none. Source: Organisation Data Service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OdsCode(Arc<str>);

impl OdsCode {
    /// The code's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text that is no ODS code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableOdsCode(pub String);

impl fmt::Display for UnreadableOdsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no ODS code: 2 to 12 letters and digits, as RX1", self.0)
    }
}

impl std::error::Error for UnreadableOdsCode {}

impl FromStr for OdsCode {
    type Err = UnreadableOdsCode;

    /// Blanks around it and small letters are forgiven.
    fn from_str(text: &str) -> Result<Self, UnreadableOdsCode> {
        let code = text.trim();
        let is_code =
            (2..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_code {
            Ok(Self(code.to_ascii_uppercase().into()))
        } else {
            Err(UnreadableOdsCode(code.chars().take(40).collect()))
        }
    }
}

impl fmt::Display for OdsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for OdsCode {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_in_capitals_without_blanks() {
        assert_eq!(" rx1 ".parse::<OdsCode>().expect("a code").as_str(), "RX1");
    }

    #[test]
    fn what_is_no_code_is_refused_with_its_beginning() {
        for text in ["", "R", "RX1 07", "RX1-07", "ABCDEFGHIJKLM", "Ä12"] {
            assert!(text.parse::<OdsCode>().is_err(), "{text}");
        }
    }
}
