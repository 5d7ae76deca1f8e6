//! What the address of the queue asks for: texts in, a checked filter out, and back again.
//!
//! The address is the state of the page. It is kept as the texts that were written, so that a link
//! that is made of it, a saved view and a shared address are one and the same.

use detect::alert::{Cursor, Filter, Owner, Sort, State};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use sector::{Graph, Thing};
use serde::{Deserialize, Serialize};
use terms::{OdsCode, Part, PersonId, Scope, Timestamp};

/// The texts of an address. Empty ones ask nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Query {
    /// Words of the headline.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) q: String,
    /// `new`, `taken`, `closed`; `any` for all. Without one: what is open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) state: Vec<String>,
    /// Severities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) level: Vec<String>,
    /// Codes or names of organisations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) organisation: Vec<String>,
    /// Codes of regions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) region: Vec<String>,
    /// Codes of integrated care boards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) icb: Vec<String>,
    /// Ids of groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) group: Vec<String>,
    /// Ids of rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rule: Vec<String>,
    /// A device's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) device: String,
    /// A technique of ATT&CK.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) technique: String,
    /// `me`, `nobody`, or a person's id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) owner: String,
    /// Verdicts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) verdict: Vec<String>,
    /// A day, or a moment as RFC 3339 writes it: opened then or later.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) from: String,
    /// A day, which is included, or a moment, which is not.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) to: String,
    /// `only` or `none`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) flood: String,
    /// The order.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) sort: String,
    /// A place in the list.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) at: String,
    /// The number of the first row there, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) row: String,
}

/// What is asked for, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) filter: Filter,
    pub(crate) sort: Sort,
    pub(crate) cursor: Option<Cursor>,
}

/// A parameter that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Which.
    pub(crate) parameter: &'static str,
    /// Why, in words.
    pub(crate) why: String,
}

/// What texts are understood by.
pub(crate) struct Cx<'c> {
    /// Who `me` is.
    pub(crate) me: PersonId,
    /// What the caller may see.
    pub(crate) scope: &'c Scope,
    /// The map.
    pub(crate) graph: &'c Graph,
    /// The zone days are told in.
    pub(crate) zone: &'c str,
}

fn wrong<E: std::fmt::Display>(parameter: &'static str) -> impl Fn(E) -> Wrong {
    move |why| Wrong { parameter, why: why.to_string() }
}

impl Query {
    /// Reads the query of an address. Errors: the texts do not fit, as a field given twice.
    pub(crate) fn read(raw: Option<&str>) -> Result<Self, String> {
        let mut query: Self = serde_html_form::from_str(raw.unwrap_or_default())
            .map_err(|error| error.to_string())?;
        for list in query.lists_mut() {
            list.retain(|text| !text.trim().is_empty());
        }
        Ok(query)
    }

    fn lists_mut(&mut self) -> [&mut Vec<String>; 8] {
        [
            &mut self.state,
            &mut self.level,
            &mut self.organisation,
            &mut self.region,
            &mut self.icb,
            &mut self.group,
            &mut self.rule,
            &mut self.verdict,
        ]
    }

    /// The query as an address has it, without the place in the list.
    pub(crate) fn text(&self) -> String {
        let first_page = Self { at: String::new(), row: String::new(), ..self.clone() };
        serde_html_form::to_string(first_page).unwrap_or_default()
    }

    /// The address of a list with this query, without the place in it.
    pub(crate) fn href(&self, path: &str) -> String {
        match self.text().as_str() {
            "" => path.to_owned(),
            text => format!("{path}?{text}"),
        }
    }

    /// The address of a place in the list.
    pub(crate) fn href_at(&self, cursor: &Cursor, row: u64) -> String {
        let there = Self { at: cursor.to_string(), row: row.to_string(), ..self.clone() };
        format!("/alerts?{}", serde_html_form::to_string(there).unwrap_or_default())
    }

