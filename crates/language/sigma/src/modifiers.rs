//! Values and modifiers to tests: what `CommandLine|contains|windash: '-enc'` asks.

use std::collections::BTreeMap;

use rsigma_parser::{Modifier, SigmaString, SigmaValue, SpecialChar, StringPart};

use crate::{
    RuleError,
    encode::{base64, base64_offsets, latin1, utf16},
    glob::{DASHES, Glob, Part},
    test::{Compare, Number, Pattern, Place, Test, TimePart, fold},
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
    /// Errors: contradictions, named.
    pub(crate) fn new(key: &'k str, list: &[Modifier]) -> Result<Self, RuleError> {
        let refuse = |reason: String| RuleError::Modifiers { key: key.to_owned(), reason };
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
        let operator = operator(key, list)?;
        let flags = [Modifier::IgnoreCase, Modifier::Multiline, Modifier::DotAll].map(has);
        if flags.contains(&true) && !matches!(operator, Operator::Regex { .. }) {
            return Err(refuse("the flags i, m and s need re".to_owned()));
        }
        let changes =
            encoding != Encoding::default() || has(Modifier::WindAsh) || has(Modifier::Expand);
        if changes && !matches!(operator, Operator::Text(_)) {
            return Err(refuse("the value is changed, but not compared as text".to_owned()));
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

    /// The same for a field-less entry: text is sought anywhere in the event's texts.
    pub(crate) fn for_keywords(mut self) -> Self {
        if self.operator == Operator::Text(Place::Whole) {
            self.operator = Operator::Text(Place::Inside);
        }
        self
    }

    /// The tests that a value comes to; it holds when one of them does.
    pub(crate) fn tests(
        &self,
        value: &SigmaValue,
        placeholders: &Placeholders,
    ) -> Result<Vec<Test>, RuleError> {
        match self.operator {
            Operator::Text(place) => self.text_tests(value, place, placeholders),
            Operator::Regex { flags } => self.regex(&plain(value), flags),
            Operator::Cidr => self.cidr(&plain(value)),
            Operator::Compare(compare) => Ok(vec![Test::Number(compare, self.number(value)?)]),
            Operator::Time(part, compare) => {
                Ok(vec![Test::Time(part, compare, self.number(value)?)])
            }
            Operator::Exists => match (value, plain(value).to_ascii_lowercase().as_str()) {
                (SigmaValue::Bool(wanted), _) => Ok(vec![Test::Exists(*wanted)]),
                (_, "true" | "yes") => Ok(vec![Test::Exists(true)]),
                (_, "false" | "no") => Ok(vec![Test::Exists(false)]),
                _ => Err(self.bad_value("exists takes true or false")),
            },
            Operator::FieldRef(place) => {
                let wild = matches!(value, SigmaValue::String(text) if text.contains_wildcards());
                if wild || matches!(value, SigmaValue::Null) {
                    return Err(self.bad_value("fieldref takes the name of a field"));
                }
                let field = match value {
                    SigmaValue::String(text) => text.as_plain().unwrap_or_default(),
                    other => plain(other),
                };
                Ok(vec![Test::FieldRef { place, field: field.into(), cased: self.cased }])
            }
        }
    }

    fn bad_value(&self, reason: impl Into<String>) -> RuleError {
        RuleError::Value { key: self.key.to_owned(), reason: reason.into() }
    }

    fn number(&self, value: &SigmaValue) -> Result<Number, RuleError> {
        let number = match value {
            SigmaValue::Integer(number) => Number::new(*number as f64),
            SigmaValue::Float(number) => Number::new(*number),
            SigmaValue::String(text) => Number::parse(&text.original),
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

    fn text_tests(
        &self,
        value: &SigmaValue,
        place: Place,
        placeholders: &Placeholders,
    ) -> Result<Vec<Test>, RuleError> {
        let plain_operator = place == Place::Whole && self.encoding == Encoding::default();
        match value {
            SigmaValue::Null if plain_operator => Ok(vec![Test::Null]),
            SigmaValue::Null => Err(self.bad_value("null cannot be part of a text")),
            SigmaValue::Bool(truth) if plain_operator => Ok(vec![Test::Truth(*truth)]),
            SigmaValue::Integer(_) | SigmaValue::Float(_) if plain_operator => {
                Ok(vec![Test::Number(Compare::Equal, self.number(value)?)])
            }
            SigmaValue::String(text) => {
                let mut tests = Vec::new();
                for text in self.expanded(text, placeholders)? {
                    tests.extend(self.encoded(&text, place)?);
                }
                Ok(tests)
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
        Ok(done.iter().map(|start| SigmaString::new(&format!("{start}{rest}"))).collect())
    }

    fn encoded(&self, text: &SigmaString, place: Place) -> Result<Vec<Test>, RuleError> {
        if self.encoding == Encoding::default() {
            let parts = parts(text);
            return Ok(if self.windash {
                windash(&parts).iter().map(|parts| pattern(parts, place, self.cased)).collect()
            } else {
                vec![pattern(&parts, place, self.cased)]
            });
        }
        let plain = text.as_plain().ok_or_else(|| self.bad_value("wildcards cannot be encoded"))?;
        let variants = if self.windash {
            windash(&[Part::Text(plain)]).iter().filter_map(|parts| literal(parts)).collect()
        } else {
            vec![plain]
        };
        let mut tests = Vec::new();
        for variant in variants {
            let bytes = match self.encoding.utf16 {
                Some(wide) => utf16(&variant, wide),
                None => variant.into_bytes(),
            };
            let (texts, place) = match self.encoding.base64 {
                Some(Base64::Whole) => (vec![base64(&bytes)], place),
                Some(Base64::Offset) => (base64_offsets(&bytes), Place::Inside),
                None => (vec![latin1(&bytes)], place),
            };
            tests.extend(
                texts.into_iter().map(|text| pattern(&[Part::Text(text)], place, self.cased)),
            );
        }
        Ok(tests)
    }
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
    let position = |modifier| list.iter().position(|one| *one == modifier);
    if let Some(reference) = position(Modifier::FieldRef)
        && [Modifier::Contains, Modifier::StartsWith, Modifier::EndsWith]
            .into_iter()
            .filter_map(position)
            .any(|at| at < reference)
    {
        let reason = "contains, startswith and endswith come after fieldref".to_owned();
        return Err(RuleError::Modifiers { key: key.to_owned(), reason });
    }
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

/// The first `%name%` of a text, with what stands before and after it.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('%')?;
    let (name, after) = rest.split_once('%')?;
    Some((before, name, after))
}

fn plain(value: &SigmaValue) -> String {
    match value {
        SigmaValue::String(text) => text.original.clone(),
        SigmaValue::Float(number) => number.to_string(),
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

/// The patterns that a pattern stands for under `windash`: one for each dash when a single dash
/// starts an option, else one with [`Part::Dash`] in their places.
fn windash(parts: &[Part]) -> Vec<Vec<Part>> {
    let mut dashed: Vec<Part> = Vec::new();
    for part in parts {
        let Part::Text(text) = part else {
            dashed.push(part.clone());
            continue;
        };
        let characters: Vec<char> = text.chars().collect();
        let word = |at: Option<usize>| {
            at.and_then(|at| characters.get(at)).is_some_and(|c| c.is_alphanumeric() || *c == '_')
        };
        let mut run = String::new();
        for (at, c) in characters.iter().enumerate() {
            if matches!(c, '-' | '/') && !word(at.checked_sub(1)) && word(Some(at + 1)) {
                dashed.extend((!run.is_empty()).then(|| Part::Text(std::mem::take(&mut run))));
                dashed.push(Part::Dash);
            } else {
                run.push(*c);
            }
        }
        dashed.extend((!run.is_empty()).then_some(Part::Text(run)));
    }
    if dashed.iter().filter(|part| **part == Part::Dash).count() != 1 {
        return vec![dashed];
    }
    DASHES
        .iter()
        .map(|dash| {
            let mut variant: Vec<Part> = Vec::new();
            for part in &dashed {
                let text = match part {
                    Part::Dash => dash.to_string(),
                    Part::Text(text) => text.clone(),
                    other => {
                        variant.push(other.clone());
                        continue;
                    }
                };
                match variant.last_mut() {
                    Some(Part::Text(last)) => last.push_str(&text),
                    _ => variant.push(Part::Text(text)),
                }
            }
            variant
        })
        .collect()
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
