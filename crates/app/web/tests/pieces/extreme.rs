//! Pieces with what nobody expects: very long names, nothing, a million.

use web::pieces::*;

use crate::{html, samples};

/// A name as long as a careless system makes it, without a blank.
fn long() -> String {
    "RX1-PATHOLOGY-".repeat(40)
}

#[test]
fn a_table_without_rows_is_still_a_table() {
    let empty = Table { rows: Vec::new(), ..samples::queue() };
    let html = html("table", "table", empty);
    assert!(html.contains("</thead>") && html.contains("</tbody>"));
    assert!(!html.contains("data-row"));
}

#[test]
fn a_list_of_a_thousand_rows_stays_within_reason() {
    let row = samples::table().rows.remove(0);
    let rows = (0..1_000).map(|n| Row { id: n.to_string(), ..row.clone() }).collect();
    let html = html("table", "table", Table { rows, ..samples::table() });
    assert_eq!(html.matches("data-row=").count(), 1_000);
    assert!(html.len() < 1_200_000, "{} bytes", html.len());
}

#[test]
fn a_page_of_fifty_alerts_is_within_its_budget() {
    let row = samples::queue().rows.remove(0);
    let rows = (0..50).map(|n| Row { id: n.to_string(), ..row.clone() }).collect();
    let html = html("table", "table", Table { rows, ..samples::queue() });
    assert!(html.len() < 108_000, "{} bytes", html.len());
}

#[test]
fn nothing_known_is_told_and_not_left_blank() {
    for (cell, told) in [(Cell::Unknown, true), (Cell::text(""), true), (Cell::text("x"), false)] {
        assert_eq!(html("table", "cell", cell).contains("Not known"), told);
    }
    assert!(html("lists", "shown", Shown::text("")).contains("Not known"));
}

#[test]
fn a_sparkline_takes_nothing_one_figure_and_figures_beyond_its_scale() {
    let draw =
        |values: &[i64], top| html("sparkline", "sparkline", Sparkline::new("Alerts", values, top));
    assert!(draw(&[], 40).contains("Alerts: no history"));
    assert!(draw(&[7], 40).contains("Alerts: 7 now, highest 7"));
    assert!(draw(&[0, 0], 0).contains("0.0,19.0 96.0,19.0"));
    let beyond = draw(&[-5, 1_000_000, i64::MAX], 40);
    assert!(beyond.contains("0.0,19.0 48.0,1.0 96.0,1.0"), "{beyond}");
}

#[test]
fn bars_take_no_spans_only_zeros_and_a_million() {
    let named = |values: &[i64]| -> Vec<(String, i64)> {
        values.iter().enumerate().map(|(n, value)| (format!("{n:02}:00"), *value)).collect()
    };
    let draw =
        |values: &[i64]| html("bars", "bars", Bars::new("Title", "alert", "hour", &named(values)));
    assert!(draw(&[]).contains("Nothing in 0 spans"));
    assert!(draw(&[0, 0]).contains("Nothing in 2 spans"));
    assert!(!draw(&[0, 0]).contains("<rect"));
    let million = draw(&[1, 1_000_000, i64::MAX]);
    assert!(million.contains("height=\"2.0\""), "what happened once is still seen: {million}");
    assert!(draw(&[-4, 3]).contains("height=\"72.0\""));
}

#[test]
fn a_mark_outside_the_axis_stands_at_its_end() {
    let bars = Bars::new("Title", "alert", "hour", &[]).with_mark(7.0, "Late", Harm::Now, None);
    assert!(html("bars", "bars", bars).contains("x=\"100.000%\""));
}

