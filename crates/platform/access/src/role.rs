//! What may be done, and which role may do it: the one table.

use std::{fmt, str::FromStr};

/// A word that names no role or no permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    what: &'static str,
    word: String,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no {}", self.word, self.what)
    }
}

impl std::error::Error for UnknownWord {}

macro_rules! words {
    ($(#[$about:meta])* $kind:ident, $what:literal {
        $($(#[$doc:meta])* $name:ident = $word:literal, $label:literal;)*
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind {
            $($(#[$doc])* $name,)*
        }

        impl $kind {
            /// All of them, in reading order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word in stored rows, in the API and in the audit trail.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// How a page says it.
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)*
                }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $kind {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word).ok_or_else(|| {
                    UnknownWord { what: $what, word: word.chars().take(40).collect() }
                })
            }
        }
    };
}

words! {
    /// What a person is for, in a part of the sector.
    Role, "role" {
        /// Sees, changes nothing.
        Viewer = "viewer", "Viewer";
        /// Works the queue.
        Analyst = "analyst", "Analyst";
        /// Works the queue, and acts on devices and sources.
        Responder = "responder", "Responder";
        /// Sees what shows whether things are done as they should be; changes nothing.
        Assurer = "assurer", "Assurer";
        /// May do everything, and says who else may do what.
        Administrator = "administrator", "Administrator";
    }
}

words! {
    /// One thing that may be done, always within a part of the sector.
    Permission, "permission" {
        /// See the queue, alerts with their evidence, and exceptions; export what is seen.
        ViewAlerts = "alerts.view", "See alerts";
        /// Take, hand over, comment, close and reopen alerts; undo it.
        WorkAlerts = "alerts.work", "Work on alerts";
        /// Make, change and end exceptions.
        ManageExceptions = "exceptions.manage", "Manage exceptions";
        /// See rules, their hits and their verdict record.
        ViewRules = "rules.view", "See rules";
        /// Switch rules on and off for organisations. For the whole sector also: upload rules.
        ManageRules = "rules.manage", "Manage rules";
        /// See organisations, services, systems, suppliers, dependencies, and groups.
        ViewMap = "map.view", "See the map";
        /// Change and import them; make groups. New organisations need it for the whole sector.
        ManageMap = "map.manage", "Manage the map";
        /// See devices, and which are silent or were never seen.
        ViewDevices = "devices.view", "See devices";
        /// Say what a device is, what it supports, and whether it is expected.
        ManageDevices = "devices.manage", "Manage devices";
        /// See sources: rate, lag, failures. Samples of what could not be read hold what was sent.
        ViewSources = "sources.view", "See sources";
        /// Name sources, set their thresholds, acknowledge their failures.
        ManageSources = "sources.manage", "Manage sources";
        /// Make, list and revoke tokens with which telemetry is sent for an organisation.
        ManageTokens = "tokens.manage", "Manage tokens";
        /// Make API tokens for oneself, with no more than one holds.
        UseApi = "api.use", "Use the API";
        /// Share a saved view with everybody of the part.
        ShareViews = "views.share", "Share saved views";
        /// See who may do what, since when and given by whom.
        ViewPeople = "people.view", "See people";
        /// Invite and disable people, give and take roles, renew lost passwords and devices.
        ManagePeople = "people.manage", "Manage people";
        /// See, verify and export the audit trail.
        ViewAudit = "audit.view", "See the audit trail";
        /// See how the installation itself does, and its configuration. Asked for the sector only.
        ManageInstallation = "installation.manage", "Manage the installation";
    }
}

use Permission as P;

const VIEWER: &[P] = &[P::ViewAlerts, P::ViewRules, P::ViewMap, P::ViewDevices, P::ViewSources];

const ANALYST: &[P] = &[
    P::ViewAlerts,
    P::WorkAlerts,
    P::ManageExceptions,
    P::ViewRules,
    P::ViewMap,
    P::ViewDevices,
    P::ViewSources,
    P::UseApi,
    P::ShareViews,
];

const RESPONDER: &[P] = &[
    P::ViewAlerts,
    P::WorkAlerts,
    P::ManageExceptions,
    P::ViewRules,
    P::ViewMap,
    P::ViewDevices,
    P::ManageDevices,
    P::ViewSources,
    P::ManageSources,
    P::UseApi,
    P::ShareViews,
];

const ASSURER: &[P] = &[
    P::ViewAlerts,
    P::ViewRules,
    P::ViewMap,
    P::ViewDevices,
    P::ViewSources,
    P::UseApi,
    P::ViewPeople,
    P::ViewAudit,
];

impl Role {
    /// What the role may do. The only place where this is said.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Viewer => VIEWER,
            Self::Analyst => ANALYST,
            Self::Responder => RESPONDER,
            Self::Assurer => ASSURER,
            Self::Administrator => Permission::ALL,
        }
    }

    /// Whether the role may do this.
    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_roles_is_the_one_that_was_reviewed() {
        let mut table = String::from("permission           ");
        for role in Role::ALL {
            table += &format!(" {role:13}");
        }
        for permission in Permission::ALL {
            table += &format!("\n{permission:21}");
            for role in Role::ALL {
                table += &format!(" {:13}", if role.may(*permission) { "yes" } else { "-" });
            }
        }
        let table: Vec<&str> = table.lines().map(str::trim_end).collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn every_role_may_see_what_a_viewer_sees_and_no_more_than_an_administrator() {
        for role in Role::ALL {
            assert!(VIEWER.iter().all(|permission| role.may(*permission)), "{role}");
            assert!(role.permissions().iter().all(|one| Role::Administrator.may(*one)), "{role}");
        }
    }

    #[test]
    fn a_word_is_read_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(*permission));
        }
        let error = "owner".parse::<Role>().expect_err("no role").to_string();
        assert!(error.contains("owner") && error.contains("role"), "{error}");
    }
}
