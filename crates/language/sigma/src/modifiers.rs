//! Values and modifiers to tests: what `CommandLine|contains|windash: '-enc'` asks.

use std::collections::BTreeMap;

use rsigma_parser::{Modifier, SigmaString, SigmaValue, SpecialChar, StringPart};

use crate::{
    RuleError, encode,
    glob::{DASHES, Glob, Part},
    test::{Compare, Number, Pattern, Place, Test, TimePart, fold, number_in},
};

/// Values for the placeholders of `expand`, by name without the percent signs.
pub type Placeholders = BTreeMap<String, Vec<String>>;

/// The modifiers of one key, checked for contradictions.
#[derive(Debug)]
pub(crate) struct Modifiers<'k> {
    key: &'k str,
    operator: Operator,
    encoding: Encoding,
    windash: bool,
    expand: bool,
    pub(crate) all: bool,
    pub(crate) negated: bool,
    cased: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Text(Place),
    Regex { flags: [bool; 3] },
    Cidr,
    Compare(Compare),
    Exists,
    FieldRef(Place),
    Time(TimePart, Compare),
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Encoding {
    utf16: Option<Wide>,
    base64: Option<Base64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wide {
    Little,
    Big,
    Marked,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Base64 {
    Whole,
    Offset,
}

impl<'k> Modifiers<'k> {
    /// Errors: contradictions, named. `keywords` tells whether the entry has no field.
    pub(crate) fn new(key: &'k str, list: &[Modifier], keywords: bool) -> Result<Self, RuleError> {
        let has = |modifier| list.contains(&modifier);
        let encoding = Encoding {
            utf16: one(
                key,
                &[
                    (has(Modifier::Wide), "wide", Wide::Little),
                    (has(Modifier::Utf16be), "utf16be", Wide::Big),
                    (has(Modifier::Utf16), "utf16", Wide::Marked),
                ],
            )?,
            base64: one(
                key,
                &[
                    (has(Modifier::Base64), "base64", Base64::Whole),
                    (has(Modifier::Base64Offset), "base64offset", Base64::Offset),
                ],
            )?,
        };
        let mut operator = operator(key, list)?;
        let refused = contradiction(list, operator, encoding)
            .or_else(|| (keywords && needs_field(list)).then_some("this needs a field"));
        if let Some(reason) = refused {
            return Err(RuleError::Modifiers { key: key.to_owned(), reason: reason.to_owned() });
        }
        if keywords && operator == Operator::Text(Place::Whole) {
            operator = Operator::Text(Place::Inside);
        }
        Ok(Modifiers {
            key,
            operator,
            encoding,
            windash: has(Modifier::WindAsh),
            expand: has(Modifier::Expand),
            all: has(Modifier::All),
            negated: has(Modifier::Neq),
            cased: has(Modifier::Cased),
        })
    }

    /// The tests that a value comes to; it holds when one of them does.
    pub(crate) fn tests(
        &self,
        value: &SigmaValue,
        placeholders: &Placeholders,
    ) -> Result<Vec<Test>, RuleError> {
        let SigmaValue::String(text) = value else { return self.tests_of(value) };
        let mut tests = Vec::new();
        for text in self.expanded(text, placeholders)? {
            tests.extend(self.tests_of(&SigmaValue::String(text))?);
        }
        Ok(tests)
    }

    fn tests_of(&self, value: &SigmaValue) -> Result<Vec<Test>, RuleError> {
        match (self.operator, value) {
            (Operator::Text(place), _) => self.text_tests(value, place),
            (Operator::Exists, SigmaValue::Bool(wanted)) => Ok(vec![Test::Exists(*wanted)]),
            (Operator::Exists, _) => Err(self.bad_value("exists takes true or false")),
            (_, SigmaValue::Null) => Err(self.bad_value("null where a value is needed")),
            (Operator::Regex { flags }, _) => self.regex(&plain(value), flags),
            (Operator::Cidr, SigmaValue::String(text)) => self.cidr(&text.original),
            (Operator::Cidr, _) => Err(self.bad_value("cidr takes a network as text")),
            (Operator::Compare(compare), _) => Ok(vec![Test::Number(compare, self.number(value)?)]),
            (Operator::Time(part, compare), _) => {
                Ok(vec![Test::Time(part, compare, self.number(value)?)])
            }
            (Operator::FieldRef(place), SigmaValue::String(text)) => {
                let field = text.original.as_str().into();
                Ok(vec![Test::FieldRef { place, field, cased: self.cased }])
            }
            (Operator::FieldRef(_), _) => Err(self.bad_value("fieldref takes the name of a field")),
        }
    }

    fn bad_value(&self, reason: impl Into<String>) -> RuleError {
        RuleError::Value { key: self.key.to_owned(), reason: reason.into() }
    }

    fn number(&self, value: &SigmaValue) -> Result<Number, RuleError> {
        let number = match value {
            SigmaValue::Integer(number) => Number::new(*number as f64),
            SigmaValue::Float(number) => Number::new(*number),
            SigmaValue::String(text) => number_in(&text.original).and_then(Number::new),
            SigmaValue::Bool(_) | SigmaValue::Null => None,
        };
        number.ok_or_else(|| self.bad_value(format!("{} is no number", plain(value))))
    }

    fn regex(&self, source: &str, flags: [bool; 3]) -> Result<Vec<Test>, RuleError> {
        let set: String =
            ['i', 'm', 's'].iter().zip(flags).filter(|(_, on)| *on).map(|(flag, _)| flag).collect();
        let source = if set.is_empty() { source.to_owned() } else { format!("(?{set}){source}") };
        let pattern = Pattern::new(&source).map_err(|error| RuleError::Regex {
            key: self.key.to_owned(),
            reason: last_line(&error.to_string()),
        })?;
        Ok(vec![Test::Regex(pattern)])
    }

    fn cidr(&self, text: &str) -> Result<Vec<Test>, RuleError> {
        let network = text
            .parse::<ipnet::IpNet>()
            .or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from))
            .map_err(|_| self.bad_value(format!("{text} is no network in CIDR notation")))?;
        Ok(vec![Test::Cidr(network)])
    }

    fn text_tests(&self, value: &SigmaValue, place: Place) -> Result<Vec<Test>, RuleError> {
        let plainly =
            place == Place::Whole && self.encoding == Encoding::default() && !self.windash;
        match value {
            SigmaValue::Null if plainly => Ok(vec![Test::Null]),
            SigmaValue::Null => Err(self.bad_value("null where a value is needed")),
            SigmaValue::Integer(_) | SigmaValue::Float(_) if plainly => {
                Ok(vec![Test::Number(Compare::Equal, self.number(value)?)])
            }
            SigmaValue::String(text) => self.encoded(text, place),
            SigmaValue::Float(number) if !number.is_finite() => {
                Err(self.bad_value("infinity and NaN are no values"))
            }
            other => self.encoded(&SigmaString::from_raw(&plain(other)), place),
        }
    }

    /// The text with each placeholder replaced by each of its values.
    fn expanded(
        &self,
        text: &SigmaString,
        placeholders: &Placeholders,
    ) -> Result<Vec<SigmaString>, RuleError> {
        if !self.expand {
            return Ok(vec![text.clone()]);
        }
        let mut done = vec![String::new()];
        let mut rest = text.original.as_str();
        while let Some((before, name, after)) = placeholder(rest) {
            let values = placeholders.get(name).filter(|values| !values.is_empty());
            let values = values.ok_or_else(|| RuleError::Placeholder {
                key: self.key.to_owned(),
                name: name.to_owned(),
            })?;
            done = done
                .iter()
                .flat_map(|start| values.iter().map(move |v| format!("{start}{before}{v}")))
                .collect();
            if done.len() > MAX_VARIANTS {
                return Err(self.bad_value(format!("more than {MAX_VARIANTS} expansions")));
            }
            rest = after;
        }
        let raw = matches!(self.operator, Operator::Regex { .. });
        let make =
            |text: &str| if raw { SigmaString::from_raw(text) } else { SigmaString::new(text) };
        Ok(done.iter().map(|start| make(&format!("{start}{rest}"))).collect())
    }

    fn encoded(&self, text: &SigmaString, place: Place) -> Result<Vec<Test>, RuleError> {
        let mut parts = parts(text);
        if self.windash {
            parts = dashed(&parts);
        }
        let (variants, place) = match self.encoding {
            Encoding { base64: None, utf16: None } if dashes(&parts) > 1 => (vec![parts], place),
            Encoding { base64: None, utf16 } => {
                let variants = self.choices(&parts)?;
                (variants.iter().map(|parts| widened(parts, utf16)).collect(), place)
            }
            Encoding { base64: Some(kind), utf16 } => {
                let mut texts = Vec::new();
                for variant in self.choices(&parts)? {
                    texts.extend(self.base64(&variant, kind, utf16)?);
                }
                let variants = texts.into_iter().map(|text| vec![Part::Text(text)]).collect();
                (variants, if kind == Base64::Offset { Place::Inside } else { place })
            }
        };
        if variants.is_empty() {
            return Err(self.bad_value("too short to be found in Base64"));
        }
        Ok(variants.iter().map(|parts| pattern(parts, place, self.cased)).collect())
    }

    fn base64(
        &self,
        parts: &[Part],
        kind: Base64,
        utf16: Option<Wide>,
    ) -> Result<Vec<String>, RuleError> {
        let text = literal(parts).ok_or_else(|| self.bad_value("wildcards cannot be encoded"))?;
        let bytes = match utf16 {
            Some(wide) => encode::utf16(&text, wide),
            None => text.into_bytes(),
        };
        Ok(match kind {
            Base64::Whole => vec![encode::base64(&bytes)],
            Base64::Offset => encode::base64_offsets(&bytes),
        })
    }

    /// The patterns that one with [`Part::Dash`] stands for.
    fn choices(&self, parts: &[Part]) -> Result<Vec<Vec<Part>>, RuleError> {
        if dashes(parts) > MAX_DASHES {
            return Err(self.bad_value(format!("more than {MAX_DASHES} options in one value")));
        }
        let mut choices: Vec<Vec<Part>> = vec![Vec::new()];
        for part in parts {
            match part {
                Part::Dash => {
                    choices = choices
                        .iter()
                        .flat_map(|start| {
                            DASHES.iter().map(|dash| joined(start, Part::Text(dash.to_string())))
                        })
                        .collect();
                }
                part => choices.iter_mut().for_each(|start| *start = joined(start, part.clone())),
            }
        }
        Ok(choices)
    }
}

