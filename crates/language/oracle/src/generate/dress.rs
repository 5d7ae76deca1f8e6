//! Log source and layout: which keys say where the event comes from, and what is nested how.

use fastrand::Rng;

use super::{
    draft::{Draft, together},
    sample,
};
use crate::{Json, OracleRule};

type Entries = Vec<(String, Json)>;

const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";

/// Category or service of Windows → channel and event number.
const CHANNELS: [(&str, &str, u32); 30] = [
    ("process_creation", SYSMON, 1),
    ("file_change", SYSMON, 2),
    ("network_connection", SYSMON, 3),
    ("driver_load", SYSMON, 6),
    ("image_load", SYSMON, 7),
    ("create_remote_thread", SYSMON, 8),
    ("raw_access_thread", SYSMON, 9),
    ("process_access", SYSMON, 10),
    ("file_event", SYSMON, 11),
    ("registry_event", SYSMON, 12),
    ("registry_add", SYSMON, 12),
    ("registry_delete", SYSMON, 12),
    ("registry_set", SYSMON, 13),
    ("create_stream_hash", SYSMON, 15),
    ("pipe_created", SYSMON, 17),
    ("wmi_event", SYSMON, 19),
    ("dns_query", SYSMON, 22),
    ("file_delete", SYSMON, 23),
    ("ps_module", "Microsoft-Windows-PowerShell/Operational", 4103),
    ("ps_script", "Microsoft-Windows-PowerShell/Operational", 4104),
    ("ps_classic_start", "Windows PowerShell", 400),
    ("ps_classic_provider_start", "Windows PowerShell", 600),
    ("security", "Security", 4624),
    ("system", "System", 7045),
    ("application", "Application", 1000),
    ("sysmon", SYSMON, 255),
    ("powershell", "Microsoft-Windows-PowerShell/Operational", 4104),
    ("powershell-classic", "Windows PowerShell", 400),
    ("windefend", "Microsoft-Windows-Windows Defender/Operational", 1116),
    ("taskscheduler", "Microsoft-Windows-TaskScheduler/Operational", 106),
];

/// Fields of Sysmon's process creation and of the Security log's.
const RENAMED: [(&str, &str); 3] = [
    ("Image", "NewProcessName"),
    ("ParentImage", "ParentProcessName"),
    ("User", "SubjectUserName"),
];

/// Log sources of other rules.
const OTHERS: [(&str, &str, &str); 5] = [
    ("windows", "process_creation", ""),
    ("windows", "", "security"),
    ("linux", "process_creation", ""),
    ("", "webserver", ""),
    ("aws", "", "cloudtrail"),
];

/// Lays the draft out as one object that belongs (mostly) to the rule's log source.
pub(super) fn dress(draft: Draft, rule: &OracleRule, rng: &mut Rng) -> Json {
    let word = |part: &Option<Box<str>>| part.as_deref().unwrap_or_default().to_owned();
    let source = &rule.logsource;
    let mut tags = (word(&source.product), word(&source.category), word(&source.service));
    let windows = tags.0 == "windows" || rng.u8(..16) == 0;
    let kind = if tags.1.is_empty() { tags.2.clone() } else { tags.1.clone() };
    if rng.u8(..20) == 0 {
        let (product, category, service) = OTHERS[rng.usize(..OTHERS.len())];
        tags = (product.into(), category.into(), service.into());
    }
    let mut entries = spread(draft, rng);
    for _ in 0..rng.usize(..6) {
        let name = ["extra", "UtcTime", "ProcessId", "Computer", "note.text"][rng.usize(..5)];
        if entries.iter().all(|(known, _)| known != name) {
            let text = sample::filler(rng);
            entries.push((name.into(), sample::typed(text, rng)));
        }
    }
    if windows {
        let (channel, event) = channel(&kind, rng);
        if channel == "Security" && event == 4688 {
            rename(&mut entries);
        }
        let number = match rng.u8(..12) {
            0 => sample::number_value(event.into(), rng),
            1 | 2 => Json::Text(event.to_string()),
            _ => Json::Number(event.to_string()),
        };
        for (name, value) in [("Channel", Json::Text(channel)), ("EventID", number)] {
            if entries.iter().all(|(known, _)| known != name) {
                entries.push((name.into(), value));
            }
        }
        if rng.u8(..8) == 0 {
            rng.shuffle(&mut entries);
            return evtx(entries, rng);
        }
    }
    let mut object: Entries =
        entries.into_iter().map(|(name, value)| nest(&name, value, rng)).collect();
    for (name, tag) in [("product", tags.0), ("category", tags.1), ("service", tags.2)] {
        if !tag.is_empty() && object.iter().all(|(known, _)| known != name) {
            object.push((name.into(), Json::Text(tag)));
        }
    }
    rng.shuffle(&mut object);
    Json::Object(object)
}

