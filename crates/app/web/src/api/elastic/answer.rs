//! Answers in the form Elastic's clients check: the product header, and the media type they asked
//! for.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// The media type the client asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Compatible {
    media_type: &'static str,
}

const PLAIN: &str = "application/json";
const WITH_7: &str = "application/vnd.elasticsearch+json;compatible-with=7";
const WITH_8: &str = "application/vnd.elasticsearch+json;compatible-with=8";
const WITH_9: &str = "application/vnd.elasticsearch+json;compatible-with=9";

impl Compatible {
    /// Of the values of `Accept` and `Content-Type`.
    fn of(accept: &str, content_type: &str) -> Self {
        let asked = if accept.contains("vnd.elasticsearch") { accept } else { content_type };
        let media_type = match asked {
            asked if !asked.contains("vnd.elasticsearch") => PLAIN,
            asked if asked.contains("compatible-with=7") => WITH_7,
            asked if asked.contains("compatible-with=9") => WITH_9,
            _ => WITH_8,
        };
        Self { media_type }
    }

    /// An answer.
    pub(crate) fn answer(self, status: StatusCode, body: &Value) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.media_type)),
            (header::HeaderName::from_static("x-elastic-product"), PRODUCT),
        ];
        (status, headers, body.to_string()).into_response()
    }
}

/// The header by which clients tell that they speak with a server of this kind.
const PRODUCT: HeaderValue = HeaderValue::from_static("Elasticsearch");

impl<S: Sync> FromRequestParts<S> for Compatible {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let text = |name| {
            let value = parts.headers.get(name);
            value.and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default()
        };
        Ok(Self::of(text(header::ACCEPT), text(header::CONTENT_TYPE)))
    }
}

/// A request that is refused whole.
pub(crate) fn refusal(
    compatible: &Compatible,
    status: StatusCode,
    kind: &str,
    reason: &str,
) -> Response {
    let cause = json!({ "type": kind, "reason": reason });
    let error = json!({ "root_cause": [cause], "type": kind, "reason": reason });
    compatible.answer(status, &json!({ "error": error, "status": status.as_u16() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_has_the_media_type_that_was_asked_for() {
        let check = |accept: &str, content_type: &str, expected: &str| {
            assert_eq!(Compatible::of(accept, content_type).media_type, expected);
        };
        check("application/vnd.elasticsearch+json; compatible-with=8", "", WITH_8);
        check("application/vnd.elasticsearch+json; compatible-with=9", "", WITH_9);
        check("*/*", "application/vnd.elasticsearch+x-ndjson; compatible-with=7", WITH_7);
        check("application/json", "application/x-ndjson", PLAIN);
        check("", "", PLAIN);
    }
}
