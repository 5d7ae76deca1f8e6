//! Why a rule cannot be used.

/// What is wrong with a rule. The place is kept beside it, in [`crate::Refused`].
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The YAML or the rule's structure.
    #[error("{0}")]
    Structure(String),
    /// Modifiers that contradict each other.
    #[error("{key}: {reason}")]
    Modifiers {
        /// The key as written.
        key: String,
        /// What contradicts what.
        reason: String,
    },
    /// A value the modifiers cannot take.
    #[error("{key}: {reason}")]
    Value {
        /// The key as written.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A regular expression Ward cannot run.
    #[error("{key}: regular expression not understood: {reason}")]
    Regex {
        /// The key as written.
        key: String,
        /// What its parser says.
        reason: String,
    },
    /// A placeholder that was given no values.
    #[error("{key}: no values were given for the placeholder %{name}%")]
    Placeholder {
        /// The key as written.
        key: String,
        /// Name of the placeholder.
        name: String,
    },
    /// The condition names a selection that is not there.
    #[error("the condition names {0:?}, which the rule does not define")]
    NoSelection(String),
    /// The condition asks for what cannot be.
    #[error("the condition cannot hold or always does: {0}")]
    Condition(String),
    /// A part of the language that Ward does not run yet.
    #[error("{0}")]
    NotYet(&'static str),
}
