//! The map: organisations, what they run, what that rests on, the devices, and what is counted
//! about them.
//!
//! Text that is sorted or searched is compared byte by byte on both engines (`COLLATE "C"` on
//! PostgreSQL), so that lists have one order and the beginning of a name is a range of an index.

use sea_orm::DatabaseBackend;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let columns =
            Columns { is_postgres: schema.get_database_backend() == DatabaseBackend::Postgres };
        for table in columns.tables() {
            schema.create_table(table).await?;
        }
        let connection = schema.get_connection();
        for index in INDICES {
            connection.execute_unprepared(index).await?;
        }
        // One row that every change of the map raises, so that a copy in memory knows its age.
        connection
            .execute_unprepared("INSERT INTO map_version (id, version) VALUES (1, 0)")
            .await?;
        Ok(())
    }
}

/// Why each is there: `*_by_name` sorts and searches a list; `device_by_*` answer without reading
/// a million rows; never seen is 0, so the oldest come first on both engines.
const INDICES: &[&str] = &[
    "CREATE INDEX organisation_by_name ON organisation (name_key, code)",
    "CREATE INDEX organisation_by_region ON organisation (region)",
    "CREATE INDEX organisation_by_icb ON organisation (icb)",
    "CREATE INDEX organisation_closed ON organisation (closed_at) WHERE closed_at IS NOT NULL",
    "CREATE INDEX organisation_by_type ON organisation (type, name_key)",
    "CREATE INDEX group_member_by_organisation ON group_member (organisation)",
    "CREATE INDEX site_by_organisation ON site (organisation, name_key)",
    "CREATE INDEX service_by_organisation ON service (organisation, name_key)",
    "CREATE INDEX service_by_name ON service (name_key, code)",
    "CREATE INDEX system_by_organisation ON system (organisation, name_key)",
    "CREATE INDEX system_by_name ON system (name_key, code)",
    "CREATE INDEX system_by_supplier ON system (supplier)",
    "CREATE INDEX dependency_by_target ON dependency (to_kind, to_code)",
    "CREATE INDEX dependency_by_organisation ON dependency (organisation)",
    "CREATE UNIQUE INDEX device_by_key ON device (organisation, key)",
    "CREATE INDEX device_by_name ON device (key, organisation)",
    "CREATE INDEX device_by_last_seen ON device (COALESCE(last_seen, 0), id)",
    "CREATE INDEX device_of_organisation_by_last_seen ON device (organisation, COALESCE(last_seen, 0), id)",
    "CREATE INDEX device_silent ON device (silent_at, id) WHERE silent_at IS NOT NULL",
    "CREATE INDEX device_never_seen ON device (key, organisation) WHERE last_seen IS NULL",
    "CREATE INDEX device_of_system ON device (system) WHERE system IS NOT NULL",
    "CREATE INDEX map_import_by_time ON map_import (at)",
];

struct Columns {
    is_postgres: bool,
}

impl Columns {
    fn tables(&self) -> Vec<TableCreateStatement> {
        vec![
            self.organisation(),
            self.group(),
            self.group_member(),
            self.site(),
            self.service(),
            self.system(),
            self.supplier(),
            self.dependency(),
            self.device(),
            self.device_total(),
            self.map_import(),
            map_version(),
        ]
    }

    fn text(&self, name: &'static str) -> ColumnDef {
        let mut column = self.optional_text(name);
        column.not_null();
        column
    }

    fn optional_text(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        column.text();
        if self.is_postgres {
            column.extra("COLLATE \"C\"");
        }
        column
    }

    fn code(&self) -> ColumnDef {
        let mut column = self.text("code");
        column.primary_key();
        column
    }

    fn organisation(&self) -> TableCreateStatement {
        timed("organisation")
            .col(self.code())
            .col(self.text("name"))
            .col(self.text("name_key"))
            .col(self.text("type"))
            .col(self.optional_text("region"))
            .col(self.optional_text("icb"))
            .col(self.optional_text("parent"))
            .col(self.text("town"))
            .col(self.text("postcode"))
            .col(optional_number("patients"))
            .col(optional_double("latitude"))
            .col(optional_double("longitude"))
            .col(number("silent_after"))
            .col(optional_number("closed_at"))
            .take()
    }

    fn group(&self) -> TableCreateStatement {
        timed("organisation_group").col(id()).col(self.text("name")).take()
    }

