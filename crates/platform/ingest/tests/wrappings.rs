//! The same records come out of every wrapping, whatever the size of the blocks.
#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use serde_json::{Value, json};
use support::{gz, options, read_bytes, utf16, zip_of, zip_with, zst};

/// Reads the bytes with small and large blocks; the records must be these.
fn check(bytes: &[u8], expected: &[Value]) {
    for batch_bytes in [1, 7, 64, 1 << 20] {
        let read = read_bytes(bytes, &options(batch_bytes));
        assert_eq!(read.values(), expected, "blocks of {batch_bytes}: {:?}", read.lines());
        assert!(read.problems.is_empty(), "{:?}", read.lines());
    }
}

/// Reads the bytes; the lines of problems must contain these, in order.
fn check_problems(bytes: &[u8], expected: &[Value], problems: &[&str]) {
    for batch_bytes in [1, 7, 64, 1 << 20] {
        let read = read_bytes(bytes, &options(batch_bytes));
        assert_eq!(read.values(), expected, "blocks of {batch_bytes}: {:?}", read.lines());
        let mut lines = read.lines();
        lines.sort();
        assert_eq!(lines.len(), problems.len(), "blocks of {batch_bytes}: {lines:?}");
        for (line, problem) in lines.iter().zip(problems) {
            assert!(line.contains(problem), "{line} should say {problem}");
        }
    }
}

#[test]
fn line_ends_of_all_systems_may_be_mixed() {
    check(
        b"{\"a\":1}\r\n{\"a\":2}\n\n  \r\n{\"a\":3}",
        &[json!({"a":1}), json!({"a":2}), json!({"a":3})],
    );
}

#[test]
fn records_carry_their_line_or_element_number() {
    let lines = read_bytes(b"{\"a\":1}\n\n{\"a\":2}\n", &options(4));
    assert_eq!(lines.positions(), ["line 1", "line 3"]);
    let array = read_bytes(b"[{\"a\":1},\n{\"a\":2}]", &options(4));
    assert_eq!(array.positions(), ["element 1", "element 2"]);
    let pretty = read_bytes(b"{\n\"a\":1\n}\n{\n\"a\":2\n}\n", &options(4));
    assert_eq!(pretty.positions(), ["line 1", "line 4"]);
    let rows = read_bytes(b"a;b\n\"1\n2\";3\n4;5\n", &options(4));
    assert_eq!(rows.positions(), ["line 2", "line 4"]);
}

#[test]
fn byte_order_marks_are_no_part_of_the_text() {
    check(b"\xef\xbb\xbf{\"a\":1}\n\xef\xbb\xbf{\"a\":2}\n", &[json!({"a":1}), json!({"a":2})]);
    check(&utf16("{\"ä\":\"𝄞\"}\r\n{\"b\":2}\r\n", false), &[json!({"ä":"𝄞"}), json!({"b":2})]);
    check(&utf16("[{\"ä\":\"𝄞\"}]", true), &[json!({"ä":"𝄞"})]);
    check(&utf16("a;b\r\nü;2\r\n", false), &[json!({"a":"ü","b":"2"})]);
}

#[test]
fn exports_of_clouds_and_search_engines_give_their_records() {
    check(b"{\"Records\":[{\"a\":1},{\"a\":2}]}", &[json!({"a":1}), json!({"a":2})]);
    check(
        b"{\"Records\":[{\"a\":1}]}\n{\"Records\":[{\"a\":2}]}\n",
        &[json!({"a":1}), json!({"a":2})],
    );
    check(b"{\n \"value\": [\n  {\"a\": 1}\n ]\n}\n", &[json!({"a":1})]);
    check(
        br#"{"took":1,"hits":{"total":{"value":2},"hits":[{"_id":"x","_source":{"a":1}},{"_source":{"a":2}}]}}"#,
        &[json!({"a":1}), json!({"a":2})],
    );
}

#[test]
fn tables_become_objects_of_strings() {
    check(
        b"time, user ,user,\r\n1,\"a \"\"b\"\", c\",x,\r\n2,\"line\r\nend\",,4\r\n",
        &[
            json!({"time":"1","user":"a \"b\", c","user_2":"x","column4":""}),
            json!({"time":"2","user":"line\r\nend","user_2":"","column4":"4"}),
        ],
    );
    check(b"sep=;\r\na;b\r\n1;2\r\n", &[json!({"a":"1","b":"2"})]);
    check(b"a\tb\n1\t2\n", &[json!({"a":"1","b":"2"})]);
}

