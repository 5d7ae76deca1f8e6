//! Which files there are to read. In: what the user named. Out: files, in an order that is the
//! same on every run. Reports what cannot be listed; opens nothing.

use std::{
    collections::{HashMap, hash_map::Entry},
    fs::Metadata,
    path::{Path, PathBuf},
    sync::Arc,
};

use terms::Position;
use walkdir::{DirEntry, WalkDir};

use crate::{
    cx::Cx,
    model::{Input, ProblemKind},
};

/// A file to read.
#[derive(Debug)]
pub(crate) struct Found {
    /// `None`: standard input.
    pub(crate) path: Option<PathBuf>,
    /// Name as the user would write it.
    pub(crate) file: Arc<str>,
    /// Size in bytes where known.
    pub(crate) size_bytes: Option<u64>,
}

/// Lists the files behind the inputs; folders with all below them, sorted by name.
pub(crate) fn walk(cx: &mut Cx<'_>, inputs: &[Input]) -> Vec<Found> {
    let mut walk = Walk { found: Vec::new(), seen: HashMap::new() };
    for input in inputs {
        match input {
            Input::Stdin => {
                let file = shown(&cx.options.stdin_name);
                walk.found.push(Found { path: None, file, size_bytes: None });
            }
            Input::Path(path) => walk.path(cx, path),
        }
    }
    walk.found
}

/// A path, or a name from an archive, made safe to print: no control characters.
pub(crate) fn shown(name: &str) -> Arc<str> {
    name.replace(char::is_control, "\u{fffd}").into()
}

struct Walk {
    found: Vec<Found>,
    /// Files already listed, by what tells them apart on disk.
    seen: HashMap<Identity, Arc<str>>,
}

impl Walk {
    fn path(&mut self, cx: &mut Cx<'_>, root: &Path) {
        let mut entries = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        let before = self.found.len();
        let mut is_quiet = false;
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) => {
                    let name = entry.path().to_string_lossy();
                    if entry.depth() > 0 && cx.is_excluded(&name) {
                        is_quiet = true;
                        if entry.file_type().is_dir() {
                            entries.skip_current_dir();
                        }
                    } else if !entry.file_type().is_dir() {
                        is_quiet |= !self.entry(cx, &entry);
                    }
                }
                Err(error) => {
                    is_quiet = true;
                    report(cx, root, &error);
                }
            }
        }
        if self.found.len() == before && !is_quiet {
            let file = shown(&root.to_string_lossy());
            cx.skipped(ProblemKind::Skipped, &file, "no files in the folder");
        }
    }

    /// Lists a file; false if it was reported instead.
    fn entry(&mut self, cx: &mut Cx<'_>, entry: &DirEntry) -> bool {
        let file = shown(&entry.path().to_string_lossy());
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) => {
                cx.skipped(ProblemKind::Unreadable, &file, &format!("cannot be read: {error}"));
                return false;
            }
        };
        if !metadata.is_file() && entry.depth() > 0 {
            cx.skipped(ProblemKind::Skipped, &file, "a pipe, socket or device, not a file");
            return false;
        }
        if metadata.is_file()
            && let Some(identity) = identity(entry.path(), &metadata)
        {
            match self.seen.entry(identity) {
                Entry::Occupied(first) => {
                    let reason = format!("the same file as {}: read once", first.get());
                    cx.problem(ProblemKind::Skipped, &file, Position::Whole, &reason, 0);
                    return false;
                }
                Entry::Vacant(place) => place.insert(Arc::clone(&file)),
            };
        }
        let size_bytes = metadata.is_file().then_some(metadata.len());
        self.found.push(Found { path: Some(entry.path().to_owned()), file, size_bytes });
        true
    }
}

fn report(cx: &mut Cx<'_>, root: &Path, error: &walkdir::Error) {
    let file = shown(&error.path().unwrap_or(root).to_string_lossy());
    if let Some(ancestor) = error.loop_ancestor() {
        let reason = format!("a link back to {}: a loop", shown(&ancestor.to_string_lossy()));
        cx.skipped(ProblemKind::Skipped, &file, &reason);
        return;
    }
    let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    cx.skipped(ProblemKind::Unreadable, &file, &format!("cannot be read: {reason}"));
}

/// What tells two files on disk apart.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(_path: &Path, metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

/// What tells two files on disk apart: the path without links.
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(not(unix))]
fn identity(path: &Path, _metadata: &Metadata) -> Option<Identity> {
    path.canonicalize().ok()
}
