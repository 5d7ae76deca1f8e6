//! The four levels of harm to care, each told by a word, a shape and a shade.

use serde::Serialize;

/// How close care is to being harmed, least first.
///
/// Not the severity of a rule (`terms::Level`): that says how sure an attack is, this says what
/// it means for patients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "Drawn")]
pub enum Harm {
    /// No care depends on what is touched, or it is safe.
    None,
    /// Care depends on it; nothing points to harm yet.
    Possible,
    /// Harm is likely unless somebody acts.
    Soon,
    /// Care is being harmed.
    Now,
}

/// What a template needs of a level.
#[derive(Clone, Debug, Serialize)]
struct Drawn {
    /// For class names and for the shape in `pieces/harm.html`.
    key: &'static str,
    word: &'static str,
}

impl Harm {
    /// All levels, least first.
    pub const ALL: [Harm; 4] = [Harm::None, Harm::Possible, Harm::Soon, Harm::Now];

    /// For class names and addresses: `none`, `possible`, `soon`, `now`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Harm::None => "none",
            Harm::Possible => "possible",
            Harm::Soon => "soon",
            Harm::Now => "now",
        }
    }

    /// What people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Harm::None => "No risk to care",
            Harm::Possible => "Care may be at risk",
            Harm::Soon => "Care at risk soon",
            Harm::Now => "Care at risk now",
        }
    }
}

impl From<Harm> for Drawn {
    fn from(harm: Harm) -> Self {
        Self { key: harm.key(), word: harm.word() }
    }
}