#[test]
fn rows_of_the_wrong_width_are_reported_and_read() {
    check_problems(
        b"a;b\n1;2\n1;2\n1;2\n1;2\n1;2\n3\n4;5;6\n",
        &[
            json!({"a":"1","b":"2"}),
            json!({"a":"1","b":"2"}),
            json!({"a":"1","b":"2"}),
            json!({"a":"1","b":"2"}),
            json!({"a":"1","b":"2"}),
            json!({"a":"3"}),
            json!({"a":"4","b":"5","column3":"6"}),
        ],
        &["line 7: 1 cells under 2", "line 8: 3 cells under 2"],
    );
}

#[test]
fn a_quote_that_never_closes_does_not_swallow_the_rows_after_it() {
    check_problems(
        b"a;b\n1;2\n3;\"4\n5;6\n7;8\n",
        &[
            json!({"a":"1","b":"2"}),
            json!({"a":"3","b":"4"}),
            json!({"a":"5","b":"6"}),
            json!({"a":"7","b":"8"}),
        ],
        &["line 3: a quote is never closed"],
    );
}

#[test]
fn text_lines_go_through_the_converter() {
    let bytes = b"<1>one\n!two\nthree\nfour\n<5>five";
    let expected = [json!({"line":"<1>one"}), json!({"line":"<5>five"})];
    for batch_bytes in [1, 7, 1 << 20] {
        assert_eq!(read_bytes(bytes, &options(batch_bytes)).values(), expected);
    }
    let read = read_bytes(bytes, &options(64));
    assert_eq!(
        read.lines(),
        [
            "Damaged stream: line 2: no priority",
            "Skipped stream: line 3: 2 lines from here on are no log lines",
        ]
    );
}

#[test]
fn a_line_that_is_no_object_costs_only_itself() {
    check_problems(
        b"{\"a\":1}\noops\n{\"a\":2}\n[1]\n\0\0\0\n{\"a\":3}\n{\"a\":4}\n",
        &[json!({"a":1}), json!({"a":2}), json!({"a":3}), json!({"a":4})],
        &["line 2: no JSON object", "line 4: no JSON object", "line 5: zero bytes"],
    );
}

#[test]
fn zero_bytes_before_a_record_are_told_and_the_record_is_read() {
    check_problems(
        b"\0\0\0\0\0\0{\"a\":1}\n{\"a\":2}\n",
        &[json!({"a":1}), json!({"a":2})],
        &["line 1: begins with zero bytes"],
    );
}

#[test]
fn an_element_that_is_no_object_costs_only_itself() {
    check_problems(
        b"[{\"a\":1},7,\"x\",[{\"n\":1}],{\"a\":2}]",
        &[json!({"a":1}), json!({"a":2})],
        &["element 2: no JSON", "element 3: no JSON", "element 4: no JSON"],
    );
}

#[test]
fn archives_in_archives_are_named_by_their_path() {
    let inner = zip_of(&[("deep/x.json.gz", &gz(b"{\"a\":1}\n")), ("y.json", b"{\"a\":2}\n")]);
    let outer = zip_of(&[("in.zip", &inner), ("z.csv", b"p,q\n1,2\n")]);
    let read = read_bytes(&outer, &options(5));
    assert!(read.problems.is_empty(), "{:?}", read.lines());
    let files: Vec<_> = read.records.iter().map(|(file, ..)| file.as_str()).collect();
    assert_eq!(files, ["stream!in.zip!deep/x.json.gz", "stream!in.zip!y.json", "stream!z.csv"]);
    let too_deep = zip_of(&[("a.zip", &zip_of(&[("b.zip", &zip_of(&[("c.gz", &gz(b"{}"))]))]))]);
    let read = read_bytes(&too_deep, &options(64));
    assert_eq!(read.lines(), ["Limit stream!a.zip!b.zip!c.gz: archives inside archives: too deep"]);
}

