//! A field, its modifiers and its listed values. In: one entry of a selection as YAML. Out: the
//! tests it stands for, or why it is refused.

use ipnet::IpNet;
use regex::{Regex, RegexBuilder};
use yaml_serde::Value as Yaml;

use crate::{
    FlatEvent, Placeholders, Value,
    encode::{Utf16, base64, base64_offsets, latin1, utf16},
    flat::{number_text, text_as_number},
    pattern::{Pattern, Piece},
    test::{Compare, Place, Test},
    time::Part,
};

/// One entry of a selection.
#[derive(Clone, Debug)]
pub struct Item {
    /// Whose values are tested; `None` for keywords, which look at all of them.
    pub field: Option<String>,
    /// Every listed value must hold, not just any.
    pub all: bool,
    /// `neq`: none of the listed values may hold.
    pub negated: bool,
    /// For each listed value the tests of which one must hold (several with `expand` and
    /// `base64offset`).
    pub values: Vec<Vec<Test>>,
}

impl Item {
    /// Whether it holds for an event.
    pub fn holds(&self, event: &FlatEvent) -> bool {
        let values: Vec<&Value> = match &self.field {
            Some(name) => event.values(name),
            None => event.content.iter().collect(),
        };
        let mut listed = self
            .values
            .iter()
            .map(|alternatives| alternatives.iter().any(|test| test.holds(&values, event)));
        match (self.negated, self.all) {
            (true, _) => !listed.any(|holds| holds),
            (false, true) => listed.all(|holds| holds),
            (false, false) => listed.any(|holds| holds),
        }
    }

    /// Reads `key: value` of a selection. Errors: a sentence that names the key.
    pub fn read(key: &str, value: &Yaml, placeholders: &Placeholders) -> Result<Item, String> {
        let mut words = key.split('|');
        let field = words.next().filter(|name| !name.is_empty()).map(str::to_owned);
        let listed = match value {
            Yaml::Sequence(list) => list.clone(),
            one => vec![one.clone()],
        };
        let read = || {
            if listed.is_empty() {
                return Err("an empty list of values".to_owned());
            }
            let mut modifiers = Modifiers::read(words, field.is_none())?;
            if field.is_none() && modifiers.place.is_none() && modifiers.kind == Kind::Plain {
                modifiers.place = Some(Place::Anywhere);
            }
            let values = listed
                .iter()
                .map(|value| modifiers.tests(value, field.is_none(), placeholders))
                .collect::<Result<Vec<_>, _>>()?;
            Ok((modifiers.all, modifiers.negated, values))
        };
        let (all, negated, values) = read().map_err(|why: String| format!("{key:?}: {why}"))?;
        Ok(Item { field, all, negated, values })
    }
}

