//! Choosing a part of the sector: for a role, for a token, for narrowing a list. Offered is only
//! what lies in a scope, and only that is understood.

use sector::{Graph, Group, Organisation, OrganisationType, Thing};
use terms::{Part, Scope};

use super::fields;
use crate::{
    pieces::{Choice, Field},
    view,
};

/// More organisations than these are not listed but asked for by name.
const MOST_LISTED: usize = 40;

/// The choice that asks for an organisation by name.
const BY_NAME: &str = "organisation";

/// What may be chosen from.
pub(super) struct Places<'p> {
    scope: &'p Scope,
    graph: &'p Graph,
}

/// A place that cannot be used: the field, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrongPlace {
    pub(super) field: &'static str,
    pub(super) text: String,
}

impl<'p> Places<'p> {
    /// Those of a scope.
    pub(super) fn new(scope: &'p Scope, graph: &'p Graph) -> Self {
        Self { scope, graph }
    }

    /// The map they are of.
    pub(super) fn graph(&self) -> &'p Graph {
        self.graph
    }

    /// The choices, widest first.
    pub(super) fn choices(&self, chosen: &str) -> Vec<Choice> {
        let choice =
            |part: &Part| Choice::new(part.to_string(), view::name_in(part, self.graph), chosen);
        let mut choices: Vec<Choice> = self.wide().iter().map(choice).collect();
        let few = self.organisations().filter(|few| !few.is_empty());
        match few {
            Some(few) => choices.extend(few.iter().map(choice)),
            None if self.is_named() => {
                choices.push(Choice::new(BY_NAME, "One organisation, named below", chosen));
            }
            None => {}
        }
        choices
    }

    /// The fields `place` and, where organisations are too many to list, `organisation`.
    pub(super) fn fields(&self, label: &str, place: &str, organisation: &str) -> Vec<Field> {
        let mut choices = self.choices(place);
        // The widest stands first: it must never be what somebody gives without having chosen it.
        if choices.len() > 1 && !choices.iter().any(|choice| choice.is_chosen) {
            choices.insert(0, Choice::new("", "Choose a place", ""));
        }
        let mut fields = vec![fields::select("place", label, choices)];
        if self.is_named() {
            let field = fields::text("organisation", "Organisation", organisation);
            fields.push(field.hint("Name or ODS code, where you chose one organisation"));
        }
        fields
    }

    /// The part that was chosen. Errors: there is none such in the scope.
    pub(super) fn chosen(&self, place: &str, organisation: &str) -> Result<Part, WrongPlace> {
        if place == BY_NAME {
            return self.named(organisation).map(Part::Organisation);
        }
        let wrong = || WrongPlace { field: "place", text: "Choose one of the places.".to_owned() };
        let part: Part = place.parse().map_err(|_| wrong())?;
        let is_offered = match &part {
            Part::Organisation(code) => self.graph.contains(self.scope, code),
            _ => self.scope.parts().contains(&part) || self.wide().contains(&part),
        };
        if is_offered { Ok(part) } else { Err(wrong()) }
    }

    /// The organisation of a code or of a name, within the scope.
    fn named(&self, text: &str) -> Result<terms::OdsCode, WrongPlace> {
        let wrong = |text: String| WrongPlace { field: "organisation", text };
        let text = text.trim();
        if text.is_empty() {
            return Err(wrong("Write the name or the code of an organisation.".to_owned()));
        }
        let is_here = |code: &terms::OdsCode| {
            self.graph.organisation(code).is_some() && self.graph.contains(self.scope, code)
        };
        if let Some(code) = text.parse().ok().filter(is_here) {
            return Ok(code);
        }
        let hits = self.graph.search(text, self.scope, 20).into_iter();
        let found: Vec<_> = hits
            .filter_map(|hit| match hit.thing {
                Thing::Organisation(code) => Some((code, hit.name)),
                _ => None,
            })
            .collect();
        match found.as_slice() {
            [(code, _)] => Ok(code.clone()),
            [] => Err(wrong(format!("No organisation you may see is called “{}”.", short(text)))),
            [(code, name), ..] if name.to_lowercase() == text.to_lowercase() => Ok(code.clone()),
            several => {
                let names = several.iter().take(3).map(|(code, name)| format!("{name} ({code})"));
                let names = names.collect::<Vec<_>>().join(", ");
                Err(wrong(format!("Several are called so: {names}. Write the code of one.")))
            }
        }
    }

    /// Everything wider than an organisation, widest first.
    fn wide(&self) -> Vec<Part> {
        let own = self.scope.parts().iter();
        let mut wide: Vec<Part> =
            own.filter(|part| !matches!(part, Part::Organisation(_))).cloned().collect();
        let has = |part: &Part| view::may_look_in(self.scope, part, self.graph);
        let areas = self.graph.organisations().iter().filter_map(area);
        wide.extend(areas.filter(has));
        let groups = self.graph.groups().filter(|group| self.holds(group));
        wide.extend(groups.map(|group| Part::Group(group.id)));
        // The order of parts is from wide to narrow.
        wide.sort_by_cached_key(|part| (rank(part), view::name_in(part, self.graph), part.clone()));
        wide.dedup();
        wide
    }

    fn holds(&self, group: &Group) -> bool {
        let is_here = |code| self.graph.contains(self.scope, code);
        !group.members.is_empty() && group.members.iter().all(is_here)
    }

    /// The organisations, where they are few enough to list.
    fn organisations(&self) -> Option<Vec<Part>> {
        let all = self.graph.organisations_in(self.scope).into_iter();
        let open = all.filter(|one| area(one).is_none() && one.closed_at.is_none());
        let mut few: Vec<&Organisation> = open.take(MOST_LISTED + 1).collect();
        if few.len() > MOST_LISTED {
            return None;
        }
        few.sort_by(|one, other| one.name.cmp(&other.name));
        Some(few.into_iter().map(|one| Part::Organisation(one.code.clone())).collect())
    }

    fn is_named(&self) -> bool {
        self.organisations().is_none()
    }
}

