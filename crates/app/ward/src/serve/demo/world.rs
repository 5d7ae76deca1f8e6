//! The sector and the account of a demonstration, made at its first start.

use std::{fs, path::Path};

use access::{Secret, first::Claim};
use anyhow::{Context, Result};
use example::{CsvFile, ExampleSector, Size, StrengthScale};
use terms::Scope;
use web::App;

/// How to sign in.
pub(super) struct Account {
    pub(super) email: String,
    pub(super) password: String,
}

const EMAIL: &str = "demo@example.org";

/// The example sector of a seed.
pub(super) fn example(seed: u64) -> ExampleSector {
    example::sector(seed, &Size::demo())
}

/// Makes what is not there yet.
pub(super) async fn make(app: &App, example: &ExampleSector, folder: &Path) -> Result<Account> {
    if app.map.graph().organisations().is_empty() {
        import(app, example).await.context("the example sector cannot be made")?;
    }
    account(app, folder).await.context("the account cannot be made")
}

/// Through the same import that people use.
async fn import(app: &App, example: &ExampleSector) -> Result<()> {
    for file in CsvFile::ALL {
        let text = example.csv(file, StrengthScale::OneToFour);
        let now = app.settings.now();
        let scope = Scope::sector();
        let plan = app.map.plan(file.name(), text.as_bytes(), &scope, now).await?;
        if let Some(problem) = plan.problems.first() {
            anyhow::bail!("{}: {problem:?}", file.name());
        }
        app.map.apply(&plan, None, now).await?;
    }
    Ok(())
}

/// The account; its password lies in the data folder, which only its owner can read.
async fn account(app: &App, folder: &Path) -> Result<Account> {
    let file = folder.join("sign-in");
    if let Ok(password) = fs::read_to_string(&file) {
        return Ok(Account { email: EMAIL.to_owned(), password: password.trim().to_owned() });
    }
    let now = app.settings.now();
    let link = app.access.first_administrator_link(now).await?;
    let link = link.context("there is an account already, and its password is not known")?;
    let password = password();
    let claim =
        Claim { email: EMAIL, name: "Demonstration", password: Secret::new(password.as_str()) };
    app.access.claim(&link.secret, claim, now).await?;
    fs::write(&file, &password).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(Account { email: EMAIL.to_owned(), password })
}

/// Twelve random letters and digits in groups, easy to type.
fn password() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let bytes = uuid::Uuid::new_v4().into_bytes();
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    let letters: Vec<char> = bytes.iter().map(letter).collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join("-")
}
