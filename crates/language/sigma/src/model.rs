//! What a rule is: who wrote it, what it looks for, and in which events.

use std::sync::Arc;

use event::LogSource;
use terms::Level;

use crate::Test;

/// Facts about a rule that do not decide whether it matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// UUID as written, or empty.
    pub id: String,
    /// Machine name by which correlations and filters refer to the rule, or empty.
    pub name: String,
    /// One line.
    pub title: String,
    /// What it detects, in sentences.
    pub description: String,
    /// Who wrote it.
    pub author: String,
    /// Severity; rules without one are `medium`.
    pub level: Level,
    /// `stable`, `test`, `experimental`, `deprecated`, `unsupported`, or empty.
    pub status: String,
    /// Date of creation as written, or empty.
    pub date: String,
    /// Tags as written, for example `attack.t1490`.
    pub tags: Vec<String>,
    /// When it fires without an attack.
    pub falsepositives: Vec<String>,
    /// Where to read more.
    pub references: Vec<String>,
    /// Licence of the rule as written, or empty.
    pub license: String,
    /// What care is at stake if it is real, or empty. From the rule's own key `ward`.
    pub harm: String,
    /// The first safe thing to do, or empty. From the rule's own key `ward`.
    pub action: String,
    /// File it was read from, as the user would write it.
    pub file: Arc<str>,
    /// Line on which its document starts, counted from 1.
    pub line: u32,
}

impl Meta {
    /// ATT&CK technique numbers among the tags, in capitals: `T1490`, `T1003.001`.
    pub fn techniques(&self) -> impl Iterator<Item = String> + '_ {
        self.tags.iter().filter_map(|tag| {
            let name = tag.strip_prefix("attack.")?;
            let number = name.strip_prefix(['t', 'T'])?;
            number.starts_with(|c: char| c.is_ascii_digit()).then(|| name.to_ascii_uppercase())
        })
    }

    /// ATT&CK tactics among the tags in their short form: `credential-access`.
    pub fn tactics(&self) -> impl Iterator<Item = String> + '_ {
        self.tags.iter().filter_map(|tag| {
            let name = tag.strip_prefix("attack.")?.to_ascii_lowercase().replace('_', "-");
            TACTICS.contains(&name.as_str()).then_some(name)
        })
    }
}

/// ATT&CK Enterprise tactics in the order of an attack, with the older short name
/// `defense-evasion` and its successors.
pub const TACTICS: [&str; 16] = [
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "stealth",
    "defense-evasion",
    "defense-impairment",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
];

/// A rule that can be used.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Facts about it.
    pub meta: Arc<Meta>,
    /// Events it is meant for.
    pub logsource: LogSource,
    /// What it looks for, by name.
    pub selections: Vec<Selection>,
    /// How the selections combine.
    pub condition: Condition,
    /// The condition as written; several are joined by `or`.
    pub condition_text: String,
}

/// A named part of the `detection` section.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// Its name, for example `filter_main`.
    pub name: String,
    /// What it asks for.
    pub body: Body,
}

/// What a selection asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A map: all items hold. Also keywords, which are items without a field.
    Items(Vec<Item>),
    /// A list: one of them holds.
    Any(Vec<Body>),
    /// All of them hold.
    All(Vec<Body>),
}

/// One entry of a map: a field (or the whole event) and what is asked of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The field; without one, the tests are of every text in the event.
    pub field: Option<Box<str>>,
    /// The entry's key as written, for example `CommandLine|contains|all`.
    pub key: Box<str>,
    /// One for each value written.
    pub values: Vec<Asked>,
    /// Whether all values must hold, not just one.
    pub all: bool,
    /// Whether the whole is turned round (`neq`).
    pub negated: bool,
}

/// A value written in a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// As it was written.
    pub written: Box<str>,
    /// What it comes to; it holds when one of these does.
    pub any_of: Vec<Test>,
}

/// How the selections of a rule combine. Numbers are positions in [`Rule::selections`].
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All hold.
    And(Vec<Condition>),
    /// At least one holds.
    Or(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The selection holds.
    Selection(usize),
    /// At least so many of the selections hold.
    AtLeast(u64, Vec<usize>),
}
