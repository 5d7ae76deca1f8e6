//! The nouns: people, what is given to them, who asks.

use std::{fmt, net::IpAddr, str::FromStr};

use terms::{GrantId, OdsCode, Part, PersonId, Scope, SessionId, Timestamp, TokenId};

use crate::{
    error::AccessError,
    role::{Permission, Role},
};

/// An email address: shown as it was written, compared folded (small letters, no blanks around).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    shown: String,
    login: String,
}

impl Email {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The folded form by which an account is found.
    pub fn login(&self) -> &str {
        &self.login
    }
}

impl FromStr for Email {
    type Err = AccessError;

    /// Asks for one `@` with something on both sides and no blanks; whether mail arrives there
    /// only mail can show. At most 254 bytes (RFC 5321).
    fn from_str(text: &str) -> Result<Self, AccessError> {
        let shown = text.trim();
        let is_address = shown.len() <= 254
            && !shown.chars().any(|c| c.is_whitespace() || c.is_control())
            && shown.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty() && !domain.is_empty() && !domain.contains('@')
            });
        match is_address {
            true => Ok(Self { shown: shown.to_owned(), login: shown.to_lowercase() }),
            false => Err(AccessError::Input {
                field: "email",
                why: "write an email address, as name@example.nhs.uk",
            }),
        }
    }
}

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PersonState {
    /// Invited; no password yet.
    Invited,
    /// May sign in.
    Active,
    /// May not.
    Disabled,
}

impl PersonState {
    /// The word in stored rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    pub(crate) fn of_str(word: &str) -> Option<Self> {
        [Self::Invited, Self::Active, Self::Disabled].into_iter().find(|one| one.as_str() == word)
    }
}

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Whose account.
    pub id: PersonId,
    /// Where mail goes, and the name to sign in with.
    pub email: Email,
    /// How others see them.
    pub name: String,
    /// Whether the account can be used.
    pub state: PersonState,
    /// In which time zone times are shown (IANA name).
    pub time_zone: String,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When they last signed in fully.
    pub last_sign_in_at: Option<Timestamp>,
}

/// The time zone of new accounts.
pub const TIME_ZONE: &str = "Europe/London";

/// A role given to a person for a part of the sector, for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Which grant.
    pub id: GrantId,
    /// To whom.
    pub person: PersonId,
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub part: Part,
    /// From when.
    pub from: Timestamp,
    /// Until when; without it, until it is revoked.
    pub until: Option<Timestamp>,
    /// By whom; nobody for the first administrator.
    pub given_by: Option<PersonId>,
}

impl Grant {
    /// Whether it holds at `now`.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// Permissions in a part of the sector, for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What may be done.
    pub permissions: Vec<Permission>,
    /// Where.
    pub part: Part,
    /// Until when; without it, without end.
    pub until: Option<Timestamp>,
}

impl From<&Grant> for Held {
    fn from(grant: &Grant) -> Self {
        Self {
            permissions: grant.role.permissions().to_vec(),
            part: grant.part.clone(),
            until: grant.until,
        }
    }
}

/// Through what a caller came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A browser that is signed in.
    Session {
        /// Which.
        id: SessionId,
        /// Since when.
        since: Timestamp,
    },
    /// A program with an API token of the person.
    Token(TokenId),
}

/// Who asks, and what they may do: made for one request, of what holds at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person who is signed in, or whose token it is.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their time zone (IANA name).
    pub time_zone: String,
    /// A session or a token.
    pub via: Via,
    /// What they hold now.
    pub held: Vec<Held>,
}

impl Caller {
    /// Where the caller may do this: the scope to give to store functions. Empty when nowhere.
    pub fn scope(&self, permission: Permission) -> Scope {
        Scope::of(self.holding(permission).map(|held| held.part.clone()))
    }

    /// Whether the caller may do this to a thing that lies in `parts`: its organisation and all
    /// that this lies in, as [`crate::Access::parts_around`] gives them.
    pub fn may(&self, permission: Permission, parts: &[Part]) -> bool {
        self.holding(permission).any(|held| held.part == Part::Sector || parts.contains(&held.part))
    }

    /// As [`Self::may`], with what is missing as the error.
    pub fn must(&self, permission: Permission, parts: &[Part]) -> Result<(), AccessError> {
        match self.may(permission, parts) {
            true => Ok(()),
            false => Err(AccessError::Forbidden(permission)),
        }
    }

