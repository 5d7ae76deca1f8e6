//! Values in the encodings that scripts hide them in.

use crate::modifiers::Wide;

/// Text as UTF-16 bytes.
pub(crate) fn utf16(text: &str, wide: Wide) -> Vec<u8> {
    let mark: &[u8] = if wide == Wide::Marked { &[0xff, 0xfe] } else { &[] };
    let units = text.encode_utf16().flat_map(|unit| match wide {
        Wide::Big => unit.to_be_bytes(),
        Wide::Little | Wide::Marked => unit.to_le_bytes(),
    });
    mark.iter().copied().chain(units).collect()
}

/// Each byte as the character of the same number.
pub(crate) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Base64 with padding. Source: RFC 4648, section 4.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |n: usize| u32::from(chunk.get(n).copied().unwrap_or_default());
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// The Base64 of `bytes` at each of the three offsets it can have inside a longer text, without
/// the characters that also depend on what stands before or after. Empty ones are left out.
pub(crate) fn base64_offsets(bytes: &[u8]) -> Vec<String> {
    (0..3usize)
        .map(|offset| {
            let mut shifted = vec![0; offset];
            shifted.extend_from_slice(bytes);
            let encoded = base64(&shifted);
            let start = [0, 2, 3][offset];
            let end = match shifted.len() % 3 {
                0 => encoded.len(),
                1 => encoded.len() - 3,
                _ => encoded.len() - 2,
            };
            encoded.get(start..end).unwrap_or_default().to_owned()
        })
        .filter(|text| !text.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_follows_the_test_vectors_of_rfc_4648() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    proptest::proptest! {
        #[test]
        fn one_of_the_offsets_stands_in_every_longer_text(
            before in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..7),
            value in proptest::collection::vec(proptest::prelude::any::<u8>(), 3..20),
            after in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..7),
        ) {
            let whole = base64(&[before.as_slice(), &value, &after].concat());
            let found = base64_offsets(&value).iter().any(|text| whole.contains(text));
            proptest::prop_assert!(found);
        }
    }
}
