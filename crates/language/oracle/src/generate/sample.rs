//! One value for one test: wildcards filled, letter case changed, expressions unfolded.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use fastrand::Rng;
use ipnet::IpNet;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::{
    Json,
    pattern::{Pattern, Piece},
    test::{Compare, Test},
    time::{Part, part_of},
};

/// Ordinary text without meaning.
pub(super) fn filler(rng: &mut Rng) -> String {
    const WORDS: [&str; 24] = [
        "ward",
        "clinic",
        "C:\\Program Files\\",
        "\\",
        "/opt/",
        "letter.pdf",
        " ",
        "  ",
        "-",
        "--",
        "x",
        "7",
        "report",
        "\"",
        "a=1",
        "é",
        "Ωmega",
        "日本",
        "😀",
        ".",
        ",",
        "\n",
        "\t",
        "'",
    ];
    let words = rng.usize(1..4);
    (0..words).map(|_| WORDS[rng.usize(..WORDS.len())]).collect()
}

/// A pattern filled, and whether anything may stand before and after it.
pub(super) struct Filled {
    text: String,
    open_before: bool,
    open_after: bool,
}

/// Fills a pattern's wildcards.
pub(super) fn piece(pattern: &Pattern, cased: bool, rng: &mut Rng) -> Filled {
    let open_before = pattern.0.first() == Some(&Piece::Any);
    let open_after = pattern.0.len() > 1 && pattern.0.last() == Some(&Piece::Any);
    let from = usize::from(open_before);
    let to = pattern.0.len() - usize::from(open_after);
    let mode = rng.u8(..8);
    let mut text = String::new();
    for piece in &pattern.0[from..to] {
        match piece {
            Piece::Char(c) if cased => text.push(*c),
            Piece::Char(c) => text.push(other_case(*c, mode, rng)),
            Piece::Any if rng.bool() => text.push_str(&filler(rng)),
            Piece::Any => {}
            Piece::One => text.push(['x', '9', ' ', 'é', '日', '😀', '\n'][rng.usize(..7)]),
            Piece::OneOf(choices) => text.push(choices[rng.usize(..choices.len())]),
        }
    }
    Filled { text, open_before, open_after: open_after || pattern.0.len() == 1 && open_before }
}

/// The letter or its other case, never one that is mapped to something else.
fn other_case(c: char, mode: u8, rng: &mut Rng) -> char {
    let flip = match mode {
        0..=2 => false,
        3 | 4 => true,
        _ => rng.bool(),
    };
    if !flip {
        return c;
    }
    if matches!(c, 'k' | 'K') && rng.u8(..24) == 0 {
        return '\u{212a}';
    }
    if c == 'ß' && rng.bool() {
        return 'ẞ';
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) if one.to_lowercase().eq(c.to_lowercase()) => one,
        _ => c,
    }
}

/// Joins filled patterns into as few texts as can be, each with something before and after.
pub(super) fn join(pieces: Vec<Filled>, separate: bool, rng: &mut Rng) -> Vec<String> {
    let mut texts = Vec::new();
    let (mut start, mut middles, mut end) = (None, Vec::new(), None);
    for piece in pieces {
        match (piece.open_before, piece.open_after) {
            (false, false) => texts.push(piece.text),
            (false, true) if start.is_none() && !separate => start = Some(piece.text),
            (true, false) if end.is_none() && !separate => end = Some(piece.text),
            (true, true) if !separate => middles.push(piece.text),
            (before, after) => {
                let (left, right) = (filler(rng), filler(rng));
                let left = if before { left } else { String::new() };
                let right = if after { right } else { String::new() };
                texts.push(format!("{left}{}{right}", piece.text));
            }
        }
    }
    if start.is_none() && end.is_none() && middles.is_empty() {
        return texts;
    }
    let gap = |rng: &mut Rng| if rng.u8(..3) == 0 { filler(rng) } else { String::new() };
    rng.shuffle(&mut middles);
    let mut text = start.unwrap_or_else(|| gap(rng));
    for middle in middles {
        text.push_str(&gap(rng));
        text.push_str(&middle);
    }
    text.push_str(&gap(rng));
    text.push_str(&end.unwrap_or_default());
    texts.push(text);
    texts
}

/// Text, or the number or boolean whose text it is.
pub(super) fn typed(text: String, rng: &mut Rng) -> Json {
    let whole = !text.is_empty() && text.len() < 19 && text.bytes().all(|b| b.is_ascii_digit());
    let no_nought = text == "0" || !text.starts_with('0');
    if whole && no_nought && rng.bool() {
        return Json::Number(spelling(&text, rng));
    }
    match text.as_str() {
        "true" if rng.bool() => Json::Bool(true),
        "false" if rng.bool() => Json::Bool(false),
        _ => Json::Text(text),
    }
}

/// A whole number written in one of several ways.
pub(super) fn spelling(whole: &str, rng: &mut Rng) -> String {
    match rng.u8(..8) {
        0 => format!("{whole}.0"),
        1 => format!("{whole}e0"),
        2 if whole.trim_start_matches('-') != "0" => format!("{whole}0E-1"),
        3 if whole.trim_start_matches('-').len() > 1 => {
            let split = whole.len() - 1;
            format!("{}.{}e+1", &whole[..split], &whole[split..])
        }
        _ => whole.to_owned(),
    }
}

