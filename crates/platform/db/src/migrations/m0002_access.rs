//! People, how they sign in, what they and programs may do, and the audit trail.
//!
//! Secrets stand here only as digests, or sealed with the server's key. The audit trail's table
//! refuses to change or lose a row by triggers; its chain of digests tells when somebody got
//! around them.

use sea_orm::DatabaseBackend;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Person {
    Table,
    Id,
    Login,
    Email,
    Name,
    State,
    TimeZone,
    CreatedAt,
    LastSignInAt,
}

#[derive(DeriveIden)]
enum SignInMethod {
    Table,
    Id,
    Person,
    Kind,
    Subject,
    Secret,
    Step,
    AddedAt,
    ConfirmedAt,
}

#[derive(DeriveIden)]
enum RecoveryCode {
    Table,
    Id,
    Person,
    Digest,
    MadeAt,
    UsedAt,
}

#[derive(DeriveIden)]
enum RoleGrant {
    Table,
    Id,
    Person,
    Role,
    PartKind,
    PartCode,
    PartGroup,
    ValidFrom,
    ValidUntil,
    GivenBy,
    GivenAt,
    RevokedBy,
    RevokedAt,
}

#[derive(DeriveIden)]
enum Session {
    Table,
    Id,
    Digest,
    Person,
    Stage,
    Method,
    Address,
    Agent,
    StartedAt,
    SeenAt,
    ExpiresAt,
    EndedAt,
}

#[derive(DeriveIden)]
enum OneTimeLink {
    Table,
    Id,
    Kind,
    Digest,
    Person,
    MadeBy,
    MadeAt,
    ExpiresAt,
    UsedAt,
    VoidedAt,
}

#[derive(DeriveIden)]
enum SignInThrottle {
    Table,
    Subject,
    Failures,
    LastAt,
    NextAt,
}

#[derive(DeriveIden)]
enum AccessToken {
    Table,
    Id,
    Kind,
    Digest,
    Name,
    Organisation,
    Person,
    Part,
    Permissions,
    MadeBy,
    MadeAt,
    ExpiresAt,
    LastUsedAt,
    RevokedBy,
    RevokedAt,
}

#[derive(DeriveIden)]
enum AccessVersion {
    Table,
    Id,
    Version,
    KeyCheck,
}

#[derive(DeriveIden)]
enum AuditEntry {
    Table,
    Number,
    At,
    WhoKind,
    WhoId,
    What,
    OnKind,
    OnId,
    Organisation,
    Details,
    Previous,
    Digest,
}

#[derive(DeriveIden)]
enum AuditHead {
    Table,
    Id,
    Number,
    Digest,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = schema.get_database_backend() == DatabaseBackend::Postgres;
        let tables = [
            person(is_postgres),
            sign_in_method(),
            recovery_code(),
            role_grant(),
            session(),
            one_time_link(),
            sign_in_throttle(),
            access_token(),
            access_version(),
            audit_entry(),
            audit_head(),
        ];
        for table in tables {
            schema.create_table(table).await?;
        }
        for index in indices() {
            schema.create_index(index).await?;
        }
        for row in first_rows() {
            schema.exec_stmt(row).await?;
        }
        append_only(schema).await
    }
}

fn id(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).uuid().not_null().primary_key().take()
}

fn text(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).text().not_null().take()
}

fn number(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).big_integer().not_null().take()
}

fn bytes(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).blob().not_null().take()
}

fn optional_id(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).uuid().null().take()
}

fn optional_text(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).text().null().take()
}

fn optional_number(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).big_integer().null().take()
}

fn of_person(table: impl IntoTableRef, column: impl IntoIden) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, column).to(Person::Table, Person::Id).take()
}

/// Names are sorted, and in one order on both engines: byte by byte.
fn person(is_postgres: bool) -> TableCreateStatement {
    let mut name = text(Person::Name);
    if is_postgres {
        name.extra("COLLATE \"C\"");
    }
    Table::create()
        .table(Person::Table)
        .col(id(Person::Id))
        .col(text(Person::Login).unique_key())
        .col(text(Person::Email))
        .col(name)
        .col(text(Person::State))
        .col(text(Person::TimeZone))
        .col(number(Person::CreatedAt))
        .col(optional_number(Person::LastSignInAt))
        .take()
}

fn sign_in_method() -> TableCreateStatement {
    Table::create()
        .table(SignInMethod::Table)
        .col(id(SignInMethod::Id))
        .col(ColumnDef::new(SignInMethod::Person).uuid().not_null())
        .col(text(SignInMethod::Kind))
        .col(optional_text(SignInMethod::Subject))
        .col(bytes(SignInMethod::Secret))
        .col(optional_number(SignInMethod::Step))
        .col(number(SignInMethod::AddedAt))
        .col(optional_number(SignInMethod::ConfirmedAt))
        .foreign_key(&mut of_person(SignInMethod::Table, SignInMethod::Person))
        .take()
}

