//! The built styles, islands and images: found by address, named by entry.
//!
//! In: the path below `/assets/`, or the name of an entry. Out: bytes with what a cache may do
//! with them, or the address with its hash. What is inside the program never changes while it
//! runs.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;
use serde::Deserialize;

#[derive(RustEmbed)]
#[folder = "dist/static"]
struct Built;

/// One file as it is served.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type, with the character set where there is one.
    pub media_type: &'static str,
    /// Whether its name changes with its content, so that a copy never goes stale.
    pub is_immutable: bool,
    /// A strong entity tag, quoted as HTTP wants it.
    pub etag: String,
}

/// One entry of the bundler's manifest.
#[derive(Debug, Deserialize)]
struct Entry {
    file: String,
    #[serde(default, rename = "isEntry")]
    is_entry: bool,
}

/// Addresses by the name of the entry (`ward`, `shell`, `queue` …).
static ENTRIES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let manifest = Built::get("manifest.json").expect("the build writes a manifest");
    let manifest: BTreeMap<String, Entry> =
        serde_json::from_slice(&manifest.data).expect("the manifest is the bundler's JSON");
    manifest
        .into_iter()
        .filter(|(_, entry)| entry.is_entry)
        .filter_map(|(source, entry)| {
            let name = source.rsplit('/').next()?.split('.').next()?.to_owned();
            Some((name, format!("/assets/{}", entry.file)))
        })
        .collect()
});

/// The address of an entry, with its hash. `None`: there is no such entry.
#[must_use]
pub fn address(entry: &str) -> Option<&'static str> {
    ENTRIES.get(entry).map(String::as_str)
}

/// Names of all entries, sorted.
pub fn entries() -> impl Iterator<Item = &'static str> {
    ENTRIES.keys().map(String::as_str)
}

/// The file at a path below `/assets/`.
#[must_use]
pub fn find(path: &str) -> Option<Asset> {
    let file = Built::get(path)?;
    let tag: String =
        file.metadata.sha256_hash()[..12].iter().map(|b| format!("{b:02x}")).collect();
    Some(Asset {
        bytes: file.data,
        media_type: media_type(path),
        is_immutable: is_hashed(path),
        etag: format!("\"{tag}\""),
    })
}

/// The bundler gives every script and style a hash; images keep their names.
fn is_hashed(path: &str) -> bool {
    path.ends_with(".js") || path.ends_with(".css")
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}

/// `GET /assets/…`, for whatever state the program's router has. Needs no sign-in: nothing in it
/// is secret.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{*path}", get(serve))
}

async fn serve(Path(path): Path<String>, asked: HeaderMap) -> Response {
    let Some(asset) = find(&path) else { return StatusCode::NOT_FOUND.into_response() };
    let keep = match asset.is_immutable {
        true => "public, max-age=31536000, immutable",
        false => "public, max-age=3600",
    };
    let known = asked.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let is_known = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == asset.etag));
    let headers = [
        (header::CONTENT_TYPE, asset.media_type.to_owned()),
        (header::CACHE_CONTROL, keep.to_owned()),
        (header::ETAG, asset.etag),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    match is_known {
        true => (StatusCode::NOT_MODIFIED, headers).into_response(),
        false => (headers, asset.bytes).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt as _;

    use super::*;

    async fn get_with(path: &str, tag: Option<&str>) -> Response {
        let mut request = Request::get(path);
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let request = request.body(Body::empty()).expect("a request");
        routes::<()>().oneshot(request).await.expect("routes never fail")
    }

    fn told(response: &Response, name: header::HeaderName) -> &str {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    #[test]
    fn every_entry_has_a_file() {
        let names: Vec<&str> = entries().collect();
        for name in ["ward", "shell", "queue", "live", "filters"] {
            assert!(names.contains(&name), "{name} is not in {names:?}");
        }
        for name in names {
            let path = address(name).and_then(|address| address.strip_prefix("/assets/"));
            assert!(path.and_then(find).is_some_and(|asset| !asset.bytes.is_empty()), "{name}");
        }
    }

    #[tokio::test]
    async fn what_has_a_hash_is_kept_for_ever_and_not_sent_twice() {
        let path = address("shell").expect("an island");
        let first = get_with(path, None).await;
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(told(&first, header::CONTENT_TYPE), "text/javascript; charset=utf-8");
        assert!(told(&first, header::CACHE_CONTROL).contains("immutable"));
        let tag = told(&first, header::ETAG).to_owned();
        let again = get_with(path, Some(&format!("\"other\", {tag}"))).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(get_with(path, Some("\"other\"")).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn an_image_is_asked_for_again_after_an_hour() {
        let image = get_with("/assets/images/ward.svg", None).await;
        assert_eq!(told(&image, header::CONTENT_TYPE), "image/svg+xml");
        assert_eq!(told(&image, header::CACHE_CONTROL), "public, max-age=3600");
    }

    #[tokio::test]
    async fn only_what_was_built_is_served() {
        for path in ["/assets/nothing.js", "/assets/../stamp", "/assets/%2e%2e/stamp", "/assets/"] {
            assert_eq!(get_with(path, None).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
