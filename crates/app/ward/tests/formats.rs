//! What people and programs read: each format, as a picture to be reviewed.
#![allow(clippy::unwrap_used)]

mod kit;

use insta::assert_snapshot;
use kit::{ran, run, scan, settled, ward};
use serde_json::Value;

fn table(columns: &str, more: &[&str]) -> String {
    let mut command = ward(&scan(more));
    command.env("COLUMNS", columns);
    settled(&ran(command).stdout)
}

#[test]
fn the_table_fits_a_hundred_columns() {
    let text = table("100", &["--exclude", "exclusions.txt"]);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert_snapshot!(text);
}

#[test]
fn the_table_fits_sixty_columns() {
    let text = table("60", &[]);
    assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    assert_snapshot!(text);
}

#[test]
fn the_table_is_plain_ascii_where_the_locale_is() {
    let mut command = ward(&scan(&[]));
    command.env("LANG", "C");
    let text = ran(command).stdout;
    assert!(text.is_ascii(), "{text}");
    assert_snapshot!(settled(&text));
}

#[test]
fn all_shows_every_rule_that_could_not_have_found_anything() {
    let text = table("100", &["--all"]);
    assert!(text.contains("Shell from a web server"), "{text}");
    assert!(text.contains("Unsigned program"), "{text}");
}

#[test]
fn quiet_shows_findings_only() {
    let ran = run(&scan(&["--quiet"]));
    assert!(ran.stderr.is_empty());
    assert_snapshot!(ran.stdout);
}

#[test]
fn times_are_shown_in_the_zone_asked_for_and_the_zone_is_named() {
    let text = table("100", &["--time-zone", "Asia/Kolkata", "--quiet"]);
    assert!(text.contains("2026-11-24 04:11 – 11:30 Asia/Kolkata"), "{text}");
}

#[test]
fn json_is_one_document_with_everything() {
    let ran = run(&scan(&["--format", "json", "--exclude", "exclusions.txt"]));
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["findings"].as_array().unwrap().len(), 5);
    assert_eq!(document["summary"]["findings"], 5);
    assert_eq!(document["complete"], true);
    assert_eq!(document["findings"][0]["event"]["EventRecordID"], 1);
    assert_snapshot!(settled(&ran.stdout));
    assert_snapshot!("the_closing_lines_go_to_standard_error", settled(&ran.stderr));
}

#[test]
fn ndjson_has_one_finding_a_line_and_nothing_else() {
    let ran = run(&scan(&["--format", "ndjson"]));
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 6);
    for line in &lines {
        for key in ["time", "level", "rule", "host", "user", "place", "matched", "event"] {
            assert!(line.get(key).is_some(), "{key} is missing in {line}");
        }
        assert_eq!(line["rule"]["author"], "Ward test fixtures");
    }
    assert!(ran.stderr.contains("48 records"), "{}", ran.stderr);
}

#[test]
fn csv_has_a_row_a_finding_and_no_cell_that_runs_as_a_formula() {
    let ran = run(&scan(&["--format", "csv"]));
    let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), 6);
    for cell in rows.iter().flat_map(|row| row.iter()) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    assert!(ran.stdout.contains("'=HYPERLINK"));
    assert_snapshot!(ran.stdout.replace("\r\n", "\n"));
}

#[test]
fn ocsf_findings_have_what_the_schema_requires() {
    let ran = run(&scan(&["--format", "ocsf"]));
    for line in ran.stdout.lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        assert_eq!(finding["class_uid"], 2004);
        assert_eq!(finding["category_uid"], 2);
        assert_eq!(finding["activity_id"], 1);
        assert_eq!(finding["type_uid"], 200_401);
        assert!(finding["severity_id"].is_u64());
        assert!(finding["time"].as_i64().unwrap() > 1_700_000_000_000);
        assert!(finding["metadata"]["version"].is_string());
        assert!(finding["metadata"]["product"]["name"].is_string());
        assert!(finding["finding_info"]["uid"].is_string());
        assert!(finding["finding_info"]["title"].is_string());
        assert_eq!(finding["finding_info"]["analytic"]["type_id"], 1);
        assert!(finding["evidences"][0]["data"].is_object());
        for device in [&finding["device"], &finding["evidences"][0]["device"]] {
            assert!(device["type_id"].is_u64() && device["hostname"].is_string());
        }
    }
    let first = ran.stdout.lines().next().unwrap();
    let first: Value = serde_json::from_str(&settled(first)).unwrap();
    assert_snapshot!(format!("{first:#}"));
}

#[test]
fn the_page_is_whole_in_itself_and_well_formed() {
    let page = run(&scan(&["--format", "html", "--exclude", "exclusions.txt"])).stdout;
    let page = page.replace("&#x2f;", "/");
    for outside in ["<script", "<link", "<img", "@import", "url(", "src="] {
        assert!(!page.contains(outside), "{outside}");
    }
    let links = page.matches("href=\"http").count();
    assert_eq!(links, page.matches("href=\"https://attack.mitre.org/techniques/").count());
    for once in ["<h1>", "<main ", "<header>", "<footer>", "<html lang=\"en-GB\">", "<title>Ward"] {
        assert_eq!(page.matches(once).count(), 1, "{once}");
    }
    for tag in ["section", "article", "table", "details", "dl", "ol", "ul", "figure", "svg", "tr"] {
        let open =
            page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(open, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
    assert!(!page.contains("<th>"), "every header cell has a scope");
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|p| p.split('"').next()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(ids.len(), unique.len(), "every id is there once");
    for link in page.split("href=\"#").skip(1).filter_map(|p| p.split('"').next()) {
        assert!(ids.contains(&link), "#{link} leads somewhere");
    }
    assert_snapshot!(settled(&page));
}

#[test]
fn what_stands_in_a_log_is_text_on_the_page() {
    let event = r#"{"Channel":"Security","EventID":1102,"Computer":"<img src=x onerror=alert(1)>","Provider_Name":"Microsoft-Windows-Eventlog"}"#;
    let words = ["scan", "--rules", "rules", "--format", "html", "-"];
    let ran = kit::run_with(&words, event);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(!ran.stdout.contains("<img"));
    assert!(ran.stdout.contains("&lt;img src=x"));
}
