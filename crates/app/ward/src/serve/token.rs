//! `ward token issue`: a token for a sender, made beside a running server.

use std::io::{self, Write};

use access::{Access, ServerKey};
use anyhow::{Context, Result, bail};
use db::Db;
use sector::Map;
use terms::Timestamp;

use crate::{
    cli::{TokenArgs, TokenCommand},
    exit::Exit,
};

pub(crate) fn command(args: &TokenArgs) -> Result<Exit> {
    let TokenCommand::Issue { organisation, name, config } = &args.command;
    let config = super::settings::read(config)?.config;
    let token = super::runtime()?.block_on(async {
        super::folder::make(&config.data.folder)?;
        let db = Db::open(&config.database()?).await?;
        let map = Map::open(db.clone()).await?;
        if map.graph().organisation(organisation).is_none() {
            bail!("{organisation} is not on the map; import it first: ward map import <file>");
        }
        let key = ServerKey::load_or_make(&super::folder::key(&config.data.folder))?;
        let access = Access::open(db, key, access::Settings::default()).await?;
        let token = access.issue_ingest_token(organisation.clone(), name, None, Timestamp::now());
        token.await.context("cannot make the token")
    })?;
    writeln!(io::stdout(), "{}", token.text.expose()).context("cannot write the token")?;
    Ok(Exit::Nothing)
}
