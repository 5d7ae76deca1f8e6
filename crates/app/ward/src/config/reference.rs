//! The page about settings, and the settings as they are.

use std::fmt::Write as _;

use super::{
    Config, ReadConfig,
    read::{FILE, environment_name},
    settings::SETTINGS,
};

/// The reference: one page of Markdown, made from the table of settings.
pub(crate) fn markdown() -> String {
    let defaults = Values::of(&Config::default());
    let mut out = format!(
        "# Settings\n\nMade by `ward config reference`; do not edit by hand.\n\n`ward serve` reads \
         `{FILE}` in the folder it is started in (or the file that `--config` names), then the \
         environment, then flags; the later wins. `ward config check` tells what is wrong, and \
         `ward config show` what holds and why.\n"
    );
    let mut table = "";
    for setting in SETTINGS {
        let (of, key) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if of != table {
            table = of;
            let _ = write!(
                out,
                "\n## [{table}]\n\n| key | default | environment | meaning |\n|---|---|---|---|\n"
            );
        }
        let _ = writeln!(
            out,
            "| `{key}` | `{}` | `{}` | {} |",
            defaults.text(setting.key),
            environment_name(setting.key),
            setting.meaning
        );
    }
    out
}

/// The settings that hold, one a line in the file's form, with where each came from. Secrets are
/// hidden.
pub(crate) fn shown(read: &ReadConfig) -> String {
    let values = Values::of(&read.config);
    let mut out = String::new();
    let mut table = "";
    for (setting, origin) in SETTINGS.iter().zip(&read.origins) {
        let (of, key) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if of != table {
            table = of;
            let _ = writeln!(out, "{}[{table}]", if out.is_empty() { "" } else { "\n" });
        }
        let value = values.text(setting.key);
        let value = match setting.is_secret {
            true => hidden(&value),
            false => value,
        };
        let _ = writeln!(out, "{key} = {value} # {origin}");
    }
    out
}

/// A place of a database without its password.
fn hidden(value: &str) -> String {
    match value.trim_matches('"').parse::<db::Place>() {
        Ok(place) => format!("\"{place}\""),
        Err(_) => value.to_owned(),
    }
}

struct Values(serde_json::Value);

impl Values {
    fn of(config: &Config) -> Self {
        Self(serde_json::to_value(config).expect("settings are plain values"))
    }

    /// A value as TOML spells it.
    fn text(&self, key: &str) -> String {
        let (table, key) = key.split_once('.').unwrap_or(("", key));
        toml(&self.0[table][key])
    }
}

/// A value on one line of TOML: for texts, numbers and truths JSON spells it alike.
fn toml(value: &serde_json::Value) -> String {
    use serde_json::Value;
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Array(members) => format!("[{}]", joined(members.iter().map(toml).collect())),
        Value::Object(members) => {
            let is_told = |member: &(&String, &Value)| *member.1 != Value::Null;
            let member = |(key, value): (&String, &Value)| {
                format!("{} = {}", Value::from(key.as_str()), toml(value))
            };
            format!("{{ {} }}", joined(members.iter().filter(is_told).map(member).collect()))
        }
        plain => plain.to_string(),
    }
}
