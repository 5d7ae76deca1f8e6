//! Base64 and UTF-16, bit by bit. In: plain text of a rule. Out: the text to look for.

/// How `wide`, `utf16be` and `utf16` write text as bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Utf16 {
    /// `wide`, `utf16le`: low byte first.
    Little,
    /// `utf16be`: high byte first.
    Big,
    /// `utf16`: low byte first, after the byte order mark.
    Marked,
}

/// The bytes of `text` in UTF-16.
pub fn utf16(text: &str, order: Utf16) -> Vec<u8> {
    let marked = if order == Utf16::Marked { "\u{feff}" } else { "" };
    let units = marked.encode_utf16().chain(text.encode_utf16());
    match order {
        Utf16::Big => units.flat_map(u16::to_be_bytes).collect(),
        Utf16::Little | Utf16::Marked => units.flat_map(u16::to_le_bytes).collect(),
    }
}

/// Each byte as the character with its number.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn bits(bytes: &[u8]) -> Vec<bool> {
    bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0)).collect()
}

fn character(six: &[bool]) -> char {
    let number = (0..6)
        .fold(0, |number, at| number * 2 + usize::from(six.get(at).copied().unwrap_or_default()));
    char::from(ALPHABET[number])
}

/// The Base64 of `bytes`, with `=` to a multiple of four characters.
pub fn base64(bytes: &[u8]) -> String {
    let mut out: String = bits(bytes).chunks(6).map(character).collect();
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

/// The Base64 of `bytes` where 0, 1 or 2 unknown bytes precede and unknown bytes follow, each
/// without the characters that depend on those. Forms without any certain character are left out.
pub fn base64_offsets(bytes: &[u8]) -> Vec<String> {
    let known: Vec<Option<bool>> = bits(bytes).into_iter().map(Some).collect();
    (0..3)
        .map(|offset| {
            let mut all = vec![None; offset * 8];
            all.extend(&known);
            let sextets = all.chunks(6).filter(|six| six.len() == 6);
            let certain = sextets.filter_map(|six| six.iter().copied().collect::<Option<Vec<_>>>());
            certain.map(|six| character(&six)).collect::<String>()
        })
        .filter(|form| !form.is_empty())
        .collect()
}
