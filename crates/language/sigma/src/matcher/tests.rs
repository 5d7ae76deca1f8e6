//! What a matcher keeps stays bounded, whatever is sent.

use event::{Catalogue, LogSource, Reader};

use super::*;
use crate::RuleSet;

const RULE: &str = "title: Keyword\ndetection: {words: [evil], condition: words}\n\
    logsource: {product: windows}\n";

const SHAPE: &str = "shape: any\ntitle: Any\nversion: 1\neffective: 2026-01-01\n\
    priority: 0\nrequires: [[]]\nproduct: windows\n";

impl Matcher {
    /// Entries kept for paths, over all kinds.
    fn paths_kept(&self) -> usize {
        let kept = |kind: &Known| kind.slots.len() + kind.luck.len() + kind.several.len();
        self.kinds.iter().flatten().map(|kind| kept(&kind.known)).sum()
    }
}

fn matcher() -> (Reader, Matcher) {
    let files = [("any.yaml", SHAPE)];
    let catalogue = Catalogue::parse(files, LogSource::default()).expect("one shape");
    let rule = crate::parse::file(&"rule.yml".into(), RULE, &Default::default());
    let engine = Arc::new(Engine::new(Arc::new(RuleSet::new([rule]))));
    (Reader::new(Arc::new(catalogue)), Matcher::new(engine))
}

#[test]
fn invented_field_names_do_not_grow_what_a_matcher_keeps() {
    let (mut reader, mut matcher) = matcher();
    let (mut most, mut generations) = (0, 0);
    for n in 0..80_000 {
        let record = format!(r#"{{"invented-{n}":"evil"}}"#);
        let mut fields = Vec::new();
        let kind = reader.json(record.as_bytes(), &mut fields).expect("a record");
        assert_eq!(matcher.matches(reader.event(kind, &fields)), [RuleId(0)], "{record}");
        most = most.max(matcher.paths_kept());
        generations = generations.max(reader.names().generation());
    }
    // Two entries a name, and names start afresh above 65,536 of them.
    assert!(most > 100_000, "the test must fill it: {most}");
    assert!(most <= 2 * (65_536 + 2), "{most}");
    assert!(generations > 1, "names must have started afresh");
    assert!(matcher.paths_kept() < most / 2);
}
