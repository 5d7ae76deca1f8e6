//! A file to rows of a kind. Pure.

use terms::OdsCode;

use super::{
    Complaint, FileError, Limits, Problems,
    cells::{Cells, Said},
    kind::{FileKind, Shape, recognise},
    patch::{DeviceRow, OrganisationRow, ServiceRow, SiteRow, SystemRow, TypeSaid},
    table::{self, Table},
    text, trust,
};
use crate::{
    device::{DeviceKey, spelling},
    model::{Dependency, Supplier},
    organisation::{OrganisationType, Position},
};

/// A file that was read: its rows, and what is wrong with some of them.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name, as it was given.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// What a person should know about how it was read.
    pub notes: Vec<String>,
    pub(crate) rows: Rows,
    pub(crate) problems: Problems,
}

/// Rows with the lines they begin on.
pub(crate) type Lines<T> = Vec<(u64, T)>;

/// The rows of a kind.
#[derive(Clone, Debug)]
pub(crate) enum Rows {
    Organisations(Lines<OrganisationRow>),
    Sites(Lines<SiteRow>),
    Services(Lines<ServiceRow>),
    Systems(Lines<SystemRow>),
    Suppliers(Lines<Supplier>),
    Devices(Lines<DeviceRow>),
    Dependencies(Lines<Dependency>),
}

/// Reads a file. What its columns mean is in `docs/reference/map-import.md`; gzip is unpacked.
///
/// Errors: the file as a whole; what is wrong with single rows comes with the plan.
pub fn read(name: &str, bytes: &[u8], limits: &Limits) -> Result<File, FileError> {
    let text::Text { text, mut notes } = text::read(name, bytes, limits)?;
    let mut problems = Problems::new(name, limits.problems);
    let table = table::read(name, &text, limits, &mut problems)?;
    let shape = recognise(&table.columns).map_err(|hint| FileError::UnknownHeader {
        file: name.to_owned(),
        columns: table.columns.iter().take(30).cloned().collect(),
        hint,
    })?;
    notes.extend(columns_left(shape, &table.columns));
    let rows = rows(shape, &table, limits, &mut problems);
    Ok(File { name: name.to_owned(), kind: shape.kind, notes, rows, problems })
}

/// One note about the columns of no use, one about those of no meaning.
fn columns_left(shape: &Shape, columns: &[String]) -> Vec<String> {
    let is_read = |name: &str| shape.required.contains(&name) || shape.optional.contains(&name);
    let list = |known: bool| -> Vec<&str> {
        let left = columns.iter().map(String::as_str).filter(|name| !is_read(name));
        left.filter(|name| shape.unused.contains(name) == known).collect()
    };
    let note = |names: Vec<&str>, what: &str| {
        (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
    };
    let unknown = note(list(false), "columns that Ward does not know, left out");
    let unused = note(list(true), "columns that the map does not keep");
    unknown.into_iter().chain(unused).collect()
}

fn rows(shape: &Shape, table: &Table, limits: &Limits, problems: &mut Problems) -> Rows {
    let mut cx = Cx { table, cell_chars: limits.cell_chars, problems };
    match shape.kind {
        FileKind::Organisations => Rows::Organisations(cx.each(organisation)),
        FileKind::Trusts => Rows::Organisations(cx.each(trust)),
        FileKind::Icbs => Rows::Organisations(cx.each(icb)),
        FileKind::SubIcbs => Rows::Organisations(cx.each(sub_icb)),
        FileKind::GpPractices => Rows::Organisations(cx.each(gp_practice)),
        FileKind::Sites => Rows::Sites(cx.each(site)),
        FileKind::Hospitals => Rows::Sites(cx.each(hospital)),
        FileKind::Services => Rows::Services(cx.each(service)),
        FileKind::Systems => Rows::Systems(cx.each(system)),
        FileKind::Suppliers => Rows::Suppliers(cx.each(supplier)),
        FileKind::Devices => Rows::Devices(cx.each(device)),
        FileKind::Dependencies => Rows::Dependencies(cx.each(dependency)),
    }
}

struct Cx<'a> {
    table: &'a Table,
    cell_chars: usize,
    problems: &'a mut Problems,
}

impl Cx<'_> {
    fn each<T>(&mut self, read: fn(&Cells<'_>) -> Result<T, Complaint>) -> Lines<T> {
        let mut rows = Vec::with_capacity(self.table.rows.len());
        for (line, record) in &self.table.rows {
            let cells = Cells { columns: &self.table.columns, record, cell_chars: self.cell_chars };
            match read(&cells) {
                Ok(row) => rows.push((*line, row)),
                Err(complaint) => self.problems.add(*line, complaint),
            }
        }
        rows
    }
}

fn organisation(cells: &Cells<'_>) -> Result<OrganisationRow, Complaint> {
    let kind = TypeSaid::Stated(cells.required("type")?);
    let row = OrganisationRow::new(cells.required("ods_code")?, cells.required_text("name")?, kind);
    Ok(OrganisationRow {
        parent: cells.value("parent")?,
        patients: cells.count("patients")?,
        position: position(cells)?,
        closed_at: cells.last_day("close_date")?,
        ..area(cells, row)?
    })
}

fn trust(cells: &Cells<'_>) -> Result<OrganisationRow, Complaint> {
    let code: OdsCode = cells.required("ods_code")?;
    let name = cells.required_text("name")?;
    let kind = TypeSaid::Guessed(trust::likely_type(&code, &name));
    let row = OrganisationRow::new(code, name, kind);
    Ok(OrganisationRow { closed_at: cells.last_day("close_date")?, ..area(cells, row)? })
}

