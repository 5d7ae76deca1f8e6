//! HTML without the differences that no browser sees: blanks between and around tags, the order
//! and the quotes of attributes, and how a character is escaped.

/// A normal form: two texts that mean the same HTML have the same.
pub(crate) fn normal(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text(&mut out, &rest[..at]);
        let end = tag_end(&rest[at..]).map_or(rest.len(), |end| at + end);
        tag(&mut out, &rest[at..end]);
        rest = &rest[end..];
    }
    text(&mut out, rest);
    out
}

/// Behind the `>` that ends the tag; a `>` within quotes does not.
fn tag_end(html: &str) -> Option<usize> {
    let mut quote = None;
    for (at, letter) in html.char_indices() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '>') => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn text(out: &mut String, text: &str) {
    let words: Vec<&str> = text.split_whitespace().collect();
    if !words.is_empty() {
        out.push_str(&unescaped(&words.join(" ")));
        out.push('\n');
    }
}

fn tag(out: &mut String, tag: &str) {
    let inner = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    let (name, attributes) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let mut found = Vec::new();
    let mut rest = attributes.trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let key = rest[..end].to_owned();
        rest = rest[end..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| ['"', '\''].contains(c));
            let body = quote.map_or(after, |_| &after[1..]);
            let end = match quote {
                Some(quote) => body.find(quote),
                None => body.find(char::is_whitespace),
            };
            let end = end.unwrap_or(body.len());
            let words: Vec<&str> = body[..end].split_whitespace().collect();
            value = unescaped(&words.join(" "));
            rest = body[end..].trim_start_matches(|c| Some(c) == quote).trim_start();
        }
        found.push(format!(" {key}={value:?}"));
    }
    found.sort();
    out.push_str(&format!("<{name}{}>\n", found.concat()));
}

/// Only spellings of the same character are made one; `&lt;` stays what it is.
fn unescaped(text: &str) -> String {
    text.replace("&#34;", "&quot;")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&#x2f;", "/")
        .replace("&#x60;", "`")
        .replace("&#x3d;", "=")
}

#[test]
fn only_differences_without_meaning_are_forgiven() {
    assert_eq!(normal("<a  b='1' c>x\n y</a>"), normal("<a c b=\"1\">\n x y </a>"));
    assert_ne!(normal("<a b=\"1\">"), normal("<a b=\"2\">"));
    assert_ne!(normal("<a>&lt;b&gt;</a>"), normal("<a><b></a>"));
    assert_ne!(normal("<p>ab</p>"), normal("<p>a b</p>"));
    assert_ne!(normal("<a b=\"x>y\">"), normal("<a b=\"x\">"));
}