fn recovery_code() -> TableCreateStatement {
    Table::create()
        .table(RecoveryCode::Table)
        .col(id(RecoveryCode::Id))
        .col(ColumnDef::new(RecoveryCode::Person).uuid().not_null())
        .col(bytes(RecoveryCode::Digest))
        .col(number(RecoveryCode::MadeAt))
        .col(optional_number(RecoveryCode::UsedAt))
        .foreign_key(&mut of_person(RecoveryCode::Table, RecoveryCode::Person))
        .take()
}

fn role_grant() -> TableCreateStatement {
    Table::create()
        .table(RoleGrant::Table)
        .col(id(RoleGrant::Id))
        .col(ColumnDef::new(RoleGrant::Person).uuid().not_null())
        .col(text(RoleGrant::Role))
        .col(text(RoleGrant::PartKind))
        .col(optional_text(RoleGrant::PartCode))
        .col(optional_id(RoleGrant::PartGroup))
        .col(number(RoleGrant::ValidFrom))
        .col(optional_number(RoleGrant::ValidUntil))
        .col(optional_id(RoleGrant::GivenBy))
        .col(number(RoleGrant::GivenAt))
        .col(optional_id(RoleGrant::RevokedBy))
        .col(optional_number(RoleGrant::RevokedAt))
        .foreign_key(&mut of_person(RoleGrant::Table, RoleGrant::Person))
        .take()
}

fn session() -> TableCreateStatement {
    Table::create()
        .table(Session::Table)
        .col(id(Session::Id))
        .col(bytes(Session::Digest).unique_key())
        .col(ColumnDef::new(Session::Person).uuid().not_null())
        .col(text(Session::Stage))
        .col(text(Session::Method))
        .col(text(Session::Address))
        .col(text(Session::Agent))
        .col(number(Session::StartedAt))
        .col(number(Session::SeenAt))
        .col(number(Session::ExpiresAt))
        .col(optional_number(Session::EndedAt))
        .foreign_key(&mut of_person(Session::Table, Session::Person))
        .take()
}

fn one_time_link() -> TableCreateStatement {
    Table::create()
        .table(OneTimeLink::Table)
        .col(id(OneTimeLink::Id))
        .col(text(OneTimeLink::Kind))
        .col(bytes(OneTimeLink::Digest).unique_key())
        .col(optional_id(OneTimeLink::Person))
        .col(optional_id(OneTimeLink::MadeBy))
        .col(number(OneTimeLink::MadeAt))
        .col(number(OneTimeLink::ExpiresAt))
        .col(optional_number(OneTimeLink::UsedAt))
        .col(optional_number(OneTimeLink::VoidedAt))
        .take()
}

fn sign_in_throttle() -> TableCreateStatement {
    Table::create()
        .table(SignInThrottle::Table)
        .col(text(SignInThrottle::Subject).primary_key())
        .col(number(SignInThrottle::Failures))
        .col(number(SignInThrottle::LastAt))
        .col(number(SignInThrottle::NextAt))
        .take()
}

fn access_token() -> TableCreateStatement {
    Table::create()
        .table(AccessToken::Table)
        .col(id(AccessToken::Id))
        .col(text(AccessToken::Kind))
        .col(bytes(AccessToken::Digest).unique_key())
        .col(text(AccessToken::Name))
        .col(optional_text(AccessToken::Organisation))
        .col(optional_id(AccessToken::Person))
        .col(optional_text(AccessToken::Part))
        .col(optional_text(AccessToken::Permissions))
        .col(optional_id(AccessToken::MadeBy))
        .col(number(AccessToken::MadeAt))
        .col(number(AccessToken::ExpiresAt))
        .col(optional_number(AccessToken::LastUsedAt))
        .col(optional_id(AccessToken::RevokedBy))
        .col(optional_number(AccessToken::RevokedAt))
        .take()
}

/// One row: how often tokens or grants changed, and by what the server's key is recognised.
fn access_version() -> TableCreateStatement {
    Table::create()
        .table(AccessVersion::Table)
        .col(ColumnDef::new(AccessVersion::Id).integer().not_null().primary_key())
        .col(number(AccessVersion::Version))
        .col(ColumnDef::new(AccessVersion::KeyCheck).blob().null())
        .take()
}

