//! What the program carries inside: Ward's own rules with their cases, and the catalogue of
//! fields. So `ward scan <paths>` works from one file, anywhere.

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../../rules/sigma/"]
#[include = "*.yml"]
#[include = "*.cases.json"]
struct Rules;

#[derive(RustEmbed)]
#[folder = "../../../catalogues/fields/"]
#[include = "*.yaml"]
struct Fields;

/// What the own rules' folder is called in messages; it is where they stand in the repository.
pub(crate) const RULES: &str = "rules/sigma";

/// Name and text of each of the own rules, sorted by name.
pub(crate) fn rules() -> Vec<(String, String)> {
    texts::<Rules>(".yml")
}

/// Name and text of the own rules' cases, sorted by name.
pub(crate) fn cases() -> Vec<(String, String)> {
    texts::<Rules>(".cases.json")
}

/// Name and text of the files of the catalogue, sorted by name.
pub(crate) fn fields() -> Vec<(String, String)> {
    texts::<Fields>(".yaml")
}

fn texts<E: RustEmbed>(ending: &str) -> Vec<(String, String)> {
    let names = E::iter().filter(|name| name.ends_with(ending));
    let mut files: Vec<(String, String)> = names
        .filter_map(|name| {
            let file = E::get(&name)?;
            Some((name.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect();
    files.sort();
    files
}