/// More options than this in a value that is to be encoded would make too many texts.
const MAX_DASHES: usize = 5;

/// What contradicts what among modifiers that are fine one by one.
fn contradiction(
    list: &[Modifier],
    operator: Operator,
    encoding: Encoding,
) -> Option<&'static str> {
    let position = |modifier| list.iter().position(|one| *one == modifier);
    let has = |modifier| position(modifier).is_some();
    let before = |first: &[Modifier], then: &[Modifier]| {
        let last = then.iter().filter_map(|modifier| position(*modifier)).max();
        let first = first.iter().filter_map(|modifier| position(*modifier)).min();
        matches!((first, last), (Some(first), Some(last)) if first < last)
    };
    use Modifier as M;
    const PLACES: &[Modifier] = &[M::Contains, M::StartsWith, M::EndsWith];
    const UTF16: &[Modifier] = &[M::Wide, M::Utf16be, M::Utf16];
    const BASE64: &[Modifier] = &[M::Base64, M::Base64Offset];
    const FLAGS: &[Modifier] = &[M::IgnoreCase, M::Multiline, M::DotAll];
    const COMPARES: &[Modifier] = &[M::Gt, M::Gte, M::Lt, M::Lte];
    const TIMES: &[Modifier] = &[M::Minute, M::Hour, M::Day, M::Week, M::Month, M::Year];
    let text = matches!(operator, Operator::Text(_));
    let encoded = encoding != Encoding::default();
    let letters =
        matches!(operator, Operator::Text(_) | Operator::Regex { .. } | Operator::FieldRef(_));
    let no_text = matches!(operator, Operator::Exists | Operator::FieldRef(_) | Operator::Time(..));
    let offset = encoding.base64 == Some(Base64::Offset);
    let plain = operator == Operator::Text(Place::Whole) && !offset;
    let twice = (1..list.len()).any(|at| list[..at].contains(&list[at]));
    [
        (twice, "a modifier stands twice"),
        (before(PLACES, &[M::FieldRef]), "contains, startswith and endswith come after fieldref"),
        (before(PLACES, BASE64), "contains, startswith and endswith come after Base64"),
        (before(BASE64, UTF16), "UTF-16 comes before Base64"),
        (before(UTF16, &[M::WindAsh, M::Expand]), "the encoding comes last"),
        (before(BASE64, &[M::WindAsh, M::Expand]), "the encoding comes last"),
        (before(COMPARES, TIMES), "the comparison comes after the part of time"),
        (before(FLAGS, &[M::Re]), "the flags i, m and s come after re"),
        (FLAGS.iter().any(|flag| has(*flag)) && !has(M::Re), "the flags i, m and s need re"),
        (encoded && !text, "the value is encoded, but not compared as text"),
        (has(M::WindAsh) && !text, "windash, but the value is not compared as text"),
        (has(M::Expand) && no_text, "expand, where no text is expected"),
        (has(M::Cased) && !letters, "cased, where letters are not compared"),
        (has(M::Cased) && has(M::IgnoreCase), "cased and i exclude each other"),
        (
            offset && (has(M::StartsWith) || has(M::EndsWith)),
            "base64offset looks anywhere, so startswith and endswith mean nothing",
        ),
        (
            has(M::Neq) && !plain,
            "neq means that the value equals none; it takes no other comparison",
        ),
    ]
    .into_iter()
    .find_map(|(found, reason)| found.then_some(reason))
}

