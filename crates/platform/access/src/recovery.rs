//! Recovery codes: ten one-time codes for the day the phone is lost.
//!
//! 50 random bits each, in letters that are not mistaken for each other. Fifty bits could be tried
//! through by somebody who stole a table of plain digests; these need the server's key as well.

use data_encoding::Encoding;
use terms::PersonId;

use crate::{
    key::ServerKey,
    secret::{Digest, Secret, random_bytes},
};

/// How many a person gets.
pub(crate) const RECOVERY_CODES: usize = 10;

const CHARACTERS: usize = 10;

/// Douglas Crockford's base 32: no i, l, o, u.
fn alphabet() -> Encoding {
    let mut of = data_encoding::Specification::new();
    of.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    of.encoding().expect("32 different symbols make an encoding")
}

/// New codes, as `4k7x9-m2pqa`.
pub(crate) fn new_codes() -> Vec<Secret> {
    (0..RECOVERY_CODES).map(|_| new_code()).collect()
}

fn new_code() -> Secret {
    // Ten bytes make sixteen letters; the first ten carry 50 bits.
    let text = alphabet().encode(&random_bytes::<10>());
    Secret::new(format!("{}-{}", &text[..CHARACTERS / 2], &text[CHARACTERS / 2..CHARACTERS]))
}

/// What is stored of a code.
pub(crate) fn digest(key: &ServerKey, person: PersonId, code: &Secret) -> Digest {
    let message = [person.0.as_bytes().as_slice(), folded(code).as_bytes()].concat();
    Digest(key.sign("recovery", &message))
}

/// Small letters without blanks and dashes; letters that look alike are taken for what was meant.
fn folded(code: &Secret) -> String {
    let meant = |c: char| match c {
        'o' => '0',
        'i' | 'l' => '1',
        _ => c,
    };
    let text = code.expose().to_lowercase();
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(meant).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use terms::Timestamp;

    use super::*;

    #[test]
    fn ten_different_codes_are_made_in_a_form_people_can_copy() {
        let codes = new_codes();
        let distinct: BTreeSet<&str> = codes.iter().map(Secret::expose).collect();
        assert_eq!(distinct.len(), RECOVERY_CODES);
        for code in distinct {
            let (left, right) = code.split_once('-').expect("two halves");
            assert_eq!((left.len(), right.len()), (5, 5), "{code}");
            assert!(!code.contains(['i', 'l', 'o', 'u']), "{code}");
        }
    }

    #[test]
    fn a_code_is_recognised_however_it_is_copied_and_for_its_owner_only() {
        let key = ServerKey::random();
        let (ann, bob) = (PersonId::new(Timestamp::UNIX_EPOCH), PersonId::new(Timestamp::MIN));
        let kept = digest(&key, ann, &Secret::new("4k7x0-m1pqa"));
        for text in ["4K7X0M1PQA", " 4k7x0 - m1pqa ", "4k7xO-mLpqa"] {
            assert_eq!(digest(&key, ann, &Secret::new(text)), kept, "{text}");
        }
        assert_ne!(digest(&key, ann, &Secret::new("4k7x0-m1pqb")), kept);
        assert_ne!(digest(&key, bob, &Secret::new("4k7x0-m1pqa")), kept);
        assert_ne!(digest(&ServerKey::random(), ann, &Secret::new("4k7x0-m1pqa")), kept);
    }
}
