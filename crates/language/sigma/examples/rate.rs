//! Events a second on one core: JSON lines in, rule numbers out.
#![allow(clippy::print_stdout, clippy::unwrap_used)]
use std::sync::Arc;
fn walk(dir: &std::path::Path, ext: &str, files: &mut Vec<std::path::PathBuf>) {
    for e in std::fs::read_dir(dir).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() {
            walk(&p, ext, files)
        } else if p.extension().is_some_and(|e| e == ext) {
            files.push(p)
        }
    }
}
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut cat = Vec::new();
    walk(std::path::Path::new(&args[0]), "yaml", &mut cat);
    let cat: Vec<_> = cat
        .iter()
        .map(|f| (f.display().to_string(), std::fs::read_to_string(f).unwrap()))
        .collect();
    let catalogue = Arc::new(
        event::Catalogue::parse(
            cat.iter().map(|(n, t)| (n.as_str(), t.as_str())),
            Default::default(),
        )
        .unwrap(),
    );
    let mut files = Vec::new();
    for a in &args[2..] {
        walk(std::path::Path::new(a), "yml", &mut files);
    }
    let texts: Vec<_> = files
        .iter()
        .map(|f| (f.display().to_string(), std::fs::read_to_string(f).unwrap()))
        .collect();
    let set = Arc::new(sigma::RuleSet::new(
        texts.iter().map(|(n, t)| sigma::parse::file(&n.as_str().into(), t, &Default::default())),
    ));
    let engine = Arc::new(sigma::Engine::new(set.clone()));
    let mut reader = event::Reader::new(catalogue.clone());
    let mut matcher = sigma::Matcher::new(engine.clone());
    let data = std::fs::read(&args[1]).unwrap();
    let rounds: u32 = std::env::var("ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(3);
    for round in 0..rounds {
        let t = std::time::Instant::now();
        let mut fields = Vec::new();
        let (mut events, mut hits) = (0u64, 0u64);
        let mut by_rule = std::collections::BTreeMap::<String, u64>::new();
        for line in memchr_lines(&data) {
            if line.is_empty() {
                continue;
            }
            let kind = reader.json(line, &mut fields).unwrap();
            events += 1;
            let held = matcher.matches(reader.event(kind, &fields));
            hits += held.len() as u64;
            if round == rounds - 1 && args[0].len() > 0 && std::env::var("BY_RULE").is_ok() {
                for h in held {
                    *by_rule.entry(set.rule(*h).meta.id.clone()).or_default() += 1;
                }
            }
        }
        let s = t.elapsed().as_secs_f64();
        println!(
            "{events} events, {hits} matches, {:.0} events/s, {:.0} MB/s",
            events as f64 / s,
            data.len() as f64 / s / 1e6
        );
        for (r, n) in by_rule {
            println!("RULE {r} {n}");
        }
    }
    for kind in catalogue.kinds() {
        let p = engine.program(&kind);
        if std::env::var("KINDS").is_ok() {
            println!("{}: {} rules, {} always", kind.label(), p.rules(), p.untriggered());
        }
    }
}
fn memchr_lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut from = 0;
    memchr::memchr_iter(b'\n', data).map(move |at| { let line = &data[from..at]; from = at + 1; line })
}
