//! The one row that is counted up whenever tokens, grants or people change, so that every node
//! knows when to forget what it remembers. Counting up also locks: such changes happen one after
//! the other.

use db::{DbError, Write};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::Expr,
};

mod access_version {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_version")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: i32,
        pub(super) version: i64,
        pub(super) key_check: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use access_version::{ActiveModel, Column as C, Entity};

/// Counts up, and keeps others from changing what is guarded until the transaction ends.
pub(crate) async fn raise(write: &Write) -> Result<(), DbError> {
    Entity::update_many().col_expr(C::Version, Expr::col(C::Version).add(1)).exec(write).await?;
    Ok(())
}

/// The number now.
pub(crate) async fn current(on: &impl ConnectionTrait) -> Result<i64, DbError> {
    let row = Entity::find().one(on).await?;
    row.map(|row| row.version)
        .ok_or_else(|| DbError::row("access_version", "the one row", "nothing"))
}

/// Notes by what the server's key is recognised, unless that is noted; what is noted.
pub(crate) async fn key_check(write: &Write, check: &[u8]) -> Result<Option<Vec<u8>>, DbError> {
    Entity::update_many()
        .set(ActiveModel { key_check: Set(Some(check.to_vec())), ..Default::default() })
        .filter(C::KeyCheck.is_null())
        .exec(write)
        .await?;
    Ok(Entity::find().one(write).await?.and_then(|row| row.key_check))
}
