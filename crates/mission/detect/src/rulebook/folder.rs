//! What a folder of rules is, and what may be done with it.

use std::{fmt, str::FromStr};

use terms::{PersonId, RuleFolderId, Timestamp};

/// A file of rules: how people call it, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    /// Name with the folders above it, as the uploader or the disk writes them.
    pub name: String,
    /// Text.
    pub text: String,
}

/// What people call a folder of rules: 1 to 60 letters, digits, blanks, `-`, `_` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FolderName(String);

/// Most characters of a [`FolderName`].
pub const MAX_NAME_CHARS: usize = 60;

/// Text that is no name of a folder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a name of 1 to {MAX_NAME_CHARS} letters, digits, blanks, hyphens and full stops")]
pub struct UnreadableName;

impl FolderName {
    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FolderName {
    type Err = UnreadableName;

    /// Blanks around it are forgiven, several within are one.
    fn from_str(text: &str) -> Result<Self, UnreadableName> {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || " -_.".contains(c));
        let is_name = is_plain && name.chars().any(char::is_alphanumeric);
        match is_name && name.chars().count() <= MAX_NAME_CHARS {
            true => Ok(Self(name)),
            false => Err(UnreadableName),
        }
    }
}

/// Where a folder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FolderState {
    /// Uploaded, looked through, not in use yet.
    Waiting,
    /// Its rules are in force.
    InUse,
    /// Taken out of use; kept for a while so that this can be undone.
    Removed,
}

impl FolderState {
    /// All of them, in the order of their life.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::InUse, Self::Removed];

    pub(crate) fn number(self) -> i16 {
        self as i16
    }

    pub(crate) fn of_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.number() == number)
    }
}

/// A folder to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFolder {
    /// What to call it.
    pub name: FolderName,
    /// Its files.
    pub files: Vec<RuleFile>,
    /// Rules of it that can be used.
    pub rules: u64,
    /// Documents and files of it that cannot.
    pub refused: u64,
}

/// A folder that is kept; its files are read when they are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFolder {
    /// Its id.
    pub id: RuleFolderId,
    /// What people call it.
    pub name: FolderName,
    /// Who uploaded it.
    pub uploaded_by: PersonId,
    /// When.
    pub uploaded_at: Timestamp,
    /// Where it stands.
    pub state: FolderState,
    /// Since when.
    pub changed_at: Timestamp,
    /// Files in it.
    pub files: u64,
    /// Rules in it that can be used.
    pub rules: u64,
    /// Documents and files in it that cannot.
    pub refused: u64,
}

/// What an act did: which folder was put in use, and which was taken out. Written as text it is
/// what takes the act back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Put in use.
    pub put_in: Option<RuleFolderId>,
    /// Taken out of use.
    pub taken_out: Option<RuleFolderId>,
}

impl Change {
    /// The act that takes this one back.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { put_in: self.taken_out, taken_out: self.put_in }
    }
}

/// Text that is no change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is nothing that could be taken back")]
pub struct UnreadableChange;

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |id: Option<RuleFolderId>| id.map(|id| id.to_string()).unwrap_or_default();
        write!(f, "{}.{}", text(self.put_in), text(self.taken_out))
    }
}

impl FromStr for Change {
    type Err = UnreadableChange;

    fn from_str(text: &str) -> Result<Self, UnreadableChange> {
        let id = |text: &str| match text {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| UnreadableChange),
        };
        let (put_in, taken_out) = text.split_once('.').ok_or(UnreadableChange)?;
        let change = Self { put_in: id(put_in)?, taken_out: id(taken_out)? };
        if change == Self::default() { Err(UnreadableChange) } else { Ok(change) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_and_bounded() {
        let name = |text: &str| text.parse::<FolderName>().map(|name| name.0);
        assert_eq!(name("  our   rules 2.1 "), Ok("our rules 2.1".to_owned()));
        assert_eq!(name("Notfälle"), Ok("Notfälle".to_owned()));
        for text in ["", "  ", "..", "a/b", "a\\b", "a\u{0}b", &"x".repeat(61)] {
            assert_eq!(name(text), Err(UnreadableName), "{text:?}");
        }
    }

    #[test]
    fn a_change_is_read_back_from_its_text() {
        let id = RuleFolderId::new(Timestamp::UNIX_EPOCH);
        for change in [
            Change { put_in: Some(id), taken_out: None },
            Change { put_in: None, taken_out: Some(id) },
            Change { put_in: Some(id), taken_out: Some(id) },
        ] {
            assert_eq!(change.to_string().parse(), Ok(change));
            assert_eq!(change.reversed().reversed(), change);
        }
        for text in ["", ".", "x.", "a.b"] {
            assert_eq!(text.parse::<Change>(), Err(UnreadableChange), "{text}");
        }
    }
}