fn audit_entry() -> TableCreateStatement {
    Table::create()
        .table(AuditEntry::Table)
        .col(number(AuditEntry::Number).primary_key())
        .col(number(AuditEntry::At))
        .col(text(AuditEntry::WhoKind))
        .col(optional_id(AuditEntry::WhoId))
        .col(text(AuditEntry::What))
        .col(text(AuditEntry::OnKind))
        .col(text(AuditEntry::OnId))
        .col(optional_text(AuditEntry::Organisation))
        .col(text(AuditEntry::Details))
        .col(bytes(AuditEntry::Previous))
        .col(bytes(AuditEntry::Digest))
        .take()
}

fn audit_head() -> TableCreateStatement {
    Table::create()
        .table(AuditHead::Table)
        .col(ColumnDef::new(AuditHead::Id).integer().not_null().primary_key())
        .col(number(AuditHead::Number))
        .col(bytes(AuditHead::Digest))
        .take()
}

fn index(
    name: &str,
    table: impl IntoTableRef,
    columns: impl IntoIterator<Item = impl IntoIndexColumn>,
) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(column);
    }
    index
}

fn indices() -> Vec<IndexCreateStatement> {
    let method_subject = [SignInMethod::Kind, SignInMethod::Subject];
    vec![
        index("person_name", Person::Table, [Person::Name, Person::Id]),
        index("sign_in_method_person", SignInMethod::Table, [SignInMethod::Person]),
        index("sign_in_method_subject", SignInMethod::Table, method_subject).unique().take(),
        index("recovery_code_person", RecoveryCode::Table, [RecoveryCode::Person]),
        index("role_grant_person", RoleGrant::Table, [RoleGrant::Person]),
        index("role_grant_part", RoleGrant::Table, [RoleGrant::PartKind, RoleGrant::PartCode]),
        index("session_person", Session::Table, [Session::Person]),
        index("session_expires", Session::Table, [Session::ExpiresAt]),
        index("one_time_link_person", OneTimeLink::Table, [OneTimeLink::Person]),
        index("sign_in_throttle_last", SignInThrottle::Table, [SignInThrottle::LastAt]),
        index("access_token_organisation", AccessToken::Table, [AccessToken::Organisation]),
        index("access_token_person", AccessToken::Table, [AccessToken::Person]),
        index(
            "audit_entry_organisation",
            AuditEntry::Table,
            [AuditEntry::Organisation, AuditEntry::Number],
        ),
        index("audit_entry_who", AuditEntry::Table, [AuditEntry::WhoId, AuditEntry::Number]),
        index(
            "audit_entry_on",
            AuditEntry::Table,
            [AuditEntry::OnKind, AuditEntry::OnId, AuditEntry::Number],
        ),
    ]
}

/// The version, and the head of an empty chain: number 0 with a digest of zeros.
fn first_rows() -> [InsertStatement; 2] {
    let version = Query::insert()
        .into_table(AccessVersion::Table)
        .columns([AccessVersion::Id, AccessVersion::Version])
        .values_panic([1.into(), 0i64.into()])
        .take();
    let head = Query::insert()
        .into_table(AuditHead::Table)
        .columns([AuditHead::Id, AuditHead::Number, AuditHead::Digest])
        .values_panic([1.into(), 0i64.into(), vec![0u8; 32].into()])
        .take();
    [version, head]
}

/// `INSERT OR REPLACE` deletes without asking the trigger on deletes, so inserts are watched too.
const SQLITE_APPEND_ONLY: [&str; 3] = [
    "CREATE TRIGGER audit_entry_keeps_number BEFORE INSERT ON audit_entry \
     WHEN EXISTS (SELECT 1 FROM audit_entry WHERE number = NEW.number) \
     BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
    "CREATE TRIGGER audit_entry_keeps_rows BEFORE DELETE ON audit_entry \
     BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
    "CREATE TRIGGER audit_entry_keeps_values BEFORE UPDATE ON audit_entry \
     BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
];

const POSTGRES_APPEND_ONLY: [&str; 3] = [
    "CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$",
    "CREATE TRIGGER audit_entry_keeps_rows BEFORE UPDATE OR DELETE ON audit_entry \
     FOR EACH ROW EXECUTE FUNCTION audit_entry_is_append_only()",
    "CREATE TRIGGER audit_entry_keeps_table BEFORE TRUNCATE ON audit_entry \
     FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only()",
];

async fn append_only(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statements: &[&str] = match schema.get_database_backend() {
        DatabaseBackend::Postgres => &POSTGRES_APPEND_ONLY,
        _ => &SQLITE_APPEND_ONLY,
    };
    for statement in statements {
        schema.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
