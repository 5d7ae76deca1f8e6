//! Why a record could not be read.

/// What is wrong with a record, and at which byte of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Not UTF-8 from this byte on.
    #[error("not valid UTF-8 at byte {0}")]
    Utf8(usize),
    /// The record ends inside a string, object or array.
    #[error("ends too early, at byte {0}")]
    Truncated(usize),
    /// A character that cannot stand here.
    #[error("unexpected character at byte {0}")]
    Unexpected(usize),
    /// A backslash followed by something JSON does not know.
    #[error("unknown escape in a string at byte {0}")]
    Escape(usize),
    /// A number that is none.
    #[error("malformed number at byte {0}")]
    Number(usize),
    /// Objects or arrays nested deeper than [`crate::json::MAX_DEPTH`].
    #[error("nested deeper than {max} levels at byte {0}", max = crate::json::MAX_DEPTH)]
    TooDeep(usize),
    /// More than [`crate::json::MAX_FIELDS`] values in one record.
    #[error("more than {max} values in one record, at byte {0}", max = crate::json::MAX_FIELDS)]
    TooMany(usize),
    /// A line longer than [`crate::text::MAX_LINE`].
    #[error("longer than {max} bytes", max = crate::text::MAX_LINE)]
    TooLong,
    /// XML that is none, or that is no Windows event.
    #[error("no Windows event in XML, at byte {0}")]
    Xml(usize),
    /// A line in no format that Ward reads.
    #[error("in no format that ward reads")]
    NoFormat,
    /// The record is a bare value, not an object.
    #[error("a bare value where an object was expected")]
    NotAnObject,
}
