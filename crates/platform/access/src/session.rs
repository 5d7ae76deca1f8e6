//! Sessions: how far a sign-in has come, how long it lasts, and the cookie that carries it.
//!
//! The cookie holds 256 random bits; the database only their SHA-256. Each step of a sign-in ends
//! the session and begins another with a new cookie.

use terms::{PersonId, SessionId, Timestamp};

use crate::{model::Caller, secret::Secret};

/// How far a sign-in has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The password was right; a code is asked for.
    SecondFactor,
    /// The password was right; a second factor has to be set up before anything else.
    Enrolment,
    /// Signed in.
    Full,
}

impl Stage {
    /// The word in stored rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SecondFactor => "second_factor",
            Self::Enrolment => "enrolment",
            Self::Full => "full",
        }
    }

    pub(crate) fn of_str(word: &str) -> Option<Self> {
        [Self::SecondFactor, Self::Enrolment, Self::Full]
            .into_iter()
            .find(|stage| stage.as_str() == word)
    }
}

/// How somebody proved who they are.
///
/// The seam for other ways: a sign-in with OpenID Connect or a passkey adds a variant here and
/// keeps what it needs in a row of `sign_in_method` (`kind` names the way, `subject` the issuer's
/// name for the person or the credential's id, `secret` what is compared with). Once it has
/// verified its proof it calls [`crate::Access::finish`], which alone makes sessions: all that
/// comes after — stage, cookie, expiry, audit — is then the same. What proves two factors at once
/// answers true in [`Self::is_two_factors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// A password.
    Password,
    /// A password and a code of an authenticator app.
    Totp,
    /// A password and a recovery code.
    RecoveryCode,
}

impl Method {
    /// The word in stored rows and in the audit trail.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "password+totp",
            Self::RecoveryCode => "password+recovery",
        }
    }

    /// Whether nothing more needs to be asked.
    pub fn is_two_factors(self) -> bool {
        match self {
            Self::Password => false,
            Self::Totp | Self::RecoveryCode => true,
        }
    }

    pub(crate) fn of_str(word: &str) -> Option<Self> {
        [Self::Password, Self::Totp, Self::RecoveryCode]
            .into_iter()
            .find(|method| method.as_str() == word)
    }
}

/// How long sessions last, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Without a request.
    pub idle_seconds: i64,
    /// In all.
    pub absolute_seconds: i64,
    /// Between password and code, or until a second factor is set up.
    pub pending_seconds: i64,
    /// How long after a sign-in what guards the account itself may be changed.
    pub fresh_seconds: i64,
}

impl Default for Lifetimes {
    /// An hour idle, a long shift in all, a quarter of an hour for setting up, ten minutes fresh.
    fn default() -> Self {
        Self {
            idle_seconds: 3600,
            absolute_seconds: 13 * 3600,
            pending_seconds: 15 * 60,
            fresh_seconds: 10 * 60,
        }
    }
}

impl Lifetimes {
    /// When a session of this stage that begins now ends at the latest.
    pub(crate) fn expiry(self, stage: Stage, now: Timestamp) -> Timestamp {
        let seconds = match stage {
            Stage::Full => self.absolute_seconds,
            Stage::SecondFactor | Stage::Enrolment => self.pending_seconds,
        };
        after(now, seconds)
    }

    /// Whether a session last seen then is too long idle.
    pub(crate) fn is_idle(self, seen_at: Timestamp, now: Timestamp) -> bool {
        after(seen_at, self.idle_seconds) <= now
    }

    /// Whether a session that began then may still change what guards the account.
    pub(crate) fn is_fresh(self, started_at: Timestamp, now: Timestamp) -> bool {
        now < after(started_at, self.fresh_seconds)
    }
}

/// `seconds` after `now`; the last instant there is when that lies beyond it.
pub(crate) fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// A session just made: its cookie is shown this once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// What the cookie holds.
    pub cookie: Secret,
    /// Which session.
    pub id: SessionId,
    /// What is asked for next.
    pub stage: Stage,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// Who stands behind a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// Signed in.
    Full(Caller),
    /// Not yet: nothing but the next step may be shown.
    Pending {
        /// Which session.
        session: SessionId,
        /// Whose.
        person: PersonId,
        /// What is asked for.
        stage: Stage,
    },
}

/// A session in the list its owner sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionEntry {
    /// Which.
    pub id: SessionId,
    /// How far it has come.
    pub stage: Stage,
    /// How its owner signed in.
    pub method: Method,
    /// From which address.
    pub address: String,
    /// With which browser, as it calls itself.
    pub agent: String,
    /// Since when.
    pub started_at: Timestamp,
    /// When it last asked for something, to a minute.
    pub seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// The cookie's name: `__Host-` binds it to this host, the path `/` and `Secure`; without TLS, on
/// the machine itself, browsers would refuse that name.
pub fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { "__Host-ward" } else { "ward" }
}

/// The value of `Set-Cookie` that carries a session. `is_secure` is false only for plain HTTP on
/// the loopback interface.
///
/// `SameSite=Lax`, so that a link in a mail to an alert finds its reader signed in.
pub fn set_cookie(cookie: &Secret, is_secure: bool) -> Secret {
    let (name, secure) = (cookie_name(is_secure), secure_attribute(is_secure));
    Secret::new(format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", cookie.expose()))
}

/// The value of `Set-Cookie` that takes the cookie away.
pub fn clear_cookie(is_secure: bool) -> String {
    let (name, secure) = (cookie_name(is_secure), secure_attribute(is_secure));
    format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}")
}

fn secure_attribute(is_secure: bool) -> &'static str {
    if is_secure { "; Secure" } else { "" }
}

/// The session's cookie among those of a `Cookie` header. A cookie of the other name is not
/// looked at: over plain HTTP anybody on the way could have set it.
pub fn cookie_of(header: &str, is_secure: bool) -> Option<Secret> {
    let name = cookie_name(is_secure);
    let mut cookies = header.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(key, _)| *key == name).map(|(_, value)| Secret::new(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn the_cookie_is_bound_to_the_host_and_kept_from_scripts() {
        let cookie = Secret::new("abc");
        assert_eq!(
            set_cookie(&cookie, true).expose(),
            "__Host-ward=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(set_cookie(&cookie, false).expose(), "ward=abc; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(
            clear_cookie(true),
            "__Host-ward=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure"
        );
    }

    #[test]
    fn the_cookie_is_found_among_others_by_its_whole_name() {
        let header = "a=b; ward=plain; __Host-ward=abc; x-ward=no";
        assert_eq!(cookie_of(header, true), Some(Secret::new("abc")));
        assert_eq!(cookie_of(header, false), Some(Secret::new("plain")));
        assert_eq!(cookie_of("ward=plain", true), None);
        assert_eq!(cookie_of("", true), None);
    }

    #[test]
    fn a_session_that_waits_for_a_code_is_short() {
        let lifetimes = Lifetimes::default();
        assert_eq!(lifetimes.expiry(Stage::SecondFactor, at(0)), at(900));
        assert_eq!(lifetimes.expiry(Stage::Full, at(0)), at(13 * 3600));
        assert_eq!(after(Timestamp::MAX, 5), Timestamp::MAX);
    }

    #[test]
    fn a_session_is_idle_and_no_longer_fresh_at_the_last_second() {
        let lifetimes = Lifetimes::default();
        assert!(!lifetimes.is_idle(at(0), at(3599)) && lifetimes.is_idle(at(0), at(3600)));
        assert!(lifetimes.is_fresh(at(0), at(599)) && !lifetimes.is_fresh(at(0), at(600)));
    }
}
