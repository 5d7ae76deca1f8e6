//! Forms that several pages of accounts ask with: a page of one form, a form of one button, and
//! what is wrong with one field.

use axum::http::StatusCode;
use serde::Serialize;

use super::told::Told;
use crate::{
    page::Desk,
    pieces::{ErrorSummary, FieldError, Form},
};

/// A page with one form.
#[derive(Serialize)]
pub(super) struct Ask {
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) errors: ErrorSummary,
    pub(super) form: Form,
}

/// A form of one button.
pub(super) fn button(desk: &Desk, action: &str, submit: &str) -> Form {
    Form {
        action: action.to_owned(),
        csrf: desk.csrf(),
        hidden: Vec::new(),
        fields: Vec::new(),
        submit: submit.to_owned(),
        is_warning: false,
        cancel: None,
        has_files: false,
    }
}

/// A field of a form that cannot be used.
pub(super) struct WrongField {
    pub(super) field: &'static str,
    pub(super) text: String,
}

/// What is wrong with one field, beside it and above the form.
pub(super) fn at_field(form: &mut Form, wrong: WrongField) -> Told {
    if let Some(field) = form.fields.iter_mut().find(|field| field.name == wrong.field) {
        field.error = Some(wrong.text.clone());
    }
    let error = FieldError { text: wrong.text, field: Some(wrong.field.to_owned()) };
    let errors = ErrorSummary { errors: vec![error] };
    Told { status: StatusCode::UNPROCESSABLE_ENTITY, errors }
}
