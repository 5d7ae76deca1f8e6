//! Seeds and finds of the fuzz targets, replayed without a fuzzer.

use std::path::Path;

fn check(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/fuzz").join(target);
    let mut replayed = 0;
    for entry in std::fs::read_dir(&folder).expect("a folder of seeds") {
        let path = entry.expect("a folder's entry").path();
        eprintln!("{}", path.display());
        run(&std::fs::read(&path).expect("a readable seed"));
        replayed += 1;
    }
    assert!(replayed > 0, "no seeds in {}", folder.display());
}

#[test]
fn json_seeds_hold() {
    check("json", ward_fuzz::json);
}

#[test]
fn text_seeds_hold() {
    check("text", ward_fuzz::text);
}

#[test]
fn catalogue_seeds_hold() {
    check("catalogue", ward_fuzz::catalogue);
}

#[test]
fn rule_seeds_hold() {
    check("rule", ward_fuzz::rule);
}

#[test]
fn engine_seeds_hold() {
    check("engine", ward_fuzz::engine);
}

#[test]
fn correlation_seeds_hold() {
    check("correlation", ward_fuzz::correlation);
}

#[test]
fn ingest_seeds_hold() {
    check("ingest", ward_fuzz::ingest);
}

#[test]
fn evtx_seeds_hold() {
    check("evtx", ward_fuzz::evtx);
}

#[test]
fn syslog_seeds_hold() {
    check("syslog", ward_fuzz::wire::syslog);
}

#[test]
fn hec_seeds_hold() {
    check("hec", ward_fuzz::wire::hec);
}

#[test]
fn otlp_seeds_hold() {
    check("otlp", ward_fuzz::wire::otlp);
}
