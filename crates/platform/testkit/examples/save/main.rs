//! Saves what a release's databases look like, filled with a little of everything by the program
//! itself, so that later releases can show that they move it forward.
//!
//! ```sh
//! cargo run -p testkit --example save -- 0.1     # writes crates/platform/db/tests/saved/0.1/
//! ```
//!
//! Needs `pg_dump`, and the PostgreSQL of the tests. Everybody and everything in it is made up. A
//! table without a row stops it: then `fill` is to be told about the new table.
#![allow(clippy::print_stdout)]

use std::{fs, path::Path, process::Command};

use db::{Db, Engine, Place, Schema};
use sea_orm::{ConnectionTrait, Statement};

mod fill;

#[tokio::main]
async fn main() {
    let release = std::env::args().nth(1).expect("the release's number");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../db/tests/saved").join(release);
    fs::create_dir_all(&folder).expect("a folder");
    for (state, log) in [
        (testkit::sqlite().await, testkit::sqlite_as(Schema::Log).await),
        (testkit::postgres().await, testkit::postgres_as(Schema::Log).await),
    ] {
        fill::all(&state.db, &log.db).await;
        for (name, made) in [("state", state), ("log", log)] {
            must_hold_everything(&made.db).await;
            match &made.place {
                Place::Sqlite(_) => {
                    save_sqlite(&made.db, &folder.join(format!("{name}.db.zst"))).await
                }
                Place::Postgres(url) => save_postgres(url, &folder.join(format!("{name}.sql"))),
            }
        }
    }
}

async fn must_hold_everything(db: &Db) {
    let tables = match db.engine() {
        Engine::Sqlite => {
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
             AND name NOT LIKE 'sqlite_%'"
        }
        Engine::Postgres => "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
    };
    let ask = |sql: String| Statement::from_string(db.read().get_database_backend(), sql);
    let tables = db.read().query_all_raw(ask(tables.to_owned())).await.expect("tables");
    for table in tables {
        let table: String = table.try_get_by_index(0).expect("a name");
        let some = ask(format!("SELECT 1 FROM {table} LIMIT 1"));
        let some = db.read().query_one_raw(some).await.expect("rows");
        assert!(some.is_some(), "nothing stands in the table {table}: tell `fill` about it");
    }
}

/// One file without a log of changes, packed.
async fn save_sqlite(db: &Db, to: &Path) {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join("whole.db");
    let vacuum = format!("VACUUM INTO '{}'", whole.display());
    db.read().execute_unprepared(&vacuum).await.expect("a copy");
    let bytes = fs::read(whole).expect("the copy");
    let packed = zstd::encode_all(bytes.as_slice(), 19).expect("packed");
    fs::write(to, packed).expect("written");
    println!("{}", to.display());
}

/// Plain SQL; the two lines that only `psql` understands are left out.
fn save_postgres(url: &str, to: &Path) {
    let dump = Command::new("pg_dump")
        .args(["--inserts", "--no-owner", "--no-privileges", url])
        .output()
        .expect("pg_dump runs");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let text = String::from_utf8(dump.stdout).expect("text");
    let of_psql =
        |line: &&str| line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
    let kept: Vec<&str> = text.lines().filter(|line| !of_psql(line)).collect();
    fs::write(to, kept.join("\n") + "\n").expect("written");
    println!("{}", to.display());
}
