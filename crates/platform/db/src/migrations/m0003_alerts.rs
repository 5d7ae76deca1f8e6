//! Alerts, what is known of each, what people did with them, and what is counted beside them.
//!
//! `alert` holds only what a queue filters and sorts by, in narrow columns, so that the worst
//! question reads one index from end to end and never the stories. Everything long stands in
//! `alert_story`. Truth values are 0 and 1: SQLite has no other.

use sea_orm::DatabaseBackend;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = schema.get_database_backend() == DatabaseBackend::Postgres;
        for table in (Columns { is_postgres }).tables() {
            schema.create_table(table).await?;
        }
        let words = if is_postgres { WORDS_POSTGRES } else { WORDS_SQLITE };
        let connection = schema.get_connection();
        for statement in INDICES.iter().chain([&words, &FIRST_NUMBERS]) {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

/// One row: the numbers given last. Whoever gives numbers holds it until the commit.
const FIRST_NUMBERS: &str = "INSERT INTO alert_head (id, number, rule) VALUES (1, 0, 0)";

/// Words of headlines, found by their beginnings. The words are cut in code, so both engines find
/// the same.
const WORDS_POSTGRES: &str = "CREATE INDEX alert_story_words ON alert_story USING gin \
     (array_to_tsvector(string_to_array(words, ' ')))";
const WORDS_SQLITE: &str = "CREATE VIRTUAL TABLE alert_words USING fts5 \
     (words, content='', contentless_delete=1, detail='none', prefix='2 3 4', \
     tokenize='unicode61 remove_diacritics 0')";

/// The first four are the orders of the queue. Each carries every column a filter asks for, so
/// that walking along it never reads the table. The others begin with what one filter asks for.
const INDICES: &[&str] = &[
    "CREATE INDEX alert_by_rank ON alert \
     (rank, number, state, level, verdict, flood, rule, organisation, opened_at, owner)",
    "CREATE INDEX alert_by_opened ON alert \
     (opened_at, number, state, level, verdict, flood, rule, organisation, owner)",
    "CREATE INDEX alert_by_level ON alert \
     (level, rank, number, state, verdict, flood, rule, organisation, opened_at, owner)",
    "CREATE INDEX alert_by_count ON alert \
     (count, number, state, level, verdict, flood, rule, organisation, opened_at, owner)",
    "CREATE INDEX alert_of_organisation ON alert \
     (organisation, rank, number, state, level, verdict, flood, rule, opened_at, owner, count)",
    "CREATE INDEX alert_of_standing ON alert (level, state)",
    "CREATE INDEX alert_of_rule ON alert (rule, opened_at)",
    "CREATE INDEX alert_of_device ON alert (device_key, organisation, opened_at)",
    "CREATE INDEX alert_of_owner ON alert (owner) WHERE owner IS NOT NULL",
    "CREATE INDEX alert_with_verdict ON alert (verdict) WHERE verdict IS NOT NULL",
    "CREATE INDEX alert_in_flood ON alert (number) WHERE flood = 1",
    "CREATE INDEX alert_of_group ON alert (group_hash) WHERE is_current = 1",
    "CREATE UNIQUE INDEX alert_by_id ON alert (id)",
    "CREATE UNIQUE INDEX alert_rule_by_version ON alert_rule (rule, version)",
    "CREATE INDEX alert_deed_of_alert ON alert_deed (alert, at, id)",
    "CREATE INDEX alert_deed_of_act ON alert_deed (act)",
    "CREATE INDEX rule_day_of_organisation ON rule_day (organisation, day)",
    "CREATE INDEX rule_verdict_of_organisation ON rule_verdict (organisation)",
    "CREATE INDEX saved_view_of_owner ON saved_view (owner)",
];

struct Columns {
    is_postgres: bool,
}

impl Columns {
    fn tables(&self) -> Vec<TableCreateStatement> {
        vec![
            head(),
            self.checkpoint(),
            self.rule(),
            self.alert(),
            self.story(),
            self.evidence(),
            self.device(),
            self.deed(),
            self.count(),
            self.flood(),
            self.exception(),
            self.exception_hit(),
            self.view(),
            self.rule_day(),
            self.rule_verdict(),
            self.rule_switch(),
        ]
    }

    /// Compared byte by byte on both engines, so that lists have one order.
    fn optional_text(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        column.text();
        if self.is_postgres {
            column.extra("COLLATE \"C\"");
        }
        column
    }

    fn text(&self, name: &'static str) -> ColumnDef {
        let mut column = self.optional_text(name);
        column.not_null();
        column
    }

    fn checkpoint(&self) -> TableCreateStatement {
        table("checkpoint")
            .col(self.text("consumer"))
            .col(number("seq"))
            .primary_key(Index::create().col("consumer"))
            .take()
    }

    /// A rule as it was when it first gave an alert; a changed rule gets another number.
    fn rule(&self) -> TableCreateStatement {
        table("alert_rule")
            .col(number("number").primary_key())
            .col(self.text("rule"))
            .col(self.text("version"))
            .col(self.text("title"))
            .col(small("level"))
            .col(self.text("status"))
            .col(self.text("tags"))
            .col(self.text("harm"))
            .col(self.text("action"))
            .take()
    }

    /// Filtered columns first: SQLite reads a row from its beginning.
    fn alert(&self) -> TableCreateStatement {
        table("alert")
            .col(number("number").primary_key())
            .col(small("state"))
            .col(small("level"))
            .col(ColumnDef::new("verdict").small_integer())
            .col(small("flood"))
            .col(number("rule"))
            .col(self.text("organisation"))
            .col(number("opened_at"))
            .col(ColumnDef::new("owner").uuid())
            .col(number("rank"))
            .col(number("count"))
            .col(number("first_seen"))
            .col(number("last_seen"))
            .col(ColumnDef::new("closed_at").big_integer())
            .col(number("devices"))
            .col(self.text("device"))
            .col(self.text("device_key"))
            .col(ColumnDef::new("device_id").uuid())
            .col(ColumnDef::new("id").uuid().not_null())
            .col(small("is_current"))
            .col(number("group_hash"))
            .col(number("last_seq"))
            .col(number("last_item"))
            .col(number("version"))
            .take()
    }

    fn story(&self) -> TableCreateStatement {
        table("alert_story")
            .col(number("number").primary_key())
            .col(self.text("headline"))
            .col(self.text("words"))
            .col(self.text("reason"))
            .col(self.text("rank"))
            .col(self.text("support"))
            .take()
    }

    fn evidence(&self) -> TableCreateStatement {
        table("alert_evidence")
            .col(ColumnDef::new("alert").uuid().not_null())
            .col(small("slot"))
            .col(number("ordinal"))
            .col(number("seq"))
            .col(number("item"))
            .col(number("at"))
            .col(number("received_at"))
            .col(self.text("device"))
            .col(self.text("event"))
            .col(number("cut_bytes"))
            .col(self.text("matched"))
            .primary_key(Index::create().col("alert").col("slot"))
            .take()
    }

    fn device(&self) -> TableCreateStatement {
        table("alert_device")
            .col(ColumnDef::new("alert").uuid().not_null())
            .col(self.text("device_key"))
            .col(self.text("device"))
            .col(number("count"))
            .col(number("first_seen"))
            .col(number("last_seen"))
            .primary_key(Index::create().col("alert").col("device_key"))
            .take()
    }

    fn deed(&self) -> TableCreateStatement {
        table("alert_deed")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("alert").uuid().not_null())
            .col(number("at"))
            .col(ColumnDef::new("person").uuid())
            .col(self.text("kind"))
            .col(self.optional_text("subject"))
            .col(self.text("text"))
            .col(self.optional_text("before"))
            .col(ColumnDef::new("act").uuid().not_null())
            .col(small("undone"))
            .take()
    }

    fn count(&self) -> TableCreateStatement {
        table("alert_count")
            .col(self.text("organisation"))
            .col(small("level"))
            .col(small("state"))
            .col(number("count"))
            .primary_key(Index::create().col("organisation").col("level").col("state"))
            .take()
    }

    /// New alerts of a rule in an hour; the whole sector's stand under no organisation.
    fn flood(&self) -> TableCreateStatement {
        table("alert_flood")
            .col(self.text("rule"))
            .col(self.text("organisation"))
            .col(number("hour"))
            .col(number("opened"))
            .col(number("collected"))
            .primary_key(Index::create().col("rule").col("organisation").col("hour"))
            .take()
    }

    fn exception(&self) -> TableCreateStatement {
        table("exception")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(self.text("name"))
            .col(self.optional_text("rule"))
            .col(self.text("part_kind"))
            .col(self.text("part_code"))
            .col(self.text("conditions"))
            .col(self.optional_text("device"))
            .col(self.text("reason"))
            .col(ColumnDef::new("owner").uuid().not_null())
            .col(number("created_at"))
            .col(number("expires_at"))
            .col(ColumnDef::new("revoked_at").big_integer())
            .col(ColumnDef::new("revoked_by").uuid())
            .take()
    }

    fn exception_hit(&self) -> TableCreateStatement {
        table("exception_hit")
            .col(ColumnDef::new("exception").uuid().not_null())
            .col(self.text("organisation"))
            .col(number("hits"))
            .col(number("last_hit"))
            .primary_key(Index::create().col("exception").col("organisation"))
            .take()
    }

    fn view(&self) -> TableCreateStatement {
        table("saved_view")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(self.text("name"))
            .col(self.text("query"))
            .col(ColumnDef::new("owner").uuid().not_null())
            .col(self.optional_text("part_kind"))
            .col(self.optional_text("part_code"))
            .col(number("created_at"))
            .take()
    }

    fn rule_day(&self) -> TableCreateStatement {
        table("rule_day")
            .col(self.text("rule"))
            .col(self.text("organisation"))
            .col(number("day"))
            .col(number("hits"))
            .col(number("alerts"))
            .col(number("excepted"))
            .col(number("off"))
            .primary_key(Index::create().col("rule").col("organisation").col("day"))
            .take()
    }

    fn rule_verdict(&self) -> TableCreateStatement {
        table("rule_verdict")
            .col(self.text("rule"))
            .col(self.text("organisation"))
            .col(number("true_positive"))
            .col(number("benign"))
            .col(number("false_positive"))
            .primary_key(Index::create().col("rule").col("organisation"))
            .take()
    }

    fn rule_switch(&self) -> TableCreateStatement {
        table("rule_switch")
            .col(self.text("rule"))
            .col(self.text("part_kind"))
            .col(self.text("part_code"))
            .col(small("is_on"))
            .col(self.text("reason"))
            .col(ColumnDef::new("person").uuid().not_null())
            .col(number("at"))
            .primary_key(Index::create().col("rule").col("part_kind").col("part_code"))
            .take()
    }
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn small(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).small_integer().not_null().take()
}

fn head() -> TableCreateStatement {
    table("alert_head")
        .col(ColumnDef::new("id").integer().not_null().primary_key())
        .col(number("number"))
        .col(number("rule"))
        .take()
}
