//! An upload to rule files: a zip archive, or the files themselves. In: bytes as they came. Out:
//! texts, and what could not be read with the reason. Within limits, so that a small archive
//! cannot become a large one. Pure: names inside archives are never paths.

use std::io::{Cursor, Read};

use sigma::Refused;
use zip::ZipArchive;

use super::RuleFile;

/// Bytes of all files of an upload together, as sent and unpacked.
pub const MAX_BYTES: usize = 20 << 20;
/// Rule files of an upload.
pub const MAX_FILES: usize = 20_000;
/// Bytes of a file's name that are kept.
const MAX_NAME_BYTES: usize = 300;

/// Why an upload cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// There is no rule file in it.
    #[error("there is no file ending in .yml or .yaml in it")]
    NoRules,
    /// More than there is room for.
    #[error("it holds more than {} MiB of rules", MAX_BYTES >> 20)]
    TooLarge,
    /// More files than there is room for.
    #[error("it holds more than {MAX_FILES} rule files")]
    TooMany,
    /// A file called .zip that is none.
    #[error("{name} is no zip archive that can be read")]
    NotZip {
        /// The file.
        name: String,
        /// The cause.
        source: zip::result::ZipError,
    },
}

/// What an upload holds.
#[derive(Debug, Default)]
pub struct Uploaded {
    /// Rule files, in the order of their names.
    pub files: Vec<RuleFile>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<Refused>,
}

/// Reads the files of an upload, each with its name. Zip archives are known by how they begin.
///
/// Errors: [`UploadError`]; nothing of the upload is then to be used.
pub fn unpack(parts: Vec<(String, Vec<u8>)>) -> Result<Uploaded, UploadError> {
    let mut taken = Taken::default();
    for (name, bytes) in parts {
        if bytes.starts_with(b"PK\x03\x04") || name.to_ascii_lowercase().ends_with(".zip") {
            taken.archive(&name, bytes)?;
        } else if is_rule_file(&name) {
            taken.file(&name, bytes)?;
        }
    }
    let Taken { mut uploaded, .. } = taken;
    if uploaded.files.is_empty() && uploaded.unreadable.is_empty() {
        return Err(UploadError::NoRules);
    }
    uploaded.files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(uploaded)
}

#[derive(Default)]
struct Taken {
    uploaded: Uploaded,
    bytes: usize,
}

impl Taken {
    fn archive(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), UploadError> {
        let not_zip = |source| UploadError::NotZip { name: shortened(name), source };
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(not_zip)?;
        for index in 0..archive.len() {
            let member = match archive.name_for_index(index) {
                Some(Ok(member)) => member.into_owned(),
                _ => continue,
            };
            if !is_rule_file(&member) {
                continue;
            }
            match archive.by_index(index) {
                Ok(file) if file.is_file() => self.member(&member, file)?,
                Ok(_) => {}
                Err(error) => self.unreadable(&member, &error)?,
            }
        }
        Ok(())
    }

    fn member(&mut self, name: &str, file: impl Read) -> Result<(), UploadError> {
        let mut bytes = Vec::new();
        // One more byte than there is room for tells that there was more.
        let room = MAX_BYTES - self.bytes;
        match file.take(room as u64 + 1).read_to_end(&mut bytes) {
            Ok(_) => self.file(name, bytes),
            Err(error) => self.unreadable(name, &error),
        }
    }

    fn file(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), UploadError> {
        self.count()?;
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > MAX_BYTES {
            return Err(UploadError::TooLarge);
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                // A mark of the byte order is no part of the YAML.
                let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
                self.uploaded.files.push(RuleFile { name: shortened(name), text });
                Ok(())
            }
            Err(error) => self.refuse(name, format!("is not UTF-8 text: {}", error.utf8_error())),
        }
    }

    fn unreadable(&mut self, name: &str, error: &dyn std::fmt::Display) -> Result<(), UploadError> {
        self.count()?;
        self.refuse(name, format!("cannot be unpacked: {error}"))
    }

    fn refuse(&mut self, name: &str, reason: String) -> Result<(), UploadError> {
        let file = shortened(name).into();
        self.uploaded.unreadable.push(Refused { file, line: 1, title: String::new(), reason });
        Ok(())
    }

    fn count(&self) -> Result<(), UploadError> {
        let files = self.uploaded.files.len() + self.uploaded.unreadable.len();
        if files >= MAX_FILES { Err(UploadError::TooMany) } else { Ok(()) }
    }
}

