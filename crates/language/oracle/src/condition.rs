//! Conditions: names joined by `and`, `or`, `not` and "N of". In: the condition's text and the
//! names there are. Out: an expression, or why it is refused.

/// A condition whose names all exist.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All hold.
    And(Vec<Condition>),
    /// At least one holds.
    Or(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The selection with this name holds.
    Name(String),
    /// At least so many of these selections hold.
    AtLeast(usize, Vec<String>),
}

impl Condition {
    /// Reads a condition over these selections. Errors: a sentence.
    pub fn read(text: &str, names: &[String]) -> Result<Condition, String> {
        let words = words(text)?;
        let mut reader = Reader { words: &words, at: 0, names };
        let condition = reader.or()?;
        match reader.peek() {
            None => Ok(condition),
            Some(word) => Err(format!("unexpected {word:?} in the condition {text:?}")),
        }
    }

    /// Whether it holds, given which selections do.
    pub fn holds(&self, selection: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Condition::And(all) => all.iter().all(|one| one.holds(selection)),
            Condition::Or(any) => any.iter().any(|one| one.holds(selection)),
            Condition::Not(inner) => !inner.holds(selection),
            Condition::Name(name) => selection(name),
            Condition::AtLeast(wanted, names) => {
                names.iter().filter(|name| selection(name)).count() >= *wanted
            }
        }
    }
}

fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words: Vec<String> = Vec::new();
    let mut joins = false;
    for c in text.chars() {
        let part_of_word = c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*');
        match c {
            '(' | ')' => words.push(c.to_string()),
            _ if part_of_word && joins => words.last_mut().into_iter().for_each(|w| w.push(c)),
            _ if part_of_word => words.push(c.to_string()),
            _ if c.is_ascii_whitespace() => {}
            '|' => return Err("aggregations (`|`) in a condition are not supported".into()),
            _ => return Err(format!("unexpected {c:?} in the condition {text:?}")),
        }
        joins = part_of_word;
    }
    Ok(words)
}

const RESERVED: [&str; 7] = ["and", "or", "not", "of", "all", "any", "them"];

struct Reader<'a> {
    words: &'a [String],
    at: usize,
    names: &'a [String],
}

impl Reader<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn take(&mut self, word: &str) -> bool {
        let there = self.peek() == Some(word);
        self.at += usize::from(there);
        there
    }

    fn next(&mut self) -> Result<String, String> {
        let word = self.words.get(self.at).ok_or("the condition ends too early")?;
        self.at += 1;
        Ok(word.clone())
    }

    fn or(&mut self) -> Result<Condition, String> {
        let mut any = vec![self.and()?];
        while self.take("or") {
            any.push(self.and()?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Condition::Or(any) })
    }

    fn and(&mut self) -> Result<Condition, String> {
        let mut all = vec![self.not()?];
        while self.take("and") {
            all.push(self.not()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Condition::And(all) })
    }

    fn not(&mut self) -> Result<Condition, String> {
        if self.take("not") {
            return Ok(Condition::Not(Box::new(self.not()?)));
        }
        if self.take("(") {
            let inner = self.or()?;
            return if self.take(")") {
                Ok(inner)
            } else {
                Err("a parenthesis is not closed".into())
            };
        }
        let word = self.next()?;
        if self.peek() == Some("of") {
            self.at += 1;
            return self.of(&word);
        }
        if RESERVED.contains(&word.as_str()) {
            return Err(format!("{word:?} cannot stand here in a condition"));
        }
        if self.names.contains(&word) {
            Ok(Condition::Name(word))
        } else {
            Err(format!("the condition names {word:?}, which does not exist"))
        }
    }

    /// After `of`.
    fn of(&mut self, quantity: &str) -> Result<Condition, String> {
        let pattern = self.next()?;
        if pattern == "("
            || pattern == ")"
            || (RESERVED.contains(&pattern.as_str()) && pattern != "them")
        {
            return Err(format!("{pattern:?} cannot stand after `of`"));
        }
        let fits = |name: &str| match pattern.as_str() {
            "them" => !name.starts_with('_'),
            _ => stars(&pattern, name),
        };
        let names: Vec<String> = self.names.iter().filter(|name| fits(name)).cloned().collect();
        if names.is_empty() {
            return Err(format!("no name fits {pattern:?}"));
        }
        match quantity {
            "all" => Ok(Condition::AtLeast(names.len(), names)),
            "any" => Ok(Condition::AtLeast(1, names)),
            _ => match quantity.parse::<usize>() {
                Ok(0) => Err("`0 of` holds always".into()),
                Ok(number) if number > names.len() => {
                    Err(format!("`{number} of` asks for more than the {} there are", names.len()))
                }
                Ok(number) => Ok(Condition::AtLeast(number, names)),
                Err(_) => Err(format!("{quantity:?} is no number before `of`")),
            },
        }
    }
}

/// Whether `name` is `pattern`, in which `*` stands for any characters.
fn stars(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|from| rest.is_char_boundary(from) && stars(after, &rest[from..]))
        }),
    }
}
