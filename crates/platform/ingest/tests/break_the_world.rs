//! Hostile and broken input: bombs, cuts, bits turned over. Never a panic, never much memory,
//! and everything before the damage is delivered.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{self, Read};

use ingest::{Limits, Options, ProblemKind};
use support::{gz, options, read_bytes, read_path, read_stream, zip_of, zst};

/// 60 lines of JSON, each 24 bytes with its line end.
fn lines() -> String {
    (100..160).map(|n| format!("{{\"n\":{n},\"s\":\"}}\\\"{{ ,\"}}\n")).collect()
}

/// Cuts the bytes at many places: nothing new may come out, and at least `whole` of it.
fn check_cuts(bytes: &[u8], step: usize, whole: &dyn Fn(usize) -> usize) {
    let all = read_bytes(bytes, &options(100));
    assert!(all.problems.is_empty(), "{:?}", all.lines());
    for cut in (0..bytes.len()).step_by(step) {
        for batch_bytes in [13, 1 << 20] {
            let read = read_bytes(&bytes[..cut], &options(batch_bytes));
            let (found, expected) = (read.texts(), all.texts());
            assert!(found.len() <= expected.len(), "cut at {cut}");
            assert_eq!(found[..], expected[..found.len()], "cut at {cut}: {:?}", read.lines());
            let least = whole(cut);
            assert!(found.len() >= least, "cut at {cut}: {} of {least}", found.len());
            let is_told =
                !read.problems.is_empty() || [least, expected.len()].contains(&found.len());
            assert!(is_told, "cut at {cut} without a word");
        }
    }
}

#[test]
fn a_cut_file_of_lines_gives_every_line_before_the_cut() {
    let text = lines();
    let ends: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
    check_cuts(text.as_bytes(), 1, &|cut| ends.iter().filter(|&&end| end <= cut).count());
}

#[test]
fn a_cut_array_gives_every_element_before_the_cut() {
    let text = format!("[{}]", lines().trim_end().replace('\n', ",\n"));
    let ends: Vec<usize> = text
        .as_bytes()
        .windows(3)
        .enumerate()
        .filter(|(_, w)| w.starts_with(b"\"}") && b",]".contains(&w[2]))
        .map(|(at, _)| at + 2)
        .collect();
    check_cuts(text.as_bytes(), 1, &|cut| ends.iter().filter(|&&end| end <= cut).count());
}

#[test]
fn a_cut_packed_file_gives_what_could_be_unpacked_before_the_cut() {
    let text: String = (0..3000).map(|n| format!("{{\"n\":{}}}\n", n * 7919 % 10007)).collect();
    let packed = gz(text.as_bytes());
    check_cuts(&packed, 97, &|cut| if cut > packed.len() / 2 { 1000 } else { 0 });
    let packed = zip_of(&[("a", b"{\"a\":1}\n"), ("b", text.as_bytes())]);
    check_cuts(&packed, 97, &|cut| if cut > packed.len() * 2 / 3 { 1000 } else { 0 });
    check_cuts(&zst(text.as_bytes()), 97, &|_| 0);
}

