//! What an import would change and what imports changed, as pages.

use std::hash::{BuildHasher, Hasher};

use access::{Access, Permission};
use axum::response::Response;
use sector::{Change, Plan, Problem, Thing};
use serde::Serialize;

use super::Looked;
use crate::{
    failure::Failure,
    page::Desk,
    pages::{
        fields::{field, hidden, sentence},
        map::{
            address::{Address, number},
            export::Kind,
            failed::failed,
            parts::{column, row, table},
            record::Editing,
            words,
        },
    },
    pieces::{
        Breadcrumbs, Cell, Form, Input, Link, Pagination, Panel, State, Table,
        words::{count, grouped},
    },
};

/// Rows of each table; the rest is counted.
const ROWS: usize = 100;

#[derive(Serialize)]
struct DraftPage {
    breadcrumbs: Breadcrumbs,
    says: String,
    files: Vec<FilePart>,
    /// Applies all of them; where anything would change.
    apply: Option<Form>,
    discard: Form,
}

/// What one file would change.
#[derive(Serialize)]
struct FilePart {
    id: String,
    name: String,
    kind: String,
    says: String,
    /// Why it cannot be read at all.
    refused: Option<Panel>,
    notes: Vec<String>,
    added: Option<Table>,
    changed: Option<Table>,
    problems: Option<Table>,
    absent: String,
    absent_first: Vec<String>,
}

/// The page of an upload.
pub(super) fn page(desk: Desk, draft: u64, looked: &[Looked]) -> Response {
    let plans = looked.iter().filter_map(|one| one.plan.as_ref().ok());
    let prints: Vec<_> = plans.clone().map(|plan| hidden("plan", &fingerprint(plan))).collect();
    let does_something = plans.clone().any(|plan| !plan.is_empty());
    let form = |action: String, submit: &str, is_warning, hidden| Form {
        action,
        csrf: desk.csrf(),
        hidden,
        fields: Vec::new(),
        submit: submit.to_owned(),
        is_warning,
        cancel: None,
        has_files: false,
    };
    let apply =
        does_something.then(|| form(format!("/map/import/{draft}/apply"), "Apply", false, prints));
    let discard =
        form(format!("/map/import/{draft}/discard"), "Throw the upload away", true, Vec::new());
    let items = vec![Link::new("Map", "/map"), Link::new("Import and export", "/map/import")];
    let body = DraftPage {
        breadcrumbs: Breadcrumbs { items },
        says: says(&plans.collect::<Vec<_>>(), looked.len()),
        files: looked.iter().enumerate().map(|(at, one)| part(at, one)).collect(),
        apply,
        discard,
    };
    desk.page("map/draft.html", "What the import would change", "/map", &[], body)
}

fn says(plans: &[&Plan], files: usize) -> String {
    let sum = |of: fn(&Plan) -> u64| number(plans.iter().map(|plan| of(plan)).sum());
    let added = sum(|plan| plan.added.len() as u64);
    let changed = sum(|plan| plan.changed_things);
    let problems = sum(|plan| plan.problem_count);
    let files = count(number(files as u64), "file", None);
    let left_out = match problems {
        0 => String::new(),
        some => format!(" {} left out.", count(some, "row is", Some("rows are"))),
    };
    match added + changed {
        0 => format!("{files} would change nothing.{left_out}"),
        _ => format!(
            "{files} would add {} and change {}.{left_out} Nothing is written yet.",
            count(added, "thing", None),
            grouped(changed)
        ),
    }
}

fn part(at: usize, one: &Looked) -> FilePart {
    let id = format!("file-{at}");
    let plan = match &one.plan {
        Ok(plan) => plan,
        Err(error) => {
            let refused = Panel {
                state: State::Failed,
                title: "This file cannot be imported".to_owned(),
                text: sentence(error),
                next: None,
                progress: None,
            };
            return FilePart { id, refused: Some(refused), ..FilePart::blank(&one.name) };
        }
    };
    let figure = |figure: u64| grouped(number(figure));
    FilePart {
        kind: plan.kind.to_string(),
        says: format!(
            "{} added, {} changed, {} unchanged, {} left out",
            figure(plan.added.len() as u64),
            figure(plan.changed_things),
            figure(plan.unchanged),
            figure(plan.problem_count)
        ),
        notes: plan.notes.iter().map(|note| sentence(note)).collect(),
        added: added(&id, plan),
        changed: changed(&id, plan),
        problems: problems(&id, plan),
        absent: absent(plan),
        absent_first: plan.absent_here.first.iter().take(ROWS).cloned().collect(),
        id,
        ..FilePart::blank(&one.name)
    }
}

