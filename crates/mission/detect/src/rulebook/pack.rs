//! A folder as one value of the database: its files as JSON, packed with zstd.

use std::io::{self, Read};

use super::{RuleFile, unpack::MAX_BYTES};

const LEVEL: i32 = 6;
/// What a folder may become when it is unpacked: its texts, each character escaped at worst, and
/// its names.
const MAX_UNPACKED: u64 = 8 * MAX_BYTES as u64;

/// Files to a value.
pub(super) fn pack(files: &[RuleFile]) -> Vec<u8> {
    let pairs: Vec<(&str, &str)> =
        files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
    let json = serde_json::to_vec(&pairs).expect("pairs of texts can always be written");
    zstd::bulk::compress(&json, LEVEL).expect("memory that grows takes all that is written")
}

/// A value to files. Errors: it is none that [`pack`] made, or larger than any folder may be.
pub(super) fn unpack(packed: &[u8]) -> io::Result<Vec<RuleFile>> {
    let mut json = Vec::new();
    zstd::stream::Decoder::new(packed)?.take(MAX_UNPACKED).read_to_end(&mut json)?;
    let pairs: Vec<(String, String)> = serde_json::from_slice(&json)?;
    Ok(pairs.into_iter().map(|(name, text)| RuleFile { name, text }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_back_as_they_were() {
        let file = |name: &str, text: &str| RuleFile { name: name.into(), text: text.into() };
        for files in [vec![], vec![file("a/b.yml", "title: \"é\u{0}\n\""), file("", "")]] {
            assert_eq!(unpack(&pack(&files)).expect("files"), files);
        }
    }

    #[test]
    fn what_was_not_packed_here_is_an_error_and_never_a_panic() {
        let good = pack(&[RuleFile { name: "a".into(), text: "b".into() }]);
        assert!(unpack(&good[..good.len() - 1]).is_err());
        assert!(unpack(b"").is_err());
        assert!(unpack(&zstd::bulk::compress(b"{}", 1).expect("packed")).is_err());
    }
}
