//! The data folder: made at the first start, readable for its owner only, used by one process.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// The folder, held for this process until dropped.
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder when absent and takes it. Errors: another process has it, or it cannot be
    /// made.
    pub(crate) fn take(path: &Path) -> Result<Self> {
        let shown = path.display();
        make(path).with_context(|| format!("cannot make the data folder {shown}"))?;
        let lock = File::create(path.join("lock"))
            .with_context(|| format!("cannot write to the data folder {shown}"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_path_buf(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another Ward uses the data folder {shown}: stop it, or give --data another")
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot take the data folder {shown}"))
            }
        }
    }

    /// The file of the server's key.
    pub(crate) fn key(&self) -> PathBuf {
        key(&self.path)
    }

    /// A name of this installation, made at the first start.
    pub(crate) fn instance(&self) -> Result<String> {
        let file = self.path.join("instance");
        if let Ok(text) = fs::read_to_string(&file) {
            return Ok(text.trim().to_owned());
        }
        let name = uuid::Uuid::new_v4().simple().to_string();
        fs::write(&file, &name).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(name)
    }
}

/// The file of the server's key in a data folder.
pub(crate) fn key(folder: &Path) -> PathBuf {
    folder.join("server.key")
}

/// Makes the folder when absent, readable for its owner only.
#[cfg(unix)]
pub(crate) fn make(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes the folder when absent.
#[cfg(not(unix))]
pub(crate) fn make(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path)
}