#[test]
fn a_cut_zip_on_disk_is_read_without_its_directory() {
    let text = lines();
    let packed = zip_of(&[("a", text.as_bytes()), ("b", text.as_bytes())]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    std::fs::write(&path, &packed[..packed.len() - 30]).unwrap();
    let read = read_path(&path, &options(1 << 20));
    assert_eq!(read.records.len(), 120, "{:?}", read.lines());
    assert!(read.lines()[0].contains("the zip directory cannot be read"), "{:?}", read.lines());
    for cut in (4..packed.len()).step_by(7) {
        std::fs::write(&path, &packed[..cut]).unwrap();
        let read = read_path(&path, &options(1 << 20));
        assert!(!read.problems.is_empty(), "cut at {cut} without a word");
    }
}

#[test]
fn of_members_with_one_name_each_is_read_and_that_is_said() {
    let mut packed = zip_of(&[("log-1", b"{\"a\":1}\n"), ("log-2", b"{\"a\":2}\n")]);
    // No honest packer writes this.
    while let Some(at) = memchr::memmem::find(&packed, b"log-2") {
        packed[at..at + 5].copy_from_slice(b"log-1");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    std::fs::write(&path, &packed).unwrap();
    let read = read_path(&path, &options(1 << 20));
    assert_eq!(read.records.len(), 2, "{:?}", read.lines());
    assert!(read.lines()[0].contains("several members have one name"), "{:?}", read.lines());
}

/// Gives `lines` lines of `length` bytes without holding them.
struct Lines {
    lines: u64,
    length: u64,
    at: u64,
}

impl Read for Lines {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let total = self.lines * self.length;
        let n = (total - self.at).min(buf.len() as u64) as usize;
        buf[..n].fill(b'x');
        for (index, byte) in buf[..n].iter_mut().enumerate() {
            match (self.at + index as u64) % self.length {
                0 => *byte = b'{',
                at if at == self.length - 1 => *byte = b'\n',
                at if at == self.length - 2 => *byte = b'}',
                _ => {}
            }
        }
        self.at += n as u64;
        Ok(n)
    }
}

#[test]
fn a_line_of_a_gigabyte_is_skipped_and_the_next_lines_are_read() {
    // Debug builds take a tenth of it: the limit is passed either way.
    let length = if cfg!(debug_assertions) { 100 << 20 } else { 1 << 30 };
    for before in ["{\"a\":1}\n", "[{\"a\":1},\n"] {
        let after = "{\"a\":2}\n{\"a\":3}";
        let long = Lines { lines: 1, length, at: 0 };
        let separator = if before.starts_with('[') { "," } else { "" };
        let mut source =
            before.as_bytes().chain(long).chain(separator.as_bytes()).chain(after.as_bytes());
        let read = read_stream(&mut source, &Options::default());
        let first_two = &read.texts()[..2];
        assert_eq!(first_two, ["{\"a\":1}", "{\"a\":2}"], "{:?}", read.lines());
        let limit = &read.problems[0];
        assert_eq!(limit.kind, ProblemKind::Limit);
        assert!(limit.reason.contains(&(length - 1).to_string()), "{}", limit.reason);
        assert_eq!(limit.records_lost_at_least, 1);
        assert_eq!(limit.place.position.to_string().split(' ').next_back(), Some("2"));
    }
}

#[test]
fn a_row_that_is_too_long_costs_only_itself() {
    let mut options = options(16);
    options.limits.record_bytes = 64;
    let table = format!("a;b\n1;2\n{};3\n4;5\n6;7\n8;9\n1;1\n", "x".repeat(500));
    let read = read_stream(&mut table.as_bytes(), &options);
    let texts = read.texts();
    assert_eq!(texts[..2], ["{\"a\":\"1\",\"b\":\"2\"}", "{\"a\":\"4\",\"b\":\"5\"}"]);
    assert_eq!(texts.len(), 5);
    assert!(read.lines()[0].starts_with("Limit stream: line 3: "), "{:?}", read.lines());
}

#[test]
fn a_zip_bomb_stops_by_its_ratio() {
    // Long lines, because this suite keeps every record it is given.
    let lines = format!("{{\"a\":\"{}\"}}\n", "x".repeat(16_000)).repeat(64);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    for (pack, ratio) in [(gz as fn(&[u8]) -> Vec<u8>, 100), (zst, 500)] {
        let bomb = pack(lines.as_bytes()).repeat(300);
        let one = b"{\"a\":1}\n";
        let zip = zip_of(&[("a.json", one), ("bomb", &bomb), ("c.json", one)]);
        std::fs::write(&path, &zip).unwrap();
        let mut options = options(1 << 20);
        options.limits.unpack_ratio = ratio;
        for read in [read_bytes(&bomb, &options), read_path(&path, &options)] {
            let lines = read.lines();
            let (last, before) = lines.split_last().unwrap();
            assert!(last.starts_with("Limit ") && last.contains("a zip bomb"), "{lines:?}");
            // Where the stop cuts a line in two, that is told as well; nothing else is.
            let is_cut = |line: &String| line.ends_with("the last line is cut off");
            assert!(before.len() <= 1 && before.iter().all(is_cut), "{lines:?}");
            let unpacked: u64 = read.summary.by_format.values().map(|count| count.bytes).sum();
            assert!(unpacked < 80 << 20, "{unpacked}");
        }
    }
}

#[test]
fn zeros_in_an_archive_are_never_unpacked() {
    let zeros = zip_of(&[("a", &vec![0; 100 << 20])]);
    let read = read_stream(&mut &zeros[..], &Options::default());
    assert!(read.records.is_empty() && read.batches == 0, "{:?}", read.lines());
}

#[test]
fn what_hides_in_a_skipped_member_costs_no_more_than_its_packed_bytes() {
    // As a stream writer packs it: the sizes stand after the member.
    let mut out = zip::ZipWriter::new_stream(Vec::new());
    let how = zip::write::SimpleFileOptions::default();
    for (name, bytes) in [("a", vec![0; 80 << 20]), ("b", b"{\"a\":1}\n".to_vec())] {
        out.start_file(name, how).unwrap();
        io::Write::write_all(&mut out, &bytes).unwrap();
    }
    let zip = out.finish().unwrap().into_inner();
    let read = read_bytes(&zip, &options(64));
    assert_eq!(read.kinds(), [ProblemKind::Skipped, ProblemKind::Limit], "{:?}", read.lines());
    let zip = zip_of(&[("a", &vec![0; 80 << 20]), ("b", b"{\"a\":1}\n")]);
    let read = read_bytes(&zip, &options(64));
    assert_eq!(read.texts(), ["{\"a\":1}"]);
    assert_eq!(read.kinds(), [ProblemKind::Skipped], "{:?}", read.lines());
}

#[test]
fn a_member_with_a_wrong_checksum_is_told() {
    let mut zip = support::zip_with(
        &[("a", b"{\"a\":1}\n"), ("b", b"{\"a\":2}\n")],
        zip::CompressionMethod::Stored,
    );
    let at = memchr::memmem::find(&zip, b"{\"a\":1}").unwrap();
    zip[at + 5] = b'7';
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    std::fs::write(&path, &zip).unwrap();
    for read in [read_bytes(&zip, &options(64)), read_path(&path, &options(64))] {
        assert_eq!(read.texts(), ["{\"a\":7}", "{\"a\":2}"], "{:?}", read.lines());
        assert_eq!(read.problems.len(), 1, "{:?}", read.lines());
        assert!(read.lines()[0].contains("hecksum"), "{:?}", read.lines());
    }
}

#[test]
fn limits_on_members_and_unpacked_bytes_hold() {
    let names: Vec<String> = (0..20).map(|n| format!("{n:02}.json")).collect();
    let members: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), &b"{\"a\":1}\n"[..])).collect();
    let zip = zip_of(&members);
    let limits = Limits { members: 5, ..Limits::default() };
    let read = read_stream(&mut &zip[..], &Options { limits, ..Options::default() });
    assert_eq!(read.records.len(), 5);
    assert!(read.lines()[0].contains("more than 5 files"), "{:?}", read.lines());
    let limits = Limits { unpacked_bytes: 60, ..Limits::default() };
    let read = read_stream(&mut &zip[..], &Options { limits, ..Options::default() });
    assert!((5..8).contains(&read.records.len()));
    assert!(read.lines()[0].contains("more than 60 bytes"), "{:?}", read.lines());
}

