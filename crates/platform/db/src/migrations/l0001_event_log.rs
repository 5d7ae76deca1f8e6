//! The event log: batches in the order they were accepted, and how far each reader is.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum EventBatch {
    Table,
    Seq,
    Organisation,
    Source,
    ReceivedAt,
    Count,
    RawBytes,
    PackedBytes,
    Records,
}

#[derive(DeriveIden)]
enum EventLogHead {
    Table,
    Id,
    Seq,
}

#[derive(DeriveIden)]
enum EventLogReader {
    Table,
    Name,
    Released,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(batches()).await?;
        schema.create_table(head()).await?;
        schema.create_table(readers()).await?;
        let first = Query::insert()
            .into_table(EventLogHead::Table)
            .columns([EventLogHead::Id, EventLogHead::Seq])
            .values_panic([1.into(), 0i64.into()])
            .take();
        schema.exec_stmt(first).await
    }
}

fn batches() -> TableCreateStatement {
    Table::create()
        .table(EventBatch::Table)
        .col(ColumnDef::new(EventBatch::Seq).big_integer().not_null().primary_key())
        .col(ColumnDef::new(EventBatch::Organisation).text().not_null())
        .col(ColumnDef::new(EventBatch::Source).uuid().not_null())
        .col(ColumnDef::new(EventBatch::ReceivedAt).big_integer().not_null())
        .col(ColumnDef::new(EventBatch::Count).big_integer().not_null())
        .col(ColumnDef::new(EventBatch::RawBytes).big_integer().not_null())
        .col(ColumnDef::new(EventBatch::PackedBytes).big_integer().not_null())
        .col(ColumnDef::new(EventBatch::Records).blob().not_null())
        .take()
}

fn head() -> TableCreateStatement {
    Table::create()
        .table(EventLogHead::Table)
        .col(ColumnDef::new(EventLogHead::Id).integer().not_null().primary_key())
        .col(ColumnDef::new(EventLogHead::Seq).big_integer().not_null())
        .take()
}

fn readers() -> TableCreateStatement {
    Table::create()
        .table(EventLogReader::Table)
        .col(ColumnDef::new(EventLogReader::Name).text().not_null().primary_key())
        .col(ColumnDef::new(EventLogReader::Released).big_integer().not_null())
        .take()
}
