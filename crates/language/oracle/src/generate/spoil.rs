//! A value made wrong, or strange. In: a draft that a rule holds for. Out: one that it hardly
//! ever should hold for, or of which nobody knows.

use fastrand::Rng;

use super::{draft::Draft, sample};
use crate::Json;

/// Breaks one value.
pub(super) fn near_miss(draft: &mut Draft, rng: &mut Rng) {
    if draft.fields.is_empty() {
        draft.fields.push(("extra".into(), vec![Json::Text(sample::filler(rng))]));
        return;
    }
    let at = rng.usize(..draft.fields.len());
    if rng.u8(..12) == 0 {
        draft.fields.remove(at);
        return;
    }
    if rng.u8(..24) == 0 {
        let name = &mut draft.fields[at].0;
        *name = if rng.bool() { name.to_lowercase() } else { format!("{name}.x") };
        return;
    }
    let values = &mut draft.fields[at].1;
    let which = rng.usize(..values.len());
    values[which] = wrong(&values[which], rng);
}

fn wrong(value: &Json, rng: &mut Rng) -> Json {
    match (rng.u8(..20), value) {
        (0, _) => Json::Null,
        (1, _) => Json::Array(Vec::new()),
        (2, _) => Json::Object(vec![("inner".into(), value.clone())]),
        (3, _) => Json::Bool(rng.bool()),
        (4, Json::Text(_)) => Json::Text(String::new()),
        (_, Json::Text(text)) if text.len() < 16 && text.parse::<f64>().is_ok() => {
            other_number(text, rng)
        }
        (_, Json::Text(text)) => Json::Text(wrong_text(text, rng)),
        (_, Json::Number(number)) => other_number(number, rng),
        (_, Json::Bool(truth)) => Json::Bool(!truth),
        (_, Json::Null) => Json::Text(sample::filler(rng)),
        (_, Json::Array(_) | Json::Object(_)) => Json::Null,
    }
}

fn other_number(written: &str, rng: &mut Rng) -> Json {
    let number: f64 = written.parse().unwrap_or(0.0);
    match rng.u8(..8) {
        0 => Json::Text(format!(" {written}")),
        1 => Json::Text(format!("{written} ")),
        2 => Json::Text(format!("0{written}")),
        3 => sample::number_value(number + 0.5, rng),
        4 => sample::number_value(-number, rng),
        5 => sample::number_value(number * 10.0, rng),
        6 => sample::number_value(number - 1.0, rng),
        _ => sample::number_value(number + 1.0, rng),
    }
}

/// Letters and what looks like them, or is nearly mapped to them.
const LOOK_ALIKES: [(char, &str); 16] = [
    ('a', "а"),
    ('e', "е"),
    ('o', "о"),
    ('c', "с"),
    ('p', "р"),
    ('x', "х"),
    ('i', "ı"),
    ('i', "İ"),
    ('I', "ı"),
    ('s', "ſ"),
    ('ß', "ss"),
    ('k', "κ"),
    ('l', "1"),
    ('.', "．"),
    ('\\', "/"),
    ('/', "\\"),
];

fn wrong_text(text: &str, rng: &mut Rng) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = rng.usize(..=chars.len());
    let inside = at.min(chars.len().saturating_sub(1));
    match rng.u8(..14) {
        0 | 1 if !chars.is_empty() => chars[inside] = neighbour(chars[inside], rng),
        2 if !chars.is_empty() => drop(chars.remove(inside)),
        3 => chars.truncate(chars.len().saturating_sub(1)),
        4 => drop(chars.drain(..chars.len().min(1))),
        5 => chars.truncate(at),
        6 => chars
            .insert(at, ['x', ' ', '\n', '\u{301}', '\u{200b}', '*', '?', '\\'][rng.usize(..8)]),
        7 => chars.push(' '),
        8 => chars.insert(0, ' '),
        9 => return text.replacen('\\', "\\\\", rng.usize(1..3)),
        10 => return text.replace(' ', "  "),
        11 => return text.replacen('-', ["–", "‒", "—", "/"][rng.usize(..4)], 1),
        12 => chars.reverse(),
        _ => {
            let fitting: Vec<&(char, &str)> =
                LOOK_ALIKES.iter().filter(|(c, _)| text.contains(*c)).collect();
            match fitting.is_empty() {
                true => chars.push('x'),
                false => {
                    let (from, to) = fitting[rng.usize(..fitting.len())];
                    return text.replacen(*from, to, 1);
                }
            }
        }
    }
    chars.into_iter().collect()
}

