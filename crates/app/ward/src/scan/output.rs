//! Where results go: standard output, or a file that appears under its name only when complete.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Stdout, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// A place to write to.
pub(crate) struct Output {
    writer: Writer,
    /// The name the file will have, and the one it has until then.
    file: Option<(PathBuf, PathBuf)>,
}

enum Writer {
    Stdout(BufWriter<Stdout>),
    File(BufWriter<File>),
}

const BUFFER_BYTES: usize = 1 << 16;

impl Output {
    /// Opens the file, or standard output without one.
    ///
    /// Errors: the folder cannot be written to.
    pub(crate) fn open(target: Option<&Path>) -> Result<Self> {
        let Some(target) = target else {
            let writer = Writer::Stdout(BufWriter::with_capacity(BUFFER_BYTES, io::stdout()));
            return Ok(Output { writer, file: None });
        };
        let hint = || format!("cannot write to {}; choose another --output", target.display());
        if target.is_dir() {
            bail!("{} is a folder; --output needs the name of a file", target.display());
        }
        // Pipes and devices are written to as they are.
        if target.exists() && !target.is_file() {
            let file = File::options().write(true).open(target).with_context(hint)?;
            let writer = Writer::File(BufWriter::with_capacity(BUFFER_BYTES, file));
            return Ok(Output { writer, file: None });
        }
        let temporary = temporary(target);
        let file = File::create(&temporary).with_context(hint)?;
        Ok(Output {
            writer: Writer::File(BufWriter::with_capacity(BUFFER_BYTES, file)),
            file: Some((target.to_owned(), temporary)),
        })
    }

    /// Everything is written: gives the file its name.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        if let Writer::File(writer) = &self.writer
            && self.file.is_some()
        {
            writer.get_ref().sync_all()?;
        }
        if let Some((target, temporary)) = &self.file {
            fs::rename(temporary, target)?;
            self.file = None;
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some((_, temporary)) = &self.file {
            // Half a file is worse than none; where it cannot be removed, its name tells.
            let _ = fs::remove_file(temporary);
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Writer::Stdout(writer) => writer.write(bytes),
            Writer::File(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            Writer::Stdout(writer) => writer.flush(),
            Writer::File(writer) => writer.flush(),
        }
    }
}

/// Beside the target, so that renaming it is one step.
fn temporary(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_only_when_it_is_complete() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let target = folder.path().join("out.json");
        let mut output = Output::open(Some(&target)).expect("opens");
        output.write_all(b"half").expect("writes");
        assert!(!target.exists());
        drop(output);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);

        let mut output = Output::open(Some(&target)).expect("opens");
        output.write_all(b"whole").expect("writes");
        output.finish().expect("finishes");
        assert_eq!(fs::read(&target).expect("a file"), b"whole");
    }
}
