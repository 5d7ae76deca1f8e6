//! What several tests start from.

use std::{path::Path, sync::Arc};

use event::Catalogue;

/// The project's own catalogue.
pub(crate) fn catalogue() -> Arc<Catalogue> {
    fn walk(folder: &Path, out: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).expect("the catalogue's folder") {
            let path = entry.expect("a folder's entry").path();
            if path.is_dir() {
                walk(&path, out);
            } else {
                let text = std::fs::read_to_string(&path).expect("a text file");
                out.push((path.display().to_string(), text));
            }
        }
    }
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../catalogues/fields"), &mut files);
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Arc::new(Catalogue::parse(files, Default::default()).expect("the project's own catalogue"))
}
