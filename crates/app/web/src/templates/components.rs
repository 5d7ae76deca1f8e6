//! The design system's components, as the object `nhs` of Ward's templates.
//!
//! `nhs.summaryList({…})` renders the macro `summaryList`. `{% call nhs.card({…}) %}…{% endcall %}`
//! hands over a block. A component that does not exist, or a parameter that is undefined, is an
//! error with its name.

use std::{collections::BTreeMap, fmt, sync::Arc};

use minijinja::{
    AutoEscape, Environment, ErrorKind, State, UndefinedBehavior, Value,
    value::{Kwargs, Object, Rest, ValueKind},
};
use rust_embed::RustEmbed;

use super::{Error, wrap};

#[derive(RustEmbed)]
#[folder = "dist/templates"]
struct DesignSystem;

/// The components, compiled.
pub struct Components {
    environment: Environment<'static>,
    /// Template by the name of its macro.
    macros: BTreeMap<String, String>,
}

impl fmt::Debug for Components {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Components").field("macros", &self.macros.len()).finish_non_exhaustive()
    }
}

impl Components {
    /// The components inside the program. Errors: one of them cannot be compiled.
    pub fn embedded() -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_filter("length", length);
        environment.add_filter("truncate", truncate);
        let mut macros = BTreeMap::new();
        for name in DesignSystem::iter() {
            let source = DesignSystem::get(&name).map(|file| file.data).unwrap_or_default();
            let source = String::from_utf8_lossy(&source).into_owned();
            if let Some(component) = defined_macro(&name, &source) {
                macros.insert(component.to_owned(), name.to_string());
            }
            let added = environment.add_template_owned(name.to_string(), source);
            added.map_err(|error| wrap(&name, error))?;
        }
        Ok(Self { environment, macros })
    }

    /// Names of the components, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.macros.keys().map(String::as_str)
    }

    /// Renders a component; `block` is what `{% call %}` encloses. Errors: there is no such
    /// component, or it cannot be rendered.
    pub fn component(
        &self,
        name: &str,
        parameters: Value,
        block: Option<Value>,
    ) -> Result<String, minijinja::Error> {
        let template = self.macros.get(name).ok_or_else(|| {
            let what = format!("the design system has no component {name}");
            minijinja::Error::new(ErrorKind::UnknownMethod, what)
        })?;
        let template = self.environment.get_template(template)?;
        let mut module = template.render_captured(())?;
        let mut arguments = vec![parameters];
        if let Some(block) = block {
            let caller = Value::from_function(move |_: Rest<Value>| block.clone());
            arguments.push(Kwargs::from_iter([("caller", caller)]).into());
        }
        module.with_state_mut(|state| state.call_macro(name, &arguments))
    }
}

/// The macro that a component's file is there for.
fn defined_macro<'a>(name: &str, source: &'a str) -> Option<&'a str> {
    let is_component = name.starts_with("nhsuk/components/") && name.ends_with("/macro.jinja");
    let rest = source.split("{% macro ").nth(1).filter(|_| is_component)?;
    rest.split('(').next().map(str::trim)
}

impl Object for Components {
    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, minijinja::Error> {
        let (positional, named): (&[Value], Kwargs) =
            minijinja::value::from_args::<(&[Value], Kwargs)>(arguments)?;
        let caller: Option<Value> = named.get("caller")?;
        named.assert_all_used()?;
        let parameters = positional.first().cloned().unwrap_or_else(|| Value::from_pairs(NOTHING));
        if let Some(path) = undefined(&parameters) {
            let what = format!("parameter {path} of {method} is undefined");
            return Err(minijinja::Error::new(ErrorKind::UndefinedError, what));
        }
        let block = caller.map(|caller| caller.call(state, &[])).transpose()?;
        self.component(method, parameters, block).map(Value::from_safe_string)
    }
}

const NOTHING: [(&str, Value); 0] = [];

/// Where something undefined lies in a value, as `rows[2].text`.
fn undefined(value: &Value) -> Option<String> {
    let inner = |key: &Value, step: String| {
        let path = undefined(&value.get_item(key).unwrap_or(Value::UNDEFINED))?;
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        Some(format!("{step}{dot}{path}"))
    };
    match value.kind() {
        ValueKind::Undefined => Some(String::new()),
        ValueKind::Map => value.try_iter().ok()?.find_map(|key| inner(&key, key.to_string())),
        ValueKind::Seq => (0..value.len()?).find_map(|n| inner(&n.into(), format!("[{n}]"))),
        _ => None,
    }
}

/// Jinja's `length` fails where there is nothing to count; the components expect 0.
fn length(value: &Value) -> usize {
    value.len().unwrap_or_default()
}

/// As in Jinja, where the components give the length by position.
fn truncate(text: &str, length: usize, whole_words: Option<bool>, end: Option<&str>) -> String {
    let end = end.unwrap_or("...");
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let kept: String = text.chars().take(length.saturating_sub(end.chars().count())).collect();
    match kept.rsplit_once(' ').filter(|_| !whole_words.unwrap_or(false)) {
        Some((words, _)) => format!("{words}{end}"),
        None => format!("{kept}{end}"),
    }
}
