//! What the address of a list of rules asks for: texts in, a checked question out; and the answer,
//! because all rules are in memory. Pages, files and API ask the same.

use std::cmp::Reverse;

use sigma::model::TACTICS;
use terms::Level;

use super::standing::{On, Standing, Standings};

/// Names of the address.
pub(crate) const NAMES: [&str; 7] = ["q", "level", "source", "tactic", "state", "sort", "order"];

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Words of title, description, tags or file; all of them.
    words: Vec<String>,
    level: Option<Level>,
    /// A log source as it is written, `windows/process_creation`.
    source: Option<String>,
    tactic: Option<String>,
    state: Option<State>,
    pub(crate) sort: Sort,
    pub(crate) is_descending: bool,
}

/// How a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// On for everybody.
    On,
    /// Off for some or all.
    Off,
    /// It found something.
    Found,
    /// It found nothing.
    Silent,
}

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Findings.
    #[default]
    Hits,
    /// Alerts.
    Alerts,
    /// Severity.
    Level,
    /// Title.
    Title,
}

/// A parameter that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) parameter: &'static str,
    pub(crate) why: String,
}

impl Query {
    /// Reads a question; `get` gives what stands under a name, empty when nothing does.
    /// Errors: the first parameter that cannot be used.
    pub(crate) fn read<'a>(get: impl Fn(&str) -> &'a str) -> Result<Self, Wrong> {
        let wrong = |parameter, why: &str| Wrong { parameter, why: why.to_owned() };
        let given = |name| Some(get(name)).filter(|text| !text.is_empty());
        let level = given("level").map(str::parse::<Level>).transpose();
        let tactic = given("tactic").map(str::to_owned);
        if tactic.as_deref().is_some_and(|tactic| !TACTICS.contains(&tactic)) {
            return Err(wrong("tactic", "write a tactic of ATT&CK, as credential-access"));
        }
        let sort = match get("sort") {
            "" | "hits" => Sort::Hits,
            "alerts" => Sort::Alerts,
            "level" => Sort::Level,
            "title" => Sort::Title,
            _ => return Err(wrong("sort", "write hits, alerts, level or title")),
        };
        let is_descending = match get("order") {
            "" => sort != Sort::Title,
            "asc" => false,
            "desc" => true,
            _ => return Err(wrong("order", "write asc or desc")),
        };
        let state = match get("state") {
            "" => None,
            "on" => Some(State::On),
            "off" => Some(State::Off),
            "found" => Some(State::Found),
            "silent" => Some(State::Silent),
            _ => return Err(wrong("state", "write on, off, found or silent")),
        };
        Ok(Self {
            words: get("q").to_lowercase().split_whitespace().map(str::to_owned).collect(),
            level: level.map_err(|error| Wrong { parameter: "level", why: error.to_string() })?,
            source: given("source").map(str::to_owned),
            tactic,
            state,
            sort,
            is_descending,
        })
    }

    /// The rules that fit, in order.
    pub(crate) fn answer<'s>(&self, standings: &'s Standings) -> Vec<Standing<'s>> {
        let mut found: Vec<Standing<'s>> =
            standings.all().filter(|standing| self.fits(standing)).collect();
        let title = |one: &Standing<'_>| (one.rule.meta.title.to_lowercase(), one.text.id.clone());
        found.sort_by_cached_key(title);
        match self.sort {
            Sort::Title => {}
            Sort::Hits => found.sort_by_key(|one| Reverse(one.days.total())),
            Sort::Alerts => found.sort_by_key(|one| Reverse(one.days.alerts)),
            Sort::Level => found.sort_by_key(|one| Reverse(one.rule.meta.level)),
        }
        let is_turned = self.is_descending == (self.sort == Sort::Title);
        if is_turned {
            found.reverse();
        }
        found
    }

    fn fits(&self, standing: &Standing<'_>) -> bool {
        let meta = &standing.rule.meta;
        let is_in_state = self.state.is_none_or(|state| match state {
            State::On => standing.on == On::Everywhere,
            State::Off => standing.on != On::Everywhere,
            State::Found => standing.days.total() > 0,
            State::Silent => standing.days.total() == 0,
        });
        is_in_state
            && self.level.is_none_or(|level| meta.level == level)
            && self.source.as_ref().is_none_or(|wanted| source(standing) == *wanted)
            && self.tactic.as_ref().is_none_or(|wanted| meta.tactics().any(|one| one == *wanted))
            && self.has_words(standing)
    }

    fn has_words(&self, standing: &Standing<'_>) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let meta = &standing.rule.meta;
        let text = [&meta.title, &meta.description, &standing.text.id, &meta.author];
        let mut text = text.map(|text| text.to_lowercase()).join("\n");
        text.push_str(&meta.file.to_lowercase());
        for tag in &meta.tags {
            text.push('\n');
            text.push_str(&tag.to_lowercase());
        }
        self.words.iter().all(|word| text.contains(word))
    }
}

/// A rule's log source as it is written in addresses and read by people.
pub(crate) fn source(standing: &Standing<'_>) -> String {
    let source = &standing.rule.logsource;
    let parts = [&source.product, &source.category, &source.service].into_iter().flatten();
    parts.map(|part| &**part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Result<Query, Wrong> {
        let pairs: Vec<(String, String)> = serde_html_form::from_str(raw).expect("pairs");
        Query::read(|name| {
            pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
        })
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (raw, parameter) in [
            ("level=worst", "level"),
            ("tactic=magic", "tactic"),
            ("state=maybe", "state"),
            ("sort=size", "sort"),
            ("order=up", "order"),
        ] {
            assert_eq!(read(raw).expect_err("refused").parameter, parameter, "{raw}");
        }
    }

    #[test]
    fn figures_come_from_the_most_downwards_and_titles_from_a_on() {
        assert!(read("").expect("a query").is_descending);
        assert!(read("sort=level").expect("a query").is_descending);
        assert!(!read("sort=title").expect("a query").is_descending);
        assert!(!read("sort=hits&order=asc").expect("a query").is_descending);
    }
}