    /// The same narrowed, without the order.
    pub(crate) fn is_narrowed(&self) -> bool {
        let bare = Self {
            sort: self.sort.clone(),
            at: self.at.clone(),
            row: self.row.clone(),
            ..Self::default()
        };
        *self != bare
    }

    /// The number of the first row, for people.
    pub(crate) fn first_row(&self) -> u64 {
        self.row.parse().unwrap_or(1).clamp(1, 1_000_000_000)
    }

    /// What is asked for. Errors: the first parameter that cannot be used.
    pub(crate) fn checked(&self, cx: &Cx<'_>) -> Result<Asked, Wrong> {
        let filter = Filter {
            states: self.states()?,
            levels: words(&self.level, "level")?,
            parts: self.parts(cx)?,
            rules: self.rule.clone(),
            device: given(&self.device),
            technique: self.technique()?,
            owner: self.owner(cx.me)?,
            verdicts: words(&self.verdict, "verdict")?,
            text: given(&self.q),
            from: moment(&self.from, "from", cx.zone, false)?,
            to: moment(&self.to, "to", cx.zone, true)?,
            is_flood: match self.flood.as_str() {
                "" => None,
                "only" => Some(true),
                "none" => Some(false),
                _ => return Err(wrong("flood")("write only or none")),
            },
        };
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && from >= to
        {
            return Err(wrong("to")("it must be later than the beginning"));
        }
        let sort = match self.sort.as_str() {
            "" => Sort::default(),
            text => text.parse().map_err(wrong("sort"))?,
        };
        let cursor = match self.at.as_str() {
            "" => None,
            text => Some(text.parse().map_err(wrong("at"))?),
        };
        Ok(Asked { filter, sort, cursor })
    }

    fn states(&self) -> Result<Vec<State>, Wrong> {
        if self.state.is_empty() {
            return Ok(vec![State::New, State::Taken]);
        }
        match self.state.iter().any(|state| state == "any") {
            true => Ok(Vec::new()),
            false => words(&self.state, "state"),
        }
    }

    fn technique(&self) -> Result<Option<String>, Wrong> {
        let Some(text) = given(&self.technique) else { return Ok(None) };
        let technique = text.to_ascii_uppercase();
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let is_technique = technique.strip_prefix('T').is_some_and(|rest| {
            let (main, sub) = rest.split_once('.').unwrap_or((rest, "0"));
            is_number(main) && is_number(sub) && rest.len() <= 12
        });
        match is_technique {
            true => Ok(Some(technique)),
            false => Err(wrong("technique")("write a number of ATT&CK, as T1490 or T1003.001")),
        }
    }

    fn owner(&self, me: PersonId) -> Result<Option<Owner>, Wrong> {
        match self.owner.as_str() {
            "" => Ok(None),
            "me" => Ok(Some(Owner::Person(me))),
            "nobody" => Ok(Some(Owner::Nobody)),
            id => match id.parse() {
                Ok(person) => Ok(Some(Owner::Person(person))),
                Err(_) => Err(wrong("owner")("write me, nobody, or a person's id")),
            },
        }
    }

    /// The parts that lie in all of the places that are asked for: the narrowest kind of place,
    /// without those that lie outside of the wider ones.
    fn parts(&self, cx: &Cx<'_>) -> Result<Vec<Part>, Wrong> {
        let codes = |texts: &[String], parameter| -> Result<Vec<OdsCode>, Wrong> {
            texts.iter().map(|text| text.parse().map_err(wrong(parameter))).collect()
        };
        let regions = codes(&self.region, "region")?.into_iter().map(Part::Region).collect();
        let icbs = codes(&self.icb, "icb")?.into_iter().map(Part::Icb).collect();
        let groups: Result<Vec<Part>, Wrong> = self
            .group
            .iter()
            .map(|text| text.parse().map(Part::Group).map_err(wrong("group")))
            .collect();
        let organisations: Result<Vec<Part>, Wrong> = self
            .organisation
            .iter()
            .map(|text| organisation(text, cx).map(Part::Organisation))
            .collect();
        let kinds: [Vec<Part>; 4] = [regions, icbs, groups?, organisations?];
        let mut asked = kinds.into_iter().filter(|parts| !parts.is_empty());
        let Some(mut narrowest) = asked.next() else { return Ok(Vec::new()) };
        for parts in asked {
            narrowest = within(parts, &Scope::of(narrowest), cx.graph);
            if narrowest.is_empty() {
                return Err(wrong("organisation")("nothing lies in all of these places"));
            }
        }
        Ok(narrowest)
    }
}

