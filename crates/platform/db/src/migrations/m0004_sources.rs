//! Sources of telemetry: totals, counts by the minute, the latest failures.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(states()).await?;
        schema.create_table(minutes()).await?;
        schema.create_table(failures()).await?;
        let by_source = Index::create()
            .name("source_failure_by_source")
            .table("source_failure")
            .col("source")
            .col("id")
            .take();
        schema.create_index(by_source).await
    }
}

fn integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn states() -> TableCreateStatement {
    Table::create()
        .table("source_state")
        .col(ColumnDef::new("source").uuid().not_null().primary_key())
        .col(ColumnDef::new("organisation").text().not_null())
        .col(integer("first_at"))
        .col(integer("last_at"))
        .col(integer("events"))
        .col(integer("bytes"))
        .col(integer("refused"))
        .col(integer("unread"))
        .col(ColumnDef::new("lag_s").big_integer())
        .take()
}

fn minutes() -> TableCreateStatement {
    Table::create()
        .table("source_minute")
        .col(ColumnDef::new("source").uuid().not_null())
        .col(integer("minute"))
        .col(integer("events"))
        .col(integer("bytes"))
        .col(integer("refused"))
        .col(integer("unread"))
        .primary_key(Index::create().col("source").col("minute"))
        .take()
}

fn failures() -> TableCreateStatement {
    Table::create()
        .table("source_failure")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("source").uuid().not_null())
        .col(integer("at"))
        .col(integer("line"))
        .col(ColumnDef::new("reason").text().not_null())
        .col(ColumnDef::new("sample").text().not_null())
        .take()
}
