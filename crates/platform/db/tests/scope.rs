//! The condition that keeps a query within its caller's scope, on every engine.

use db::{Db, within};
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query},
};
use terms::{GroupId, OdsCode, Part, Scope};
use testkit::{now, on_every_engine};

fn code(text: &str) -> OdsCode {
    text.parse().expect("a code")
}

/// Three made-up organisations: two in London, one in the Midlands; one of each is in a group.
async fn filled(db: &Db) -> GroupId {
    let group = GroupId::new(now());
    let write = db.write().await.expect("a transaction");
    for (name, region, icb) in [("AA1", "Y56", "QKK"), ("AA2", "Y56", "QMF"), ("BB1", "Y60", "QJ2")]
    {
        let columns = [
            "code",
            "name",
            "name_key",
            "type",
            "region",
            "icb",
            "town",
            "postcode",
            "silent_after",
            "created_at",
            "changed_at",
        ];
        let row: [Expr; 11] = [
            name.into(),
            name.into(),
            name.into(),
            "trust_acute".into(),
            region.into(),
            icb.into(),
            "".into(),
            "".into(),
            0_i64.into(),
            0_i64.into(),
            0_i64.into(),
        ];
        let insert =
            Query::insert().into_table("organisation").columns(columns).values_panic(row).take();
        write.execute(&insert).await.expect("an organisation");
    }
    let columns = ["id", "name", "created_at", "changed_at"];
    let row: [Expr; 4] = [group.0.into(), "example".into(), 0_i64.into(), 0_i64.into()];
    let insert =
        Query::insert().into_table("organisation_group").columns(columns).values_panic(row).take();
    write.execute(&insert).await.expect("a group");
    for member in ["AA2", "BB1"] {
        let row: [Expr; 3] = [group.0.into(), member.into(), 0_i64.into()];
        let insert = Query::insert()
            .into_table("group_member")
            .columns(["group_id", "organisation", "created_at"])
            .values_panic(row)
            .take();
        write.execute(&insert).await.expect("a member");
    }
    write.commit().await.expect("kept");
    group
}

async fn seen(db: &Db, scope: &Scope) -> Vec<String> {
    let select = Query::select()
        .column("code")
        .from("organisation")
        .cond_where(within(("organisation", "code"), scope))
        .and_where(Expr::col("code").ne("ZZ9"))
        .order_by("code", sea_orm::Order::Asc)
        .take();
    let rows = db.read().query_all(&select).await.expect("rows");
    rows.iter().map(|row| row.try_get_by_index(0).expect("text")).collect()
}

#[tokio::test]
async fn a_query_sees_what_lies_in_its_scope_and_nothing_else() {
    on_every_engine(async |t| {
        let group = filled(&t.db).await;
        let cases: Vec<(Scope, &[&str])> = vec![
            (Scope::sector(), &["AA1", "AA2", "BB1"]),
            (Scope::nothing(), &[]),
            (Scope::organisation(code("AA1")), &["AA1"]),
            (Scope::organisation(code("ZZ1")), &[]),
            (Scope::of([Part::Region(code("Y56"))]), &["AA1", "AA2"]),
            (Scope::of([Part::Region(code("AA1"))]), &[]),
            (Scope::of([Part::Icb(code("QJ2"))]), &["BB1"]),
            (Scope::of([Part::Group(group)]), &["AA2", "BB1"]),
            (Scope::of([Part::Group(GroupId::new(now()))]), &[]),
            (Scope::of([Part::Icb(code("QJ2")), Part::Organisation(code("AA1"))]), &["AA1", "BB1"]),
        ];
        for (scope, expected) in cases {
            assert_eq!(seen(&t.db, &scope).await, expected, "{scope:?}");
        }
    })
    .await;
}