/// What is done with each listed value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Compared as it is.
    Plain,
    Regex,
    Network,
    Number(Compare),
    Exists,
    FieldRef,
    Time(Part, Option<Compare>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Base64 {
    Whole,
    Offsets,
}

struct Modifiers {
    all: bool,
    negated: bool,
    cased: bool,
    expand: bool,
    windash: bool,
    place: Option<Place>,
    kind: Kind,
    flags: Vec<char>,
    utf16: Option<Utf16>,
    base64: Option<Base64>,
}

impl Modifiers {
    /// Reads modifiers in the order written and refuses those that contradict each other.
    fn read<'a>(words: impl Iterator<Item = &'a str>, keyword: bool) -> Result<Self, String> {
        let mut modifiers = Modifiers {
            all: false,
            negated: false,
            cased: false,
            expand: false,
            windash: false,
            place: None,
            kind: Kind::Plain,
            flags: Vec::new(),
            utf16: None,
            base64: None,
        };
        let mut seen: Vec<&str> = Vec::new();
        for word in words {
            if seen.contains(&word) {
                return Err(format!("modifier {word:?} twice"));
            }
            modifiers.add(word, &seen)?;
            seen.push(word);
        }
        modifiers.check(keyword)?;
        Ok(modifiers)
    }

    fn add(&mut self, word: &str, before: &[&str]) -> Result<(), String> {
        match word {
            "all" => self.all = true,
            "neq" => self.negated = true,
            "cased" => self.cased = true,
            "expand" => self.expand = true,
            "windash" => self.windash = true,
            "contains" => return self.place(Place::Anywhere),
            "startswith" => return self.place(Place::Start),
            "endswith" => return self.place(Place::End),
            "re" => return self.kind(Kind::Regex),
            "cidr" => return self.kind(Kind::Network),
            "gt" => return self.compare(Compare::Greater),
            "gte" => return self.compare(Compare::GreaterOrEqual),
            "lt" => return self.compare(Compare::Less),
            "lte" => return self.compare(Compare::LessOrEqual),
            "exists" => return self.kind(Kind::Exists),
            "fieldref" if self.place.is_some() => {
                return Err("`fieldref` must stand before `contains` and the like".into());
            }
            "fieldref" => return self.kind(Kind::FieldRef),
            "minute" => return self.kind(Kind::Time(Part::Minute, None)),
            "hour" => return self.kind(Kind::Time(Part::Hour, None)),
            "day" => return self.kind(Kind::Time(Part::Day, None)),
            "week" => return self.kind(Kind::Time(Part::Week, None)),
            "month" => return self.kind(Kind::Time(Part::Month, None)),
            "year" => return self.kind(Kind::Time(Part::Year, None)),
            "wide" | "utf16le" => return self.utf16(Utf16::Little),
            "utf16be" => return self.utf16(Utf16::Big),
            "utf16" => return self.utf16(Utf16::Marked),
            "base64" => return self.base64(Base64::Whole, before),
            "base64offset" => return self.base64(Base64::Offsets, before),
            "i" | "ignorecase" => return self.flag('i'),
            "m" | "multiline" => return self.flag('m'),
            "s" | "dotall" => return self.flag('s'),
            _ => return Err(format!("unknown modifier {word:?}")),
        }
        let changes_text = matches!(word, "expand" | "windash");
        if changes_text && (self.utf16.is_some() || self.base64.is_some()) {
            return Err(format!("{word:?} after an encoding"));
        }
        Ok(())
    }

    fn place(&mut self, place: Place) -> Result<(), String> {
        match self.place.replace(place) {
            None => Ok(()),
            Some(_) => Err("two of `contains`, `startswith`, `endswith`".into()),
        }
    }

    fn kind(&mut self, kind: Kind) -> Result<(), String> {
        match self.kind {
            Kind::Plain => {
                self.kind = kind;
                Ok(())
            }
            _ => Err("two modifiers that each say what is compared".into()),
        }
    }

    fn compare(&mut self, compare: Compare) -> Result<(), String> {
        if let Kind::Time(part, None) = self.kind {
            self.kind = Kind::Time(part, Some(compare));
            return Ok(());
        }
        self.kind(Kind::Number(compare))
    }

    fn utf16(&mut self, order: Utf16) -> Result<(), String> {
        if self.base64.is_some() {
            return Err("UTF-16 after Base64".into());
        }
        match self.utf16.replace(order) {
            None => Ok(()),
            Some(_) => Err("two kinds of UTF-16".into()),
        }
    }

    fn base64(&mut self, kind: Base64, before: &[&str]) -> Result<(), String> {
        if before.iter().any(|word| ["contains", "startswith", "endswith"].contains(word)) {
            return Err(
                "Base64 of a text with wildcards (`contains` and the like come after)".into()
            );
        }
        match self.base64.replace(kind) {
            None => Ok(()),
            Some(_) => Err("`base64` and `base64offset`".into()),
        }
    }

    fn flag(&mut self, flag: char) -> Result<(), String> {
        if self.kind != Kind::Regex {
            return Err("a regular-expression flag without `re` before it".into());
        }
        if self.flags.contains(&flag) {
            return Err("a regular-expression flag twice".into());
        }
        self.flags.push(flag);
        Ok(())
    }

    fn check(&self, keyword: bool) -> Result<(), String> {
        let encodes = self.utf16.is_some() || self.base64.is_some();
        let plain = self.kind == Kind::Plain;
        let contradictions = [
            (
                self.place.is_some() && !plain && self.kind != Kind::FieldRef,
                "`contains` and the like with a modifier that compares otherwise",
            ),
            (encodes && !plain, "an encoding with a modifier that compares no text"),
            (self.windash && !plain, "`windash` with a modifier that compares otherwise"),
            (
                self.expand && matches!(self.kind, Kind::Exists | Kind::FieldRef | Kind::Time(..)),
                "`expand` where no text is expected",
            ),
            (
                self.cased && !matches!(self.kind, Kind::Plain | Kind::Regex | Kind::FieldRef),
                "`cased` where letters are not compared",
            ),
            (self.cased && self.flags.contains(&'i'), "`cased` with `i`"),
            (
                self.negated
                    && (!plain || self.place.is_some() || self.base64 == Some(Base64::Offsets)),
                "`neq` with another comparison",
            ),
            (
                self.base64 == Some(Base64::Offsets)
                    && matches!(self.place, Some(Place::Start | Place::End)),
                "`base64offset`, which looks anywhere, with `startswith` or `endswith`",
            ),
            (
                keyword && (self.negated || matches!(self.kind, Kind::Exists | Kind::FieldRef)),
                "a modifier that needs a field",
            ),
        ];
        match contradictions.into_iter().find(|(found, _)| *found) {
            Some((_, why)) => Err(why.into()),
            None => Ok(()),
        }
    }

    /// The tests one listed value stands for: one of them must hold.
    fn tests(
        &self,
        value: &Yaml,
        keyword: bool,
        given: &Placeholders,
    ) -> Result<Vec<Test>, String> {
        let as_text = self.place.is_some()
            || self.windash
            || self.utf16.is_some()
            || self.base64.is_some()
            || self.kind == Kind::Regex;
        match value {
            Yaml::Null => {
                let refused = keyword || as_text || self.kind != Kind::Plain;
                if refused {
                    Err("null where a value is needed".into())
                } else {
                    Ok(vec![Test::Null])
                }
            }
            Yaml::Bool(truth) => match self.kind {
                Kind::Exists => Ok(vec![Test::Exists(*truth)]),
                Kind::Plain | Kind::Regex => self.text_tests(&truth.to_string()),
                _ => Err("true or false where something else is needed".into()),
            },
            Yaml::Number(number) => {
                let written = number.to_string();
                let number: f64 = written.parse().map_err(|_| format!("number {written}"))?;
                if !number.is_finite() {
                    return Err(format!("the number {written}"));
                }
                match self.kind {
                    Kind::Plain if !as_text => Ok(vec![Test::Number(Compare::Equal, number)]),
                    Kind::Plain | Kind::Regex => self.text_tests(&number_text(&written)),
                    Kind::Number(compare) => Ok(vec![Test::Number(compare, number)]),
                    Kind::Time(part, compare) => {
                        Ok(vec![Test::Time(part, compare.unwrap_or(Compare::Equal), number)])
                    }
                    _ => Err("a number where something else is needed".into()),
                }
            }
            Yaml::String(text) if self.expand => {
                let mut tests = Vec::new();
                for text in given.expand(text)? {
                    tests.extend(self.text_tests(&text)?);
                }
                Ok(tests)
            }
            Yaml::String(text) => self.text_tests(text),
            _ => Err("a list or map where a value is needed".into()),
        }
    }

    fn text_tests(&self, text: &str) -> Result<Vec<Test>, String> {
        let number = || text_as_number(text).ok_or_else(|| format!("{text:?} is no number"));
        Ok(match self.kind {
            Kind::Plain => self.patterns(text)?,
            Kind::Regex => vec![Test::Regex(self.regex(text)?)],
            Kind::Network => vec![Test::Network(network(text)?)],
            Kind::Number(compare) => vec![Test::Number(compare, number()?)],
            Kind::Time(part, compare) => {
                vec![Test::Time(part, compare.unwrap_or(Compare::Equal), number()?)]
            }
            Kind::Exists => return Err("`exists` takes true or false".into()),
            Kind::FieldRef => vec![Test::FieldRef {
                name: text.to_owned(),
                place: self.place.unwrap_or(Place::Whole),
                cased: self.cased,
            }],
        })
    }

    fn regex(&self, text: &str) -> Result<Regex, String> {
        RegexBuilder::new(text)
            .case_insensitive(self.flags.contains(&'i'))
            .multi_line(self.flags.contains(&'m'))
            .dot_matches_new_line(self.flags.contains(&'s'))
            .build()
            .map_err(|error| error.to_string())
    }

    fn patterns(&self, text: &str) -> Result<Vec<Test>, String> {
        let mut pattern = Pattern::read(text);
        if self.windash {
            pattern = pattern.windash();
        }
        let place = match self.base64 {
            Some(Base64::Offsets) => Place::Anywhere,
            _ => self.place.unwrap_or(Place::Whole),
        };
        let patterns = match self.base64 {
            None if self.utf16.is_none() => vec![pattern],
            None => choices(&pattern)?.iter().map(|pattern| self.wide(pattern)).collect(),
            Some(kind) => {
                let mut encoded = Vec::new();
                for choice in choices(&pattern)? {
                    let text = choice.plain_text().ok_or("Base64 of a text with wildcards")?;
                    let bytes = match self.utf16 {
                        Some(order) => utf16(&text, order),
                        None => text.into_bytes(),
                    };
                    match kind {
                        Base64::Whole => encoded.push(base64(&bytes)),
                        Base64::Offsets => encoded.extend(base64_offsets(&bytes)),
                    }
                }
                encoded.iter().map(|text| Pattern::plain(text)).collect::<Vec<_>>()
            }
        };
        if patterns.is_empty() {
            return Err("`base64offset` of nothing".into());
        }
        let before = matches!(place, Place::Anywhere | Place::End);
        let after = matches!(place, Place::Anywhere | Place::Start);
        let open = |pattern: Pattern| pattern.open(before, after);
        Ok(patterns
            .into_iter()
            .map(|pattern| Test::Text { pattern: open(pattern), cased: self.cased })
            .collect())
    }

    /// UTF-16 without Base64: each byte as a Latin-1 character; wildcards stay wildcards.
    fn wide(&self, pattern: &Pattern) -> Pattern {
        let Some(order) = self.utf16 else { return pattern.clone() };
        let mark = if order == Utf16::Marked { utf16("", order) } else { Vec::new() };
        let mut pieces = Pattern::plain(&latin1(&mark)).0;
        let order = if order == Utf16::Marked { Utf16::Little } else { order };
        for piece in &pattern.0 {
            let bytes = |c: &char| Pattern::plain(&latin1(&utf16(&c.to_string(), order))).0;
            match piece {
                Piece::Char(c) => pieces.extend(bytes(c)),
                Piece::OneOf(_) | Piece::Any | Piece::One => pieces.push(piece.clone()),
            }
        }
        Pattern(pieces)
    }
}

/// More dashes than this under `windash` and an encoding would make too many texts.
const MAX_ENCODED_DASHES: usize = 5;

/// The patterns without choices that a pattern under `windash` stands for.
fn choices(pattern: &Pattern) -> Result<Vec<Pattern>, String> {
    match pattern.0.iter().filter(|piece| matches!(piece, Piece::OneOf(_))).count() {
        ..=MAX_ENCODED_DASHES => Ok(pattern.choices()),
        _ => Err("too many dashes to encode".into()),
    }
}

/// A network, or a single address.
fn network(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| format!("{text:?} is no network"))
}
