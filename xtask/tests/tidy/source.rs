//! What stands in source files, and what does not.

use crate::{files, none, read};

fn sources() -> Vec<String> {
    let all = files(".rs");
    all.into_iter()
        .filter(|path| path.starts_with("crates/") || path.starts_with("xtask/"))
        .collect()
}

/// Source without the tests at its end.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

fn is_test(path: &str) -> bool {
    ["/tests/", "/examples/", "/benches/", "crates/language/oracle/"]
        .iter()
        .any(|part| path.contains(part))
}

/// Lines of the sources that `wrong` finds at fault.
fn lines(wrong: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for path in sources().iter().filter(|path| !is_test(path)) {
        for (number, line) in without_tests(&read(path)).lines().enumerate() {
            if !line.trim_start().starts_with("//") && wrong(path, line) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn every_file_says_at_its_head_why_it_exists() {
    let silent = sources().into_iter().filter(|path| !read(path).starts_with("//!"));
    none("files without a head", silent.collect());
}

#[test]
fn no_file_is_longer_than_800_lines() {
    let long = sources().into_iter().filter(|path| read(path).lines().count() > 800);
    none("long files", long.collect());
}

#[test]
fn only_the_app_reads_the_clock() {
    let clocks = ["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"];
    none(
        "clocks below the app",
        lines(|path, line| {
            !path.starts_with("crates/app/")
                && !path.starts_with("xtask/")
                && clocks.iter().any(|clock| line.contains(clock))
        }),
    );
}

#[test]
fn language_and_verbs_are_not_async() {
    none(
        "async below the app",
        lines(|path, line| path.starts_with("crates/language/") && line.contains("async fn")),
    );
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    none("unwrap in sources", lines(|_, line| line.contains(".unwrap()")));
}

#[test]
fn nothing_is_left_for_later() {
    let marks = ["todo!(", "unimplemented!(", "dbg!(", concat!("FIX", "ME"), concat!("XX", "X")];
    none("left for later", lines(|_, line| marks.iter().any(|mark| line.contains(mark))));
}

#[test]
fn no_test_is_ignored() {
    let mark = concat!("#[", "ignore");
    let ignored = sources().into_iter().filter(|path| read(path).contains(mark));
    none("ignored tests", ignored.collect());
}

#[test]
fn databases_are_asked_in_stores_only() {
    let crates = ["sea_orm", "sqlx::", "sea_query"];
    none(
        "questions to a database outside of its stores",
        lines(|path, line| {
            let is_store = path.ends_with("/store.rs") || path.contains("/store/");
            let is_error = path.ends_with("/error.rs");
            !is_store
                && !is_error
                && !path.starts_with("crates/platform/db/")
                && !path.starts_with("xtask/")
                && crates.iter().any(|one| line.contains(one))
        }),
    );
}
