//! What people say of a dependency.

use sector::{Dependency, Strength, Thing};
use serde::{Deserialize, Serialize};

use super::{Wrong, all, line};
use crate::{
    pages::{fields::field, map::words},
    pieces::{Choice, Field, Input},
};

/// What is said of a dependency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::pages::map) struct DependencySaid {
    pub(in crate::pages::map) from: String,
    pub(in crate::pages::map) to: String,
    kind: String,
    reason: String,
    strength: String,
}

impl DependencySaid {
    /// Nothing said but between what.
    pub(in crate::pages::map) fn blank(from: String, to: String) -> Self {
        Self { from, to, ..Self::default() }
    }

    pub(in crate::pages::map) fn of(one: &Dependency) -> Self {
        Self {
            from: one.from.to_string(),
            to: one.to.to_string(),
            kind: one.kind.clone(),
            reason: one.reason.clone(),
            strength: one.strength.to_string(),
        }
    }

    pub(in crate::pages::map) fn read(&self) -> Result<Dependency, Wrong> {
        let mut wrong = Wrong::default();
        let from: Option<Thing> = wrong.read("from", &self.from);
        let to: Option<Thing> = wrong.read("to", &self.to);
        let kind = wrong.filled("kind", &self.kind);
        let strength: Option<Strength> = wrong.read("strength", &self.strength);
        all!(wrong, {
            Some(Dependency {
                from: from?,
                to: to?,
                kind: kind?,
                reason: self.reason.clone(),
                strength: strength?,
            })
        })
    }

    pub(in crate::pages::map) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        let strengths = (1..=4).filter_map(Strength::new);
        let strengths = strengths.map(|one| {
            let text = format!("{one}: it {}", words::strength(one));
            Choice::new(one.to_string(), text, &self.strength)
        });
        let strength = Input::Radios { choices: strengths.collect() };
        let mut fields = Vec::new();
        if is_new {
            let hint = "service:<code>, system:<code>, supplier:<code> or organisation:<code>";
            fields.push(line("from", "What depends", &self.from, wrong).hint(hint));
            fields.push(line("to", "On what it depends", &self.to, wrong).hint(hint));
        }
        fields.extend([
            line("kind", "How", &self.kind, wrong).hint("For example runs on, or signs in with"),
            line("reason", "Why, in a sentence", &self.reason, wrong)
                .hint("Shown to people who ask why an alert ranks high"),
            field("strength", "What happens to it when the other stops", strength)
                .wrong(wrong.of("strength")),
        ]);
        fields
    }
}
