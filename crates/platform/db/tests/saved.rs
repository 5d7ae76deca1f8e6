//! Databases that earlier releases wrote, opened by today's program: every row is as it was, and
//! the tables are those of a database made today. How they are saved: `docs/develop/saved-databases.md`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use db::{Db, DbError, Engine, Place, Schema};
use sea_orm::{ConnectionTrait, Statement};
use testkit::TestDb;

const SCHEMAS: [(&str, Schema); 2] = [("state", Schema::State), ("log", Schema::Log)];

#[tokio::test]
async fn a_database_of_every_release_moves_forward_and_keeps_every_row() {
    let releases = releases();
    assert!(!releases.is_empty(), "no release has saved its databases");
    for release in releases {
        for (name, schema) in SCHEMAS {
            let folder = tempfile::tempdir().expect("a folder");
            let file = release.join(format!("{name}.db.zst"));
            must_move_forward(schema, &sqlite(&file, folder.path()), &file).await;
            let file = release.join(format!("{name}.sql"));
            must_move_forward(schema, &postgres(&file).await, &file).await;
        }
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_by_name_and_left_alone() {
    for (schema, table) in [(Schema::State, "migration"), (Schema::Log, "log_migration")] {
        for made in [testkit::sqlite_as(schema).await, testkit::postgres_as(schema).await] {
            let TestDb { db, place, .. } = &made;
            let newer = format!(
                "INSERT INTO {table} (version, applied_at) VALUES ('m9999_of_tomorrow', 1)"
            );
            testkit::execute(place, &newer).await;
            let before = rows(db, &columns(db).await).await;
            let refused = Db::open_as(schema, place).await.expect_err("a newer database");
            assert!(matches!(&refused, DbError::Newer { .. }), "{refused:?}");
            let told = refused.to_string();
            assert!(told.contains("written by a newer Ward"), "{told}");
            assert!(told.contains("m9999_of_tomorrow"), "{told}");
            assert_eq!(rows(db, &columns(db).await).await, before);
        }
    }
}

async fn must_move_forward(schema: Schema, place: &Place, saved: &Path) {
    let told = saved.display();
    let old = Db::connect(place).await.expect("the saved database");
    let columns = columns(&old).await;
    let before = rows(&old, &columns).await;
    old.close().await.expect("closed");
    let empty: Vec<_> = before.iter().filter(|(_, rows)| rows.is_empty()).collect();
    assert!(empty.is_empty(), "{told} has nothing in {empty:?}");

    let moved = Db::open_as(schema, place).await.expect("moved forward");
    let after = rows(&moved, &columns).await;
    for (table, mut before) in before {
        let mut after = after[&table].clone();
        if table.ends_with("migration") {
            // What was done since is added.
            after.retain(|row| before.contains(row));
        }
        before.sort();
        after.sort();
        assert_eq!(after, before, "{told}: the table {table}");
    }
    let made = match place {
        Place::Sqlite(_) => testkit::sqlite_as(schema).await,
        Place::Postgres(_) => testkit::postgres_as(schema).await,
    };
    assert_eq!(shape(&moved).await, shape(&made.db).await, "{told}: the tables");
}

fn releases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/saved");
    let entries = fs::read_dir(folder).expect("the saved databases");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.is_dir()).collect()
}

fn sqlite(packed: &Path, folder: &Path) -> Place {
    let packed = fs::read(packed).expect("a saved database");
    let path = folder.join("ward.db");
    fs::write(&path, zstd::decode_all(packed.as_slice()).expect("unpacked")).expect("written");
    Place::Sqlite(path)
}

async fn postgres(dump: &Path) -> Place {
    let place = testkit::empty_postgres().await;
    testkit::execute(&place, &fs::read_to_string(dump).expect("a saved database")).await;
    place
}

type Columns = BTreeMap<String, Vec<String>>;

/// The columns of every table, also of those in which SQLite keeps an index of words.
async fn columns(db: &Db) -> Columns {
    let sql = match db.engine() {
        Engine::Sqlite => {
            "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_info(t.name) AS c \
             WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND t.name <> 'sqlite_schema' \
             ORDER BY t.name, c.cid"
        }
        Engine::Postgres => {
            "SELECT CAST(table_name AS text), CAST(column_name AS text) \
             FROM information_schema.columns \
             WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        }
    };
    let mut columns = Columns::new();
    for [table, column] in texts::<2>(db, sql).await {
        columns.entry(table).or_default().push(column);
    }
    columns
}

/// The rows of these tables, each as one text of these columns.
async fn rows(db: &Db, columns: &Columns) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for (table, columns) in columns {
        let quoted = columns.iter().map(|column| match db.engine() {
            Engine::Sqlite => format!("quote(\"{column}\")"),
            Engine::Postgres => format!("quote_nullable(CAST(\"{column}\" AS text))"),
        });
        let row = quoted.collect::<Vec<_>>().join(" || ', ' || ");
        let found = texts::<1>(db, &format!("SELECT {row} FROM \"{table}\"")).await;
        all.insert(table.clone(), found.into_iter().map(|[row]| row).collect());
    }
    all
}

/// Tables, columns, indices and what must hold, as the database itself tells.
async fn shape(db: &Db) -> Vec<String> {
    let sql = match db.engine() {
        Engine::Sqlite => {
            "SELECT type || ' ' || name || ': ' || COALESCE(sql, '') FROM sqlite_schema ORDER BY 1"
        }
        Engine::Postgres => {
            "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, \
             collation_name, column_default) FROM information_schema.columns \
             WHERE table_schema = 'public' \
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
             UNION ALL SELECT CAST(CAST(conrelid AS regclass) AS text) || ' ' || \
             pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE connamespace = CAST('public' AS regnamespace) ORDER BY 1"
        }
    };
    texts::<1>(db, sql).await.into_iter().map(|[text]| text).collect()
}

async fn texts<const N: usize>(db: &Db, sql: &str) -> Vec<[String; N]> {
    let statement = Statement::from_string(db.read().get_database_backend(), sql);
    let rows = db.read().query_all_raw(statement).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    let text = |row: &sea_orm::QueryResult, at| row.try_get_by_index(at).expect("a text");
    rows.iter().map(|row| std::array::from_fn(|at| text(row, at))).collect()
}
