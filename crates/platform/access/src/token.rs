//! Tokens of programs: their written form, and how they are read from an `Authorization` header.
//!
//! `ward_ingest_<id>_<secret>`: kind, the token's id (32 hexadecimal digits), 256 random bits in
//! base 32 and a checksum of seven letters over all before it. The prefix lets scanners of
//! leaked secrets find it, the checksum lets them, and us, tell a real one without asking anybody.

use data_encoding::{BASE32_NOPAD, BASE64};
use sha2::{Digest as _, Sha256};
use terms::TokenId;
use uuid::Uuid;

use crate::secret::{Digest, Secret, random_bytes};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// To send telemetry for one organisation.
    Ingest,
    /// To ask and act for a person.
    Api,
}

impl TokenKind {
    /// The word in the token and in stored rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Api => "api",
        }
    }

    pub(crate) fn of_str(word: &str) -> Option<Self> {
        [Self::Ingest, Self::Api].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A token just made, shown this once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// Which token.
    pub id: TokenId,
    /// The token, for `Authorization: Bearer`, or as the password of Basic.
    pub text: Secret,
    /// The same as Elasticsearch's clients take it in `api_key`: base 64 of `id:key`.
    pub api_key: Secret,
}

impl NewToken {
    /// Draws a new one.
    pub(crate) fn draw(kind: TokenKind, id: TokenId) -> Self {
        let secret = BASE32_NOPAD.encode(&random_bytes::<32>()).to_lowercase();
        let body = format!("ward_{}_{}_{secret}", kind.as_str(), id.0.simple());
        let text = format!("{body}{}", checksum(&body));
        let api_key = BASE64.encode(format!("{}:{text}", id.0.simple()).as_bytes());
        Self { id, text: Secret::new(text), api_key: Secret::new(api_key) }
    }
}

/// A token that is well formed; whether it is known only the database says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresentedToken {
    /// What it says it is for.
    pub kind: TokenKind,
    /// What it says its id is.
    pub id: TokenId,
    /// The digest by which it is found.
    pub(crate) digest: Digest,
}

/// Longer headers hold no token.
const LONGEST_HEADER: usize = 1024;
const SECRET_LETTERS: usize = 52;
const CHECKSUM_LETTERS: usize = 7;

/// The token of an `Authorization` header's value, or none when it holds none that is well formed.
///
/// Three schemes, in any case: `Bearer <token>`; `ApiKey <token>` or `ApiKey <base 64 of
/// id:token>` as clients of Elasticsearch and OpenSearch write it, where an id that is an id must
/// be the token's; `Basic <base 64 of name:token>` with any name.
pub fn of_header(value: &str) -> Option<PresentedToken> {
    if value.len() > LONGEST_HEADER {
        return None;
    }
    let (scheme, rest) = value.trim().split_once(' ')?;
    let rest = rest.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => of_text(rest),
        "apikey" => of_text(rest).or_else(|| of_api_key(rest)),
        "basic" => of_text(&pair(rest)?.1),
        _ => None,
    }
}

fn of_api_key(encoded: &str) -> Option<PresentedToken> {
    let (id, key) = pair(encoded)?;
    let token = of_text(&key)?;
    // Clients may choose what they call a key; an id of ours that is another's is a mistake.
    let is_other = Uuid::try_parse(&id).is_ok_and(|id| id != token.id.0);
    if is_other { None } else { Some(token) }
}

/// The two halves of a base 64 text of `left:right`.
fn pair(encoded: &str) -> Option<(String, String)> {
    let bytes = BASE64.decode(encoded.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(left, right)| (left.to_owned(), right.to_owned()))
}

fn of_text(text: &str) -> Option<PresentedToken> {
    if !text.is_ascii() {
        return None;
    }
    let mut fields = text.split('_');
    let [Some("ward"), Some(kind), Some(id), Some(secret), None] =
        std::array::from_fn(|_| fields.next())
    else {
        return None;
    };
    let kind = TokenKind::of_str(kind)?;
    let is_id = id.len() == 32 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let id = Uuid::try_parse(id).ok().filter(|_| is_id)?;
    let is_whole = secret.len() == SECRET_LETTERS + CHECKSUM_LETTERS;
    let (body, sum) = text.split_at_checked(text.len() - CHECKSUM_LETTERS)?;
    let is_token = is_whole && checksum(body) == sum;
    is_token.then(|| PresentedToken { kind, id: TokenId(id), digest: Secret::new(text).digest() })
}

/// 32 bits of a digest as seven letters. It finds slips of typing; it keeps nobody out.
fn checksum(body: &str) -> String {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(body.as_bytes()));
    BASE32_NOPAD.encode(&[a, b, c, d]).to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use terms::Timestamp;

    use super::*;

    fn new_token() -> NewToken {
        NewToken::draw(TokenKind::Ingest, TokenId::new(Timestamp::UNIX_EPOCH))
    }

    fn base64(text: &str) -> String {
        BASE64.encode(text.as_bytes())
    }

    #[test]
    fn a_token_has_a_form_that_scanners_find() {
        let token = new_token();
        let fields: Vec<&str> = token.text.expose().split('_').collect();
        assert_eq!(fields[..2], ["ward", "ingest"]);
        assert_eq!((fields[2].len(), fields[3].len()), (32, 59));
    }

    #[test]
    fn every_way_real_clients_write_it_gives_the_same_token() {
        let token = new_token();
        let text = token.text.expose();
        let expected =
            PresentedToken { kind: TokenKind::Ingest, id: token.id, digest: token.text.digest() };
        for header in [
            format!("Bearer {text}"),
            format!("bearer   {text} "),
            format!("ApiKey {}", token.api_key.expose()),
            format!("ApiKey {text}"),
            format!("APIKEY {}", base64(&format!("shipper-of-ours:{text}"))),
            format!("Basic {}", base64(&format!("elastic:{text}"))),
            format!("Basic {}", base64(&format!(":{text}"))),
        ] {
            assert_eq!(of_header(&header), Some(expected), "{header}");
        }
    }

    #[test]
    fn what_is_no_token_of_ours_is_refused_without_a_look_at_the_database() {
        let (token, other) = (new_token(), new_token());
        let text = token.text.expose();
        for header in [
            String::new(),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            text.to_owned(),
            format!("Digest {text}"),
            format!("Bearer {}", text.to_uppercase()),
            format!("Bearer {text}x"),
            format!("Bearer {}", &text[..text.len() - 1]),
            format!("Bearer {}", text.replace("ingest", "api")),
            format!("Bearer {}", text.replace("ward", "wörd")),
            format!("Basic {text}"),
            format!("Basic {}", base64(text)),
            format!("Basic {}", base64("elastic:changeme")),
            format!("ApiKey {}", base64(&format!("{}:{text}", other.id))),
            format!("Bearer {}", "x".repeat(5000)),
        ] {
            assert_eq!(of_header(&header), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn a_slip_of_one_letter_is_found(at in 0usize..104, letter in "[a-z0-9_]") {
            let token = new_token();
            let mut text = token.text.expose().to_owned();
            prop_assume!(at < text.len() && text[at..=at] != letter);
            text.replace_range(at..=at, &letter);
            prop_assert_eq!(of_text(&text), None);
        }

        #[test]
        fn no_header_makes_it_panic(header in "\\PC{0,80}", scheme in "(Bearer|ApiKey|Basic) ") {
            prop_assert_eq!(of_header(&header), None);
            prop_assert_eq!(of_header(&format!("{scheme}{header}")), None);
            prop_assert_eq!(of_header(&format!("{scheme}{}", base64(&header))), None);
        }
    }
}
