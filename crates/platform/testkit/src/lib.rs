//! For tests only: a fresh database of each engine, and moments to do things at.
//!
//! PostgreSQL comes from `WARD_TEST_POSTGRES` (a URL of a server where databases may be made); when
//! that is not set, from the server `cargo xtask services start` left its address of. Without
//! either a test fails and says so.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use db::{Db, Place, Schema};
use terms::Timestamp;

/// A moment for tests: 2026-11-24T08:30:00Z.
pub fn now() -> Timestamp {
    "2026-11-24T08:30:00Z".parse().expect("an instant")
}

/// `seconds` after [`now`].
pub fn later(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).expect("in range")
}

/// A fresh, migrated database; it is gone when this is dropped (PostgreSQL's when the server's
/// folder is).
pub struct TestDb {
    /// The handle.
    pub db: Db,
    /// Where it is, to open it once more.
    pub place: Place,
    _folder: Option<tempfile::TempDir>,
}

/// A fresh SQLite database.
pub async fn sqlite() -> TestDb {
    sqlite_as(Schema::State).await
}

/// A fresh SQLite database with the tables of `schema`.
pub async fn sqlite_as(schema: Schema) -> TestDb {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::Sqlite(folder.path().join("ward.db"));
    let db = Db::open_as(schema, &place).await.expect("a database");
    TestDb { db, place, _folder: Some(folder) }
}

/// A fresh PostgreSQL database.
pub async fn postgres() -> TestDb {
    postgres_as(Schema::State).await
}

/// A fresh PostgreSQL database with the tables of `schema`.
pub async fn postgres_as(schema: Schema) -> TestDb {
    let place = empty_postgres().await;
    let db = Db::open_as(schema, &place).await.expect("a database");
    TestDb { db, place, _folder: None }
}

/// Runs `check` on a fresh database of every engine.
pub async fn on_every_engine(check: impl AsyncFn(&TestDb)) {
    check(&sqlite().await).await;
    check(&postgres().await).await;
}

/// A PostgreSQL database without tables.
pub async fn empty_postgres() -> Place {
    Place::Postgres(fresh_postgres().await)
}

/// The URL of a database just made.
async fn fresh_postgres() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let server = postgres_server();
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}_{}", std::process::id(), unique());
    db::testing::create_postgres_database(&server, &name).await.expect("a new database");
    let (base, _) = server.rsplit_once('/').expect("a URL that ends in a database's name");
    format!("{base}/{name}")
}

fn unique() -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().file_name().expect("a name").to_string_lossy().to_lowercase();
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn postgres_server() -> String {
    if let Ok(url) = std::env::var("WARD_TEST_POSTGRES") {
        return url;
    }
    let left = services_folder().join("postgres.url");
    std::fs::read_to_string(&left).map(|url| url.trim().to_owned()).unwrap_or_else(|error| {
        panic!(
            "no PostgreSQL for this test: set WARD_TEST_POSTGRES or run `cargo xtask services \
             start` ({}: {error})",
            left.display()
        )
    })
}

/// Where `cargo xtask services start` leaves addresses.
pub fn services_folder() -> PathBuf {
    std::env::temp_dir().join("ward-test-services")
}

/// Runs raw SQL: for tests that damage a database on purpose.
pub async fn execute(place: &Place, sql: &str) {
    db::testing::execute(place, sql).await.expect("a statement");
}

/// One number out of a database, by raw SQL; for tests without a runtime of their own.
pub fn number(place: &Place, sql: &str) -> i64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(db::testing::number(place, sql)).expect("a number")
}
