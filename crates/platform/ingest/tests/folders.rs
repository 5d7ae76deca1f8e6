//! Which files are read: folders, links, things that are no files, things left out.
#![allow(clippy::unwrap_used)]

mod support;

use std::{fs, path::Path, sync::atomic::Ordering};

use ingest::{Input, Pattern, ProblemKind};
use support::{options, read_inputs, read_path};

/// A folder with these files; `/` at the end makes a folder.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if name.ends_with('/') {
            fs::create_dir_all(&path).unwrap();
        } else {
            fs::write(&path, text).unwrap();
        }
    }
    folder
}

fn names(read: &support::Read, root: &Path) -> Vec<String> {
    let root = format!("{}/", root.display());
    read.records.iter().map(|(file, ..)| file.replace(&root, "")).collect()
}

fn relative(read: &support::Read, root: &Path) -> Vec<String> {
    read.lines().iter().map(|line| line.replace(&format!("{}", root.display()), "@")).collect()
}

const ONE: &str = "{\"a\":1}\n";

#[test]
fn folders_are_read_with_all_below_them_in_order_of_names() {
    let folder =
        folder(&[("b.json", ONE), ("a/z.json", ONE), ("a/c/y.json", ONE), ("c.json", ONE)]);
    let read = read_path(folder.path(), &options(64));
    assert_eq!(names(&read, folder.path()), ["a/c/y.json", "a/z.json", "b.json", "c.json"]);
    assert_eq!(read.summary.files_read, 4);
    assert_eq!(read.progress.files_done.load(Ordering::Relaxed), 4);
    assert_eq!(read.progress.bytes_done.load(Ordering::Relaxed), 32);
    assert_eq!(read.progress.bytes_total.load(Ordering::Relaxed), 32);
}

#[test]
fn what_cannot_be_read_is_a_line_and_the_rest_goes_on() {
    let folder =
        folder(&[("a.json", ONE), ("empty.json", ""), ("p.bin", "\0\x01\x02\0"), ("z.json", ONE)]);
    let read = read_inputs(
        &[Input::Path(folder.path().join("gone")), Input::Path(folder.path().to_owned())],
        &options(64),
    );
    assert_eq!(names(&read, folder.path()), ["a.json", "z.json"]);
    let lines = relative(&read, folder.path());
    assert!(lines[0].starts_with("Unreadable @/gone: cannot be read: "), "{lines:?}");
    assert_eq!(
        lines[1..],
        ["Skipped @/empty.json: empty", "Skipped @/p.bin: binary data, not a log"]
    );
    assert_eq!(read.summary.files_skipped["empty"], 1);
}

#[test]
fn an_empty_folder_is_a_line() {
    let folder = folder(&[("deep/deeper/", "")]);
    let read = read_path(folder.path(), &options(64));
    assert_eq!(relative(&read, folder.path()), ["Skipped @: no files in the folder"]);
}

#[test]
fn excluded_files_folders_and_members_are_left_out_without_a_word() {
    let folder = folder(&[("a.json", ONE), ("a.bak", ONE), ("old/b.json", ONE)]);
    let zip = support::zip_of(&[("in/x.bak", ONE.as_bytes()), ("in/y.json", ONE.as_bytes())]);
    fs::write(folder.path().join("z.zip"), zip).unwrap();
    let mut options = options(64);
    options.exclude = vec![Pattern::new("*.bak"), Pattern::new("old/")];
    let read = read_path(folder.path(), &options);
    assert_eq!(names(&read, folder.path()), ["a.json", "z.zip!in/y.json"]);
    assert!(read.problems.is_empty(), "{:?}", read.lines());
    assert_eq!(read.summary.excluded, 3);
}

#[test]
fn the_same_file_named_twice_is_read_once() {
    let folder = folder(&[("a.json", ONE)]);
    let input = Input::Path(folder.path().join("a.json"));
    let read = read_inputs(&[input.clone(), input], &options(64));
    assert_eq!(read.records.len(), 1);
    assert_eq!(
        relative(&read, folder.path()),
        ["Skipped @/a.json: the same file as @/a.json: read once"]
    );
}

#[test]
fn a_receiver_that_goes_away_stops_the_reading() {
    let folder = folder(&[("a.json", ONE), ("b.json", ONE)]);
    let (sender, receiver) = crossbeam_channel::bounded(1);
    drop(receiver);
    let progress = ingest::Progress::default();
    let inputs = [Input::Path(folder.path().to_owned())];
    let summary = ingest::read(&inputs, &options(64), &progress, &sender, &mut |_| {});
    assert!(summary.stopped);
    assert_eq!(progress.files_done.load(Ordering::Relaxed), 0);
}

/// Not a test of its own: what the next one runs as a process with a standard input.
#[test]
fn reads_standard_input() {
    if std::env::var_os(READS_STDIN).is_none() {
        return;
    }
    let read = read_inputs(&[Input::Stdin], &options(64));
    eprintln!("records {} problems {:?}", read.records.len(), read.lines());
}

/// Set for the process that [`standard_input_is_read_to_its_end`] starts.
const READS_STDIN: &str = "WARD_TEST_READS_STDIN";

