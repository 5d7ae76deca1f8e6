//! Pieces with usual data. All names are made up.

use serde::Serialize;
use terms::Timestamp;
use web::pieces::*;

pub(crate) fn now() -> Timestamp {
    "2026-11-24T14:14:00Z".parse().expect("a time")
}

pub(crate) fn at(text: &str) -> Moment {
    Moment::new(text.parse().expect("a time"), now())
}

fn text(text: &str) -> String {
    text.to_owned()
}

pub(crate) fn shell() -> Shell {
    let place = |name: &str, href: &str, count| Place {
        text: text(name),
        href: text(href),
        is_current: name == "Alerts",
        count,
    };
    Shell {
        title: text("Alerts"),
        version: text("0.2.0"),
        view: Some(View {
            name: text("Whole sector"),
            value: text("sector"),
            choices: vec![
                (text("region:Y62"), text("North West")),
                (text("organisation:RX1"), text("Example Hospitals")),
            ],
            action: text("/view"),
            back: text("/alerts?harm=soon"),
        }),
        search: Some(String::new()),
        person: Some(Person {
            name: text("Asha Example"),
            role: text("Analyst"),
            href: text("/me"),
            sign_out: text("/sign-out"),
        }),
        csrf: text("0123456789abcdef"),
        places: vec![
            place("Today", "/", None),
            place("Alerts", "/alerts", Some(1_204)),
            place("Incidents", "/incidents", Some(0)),
            place("Map", "/map", None),
            place("Intelligence", "/intelligence", None),
            place("Assurance", "/assurance", None),
            place("More", "/more", None),
        ],
        bands: vec![
            Band {
                kind: BandKind::Exercise,
                text: text("What you see is made up until 16:00 today."),
                link: None,
            },
            Band {
                kind: BandKind::Stale,
                text: text("Nothing has arrived from 2 of 214 sources since 13:40."),
                link: Some(Link::new("Show the sources", "/sources?state=silent")),
            },
        ],
        notice: Some(Notice {
            text: text("3 alerts closed as false positive."),
            undo: Some(Undo { action: text("/undo"), token: text("7f3a") }),
        }),
        islands: vec![text("queue"), text("live"), text("filters")],
        events: Some(text("/events")),
        footer: vec![
            Link::new("Accessibility", "/accessibility"),
            Link::new("Privacy", "/privacy"),
            Link::new("Help", "/help"),
        ],
    }
}

pub(crate) fn breadcrumbs() -> Breadcrumbs {
    Breadcrumbs { items: vec![Link::new("Today", "/"), Link::new("Alerts", "/alerts")] }
}

pub(crate) fn tabs() -> Tabs {
    let tab = |name: &str, is_current, count| Tab {
        text: text(name),
        href: format!("?tab={name}"),
        is_current,
        count,
    };
    Tabs {
        label: text("Views of this alert"),
        items: vec![
            tab("Open", true, Some(1_204)),
            tab("Mine", false, Some(0)),
            tab("Closed", false, None),
        ],
    }
}

pub(crate) fn pagination() -> Pagination {
    Pagination {
        label: text("Alerts"),
        previous: None,
        next: Some(text("?after=018f")),
        position: Pagination::position(1, 4, 1_204, "alert"),
    }
}

pub(crate) fn filters() -> Filters {
    let select = |name: &str, label: &str, choices: &[(&str, &str)], chosen: &str| Select {
        name: text(name),
        label: text(label),
        choices: choices.iter().map(|(v, t)| Choice::new(*v, *t, chosen)).collect(),
    };
    Filters {
        action: text("/alerts"),
        title: text("Filter alerts"),
        search: Some(Search {
            name: text("q"),
            label: text("Device, rule or organisation"),
            value: text("path"),
        }),
        selects: vec![
            select(
                "harm",
                "Harm",
                &[("", "Any"), ("now", "Care at risk now"), ("soon", "Care at risk soon")],
                "soon",
            ),
            select(
                "state",
                "State",
                &[("open", "Open"), ("closed", "Closed"), ("", "Any")],
                "open",
            ),
            select("owner", "Owner", &[("", "Anybody"), ("me", "Me"), ("none", "Nobody")], ""),
        ],
        hidden: vec![Hidden { name: text("sort"), value: text("-rank") }],
        chips: vec![
            Chip { text: text("Words: path"), remove: text("/alerts?harm=soon") },
            Chip { text: text("Harm: care at risk soon"), remove: text("/alerts?q=path") },
        ],
        clear: text("/alerts"),
    }
}

pub(crate) fn spark(values: &[i64]) -> Sparkline {
    Sparkline::new("Alerts in the last 24 hours", values, 40)
}

