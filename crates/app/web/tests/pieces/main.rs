//! Shared pieces: what they look like as HTML, and that extreme data does not break them.

mod extreme;
mod gallery;
mod samples;
mod strict;

use std::sync::LazyLock;

use serde::Serialize;
use web::templates::Templates;

static TEMPLATES: LazyLock<Templates> =
    LazyLock::new(|| Templates::embedded().expect("the templates compile"));

/// The HTML of a piece, without blank lines and blanks at the ends of lines.
fn html(file: &str, name: &str, piece: impl Serialize) -> String {
    let html = TEMPLATES.piece(file, name, piece).unwrap_or_else(|error| panic!("{error}"));
    let lines = html.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

macro_rules! looks_the_same {
    ($($test:ident: $file:literal $name:literal $sample:expr;)*) => {
        $(#[test]
        fn $test() {
            insta::assert_snapshot!(stringify!($test), html($file, $name, $sample));
        })*
    };
}

looks_the_same! {
    a_header_shows_whose_view_and_who_is_signed_in: "shell" "header" samples::shell();
    a_footer_tells_the_version: "shell" "footer" samples::shell();
    an_exercise_is_a_band: "shell" "band" &samples::shell().bands[0];
    stale_data_is_a_band_with_a_link: "shell" "band" &samples::shell().bands[1];
    breadcrumbs_lead_up: "navigation" "breadcrumbs" samples::breadcrumbs();
    tabs_are_links: "navigation" "tabs" samples::tabs();
    pages_are_links_with_a_position: "navigation" "pagination" samples::pagination();
    filters_are_a_form_and_chips: "filters" "filters" samples::filters();
    a_queue_can_be_chosen_from: "table" "table" samples::queue();
    a_table_sorts_by_links: "table" "table" samples::table();
    a_sparkline_has_a_figure_and_words: "sparkline" "sparkline" samples::spark(&[0, 40, 12]);
    a_path_has_reasons_on_its_arrows: "path" "path" samples::path();
    bars_have_words_and_a_table: "bars" "bars" samples::bars();
    facts_are_a_list: "lists" "facts" samples::facts();
    history_is_newest_first: "lists" "history" samples::history();
    code_marks_what_matters: "code" "code" samples::code();
    a_form_has_every_kind_of_field: "form" "form" samples::form();
    errors_link_to_their_fields: "form" "error_summary" samples::form().errors();
    a_confirmation_says_what_follows: "confirm" "confirm" samples::confirm();
}

#[test]
fn each_level_of_harm_has_its_own_word_and_shape() {
    let all: Vec<String> =
        web::pieces::Harm::ALL.iter().map(|level| html("harm", "harm", level)).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn each_state_of_a_panel_says_what_to_do() {
    let all: Vec<String> =
        samples::panels().iter().map(|panel| html("panel", "panel", panel)).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn tiles_show_state_by_class_shape_and_words() {
    let mut tiles = samples::tiles();
    tiles.regions.truncate(1);
    insta::assert_snapshot!(html("tiles", "tiles", tiles));
}
