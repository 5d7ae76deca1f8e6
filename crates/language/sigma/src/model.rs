//! What a rule is: who wrote it, what it looks for, and in which events.

use std::sync::Arc;

use event::LogSource;
use terms::Level;

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
}
