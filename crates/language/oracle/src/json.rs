//! One JSON text as a tree that keeps what `serde_json` drops: numbers as written, keys that
//! appear twice, and halves of surrogate pairs. Text in, [`Json`] out.

use std::sync::LazyLock;

use regex::Regex;

/// A JSON value. Objects keep the order of their keys, and keys that repeat.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// A string, escapes resolved; half of a surrogate pair is U+FFFD.
    Text(String),
    /// A number as written.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// A list.
    Array(Vec<Json>),
    /// Keys and values.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads one JSON text. Errors: a sentence with the position in characters.
    pub fn parse(text: &str) -> Result<Json, String> {
        match <[Json; 1]>::try_from(Json::parse_many(text)?) {
            Ok([value]) => Ok(value),
            Err(values) => Err(format!("{} values where one was expected", values.len())),
        }
    }

    /// Reads JSON texts that follow each other. Errors: a sentence with the position in
    /// characters.
    pub fn parse_many(text: &str) -> Result<Vec<Json>, String> {
        let mut reader = Reader { chars: text.chars().collect(), at: 0 };
        let mut values = Vec::new();
        loop {
            reader.blanks();
            if reader.at == reader.chars.len() {
                return Ok(values);
            }
            values.push(reader.value()?);
        }
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Json::Null,
            serde_json::Value::Bool(truth) => Json::Bool(*truth),
            serde_json::Value::Number(number) => Json::Number(number.to_string()),
            serde_json::Value::String(text) => Json::Text(text.clone()),
            serde_json::Value::Array(items) => Json::Array(items.iter().map(Json::from).collect()),
            serde_json::Value::Object(map) => {
                Json::Object(map.iter().map(|(key, value)| (key.clone(), value.into())).collect())
            }
        }
    }
}

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$").expect("it is written here")
});

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn wrong(&self, expected: &str) -> String {
        format!("expected {expected} at character {}", self.at)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        self.blanks();
        let there = self.peek() == Some(wanted);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self) -> Result<Json, String> {
        self.blanks();
        match self.peek() {
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some('"') => Ok(Json::Text(self.string()?)),
            Some('-' | '0'..='9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Json, String> {
        let words =
            [("true", Json::Bool(true)), ("false", Json::Bool(false)), ("null", Json::Null)];
        for (word, value) in words {
            let letters: Vec<char> = word.chars().collect();
            if self.chars[self.at..].starts_with(&letters) {
                self.at += letters.len();
                return Ok(value);
            }
        }
        Err(self.wrong("a value"))
    }

    fn object(&mut self) -> Result<Json, String> {
        let mut entries = Vec::new();
        self.at += 1;
        if self.take('}') {
            return Ok(Json::Object(entries));
        }
        loop {
            self.blanks();
            let key = self.string()?;
            if !self.take(':') {
                return Err(self.wrong("a colon"));
            }
            entries.push((key, self.value()?));
            if self.take('}') {
                return Ok(Json::Object(entries));
            }
            if !self.take(',') {
                return Err(self.wrong("a comma or the end of the object"));
            }
        }
    }

    fn array(&mut self) -> Result<Json, String> {
        let mut items = Vec::new();
        self.at += 1;
        if self.take(']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value()?);
            if self.take(']') {
                return Ok(Json::Array(items));
            }
            if !self.take(',') {
                return Err(self.wrong("a comma or the end of the array"));
            }
        }
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        while matches!(self.peek(), Some('-' | '+' | '.' | 'e' | 'E' | '0'..='9')) {
            self.at += 1;
        }
        let written: String = self.chars[start..self.at].iter().collect();
        match NUMBER.is_match(&written) {
            true => Ok(Json::Number(written)),
            false => Err(self.wrong("a number")),
        }
    }

    fn string(&mut self) -> Result<String, String> {
        if self.peek() != Some('"') {
            return Err(self.wrong("a string"));
        }
        self.at += 1;
        let mut units: Vec<u16> = Vec::new();
        loop {
            let c = self.peek().ok_or_else(|| self.wrong("the end of the string"))?;
            self.at += 1;
            match c {
                '"' => return Ok(String::from_utf16_lossy(&units)),
                '\\' => units.push(self.escape()?),
                _ => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
            }
        }
    }

    /// The UTF-16 unit that an escape stands for.
    fn escape(&mut self) -> Result<u16, String> {
        let c = self.peek().ok_or_else(|| self.wrong("an escape"))?;
        self.at += 1;
        Ok(match c {
            '"' | '\\' | '/' => c as u16,
            'n' => 0x0a,
            't' => 0x09,
            'r' => 0x0d,
            'b' => 0x08,
            'f' => 0x0c,
            'u' => {
                let end = (self.at + 4).min(self.chars.len());
                let digits: String = self.chars[self.at..end].iter().collect();
                let hexadecimal =
                    digits.len() == 4 && digits.chars().all(|c| c.is_ascii_hexdigit());
                self.at = end;
                match u16::from_str_radix(&digits, 16) {
                    Ok(unit) if hexadecimal => unit,
                    _ => return Err(self.wrong("four hexadecimal digits")),
                }
            }
            _ => return Err(self.wrong("a known escape")),
        })
    }
}