    fn group_member(&self) -> TableCreateStatement {
        Table::create()
            .table("group_member")
            .col(uuid("group_id").not_null())
            .col(self.text("organisation"))
            .col(number("created_at"))
            .primary_key(Index::create().col("group_id").col("organisation"))
            .foreign_key(
                ForeignKey::create()
                    .from("group_member", "group_id")
                    .to("organisation_group", "id"),
            )
            .foreign_key(&mut of_organisation("group_member"))
            .take()
    }

    fn site(&self) -> TableCreateStatement {
        timed("site")
            .col(self.code())
            .col(self.text("name"))
            .col(self.text("name_key"))
            .col(self.text("organisation"))
            .col(self.text("town"))
            .col(self.text("postcode"))
            .col(optional_double("latitude"))
            .col(optional_double("longitude"))
            .foreign_key(&mut of_organisation("site"))
            .take()
    }

    fn service(&self) -> TableCreateStatement {
        timed("service")
            .col(self.code())
            .col(self.text("organisation"))
            .col(self.text("name"))
            .col(self.text("name_key"))
            .col(self.text("kind"))
            .col(number("patients_per_day"))
            .col(number("criticality"))
            .col(self.text("hours"))
            .col(optional_number("closed_at"))
            .foreign_key(&mut of_organisation("service"))
            .take()
    }

    fn system(&self) -> TableCreateStatement {
        timed("system")
            .col(self.code())
            .col(self.text("organisation"))
            .col(self.text("name"))
            .col(self.text("name_key"))
            .col(self.text("kind"))
            .col(self.optional_text("supplier"))
            .col(number("criticality"))
            .col(optional_number("closed_at"))
            .foreign_key(&mut of_organisation("system"))
            .take()
    }

    fn supplier(&self) -> TableCreateStatement {
        timed("supplier")
            .col(self.code())
            .col(self.text("name"))
            .col(self.text("name_key"))
            .col(self.text("kind"))
            .take()
    }

    /// `organisation` is whose the dependent thing is; none for a supplier's.
    fn dependency(&self) -> TableCreateStatement {
        timed("dependency")
            .col(self.text("from_kind"))
            .col(self.text("from_code"))
            .col(self.text("to_kind"))
            .col(self.text("to_code"))
            .col(self.optional_text("organisation"))
            .col(self.text("kind"))
            .col(self.text("reason"))
            .col(number("strength"))
            .primary_key(
                Index::create().col("from_kind").col("from_code").col("to_kind").col("to_code"),
            )
            .take()
    }

    /// `silent_at` is when it counts as silent unless it is seen before: `last_seen` and its
    /// organisation's `silent_after` together, so that the silent ones are a range of an index.
    /// No foreign key: telemetry of an organisation that nobody imported yet is kept all the same.
    fn device(&self) -> TableCreateStatement {
        timed("device")
            .col(id())
            .col(self.text("organisation"))
            .col(self.text("key"))
            .col(self.text("name"))
            .col(self.optional_text("class"))
            .col(self.optional_text("system"))
            .col(self.optional_text("site"))
            .col(ColumnDef::new("expected").boolean().not_null())
            .col(optional_number("first_seen"))
            .col(optional_number("last_seen"))
            .col(optional_number("silent_at"))
            .col(uuid("source"))
            .take()
    }

    /// Counted as devices come, because counting a million rows for a picture takes too long.
    fn device_total(&self) -> TableCreateStatement {
        let mut organisation = self.text("organisation");
        Table::create()
            .table("device_total")
            .col(organisation.primary_key())
            .col(number("seen"))
            .col(number("expected"))
            .col(optional_number("last_seen"))
            .take()
    }

    fn map_import(&self) -> TableCreateStatement {
        Table::create()
            .table("map_import")
            .col(id())
            .col(uuid("person"))
            .col(number("at"))
            .col(self.text("file"))
            .col(self.text("kind"))
            .col(number("added"))
            .col(number("changed"))
            .col(number("unchanged"))
            .col(number("problems"))
            .take()
    }
}

fn map_version() -> TableCreateStatement {
    let mut key = number("id");
    Table::create().table("map_version").col(key.primary_key()).col(number("version")).take()
}

/// A table that knows when a row was made and last changed.
fn timed(table: &'static str) -> TableCreateStatement {
    Table::create().table(table).col(number("created_at")).col(number("changed_at")).take()
}

fn id() -> ColumnDef {
    uuid("id").not_null().primary_key().take()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().take()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn optional_number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

fn optional_double(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).double().take()
}

fn of_organisation(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, "organisation").to("organisation", "code").take()
}
