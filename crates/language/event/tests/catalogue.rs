//! The catalogue's own files, and what is said about files that are wrong.

#![allow(clippy::unwrap_used)] // Helpers of tests, too.

mod common;

use event::{
    Catalogue, LogSource,
    shape::{Shape, Table},
};

/// The message, with its cause, about a catalogue of one shape and one table.
fn check(shape: &str, table: &str, expected: &str) {
    let files = [("my-shape.yaml", shape), ("my-table.yaml", table)];
    let error = Catalogue::parse(files, LogSource::default()).err().expect("it should be refused");
    assert!(error.to_string().starts_with(expected), "{error}");
}

const SHAPE: &str =
    "shape: s\ntitle: t\nversion: 1\neffective: 2026-11-24\npriority: 1\nrequires: [[a]]\n";
const TABLE: &str = "table: t\ntitle: t\nversion: 1\neffective: 2026-11-24\nentries: []\n";

#[test]
fn every_file_of_the_catalogue_is_read() {
    let catalogue = common::catalogue();
    let shapes = common::catalogue_files().iter().filter(|(n, _)| n.starts_with("shapes/")).count();
    assert_eq!(catalogue.shapes().len(), shapes + 1, "all files and the built-in one");
}

#[test]
fn files_are_named_as_what_they_define() {
    for (name, text) in common::catalogue_files() {
        let (folder, file) = name.split_once('/').unwrap();
        let defined =
            format!("{}: {}", folder.trim_end_matches('s'), file.trim_end_matches(".yaml"));
        assert_eq!(text.lines().next(), Some(defined.as_str()), "{name}");
    }
}

#[test]
fn shapes_are_tried_from_the_highest_priority() {
    let catalogue = common::catalogue();
    assert!(catalogue.shapes().is_sorted_by_key(|shape| -i64::from(shape.priority)));
}

#[test]
fn a_misspelt_key_is_refused_and_the_file_named() {
    check(&format!("{SHAPE}titel: x\n"), TABLE, "cannot read my-shape.yaml");
    check(SHAPE, &format!("{TABLE}entry: []\n"), "cannot read my-table.yaml");
}

#[test]
fn a_table_that_no_file_defines_is_refused() {
    check(&format!("{SHAPE}table: other\n"), TABLE, "my-shape.yaml: no table is called \"other\"");
}

#[test]
fn two_files_of_one_name_are_refused() {
    check(SHAPE, SHAPE, "my-table.yaml: another file defines \"s\" too");
    check(TABLE, TABLE, "my-table.yaml: another file defines \"t\" too");
}

#[test]
fn too_many_required_paths_are_refused() {
    let paths: Vec<String> = (0..600).map(|n| format!("p{n}")).collect();
    let shape = SHAPE.replace("[[a]]", &format!("[[{}]]", paths.join(",")));
    check(&shape, TABLE, "my-shape.yaml: too many different required paths (at most 512)");
}

#[test]
fn too_many_selecting_paths_are_refused() {
    let prefixes: Vec<String> = (0..300).map(|n| format!("p{n}.")).collect();
    let shape = format!("{SHAPE}table: t\nprefixes: [{}]\n", prefixes.join(","));
    let table = TABLE.replace("entries: []", "entries: [{when: {x: y}}]");
    check(&shape, &table, "my-shape.yaml: too many different selecting paths (at most 255)");
}

#[test]
fn every_windows_service_of_the_public_rules_has_a_channel() {
    let files = common::catalogue_files();
    let windows = &files.iter().find(|(name, _)| name == "tables/windows.yaml").unwrap().1;
    for service in [
        "application",
        "applocker",
        "appmodel-runtime",
        "appxdeployment-server",
        "appxpackaging-om",
        "bits-client",
        "capi2",
        "certificateservicesclient-lifecycle-system",
        "codeintegrity-operational",
        "diagnosis-scripted",
        "dns-client",
        "dns-server",
        "dns-server-analytic",
        "driver-framework",
        "firewall-as",
        "iis-configuration",
        "ldap",
        "lsa-server",
        "microsoft-servicebus-client",
        "msexchange-management",
        "ntlm",
        "openssh",
        "powershell-classic",
        "printservice-admin",
        "printservice-operational",
        "security",
        "security-mitigations",
        "shell-core",
        "smbclient-connectivity",
        "smbclient-security",
        "smbserver-connectivity",
        "sysmon",
        "system",
        "taskscheduler",
        "terminalservices-localsessionmanager",
        "windefend",
        "wmi",
        "powershell",
    ] {
        let named = [format!("service: {service}"), format!("service: [{service},")];
        let is_named = windows.lines().any(|line| {
            named.iter().any(|name| {
                line.split_once(name.as_str()).is_some_and(|(_, rest)| !rest.starts_with('-'))
            })
        });
        assert!(is_named, "{service}");
    }
}

/// All shapes and tables as they are written.
fn parsed() -> (Vec<Shape>, Vec<Table>) {
    let (mut shapes, mut tables) = (Vec::new(), Vec::new());
    for (name, text) in common::catalogue_files() {
        match name.starts_with("shapes/") {
            true => shapes.push(yaml_serde::from_str(&text).unwrap()),
            false => tables.push(yaml_serde::from_str(&text).unwrap()),
        }
    }
    (shapes, tables)
}

#[test]
fn shapes_select_only_fields_that_their_table_asks_for_and_all_of_them() {
    let (shapes, tables) = parsed();
    for shape in shapes.iter().filter(|shape| !shape.select.is_empty()) {
        let table = tables.iter().find(|table| shape.table.as_ref() == Some(&table.table));
        let asked = |field| table.unwrap().entries.iter().any(|e| e.when.contains_key(field));
        for field in shape.select.keys() {
            assert!(asked(field), "{}: {field}", shape.shape);
        }
        for field in table.unwrap().entries.iter().flat_map(|entry| entry.when.keys()) {
            let found = shape.select.contains_key(field) || !shape.prefixes.is_empty();
            assert!(found, "{}: {field} is nowhere", shape.shape);
        }
    }
}

#[test]
fn every_file_says_where_its_facts_are_from_and_since_when() {
    let (shapes, tables) = parsed();
    let shapes = shapes.iter().map(|s| (&s.shape, &s.title, &s.source, &s.effective, s.version));
    let tables = tables.iter().map(|t| (&t.table, &t.title, &t.source, &t.effective, t.version));
    for (name, title, source, effective, version) in shapes.chain(tables) {
        assert!(!title.is_empty() && !source.is_empty() && version > 0, "{name}");
        assert!(effective.parse::<jiff::civil::Date>().is_ok(), "{name}: {effective}");
    }
}

#[test]
fn every_table_is_used() {
    let (shapes, tables) = parsed();
    for table in tables.iter().filter(|table| !table.entries.is_empty()) {
        let used = shapes.iter().any(|shape| shape.table.as_ref() == Some(&table.table));
        assert!(used, "{}", table.table);
    }
}
