//! How tools write: records with their fields, programs with what Windows says of them, and the
//! two put together for one line of an activity or a storyline.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A record of one tool, to be filled.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordFile {
    /// Where Windows keeps it; absent for other tools.
    pub(crate) windows: Option<WindowsHead>,
    /// The record whose event data it has, besides its own.
    pub(crate) like: Option<String>,
    /// Its event data, for Windows.
    #[serde(default)]
    pub(crate) fields: Map<String, Value>,
    /// The whole record, for other tools.
    pub(crate) json: Option<Value>,
}

/// What stands around the event data of a Windows event.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowsHead {
    pub(crate) channel: String,
    pub(crate) provider: String,
    #[serde(default)]
    pub(crate) guid: String,
    pub(crate) event_id: u32,
    #[serde(default)]
    pub(crate) version: u32,
    #[serde(default)]
    pub(crate) task: u32,
    #[serde(default = "four")]
    pub(crate) level: u32,
    #[serde(default = "classic")]
    pub(crate) keywords: String,
    /// `success` or `failure`, where the event says so.
    pub(crate) outcome: Option<String>,
    /// Name of the task, as the viewer shows it.
    pub(crate) says: String,
}

fn four() -> u32 {
    4
}

fn classic() -> String {
    "0x8000000000000000".to_owned()
}

/// What Windows tells of a program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Program {
    pub(crate) image: String,
    #[serde(default = "dash")]
    pub(crate) original: String,
    #[serde(default = "dash")]
    pub(crate) description: String,
    /// That of Windows unless told.
    #[serde(default = "windows")]
    pub(crate) product: String,
    #[serde(default = "microsoft")]
    pub(crate) company: String,
}

fn dash() -> String {
    "-".to_owned()
}

fn windows() -> String {
    "Microsoft® Windows® Operating System".to_owned()
}

fn microsoft() -> String {
    "Microsoft Corporation".to_owned()
}

/// One record to write: which, and what differs from its usual fields.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) record: String,
    /// The program it is about.
    pub(crate) program: Option<String>,
    /// The program that started it.
    pub(crate) parent: Option<String>,
    /// Which process of the activity it is about, and which started that one: the keys of their
    /// places. Usually 1 and 0.
    pub(crate) process: u8,
    pub(crate) of: u8,
    /// Fields set; a dotted name reaches into objects of records that are not of Windows.
    pub(crate) fields: Map<String, Value>,
}

/// A record with its fields set.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Windows(WindowsHead, Map<String, Value>),
    Json(Value),
}

/// Records and programs by name.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) records: BTreeMap<String, RecordFile>,
    pub(crate) programs: BTreeMap<String, Program>,
}

impl Shelf {
    /// The record of a line. Errors: what is wrong, in words.
    pub(crate) fn body(&self, line: &Line) -> Result<Body, String> {
        let file = self.records.get(&line.record);
        let file = file.ok_or_else(|| format!("there is no record {:?}", line.record))?;
        match (&file.windows, &file.json) {
            (Some(head), None) => {
                let mut fields = self.fields(file)?;
                fields.values_mut().for_each(|value| renumber(value, line));
                self.tell_program(line, &mut fields)?;
                for (name, value) in &line.fields {
                    fields.insert(name.clone(), value.clone());
                }
                // A process usually runs under the account of the one that started it.
                if let (Some(user), Some(parent)) =
                    (line.fields.get("User"), fields.get_mut("ParentUser"))
                    && !line.fields.contains_key("ParentUser")
                {
                    *parent = user.clone();
                }
                Ok(Body::Windows(head.clone(), fields))
            }
            (None, Some(json)) => {
                let mut json = json.clone();
                for (path, value) in &line.fields {
                    set(&mut json, path, value)?;
                }
                Ok(Body::Json(json))
            }
            _ => Err(format!("record {:?} needs either windows or json", line.record)),
        }
    }

    /// Event data of a record, with that of the record it is like.
    fn fields(&self, file: &RecordFile) -> Result<Map<String, Value>, String> {
        let Some(like) = &file.like else { return Ok(file.fields.clone()) };
        let like = self.records.get(like).ok_or_else(|| format!("there is no record {like:?}"))?;
        let mut fields = like.fields.clone();
        fields.extend(file.fields.iter().map(|(name, value)| (name.clone(), value.clone())));
        Ok(fields)
    }

    /// Writes what is known of the line's programs into the fields that its record has.
    fn tell_program(&self, line: &Line, fields: &mut Map<String, Value>) -> Result<(), String> {
        let find = |name: &String| {
            self.programs.get(name).ok_or_else(|| format!("there is no program {name:?}"))
        };
        let tells_version = fields.contains_key("OriginalFileName");
        let mut put = |name: &str, text: &str| {
            if let Some(place) = fields.get_mut(name) {
                *place = Value::from(text);
            }
        };
        if let Some(program) = line.program.as_ref().map(find).transpose()? {
            let command = format!("\"{}\"", program.image);
            for name in ["Image", "SourceImage", "NewProcessName"] {
                put(name, &program.image);
            }
            put("CommandLine", &command);
            // Elsewhere, as when a library is loaded, these are not the program's.
            if tells_version {
                put("OriginalFileName", &program.original);
                put("Description", &program.description);
                put("Product", &program.product);
                put("Company", &program.company);
                if program.product != windows() {
                    put("FileVersion", "-");
                }
            }
        }
        if let Some(parent) = line.parent.as_ref().map(find).transpose()? {
            put("ParentImage", &parent.image);
            put("ParentProcessName", &parent.image);
            put("ParentCommandLine", &format!("\"{}\"", parent.image));
        }
        Ok(())
    }
}

/// Puts the line's processes where the record has its own (1) and the one before it (0).
fn renumber(value: &mut Value, line: &Line) {
    let Value::String(text) = value else { return };
    for name in ["pid", "guid"] {
        let [own, before] = [1, 0].map(|key| format!("{{{name}.{key}}}"));
        if text.contains(&own) {
            *text = text.replace(&own, &format!("{{{name}.{}}}", line.process));
        } else if text.contains(&before) {
            *text = text.replace(&before, &format!("{{{name}.{}}}", line.of));
        }
    }
}

/// Sets a value of an object by its dotted path.
fn set(json: &mut Value, path: &str, value: &Value) -> Result<(), String> {
    let mut place = json;
    for name in path.split('.') {
        let object = place.as_object_mut().ok_or_else(|| format!("{path:?} is no object"))?;
        place = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
    }
    *place = value.clone();
    Ok(())
}