impl FilePart {
    fn blank(name: &str) -> Self {
        Self {
            id: String::new(),
            name: name.to_owned(),
            kind: String::new(),
            says: String::new(),
            refused: None,
            notes: Vec::new(),
            added: None,
            changed: None,
            problems: None,
            absent: String::new(),
            absent_first: Vec::new(),
        }
    }
}

fn absent(plan: &Plan) -> String {
    match plan.absent_here.count {
        0 => String::new(),
        some => format!(
            "{} on the map that the file does not name. They stay as they are.",
            count(number(some), "thing is", Some("things are"))
        ),
    }
}

/// A thing as the plan names it: a link where it has a page.
fn thing(what: &str) -> Cell {
    match what.parse::<Thing>() {
        Ok(thing) => Cell::Link { text: what.to_owned(), href: words::href(&thing) },
        Err(_) => Cell::text(what),
    }
}

/// A row that counts what is not shown.
fn rest(all: usize, columns: usize) -> Option<crate::pieces::Row> {
    let more = all.checked_sub(ROWS).filter(|more| *more > 0)?;
    let mut cells = vec![Cell::text(format!("{} more", grouped(number(more as u64))))];
    cells.resize(columns, Cell::Unknown);
    Some(row("more", cells))
}

fn added(id: &str, plan: &Plan) -> Option<Table> {
    let rows = plan.added.iter().take(ROWS);
    let rows = rows.map(|one| row(&one.what, vec![Cell::text(&one.what), Cell::text(&one.name)]));
    let rows = rows.chain(rest(plan.added.len(), 2)).collect();
    let columns = vec![column("Added", false), column("Name", false)];
    table(&format!("{id}-added"), "What would be added", columns, rows)
}

fn changed(id: &str, plan: &Plan) -> Option<Table> {
    let of = |(at, change): (usize, &Change)| {
        let side = |side: &Option<String>| Cell::text(side.clone().unwrap_or_default());
        let cells = vec![
            thing(&change.what),
            Cell::text(change.field),
            side(&change.before),
            side(&change.after),
        ];
        row(at, cells)
    };
    let rows = plan.changed.iter().enumerate().take(ROWS).map(of);
    let rows = rows.chain(rest(plan.changed.len(), 4)).collect();
    let columns = ["Changed", "Field", "Now", "Then"].map(|text| column(text, false)).into();
    table(&format!("{id}-changed"), "What would be changed", columns, rows)
}

fn problems(id: &str, plan: &Plan) -> Option<Table> {
    let of = |(at, problem): (usize, &Problem)| {
        let line = i64::try_from(problem.line).unwrap_or(i64::MAX);
        let cells = vec![
            Cell::Number { number: line },
            Cell::text(&problem.field),
            Cell::text(sentence(&problem.message)),
        ];
        row(at, cells)
    };
    let rows = plan.problems.iter().enumerate().take(ROWS).map(of);
    let rows = rows.chain(rest(plan.problems.len(), 3)).collect();
    let columns = vec![column("Line", true), column("Column", false), column("Problem", false)];
    table(&format!("{id}-problems"), "What is left out", columns, rows)
}

/// What a plan would do, as one word: two plans with the same do the same.
pub(super) fn fingerprint(plan: &Plan) -> String {
    // Not against an enemy: whoever posts it may change the map anyway.
    let mut hasher =
        std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default().build_hasher();
    hasher.write(plan.file.as_bytes());
    for added in &plan.added {
        hasher.write(format!("{added:?}").as_bytes());
    }
    for change in &plan.changed {
        hasher.write(format!("{change:?}").as_bytes());
    }
    hasher.write_u64(plan.problem_count);
    format!("{:016x}", hasher.finish())
}

