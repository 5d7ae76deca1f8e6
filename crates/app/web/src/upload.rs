//! Files posted by a form of ours: who posts, what else the form held, the files within a bound.
//!
//! The mark against forged requests must come before the first file, so that nobody else's page
//! makes us read one. Routes that take files are made with [`crate::routes::Routes::upload`].

use access::{Access, Caller};
use axum::{
    extract::{FromRef, FromRequest, FromRequestParts, Multipart, Request, multipart::Field},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    Settings,
    caller::SignedIn,
    failure::Failure,
    form::{forged, is_mark},
};

/// What was posted.
pub(crate) struct Upload {
    /// Who.
    pub(crate) caller: Caller,
    /// Texts by the names of their fields, in order.
    pub(crate) fields: Vec<(String, String)>,
    /// Files by the names they had, in order. A field in which no file was chosen is left out.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

/// Bytes of all texts and files of a form together.
pub(crate) const MOST_BYTES: usize = 20 << 20;
/// Bytes of one text.
const MOST_TEXT: usize = 64 << 10;
/// Texts and files of one form: one for each file of the largest folder, and some.
const MOST_FIELDS: usize = 20_100;

impl Upload {
    /// The text of a field; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, text)| text)
    }

    async fn read(mut form: Multipart, caller: Caller, access: &Access) -> Result<Self, Response> {
        let mut upload = Self { caller, fields: Vec::new(), files: Vec::new() };
        let (mut room, mut is_ours, mut fields) = (MOST_BYTES, false, 0);
        while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
            fields += 1;
            if fields > MOST_FIELDS {
                return Err(too_large());
            }
            let name = field.name().unwrap_or_default().to_owned();
            match field.file_name().map(str::to_owned) {
                None => {
                    let bytes = collect(field, MOST_TEXT.min(room)).await?;
                    room -= bytes.len();
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    is_ours |= name == "csrf" && is_mark(&text, &upload.caller, access);
                    upload.fields.push((name, text));
                }
                Some(_) if !is_ours => return Err(forged()),
                Some(file) => {
                    let bytes = collect(field, room).await?;
                    room -= bytes.len();
                    if !(file.is_empty() && bytes.is_empty()) {
                        upload.files.push((file, bytes));
                    }
                }
            }
        }
        if is_ours { Ok(upload) } else { Err(forged()) }
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload
where
    Access: FromRef<S>,
    Settings: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let SignedIn(caller) = SignedIn::from_request_parts(&mut parts, state).await?;
        let request = Request::from_parts(parts, body);
        let form = Multipart::from_request(request, state).await.map_err(|error| {
            Failure::new(StatusCode::BAD_REQUEST, error.to_string()).into_response()
        })?;
        Self::read(form, caller, &Access::from_ref(state)).await
    }
}

async fn collect(mut field: Field<'_>, most: usize) -> Result<Vec<u8>, Response> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| unreadable(&error))? {
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn unreadable(error: &axum::extract::multipart::MultipartError) -> Response {
    let what = "the upload could not be read to its end";
    Failure::new(error.status(), what).detail("nothing of it was kept").into_response()
}

fn too_large() -> Response {
    let what = format!("the upload is larger than {} MiB", MOST_BYTES >> 20);
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, what)
        .detail("nothing of it was kept")
        .into_response()
}
