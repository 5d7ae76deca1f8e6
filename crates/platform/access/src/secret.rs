//! What must never be shown: passwords, codes, tokens, cookies. And where new ones come from.
//!
//! `Debug` and `Display` of a [`Secret`] print no part of it; whoever needs the text says so with
//! [`Secret::expose`], which is easy to search for.

use std::fmt;

use data_encoding::{BASE32_NOPAD, Encoding};
use sha2::{Digest as _, Sha256};

/// A text that is not shown, logged or compared by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text: to hash it, to put it into a cookie, to show it to its owner once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// 256 random bits in small letters and digits (52 characters of base 32, RFC 4648).
    pub(crate) fn random() -> Self {
        Self(BASE32_NOPAD.encode(&random_bytes::<32>()).to_lowercase())
    }

    /// The SHA-256 of the text. Enough to keep secrets of 256 random bits; passwords and short
    /// codes need more.
    pub(crate) fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// What the chain of an empty audit trail begins with.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest as it is stored, when it has 32 bytes.
    pub(crate) fn of_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn to_vec(self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex().encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl std::str::FromStr for Digest {
    type Err = UnreadableDigest;

    fn from_str(text: &str) -> Result<Self, UnreadableDigest> {
        let bytes = hex().decode(text.as_bytes()).map_err(|_| UnreadableDigest)?;
        Self::of_stored(&bytes).ok_or(UnreadableDigest)
    }
}

/// Text that is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no SHA-256 digest: 64 small hexadecimal digits")]
pub struct UnreadableDigest;

fn hex() -> Encoding {
    data_encoding::HEXLOWER
}

/// `N` bytes nobody can foresee.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .expect("the operating system gives random bytes; without them no secret could be made");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_itself_only_when_asked() {
        let secret = Secret::new("correct horse");
        let shown = format!("{secret} {secret:?} {:?}", Some(&secret));
        assert!(!shown.contains("correct") && !shown.contains("horse"), "{shown}");
        assert_eq!(secret.expose(), "correct horse");
    }

    #[test]
    fn random_secrets_are_long_and_differ() {
        let (one, other) = (Secret::random(), Secret::random());
        assert_eq!(one.expose().len(), 52);
        assert_ne!(one, other);
    }

    #[test]
    fn a_digest_is_read_back_from_its_text() {
        let digest = Secret::new("abc").digest();
        assert_eq!(
            digest.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!("ba78".parse::<Digest>(), Err(UnreadableDigest));
    }
}
