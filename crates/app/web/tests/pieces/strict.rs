//! What templates may not do: use a name that is not there, or let text become markup.

use serde_json::json;
use web::templates::Templates;

use crate::TEMPLATES;

fn error(file: &str, name: &str, piece: serde_json::Value) -> String {
    match TEMPLATES.piece(file, name, piece) {
        Ok(html) => panic!("no error: {html}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_undefined_name_is_an_error_that_says_where() {
    let error = error("navigation", "pagination", json!({"label": "Alerts"}));
    assert!(error.contains("pieces/navigation.html"), "{error}");
    assert!(error.contains("undefined"), "{error}");
}

#[test]
fn an_undefined_parameter_of_a_component_is_an_error_with_its_name() {
    let error = error("navigation", "breadcrumbs", json!({"nothing": 1}));
    assert!(error.contains("parameter items of breadcrumb is undefined"), "{error}");
}

#[test]
fn a_missing_template_is_an_error_with_its_name() {
    let error = TEMPLATES.render("nowhere.html", ()).expect_err("there is no such template");
    assert!(error.to_string().contains("nowhere.html"), "{error}");
}

#[test]
fn text_never_becomes_markup() {
    let attack = "<img src=x onerror=alert(1)>\"'&";
    for (file, name, piece) in [
        (
            "navigation",
            "pagination",
            json!({"label": attack, "previous": attack, "next": attack, "position": attack}),
        ),
        ("navigation", "breadcrumbs", json!({"items": [{"text": attack, "href": attack}]})),
        (
            "shell",
            "band",
            json!({"kind": "stale", "text": attack, "link": {"text": attack, "href": attack}}),
        ),
        ("form", "error_summary", json!({"errors": [{"text": attack, "field": attack}]})),
        ("table", "cell", json!({"kind": "tag", "text": attack, "colour": "red"})),
        (
            "table",
            "cell",
            json!({"kind": "time", "is_short": false, "at": {"iso": attack, "exact": attack, "day": attack, "ago": attack}}),
        ),
        (
            "sparkline",
            "sparkline",
            json!({"now": 1, "title": attack, "points": attack, "end": attack}),
        ),
    ] {
        let html = TEMPLATES.piece(file, name, piece).unwrap_or_else(|error| panic!("{error}"));
        assert!(!html.contains("<img"), "{file} {name}: {html}");
        assert!(!html.contains("=x onerror=alert(1)>\""), "{file} {name}: {html}");
    }
}

#[test]
fn templates_are_read_again_after_an_edit() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.html");
    std::fs::write(&file, "{{ n|plural(\"alert\") }}").expect("a file");
    let templates = Templates::reloading_from(folder.path()).expect("the components compile");
    let context = json!({"n": 1_000});
    assert_eq!(templates.render("page.html", &context).expect("a page"), "1,000 alerts");
    std::fs::write(&file, "{{ n|number }} and no more").expect("a file");
    let later = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(2_000_000_000);
    let opened = std::fs::File::options().write(true).open(&file).expect("a file");
    opened.set_modified(later).expect("a time that differs");
    assert_eq!(templates.render("page.html", &context).expect("a page"), "1,000 and no more");
}

#[test]
fn figures_are_shown_as_people_write_them() {
    let cell = |number| {
        let html = TEMPLATES.piece("table", "cell", json!({"kind": "number", "number": number}));
        html.expect("a cell").trim().to_owned()
    };
    assert_eq!(cell(json!(1_234_567)), "1,234,567");
    assert_eq!(cell(json!(0)), "0");
    assert_eq!(cell(json!(-0.26)), "-0.3");
    assert_eq!(cell(json!(-0.04)), "0");
    assert_eq!(cell(json!(12_345.678)), "12,345.7");
    assert!(
        error("table", "cell", json!({"kind": "number", "number": "many"})).contains("no number")
    );
}
