//! What people say of a supplier.

use sector::{MapCode, Supplier};
use serde::{Deserialize, Serialize};

use super::{Wrong, all, code_field, line};
use crate::pieces::Field;

/// What is said of a supplier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::pages::map) struct SupplierSaid {
    pub(in crate::pages::map) code: String,
    name: String,
    kind: String,
}

impl SupplierSaid {
    pub(in crate::pages::map) fn of(one: &Supplier) -> Self {
        Self { code: one.code.to_string(), name: one.name.clone(), kind: one.kind.clone() }
    }

    pub(in crate::pages::map) fn read(&self) -> Result<Supplier, Wrong> {
        let mut wrong = Wrong::default();
        let code: Option<MapCode> = wrong.read("code", &self.code);
        let name = wrong.filled("name", &self.name);
        let kind = wrong.filled("kind", &self.kind);
        all!(wrong, Some(Supplier { code: code?, name: name?, kind: kind? }))
    }

    pub(in crate::pages::map) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        let mut fields = Vec::new();
        if is_new {
            fields.push(code_field(&self.code, wrong));
        }
        fields.push(line("name", "Name", &self.name, wrong));
        fields
            .push(line("kind", "Kind", &self.kind, wrong).hint("For example software or network"));
        fields
    }
}
