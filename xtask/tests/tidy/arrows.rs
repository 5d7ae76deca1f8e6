//! Arrows between crates point down only.

use crate::{metadata, none};

const LAYERS: [&str; 4] = ["language", "platform", "mission", "app"];

/// Within a layer, from → to, besides what everybody may use.
const SAME_LAYER: [(&str, &str); 13] = [
    ("sigma", "event"),
    ("oracle", "event"),
    ("access", "db"),
    ("bus", "db"),
    ("intake", "db"),
    ("intake", "bus"),
    ("intake", "wire"),
    ("receive", "bus"),
    ("receive", "intake"),
    ("receive", "wire"),
    ("sector", "db"),
    ("testkit", "db"),
    ("ward", "web"),
];

struct Member {
    name: String,
    layer: usize,
    /// Ordinary dependencies, by name.
    uses: Vec<String>,
}

fn members() -> Vec<Member> {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().expect("packages").iter();
    packages
        .filter_map(|package| {
            let manifest = package["manifest_path"].as_str()?;
            let layer = LAYERS.iter().position(|l| manifest.contains(&format!("/crates/{l}/")))?;
            let uses = package["dependencies"].as_array()?.iter();
            let uses =
                uses.filter(|one| one["kind"].is_null()).filter_map(|one| one["name"].as_str());
            let name = package["name"].as_str()?.to_owned();
            Some(Member { name, layer, uses: uses.map(str::to_owned).collect() })
        })
        .collect()
}

#[test]
fn no_crate_uses_a_crate_above_or_beside_it() {
    let members = members();
    assert!(members.len() >= 7, "only {} members found", members.len());
    let mut wrong = Vec::new();
    for from in &members {
        for to in members.iter().filter(|to| from.uses.contains(&to.name)) {
            let beside =
                to.name == "terms" || SAME_LAYER.contains(&(from.name.as_str(), to.name.as_str()));
            if to.layer > from.layer || (to.layer == from.layer && !beside) {
                wrong.push(format!("{} uses {}", from.name, to.name));
            }
        }
    }
    none("arrows that do not point down", wrong);
}

#[test]
fn the_oracle_is_used_by_tests_only() {
    let users = members().into_iter().filter(|member| member.uses.iter().any(|u| u == "oracle"));
    none("ordinary users of the oracle", users.map(|member| member.name).collect());
}

/// Crates that only some may use: everybody else meets a handle of ours instead.
const KEPT_TO: [(&str, &[&str]); 3] =
    [("axum", &["web"]), ("sqlx", &["db"]), ("sea-orm-migration", &["db"])];

#[test]
fn a_heavy_crate_is_known_to_those_who_hold_its_handle_only() {
    let mut wrong = Vec::new();
    for member in members() {
        for (kept, to) in KEPT_TO {
            if member.uses.iter().any(|used| used == kept) && !to.contains(&member.name.as_str()) {
                wrong.push(format!("{} uses {kept}", member.name));
            }
        }
    }
    none("crates that know more than they should", wrong);
}

#[test]
fn what_is_for_tests_is_used_by_tests_only() {
    let users = members().into_iter().filter(|member| member.uses.iter().any(|u| u == "testkit"));
    none("ordinary users of the test kit", users.map(|member| member.name).collect());
}
