//! Licences of all packages that are built, and packages that are not allowed.

use crate::{metadata, none};

const ALLOWED: [&str; 14] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
    "Zlib",
    "Unicode-3.0",
    "Unlicense",
    "CC0-1.0",
    "0BSD",
    "BSL-1.0",
    "bzip2-1.0.6",
];

/// TLS by anything but ring, and what would bring it.
const BANNED: [&str; 3] = ["aws-lc-sys", "openssl-sys", "native-tls"];

/// Whether an SPDX expression can be met with allowed licences.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let allowed = either(&mut words);
    allowed && words.is_empty()
}

fn either(words: &mut Vec<&str>) -> bool {
    let mut allowed = both(words);
    while words.last() == Some(&"OR") {
        words.pop();
        let next = both(words);
        allowed |= next;
    }
    allowed
}

fn both(words: &mut Vec<&str>) -> bool {
    let mut allowed = one(words);
    while words.last() == Some(&"AND") {
        words.pop();
        let next = one(words);
        allowed &= next;
    }
    allowed
}

fn one(words: &mut Vec<&str>) -> bool {
    match words.pop() {
        Some("(") => {
            let allowed = either(words);
            words.pop() == Some(")") && allowed
        }
        Some(licence) => {
            let exception = words.last() == Some(&"WITH");
            let exception = exception.then(|| (words.pop(), words.pop()).1);
            let fits = matches!(exception, None | Some(Some("LLVM-exception")));
            fits && ALLOWED.contains(&licence)
        }
        None => false,
    }
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("MIT/Apache-2.0", true),
        ("(MIT OR GPL-2.0-only) AND Unicode-3.0", true),
        ("MIT AND GPL-2.0-only", false),
        ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", true),
        ("Apache-2.0 WITH Something-exception", false),
    ] {
        assert_eq!(is_allowed(expression), expected, "{expression}");
    }
}

#[test]
fn every_package_has_a_licence_that_is_allowed() {
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let packages = metadata["packages"].as_array().expect("packages");
    let wrong = packages.iter().filter_map(|package| {
        let licence = package["license"].as_str().unwrap_or_default();
        (!is_allowed(licence)).then(|| format!("{}: {licence:?}", package["name"]))
    });
    none("licences that are not allowed", wrong.collect());
}

#[test]
fn no_second_way_to_speak_tls_is_built() {
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let packages = metadata["packages"].as_array().expect("packages");
    let names = packages.iter().filter_map(|package| package["name"].as_str());
    none("packages not wanted", names.filter(|n| BANNED.contains(n)).map(str::to_owned).collect());
}
