//! How runs end: exit codes, and what is said when something is in the way.
#![allow(clippy::unwrap_used)]

mod kit;

use std::{fs, io::Read, process::Stdio};

use kit::{ran, run, run_with, scan, ward};

fn check(words: &[&str], code: i32, says: &str) {
    let ran = run(words);
    assert_eq!(ran.code, code, "{words:?}\n{}\n{}", ran.stdout, ran.stderr);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains(says), "{words:?} should say {says:?}:\n{said}");
}

#[test]
fn findings_end_with_one_and_none_with_nought() {
    check(&scan(&[]), 1, "6 findings of 4 rules");
    check(&["scan", "--rules", "rules/linux_shell.yml", "logs"], 0, "Nothing found in 48 records");
}

#[test]
fn good_files_are_read_although_others_are_broken() {
    let ran = run(&scan(&[]));
    for said in [
        "logs/notes.txt: text, but no known log format",
        "logs/pathology.jsonl: line 4",
        "logs/pacs-truncated.jsonl.gz",
        "rules/broken.yml:9",
        "rules/correlation.yml:1",
        "linux/process_creation (1)",
        "SignatureStatus (1)",
    ] {
        assert!(ran.stdout.contains(said), "{said} in {}", ran.stdout);
    }
}

#[test]
fn what_cannot_be_done_ends_with_two_and_says_a_way_on() {
    check(&["scan", "nowhere"], 2, "check the path");
    check(&["scan", "log"], 2, "cannot read log");
    check(&["scan", "logs/notes.txt"], 2, "nothing could be read");
    check(&["scan", "--rules", "logs", "logs"], 2, "no *.yml or *.yaml in logs");
    check(&["scan", "--rules", "rules/broken.yml", "logs"], 2, "ward rules check");
    check(&["scan", "--rule", "nothing like this", "logs"], 2, "ward rules list");
    check(&["scan", "--tag", "attack.t0", "logs"], 2, "attack.t1490");
    check(&["scan", "--min-level", "severe", "logs"], 2, "critical");
    check(&["scan", "--from", "yesterday", "logs"], 2, "2026-11-24 08:30");
    check(&["scan", "--from", "2026-02-01", "--to", "2026-01-01", "logs"], 2, "before --to");
    check(&["scan", "--time-zone", "Mars/Base", "logs"], 2, "Europe/London");
    check(&["scan", "--threads", "0", "logs"], 2, "at least 1");
    check(&["scan", "--max-record", "huge", "logs"], 2, "64M");
    check(&["scan", "--logsource", "windows", "logs"], 2, "product=");
    check(&["scan", "--exclude", "README.md", "logs"], 2, "README.md:");
    check(&["scan", "--output", "/no/such/folder/x", "logs"], 2, "choose another --output");
    check(&["scan", "--catalogue", "rules", "logs"], 2, "the catalogue cannot be used");
    check(&["scan"], 2, "<PATH>");
}

#[test]
fn a_name_close_to_a_file_is_told() {
    check(&["scan", "logs/pathology"], 2, "did you mean pathology.jsonl?");
}

#[test]
fn standard_input_is_read_like_a_file() {
    let logs = fs::read_to_string(kit::samples().join("logs/pathology.jsonl")).unwrap();
    let ran = run_with(&["scan", "--rules", "rules", "-"], &logs);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("standard input: line 4"), "{}", ran.stdout);
}

#[test]
fn only_the_span_asked_for_is_looked_at() {
    let findings = |more: &[&str]| {
        let ran = run(&scan(more));
        ran.stdout.lines().next().unwrap().to_owned()
    };
    let from = findings(&["--from", "2026-11-23T23:00:00Z", "--to", "2026-11-24T02:00:00+01:00"]);
    assert!(from.starts_with("1 finding of 1 rule"), "{from}");
    // 01:05 UTC is 01:05 in London, and 06:35 in Kolkata.
    let local = ["--from", "2026-11-24 06:30", "--to", "2026-11-24 06:40"];
    let london = findings(&[&local[..], &["--time-zone", "Europe/London"]].concat());
    assert!(london.starts_with("Nothing found"), "{london}");
    let kolkata = findings(&[&local[..], &["--time-zone", "Asia/Kolkata"]].concat());
    assert!(kolkata.starts_with("1 finding of 1 rule"), "{kolkata}");
    let day = findings(&["--from", "2026-11-23", "--to", "2026-11-23"]);
    assert!(day.starts_with("4 findings of 3 rules"), "{day}");
}

