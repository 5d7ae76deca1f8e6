//! Pages from templates: Ward's own, strict, and the design system's components behind `nhs`.
//!
//! Two environments. Ward's templates live in one where an undefined name is an error. The
//! components expect the opposite, so they live in another, and Ward's templates reach them only
//! through the object `nhs`: `{{ nhs.button({"text": "Save"}) }}`. What is handed over is checked
//! to hold nothing undefined, so strictness is not lost at the border. Every name is escaped;
//! only components and `safe` give markup.

mod components;
mod filters;

use std::path::Path;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, value};
use rust_embed::RustEmbed;
use serde::Serialize;

pub use components::Components;

#[derive(RustEmbed)]
#[folder = "templates"]
#[include = "**/*.html"]
struct Own;

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A template is missing, wrong, or was given less than it needs.
    #[error("cannot render {template}: {}", chain(.source))]
    Render {
        /// The template.
        template: String,
        /// What the template engine says.
        source: Box<minijinja::Error>,
    },
}

/// The engine's error with its causes, which tell the file and line inside an included part.
fn chain(error: &minijinja::Error) -> String {
    let mut text = format!("{error:#}");
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text.push_str(&format!(": {cause:#}"));
        next = cause.source();
    }
    text
}

/// All templates, compiled once. Made at the start, shared by all requests.
#[derive(Debug)]
pub struct Templates {
    own: Environment<'static>,
}

impl Templates {
    /// The templates inside the program. Errors: one of them cannot be compiled.
    pub fn embedded() -> Result<Self, Error> {
        let mut own = environment()?;
        for name in Own::iter() {
            let source = Own::get(&name).map(|file| file.data.into_owned()).unwrap_or_default();
            let source = String::from_utf8_lossy(&source).into_owned();
            let added = own.add_template_owned(name.to_string(), source);
            added.map_err(|error| wrap(&name, error))?;
        }
        Ok(Self { own })
    }

    /// For those who write pages: Ward's own templates are read from `folder`, and again whenever
    /// a file changes. The caller allows it in debug builds only (`WARD_TEMPLATES`).
    /// Errors: the design system's templates cannot be compiled.
    pub fn reloading_from(folder: &Path) -> Result<Self, Error> {
        let mut own = environment()?;
        own.set_loader(minijinja::path_loader(folder));
        own.set_auto_reload(true);
        Ok(Self { own })
    }

    /// [`Templates::embedded`], or in a debug build [`Templates::reloading_from`] where `folder`
    /// is given. Errors: a template cannot be compiled.
    pub fn embedded_or_from(folder: Option<&Path>) -> Result<Self, Error> {
        match folder.filter(|_| cfg!(debug_assertions)) {
            Some(folder) => Self::reloading_from(folder),
            None => Self::embedded(),
        }
    }

    /// Renders a page. Errors: see [`Error`].
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<String, Error> {
        let context = Value::from(value::Serde(context));
        let template = self.own.get_template(name);
        template.and_then(|template| template.render(context)).map_err(|error| wrap(name, error))
    }

    /// Renders one shared piece: the macro `name` of `pieces/<file>.html`, for tests and for
    /// answers that replace one region of a page. Errors: see [`Error`].
    pub fn piece(&self, file: &str, name: &str, piece: impl Serialize) -> Result<String, Error> {
        let source =
            format!("{{% from \"pieces/{file}.html\" import {name} %}}{{{{ {name}(piece) }}}}");
        let context = Value::from_pairs([("piece", Value::from(value::Serde(piece)))]);
        let shown = format!("pieces/{file}.html:{name}");
        self.own
            .render_named_str(&format!("{name}.html"), &source, context)
            .map_err(|error| wrap(&shown, error))
    }

    /// Names of all of Ward's templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.own.templates().map(|(name, _)| name)
    }
}

fn wrap(template: &str, source: minijinja::Error) -> Error {
    Error::Render { template: template.to_owned(), source: Box::new(source) }
}

/// The strict environment, without templates.
fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => filters::write_escaped(out, text).map_err(Into::into),
        _ => minijinja::escape_formatter(out, state, value),
    });
    environment.set_debug(cfg!(debug_assertions));
    environment.add_global("nhs", Value::from_object(Components::embedded()?));
    environment.add_function("asset", filters::asset);
    environment.add_function("choices", filters::choices);
    environment.add_filter("number", filters::number);
    environment.add_filter("plural", filters::plural);
    environment.add_filter("time", filters::time);
    environment.add_filter("ago", filters::ago);
    Ok(environment)
}
