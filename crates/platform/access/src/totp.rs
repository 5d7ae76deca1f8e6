//! Codes of an authenticator app: RFC 6238 with SHA-1, 30 seconds, 6 digits, as all apps know it.
//!
//! One step early or late is forgiven, because clocks of phones differ. A step is accepted once:
//! whoever reads a code over a shoulder cannot use it again.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use terms::Timestamp;

use crate::secret::{Secret, random_bytes};

/// 160 bits, as long as SHA-1's output (RFC 4226, section 4).
const SECRET_BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;
const MODULUS: u32 = 1_000_000;

/// The number of a span of 30 seconds since 1970.
pub(crate) type Step = i64;

/// A new secret.
pub(crate) fn new_secret() -> Vec<u8> {
    random_bytes::<SECRET_BYTES>().to_vec()
}

/// The step at `now`.
pub(crate) fn step_at(now: Timestamp) -> Step {
    now.as_second().div_euclid(STEP_SECONDS)
}

/// The step of which `code` is the code: now, one before or one after, and later than `last`.
pub(crate) fn accepted_step(
    secret: &[u8],
    code: &Secret,
    last: Option<Step>,
    now: Timestamp,
) -> Option<Step> {
    let code = number_of(code)?;
    let current = step_at(now);
    // All three are computed, so the time does not tell which one it was.
    let found =
        [current - 1, current, current + 1].map(|step| (step, code_at(secret, step) == code));
    let fits = |(step, is_right): &(Step, bool)| *is_right && last.is_none_or(|last| *step > last);
    found.into_iter().find(fits).map(|(step, _)| step)
}

/// Six digits as a number; blanks between them are forgiven.
fn number_of(code: &Secret) -> Option<u32> {
    let digits: String = code.expose().chars().filter(|c| !c.is_whitespace()).collect();
    let is_code = digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    if is_code { digits.parse().ok() } else { None }
}

/// RFC 4226, section 5.3: dynamic truncation.
fn truncated(secret: &[u8], step: Step) -> u32 {
    let mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    let hash: [u8; 20] = mac.chain_update(step.to_be_bytes()).finalize().into_bytes().into();
    let at = usize::from(hash[19] & 0x0f);
    let [a, b, c, d] = [hash[at], hash[at + 1], hash[at + 2], hash[at + 3]];
    u32::from_be_bytes([a & 0x7f, b, c, d])
}

fn code_at(secret: &[u8], step: Step) -> u32 {
    truncated(secret, step) % MODULUS
}

/// The code an authenticator app shows at `now` for the secret `text` of an enrolment. For a
/// demonstration and for tests: a server that answers for its users has no second factor.
///
/// None when `text` is no base 32.
pub fn code_for(text: &Secret, now: Timestamp) -> Option<Secret> {
    let secret = BASE32_NOPAD.decode(text.expose().as_bytes()).ok()?;
    Some(Secret::new(format!("{:06}", code_at(&secret, step_at(now)))))
}

/// What an app needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// The secret in base 32, for typing in.
    pub secret: Secret,
    /// The same as an `otpauth://` address, for a picture that is scanned.
    pub uri: Secret,
}

impl Enrolment {
    /// For the account `email`, shown by the app under `issuer`.
    pub(crate) fn of(secret: &[u8], issuer: &str, email: &str) -> Self {
        let text = BASE32_NOPAD.encode(secret);
        let (issuer, email) = (percent_encoded(issuer), percent_encoded(email));
        let uri = format!(
            "otpauth://totp/{issuer}:{email}?secret={text}&issuer={issuer}&algorithm=SHA1\
             &digits={DIGITS}&period={STEP_SECONDS}"
        );
        Self { secret: Secret::new(text), uri: Secret::new(uri) }
    }
}

/// RFC 3986: everything but unreserved characters.
fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 4226, appendix D, and of RFC 6238, appendix B.
    const RFC: &[u8] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn accepts(code: &str, last: Option<Step>, second: i64) -> Option<Step> {
        accepted_step(RFC, &Secret::new(code), last, at(second))
    }

    #[test]
    fn counters_give_the_codes_of_rfc_4226() {
        let codes: Vec<u32> = (0..10).map(|counter| code_at(RFC, counter)).collect();
        let expected =
            [755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489];
        assert_eq!(codes, expected);
    }

    #[test]
    fn times_give_the_eight_digits_of_rfc_6238() {
        for (second, expected) in [
            (59, 94287082),
            (1111111109, 7081804),
            (1111111111, 14050471),
            (1234567890, 89005924),
            (2000000000, 69279037),
            (20000000000, 65353130),
        ] {
            assert_eq!(truncated(RFC, step_at(at(second))) % 100_000_000, expected, "{second}");
        }
    }

    #[test]
    fn one_step_early_or_late_is_forgiven_and_two_are_not() {
        // 287082 is the code of step 1: seconds 30 to 59.
        let found: Vec<Option<Step>> =
            [0, 29, 30, 59, 60, 89, 90].map(|second| accepts("287082", None, second)).to_vec();
        assert_eq!(found, [Some(1), Some(1), Some(1), Some(1), Some(1), Some(1), None]);
        assert_eq!(accepts("287082", None, -1), None);
    }

    #[test]
    fn a_step_is_never_accepted_twice_nor_one_before_it() {
        assert_eq!(accepts("287082", Some(0), 40), Some(1));
        assert_eq!(accepts("287082", Some(1), 40), None);
        assert_eq!(accepts("755224", Some(1), 40), None, "step 0, right but over");
        assert_eq!(accepts("359152", Some(1), 40), Some(2));
    }

    #[test]
    fn only_six_digits_are_a_code() {
        for code in ["", "28708", "2870822", "28708a", "-28708", "２８７０８２", "000000"] {
            assert_eq!(accepts(code, None, 40), None, "{code}");
        }
        assert_eq!(accepts(" 287 082 ", None, 40), Some(1));
    }

    #[test]
    fn an_app_gets_the_secret_and_an_address_with_nothing_left_to_guess() {
        let enrolment = Enrolment::of(RFC, "Ward (example)", "ann+x@trust.example");
        assert_eq!(enrolment.secret.expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            enrolment.uri.expose(),
            "otpauth://totp/Ward%20%28example%29:ann%2Bx%40trust.example?secret=\
             GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ward%20%28example%29&algorithm=SHA1&digits=6\
             &period=30"
        );
        assert!(!format!("{enrolment:?}").contains("GEZD"));
        let code = code_for(&enrolment.secret, at(59)).expect("a code");
        assert_eq!(code.expose(), "287082");
    }

    #[test]
    fn new_secrets_have_160_bits_and_differ() {
        assert_eq!(new_secret().len(), 20);
        assert_ne!(new_secret(), new_secret());
    }
}