fn alert(id: &str, harm: Harm, what: &str, supports: &str, at_: &str, is_new: bool) -> Row {
    let device = what.split(' ').nth(5).unwrap_or("the device");
    Row {
        id: text(id),
        is_new,
        cells: vec![
            Cell::Lines {
                text: text(what),
                below: text(supports),
                href: Some(format!("/alerts/{id}")),
            },
            Cell::Harm { harm },
            Cell::Link { text: text("Example Hospitals"), href: text("/organisations/RX1") },
            Cell::Spark { spark: spark(&[1, 2, 0, 4, 12, 40, device.len() as i64]) },
            Cell::Time { at: at(at_), is_short: false },
            Cell::Unknown,
        ],
    }
}

fn column(name: &str, is_numeric: bool, direction: Option<&'static str>) -> Column {
    let sort = direction.map(|direction| Sort { href: format!("?sort={name}"), direction });
    Column { text: text(name), is_numeric, sort }
}

pub(crate) fn queue() -> Table {
    Table {
        id: text("alerts"),
        caption: text("Open alerts, worst harm first"),
        is_caption_hidden: true,
        is_compact: true,
        columns: vec![
            column("What happened", false, None),
            column("Harm", false, Some("descending")),
            column("Organisation", false, Some("none")),
            column("Last 24 hours", true, None),
            column("Last seen", false, Some("none")),
            column("Owner", false, Some("none")),
        ],
        rows: vec![
            alert(
                "a1",
                Harm::Now,
                "PowerShell started by Word on RX1-PATH-07 deleted backup copies",
                "It runs specimen labels for the pathology service (about 4,200 tests a day).",
                "2026-11-24T14:05:12Z",
                true,
            ),
            alert(
                "a2",
                Harm::Soon,
                "A remote tool was installed on RX1-THEATRE-02 at night",
                "It runs the theatre list of the surgery service (about 40 operations a day).",
                "2026-11-24T02:40:00Z",
                false,
            ),
            alert(
                "a3",
                Harm::Possible,
                "Somebody guessed passwords for 40 accounts on RX1-DC-01",
                "It signs in all staff of Example Hospitals.",
                "2026-11-23T20:00:00Z",
                false,
            ),
            alert(
                "a4",
                Harm::None,
                "A scan touched 12 devices from RX1-LAB-TEST-3",
                "Nothing depends on it.",
                "2026-11-03T08:00:00Z",
                false,
            ),
        ],
        selection: Some(Selection {
            action: text("/alerts/act"),
            name: text("alert"),
            csrf: text("0123456789abcdef"),
            noun: text("alerts"),
            acts: vec![
                Act { value: text("take"), text: text("Take"), key: Some('t') },
                Act { value: text("close"), text: text("Close as false positive"), key: Some('e') },
            ],
        }),
    }
}

pub(crate) fn table() -> Table {
    let row = |name: &str, number: i64, tag: &str, colour: &'static str| Row {
        id: name.to_lowercase(),
        is_new: false,
        cells: vec![
            Cell::Link { text: text(name), href: text("/sources/x") },
            Cell::Number { number },
            Cell::Tag { text: text(tag), colour },
            Cell::Time { at: at("2026-11-24T14:13:30Z"), is_short: true },
            Cell::text("<b>text</b> & more"),
        ],
    };
    Table {
        id: text("sources"),
        caption: text("Sources"),
        is_caption_hidden: false,
        is_compact: false,
        columns: vec![
            column("Source", false, None),
            column("Events", true, Some("ascending")),
            column("State", false, None),
            column("Last event", false, None),
            column("Note", false, None),
        ],
        rows: vec![
            row("Firewall", 1_234_567, "Arriving", "green"),
            row("Mail gateway", 0, "Silent", "orange"),
        ],
        selection: None,
    }
}

pub(crate) fn tiles() -> Tiles {
    let trust = |n: i64, patients: i64, harm| {
        Tile::new(&format!("Example Trust {n}"), &format!("/organisations/T{n}"), patients, harm)
    };
    let states = [Some(Harm::None), Some(Harm::None), None, Some(Harm::Possible), Some(Harm::None)];
    let region = |name: &str, start: i64, count: i64, worst: Option<Harm>| {
        let trusts = (start..start + count).map(|n| {
            let harm = if n == start + 3 { worst } else { states[n as usize % 5] };
            trust(n, 40_000 + (n * 7_919 % 23) * 40_000, harm)
        });
        let boards = (0..4).map(|n| trust(start + 90 + n, 900_000, Some(Harm::None)));
        let types = vec![
            TilesOf::new("Trusts", trusts.collect()),
            TilesOf::new("Integrated care boards", boards.collect()),
        ];
        Region::new(name, &format!("/map?region={start}"), types)
    };
    let regions = vec![
        region("North West", 100, 30, Some(Harm::Now)),
        region("North East and Yorkshire", 200, 28, Some(Harm::Soon)),
        region("Midlands", 300, 33, Some(Harm::None)),
        region("London", 400, 36, Some(Harm::Soon)),
        region("South East", 500, 24, None),
    ];
    let table = Table { id: text("tiles-table"), caption: text("Organisations"), ..table() };
    Tiles::new("2 of 151 trusts have care at risk; the worst is Example Trust 103", regions, table)
}