    /// Whether the caller may do this anywhere: whether a page is worth showing.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.holding(permission).next().is_some()
    }

    /// Whether the caller may do this in the whole sector.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.may(permission, &[])
    }

    /// Who is written down for what the caller does.
    pub fn who(&self) -> Who {
        match self.via {
            Via::Session { .. } => Who::Person(self.person),
            Via::Token(token) => Who::Token(token),
        }
    }

    /// The session's id, when a browser asks.
    pub fn session(&self) -> Option<SessionId> {
        match self.via {
            Via::Session { id, .. } => Some(id),
            Via::Token(_) => None,
        }
    }

    fn holding(&self, permission: Permission) -> impl Iterator<Item = &Held> {
        self.held.iter().filter(move |held| held.permissions.contains(&permission))
    }
}

/// A program that sends telemetry for one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Its token.
    pub token: TokenId,
    /// Whose telemetry it sends.
    pub organisation: OdsCode,
    /// The token's name.
    pub name: String,
}

/// Who did something, in the audit trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A person, signed in.
    Person(PersonId),
    /// A program with a token.
    Token(TokenId),
    /// Ward itself, or somebody not signed in.
    Ward,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Token(id) => write!(f, "token:{id}"),
            Self::Ward => f.write_str("ward"),
        }
    }
}

/// From where a sign-in comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The address of the client, behind trusted proxies the one they tell.
    pub address: IpAddr,
    /// What the browser calls itself; cut to 200 characters when stored.
    pub agent: String,
}

/// A name of a person or a token as it is kept: without blanks around, 1 to 100 characters, no
/// control characters.
pub(crate) fn name_of(text: &str) -> Result<String, AccessError> {
    let name = text.trim();
    let length = name.chars().count();
    match (1..=100).contains(&length) && !name.chars().any(char::is_control) {
        true => Ok(name.to_owned()),
        false => Err(AccessError::Input { field: "name", why: "write 1 to 100 characters" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> OdsCode {
        text.parse().expect("a code")
    }

    fn caller(held: Vec<Held>) -> Caller {
        let now = Timestamp::UNIX_EPOCH;
        Caller {
            person: PersonId::new(now),
            name: "Example Person".into(),
            time_zone: TIME_ZONE.into(),
            via: Via::Session { id: SessionId::new(now), since: now },
            held,
        }
    }

    fn held(role: Role, part: Part) -> Held {
        Held { permissions: role.permissions().to_vec(), part, until: None }
    }

    #[test]
    fn an_address_is_compared_without_case_and_shown_as_written() {
        let email: Email = " Ann@Example.NHS.uk ".parse().expect("an address");
        assert_eq!((email.as_str(), email.login()), ("Ann@Example.NHS.uk", "ann@example.nhs.uk"));
        for text in ["", "ann", "@x", "ann@", "a@b@c", "a b@c", "a@b\u{0}"] {
            assert!(text.parse::<Email>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_scope_holds_only_the_parts_where_the_permission_is_held() {
        let (trust, region) = (Part::Organisation(code("RX1")), Part::Region(code("Y56")));
        let caller =
            caller(vec![held(Role::Analyst, trust.clone()), held(Role::Viewer, region.clone())]);
        assert_eq!(caller.scope(Permission::ViewAlerts), Scope::of([trust.clone(), region]));
        assert_eq!(caller.scope(Permission::WorkAlerts), Scope::of([trust]));
        assert!(caller.scope(Permission::ManagePeople).is_empty());
        assert!(!caller.may_somewhere(Permission::ManagePeople));
    }

    #[test]
    fn a_permission_in_a_region_reaches_what_lies_in_it_and_nothing_else() {
        let caller = caller(vec![held(Role::Analyst, Part::Region(code("Y56")))]);
        let inside = [Part::Organisation(code("RX1")), Part::Region(code("Y56")), Part::Sector];
        let outside = [Part::Organisation(code("RX2")), Part::Region(code("Y60")), Part::Sector];
        assert!(caller.may(Permission::WorkAlerts, &inside));
        assert!(!caller.may(Permission::WorkAlerts, &outside));
        assert!(!caller.may_everywhere(Permission::WorkAlerts));
        assert!(caller.must(Permission::ManageRules, &inside).is_err());
    }

    #[test]
    fn a_grant_holds_from_its_beginning_and_ends_before_its_end() {
        let at = |second| Timestamp::from_second(second).expect("in range");
        let grant = Grant {
            id: GrantId::new(at(0)),
            person: PersonId::new(at(0)),
            role: Role::Viewer,
            part: Part::Sector,
            from: at(10),
            until: Some(at(20)),
            given_by: None,
        };
        let held: Vec<bool> = [9, 10, 19, 20].map(|s| grant.holds_at(at(s))).to_vec();
        assert_eq!(held, [false, true, true, false]);
    }
}