/// A value that passes a test which is not about text with wildcards.
pub(super) fn value(test: &Test, rng: &mut Rng) -> Option<Json> {
    match test {
        Test::Regex(regex) => {
            let hir = regex_syntax::parse(regex.as_str()).ok()?;
            let tries: Vec<String> = (0..8)
                .map(|_| {
                    let mut text = String::new();
                    unfold(&hir, rng, &mut text);
                    text
                })
                .collect();
            let found = tries.iter().find(|text| regex.is_match(text)).or(tries.first())?.clone();
            let around = format!("{}{found}{}", filler(rng), filler(rng));
            let text = if rng.bool() && regex.is_match(&around) { around } else { found };
            Some(typed(text, rng))
        }
        Test::Network(network) => Some(Json::Text(address(network, rng))),
        Test::Number(compare, number) => Some(number_value(near(*compare, *number, rng), rng)),
        Test::Time(part, compare, number) => time_value(*part, *compare, *number, rng),
        _ => None,
    }
}

/// A number that compares so with `number`, close to it.
fn near(compare: Compare, number: f64, rng: &mut Rng) -> f64 {
    let step = [0.5, 1.0, 1.0, 1000.0][rng.usize(..4)];
    match compare {
        Compare::Equal => number,
        Compare::Greater => number + step,
        Compare::Less => number - step,
        Compare::GreaterOrEqual => number + if rng.bool() { step } else { 0.0 },
        Compare::LessOrEqual => number - if rng.bool() { step } else { 0.0 },
    }
}

pub(super) fn number_value(number: f64, rng: &mut Rng) -> Json {
    let plain = number.to_string();
    let whole = number.fract() == 0.0 && number.abs() < 1e15;
    match rng.u8(..6) {
        0 => Json::Text(plain),
        1 if whole => Json::Text(spelling(&plain, rng)),
        2 if whole && number >= 0.0 => Json::Text(format!("0x{:x}", number as u64)),
        3 if whole => Json::Number(spelling(&plain, rng)),
        4 if number >= 0.0 => Json::Text(format!("+{plain}")),
        _ => Json::Number(plain),
    }
}

fn time_value(part: Part, compare: Compare, number: f64, rng: &mut Rng) -> Option<Json> {
    (0..400).find_map(|_| {
        let year = if rng.bool() { (number as i64).clamp(1970, 9000) } else { rng.i64(1970..2100) };
        let (month, day) = (rng.u8(1..13), rng.u8(1..29));
        let (hour, minute, second) = (rng.u8(..24), rng.u8(..60), rng.u8(..60));
        let zone = ["Z", "", "+01:00", "-04:30", ".123Z", ".5"][rng.usize(..6)];
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}");
        part_of(&text, part).is_some_and(|at| compare.holds(at, number)).then_some(Json::Text(text))
    })
}

fn address(network: &IpNet, rng: &mut Rng) -> String {
    match network {
        IpNet::V4(network) => {
            let host = rng.u32(..) & u32::from(network.hostmask());
            let address = Ipv4Addr::from(u32::from(network.network()) | host);
            match rng.u8(..6) {
                0 => format!("::ffff:{address}"),
                _ => address.to_string(),
            }
        }
        IpNet::V6(network) => {
            let host = rng.u128(..) & u128::from(network.hostmask());
            let address = Ipv6Addr::from(u128::from(network.network()) | host);
            match rng.u8(..4) {
                0 => IpAddr::V6(address).to_string().to_uppercase(),
                _ => address.to_string(),
            }
        }
    }
}

/// One text that the expression describes; anchors and word boundaries are left to luck.
fn unfold(hir: &Hir, rng: &mut Rng, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.push(member(class, rng)),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min + 3).min(repetition.min + 3);
            for _ in 0..rng.u32(repetition.min..=most) {
                unfold(&repetition.sub, rng, out);
            }
        }
        HirKind::Capture(capture) => unfold(&capture.sub, rng, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| unfold(part, rng, out)),
        HirKind::Alternation(parts) => unfold(&parts[rng.usize(..parts.len())], rng, out),
    }
}

fn member(class: &Class, rng: &mut Rng) -> char {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|r| (r.start(), r.end())).collect(),
        Class::Bytes(class) => {
            class.ranges().iter().map(|r| (char::from(r.start()), char::from(r.end()))).collect()
        }
    };
    // Mostly plain characters, where the class has some.
    let plain: Vec<char> = (' '..='~')
        .filter(|c| ranges.iter().any(|(start, end)| (start..=end).contains(&c)))
        .collect();
    match (plain.is_empty(), ranges.is_empty()) {
        (_, true) => 'x',
        (false, _) if rng.u8(..16) > 0 => plain[rng.usize(..plain.len())],
        _ => {
            let (start, end) = ranges[rng.usize(..ranges.len())];
            rng.char(start..=end)
        }
    }
}
