//! The mark in every form that shows it came from our own page: bound to the session, signed with
//! the server's key.
//!
//! It is masked anew each time, so a page that is compressed and repeats something of the request
//! does not give the mark away letter by letter.

use data_encoding::BASE64URL_NOPAD;
use terms::SessionId;

use crate::{
    key::ServerKey,
    secret::{Secret, random_bytes},
};

const BYTES: usize = 32;

/// A mark for forms of this session; each call gives another, all hold as long as the session.
pub fn token(key: &ServerKey, session: SessionId) -> Secret {
    let mark = key.sign("csrf", session.0.as_bytes());
    let mask = random_bytes::<BYTES>();
    Secret::new(BASE64URL_NOPAD.encode(&[mask, xor(mask, mark)].concat()))
}

/// Whether `token` is a mark of this session; in a time that does not depend on it.
pub fn is_token(key: &ServerKey, session: SessionId, token: &Secret) -> bool {
    let Ok(bytes) = BASE64URL_NOPAD.decode(token.expose().as_bytes()) else { return false };
    let Some((mask, masked)) = bytes.split_first_chunk::<BYTES>() else { return false };
    let Ok(masked) = <[u8; BYTES]>::try_from(masked) else { return false };
    key.is_signed("csrf", session.0.as_bytes(), &xor(*mask, masked))
}

fn xor(mask: [u8; BYTES], mark: [u8; BYTES]) -> [u8; BYTES] {
    let mut mixed = mask;
    mixed.iter_mut().zip(mark).for_each(|(byte, other)| *byte ^= other);
    mixed
}

#[cfg(test)]
mod tests {
    use terms::Timestamp;

    use super::*;

    #[test]
    fn a_mark_holds_for_its_session_and_looks_different_each_time() {
        let key = ServerKey::random();
        let (mine, other) =
            (SessionId::new(Timestamp::UNIX_EPOCH), SessionId::new(Timestamp::UNIX_EPOCH));
        let (one, two) = (token(&key, mine), token(&key, mine));
        assert_ne!(one, two);
        assert!(is_token(&key, mine, &one) && is_token(&key, mine, &two));
        assert!(!is_token(&key, other, &one), "another session");
        assert!(!is_token(&ServerKey::random(), mine, &one), "another server");
    }

    #[test]
    fn what_is_no_mark_is_refused() {
        let key = ServerKey::random();
        let session = SessionId::new(Timestamp::UNIX_EPOCH);
        let mut changed = token(&key, session).expose().to_owned();
        let last = changed.pop().expect("a letter");
        changed.push(if last == 'A' { 'Q' } else { 'A' });
        for text in ["", "AAAA", &"A".repeat(86), changed.as_str(), "ü"] {
            assert!(!is_token(&key, session, &Secret::new(text)), "{text}");
        }
    }
}