/// Those of `parts` that lie in `scope`; of a group its members that do.
fn within(parts: Vec<Part>, scope: &Scope, graph: &Graph) -> Vec<Part> {
    let mut inside = Vec::new();
    for part in parts {
        match &part {
            Part::Icb(code) | Part::Organisation(code) => {
                if graph.contains(scope, code) {
                    inside.push(part);
                }
            }
            Part::Group(id) => {
                let members = graph.group(*id).map(|group| group.members.as_slice());
                let members = members.unwrap_or_default().iter();
                let members = members.filter(|code| graph.contains(scope, code));
                inside.extend(members.cloned().map(Part::Organisation));
            }
            Part::Sector | Part::Region(_) => inside.push(part),
        }
    }
    inside
}

/// The organisation of a code or of a name.
fn organisation(text: &str, cx: &Cx<'_>) -> Result<OdsCode, Wrong> {
    let code = text.parse::<OdsCode>().ok();
    if let Some(code) = code.filter(|code| cx.graph.organisation(code).is_some()) {
        return Ok(code);
    }
    let hits = cx.graph.search(text, cx.scope, 20);
    let found = hits.into_iter().find_map(|hit| match hit.thing {
        Thing::Organisation(code) => Some(code),
        _ => None,
    });
    let short: String = text.trim().chars().take(60).collect();
    found.ok_or_else(|| {
        wrong("organisation")(format!("no organisation that you may see is called “{short}”"))
    })
}

fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn words<T: std::str::FromStr>(texts: &[String], parameter: &'static str) -> Result<Vec<T>, Wrong>
where
    T::Err: std::fmt::Display,
{
    texts.iter().map(|text| text.parse().map_err(wrong(parameter))).collect()
}

/// A day in the reader's zone, or a moment. The end of a span includes its day.
fn moment(
    text: &str,
    parameter: &'static str,
    zone: &str,
    is_end: bool,
) -> Result<Option<Timestamp>, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(day) = text.parse::<Date>().as_ref().copied()
        && text.len() == "2026-11-24".len()
    {
        let day = if is_end { day.checked_add(1.day()).map_err(wrong(parameter))? } else { day };
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let start = day.to_zoned(zone).map_err(wrong(parameter))?;
        return Ok(Some(start.timestamp()));
    }
    terms::parse_time(text).map(Some).map_err(wrong(parameter))
}

#[cfg(test)]
mod tests {
    use sector::{Group, Organisation, OrganisationType, Parts};
    use terms::GroupId;

    use super::*;

    fn code(text: &str) -> OdsCode {
        text.parse().expect("a code")
    }

    fn group() -> GroupId {
        "01935b1e-0000-7000-8000-000000000001".parse().expect("an id")
    }

    fn graph() -> Graph {
        let trust = |text: &str, name: &str, region: &str| Organisation {
            region: Some(code(region)),
            ..Organisation::new(code(text), name, OrganisationType::TrustAcute)
        };
        Graph::build(Parts {
            version: 1,
            organisations: vec![
                trust("XAA", "Example Northmoor Hospitals", "Y56"),
                trust("XBB", "Example Southfield Hospitals", "Y60"),
            ],
            groups: vec![Group {
                id: group(),
                name: "Example group".to_owned(),
                members: vec![code("XAA"), code("XBB")],
            }],
            ..Parts::default()
        })
    }

