//! The log's tables: batches, the head that orders them, and how far readers are.

use db::{Db, DbError, instant, micros};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use terms::TokenId;

use crate::batch::{NewBatch, PackedBatch, Seq};

mod event_batch {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_batch")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) seq: i64,
        pub(super) organisation: String,
        pub(super) source: Uuid,
        pub(super) received_at: i64,
        pub(super) count: i64,
        pub(super) raw_bytes: i64,
        pub(super) packed_bytes: i64,
        pub(super) records: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod event_log_head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_log_head")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: i32,
        pub(super) seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod event_log_reader {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_log_reader")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) name: String,
        pub(super) released: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Writes batches in one transaction; the position of the last.
///
/// The head's row is locked until the commit, so positions become visible in their order even
/// with several writers.
pub(crate) async fn append(db: &Db, batches: &[NewBatch]) -> Result<Seq, DbError> {
    let write = db.write().await?;
    let taken = event_log_head::Entity::update_many()
        .col_expr(
            event_log_head::Column::Seq,
            Expr::col(event_log_head::Column::Seq).add(batches.len() as i64),
        )
        .exec_with_returning(&write)
        .await?;
    let last = taken.first().map(|head| head.seq);
    let last = last.ok_or_else(|| DbError::row("event_log_head", "the one row", "nothing"))?;
    let first = last - batches.len() as i64 + 1;
    let rows = batches.iter().zip(first..).map(|(batch, seq)| event_batch::ActiveModel {
        seq: Set(seq),
        organisation: Set(batch.organisation.to_string()),
        source: Set(batch.source.0),
        received_at: Set(micros(batch.received_at)),
        count: Set(i64::from(batch.count)),
        raw_bytes: Set(batch.raw_bytes as i64),
        packed_bytes: Set(batch.packed.len() as i64),
        records: Set(batch.packed.clone()),
    });
    event_batch::Entity::insert_many(rows).exec_without_returning(&write).await?;
    write.commit().await?;
    Ok(Seq(last))
}

/// The newest position.
pub(crate) async fn newest(db: &Db) -> Result<Seq, DbError> {
    let head = event_log_head::Entity::find().one(db.read()).await?;
    Ok(Seq(head.map_or(0, |head| head.seq)))
}

/// Batches after a position, in order, until they hold `most_bytes` (at least one).
pub(crate) async fn read(
    db: &Db,
    after: Seq,
    most_bytes: usize,
) -> Result<Vec<PackedBatch>, DbError> {
    let mut batches = Vec::new();
    let mut bytes = 0;
    let mut after = after;
    while bytes < most_bytes {
        let rows = event_batch::Entity::find()
            .filter(event_batch::Column::Seq.gt(after.0))
            .order_by_asc(event_batch::Column::Seq)
            .limit(READ_ROWS)
            .all(db.read())
            .await?;
        let is_last = rows.len() < READ_ROWS as usize;
        for row in rows {
            if bytes >= most_bytes && !batches.is_empty() {
                return Ok(batches);
            }
            bytes += row.raw_bytes as usize;
            after = Seq(row.seq);
            batches.push(packed(row)?);
        }
        if is_last {
            break;
        }
    }
    Ok(batches)
}

/// Few, so that what is read in vain past the bound stays small.
const READ_ROWS: u64 = 16;

fn packed(row: event_batch::Model) -> Result<PackedBatch, DbError> {
    let organisation = row
        .organisation
        .parse()
        .map_err(|_| DbError::row("event_batch", "an organisation's code", &row.organisation))?;
    Ok(PackedBatch {
        seq: Seq(row.seq),
        organisation,
        source: TokenId(row.source),
        received_at: instant(row.received_at),
        count: u32::try_from(row.count).unwrap_or(u32::MAX),
        raw_bytes: usize::try_from(row.raw_bytes).unwrap_or(0),
        packed: row.records,
    })
}

/// Notes that `reader` will never ask again for what is at or before `seq`.
pub(crate) async fn release(db: &Db, reader: &str, seq: Seq) -> Result<(), DbError> {
    let write = db.write().await?;
    let row = event_log_reader::ActiveModel { name: Set(reader.to_owned()), released: Set(seq.0) };
    event_log_reader::Entity::insert(row)
        .on_conflict(
            OnConflict::column(event_log_reader::Column::Name)
                .update_column(event_log_reader::Column::Released)
                .to_owned(),
        )
        .exec_without_returning(&write)
        .await?;
    write.commit().await?;
    Ok(())
}

/// The lowest position any reader has released; 0 without readers.
pub(crate) async fn released(db: &Db) -> Result<Seq, DbError> {
    let readers = event_log_reader::Entity::find().all(db.read()).await?;
    Ok(Seq(readers.iter().map(|reader| reader.released).min().unwrap_or(0)))
}

/// Packed bytes of all batches after a position.
pub(crate) async fn bytes_after(db: &Db, after: Seq) -> Result<u64, DbError> {
    let sum: Option<i64> = event_batch::Entity::find()
        .select_only()
        .column_as(Expr::cust("CAST(COALESCE(SUM(LENGTH(records)), 0) AS BIGINT)"), "bytes")
        .filter(event_batch::Column::Seq.gt(after.0))
        .into_tuple::<Option<i64>>()
        .one(db.read())
        .await?
        .flatten();
    Ok(sum.and_then(|sum| u64::try_from(sum).ok()).unwrap_or(0))
}

/// Deletes what every reader released and what was accepted before `before`; how many batches.
pub(crate) async fn trim(db: &Db, through: Seq, before: i64) -> Result<u64, DbError> {
    let write = db.write().await?;
    let done = event_batch::Entity::delete_many()
        .filter(event_batch::Column::Seq.lte(through.0))
        .filter(event_batch::Column::ReceivedAt.lt(before))
        .exec(&write)
        .await?;
    write.commit().await?;
    Ok(done.rows_affected)
}

/// Whether the database answers a write: for the health check.
pub(crate) async fn touch(db: &Db) -> Result<(), DbError> {
    let write = db.write().await?;
    write.execute_unprepared("UPDATE event_log_head SET seq = seq").await?;
    write.commit().await?;
    Ok(())
}
