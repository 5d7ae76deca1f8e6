//! Which file it is, told from the columns of its header. Pure.

use std::fmt;

/// A kind of file that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// Organisations of any type, in Ward's own columns.
    Organisations,
    /// NHS trusts, as the Organisation Data Service publishes them; without types.
    Trusts,
    /// Integrated care boards.
    Icbs,
    /// Parts of integrated care boards' areas.
    SubIcbs,
    /// General practices.
    GpPractices,
    /// Sites, in Ward's own columns or those of the published list of trust sites.
    Sites,
    /// Hospitals, as the NHS website publishes them: sites with their positions.
    Hospitals,
    /// Services.
    Services,
    /// Systems.
    Systems,
    /// Suppliers.
    Suppliers,
    /// Devices.
    Devices,
    /// Dependencies.
    Dependencies,
}

/// The columns of one kind.
pub(crate) struct Shape {
    pub(crate) kind: FileKind,
    /// Without these it is no such file.
    pub(crate) required: &'static [&'static str],
    /// Read when they are there.
    pub(crate) optional: &'static [&'static str],
    /// Known, and of no use to the map.
    pub(crate) unused: &'static [&'static str],
}

/// All kinds; the first whose required columns are all there is meant, so the exact ones stand
/// before the general ones.
const SHAPES: &[Shape] = &[
    Shape {
        kind: FileKind::Hospitals,
        required: &["organisationcode", "organisationname", "parentodscode"],
        optional: &["city", "postcode", "latitude", "longitude"],
        unused: &["subtype", "sector", "parentname"],
    },
    Shape {
        kind: FileKind::GpPractices,
        required: &["ods_code", "name", "sub_icb"],
        optional: &["region", "icb", "town", "postcode", "icb_2026", "list_size_2021"],
        unused: &["open_date", "pcn_2022"],
    },
    Shape {
        kind: FileKind::SubIcbs,
        required: &["icb", "sub_icb", "name"],
        optional: &[],
        unused: &[],
    },
    Shape {
        kind: FileKind::Organisations,
        required: &["ods_code", "name", "type"],
        optional: &[
            "region",
            "icb",
            "parent",
            "town",
            "postcode",
            "patients",
            "latitude",
            "longitude",
            "close_date",
        ],
        unused: &["open_date"],
    },
    Shape {
        kind: FileKind::Trusts,
        required: &["ods_code", "name", "region", "icb", "close_date"],
        optional: &["town", "postcode"],
        unused: &["open_date"],
    },
    Shape {
        kind: FileKind::Sites,
        required: &["ods_code", "name", "organisation"],
        optional: &["town", "postcode", "latitude", "longitude"],
        unused: &["region", "open_date"],
    },
    Shape {
        kind: FileKind::Sites,
        required: &["ods_code", "name", "parent", "town", "postcode"],
        optional: &[],
        unused: &["region", "open_date"],
    },
    Shape {
        kind: FileKind::Services,
        required: &["code", "name", "organisation", "kind", "patients_per_day", "criticality"],
        optional: &["hours"],
        unused: &[],
    },
    Shape {
        kind: FileKind::Systems,
        required: &["code", "name", "organisation", "kind", "criticality"],
        optional: &["supplier"],
        unused: &[],
    },
    Shape {
        kind: FileKind::Dependencies,
        required: &["from", "to", "kind", "reason", "strength"],
        optional: &[],
        unused: &[],
    },
    Shape {
        kind: FileKind::Devices,
        required: &["name", "organisation"],
        optional: &["class", "system", "site"],
        unused: &[],
    },
    Shape {
        kind: FileKind::Suppliers,
        required: &["code", "name", "kind"],
        optional: &[],
        unused: &[],
    },
    Shape { kind: FileKind::Icbs, required: &["icb", "name"], optional: &[], unused: &[] },
];

impl FileKind {
    /// As people call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organisations => "organisations",
            Self::Trusts => "trusts",
            Self::Icbs => "integrated care boards",
            Self::SubIcbs => "parts of integrated care boards",
            Self::GpPractices => "general practices",
            Self::Sites => "sites",
            Self::Hospitals => "hospitals",
            Self::Services => "services",
            Self::Systems => "systems",
            Self::Suppliers => "suppliers",
            Self::Devices => "devices",
            Self::Dependencies => "dependencies",
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The shape a header has; what the nearest one misses, in words, when it has none.
pub(crate) fn recognise(columns: &[String]) -> Result<&'static Shape, String> {
    let has = |name: &&&str| columns.iter().any(|column| column == **name);
    let fits = |shape: &&Shape| shape.required.iter().all(|name| has(&name));
    if let Some(shape) = SHAPES.iter().find(fits) {
        return Ok(shape);
    }
    let missing = |shape: &Shape| shape.required.iter().filter(|name| !has(name)).count();
    let nearest = SHAPES
        .iter()
        .filter(|shape| shape.required.iter().any(|name| has(&name)))
        .min_by_key(|shape| missing(shape));
    Err(match nearest {
        None => "the first line must name the columns, separated by commas".to_owned(),
        Some(shape) => {
            let lacking: Vec<&str> =
                shape.required.iter().filter(|name| !has(name)).copied().collect();
            format!("for {} there would have to be {}", shape.kind, lacking.join(", "))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str) -> Result<FileKind, String> {
        let columns: Vec<String> = header.split(',').map(str::to_owned).collect();
        recognise(&columns).map(|shape| shape.kind)
    }

    #[test]
    fn every_file_is_known_by_its_header_alone() {
        let cases = [
            ("ods_code,name,region,icb,town,postcode,open_date,close_date", FileKind::Trusts),
            ("icb,name", FileKind::Icbs),
            ("icb,sub_icb,name", FileKind::SubIcbs),
            (
                "ods_code,name,region,icb,town,postcode,open_date,sub_icb,list_size_2021,pcn_2022,\
                 icb_2026",
                FileKind::GpPractices,
            ),
            ("ods_code,name,parent,region,town,postcode,open_date", FileKind::Sites),
            (
                "organisationcode,subtype,sector,organisationname,city,postcode,latitude,\
                 longitude,parentodscode,parentname",
                FileKind::Hospitals,
            ),
            (
                "ods_code,name,type,region,icb,parent,town,postcode,patients",
                FileKind::Organisations,
            ),
            ("ods_code,name,organisation,town,postcode", FileKind::Sites),
            ("code,name,organisation,kind,patients_per_day,criticality,hours", FileKind::Services),
            ("code,name,organisation,kind,supplier,criticality", FileKind::Systems),
            ("code,name,kind", FileKind::Suppliers),
            ("name,organisation,class,system,site", FileKind::Devices),
            ("from,to,kind,reason,strength", FileKind::Dependencies),
        ];
        for (header, kind) in cases {
            assert_eq!(check(header), Ok(kind), "{header}");
            let backwards: Vec<&str> = header.split(',').rev().collect();
            assert_eq!(check(&backwards.join(",")), Ok(kind), "{header}, backwards");
        }
    }

    #[test]
    fn a_header_that_misses_one_column_is_told_which() {
        let said = check("from,to,kind,reason").expect_err("no strength");
        assert_eq!(said, "for dependencies there would have to be strength");
        assert!(check("A81001").expect_err("data").contains("must name the columns"));
    }
}
