//! The CSV files: columns, rows, cells.

use example::{CsvFile, ExampleSector, Size, StrengthScale, sector};

fn small() -> ExampleSector {
    sector(7, &Size { practices: 40, care_providers: 40, detail_percent: 2, device_samples: 1 })
}

fn rows(sector: &ExampleSector, file: CsvFile) -> usize {
    match file {
        CsvFile::Organisations => sector.organisations.len(),
        CsvFile::Sites => sector.sites.len(),
        CsvFile::Suppliers => sector.suppliers.len(),
        CsvFile::Services => sector.services.len(),
        CsvFile::Systems => sector.systems.len(),
        CsvFile::Devices => sector.devices.len(),
        CsvFile::Dependencies => sector.dependencies.len(),
    }
}

#[test]
fn each_file_has_its_columns_and_a_row_for_each_thing() {
    let sector = small();
    for file in CsvFile::ALL {
        let text = sector.csv(file, StrengthScale::Share);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().expect("a header"), file.columns(), "{file}");
        // The reader refuses rows of another length than the header.
        let read: Vec<csv::StringRecord> =
            reader.records().map(|row| row.expect("a row")).collect();
        assert_eq!(read.len(), rows(&sector, file), "{file}");
    }
}

#[test]
fn the_first_rows_of_each_file_are_as_reviewed() {
    let sector = small();
    let head = |file: CsvFile| {
        let text = sector.csv(file, StrengthScale::Share);
        let rows: Vec<&str> = text.lines().collect();
        let step = rows.len().div_ceil(12);
        let some: Vec<&str> = rows.iter().step_by(step).copied().collect();
        format!("{file}\n{}\n", some.join("\n"))
    };
    insta::assert_snapshot!(CsvFile::ALL.map(head).join("\n"));
}

#[test]
fn strengths_are_written_as_shares_or_in_four_steps() {
    let steps = [0.0, 0.24, 0.25, 0.49, 0.5, 0.79, 0.8, 1.0];
    let written = steps.map(|share| StrengthScale::OneToFour.text(share));
    assert_eq!(written, ["1", "1", "2", "2", "3", "3", "4", "4"]);
    assert_eq!(StrengthScale::Share.text(0.35), "0.35");
    let text = small().csv(CsvFile::Dependencies, StrengthScale::OneToFour);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for row in reader.records() {
        let row = row.expect("a row");
        assert!(["1", "2", "3", "4"].contains(&&row[4]), "{row:?}");
    }
}

#[test]
fn a_reason_ends_with_what_people_do_without_it() {
    let text = small().csv(CsvFile::Dependencies, StrengthScale::Share);
    assert!(
        text.contains("doses are worked out and checked in it; without it: treatment postponed")
    );
}

#[test]
fn the_structs_are_written_as_json_under_the_names_of_the_columns() {
    let sector = small();
    let json = serde_json::to_value(&sector.organisations[0]).expect("plain structs");
    assert_eq!((&json["ods_code"], &json["type"]), (&"Y56".into(), &"region".into()));
    let trust = sector.organisations.iter().find(|one| one.kind.is_trust()).expect("a trust");
    let json = serde_json::to_value(trust).expect("plain structs");
    assert_eq!(json["type"], trust.kind.as_str());
}

#[test]
fn a_full_disk_is_told_with_the_name_of_the_file() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = small().write_csv(CsvFile::Systems, StrengthScale::Share, Full);
    assert_eq!(error.expect_err("no room").to_string(), "cannot write systems.csv");
}
