//! How a form says what an act on accounts was refused for: beside the field it is about, or above
//! the form.

use access::AccessError;
use axum::http::StatusCode;

use super::fields::sentence;
use crate::{
    failure::Failure,
    pieces::{ErrorSummary, FieldError, Form},
};

/// What goes above the page, and the status it is sent with.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) status: StatusCode,
    pub(super) errors: ErrorSummary,
}

/// Puts the error beside the field of `form` it is about, where there is such a field.
///
/// Errors: nothing that is filled in differently would help; the whole answer is the failure.
pub(super) fn beside(form: &mut Form, error: AccessError) -> Result<Told, Failure> {
    let told = above(error)?;
    for error in &told.errors.errors {
        let field = form.fields.iter_mut().find(|field| Some(&field.name) == error.field.as_ref());
        if let Some(field) = field {
            field.error = Some(error.text.clone());
        }
    }
    // A link to a field that is not there would lead nowhere.
    let has = |name: &String| form.fields.iter().any(|field| field.name == *name);
    let errors = told.errors.errors.into_iter();
    let errors = errors.map(|error| FieldError { field: error.field.filter(has), ..error });
    Ok(Told { errors: ErrorSummary { errors: errors.collect() }, ..told })
}

/// The error for above a page. Errors: as [`beside`].
pub(super) fn above(error: AccessError) -> Result<Told, Failure> {
    let (text, field) = match &error {
        AccessError::Password(_) => (sentence(&error), Some("password")),
        AccessError::Input { field, why } => (sentence(why), Some(*field)),
        AccessError::Refused => ("The password is not right.".to_owned(), Some("present")),
        AccessError::TooMany { .. }
        | AccessError::Busy
        | AccessError::Forbidden(_)
        | AccessError::LastAdministrator
        | AccessError::State(_) => (sentence(&error), None),
        AccessError::Exceeds(permission) => (
            format!(
                "You cannot give, take or change what you do not hold yourself: here it is “{}”.",
                permission.label()
            ),
            None,
        ),
        AccessError::NotSignedIn
        | AccessError::SignInAgain
        | AccessError::Token
        | AccessError::Link
        | AccessError::Unknown(_)
        | AccessError::Key
        | AccessError::Db(_) => return Err(Failure::of(error)),
    };
    let status = match &error {
        AccessError::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        _ => Failure::of(error).status(),
    };
    let error = FieldError { text, field: field.map(str::to_owned) };
    Ok(Told { status, errors: ErrorSummary { errors: vec![error] } })
}
