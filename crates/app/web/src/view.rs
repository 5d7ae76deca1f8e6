//! Which part of the sector somebody looks at: chosen by them, kept in a cookie, never more than
//! they may see.

use access::{Caller, Permission};
use axum::http::{HeaderMap, header};
use sector::{Graph, Group, Map, OrganisationType};
use terms::{OdsCode, Part, Scope};

const COOKIE: &str = "ward-view";

/// The `Set-Cookie` that keeps a view for a year.
pub(crate) fn keep(view: &Part) -> String {
    format!("{COOKIE}={view}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000")
}

/// The view of a request: the cookie's where the caller may look there, else their widest part.
pub(crate) fn of(headers: &HeaderMap, caller: &Caller, map: &Map) -> Part {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|c| c.trim().split_once('='));
    let asked = pairs.find(|(name, _)| *name == COOKIE).and_then(|(_, value)| value.parse().ok());
    let scope = seen(caller);
    match asked.filter(|part| may_look(&scope, part, map)) {
        Some(part) => part,
        None => scope.parts().first().cloned().unwrap_or(Part::Sector),
    }
}

/// Everything the caller may see in one way or another.
fn seen(caller: &Caller) -> Scope {
    caller.scope(Permission::ViewMap)
}

/// Whether a scope holds all of a part.
pub(crate) fn may_look(scope: &Scope, part: &Part, map: &Map) -> bool {
    may_look_in(scope, part, &map.graph())
}

/// As [`may_look`], by this map.
pub(crate) fn may_look_in(scope: &Scope, part: &Part, graph: &Graph) -> bool {
    if scope.is_sector() || scope.parts().contains(part) {
        return true;
    }
    around(part, graph).iter().any(|one| scope.parts().contains(one))
}

/// Parts that hold all of a part.
fn around(part: &Part, graph: &Graph) -> Vec<Part> {
    let (Part::Organisation(code) | Part::Icb(code)) = part else { return Vec::new() };
    let Some(organisation) = graph.organisation(code) else { return Vec::new() };
    let mut parts: Vec<Part> = organisation.region.clone().map(Part::Region).into_iter().collect();
    if let Part::Organisation(_) = part {
        parts.extend(organisation.icb.clone().map(Part::Icb));
        let holds = |group: &&Group| group.members.binary_search(code).is_ok();
        parts.extend(graph.groups().filter(holds).map(|group| Part::Group(group.id)));
    }
    parts
}

/// What of a scope lies in the view.
pub(crate) fn within(scope: &Scope, view: &Part, map: &Map) -> Scope {
    if *view == Part::Sector {
        return scope.clone();
    }
    if may_look(scope, view, map) {
        return Scope::of([view.clone()]);
    }
    // The view holds parts that the scope has only some of.
    let inside =
        scope.parts().iter().filter(|part| may_look(&Scope::of([view.clone()]), part, map));
    Scope::of(inside.cloned())
}

/// What people call a part.
pub(crate) fn name(part: &Part, map: &Map) -> String {
    name_in(part, &map.graph())
}

/// What people call a part of this map.
pub(crate) fn name_in(part: &Part, graph: &Graph) -> String {
    let of = |code: &OdsCode| graph.organisation(code).map(|one| one.name.clone());
    let known = match part {
        Part::Sector => Some("Whole sector".to_owned()),
        Part::Region(code) | Part::Icb(code) | Part::Organisation(code) => of(code),
        Part::Group(id) => graph.group(*id).map(|group| group.name.clone()),
    };
    known.unwrap_or_else(|| part.to_string())
}

/// Other views the caller may choose, as value and name.
pub(crate) fn choices(caller: &Caller, map: &Map) -> Vec<(String, String)> {
    let scope = seen(caller);
    let graph = map.graph();
    let mut parts: Vec<Part> = scope.parts().to_vec();
    if scope.is_sector() {
        let regions =
            graph.organisations().iter().filter(|one| one.kind == OrganisationType::Region);
        parts.extend(regions.map(|region| Part::Region(region.code.clone())));
    }
    parts.iter().map(|part| (part.to_string(), name_in(part, &graph))).collect()
}