pub(crate) fn path() -> Path {
    let nodes = vec![
        Node::new(0, "RX1-PATH-07", "Windows 11, pathology office").leading_to("/devices/1"),
        Node::new(1, "Specimen labels", "Example Labels Ltd")
            .leading_to("/systems/1")
            .meaning(Harm::Now),
        Node::new(1, "Order communications", "runs without it by paper"),
        Node::new(2, "Pathology", "about 4,200 tests a day")
            .leading_to("/services/1")
            .meaning(Harm::Now),
        Node::new(2, "Emergency department", "about 300 patients a day")
            .leading_to("/services/2")
            .meaning(Harm::Soon),
        Node::new(
            3,
            "Patients of Example Hospitals",
            "about 1,200 (between 700 and 2,000) a day wait longer",
        ),
    ];
    let arrows = vec![
        Arrow::new(0, 1, "prints its labels"),
        Arrow::new(0, 2, "shows results of"),
        Arrow::new(1, 3, "cannot work without labels"),
        Arrow::new(2, 4, "orders tests by"),
        Arrow::new(3, 4, "decides with results"),
        Arrow::new(3, 5, "delays results by about 4 hours"),
        Arrow::new(4, 5, "sees them later"),
    ];
    let heads = ["Device", "System", "Service", "Patients"];
    Path::new(
        "why",
        "RX1-PATH-07 prints the labels that pathology needs for about 4,200 tests a day",
        &heads,
        nodes,
        arrows,
    )
}

pub(crate) fn bars() -> Bars {
    let values: Vec<(String, i64)> = (0..24)
        .map(|hour| {
            let value = if hour < 14 { hour % 5 * 3 } else { 20 + (hour - 14) * 9 };
            (format!("{hour:02}:00"), value)
        })
        .collect();
    Bars::new("Alerts have doubled since 14:00", "alert", "hour", &values)
        .with_mark(0.59, "First alert of this device, 14:05", Harm::Now, Some(text("/alerts/a1")))
        .with_mark(0.2, "Rule changed, 04:48", Harm::None, None)
}

pub(crate) fn facts() -> Facts {
    let fact = |key: &str, value, change: Option<&str>| Fact {
        key: text(key),
        value,
        change: change.map(|verb| Link::new(verb, "/change")),
    };
    Facts {
        is_compact: false,
        rows: vec![
            fact(
                "Device",
                Shown::Link { text: text("RX1-PATH-07"), href: text("/devices/1") },
                None,
            ),
            fact("Harm", Shown::Harm { harm: Harm::Soon }, None),
            fact("Owner", Shown::Unknown, Some("Take")),
            fact("Last seen", Shown::Time { at: at("2026-11-24T14:05:12Z") }, None),
            fact("Alerts before", Shown::Number { number: 12_345 }, None),
            fact("Hash", Shown::Exact { text: "9f86d081884c7d659a2feaa0c55ad015".repeat(2) }, None),
            fact(
                "Addresses",
                Shown::Lines { lines: vec![text("10.1.2.3"), text("fd00::7")] },
                Some("Change"),
            ),
        ],
    }
}

pub(crate) fn history() -> History {
    let deed = |when: &str, who: &str, what: &str, note: Option<&str>| Deed {
        at: at(when),
        who: text(who),
        what: text(what),
        note: note.map(text),
    };
    History {
        title: text("What happened"),
        deeds: vec![
            deed(
                "2026-11-24T14:12:00Z",
                "Asha Example",
                "took it",
                Some("Calling the laboratory.\nBack in 10 minutes."),
            ),
            deed("2026-11-24T14:06:00Z", "Ward", "raised it to care at risk now", None),
            deed("2026-11-24T14:05:12Z", "Ward", "made this alert", None),
        ],
        older: Some((1_204, text("?history=all"))),
    }
}

pub(crate) fn code() -> Code {
    let event = "{\n  \"Image\": \"C:\\\\Windows\\\\System32\\\\vssadmin.exe\",\n  \"CommandLine\": \"vssadmin delete shadows /all /quiet\",\n  \"ParentImage\": \"powershell.exe\"\n}";
    let mark = |part: &str| {
        let start = event.find(part).expect("a part of the event");
        start..start + part.len()
    };
    Code::marked("The event", event, &[mark("delete shadows"), mark("powershell.exe")])
}

