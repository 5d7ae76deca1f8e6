//! Codes of made-up things, in one place, and why none is real.
//!
//! Organisations are `XE`, a letter for the kind, and digits. Codes which the Organisation Data
//! Service issues today are letter, digit, letter, digit, letter, so their second character is a
//! digit; its older codes that begin with X are X and two digits; trusts begin with R, boards with
//! Q, practices are a letter and five digits. Among the codes of the published lists none begins
//! with XE (see `catalogues/example/README.md`). Sites add a letter and digits to their trust's
//! code, services and systems a hyphen and a tag, which no code of the service contains.

/// The beginning of every made-up code.
pub const PREFIX: &str = "XE";

/// Whether a code is one of the example sector and so no real body's; regions are real.
pub fn is_example(code: &str) -> bool {
    let Some(rest) = code.strip_prefix(PREFIX) else { return false };
    let digits = rest.trim_start_matches(['N', 'B', 'T', 'G', 'P', 'L', 'S']);
    rest.len() == digits.len() + 1 && digits.starts_with(|c: char| c.is_ascii_digit())
}

pub(crate) const NATIONAL: &str = "XEN01";

pub(crate) fn icb(number: usize) -> String {
    format!("{PREFIX}B{number:02}")
}

pub(crate) fn trust(number: usize) -> String {
    format!("{PREFIX}T{number:03}")
}

pub(crate) fn practice(number: usize) -> String {
    format!("{PREFIX}G{number:05}")
}

pub(crate) fn care_provider(number: usize) -> String {
    format!("{PREFIX}P{number:05}")
}

pub(crate) fn care_location(number: usize) -> String {
    format!("{PREFIX}L{number:05}")
}

pub(crate) fn supplier(number: usize) -> String {
    format!("{PREFIX}S{number:03}")
}

pub(crate) fn hospital(trust: &str, number: usize) -> String {
    format!("{trust}H{number:02}")
}

pub(crate) fn clinic(trust: &str, number: usize) -> String {
    format!("{trust}C{number:03}")
}

/// A service's or system's code: its organisation's, and a tag unique there.
pub(crate) fn of(organisation: &str, tag: &str) -> String {
    format!("{organisation}-{tag}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_kind_are_known_as_examples() {
        let codes = [icb(1), trust(202), practice(6220), care_provider(9), care_location(41_000)];
        for code in codes.iter().chain(&[supplier(60), NATIONAL.to_owned(), hospital("XET001", 3)])
        {
            assert!(is_example(code), "{code}");
        }
    }

    #[test]
    fn real_shapes_of_codes_are_not_examples() {
        for code in
            ["X24", "X7M7U", "X1E2T", "RX1", "RX107", "A81001", "QE1", "Y56", "XE", "XET", ""]
        {
            assert!(!is_example(code), "{code}");
        }
    }
}