#[test]
fn standard_input_is_read_to_its_end() {
    use std::{io::Write, process};
    for (input, expected) in [
        (support::zip_of(&[("a.json", ONE.repeat(50).as_bytes())]), "records 50 problems []"),
        (b"{\"a\":1}\n{\"a\":".to_vec(), "records 1 problems [\"Damaged standard input: line 2"),
        (Vec::new(), "records 0 problems [\"Skipped standard input: empty\"]"),
    ] {
        let mut child = process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "reads_standard_input", "--nocapture"])
            .env(READS_STDIN, "1")
            .stdin(process::Stdio::piped())
            .stdout(process::Stdio::null())
            .stderr(process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&input).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(expected), "{text}");
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::{ffi::OsStrExt, fs::symlink};

    use super::*;

    #[test]
    fn a_folder_that_links_back_to_itself_is_a_line() {
        let folder = folder(&[("a/b.json", ONE)]);
        symlink(folder.path(), folder.path().join("a/loop")).unwrap();
        let read = read_path(folder.path(), &options(64));
        assert_eq!(names(&read, folder.path()), ["a/b.json"]);
        assert_eq!(relative(&read, folder.path()), ["Skipped @/a/loop: a link back to @: a loop"]);
    }

    #[test]
    fn a_file_reached_through_links_is_read_once() {
        let folder = folder(&[("a.json", ONE), ("d/e.json", "{\"a\":2}\n")]);
        symlink(folder.path().join("a.json"), folder.path().join("b.json")).unwrap();
        symlink(folder.path().join("d"), folder.path().join("f")).unwrap();
        let read = read_path(folder.path(), &options(64));
        assert_eq!(names(&read, folder.path()), ["a.json", "d/e.json"]);
        assert_eq!(read.kinds(), [ProblemKind::Skipped; 2]);
    }

    #[test]
    fn a_link_to_nothing_is_a_line() {
        let folder = folder(&[("a.json", ONE)]);
        symlink("nowhere", folder.path().join("b.json")).unwrap();
        let read = read_path(folder.path(), &options(64));
        assert_eq!(read.records.len(), 1);
        assert_eq!(read.kinds(), [ProblemKind::Unreadable]);
    }

    #[test]
    fn sockets_are_passed_over_and_pipes_named_by_the_user_are_read() {
        let folder = folder(&[("a.json", ONE)]);
        let socket = folder.path().join("s");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let read = read_path(folder.path(), &options(64));
        assert_eq!(
            relative(&read, folder.path()),
            ["Skipped @/s: a pipe, socket or device, not a file"]
        );
        let pipe = folder.path().join("p");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::write(pipe, "{\"a\":1}\n{\"a\":2}\n").unwrap()
        });
        let read = read_path(&pipe, &options(64));
        writer.join().unwrap();
        assert_eq!(read.records.len(), 2, "{:?}", read.lines());
    }

    #[test]
    fn names_that_are_not_utf8_or_would_steer_a_terminal_are_shown_safely() {
        let folder = tempfile::tempdir().unwrap();
        let name = std::ffi::OsStr::from_bytes(b"a\xff\x1b[31m.json");
        fs::write(folder.path().join(name), ONE).unwrap();
        let read = read_path(folder.path(), &options(64));
        assert_eq!(names(&read, folder.path()), ["a\u{fffd}\u{fffd}[31m.json"]);
    }

    #[test]
    fn a_file_that_vanishes_after_it_was_listed_is_a_line() {
        let folder = folder(&[("a.json", &ONE.repeat(4000)), ("b.json", ONE), ("c.json", ONE)]);
        let gone = folder.path().join("b.json");
        // The first batch of the first file waits in the channel while the second file goes.
        let (sender, receiver) = crossbeam_channel::bounded(0);
        let worker = std::thread::spawn(move || {
            let mut files = Vec::new();
            for (index, batch) in receiver.into_iter().enumerate() {
                let batch: ingest::Batch = batch;
                if index == 0 {
                    fs::remove_file(&gone).unwrap();
                }
                files.push(batch.unpack().file);
            }
            files.last().map(ToString::to_string)
        });
        let (progress, mut problems) = (ingest::Progress::default(), Vec::new());
        let inputs = [Input::Path(folder.path().to_owned())];
        ingest::read(&inputs, &options(64), &progress, &sender, &mut |p| problems.push(p));
        drop(sender);
        assert!(worker.join().unwrap().unwrap().ends_with("c.json"));
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].kind, ProblemKind::Unreadable);
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_is_read_to_its_end() {
        let folder = folder(&[("a.json", &ONE.repeat(100))]);
        let path = folder.path().join("a.json");
        let (sender, receiver) = crossbeam_channel::bounded(0);
        let worker = std::thread::spawn(move || {
            let mut records = 0;
            for (index, batch) in receiver.into_iter().enumerate() {
                let batch: ingest::Batch = batch;
                if index == 0 {
                    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
                    std::io::Write::write_all(&mut file, ONE.repeat(50_000).as_bytes()).unwrap();
                }
                records += batch.unpack().records.len();
            }
            records
        });
        let progress = ingest::Progress::default();
        let inputs = [Input::Path(folder.path().to_owned())];
        ingest::read(&inputs, &options(64), &progress, &sender, &mut |p| panic!("{p:?}"));
        drop(sender);
        // Either all of it, or what was there when the head was read.
        assert!([100, 50_100].contains(&worker.join().unwrap()));
        assert_eq!(progress.bytes_done.load(Ordering::Relaxed), 800);
    }
}
