//! What tests of acts share: files posted, and the way back that a notice offers.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use axum::{body::Body, http::header};

use crate::common::{Answer, Browser};

const BOUNDARY: &str = "example-boundary";

/// Posts a form with files, with the mark of the session.
pub async fn upload(
    browser: &mut Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> Answer {
    let mark = browser.mark().await;
    let mut all = vec![("csrf", mark.as_str())];
    all.extend(fields);
    upload_plain(browser, path, &all, files).await
}

/// Posts a form with files as it is.
pub async fn upload_plain(
    browser: &mut Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    for (name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; \
             filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = browser.request("POST", path).header(header::CONTENT_TYPE, kind);
    browser.ask(request.body(Body::from(body)).expect("a request")).await
}

/// What the notice on a page says, and what it offers for undo.
pub fn notice_of(page: &str) -> (String, Option<(String, String)>) {
    let start = page.find("class=\"ward-notice\"").expect("a notice");
    let notice = &page[start..];
    let notice = &notice[..notice.find("</div>").expect("its end")];
    let part = |before: &str| {
        let after = &notice[notice.find(before)? + before.len()..];
        Some(unescaped(&after[..after.find(['"', '<'])?]))
    };
    let text = part("class=\"ward-notice__text\">").expect("a text");
    (text, part("action=\"").zip(part("name=\"undo\" value=\"")))
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&quot;", "\"").replace("&#x27;", "'").replace("&lt;", "<");
    text.replace("&gt;", ">").replace("&#x2f;", "/").replace("&#39;", "'").replace("&amp;", "&")
}

/// Presses undo in the notice of the page that an act leads to; what it leads to in turn.
pub async fn undo(browser: &mut Browser<'_>, act: &Answer) -> Answer {
    let page = browser.get(act.location()).await;
    let (text, undo) = notice_of(&page.body);
    let (action, token) = undo.unwrap_or_else(|| panic!("no undo in the notice: {text}"));
    browser.post(&action, &[("undo", &token)]).await
}
