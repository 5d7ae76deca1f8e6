//! Which findings are wanted: by level, rule, tag and time.

use sigma::{Meta, Rule};
use terms::{Level, Timestamp};

/// What the user asked to see. The default is everything.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// No rule below this.
    pub min_level: Option<Level>,
    /// Only rules with one of these ids, titles (letter case aside) or file names; empty for all.
    pub rules: Vec<String>,
    /// Only rules with one of these tags, whole or up to a dot; empty for all.
    pub tags: Vec<String>,
    /// No rules with one of these ids, titles or file names.
    pub without: Vec<String>,
    /// Nothing before this.
    pub from: Option<Timestamp>,
    /// Nothing at or after this.
    pub to: Option<Timestamp>,
}

impl Wanted {
    /// Whether the rule is to be used at all.
    pub fn rule(&self, rule: &Rule) -> bool {
        self.meta(&rule.meta)
    }

    /// The same, told from the facts about a rule or correlation.
    pub fn meta(&self, meta: &Meta) -> bool {
        self.min_level.is_none_or(|least| meta.level >= least)
            && (self.rules.is_empty() || self.rules.iter().any(|name| is_called(meta, name)))
            && (self.tags.is_empty() || self.tags.iter().any(|tag| has_tag(meta, tag)))
            && !self.without.iter().any(|name| is_called(meta, name))
    }

    /// Whether an event of this time is to be looked at. While a span is asked for, events that
    /// do not tell their time are outside it.
    pub fn time(&self, at: Option<Timestamp>) -> bool {
        match at {
            None => !self.is_bounded(),
            Some(at) => self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to),
        }
    }

    /// Whether a span of time is asked for.
    pub fn is_bounded(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }
}

/// Whether the rule goes by this name: its id, its title (letter case aside) or its file name.
pub fn is_called(meta: &Meta, name: &str) -> bool {
    let file = meta.file.rsplit(['/', '\\']).next().unwrap_or_default();
    meta.id.eq_ignore_ascii_case(name)
        || meta.title.eq_ignore_ascii_case(name)
        || file == name
        || file.strip_suffix(".yml").or_else(|| file.strip_suffix(".yaml")) == Some(name)
}

/// Whether the rule has this tag, whole or up to a dot.
pub fn has_tag(meta: &Meta, wanted: &str) -> bool {
    meta.tags.iter().any(|tag| {
        tag.get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted))
            && matches!(tag.as_bytes().get(wanted.len()), None | Some(b'.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(level: &str, tag: &str) -> Rule {
        let text = format!(
            "title: Shadow copies deleted\nid: 11111111-2222-4333-8444-555555555555\nlevel: {level}\n\
             tags: [{tag}]\nlogsource: {{product: windows}}\n\
             detection: {{a: {{b: c}}, condition: a}}\n"
        );
        let parsed = sigma::parse::file(&"dir/shadow.yml".into(), &text, &Default::default());
        parsed.rules.into_iter().next().expect("a rule")
    }

    fn check(wanted: Wanted, expected: bool) {
        assert_eq!(wanted.rule(&rule("high", "attack.t1003.001")), expected, "{wanted:?}");
    }

    #[test]
    fn a_rule_below_the_least_level_is_not_used() {
        check(Wanted { min_level: Some(Level::High), ..Wanted::default() }, true);
        check(Wanted { min_level: Some(Level::Critical), ..Wanted::default() }, false);
    }

    #[test]
    fn a_technique_stands_for_its_sub_techniques_but_not_for_longer_numbers() {
        for (tag, expected) in
            [("attack.t1003", true), ("ATTACK.T1003.001", true), ("attack.t10", false)]
        {
            check(Wanted { tags: vec![tag.to_owned()], ..Wanted::default() }, expected);
        }
    }

    #[test]
    fn a_rule_goes_by_its_id_title_and_file_name() {
        for name in [
            "11111111-2222-4333-8444-555555555555",
            "shadow copies deleted",
            "shadow.yml",
            "shadow",
        ] {
            check(Wanted { rules: vec![name.to_owned()], ..Wanted::default() }, true);
            check(Wanted { without: vec![name.to_owned()], ..Wanted::default() }, false);
        }
    }

    #[test]
    fn a_span_of_time_leaves_out_what_does_not_tell_its_time() {
        let from = "2026-01-01T00:00:00Z".parse().ok();
        let wanted = Wanted { from, ..Wanted::default() };
        assert!(!wanted.time(None));
        assert!(wanted.time("2026-01-01T00:00:00Z".parse().ok()));
        assert!(!wanted.time("2025-12-31T23:59:59Z".parse().ok()));
        assert!(Wanted::default().time(None));
    }
}