/// Whether modifiers ask for more than a text.
fn needs_field(list: &[Modifier]) -> bool {
    [Modifier::Neq, Modifier::Exists, Modifier::FieldRef].iter().any(|one| list.contains(one))
}

/// A value may expand to this many texts.
const MAX_VARIANTS: usize = 10_000;

/// The one choice that is set, or none. Errors: more than one is.
fn one<T: Copy>(key: &str, choices: &[(bool, &str, T)]) -> Result<Option<T>, RuleError> {
    let set: Vec<_> = choices.iter().filter(|(on, ..)| *on).collect();
    match set.as_slice() {
        [] => Ok(None),
        [(_, _, choice)] => Ok(Some(*choice)),
        several => {
            let names: Vec<&str> = several.iter().map(|(_, name, _)| *name).collect();
            let reason = format!("{} exclude each other", names.join(" and "));
            Err(RuleError::Modifiers { key: key.to_owned(), reason })
        }
    }
}

fn operator(key: &str, list: &[Modifier]) -> Result<Operator, RuleError> {
    let has = |modifier| list.contains(&modifier);
    let place = one(
        key,
        &[
            (has(Modifier::Contains), "contains", Place::Inside),
            (has(Modifier::StartsWith), "startswith", Place::Start),
            (has(Modifier::EndsWith), "endswith", Place::End),
        ],
    )?;
    let compare = one(
        key,
        &[
            (has(Modifier::Lt), "lt", Compare::Less),
            (has(Modifier::Lte), "lte", Compare::LessEqual),
            (has(Modifier::Gt), "gt", Compare::Greater),
            (has(Modifier::Gte), "gte", Compare::GreaterEqual),
        ],
    )?;
    let time = one(
        key,
        &[
            (has(Modifier::Minute), "minute", TimePart::Minute),
            (has(Modifier::Hour), "hour", TimePart::Hour),
            (has(Modifier::Day), "day", TimePart::Day),
            (has(Modifier::Week), "week", TimePart::Week),
            (has(Modifier::Month), "month", TimePart::Month),
            (has(Modifier::Year), "year", TimePart::Year),
        ],
    )?;
    let flags = [Modifier::IgnoreCase, Modifier::Multiline, Modifier::DotAll].map(has);
    let reference = has(Modifier::FieldRef);
    let time_compare = compare.unwrap_or(Compare::Equal);
    let chosen = one(
        key,
        &[
            (place.is_some() && !reference, "a text modifier", {
                Operator::Text(place.unwrap_or(Place::Whole))
            }),
            (has(Modifier::Re), "re", Operator::Regex { flags }),
            (has(Modifier::Cidr), "cidr", Operator::Cidr),
            (compare.is_some() && time.is_none(), "a comparison", {
                Operator::Compare(time_compare)
            }),
            (has(Modifier::Exists), "exists", Operator::Exists),
            (reference, "fieldref", Operator::FieldRef(place.unwrap_or(Place::Whole))),
            (time.is_some(), "a part of time", {
                Operator::Time(time.unwrap_or(TimePart::Year), time_compare)
            }),
        ],
    )?;
    Ok(chosen.unwrap_or(Operator::Text(Place::Whole)))
}

