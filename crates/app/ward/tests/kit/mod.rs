//! Runs the program as a user would, in `fixtures/scan`, and makes its answers comparable.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses a part of this"
)]

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

/// What a run came to.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The folder of samples.
pub fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/scan")
}

/// The program with these words, in the folder of samples, with a plain environment.
pub fn ward(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ward"));
    command.args(words).current_dir(samples());
    for name in ["COLUMNS", "NO_COLOR", "LC_ALL", "LC_CTYPE", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.env("LANG", "en_GB.UTF-8").env("TZ", "Asia/Tokyo").stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub fn ran(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs `ward` with these words.
pub fn run(words: &[&str]) -> Ran {
    ran(ward(words))
}

/// Runs `ward` with text on standard input.
pub fn run_with(words: &[&str], input: &str) -> Ran {
    let mut command = ward(words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // The program may end without reading it all.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The text without what changes from run to run: times taken, version and commit.
pub fn settled(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, instead) in [
        (r"(?s)in \d+\.\d s: .{1,30}? a\s+second\.", "in N s: N records a second."),
        (r#""seconds":[0-9.]+"#, r#""seconds":0"#),
        (r#""commit":"[^"]*""#, r#""commit":"…""#),
        (r"Ward \d+\.\d+\.\d+ \([^)]*\)", "Ward N (commit)"),
        (r#""version":"\d+\.\d+\.\d+","commit""#, r#""version":"N","commit""#),
        (r#""vendor_name":"Ward","version":"[^"]*""#, r#""vendor_name":"Ward","version":"N""#),
    ] {
        text = regex::Regex::new(pattern).unwrap().replace_all(&text, instead).into_owned();
    }
    text
}

/// Words for a scan of the sample logs with the sample rules.
pub fn scan<'w>(more: &[&'w str]) -> Vec<&'w str> {
    let mut words = vec!["scan", "--rules", "rules", "logs"];
    words.extend(more);
    words
}
