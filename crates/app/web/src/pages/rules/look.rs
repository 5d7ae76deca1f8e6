//! The report on an uploaded folder, before it is used and after: what Ward can use of it, what
//! not and why, what is there already, and how often its rules would have fired lately.

use access::{Access, Permission};
use axum::{
    extract::{Path, State},
    response::Response,
};
use bus::{Batch, Seq};
use detect::rulebook::{
    FolderState, Report, RuleFolder, Rulebook, Trial, Usable,
    report::{Known, trial},
};
use intake::Intake;
use serde::Serialize;
use terms::RuleFolderId;

use super::{failed::failed, one::plain_table, unusable, upload::must_manage};
use crate::{
    api::body::blocking,
    failure::Failure,
    page::Desk,
    pages::fields,
    pieces::{
        Breadcrumbs, Cell, Fact, Facts, Form, Link, Row, Shown, Table,
        words::{count, grouped},
    },
};

/// The page.
#[derive(Serialize)]
struct LookPage {
    breadcrumbs: Breadcrumbs,
    title: String,
    says: String,
    trial: String,
    facts: Facts,
    /// The form that puts it in use.
    form: Option<Form>,
    remove: Option<Link>,
    unusable: Option<Table>,
    known: Option<Table>,
    usable: Option<Table>,
    /// What the tables leave out.
    left_out: Vec<String>,
}

/// Rows of each table; the rest is counted.
const SHOWN: usize = 200;

/// Batches of the event log, and bytes of them, that are tried.
const TRIED_BATCHES: i64 = 200;
const TRIED_BYTES: usize = 4 << 20;

/// `GET /rules/folders/{id}`.
pub(super) async fn look(
    State(rulebook): State<Rulebook>,
    State(access): State<Access>,
    State(intake): State<Intake>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    desk.scope(Permission::ViewRules)?;
    must_manage(&desk.caller)?;
    let id: RuleFolderId = id.parse().map_err(|_| Failure::not_found())?;
    let (folder, report, rules) = rulebook.report(id).await.map_err(failed)?;
    let names = access.names([folder.uploaded_by]).await.map_err(Failure::of)?;
    let tried = match folder.state {
        FolderState::Waiting => {
            let batches = lately(&intake).await?;
            Some(blocking(TRIED_BYTES, move || trial(rules, &batches)).await?)
        }
        _ => None,
    };
    let who = names.get(&folder.uploaded_by).cloned().unwrap_or_default();
    let body = page(&folder, &report, tried.as_ref(), &desk, who);
    let title = body.title.clone();
    Ok(desk.page("rules/look.html", &title, "/more", &[], body))
}

/// The newest events of the log.
async fn lately(intake: &Intake) -> Result<Vec<Batch>, Failure> {
    let newest = intake.log().fill().newest;
    let after = Seq((newest.0 - TRIED_BATCHES).max(0));
    intake.log().read(after, TRIED_BYTES).await.map_err(|error| Failure::internal(&error))
}

fn page(
    folder: &RuleFolder,
    report: &Report,
    tried: Option<&Trial>,
    desk: &Desk,
    who: String,
) -> LookPage {
    let is_waiting = folder.state == FolderState::Waiting;
    let refused = report.refused.iter().map(|one| ("Refused", one));
    let not_yet = report.not_yet.iter().map(|one| ("Not run yet", one));
    let notes = report.notes.iter().map(|one| ("Note", one));
    let unusable: Vec<_> = refused.chain(not_yet).chain(notes).collect();
    // In use, its own rules are the ones that are known.
    let known: &[Known] = if is_waiting { &report.known } else { &[] };
    let left_out = [
        (unusable.len(), "document", "documents"),
        (known.len(), "rule that is there already", "rules that are there already"),
        (report.usable.len(), "usable rule", "usable rules"),
    ];
    let left_out = left_out.into_iter().filter(|(number, ..)| *number > SHOWN);
    let left_out = left_out.map(|(number, one, many)| {
        format!("{} not shown", count((number - SHOWN) as i64, one, Some(many)))
    });
    let items = vec![Link::new("Rules", "/rules"), Link::new("Folders", "/rules/folders")];
    LookPage {
        breadcrumbs: Breadcrumbs { items },
        title: format!("Folder “{}”", folder.name),
        says: says(folder, report),
        trial: tried.map(told).unwrap_or_default(),
        facts: facts(folder, desk, who),
        form: is_waiting.then(|| form(folder, report, desk)),
        remove: (folder.state == FolderState::InUse).then(|| {
            Link::new("Remove this folder…", format!("/rules/folders/{}/remove", folder.id))
        }),
        unusable: (!unusable.is_empty())
            .then(|| unusable::table(&unusable[..unusable.len().min(SHOWN)])),
        known: (!known.is_empty()).then(|| known_table(known)),
        usable: (is_waiting && !report.usable.is_empty())
            .then(|| usable_table(&report.usable, tried)),
        left_out: left_out.collect(),
    }
}

