//! No secret in the database, in `Debug`, or in the audit trail.

mod support;

use access::{Secret, audit, audit::AuditFilter};
use sea_orm::{ConnectionTrait, Statement};
use support::{ADMIN, PASSWORD, code, password, ward};
use terms::Scope;
use testkit::{TestDb, later, on_every_engine};

const TABLES: [&str; 8] = [
    "person",
    "sign_in_method",
    "recovery_code",
    "session",
    "one_time_link",
    "sign_in_throttle",
    "access_token",
    "audit_entry",
];

/// Everything a table holds, as text and as bytes.
async fn dump(t: &TestDb, table: &str) -> Vec<u8> {
    let backend = t.db.read().get_database_backend();
    let columns = match backend {
        sea_orm::DatabaseBackend::Postgres => format!(
            "SELECT column_name AS name, data_type AS type FROM information_schema.columns \
             WHERE table_name = '{table}'"
        ),
        _ => format!("SELECT name, type FROM pragma_table_info('{table}')"),
    };
    let rows = t.db.read().query_all_raw(Statement::from_string(backend, columns)).await;
    let mut bytes = Vec::new();
    for row in rows.expect("columns") {
        let name: String = row.try_get("", "name").expect("a name");
        let kind: String = row.try_get("", "type").expect("a type");
        let kind = kind.to_lowercase();
        let sql = format!("SELECT {name} AS value FROM {table} WHERE {name} IS NOT NULL");
        let values = t.db.read().query_all_raw(Statement::from_string(backend, sql)).await;
        for value in values.expect("values") {
            if kind.contains("text") && !kind.contains("uuid") {
                bytes.extend(value.try_get::<String>("", "value").expect("text").into_bytes());
            } else if kind.contains("blob") || kind.contains("bytea") {
                bytes.extend(value.try_get::<Vec<u8>>("", "value").expect("bytes"));
            }
            bytes.push(0);
        }
    }
    assert!(!bytes.is_empty(), "{table} is empty");
    bytes
}

#[tokio::test]
async fn no_secret_can_be_read_from_the_database_or_from_debug() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let access = &ward.access;
        let codes = access.renew_recovery_codes(&ward.admin, later(1)).await.expect("codes");
        let token = access.create_ingest_token(&ward.admin, code("RA1"), "shipper", None, later(1));
        let token = token.await.expect("a token");
        let link =
            access.reset_link(&ward.admin, ward.admin.person, later(1)).await.expect("a link");
        let typed = "a password typed into the wrong field";
        assert!(password(access, typed, typed, later(2)).await.is_err());
        let totp = data_encoding::BASE32_NOPAD.decode(ward.admin_totp.expose().as_bytes());
        let totp = totp.expect("base 32");
        let text = |secret: &Secret| secret.expose().as_bytes().to_vec();
        let mut secrets = vec![
            PASSWORD.into(),
            typed.into(),
            totp,
            text(&ward.admin_totp),
            text(&ward.admin_cookie),
            text(&token.text),
            text(&token.text)[45..97].to_vec(),
            text(&link.secret),
        ];
        secrets.extend(codes.iter().map(text));
        for table in TABLES {
            let bytes = dump(t, table).await;
            for (number, secret) in secrets.iter().enumerate() {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_slice());
                assert!(!found, "{table} holds secret {number}");
            }
        }
        let shown = format!("{token:?} {link:?} {codes:?} {access:?} {:?}", ward.admin_cookie);
        for secret in secrets {
            let secret = String::from_utf8_lossy(&secret).into_owned();
            assert!(!shown.contains(&secret), "{shown}");
        }
        let page =
            audit::list(&ward.db, &Scope::sector(), &AuditFilter::default(), None, 100).await;
        let trail = format!("{:?}", page.expect("read"));
        assert!(!trail.contains(typed) && !trail.contains(ADMIN), "{trail}");
    })
    .await;
}
