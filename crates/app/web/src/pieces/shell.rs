//! What surrounds every page: whose view, who is signed in, where one can go, what is not right.

use serde::Serialize;

use super::navigation::Link;

/// The frame of a page. A handler fills it from the session; what the person may not use is not
/// in it.
#[derive(Clone, Debug, Serialize)]
pub struct Shell {
    /// What the page is, for the tab of the browser: "Alerts".
    pub title: String,
    /// The version of the program, shown in the footer.
    pub version: String,
    /// Whose view this is. `None` before sign-in.
    pub view: Option<View>,
    /// What stands in the search box; empty at first. `None`: no box.
    pub search: Option<String>,
    /// Who is signed in. `None` before sign-in.
    pub person: Option<Person>,
    /// The token against forged requests, for every form of the page. Empty before sign-in.
    pub csrf: String,
    /// The places of the navigation, at most seven.
    pub places: Vec<Place>,
    /// What must not be missed: exercise, stale, partial.
    pub bands: Vec<Band>,
    /// What the last request did, once.
    pub notice: Option<Notice>,
    /// Islands the page loads besides `shell`: `queue`, `live`, `filters`.
    pub islands: Vec<String>,
    /// The stream of changes that islands listen to. `None`: the page does not live.
    pub events: Option<String>,
    /// Links of the footer: accessibility, privacy, help.
    pub footer: Vec<Link>,
}

/// Whose view a page shows, and the other views the person may take.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// "Whole sector", "North West", "Example Hospitals".
    pub name: String,
    /// The value of the current one, as `terms::Part` writes it.
    pub value: String,
    /// Other views as value and name. Empty: no switcher.
    pub choices: Vec<(String, String)>,
    /// Where the switcher posts to.
    pub action: String,
    /// The page to come back to.
    pub back: String,
}

/// Who is signed in.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their role in words: "Analyst".
    pub role: String,
    /// Their own settings.
    pub href: String,
    /// Where signing out posts to.
    pub sign_out: String,
}

/// A place of the navigation.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// "Alerts".
    pub text: String,
    /// Where it leads.
    pub href: String,
    /// Whether the page lies in it.
    pub is_current: bool,
    /// What waits there; shown where it is not zero.
    pub count: Option<i64>,
}

/// A band above the page.
#[derive(Clone, Debug, Serialize)]
pub struct Band {
    /// What it warns of.
    pub kind: BandKind,
    /// One sentence: what is so, since when, what it means.
    pub text: String,
    /// Where to learn or mend it.
    pub link: Option<Link>,
}

/// What a band warns of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BandKind {
    /// What is shown is made up for an exercise.
    Exercise,
    /// What is shown is old.
    Stale,
    /// Some of what should be shown is missing.
    Partial,
}

/// What was done, with the way back.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// "3 alerts closed as false positive".
    pub text: String,
    /// The way back, where there is one.
    pub undo: Option<Undo>,
}

/// A form of one button that takes an act back.
#[derive(Clone, Debug, Serialize)]
pub struct Undo {
    /// Where it posts to.
    pub action: String,
    /// What to take back, as the server knows it.
    pub token: String,
}