fn says(folder: &RuleFolder, report: &Report) -> String {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    match folder.state {
        FolderState::Waiting => format!(
            "Ward can use {}; {} cannot be used, and {} there already. Nothing is used yet.",
            count(number(report.usable.len()), "rule", None),
            count(number(report.refused.len() + report.not_yet.len()), "document", None),
            count(number(report.known.len()), "is", Some("are")),
        ),
        FolderState::InUse => "Its rules are in use.".to_owned(),
        FolderState::Removed => "It was taken out of use.".to_owned(),
    }
}

/// How often the rules would have fired.
fn told(trial: &Trial) -> String {
    if trial.events == 0 {
        return "No events came lately on which its rules could be tried.".to_owned();
    }
    let fired: u64 = trial.fired.values().sum();
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let events = count(number(trial.events), "event", None);
    match fired {
        0 => format!("On the last {events} none of its rules would have fired."),
        _ => format!(
            "On the last {events} {} would have fired, {} in all.",
            count(number(trial.fired.len() as u64), "rule", None),
            count(number(fired), "time", None)
        ),
    }
}

fn facts(folder: &RuleFolder, desk: &Desk, who: String) -> Facts {
    let fact = |key: &str, value| Fact { key: key.to_owned(), value, change: None };
    let number = |count: u64| Shown::Number { number: i64::try_from(count).unwrap_or(i64::MAX) };
    let rows = vec![
        fact("Uploaded by", Shown::text(who)),
        fact("Uploaded", Shown::Time { at: desk.moment(folder.uploaded_at) }),
        fact("Files", number(folder.files)),
        fact("Rules", number(folder.rules)),
        fact("Cannot be used", number(folder.refused)),
    ];
    Facts { is_compact: true, rows }
}

fn form(folder: &RuleFolder, report: &Report, desk: &Desk) -> Form {
    let number = i64::try_from(report.usable.len()).unwrap_or(i64::MAX);
    Form {
        action: format!("/rules/folders/{}/use", folder.id),
        csrf: desk.csrf(),
        hidden: vec![fields::hidden("asked", "yes")],
        fields: Vec::new(),
        submit: match number {
            0 => "Use this folder".to_owned(),
            1 => "Use this rule".to_owned(),
            _ => format!("Use these {} rules", grouped(number)),
        },
        is_warning: false,
        cancel: Some("/rules/folders".to_owned()),
        has_files: false,
    }
}

fn usable_table(usable: &[Usable], tried: Option<&Trial>) -> Table {
    let fired = |one: &Usable| tried.and_then(|trial| trial.fired.get(&one.id)).copied();
    let mut sorted: Vec<&Usable> = usable.iter().collect();
    // Those that would bring most work come first.
    sorted.sort_by_key(|one| std::cmp::Reverse((fired(one), one.level)));
    let rows = sorted.into_iter().take(SHOWN).map(|one| Row {
        id: one.id.clone(),
        cells: vec![
            Cell::Lines {
                text: one.title.clone(),
                below: format!("{}:{}", one.file, one.line),
                href: None,
            },
            Cell::text(super::one::level(one.level)),
            Cell::text(match (tried, fired(one)) {
                (None, _) => String::new(),
                (_, None) => "0".to_owned(),
                (_, Some(fired)) => grouped(i64::try_from(fired).unwrap_or(i64::MAX)),
            }),
        ],
        is_new: false,
    });
    let columns = ["Rule", "Severity", "Would have fired"];
    plain_table("usable", "Rules that can be used", &columns, rows.collect())
}

fn known_table(known: &[Known]) -> Table {
    let rows = known.iter().take(SHOWN).map(|one| Row {
        id: one.rule.id.clone(),
        cells: vec![
            Cell::Lines {
                text: one.rule.title.clone(),
                below: format!("{}:{}", one.rule.file, one.rule.line),
                href: Some(super::href(&one.rule.id)),
            },
            Cell::text(one.used_by.clone()),
            Cell::text(if one.is_same { "The same" } else { "Differs; the one in force stays" }),
        ],
        is_new: false,
    });
    let columns = ["Rule", "In force from", "Compared"];
    let caption = "Left out: a rule of the same id is in force";
    plain_table("known", caption, &columns, rows.collect())
}
