//! Answers that many operations share, as the description tells them: one type for each reason to
//! refuse, named in an operation's list of responses.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

/// Nobody is signed in or they may not, or who they are cannot be looked up just now.
pub(crate) struct Denied;

/// Something in the query cannot be used.
pub(crate) struct WrongQuery;

/// The path is no text.
pub(crate) struct WrongPath;

/// The body is too large, or cannot be read.
pub(crate) struct WrongBody;

/// What the path names is not there for the caller.
pub(crate) struct Absent;

/// Responses by status, each with problem details.
macro_rules! problems {
    ($($answer:ident: $($status:literal $description:literal),+;)+) => {$(
        impl IntoResponses for $answer {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([$(($status.to_owned(), problem($description))),+])
            }
        }
    )+};
}

problems! {
    Denied:
        "401" "nobody is signed in, or the token is not valid",
        "403" "not allowed",
        "429" "too many tries; come again",
        "503" "busy; come again";
    WrongQuery: "400" "a parameter cannot be used; which is told";
    WrongPath: "400" "the address cannot be read";
    WrongBody: "400" "the address or the body cannot be read", "413" "too large";
    Absent: "404" "not there, or not within your scope";
}

fn problem(description: &str) -> RefOr<Response> {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(description);
    response.content("application/problem+json", content).build().into()
}
