//! One self-contained page: no script, no request to anywhere, printable, readable at 390 px.
//!
//! Modules: [`page`] the report as the template wants it, [`picture`] the timeline, [`fields`]
//! an event as a list of fields. The template and its style are in `templates/`.

mod fields;
mod page;
mod picture;

use std::{
    collections::HashMap,
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result};
use detect::{Finding, Found};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, syntax::SyntaxConfig, value::Serde};
use sigma::{RuleId, RuleSet};

use self::page::Page;
use super::{Form, Forms, Sink, Written, forms};
use crate::scan::{Output, plan::Plan, report::Report};

const TEMPLATE: &str = include_str!("../../../templates/report.html");
const STYLE: &str = include_str!("../../../templates/report.css");

/// Samples shown of one rule, at most.
const SAMPLES: usize = 25;
/// The same with `--all`.
const ALL_SAMPLES: usize = 250;
/// Samples on the page, at most, as far as every rule still gets a few.
const PAGE_SAMPLES: usize = 1000;
/// Samples each rule gets however many rules there are.
const FEW: usize = 3;

/// Findings kept as samples, by rule.
pub(crate) type Samples = HashMap<RuleId, Vec<Finding>>;

/// Rules of which no further sample is needed.
struct Enough(Vec<AtomicBool>);

impl Enough {
    fn of_none(rules: &RuleSet) -> Self {
        Enough((0..rules.len()).map(|_| AtomicBool::new(false)).collect())
    }

    fn set(&self, rule: RuleId) {
        self.0[rule.0 as usize].store(true, Ordering::Relaxed);
    }

    fn of(&self, rule: RuleId) -> bool {
        self.0[rule.0 as usize].load(Ordering::Relaxed)
    }
}

/// Keeps findings until there is enough of their rule.
struct HtmlForm {
    enough: Arc<Enough>,
}

impl Form for HtmlForm {
    fn finding(&mut self, found: &mut Found<'_>, out: &mut Written) {
        if !self.enough.of(found.rule) {
            out.keep(found.full(found.record.into()));
        }
    }

    fn firing(&mut self, finding: Finding, out: &mut Written) {
        if !self.enough.of(finding.rule) {
            out.keep(finding);
        }
    }
}

/// Keeps samples and writes the page at the end.
pub(crate) struct HtmlSink {
    output: Output,
    enough: Arc<Enough>,
    most: usize,
    is_all: bool,
    samples: Samples,
}

/// Both halves. `is_all`: ten times the samples, and every row.
pub(crate) fn open(output: Output, plan: &Plan, is_all: bool) -> (Forms, HtmlSink) {
    let most = if is_all { ALL_SAMPLES } else { SAMPLES };
    let enough = Arc::new(Enough::of_none(plan.engine.rules()));
    let sink = HtmlSink { output, enough: enough.clone(), most, is_all, samples: HashMap::new() };
    (forms(move || HtmlForm { enough: enough.clone() }), sink)
}

impl Sink for HtmlSink {
    fn take(&mut self, written: &mut Written) -> io::Result<()> {
        for finding in written.samples.drain(..) {
            let samples = self.samples.entry(finding.rule).or_default();
            if samples.len() < self.most {
                if samples.len() + 1 == self.most {
                    self.enough.set(finding.rule);
                }
                samples.push(finding);
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, report: &Report<'_>) -> io::Result<()> {
        if !self.is_all {
            let share = PAGE_SAMPLES / self.samples.len().max(1);
            let each = share.clamp(FEW, SAMPLES);
            self.samples.values_mut().for_each(|samples| samples.truncate(each));
        }
        let page = Page::new(report, &self.samples, self.is_all);
        let text = render(page).map_err(|error| io::Error::other(format!("{error:#}")))?;
        self.output.write_all(text.as_bytes())?;
        self.output.finish()
    }
}

fn render(page: Page) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.context("the template's syntax")?);
    environment.add_global("style", STYLE);
    environment.add_template("report.html", TEMPLATE).context("the template is broken")?;
    let template = environment.get_template("report.html")?;
    template.render(minijinja::Value::from(Serde(page))).context("the page cannot be made")
}