    fn ask(raw: &str, scope: &Scope) -> Result<Asked, Wrong> {
        let (graph, me) = (graph(), PersonId::new(Timestamp::UNIX_EPOCH));
        let cx = Cx { me, scope, graph: &graph, zone: "Europe/London" };
        Query::read(Some(raw)).expect("a query").checked(&cx)
    }

    fn filter(raw: &str) -> Filter {
        ask(raw, &Scope::sector()).expect("a filter").filter
    }

    fn refused(raw: &str) -> &'static str {
        ask(raw, &Scope::sector()).expect_err("refused").parameter
    }

    #[test]
    fn without_a_state_what_is_open_is_asked_for() {
        assert_eq!(filter("").states, [State::New, State::Taken]);
        assert_eq!(filter("state=&level=").states, [State::New, State::Taken]);
        assert_eq!(filter("state=closed").states, [State::Closed]);
        assert_eq!(filter("state=any").states, []);
        assert_eq!(filter("").levels, []);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (raw, parameter) in [
            ("state=open", "state"),
            ("level=worst", "level"),
            ("verdict=x", "verdict"),
            ("technique=1490", "technique"),
            ("technique=T10x", "technique"),
            ("owner=somebody", "owner"),
            ("from=yesterday", "from"),
            ("from=2026-11-24&to=2026-11-23", "to"),
            ("flood=maybe", "flood"),
            ("sort=size", "sort"),
            ("at=here", "at"),
            ("region=!", "region"),
            ("group=x", "group"),
            ("organisation=Nowhere", "organisation"),
            ("organisation=XBB&region=Y56", "organisation"),
        ] {
            assert_eq!(refused(raw), parameter, "{raw}");
        }
        assert!(Query::read(Some("q=a&q=b")).is_err());
    }

    #[test]
    fn places_narrow_each_other() {
        let parts = |raw: &str| -> Vec<String> {
            filter(raw).parts.iter().map(ToString::to_string).collect()
        };
        assert_eq!(parts("region=Y56&region=Y60"), ["region:Y56", "region:Y60"]);
        assert_eq!(parts("region=Y56&organisation=xaa"), ["organisation:XAA"]);
        assert_eq!(parts(&format!("region=Y60&group={}", group())), ["organisation:XBB"]);
        assert_eq!(parts(&format!("group={}", group())), [format!("group:{}", group())]);
    }

    #[test]
    fn an_organisation_is_found_by_a_part_of_its_name_within_the_scope_only() {
        let mine = Scope::organisation(code("XAA"));
        let found = ask("organisation=northmoor", &mine).expect("found").filter.parts;
        assert_eq!(found, [Part::Organisation(code("XAA"))]);
        assert!(ask("organisation=southfield", &mine).is_err());
    }

    #[test]
    fn days_are_those_of_the_reader_and_the_last_is_included() {
        let filter = filter("from=2026-07-01&to=2026-07-01");
        assert_eq!(filter.from.expect("a time").to_string(), "2026-06-30T23:00:00Z");
        assert_eq!(filter.to.expect("a time").to_string(), "2026-07-01T23:00:00Z");
        let moment = super::super::query::moment("2026-07-01T10:00:00Z", "from", "UTC", false);
        assert_eq!(moment.expect("read").expect("a time").to_string(), "2026-07-01T10:00:00Z");
    }

    #[test]
    fn an_address_is_written_as_it_is_read_without_its_place() {
        let raw = "q=a%26b&state=new&state=closed&sort=newest";
        let query = Query::read(Some(&format!("{raw}&at=x&row=51"))).expect("read");
        assert_eq!(query.text(), raw);
        assert_eq!(Query::read(Some(&query.text())).expect("read").text(), raw);
        assert_eq!(Query::default().href("/alerts"), "/alerts");
        assert!(query.is_narrowed());
        assert!(!Query::read(Some("sort=newest&row=3")).expect("read").is_narrowed());
    }
}