fn icb(cells: &Cells<'_>) -> Result<OrganisationRow, Complaint> {
    let kind = TypeSaid::Stated(OrganisationType::Icb);
    Ok(OrganisationRow::new(cells.required("icb")?, cells.required_text("name")?, kind))
}

fn sub_icb(cells: &Cells<'_>) -> Result<OrganisationRow, Complaint> {
    let kind = TypeSaid::Stated(OrganisationType::SubIcb);
    let row = OrganisationRow::new(cells.required("sub_icb")?, cells.required_text("name")?, kind);
    let icb: OdsCode = cells.required("icb")?;
    Ok(OrganisationRow { icb: Some(Some(icb.clone())), parent: Some(Some(icb)), ..row })
}

fn gp_practice(cells: &Cells<'_>) -> Result<OrganisationRow, Complaint> {
    let kind = TypeSaid::Stated(OrganisationType::GpPractice);
    let row = OrganisationRow::new(cells.required("ods_code")?, cells.required_text("name")?, kind);
    let row = area(cells, row)?;
    // The newer code where it is known; a list size that is missing says nothing about today's.
    let newer: Said<OdsCode> = cells.value("icb_2026")?;
    Ok(OrganisationRow {
        icb: newer.filter(Option::is_some).or_else(|| row.icb.clone()),
        parent: cells.value("sub_icb")?,
        patients: cells.count("list_size_2021")?.filter(Option::is_some),
        ..row
    })
}

/// Region, board, town and postcode.
fn area(cells: &Cells<'_>, row: OrganisationRow) -> Result<OrganisationRow, Complaint> {
    Ok(OrganisationRow {
        region: cells.value("region")?,
        icb: cells.value("icb")?,
        town: cells.text("town")?,
        postcode: cells.text("postcode")?,
        ..row
    })
}

fn position(cells: &Cells<'_>) -> Result<Said<Position>, Complaint> {
    let latitude: Said<f64> = cells.value("latitude")?;
    let longitude: Said<f64> = cells.value("longitude")?;
    match (latitude, longitude) {
        (None, _) | (_, None) => Ok(None),
        (Some(None), Some(None)) => Ok(Some(None)),
        (Some(Some(latitude)), Some(Some(longitude))) => Position::new(latitude, longitude)
            .map(|position| Some(Some(position)))
            .ok_or_else(|| Complaint::new("latitude", "there is no such place on Earth")),
        _ => Err(Complaint::new("latitude", "latitude and longitude stand together or not at all")),
    }
}

fn site(cells: &Cells<'_>) -> Result<SiteRow, Complaint> {
    let organisation: Said<OdsCode> = cells.value("organisation")?;
    let organisation = match organisation.flatten() {
        Some(organisation) => organisation,
        None if cells.columns.iter().any(|name| name == "organisation") => {
            return Err(Complaint::new("organisation", "must not be blank"));
        }
        None => cells.required("parent")?,
    };
    Ok(SiteRow {
        code: cells.required("ods_code")?,
        name: cells.required_text("name")?,
        organisation,
        town: cells.text("town")?,
        postcode: cells.text("postcode")?,
        position: position(cells)?,
    })
}

fn hospital(cells: &Cells<'_>) -> Result<SiteRow, Complaint> {
    Ok(SiteRow {
        code: cells.required("organisationcode")?,
        name: cells.required_text("organisationname")?,
        organisation: cells.required("parentodscode")?,
        town: cells.text("city")?,
        postcode: cells.text("postcode")?,
        position: position(cells)?,
    })
}

fn service(cells: &Cells<'_>) -> Result<ServiceRow, Complaint> {
    let patients = cells.count("patients_per_day")?.flatten();
    Ok(ServiceRow {
        code: cells.required("code")?,
        organisation: cells.required("organisation")?,
        name: cells.required_text("name")?,
        kind: cells.required_text("kind")?,
        patients_per_day: patients
            .ok_or_else(|| Complaint::new("patients_per_day", "must not be blank"))?,
        criticality: cells.required("criticality")?,
        hours: cells.text("hours")?,
    })
}

fn system(cells: &Cells<'_>) -> Result<SystemRow, Complaint> {
    Ok(SystemRow {
        code: cells.required("code")?,
        organisation: cells.required("organisation")?,
        name: cells.required_text("name")?,
        kind: cells.required_text("kind")?,
        supplier: cells.value("supplier")?,
        criticality: cells.required("criticality")?,
    })
}

fn supplier(cells: &Cells<'_>) -> Result<Supplier, Complaint> {
    Ok(Supplier {
        code: cells.required("code")?,
        name: cells.required_text("name")?,
        kind: cells.text("kind")?.unwrap_or_default(),
    })
}

fn device(cells: &Cells<'_>) -> Result<DeviceRow, Complaint> {
    let text = cells.required_text("name")?;
    let organisation: OdsCode = cells.required("organisation")?;
    let blank = || Complaint::new("name", "must not be blank");
    Ok(DeviceRow {
        key: DeviceKey::new(organisation, &text).ok_or_else(blank)?,
        name: spelling(&text).ok_or_else(blank)?,
        class: cells.text("class")?.map(|class| (!class.is_empty()).then_some(class)),
        system: cells.value("system")?,
        site: cells.value("site")?,
    })
}

fn dependency(cells: &Cells<'_>) -> Result<Dependency, Complaint> {
    let dependency = Dependency {
        from: cells.required("from")?,
        to: cells.required("to")?,
        kind: cells.required_text("kind")?,
        reason: cells.text("reason")?.unwrap_or_default(),
        strength: cells.required("strength")?,
    };
    if dependency.from == dependency.to {
        return Err(Complaint::new("to", "nothing depends on itself"));
    }
    Ok(dependency)
}