#[test]
fn tiles_never_overlap_and_stay_large_enough_for_a_finger() {
    let tile = |n: i64| {
        Tile::new(&format!("{} {n}", long()), "/", [0, 1, -5, 1_000_000][n as usize % 4], None)
    };
    let types = vec![TilesOf::new("Practices", (0..1_000).map(tile).collect())];
    let tiles = Tiles::new("Title", vec![Region::new("London", "/", types)], samples::table());
    let json = serde_json::to_value(&tiles).expect("JSON");
    let drawn = json["regions"][0]["types"][0]["tiles"].as_array().expect("tiles");
    let place = |tile: &serde_json::Value, key: &str| tile[key].as_f64().expect("a number");
    let all: Vec<(f64, f64, f64)> =
        drawn.iter().map(|t| (place(t, "x"), place(t, "y"), place(t, "side"))).collect();
    for (index, a) in all.iter().enumerate() {
        assert!(a.2 >= 24.0 && a.0 >= 0.0 && a.0 + a.2 <= 280.0, "{a:?}");
        for b in &all[index + 1..] {
            let apart =
                a.0 + a.2 <= b.0 || b.0 + b.2 <= a.0 || a.1 + a.2 <= b.1 || b.1 + b.2 <= a.1;
            assert!(apart, "{a:?} over {b:?}");
        }
    }
}

#[test]
fn a_sector_without_organisations_is_drawn() {
    let tiles = Tiles::new(
        "No organisations yet",
        vec![Region::new("London", "/", Vec::new())],
        samples::table(),
    );
    assert!(html("tiles", "tiles", tiles).contains("No organisations yet"));
}

#[test]
fn a_path_of_many_nodes_counts_those_it_does_not_draw() {
    let nodes = (0..400).map(|n| Node::new(1, &format!("{}{n}", long()), &long()));
    let nodes: Vec<Node> = std::iter::once(Node::new(0, "Device", "")).chain(nodes).collect();
    let arrows =
        (1..401).map(|n| Arrow::new(0, n, &long())).chain([Arrow::new(0, 9_999, "nowhere")]);
    let path = Path::new("p", "Title", &["Device", "System"], nodes, arrows.collect());
    assert_eq!(path.nodes.len(), 1 + 6);
    assert_eq!(path.arrows.len(), 5);
    let html = html("path", "path", path);
    assert!(html.contains("395 more"), "{html}");
    assert!(!html.contains("nowhere"));
}

#[test]
fn a_path_of_nothing_and_nodes_beyond_its_columns_are_taken() {
    let empty = Path::new("p", "Nothing depends on it", &["Device"], Vec::new(), Vec::new());
    assert!(html("path", "path", empty).contains("Nothing depends on it"));
    let beyond = Path::new("p", "Title", &["Device"], vec![Node::new(7, "lost", "")], Vec::new());
    assert!(beyond.nodes.is_empty());
}

#[test]
fn a_place_in_a_list_is_told_for_nothing_and_for_a_million() {
    assert_eq!(Pagination::position(0, 0, 0, "alert"), "0 alerts");
    assert_eq!(
        Pagination::position(999_951, 1_000_000, 1_000_000, "alert"),
        "999,951 to 1,000,000 of 1,000,000 alerts"
    );
}

#[test]
fn a_shell_before_sign_in_shows_only_its_name() {
    let shell = Shell {
        view: None,
        search: None,
        person: None,
        csrf: String::new(),
        places: Vec::new(),
        ..samples::shell()
    };
    let html = html("shell", "header", shell);
    assert!(html.contains("Ward"));
    for part in ["<nav", "<form", "Sign out", "View:"] {
        assert!(!html.contains(part), "{part}");
    }
}

#[test]
fn a_person_with_one_view_gets_no_switcher() {
    let mut shell = samples::shell();
    shell.view.as_mut().expect("a view").choices.clear();
    let html = html("shell", "header", shell);
    assert!(html.contains("Whole sector") && !html.contains("<details"));
}

#[test]
fn work_of_unknown_size_shows_what_is_done() {
    let mut panel = samples::panels().remove(0);
    panel.progress = Some(Progress { done: 1_000_000, total: 0 });
    let html = html("panel", "panel", panel);
    assert!(html.contains("1,000,000 so far") && !html.contains("max="));
}
