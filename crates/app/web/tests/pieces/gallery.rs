//! One page with all pieces, for the eyes and for the browser's tests: `target/gallery.html`.

use std::{collections::BTreeMap, path::Path};

use minijinja::{Value, value::Serde};

use crate::{TEMPLATES, samples};

fn page() -> String {
    let context = BTreeMap::from([
        ("shell", Value::from(Serde(samples::shell()))),
        ("page", Value::from(Serde(samples::gallery()))),
    ]);
    TEMPLATES.render("gallery.html", context).unwrap_or_else(|error| panic!("{error}"))
}

fn keep(name: &str, html: &str) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
    std::fs::write(target.join(name), html).expect("the target folder can be written");
}

/// All that people read made very long, all figures a thousand million.
fn stretched(value: &mut serde_json::Value, key: &str) {
    const READ: [&str; 14] = [
        "text",
        "below",
        "title",
        "name",
        "caption",
        "label",
        "what",
        "who",
        "note",
        "heading",
        "consequence",
        "position",
        "unit",
        "role",
    ];
    const COUNTED: [&str; 6] = ["number", "now", "count", "total", "patients", "top"];
    match value {
        serde_json::Value::String(text) if READ.contains(&key) => {
            text.push_str(&" PATHOLOGY-RX1".repeat(3));
            text.push_str(&"-NORTHERN".repeat(12));
        }
        serde_json::Value::Number(number) if COUNTED.contains(&key) => {
            *number = 1_000_000_000.into();
        }
        serde_json::Value::Array(items) => {
            items.iter_mut().for_each(|item| stretched(item, key));
        }
        serde_json::Value::Object(fields) => {
            // Names of form fields are for programs.
            let is_field = fields.contains_key("input") || fields.contains_key("choices");
            for (key, value) in fields.iter_mut().filter(|(key, _)| !is_field || *key != "name") {
                stretched(value, key);
            }
        }
        _ => {}
    }
}

#[test]
fn extreme_data_makes_a_page_too() {
    let mut context = serde_json::json!({"shell": samples::shell(), "page": samples::gallery()});
    stretched(&mut context, "");
    let html = TEMPLATES.render("gallery.html", context).unwrap_or_else(|error| panic!("{error}"));
    keep("gallery-extreme.html", &html);
    assert!(html.contains("1,000,000,000") && html.contains("-NORTHERN-NORTHERN"));
}

#[test]
fn all_pieces_stand_on_one_page() {
    let html = page();
    keep("gallery.html", &html);
    for part in ["ward-header", "ward-tiles", "ward-path", "ward-table--compact", "ward-footer"] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn a_page_obeys_a_strict_content_security_policy() {
    let html = page();
    assert!(!html.contains(" style="), "a style attribute");
    assert!(!html.contains("<style"), "a style element");
    assert!(!html.contains("javascript:"), "a script in an address");
    assert!(!html.contains("href=\"http"), "another host");
    for script in html.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').expect("a whole tag");
        assert!(tag.contains(" src=\"/assets/"), "{tag}");
        assert!(rest.starts_with("</script>"), "an inline script");
    }
    for handler in [" onclick", " onload", " onerror", " onchange", " onsubmit"] {
        assert!(!html.contains(handler), "{handler}");
    }
}

#[test]
fn every_form_that_posts_carries_the_token() {
    for form in page().split("<form").skip(1) {
        let form = form.split("</form>").next().expect("a form");
        let posts = form.split('>').next().is_some_and(|tag| tag.contains("method=\"post\""));
        assert!(!posts || form.contains("name=\"csrf\""), "<form{form}");
    }
}

#[test]
fn no_two_elements_of_a_page_share_an_id() {
    let html = page();
    let mut ids: Vec<&str> =
        html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    ids.sort_unstable();
    let twice: Vec<_> = ids.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn the_scripts_of_a_page_are_small() {
    // Read from the built files: what a browser loads for the page with all islands.
    let scripts: usize = web::assets::entries()
        .filter_map(web::assets::address)
        .filter(|address| address.ends_with(".js"))
        .filter_map(|address| web::assets::find(address.strip_prefix("/assets/")?))
        .map(|asset| asset.bytes.len())
        .sum();
    assert!(scripts > 10_000, "the islands are there: {scripts}");
    assert!(scripts < 60_000, "{scripts} bytes before compression");
}