#[test]
fn levels_rules_and_tags_narrow_the_rules() {
    check(&scan(&["--min-level", "high"]), 1, "4 findings of 2 rules");
    check(&scan(&["--rule", "shadow copies deleted"]), 1, "3 findings of 1 rule");
    check(&scan(&["--tag", "attack.t1059"]), 1, "1 finding of 1 rule");
}

#[test]
fn exclusions_are_counted_line_by_line() {
    let ran = run(&scan(&["--exclude", "exclusions.txt"]));
    assert!(ran.stdout.contains("exclusions.txt:2: 1 of Shadow copies deleted"), "{}", ran.stdout);
    assert!(ran.stdout.contains("exclusions.txt:3: 0 of"), "{}", ran.stdout);
    assert!(ran.stdout.contains("no rule in use has this name"), "{}", ran.stdout);
}

#[test]
fn skipped_files_are_counted() {
    check(
        &scan(&["--skip", "*.gz", "--skip", "notes.txt"]),
        1,
        "2 files and folders left out by --skip",
    );
}

#[test]
fn colour_is_used_when_asked_for_and_never_in_a_pipe() {
    let has_colour = |ran: kit::Ran| ran.stdout.contains('\u{1b}');
    assert!(!has_colour(run(&scan(&[]))));
    assert!(has_colour(run(&scan(&["--color", "always"]))));
    assert!(!has_colour(run(&scan(&["--color", "never"]))));
    let mut command = ward(&scan(&["--color", "auto"]));
    command.env("NO_COLOR", "1");
    assert!(!has_colour(ran(command)));
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let line = fs::read_to_string(kit::samples().join("logs/pathology.jsonl")).unwrap();
    let input: String = line.repeat(3000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.jsonl");
    fs::write(&file, input).unwrap();
    let words = ["scan", "--rules", "rules", "--format", "ndjson", file.to_str().unwrap()];
    let mut child = ward(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 100];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_ends_with_two() {
    for format in ["table", "json", "ndjson", "csv", "html", "ocsf"] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = ward(&scan(&["--format", format]));
        command.stdout(full);
        let ran = ran(command);
        assert_eq!(ran.code, 2, "{format}: {}", ran.stderr);
        assert!(ran.stderr.contains("No space left"), "{format}: {}", ran.stderr);
        let ran = run(&scan(&["--format", format, "--output", "/dev/full"]));
        assert_eq!(ran.code, 2, "{format}: {}", ran.stderr);
        assert!(ran.stderr.contains("/dev/full"), "{format}: {}", ran.stderr);
    }
}

#[test]
fn a_file_of_results_is_there_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.ndjson");
    let ran = run(&scan(&["--format", "ndjson", "--output", file.to_str().unwrap()]));
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.is_empty());
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 6);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_order_is_the_same_however_many_threads_there_are() {
    let line = fs::read_to_string(kit::samples().join("logs/pathology.jsonl")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for n in 0..40 {
        fs::write(folder.path().join(format!("{n:02}.jsonl")), line.repeat(50)).unwrap();
    }
    let found = |threads: &str, format: &str| {
        let folder = folder.path().to_str().unwrap();
        let words = ["scan", "--rules", "rules", "--threads", threads, "--format", format, folder];
        kit::settled(&run(&words).stdout)
    };
    for format in ["ndjson", "json", "html", "table"] {
        let one = found("1", format);
        assert_eq!(one, found("2", format), "{format}");
        assert_eq!(one, found("8", format), "{format}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_shows_what_was_found_so_far() {
    let logs = fs::read_to_string(kit::samples().join("logs/pathology.jsonl")).unwrap();
    let mut command = ward(&["scan", "--rules", "rules", "--format", "json", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The writer keeps standard input open, so that the program waits for more when it is told
    // to stop; its answer is read meanwhile, so that it never waits for that.
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let _ = std::io::Write::write_all(&mut stdin, logs.repeat(3000).as_bytes());
        stdin
    });
    let pid = child.id().to_string();
    let killer = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_secs(3));
        std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap()
    });
    let output = child.wait_with_output().unwrap();
    assert!(killer.join().unwrap().success());
    drop(writer.join().unwrap());
    assert_eq!(output.status.code(), Some(130));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["complete"], false);
    assert!(document["summary"]["findings"].as_u64().unwrap() > 0);
}