fn channel(kind: &str, rng: &mut Rng) -> (String, u32) {
    if kind == "process_creation" && rng.u8(..6) == 0 {
        return ("Security".into(), 4688);
    }
    if rng.u8(..12) == 0 {
        return (["Ward-Test", "Security", "System", SYSMON][rng.usize(..4)].into(), rng.u32(..30));
    }
    match CHANNELS.iter().find(|(name, ..)| *name == kind) {
        Some((_, channel, event)) => ((*channel).into(), *event),
        None => ("Ward-Test".into(), rng.u32(1..10_000)),
    }
}

/// Several values of a name: an array, or the key several times.
fn spread(draft: Draft, rng: &mut Rng) -> Entries {
    let mut entries = Vec::new();
    for (name, values) in draft.fields {
        if values.len() > 1 && rng.u8(..3) == 0 {
            entries.extend(values.into_iter().map(|value| (name.clone(), value)));
        } else {
            let value = together(&values);
            let wrapped = rng.u8(..24) == 0;
            entries.push((name, if wrapped { Json::Array(vec![value]) } else { value }));
        }
    }
    entries
}

/// A dotted name as it is, or nested at one of its dots.
fn nest(name: &str, value: Json, rng: &mut Rng) -> (String, Json) {
    let dots: Vec<usize> = name.match_indices('.').map(|(at, _)| at).collect();
    if dots.is_empty() || rng.bool() {
        return (name.to_owned(), value);
    }
    let at = dots[rng.usize(..dots.len())];
    let inner = nest(&name[at + 1..], value, rng);
    (name[..at].to_owned(), Json::Object(vec![inner]))
}

fn rename(entries: &mut Entries) {
    for (name, _) in entries {
        if let Some((_, other)) = RENAMED.iter().find(|(sysmon, _)| sysmon == name) {
            *name = (*other).into();
        }
    }
}

/// As readers of Windows event logs write it.
fn evtx(entries: Entries, rng: &mut Rng) -> Json {
    let text = |text: &str| Json::Text(text.into());
    let mut system = Vec::new();
    let mut data = Vec::new();
    for (name, value) in entries {
        match name.as_str() {
            "Provider_Name" => {
                let attributes = Json::Object(vec![("Name".into(), value)]);
                let provider = Json::Object(vec![("#attributes".into(), attributes)]);
                system.push(("Provider".into(), provider));
            }
            "EventID" if rng.bool() => {
                let attributes =
                    Json::Object(vec![("Qualifiers".into(), Json::Number("0".into()))]);
                let number =
                    Json::Object(vec![("#attributes".into(), attributes), ("#text".into(), value)]);
                system.push((name, number));
            }
            "EventID" | "Channel" | "Computer" | "Level" | "Keywords" => system.push((name, value)),
            _ => data.push((name, value)),
        }
    }
    let namespace = text("http://schemas.microsoft.com/win/2004/08/events/event");
    let event = Json::Object(vec![
        ("#attributes".into(), Json::Object(vec![("xmlns".into(), namespace)])),
        ("System".into(), Json::Object(system)),
        ("EventData".into(), Json::Object(data)),
    ]);
    Json::Object(vec![("Event".into(), event)])
}
