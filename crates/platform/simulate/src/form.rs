//! How a collector wraps a Windows event. The event is the same; three tools write it in three
//! ways, and each organisation has one of them.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::library::{Body, WindowsHead};

/// A way of writing Windows events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// Winlogbeat 8, in the Elastic Common Schema.
    Winlogbeat,
    /// One level, as exporters flatten the output of `evtx_dump`.
    Flat,
    /// `evtx_dump` itself.
    Evtx,
}

/// All forms; a form's place is its number.
pub(crate) const FORMS: [Form; 3] = [Form::Winlogbeat, Form::Flat, Form::Evtx];

/// The record as the tool writes it, with places to fill.
pub(crate) fn wrap(body: &Body, form: Form) -> Value {
    match body {
        Body::Json(json) => json.clone(),
        Body::Windows(head, fields) => match form {
            Form::Winlogbeat => winlogbeat(head, fields),
            Form::Flat => flat(head, fields),
            Form::Evtx => evtx(head, fields),
        },
    }
}

fn winlogbeat(head: &WindowsHead, fields: &Map<String, Value>) -> Value {
    // Winlogbeat writes all event data as text.
    let data: Map<String, Value> = fields
        .iter()
        .map(|(name, value)| {
            let text = value.as_str().map(|text| text.strip_prefix('=').unwrap_or(text));
            (name.clone(), text.map_or_else(|| value.to_string().into(), Value::from))
        })
        .collect();
    let mut event = json!({
        "action": head.says,
        "code": head.event_id.to_string(),
        "created": "{time}",
        "kind": "event",
        "provider": head.provider,
    });
    if let (Some(outcome), Some(event)) = (&head.outcome, event.as_object_mut()) {
        event.insert("outcome".to_owned(), outcome.as_str().into());
    }
    json!({
        "@timestamp": "{time}",
        "agent": {"name": "{host}", "type": "winlogbeat", "version": "8.19.2"},
        "ecs": {"version": "8.0.0"},
        "event": event,
        "host": {"name": "{host}"},
        "log": {"level": "information"},
        "winlog": {
            "api": "wineventlog",
            "channel": head.channel,
            "computer_name": "{host}",
            "event_data": data,
            "event_id": head.event_id.to_string(),
            "keywords": [head.keywords],
            "opcode": "Info",
            "process": {"pid": "={pid.250}", "thread": {"id": "={pid.251}"}},
            "provider_guid": braced(&head.guid),
            "provider_name": head.provider,
            "record_id": "={serial}",
            "task": head.says,
            "version": head.version,
        },
    })
}

fn flat(head: &WindowsHead, fields: &Map<String, Value>) -> Value {
    let mut record = Map::new();
    let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
    put("Provider_Name", head.provider.as_str().into());
    put("EventID", head.event_id.into());
    put("Version", head.version.into());
    put("Level", head.level.into());
    put("Task", head.task.into());
    put("Keywords", head.keywords.as_str().into());
    put("SystemTime", "{time.micros}".into());
    put("EventRecordID", "={serial}".into());
    put("Channel", head.channel.as_str().into());
    put("Computer", "{host}".into());
    for (name, value) in fields {
        put(name, value.clone());
    }
    Value::Object(record)
}

fn evtx(head: &WindowsHead, fields: &Map<String, Value>) -> Value {
    json!({"Event": {
        "#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
        "System": {
            "Provider": {"#attributes": {"Name": head.provider, "Guid": head.guid}},
            "EventID": head.event_id,
            "Version": head.version,
            "Level": head.level,
            "Task": head.task,
            "Opcode": 0,
            "Keywords": head.keywords,
            "TimeCreated": {"#attributes": {"SystemTime": "{time.micros}"}},
            "EventRecordID": "={serial}",
            "Correlation": null,
            "Execution": {"#attributes": {"ProcessID": "={pid.250}", "ThreadID": "={pid.251}"}},
            "Channel": head.channel,
            "Computer": "{host}",
            "Security": {"#attributes": {"UserID": "S-1-5-18"}},
        },
        "EventData": fields,
    }})
}

/// The identifier of a provider, in braces that are not places.
fn braced(guid: &str) -> String {
    if guid.is_empty() { String::new() } else { format!("{{{{{guid}}}}}") }
}
