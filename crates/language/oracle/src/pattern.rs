//! Text with wildcards, as rules write it. In: a rule's text. Out: a pattern, and whether a text
//! equals it. First rows of the table in `docs/reference/sigma.md`.

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// This character.
    Char(char),
    /// `*`: any characters, also none.
    Any,
    /// `?`: exactly one character.
    One,
    /// `windash`: one of these characters.
    OneOf(Vec<char>),
}

/// A text with wildcards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pattern(pub Vec<Piece>);

/// What `-` and `/` before an option stand for under `windash`.
pub const DASHES: [char; 5] = ['-', '/', '–', '—', '―'];

impl Pattern {
    /// Reads wildcards and escapes: `\*`, `\?`, `\\` are the plain characters, `\` before
    /// anything else is itself.
    pub fn read(text: &str) -> Pattern {
        let mut pieces = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            pieces.push(match c {
                '*' => Piece::Any,
                '?' => Piece::One,
                '\\' => match chars.next_if(|next| matches!(next, '*' | '?' | '\\')) {
                    Some(plain) => Piece::Char(plain),
                    None => Piece::Char('\\'),
                },
                _ => Piece::Char(c),
            });
        }
        Pattern(pieces)
    }

    /// These characters, none of them a wildcard.
    pub fn plain(text: &str) -> Pattern {
        Pattern(text.chars().map(Piece::Char).collect())
    }

    /// Whether `*` or `?` is in it.
    pub fn has_wildcards(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Any | Piece::One))
    }

    /// `windash`: `-` and `/` with no word character before and a word character after.
    pub fn windash(&self) -> Pattern {
        let word = |piece: Option<&Piece>| match piece {
            Some(Piece::Char(c)) => c.is_alphanumeric() || *c == '_',
            _ => false,
        };
        let mut pieces = Vec::new();
        for (at, piece) in self.0.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| self.0.get(at));
            let starts_option = matches!(piece, Piece::Char('-' | '/'))
                && !word(before)
                && word(self.0.get(at + 1));
            pieces.push(if starts_option { Piece::OneOf(DASHES.into()) } else { piece.clone() });
        }
        Pattern(pieces)
    }

    /// The patterns without choices that it stands for: several with `windash`.
    pub fn choices(&self) -> Vec<Pattern> {
        let mut all = vec![Pattern::default()];
        for piece in &self.0 {
            let pieces = match piece {
                Piece::OneOf(choices) => choices.iter().map(|c| Piece::Char(*c)).collect(),
                other => vec![other.clone()],
            };
            let longer = |start: &Pattern, piece: &Piece| {
                Pattern(start.0.iter().chain([piece]).cloned().collect())
            };
            all = all
                .iter()
                .flat_map(|start| pieces.iter().map(move |piece| longer(start, piece)))
                .collect();
        }
        all
    }

    /// Its text, if it has neither wildcards nor choices.
    pub fn plain_text(&self) -> Option<String> {
        let plain = |piece: &Piece| match piece {
            Piece::Char(c) => Some(*c),
            _ => None,
        };
        self.0.iter().map(plain).collect()
    }

    /// The same with any characters before or after.
    pub fn open(&self, before: bool, after: bool) -> Pattern {
        let mut pieces = self.0.clone();
        if before {
            pieces.insert(0, Piece::Any);
        }
        if after {
            pieces.push(Piece::Any);
        }
        Pattern(pieces)
    }

    /// With its plain characters in lower case.
    pub fn lower(&self) -> Pattern {
        let mut pieces = Vec::new();
        let mut run = String::new();
        let finish = |run: &mut String, pieces: &mut Vec<Piece>| {
            pieces.extend(run.to_lowercase().chars().map(Piece::Char));
            run.clear();
        };
        for piece in &self.0 {
            match piece {
                Piece::Char(c) => run.push(*c),
                other => {
                    finish(&mut run, &mut pieces);
                    pieces.push(other.clone());
                }
            }
        }
        finish(&mut run, &mut pieces);
        Pattern(pieces)
    }

    /// Whether the whole of `text` is what the pattern describes, letter case ignored unless
    /// `cased`.
    pub fn equals(&self, text: &str, cased: bool) -> bool {
        if cased {
            self.equals_exactly(&text.chars().collect::<Vec<_>>())
        } else {
            self.lower().equals_exactly(&text.to_lowercase().chars().collect::<Vec<_>>())
        }
    }

    /// The usual way to match wildcards: go on greedily; when stuck, let the last `*` take one
    /// character more.
    fn equals_exactly(&self, text: &[char]) -> bool {
        let (mut at, mut piece) = (0, 0);
        let mut last_any: Option<(usize, usize)> = None;
        while at < text.len() {
            let fits = match self.0.get(piece) {
                Some(Piece::Char(c)) => *c == text[at],
                Some(Piece::One) => true,
                Some(Piece::OneOf(choices)) => choices.contains(&text[at]),
                Some(Piece::Any) => {
                    last_any = Some((at, piece));
                    piece += 1;
                    continue;
                }
                None => false,
            };
            if fits {
                at += 1;
                piece += 1;
            } else if let Some((from, any)) = last_any {
                last_any = Some((from + 1, any));
                at = from + 1;
                piece = any + 1;
            } else {
                return false;
            }
        }
        self.0[piece..].iter().all(|rest| *rest == Piece::Any)
    }
}