pub(crate) fn panels() -> Vec<Panel> {
    let panel = |state, title: &str, words: &str, next: Option<Link>| Panel {
        state,
        title: text(title),
        text: text(words),
        next,
        progress: None,
    };
    vec![
        Panel {
            progress: Some(Progress { done: 1_200, total: 40_000 }),
            ..panel(
                State::Loading,
                "Reading the file",
                "You can leave this page; it goes on.",
                Some(Link::new("Refresh", "?")),
            )
        },
        panel(
            State::Empty,
            "No alerts match these filters",
            "1,204 alerts are open without them.",
            Some(Link::new("Clear the filters", "/alerts")),
        ),
        panel(
            State::Partial,
            "Two organisations are missing",
            "Their figures could not be read in time. The others are right.",
            None,
        ),
        panel(
            State::Stale,
            "As it was at 13:40",
            "Nothing newer has arrived.",
            Some(Link::new("Show the sources", "/sources")),
        ),
        panel(
            State::Failed,
            "The history could not be read",
            "Nothing was changed. Try again; if it fails again, tell your administrator.",
            Some(Link::new("Try again", "?")),
        ),
        panel(
            State::Forbidden,
            "This belongs to another organisation",
            "Ask its administrator for a share, or go back.",
            Some(Link::new("Back to alerts", "/alerts")),
        ),
    ]
}

pub(crate) fn form() -> Form {
    let field = |name: &str, label: &str, input| Field {
        name: text(name),
        label: text(label),
        hint: None,
        error: None,
        input,
    };
    let choices = || {
        vec![
            Choice {
                hint: Some(text("The rule is right; the act was allowed")),
                ..Choice::new("benign", "Harmless", "benign")
            },
            Choice::new("false", "False positive", "benign"),
        ]
    };
    Form {
        action: text("/alerts/a1/close"),
        csrf: text("0123456789abcdef"),
        hidden: vec![Hidden { name: text("alert"), value: text("a1") }],
        fields: vec![
            Field {
                hint: Some(text("As your authenticator shows it")),
                error: Some(text("That code is old. Wait for the next one and enter it.")),
                ..field(
                    "code",
                    "Six-digit code",
                    Input::Text {
                        value: text("123"),
                        of: "text",
                        autocomplete: "one-time-code",
                        is_digits: true,
                        width: Some(10),
                    },
                )
            },
            field("password", "Password", Input::Password { autocomplete: "current-password" }),
            field("verdict", "Why you close it", Input::Radios { choices: choices() }),
            field("also", "Also close", Input::Checkboxes { choices: choices() }),
            field("until", "Until when", Input::Select { choices: choices() }),
            field(
                "comment",
                "Comment",
                Input::Area { value: String::new(), rows: 3, most: Some(500) },
            ),
            field("more", "More", Input::Area { value: text("<script>"), rows: 2, most: None }),
            field("file", "File", Input::File { accept: text(".csv"), is_multiple: false }),
        ],
        submit: text("Close the alert"),
        is_warning: false,
        cancel: Some(text("/alerts/a1")),
        has_files: true,
    }
}

pub(crate) fn confirm() -> Confirm {
    Confirm {
        title: text("Isolate RX1-PATH-07?"),
        consequence: text(
            "Pathology cannot print specimen labels until it is connected again: about 4,200 tests a day wait.",
        ),
        facts: Facts { rows: facts().rows.into_iter().take(2).collect(), is_compact: true },
        errors: ErrorSummary::default(),
        form: Form {
            fields: Vec::new(),
            hidden: Vec::new(),
            submit: text("Isolate it"),
            is_warning: true,
            has_files: false,
            ..form()
        },
    }
}

/// What the page of all pieces is made of.
#[derive(Serialize)]
pub(crate) struct Gallery {
    heading: &'static str,
    breadcrumbs: Breadcrumbs,
    tabs: Tabs,
    levels: [Harm; 4],
    filters: Filters,
    queue: Table,
    pagination: Pagination,
    table: Table,
    tiles: Tiles,
    path: Path,
    bars: Bars,
    facts: Facts,
    compact_facts: Facts,
    history: History,
    code: Code,
    panels: Vec<Panel>,
    errors: ErrorSummary,
    form: Form,
    confirm: Confirm,
}

pub(crate) fn gallery() -> Gallery {
    Gallery {
        heading: "3 alerts threaten care at 2 trusts",
        breadcrumbs: breadcrumbs(),
        tabs: tabs(),
        levels: Harm::ALL,
        filters: filters(),
        queue: queue(),
        pagination: pagination(),
        table: table(),
        tiles: tiles(),
        path: path(),
        bars: bars(),
        facts: facts(),
        compact_facts: Facts { is_compact: true, ..facts() },
        history: history(),
        code: code(),
        panels: panels(),
        errors: form().errors(),
        form: form(),
        confirm: confirm(),
    }
}
