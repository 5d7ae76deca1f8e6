//! The server's key: seals what must be read again (TOTP secrets), and signs what must not be
//! made up (CSRF tokens, digests of short codes).
//!
//! It stands in a file beside the database, never in it, so a stolen copy of the database alone
//! opens nothing. All nodes of an installation share it. Each use has a key of its own, derived
//! with HMAC-SHA-256 from the one in the file.

use std::{
    fmt, fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::secret::random_bytes;

/// 256 random bits; `Debug` shows none of them.
#[derive(Clone)]
pub struct ServerKey([u8; 32]);

/// Why the file of the server's key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("cannot read or make the server's key in {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{path} holds no server's key: 64 hexadecimal digits on one line are expected")]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// Everybody on the machine may read the file.
    #[error("everybody on this machine may read {path}: take that right away (chmod o-rwx)")]
    Open {
        /// The file.
        path: PathBuf,
    },
}

/// What was sealed cannot be opened: another key, or somebody changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotSealedByThis;

const NONCE_BYTES: usize = 24;

impl ServerKey {
    /// The key in the file at `path`; at the first start it is made, readable for the owner only.
    ///
    /// Two processes that start at once get the same key. Errors: [`KeyError`].
    pub fn load_or_make(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { path: path.to_owned(), source };
        match fs::read_to_string(path) {
            Ok(text) => {
                refuse_open_file(path)?;
                Self::of_text(text.trim()).ok_or_else(|| KeyError::Form { path: path.to_owned() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match make_file(path, &Self::random()) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        Err(failed(error))
                    }
                    // Made by us or by another process: what stands there now is the key.
                    _ => {
                        let text = fs::read_to_string(path).map_err(failed)?;
                        Self::of_text(text.trim())
                            .ok_or_else(|| KeyError::Form { path: path.to_owned() })
                    }
                }
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// A new key that stands in no file: for tests and for data that is thrown away.
    pub fn random() -> Self {
        Self(random_bytes())
    }

    fn of_text(text: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// HMAC-SHA-256 of `message` under the key for `purpose`.
    pub(crate) fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        self.mac(purpose, message).finalize().into_bytes().into()
    }

    /// Whether `tag` is what [`Self::sign`] gives; in a time that does not depend on it.
    pub(crate) fn is_signed(&self, purpose: &str, message: &[u8], tag: &[u8]) -> bool {
        self.mac(purpose, message).verify_slice(tag).is_ok()
    }

    fn mac(&self, purpose: &str, message: &[u8]) -> Hmac<Sha256> {
        mac_of(&self.derived(purpose)).chain_update(message)
    }

    fn derived(&self, purpose: &str) -> [u8; 32] {
        mac_of(&self.0).chain_update(purpose.as_bytes()).finalize().into_bytes().into()
    }

    /// Seals `plain` for `context` (whose it is): XChaCha20-Poly1305, a random nonce before it.
    pub(crate) fn seal(&self, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce = random_bytes::<NONCE_BYTES>();
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: context })
            .expect("only a text of gigabytes is too long to be sealed");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`Self::seal`] made for the same `context`.
    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, NotSealedByThis> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(NotSealedByThis)?;
        self.cipher()
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context })
            .map_err(|_| NotSealedByThis)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.derived("seal")))
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(…)")
    }
}

fn mac_of(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// Writes the whole file beside its place and then links it there, so nobody sees half a key and
/// nobody's key is written over.
fn make_file(path: &Path, key: &ServerKey) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", HEXLOWER_PERMISSIVE.encode(&random_bytes::<8>())));
    let beside = path.with_file_name(name);
    let written = write_private(&beside, &key.0).and_then(|()| fs::hard_link(&beside, path));
    fs::remove_file(&beside)?;
    written
}

fn write_private(path: &Path, key: &[u8; 32]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", HEXLOWER_PERMISSIVE.encode(key))?;
    file.sync_all()
}

#[cfg(unix)]
fn refuse_open_file(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = fs::metadata(path)
        .map_err(|source| KeyError::File { path: path.to_owned(), source })?
        .permissions()
        .mode();
    match mode & 0o007 {
        0 => Ok(()),
        _ => Err(KeyError::Open { path: path.to_owned() }),
    }
}

#[cfg(not(unix))]
fn refuse_open_file(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/server.key");
        let made = ServerKey::load_or_make(&path).expect("a key");
        let read = ServerKey::load_or_make(&path).expect("the key");
        assert_eq!(made.0, read.0);
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("read").count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn processes_that_start_at_once_get_one_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("server.key");
        let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let tasks: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| ServerKey::load_or_make(&path).expect("a key").0))
                .collect();
            tasks.into_iter().map(|task| task.join().expect("no panic")).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    #[cfg(unix)]
    fn a_key_everybody_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("server.key");
        ServerKey::load_or_make(&path).expect("a key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
        let error = ServerKey::load_or_make(&path).expect_err("refused");
        assert!(matches!(error, KeyError::Open { .. }), "{error}");
    }

    #[test]
    fn a_damaged_file_is_named_and_not_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("server.key");
        write_private(&path, &[7; 32]).expect("written");
        fs::write(&path, "abcd\n").expect("written");
        let error = ServerKey::load_or_make(&path).expect_err("refused");
        assert!(error.to_string().contains("server.key"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("there"), "abcd\n");
    }

    #[test]
    fn what_is_sealed_opens_only_for_its_owner_with_its_key_and_unchanged() {
        let key = ServerKey::random();
        let sealed = key.seal(b"ann", b"secret");
        assert_eq!(key.open(b"ann", &sealed).as_deref(), Ok(b"secret".as_slice()));
        assert_eq!(key.open(b"bob", &sealed), Err(NotSealedByThis));
        assert_eq!(ServerKey::random().open(b"ann", &sealed), Err(NotSealedByThis));
        assert_eq!(key.open(b"ann", &sealed[..10]), Err(NotSealedByThis));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(b"ann", &changed), Err(NotSealedByThis), "byte {at}");
        }
        assert_ne!(sealed, key.seal(b"ann", b"secret"), "each has its own nonce");
    }

    #[test]
    fn a_signature_holds_for_one_purpose_and_one_message() {
        let key = ServerKey::random();
        let tag = key.sign("csrf", b"a session");
        assert!(key.is_signed("csrf", b"a session", &tag));
        assert!(!key.is_signed("csrf", b"another", &tag));
        assert!(!key.is_signed("recovery", b"a session", &tag));
        assert!(!key.is_signed("csrf", b"a session", &tag[..31]));
    }

    #[test]
    fn the_key_is_not_shown() {
        let key = ServerKey([0xab; 32]);
        assert_eq!(format!("{key:?}"), "ServerKey(…)");
    }
}