/// The area that a region or a board on the map stands for.
fn area(organisation: &Organisation) -> Option<Part> {
    match organisation.kind {
        OrganisationType::Region => Some(Part::Region(organisation.code.clone())),
        OrganisationType::Icb => Some(Part::Icb(organisation.code.clone())),
        _ => None,
    }
}

fn rank(part: &Part) -> u8 {
    match part {
        Part::Sector => 0,
        Part::Region(_) => 1,
        Part::Icb(_) => 2,
        Part::Group(_) => 3,
        Part::Organisation(_) => 4,
    }
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use sector::Parts;

    use super::*;

    fn code(text: &str) -> terms::OdsCode {
        text.parse().expect("a code")
    }

    /// Two regions; `trusts` trusts in the first, one in the second.
    fn graph(trusts: usize) -> Graph {
        let area =
            |text: &str, name: &str| Organisation::new(code(text), name, OrganisationType::Region);
        let trust = |text: String, name: String, region: &str| Organisation {
            region: Some(code(region)),
            ..Organisation::new(code(&text), &name, OrganisationType::TrustAcute)
        };
        let mut organisations = vec![area("Y56", "London"), area("Y60", "Midlands")];
        let first =
            |at: usize| trust(format!("XA{at:02}"), format!("Example Trust {at:02}"), "Y56");
        organisations.extend((0..trusts).map(first));
        organisations.push(trust("XBB".to_owned(), "Example Southfield".to_owned(), "Y60"));
        Graph::build(Parts { version: 1, organisations, ..Parts::default() })
    }

    fn offered(graph: &Graph, scope: &Scope) -> Vec<String> {
        let choices = Places::new(scope, graph).choices("");
        choices.into_iter().map(|choice| choice.value).collect()
    }

    #[test]
    fn only_what_lies_in_the_scope_is_offered() {
        let graph = graph(2);
        let all = ["sector", "region:Y56", "region:Y60", "organisation:XBB"];
        let offered_to_all = offered(&graph, &Scope::sector());
        assert!(all.iter().all(|one| offered_to_all.contains(&(*one).to_owned())));
        let region = Scope::of([Part::Region(code("Y56"))]);
        let expected = ["region:Y56", "organisation:XA00", "organisation:XA01"];
        assert_eq!(offered(&graph, &region), expected);
        assert_eq!(offered(&graph, &Scope::organisation(code("XBB"))), ["organisation:XBB"]);
        assert!(offered(&graph, &Scope::nothing()).is_empty());
    }

    #[test]
    fn many_organisations_are_asked_for_by_name() {
        let graph = graph(50);
        let (scope, stranger) = (Scope::sector(), Scope::organisation(code("XBB")));
        let places = Places::new(&scope, &graph);
        assert!(offered(&graph, &scope).contains(&BY_NAME.to_owned()));
        assert_eq!(places.chosen(BY_NAME, "southfield"), Ok(Part::Organisation(code("XBB"))));
        assert_eq!(places.chosen(BY_NAME, "xa07"), Ok(Part::Organisation(code("XA07"))));
        assert_eq!(places.chosen(BY_NAME, "example").expect_err("many").field, "organisation");
        assert_eq!(places.chosen(BY_NAME, " ").expect_err("none").field, "organisation");
        let theirs = Places::new(&stranger, &graph).chosen(BY_NAME, "xa07");
        assert!(theirs.is_err(), "another's organisation is not found by its code: {theirs:?}");
    }

    #[test]
    fn what_was_not_offered_cannot_be_chosen() {
        let graph = graph(2);
        let scope = Scope::of([Part::Region(code("Y56"))]);
        let places = Places::new(&scope, &graph);
        for place in ["sector", "region:Y60", "organisation:XBB", "", "nonsense"] {
            assert_eq!(places.chosen(place, "").expect_err(place).field, "place");
        }
        assert_eq!(places.chosen("region:Y56", ""), Ok(Part::Region(code("Y56"))));
    }
}
