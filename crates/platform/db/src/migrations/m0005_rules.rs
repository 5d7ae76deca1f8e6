//! Folders of rules that people uploaded, packed, and the version by which every node knows that
//! the rules in use changed.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(folders()).await?;
        schema.create_table(version()).await?;
        let by_state =
            Index::create().name("rule_folder_by_state").table("rule_folder").col("state").take();
        schema.create_index(by_state).await?;
        let first = "INSERT INTO rule_book (id, version) VALUES (1, 0)";
        schema.get_connection().execute_unprepared(first).await?;
        Ok(())
    }
}

fn integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn folders() -> TableCreateStatement {
    Table::create()
        .table("rule_folder")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("uploaded_by").uuid().not_null())
        .col(integer("uploaded_at"))
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(integer("changed_at"))
        .col(integer("files"))
        .col(integer("rules"))
        .col(integer("refused"))
        .col(ColumnDef::new("packed").blob().not_null())
        .take()
}

fn version() -> TableCreateStatement {
    Table::create()
        .table("rule_book")
        .col(ColumnDef::new("id").big_integer().not_null().primary_key())
        .col(integer("version"))
        .take()
}
