//! How long it takes to make a sector, and how much is in it: `cargo run -p example --example size
//! -- demo|full [FOLDER]`, with the CSV files written into the folder.

use std::{env, fs, io::Write, path::Path, time::Instant};

use example::{CsvFile, Size, StrengthScale, sector};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let size = match arguments.next().as_deref() {
        Some("full") => Size::full(),
        _ => Size::demo(),
    };
    let folder = arguments.next();
    let start = Instant::now();
    let made = sector(7, &size);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} ms", start.elapsed().as_millis())?;
    for file in CsvFile::ALL {
        let text = made.csv(file, StrengthScale::OneToFour);
        writeln!(out, "{file}: {} rows, {} bytes", text.lines().count() - 1, text.len())?;
        if let Some(folder) = &folder {
            fs::write(Path::new(folder).join(file.name()), text)?;
        }
    }
    Ok(())
}
