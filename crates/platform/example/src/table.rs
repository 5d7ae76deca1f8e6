//! The example sector as the CSV files that the map imports.

use std::{fmt, io::Write};

use crate::{error::WriteError, model::ExampleSector};

/// One of the files, in the order in which they refer to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CsvFile {
    /// `organisations.csv`
    Organisations,
    /// `sites.csv`
    Sites,
    /// `suppliers.csv`
    Suppliers,
    /// `services.csv`
    Services,
    /// `systems.csv`
    Systems,
    /// `devices.csv`
    Devices,
    /// `dependencies.csv`
    Dependencies,
}

impl CsvFile {
    /// All; each refers only to things of earlier ones.
    pub const ALL: [Self; 7] = [
        Self::Organisations,
        Self::Sites,
        Self::Suppliers,
        Self::Services,
        Self::Systems,
        Self::Devices,
        Self::Dependencies,
    ];

    /// The name of the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Organisations => "organisations.csv",
            Self::Sites => "sites.csv",
            Self::Suppliers => "suppliers.csv",
            Self::Services => "services.csv",
            Self::Systems => "systems.csv",
            Self::Devices => "devices.csv",
            Self::Dependencies => "dependencies.csv",
        }
    }

    /// Its columns.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Organisations => &[
                "ods_code", "name", "type", "region", "icb", "parent", "town", "postcode",
                "patients",
            ],
            Self::Sites => &["ods_code", "name", "organisation", "town", "postcode"],
            Self::Suppliers => &["code", "name", "kind"],
            Self::Services => &[
                "code",
                "name",
                "organisation",
                "kind",
                "patients_per_day",
                "criticality",
                "hours",
            ],
            Self::Systems => &["code", "name", "organisation", "kind", "supplier", "criticality"],
            Self::Devices => &["name", "organisation", "class", "system", "site"],
            Self::Dependencies => &["from", "to", "kind", "reason", "strength"],
        }
    }
}

impl fmt::Display for CsvFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How the strength of a dependency is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrengthScale {
    /// The share of the activity that needs it, 0 to 1.
    Share,
    /// Four steps: 1 hardly anything happens without it, 2 it slows, 3 it is badly hindered, 4 it
    /// stops. The steps begin at a share of 0.25, 0.5 and 0.8.
    OneToFour,
}

impl StrengthScale {
    /// A share from 0 to 1, as text on this scale.
    pub fn text(self, share: f64) -> String {
        match self {
            Self::Share => share.to_string(),
            Self::OneToFour => {
                let steps = [0.25, 0.5, 0.8];
                (1 + steps.iter().filter(|&&step| share >= step).count()).to_string()
            }
        }
    }
}

type Rows<W> = csv::Writer<W>;

impl ExampleSector {
    /// Writes one of the files, with its header, in UTF-8 with line feeds.
    ///
    /// What people do when something stops is told at the end of the reason.
    ///
    /// Errors: [`WriteError`] when `out` fails.
    pub fn write_csv(
        &self,
        file: CsvFile,
        scale: StrengthScale,
        out: impl Write,
    ) -> Result<(), WriteError> {
        let mut rows = csv::Writer::from_writer(out);
        self.rows(file, scale, &mut rows).map_err(|source| WriteError { file, source })
    }

    /// One of the files as text.
    pub fn csv(&self, file: CsvFile, scale: StrengthScale) -> String {
        let mut out = Vec::new();
        self.write_csv(file, scale, &mut out).expect("memory takes whatever is written");
        String::from_utf8(out).expect("all cells are texts")
    }

    fn rows<W: Write>(
        &self,
        file: CsvFile,
        scale: StrengthScale,
        rows: &mut Rows<W>,
    ) -> csv::Result<()> {
        rows.write_record(file.columns())?;
        match file {
            CsvFile::Organisations => self.organisation_rows(rows)?,
            CsvFile::Sites => self.site_rows(rows)?,
            CsvFile::Suppliers => self.supplier_rows(rows)?,
            CsvFile::Services => self.service_rows(rows)?,
            CsvFile::Systems => self.system_rows(rows)?,
            CsvFile::Devices => self.device_rows(rows)?,
            CsvFile::Dependencies => self.dependency_rows(scale, rows)?,
        }
        Ok(rows.flush()?)
    }

    fn organisation_rows<W: Write>(&self, rows: &mut Rows<W>) -> csv::Result<()> {
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        for one in &self.organisations {
            let patients = one.patients.map(|count| count.to_string()).unwrap_or_default();
            rows.write_record([
                &one.ods_code,
                &one.name,
                one.kind.as_str(),
                &text(&one.region),
                &text(&one.icb),
                &text(&one.parent),
                &one.town,
                &one.postcode,
                &patients,
            ])?;
        }
        Ok(())
    }

    fn site_rows<W: Write>(&self, rows: &mut Rows<W>) -> csv::Result<()> {
        for one in &self.sites {
            let cells = [&one.ods_code, &one.name, &one.organisation, &one.town, &one.postcode];
            rows.write_record(cells)?;
        }
        Ok(())
    }

    fn supplier_rows<W: Write>(&self, rows: &mut Rows<W>) -> csv::Result<()> {
        for one in &self.suppliers {
            rows.write_record([&one.code, &one.name, &one.kind])?;
        }
        Ok(())
    }

    fn service_rows<W: Write>(&self, rows: &mut Rows<W>) -> csv::Result<()> {
        for one in &self.services {
            rows.write_record([
                &one.code,
                &one.name,
                &one.organisation,
                &one.kind,
                &one.patients_per_day.to_string(),
                &one.criticality.to_string(),
                &one.hours,
            ])?;
        }
        Ok(())
    }

    fn system_rows<W: Write>(&self, rows: &mut Rows<W>) -> csv::Result<()> {
        for one in &self.systems {
            let criticality = one.criticality.to_string();
            let own = [&one.code, &one.name, &one.organisation, &one.kind, &one.supplier];
            rows.write_record(own.into_iter().chain([&criticality]))?;
        }
        Ok(())
    }

    fn device_rows<W: Write>(&self, rows: &mut Rows<W>) -> csv::Result<()> {
        for one in &self.devices {
            let site = one.site.as_deref().unwrap_or_default();
            rows.write_record([&one.name, &one.organisation, &one.class, &one.system, site])?;
        }
        Ok(())
    }

    fn dependency_rows<W: Write>(
        &self,
        scale: StrengthScale,
        rows: &mut Rows<W>,
    ) -> csv::Result<()> {
        for one in &self.dependencies {
            let reason = format!("{}; without it: {}", one.reason, one.fallback);
            let strength = scale.text(one.strength);
            rows.write_record([&one.from, &one.to, &one.kind, &reason, &strength])?;
        }
        Ok(())
    }
}