/// The first `%name%` of a text, with what stands before and after it. Names are made of ASCII
/// letters, digits and underscores.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find('%').map(|at| from + at) {
        let rest = &text[at + 1..];
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        if length > 0 && rest[length..].starts_with('%') {
            return Some((&text[..at], &rest[..length], &rest[length + 1..]));
        }
        from = at + 1;
    }
    None
}

fn plain(value: &SigmaValue) -> String {
    match value {
        SigmaValue::String(text) => text.original.clone(),
        SigmaValue::Float(number) => {
            event::value::canonical_number(&number.to_string()).into_owned()
        }
        other => other.to_string(),
    }
}

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

fn parts(text: &SigmaString) -> Vec<Part> {
    text.parts
        .iter()
        .map(|part| match part {
            StringPart::Plain(text) => Part::Text(text.clone()),
            StringPart::Special(SpecialChar::WildcardMulti) => Part::Many,
            StringPart::Special(SpecialChar::WildcardSingle) => Part::One,
        })
        .collect()
}

/// The text of parts that are nothing but text.
fn literal(parts: &[Part]) -> Option<String> {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// The pattern with [`Part::Dash`] for each `-` or `/` that starts an option.
fn dashed(parts: &[Part]) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for part in parts {
        let Part::Text(text) = part else {
            out.push(part.clone());
            continue;
        };
        let characters: Vec<char> = text.chars().collect();
        let word = |at: Option<usize>| {
            at.and_then(|at| characters.get(at)).is_some_and(|c| c.is_alphanumeric() || *c == '_')
        };
        for (at, c) in characters.iter().enumerate() {
            if matches!(c, '-' | '/') && !word(at.checked_sub(1)) && word(Some(at + 1)) {
                out.push(Part::Dash);
            } else {
                out = joined(&out, Part::Text(c.to_string()));
            }
        }
    }
    out
}