#[test]
fn files_packed_in_several_pieces_are_read_to_the_end() {
    let pieces = |pack: fn(&[u8]) -> Vec<u8>| [pack(b"{\"a\":1}\n"), pack(b"{\"a\":2}\n")].concat();
    check(&pieces(gz), &[json!({"a":1}), json!({"a":2})]);
    check(&pieces(zst), &[json!({"a":1}), json!({"a":2})]);
}

#[test]
fn an_encrypted_or_odd_member_is_named_and_the_others_are_read() {
    let mut bytes = zip_with(
        &[("a.json", b"{\"a\":1}\n"), ("b.json", b"{\"a\":2}\n"), ("c.json", b"{\"a\":3}\n")],
        zip::CompressionMethod::Stored,
    );
    // Mark the second member encrypted, in its own header and in the directory.
    let places: Vec<usize> = memchr::memmem::find_iter(&bytes, b"b.json").collect();
    bytes[places[0] - 30 + 6] |= 1;
    bytes[places[1] - 46 + 8] |= 1;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    std::fs::write(&path, &bytes).unwrap();
    for read in [read_bytes(&bytes, &options(64)), support::read_path(&path, &options(64))] {
        assert_eq!(read.values(), [json!({"a":1}), json!({"a":3})], "{:?}", read.lines());
        assert_eq!(read.problems.len(), 1, "{:?}", read.lines());
        assert!(read.lines()[0].contains("!b.json: encrypted"), "{:?}", read.lines());
    }
}

fn object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~äß漢\\n\\t{}\\[\\]\"\\\\,;]{0,12}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z{\"\\\\]{0,5}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    // Keys of wrappers are left out: an object with them may be one.
    prop::collection::btree_map("k[a-z\"{\\[]{0,5}", value, 0..5)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

fn join(objects: &[Value], pretty: bool, between: &str) -> String {
    let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
    objects.iter().map(|o| write(o).unwrap()).collect::<Vec<_>>().join(between)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_wrapping_gives_the_same_records_in_the_same_order(
        objects in prop::collection::vec(object(), 1..8),
        batch_bytes in prop_oneof![1_usize..40, Just(1 << 20)],
    ) {
        let lines = join(&objects, false, "\n");
        let array = format!("[{}]", join(&objects, false, ","));
        let wrappings: Vec<(&str, Vec<u8>)> = vec![
            ("lines", lines.clone().into()),
            ("lines to the end", format!("{lines}\n").into()),
            ("lines with CR", join(&objects, false, "\r\n").into()),
            ("array", array.clone().into()),
            ("pretty array", serde_json::to_vec_pretty(&objects).unwrap()),
            ("pretty", join(&objects, true, "\n").into()),
            ("one after the other", join(&objects, false, "").into()),
            ("Records", format!("{{\"v\":1,\"Records\":{array},\"next\":null}}").into()),
            ("gz", gz(lines.as_bytes())),
            ("zst", zst(array.as_bytes())),
            ("zip", zip_of(&[("x", lines.as_bytes())])),
            ("stored zip", zip_with(&[("x", lines.as_bytes())], zip::CompressionMethod::Stored)),
            ("gz in zip", zip_of(&[("x.gz", &gz(lines.as_bytes()))])),
            ("UTF-16 LE", utf16(&lines, false)),
            ("UTF-16 BE", utf16(&array, true)),
        ];
        for (what, bytes) in wrappings {
            let read = read_bytes(&bytes, &options(batch_bytes));
            prop_assert!(read.problems.is_empty(), "{}: {:?}", what, read.lines());
            prop_assert_eq!(&read.values(), &objects, "{}", what);
        }
    }

    #[test]
    fn a_table_reads_back_as_it_was_written(
        rows in prop::collection::vec(
            prop::collection::vec("[ -~ä\\n\",;]{0,8}", 3..=3), 1..8),
        batch_bytes in prop_oneof![1_usize..40, Just(1 << 20)],
    ) {
        let mut text = String::from("a,b,c\r\n");
        for row in &rows {
            let cells: Vec<_> =
                row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            text += &format!("{}\r\n", cells.join(","));
        }
        let expected: Vec<_> =
            rows.iter().map(|row| json!({"a": row[0], "b": row[1], "c": row[2]})).collect();
        let read = read_bytes(text.as_bytes(), &options(batch_bytes));
        prop_assert!(read.problems.is_empty(), "{:?}", read.lines());
        prop_assert_eq!(read.values(), expected);
    }
}
