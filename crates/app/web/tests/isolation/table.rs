//! The table of routes with their samples: `routes.txt`, read.

use std::collections::BTreeMap;

use access::Permission;
use axum::http::Method;

/// What a route is, for the walk; `routes.txt` says what each means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Open,
    Telemetry,
    Own,
    List,
    Shared,
    Thing,
    Act,
    /// A form for what only those may who may do it everywhere.
    SectorPage,
    Sector,
    Undo,
    OwnAct,
}

/// One route and what is asked of it.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) method: Method,
    pub(crate) route: String,
    pub(crate) kind: Kind,
    pub(crate) needs: Option<Permission>,
    pub(crate) path: String,
    pub(crate) form: String,
}

impl Sample {
    /// Whether programs ask it rather than browsers.
    pub(crate) fn is_api(&self) -> bool {
        self.route.starts_with("/api/")
    }

    /// Whether something changes when it is done.
    pub(crate) fn is_act(&self) -> bool {
        matches!(self.kind, Kind::Act | Kind::Sector | Kind::Undo | Kind::OwnAct)
    }

    /// How it is told in a failure of the walk.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.route)
    }
}

/// The table with names replaced by what they stand for.
pub(crate) fn samples(things: &BTreeMap<&'static str, String>) -> Vec<Sample> {
    let text = include_str!("routes.txt");
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| sample(line, things)).collect()
}

fn sample(line: &str, things: &BTreeMap<&'static str, String>) -> Sample {
    let mut rest = line;
    let mut next = || {
        let trimmed = rest.trim_start();
        let end = trimmed.find(char::is_whitespace).unwrap_or(trimmed.len());
        let (word, after) = trimmed.split_at(end);
        rest = after;
        word
    };
    let (method, route, kind, needs, path) = (next(), next(), next(), next(), next());
    let form = rest.trim();
    let kind = match kind {
        "open" => Kind::Open,
        "telemetry" => Kind::Telemetry,
        "own" => Kind::Own,
        "list" => Kind::List,
        "shared" => Kind::Shared,
        "thing" => Kind::Thing,
        "act" => Kind::Act,
        "sector" => Kind::Sector,
        "sector-page" => Kind::SectorPage,
        "undo" => Kind::Undo,
        "own-act" => Kind::OwnAct,
        other => panic!("{other:?} is no kind: {line}"),
    };
    let needs = match needs {
        "-" => None,
        word => Some(word.parse().unwrap_or_else(|error| panic!("{error}: {line}"))),
    };
    Sample {
        method: method.parse().unwrap_or_else(|_| panic!("{method:?} is no method: {line}")),
        route: route.to_owned(),
        kind,
        needs,
        path: filled(path, things, line),
        form: filled(form, things, line),
    }
}

/// The text with `{names}` replaced. What else stands in braces, as JSON does, stays.
fn filled(text: &str, things: &BTreeMap<&'static str, String>, line: &str) -> String {
    let mut out = text.to_owned();
    for (name, value) in things {
        out = out.replace(&format!("{{{name}}}"), value);
    }
    let is_name = |inside: &str| {
        !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    let unknown = out.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let unknown: Vec<&str> = unknown.map(|(inside, _)| inside).filter(|one| is_name(one)).collect();
    assert!(unknown.is_empty(), "things.rs has no {unknown:?}: {line}");
    out
}