fn dashes(parts: &[Part]) -> usize {
    parts.iter().filter(|part| **part == Part::Dash).count()
}

/// The parts with one more, texts that meet made one.
fn joined(parts: &[Part], more: Part) -> Vec<Part> {
    let mut parts = parts.to_vec();
    match (parts.last_mut(), more) {
        (Some(Part::Text(last)), Part::Text(text)) => last.push_str(&text),
        (_, more) => parts.push(more),
    }
    parts
}

/// The pattern in UTF-16, each byte as a character; wildcards stay wildcards.
fn widened(parts: &[Part], utf16: Option<Wide>) -> Vec<Part> {
    let Some(wide) = utf16 else { return parts.to_vec() };
    let (mark, order) = match wide {
        Wide::Marked => (encode::utf16("", Wide::Marked), Wide::Little),
        order => (Vec::new(), order),
    };
    let start = if mark.is_empty() { Vec::new() } else { vec![Part::Text(encode::latin1(&mark))] };
    parts.iter().fold(start, |done, part| {
        let part = match part {
            Part::Text(text) => Part::Text(encode::latin1(&encode::utf16(text, order))),
            other => other.clone(),
        };
        joined(&done, part)
    })
}

/// The plainest test that asks for this pattern in this place.
fn pattern(parts: &[Part], place: Place, cased: bool) -> Test {
    let mut all: Vec<Part> = Vec::new();
    let open_start = matches!(place, Place::Inside | Place::End);
    let open_end = matches!(place, Place::Inside | Place::Start);
    let start = open_start.then_some(Part::Many);
    let end = open_end.then_some(Part::Many);
    for part in start.iter().chain(parts).chain(&end) {
        match (part, all.last()) {
            (Part::Many, Some(Part::Many)) => {}
            (Part::Text(text), _) if !cased => all.push(Part::Text(fold(text).into_owned())),
            (part, _) => all.push(part.clone()),
        }
    }
    let text = |place, text: &str| Test::Text { place, text: text.into(), cased };
    match all.as_slice() {
        [] => text(Place::Whole, ""),
        [Part::Many] => text(Place::Inside, ""),
        [Part::Text(only)] => text(Place::Whole, only),
        [Part::Text(only), Part::Many] => text(Place::Start, only),
        [Part::Many, Part::Text(only)] => text(Place::End, only),
        [Part::Many, Part::Text(only), Part::Many] => text(Place::Inside, only),
        parts => Test::Glob { glob: Glob::new(parts), cased },
    }
}