/// Whether a name is that of a rule file. What lies in hidden folders is left out: repositories
/// keep settings there that end in `.yml` too.
fn is_rule_file(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_hidden = |part: &str| part.starts_with('.') || part == "__MACOSX";
    (lower.ends_with(".yml") || lower.ends_with(".yaml")) && !name.split(['/', '\\']).any(is_hidden)
}

fn shortened(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    name[..name.floor_char_boundary(MAX_NAME_BYTES)].to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in members {
            writer.start_file(*name, options).expect("a member");
            writer.write_all(bytes).expect("written");
        }
        writer.finish().expect("an archive").into_inner()
    }

    fn names(uploaded: &Uploaded) -> Vec<&str> {
        uploaded.files.iter().map(|file| file.name.as_str()).collect()
    }

    fn upload(name: &str, bytes: &[u8]) -> Result<Uploaded, UploadError> {
        unpack(vec![(name.to_owned(), bytes.to_vec())])
    }

    #[test]
    fn of_an_archive_only_rule_files_outside_hidden_folders_are_taken() {
        let zip = archive(&[
            ("b/two.yml", b"title: Two"),
            ("a/one.yaml", b"\xef\xbb\xbftitle: One"),
            ("README.md", b"words"),
            (".github/workflow.yml", b"on: push"),
            ("__MACOSX/._one.yml", b"x"),
        ]);
        let uploaded = upload("rules.zip", &zip).expect("taken");
        assert_eq!(names(&uploaded), ["a/one.yaml", "b/two.yml"]);
        assert_eq!(uploaded.files[0].text, "title: One");
        // What it is is told by its beginning, not its name.
        assert_eq!(upload("download", &zip).expect("taken").files.len(), 2);
    }

    #[test]
    fn a_file_that_is_no_text_is_named_and_the_others_are_taken() {
        let zip = archive(&[("a.yml", b"title: A"), ("b.yml", b"\xff\xfe\x00")]);
        let uploaded = upload("rules.zip", &zip).expect("taken");
        assert_eq!(names(&uploaded), ["a.yml"]);
        assert_eq!(&*uploaded.unreadable[0].file, "b.yml");
        assert!(uploaded.unreadable[0].reason.contains("UTF-8"));
    }

    #[test]
    fn a_damaged_member_is_named_and_the_others_are_taken() {
        let mut zip = archive(&[("a.yml", b"title: A"), ("b.yml", &[b'x'; 300])]);
        let at = zip.windows(5).position(|w| w == b"b.yml").expect("its name") + 6;
        zip[at] ^= 0xff;
        let uploaded = upload("rules.zip", &zip).expect("taken");
        assert_eq!(names(&uploaded), ["a.yml"]);
        assert_eq!(&*uploaded.unreadable[0].file, "b.yml");
    }

    #[test]
    fn a_small_archive_that_becomes_large_is_refused() {
        let zip = archive(&[("bomb.yml", &vec![b' '; MAX_BYTES + 1])]);
        assert!(zip.len() < 1 << 20, "{}", zip.len());
        assert!(matches!(upload("rules.zip", &zip), Err(UploadError::TooLarge)));
        let zip =
            archive(&[("a.yml", &vec![b' '; MAX_BYTES / 2]), ("b.yml", &vec![b' '; MAX_BYTES])]);
        assert!(matches!(upload("rules.zip", &zip), Err(UploadError::TooLarge)));
    }

    #[test]
    fn too_many_files_are_refused() {
        let parts = (0..=MAX_FILES).map(|at| (format!("{at}.yml"), Vec::new())).collect();
        assert!(matches!(unpack(parts), Err(UploadError::TooMany)));
    }

    #[test]
    fn what_holds_no_rule_file_or_is_no_archive_is_refused() {
        assert!(matches!(upload("a.txt", b"x"), Err(UploadError::NoRules)));
        assert!(matches!(unpack(Vec::new()), Err(UploadError::NoRules)));
        assert!(matches!(upload("a.zip", b"no archive"), Err(UploadError::NotZip { .. })));
        let half = &archive(&[("a.yml", b"title: A")])[..40];
        assert!(matches!(upload("a.zip", half), Err(UploadError::NotZip { .. })));
    }
}
