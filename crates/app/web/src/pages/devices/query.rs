//! What the address of a list of devices asks for: texts in, a checked question out; and how a
//! device stands. Pages, files and API ask and tell the same.

use sector::{Device, DeviceFilter, DeviceSort, DeviceState, Graph, MapCode, Thing};
use terms::{OdsCode, Scope, Timestamp};

/// Names of the address.
pub(crate) const NAMES: [&str; 6] = ["q", "organisation", "system", "state", "sort", "order"];

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) filter: DeviceFilter,
    pub(crate) sort: DeviceSort,
    pub(crate) is_descending: bool,
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
    pub(crate) fn read<'a>(
        get: impl Fn(&str) -> &'a str,
        graph: &Graph,
        scope: &Scope,
    ) -> Result<Self, Wrong> {
        let wrong = |parameter, why: &str| Wrong { parameter, why: why.to_owned() };
        let given = |name| Some(get(name)).filter(|text| !text.is_empty());
        let organisation =
            given("organisation").map(|text| organisation(text, graph, scope)).transpose()?;
        let system = given("system").map(str::parse::<MapCode>).transpose();
        let system =
            system.map_err(|error| Wrong { parameter: "system", why: error.to_string() })?;
        let state = match get("state") {
            "" => None,
            "silent" => Some(DeviceState::Silent),
            "never_seen" => Some(DeviceState::NeverSeen),
            "unmapped" => Some(DeviceState::Unmapped),
            _ => return Err(wrong("state", "write silent, never_seen or unmapped")),
        };
        let sort = match get("sort") {
            "" | "name" => DeviceSort::Name,
            "last_seen" => DeviceSort::LastSeen,
            _ => return Err(wrong("sort", "write name or last_seen")),
        };
        let is_descending = match get("order") {
            "" | "asc" => false,
            "desc" => true,
            _ => return Err(wrong("order", "write asc or desc")),
        };
        let search = given("q").map(str::to_owned);
        let filter = DeviceFilter { organisation, system, state, search };
        Ok(Self { filter, sort, is_descending })
    }
}

/// The organisation of a code or of a part of a name, within the scope.
fn organisation(text: &str, graph: &Graph, scope: &Scope) -> Result<OdsCode, Wrong> {
    if let Ok(code) = text.parse::<OdsCode>()
        && graph.organisation(&code).is_some()
    {
        return Ok(code);
    }
    let hits = graph.search(text, scope, 20);
    let found = hits.into_iter().find_map(|hit| match hit.thing {
        Thing::Organisation(code) => Some(code),
        _ => None,
    });
    found.ok_or_else(|| {
        let short: String = text.chars().take(60).collect();
        let why = format!("no organisation that you may see is called “{short}”");
        Wrong { parameter: "organisation", why }
    })
}

/// How a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Heard lately.
    Heard,
    /// Heard, but not for longer than its organisation allows.
    Silent,
    /// Expected, and never heard.
    NeverSeen,
    /// On the map, neither expected nor ever heard.
    Unknown,
}

impl Standing {
    /// How a device stands at `now`.
    pub(crate) fn of(device: &Device, graph: &Graph, now: Timestamp) -> Self {
        let Some(last) = device.last_seen else {
            return if device.expected { Self::NeverSeen } else { Self::Unknown };
        };
        let organisation = graph.organisation(&device.organisation);
        if organisation.is_some_and(|one| one.is_closed(now)) {
            return Self::Heard;
        }
        let after = organisation.map_or(UNKNOWN_SILENCE_SECONDS, |one| {
            i64::try_from(one.silent_after.as_secs()).unwrap_or(i64::MAX)
        });
        let silent = now.as_second() - last.as_second() > after;
        if silent { Self::Silent } else { Self::Heard }
    }

    /// The word for files and the API.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Heard => "heard",
            Self::Silent => "silent",
            Self::NeverSeen => "never_seen",
            Self::Unknown => "unknown",
        }
    }

    /// The word of a page, and the colour of its tag.
    pub(crate) fn tag(self) -> (&'static str, &'static str) {
        match self {
            Self::Heard => ("Heard", "green"),
            Self::Silent => ("Silent", "yellow"),
            Self::NeverSeen => ("Never seen", "orange"),
            Self::Unknown => ("Not expected", "grey"),
        }
    }
}

/// How long a device may be silent whose organisation is not on the map: as the map has it.
const UNKNOWN_SILENCE_SECONDS: i64 = 86_400;

#[cfg(test)]
mod tests {
    use sector::{Organisation, OrganisationType, Parts};
    use terms::DeviceId;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("in range")
    }

    fn graph() -> Graph {
        let code: OdsCode = "XAA".parse().expect("a code");
        let name = "Example Northmoor Hospitals";
        let organisation = Organisation::new(code, name, OrganisationType::TrustAcute);
        Graph::build(Parts { version: 1, organisations: vec![organisation], ..Parts::default() })
    }

    fn device(last_seen: Option<i64>, expected: bool) -> Device {
        Device {
            id: DeviceId::new(at(0)),
            organisation: "XAA".parse().expect("a code"),
            name: "XAA-PATH-07".to_owned(),
            class: None,
            system: None,
            site: None,
            expected,
            first_seen: last_seen.map(at),
            last_seen: last_seen.map(at),
            source: None,
        }
    }

    #[test]
    fn a_device_is_silent_after_what_its_organisation_allows() {
        let standing = |device| Standing::of(&device, &graph(), at(0));
        assert_eq!(standing(device(Some(-86_400), true)), Standing::Heard);
        assert_eq!(standing(device(Some(-86_401), true)), Standing::Silent);
        assert_eq!(standing(device(None, true)), Standing::NeverSeen);
        assert_eq!(standing(device(None, false)), Standing::Unknown);
    }

    fn read(raw: &str, scope: &Scope) -> Result<Query, Wrong> {
        let pairs: Vec<(String, String)> = serde_html_form::from_str(raw).expect("pairs");
        let get = |name: &str| {
            pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
        };
        Query::read(get, &graph(), scope)
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (raw, parameter) in [
            ("organisation=Nowhere", "organisation"),
            ("system=a+b", "system"),
            ("state=dead", "state"),
            ("sort=age", "sort"),
            ("order=up", "order"),
        ] {
            let wrong = read(raw, &Scope::sector()).expect_err("refused");
            assert_eq!(wrong.parameter, parameter, "{raw}");
        }
    }

    #[test]
    fn an_organisation_is_found_by_its_name_within_the_scope_only() {
        let found = read("organisation=northmoor", &Scope::sector()).expect("a query");
        assert_eq!(found.filter.organisation, "XAA".parse().ok());
        let elsewhere = Scope::organisation("XBB".parse().expect("a code"));
        assert!(read("organisation=northmoor", &elsewhere).is_err());
    }
}
