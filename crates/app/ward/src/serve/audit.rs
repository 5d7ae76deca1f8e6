//! `ward audit verify`: whether the audit trail is whole.

use std::io::{self, Write};

use access::audit::{self, Head};
use anyhow::{Context, Result};
use db::Db;

use crate::{
    cli::{AuditArgs, AuditCommand},
    exit::Exit,
};

pub(crate) fn command(args: &AuditArgs) -> Result<Exit> {
    let AuditCommand::Verify(args) = &args.command;
    let config = super::settings::read(args)?.config;
    let place = config.database()?;
    super::runtime()?.block_on(async {
        let db = Db::connect(&place).await?;
        let (text, exit) = match audit::verify(&db, Head::START).await {
            Ok(whole) => (
                format!(
                    "the audit trail is whole: {} entries, head {}\n",
                    whole.entries, whole.head
                ),
                Exit::Nothing,
            ),
            Err(audit::VerifyError::Broken(broken)) => (format!("{broken}\n"), Exit::Found),
            Err(audit::VerifyError::Db(error)) => {
                return Err(error).context("cannot read the trail");
            }
        };
        io::stdout().write_all(text.as_bytes()).context("cannot write the answer")?;
        Ok(exit)
    })
}