#[derive(Serialize)]
struct ImportPage {
    form: Option<Form>,
    /// Whether the form came without a file.
    errors: crate::pieces::ErrorSummary,
    kinds: Vec<KindOf>,
    history: Option<Table>,
    pagination: Option<Pagination>,
}

/// A kind of file: what it needs, and where an empty one and the present map are.
#[derive(Serialize)]
struct KindOf {
    name: &'static str,
    columns: String,
    template: String,
    csv: String,
    json: String,
}

/// The page with the form and what was imported before.
pub(in crate::pages::map) async fn history(
    editing: &Editing,
    access: &Access,
    raw: Option<&str>,
    desk: Desk,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ViewMap)?;
    let may = desk.caller.may_somewhere(Permission::ManageMap);
    let address = Address::read("/map/import", raw, &["error"]);
    let request = sector::PageRequest { descending: true, ..address.request() };
    let managed = desk.caller.scope(Permission::ManageMap);
    let records = match may {
        true => {
            let page = editing.map.imports(desk.caller.person, &request, &managed).await;
            Some(page.map_err(failed)?)
        }
        false => None,
    };
    let people = records.iter().flat_map(|page| &page.rows).filter_map(|record| record.person);
    let names = access.names(people.collect::<Vec<_>>()).await.map_err(Failure::of)?;
    let rows = records.iter().flat_map(|page| &page.rows).map(|record| {
        let who = record.person.map_or("The command line".to_owned(), |person| {
            names.get(&person).cloned().unwrap_or_else(|| "Somebody who left".to_owned())
        });
        let figure = |figure: u64| Cell::Number { number: number(figure) };
        let cells = vec![
            Cell::text(&record.file),
            Cell::text(&record.kind),
            Cell::Time { at: desk.moment(record.at), is_short: false },
            Cell::text(who),
            figure(record.added),
            figure(record.changed),
            figure(record.unchanged),
            figure(record.problems),
        ];
        row(record.id, cells)
    });
    let rows: Vec<_> = rows.collect();
    let form = may.then(|| upload_form(&desk, address.get("error") == "none"));
    let body = ImportPage {
        errors: form.as_ref().map(Form::errors).unwrap_or_default(),
        form,
        kinds: Kind::ALL.iter().map(kind_of).collect(),
        history: table("imports", "Imports", columns(), rows),
        pagination: records
            .as_ref()
            .and_then(|page| address.with("error", "").pages(page, "import", "imports")),
    };
    Ok(desk.page("map/import.html", "Import and export", "/map", &[], body))
}

fn columns() -> Vec<crate::pieces::Column> {
    let text = ["File", "What", "When", "By"].map(|text| column(text, false));
    let figures = ["Added", "Changed", "Unchanged", "Left out"].map(|text| column(text, true));
    text.into_iter().chain(figures).collect()
}

fn upload_form(desk: &Desk, is_missing: bool) -> Form {
    let input =
        Input::File { accept: ".csv,.gz,text/csv,application/gzip".to_owned(), is_multiple: true };
    let wrong = is_missing.then(|| "Choose a file first.".to_owned());
    let file = field("file", "CSV files, packed with gzip or not", input)
        .hint("Up to 20 MiB. The first line names the columns. You see what it would change first.")
        .wrong(wrong);
    Form {
        action: "/map/import".to_owned(),
        csrf: desk.csrf(),
        hidden: Vec::new(),
        fields: vec![file],
        submit: "Look through".to_owned(),
        is_warning: false,
        cancel: None,
        has_files: true,
    }
}

fn kind_of(kind: &Kind) -> KindOf {
    let name = kind.as_str();
    KindOf {
        name,
        columns: kind.columns().join(", "),
        template: format!("/map/templates/{name}.csv"),
        csv: format!("/map/export/{name}.csv"),
        json: format!("/map/export/{name}.jsonl"),
    }
}