fn neighbour(c: char, rng: &mut Rng) -> char {
    let step = if rng.bool() { 1 } else { -1 };
    u32::from(c).checked_add_signed(step).and_then(char::from_u32).unwrap_or('x')
}

/// Makes something strange of it.
pub(super) fn oddity(draft: &mut Draft, rng: &mut Rng) {
    if draft.fields.is_empty() {
        draft.fields.push(("extra".into(), vec![odd(rng)]));
    }
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(..draft.fields.len());
        let other = odd(rng);
        let values = &mut draft.fields[at].1;
        match rng.u8(..10) {
            0 => values.push(other),
            1 => values.insert(0, other),
            2 => values.push(Json::Null),
            3 => {
                let nested = std::mem::take(values);
                values.push(Json::Array(vec![Json::Array(nested), other]));
            }
            4 => {
                let first = values.first().cloned().unwrap_or(Json::Null);
                *values = vec![Json::Object(vec![("".into(), first), ("inner".into(), other)])];
            }
            5 | 6 => values.iter_mut().for_each(|value| lengthen(value, rng)),
            7 => values.iter_mut().for_each(retype),
            8 => {
                let name = draft.fields[at].0.clone();
                draft.fields.push((format!("{name}.inner"), vec![other]));
            }
            _ => {
                let values = values.clone();
                draft.fields.push(("copy".into(), values));
            }
        }
    }
}

fn odd(rng: &mut Rng) -> Json {
    const TEXTS: [&str; 16] = [
        "",
        " ",
        "\u{0}",
        "\u{1}\u{1f}\u{7f}",
        "\u{fffd}",
        "\u{feff}x",
        "İıſßẞK",
        "e\u{301}é",
        "😀👩\u{200d}⚕️",
        "аdmin",
        "\\",
        "\\\\",
        "\"",
        "*",
        "?",
        "null",
    ];
    match rng.u8(..10) {
        0 => Json::Null,
        1 => Json::Bool(rng.bool()),
        2 => Json::Number(
            ["0", "-0", "1e400", "18446744073709551616", "1.50", "-1e-7"][rng.usize(..6)].into(),
        ),
        3 => Json::Array(Vec::new()),
        4 => Json::Object(Vec::new()),
        5 => Json::Array(vec![Json::Object(vec![("b".into(), odd_number(rng))]), Json::Null]),
        _ => Json::Text(TEXTS[rng.usize(..TEXTS.len())].into()),
    }
}

fn odd_number(rng: &mut Rng) -> Json {
    sample::number_value(f64::from(rng.i16(..)), rng)
}

/// Something long before or after the text.
fn lengthen(value: &mut Json, rng: &mut Rng) {
    if let Json::Text(text) = value {
        let unit = ["A", "ab ", "\\x", "é", "😀", "\n", "=\"", "-enc "][rng.usize(..8)];
        let long = unit.repeat(rng.usize(100..10_240 / unit.len()));
        if rng.bool() {
            text.push_str(&long);
        } else {
            text.insert_str(0, &long);
        }
    }
}

/// Numbers as text and text as numbers.
fn retype(value: &mut Json) {
    match value {
        Json::Number(written) => *value = Json::Text(written.clone()),
        Json::Text(text) if matches!(Json::parse(text), Ok(Json::Number(_))) => {
            *value = Json::Number(text.clone());
        }
        Json::Bool(truth) => *value = Json::Text(truth.to_string().to_uppercase()),
        _ => {}
    }
}