#[test]
fn a_bit_turned_over_anywhere_is_no_panic() {
    let text = lines();
    let samples: Vec<Vec<u8>> = vec![
        text.clone().into_bytes(),
        format!("{{\"Records\":[{}]}}", text.trim_end().replace('\n', ",")).into_bytes(),
        format!("a;b;c\n{}", "1;\"2\n\"\"\";3\n".repeat(20)).into_bytes(),
        gz(text.as_bytes()),
        zst(text.as_bytes()),
        zip_of(&[("a.json", text.as_bytes()), ("b.gz", &gz(text.as_bytes()))]),
        support::utf16(&text, false),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for sample in samples {
        for at in (0..sample.len()).filter(|at| *at < 64 || at % 3 == 0) {
            let mut bytes = sample.clone();
            bytes[at] ^= 1 << (at % 8);
            let _ = read_bytes(&bytes, &options(50));
            if bytes.starts_with(b"PK") {
                std::fs::write(&path, &bytes).unwrap();
                let _ = read_path(&path, &options(50));
            }
        }
    }
}

/// Gives bytes, then an error.
struct Broken<'b>(&'b [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("the disk is on fire"));
        }
        self.0.read(buf)
    }
}

#[test]
fn a_disk_that_fails_in_the_middle_costs_only_what_comes_after() {
    for format in
        ["{\"n\":1}\n{\"n\":2}\n{\"n\":", "[{\"n\":1},{\"n\":2},{\"n\":", "n;m\n1;1\n2;2\n3;"]
    {
        let read = read_stream(&mut Broken(format.as_bytes()), &options(8));
        assert_eq!(read.records.len(), 2, "{:?}", read.lines());
        assert!(read.lines().last().unwrap().contains("on fire"), "{:?}", read.lines());
        assert_eq!(read.lost(), 1);
    }
}
