//! How a list of alerts is read so that a million of them answer in milliseconds.
//!
//! There are two ways. When one of the filter's questions has few answers by itself, those are
//! looked up in its index, and the rest is asked of each and sorted. Otherwise the index of the
//! list's order is walked from the cursor until the page is full; every filter can be asked there
//! without the table, so even a walk to the end is short. A database that guesses wrong between
//! the two takes seconds, so it is not left to guess: what must not be used as an index is wrapped
//! (`rank + 0`), which changes no answer.

use db::Engine;
use sea_orm::{
    Condition, ConnectionTrait, DatabaseBackend, QueryResult, Statement,
    sea_query::{BinOper, Expr, ExprTrait, Order, Query, SelectStatement},
};
use terms::{Scope, Timestamp};

use super::{Found, bit, counts, row, rows};
use crate::alert::{
    Cursor, Filter, Owner, Sort, State,
    key::device_key,
    queue::{MAX_SEARCH_WORDS, TOTAL_CAP, TOTAL_CAP_OF_WORDS, search_words},
};

/// Fewer answers than this are looked up one by one.
pub(crate) const FEW: u64 = 30_000;
/// The same where the total is known already.
const FEW_WHEN_COUNTED: u64 = 5_000;
/// So many entries of an index that holds all a filter asks for cost as much as one alert that is
/// looked up.
const NARROW: u64 = 7;
/// Alerts whose words tell how common the words of a search are.
const SAMPLE: i64 = 64;
/// Where so many of them have the words, many have.
const MANY_OF_SAMPLE: u64 = 8;
/// Alerts with the words of a search, up to here, are found before anything else.
const FEW_WITH_WORDS: u64 = TOTAL_CAP;

/// A filter with what the database had to be asked first.
pub(super) struct Question<'f> {
    engine: Engine,
    scope: &'f Scope,
    filter: &'f Filter,
    /// Numbers of the rules that are wanted; `None` is any.
    rules: Option<Vec<i64>>,
    /// Words of the search; empty is any.
    words: Vec<String>,
    /// The alerts with these words, where they are few.
    with_words: Option<Vec<i64>>,
    way: Way,
    /// Fewer answers than this are looked up one by one.
    few: u64,
    /// Alerts the filter leaves, where a count kept elsewhere tells.
    pub(super) known_total: Option<u64>,
}

/// How to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Along the order of the list.
    Walk,
    /// From the answers of one question.
    From(Asked),
}

/// A question of the filter that an index answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Organisation,
    Standing,
    Rule,
    Device,
    Owner,
    Verdict,
    Flood,
    Opened,
    Words,
}

impl<'f> Question<'f> {
    /// Decides how to read; `None` when nothing can be found.
    pub(super) async fn of<C: ConnectionTrait>(
        connection: &C,
        scope: &'f Scope,
        filter: &'f Filter,
        few: u64,
    ) -> Found<Option<Self>> {
        let engine = super::engine(connection);
        let rules = super::rules::wanted(connection, filter).await?;
        let words = filter.text.as_deref().map(|text| search_words(text, MAX_SEARCH_WORDS));
        // Only what is closed has a verdict.
        let is_open = !filter.states.is_empty() && !filter.states.contains(&State::Closed);
        // Signs without a letter or a digit stand in no headline.
        let is_impossible = words.as_ref().is_some_and(|words| words.is_empty())
            && filter.text.as_ref().is_some_and(|text| !text.trim().is_empty());
        if is_impossible
            || (is_open && !filter.verdicts.is_empty())
            || rules.as_ref().is_some_and(Vec::is_empty)
            || scope.is_empty()
        {
            return Ok(None);
        }
        let words = words.unwrap_or_default();
        let way = Way::Walk;
        let (with_words, known_total) = (None, None);
        let mut question =
            Self { engine, scope, filter, rules, words, with_words, way, few, known_total };
        question.decide(connection).await?;
        Ok(Some(question).filter(|question| question.known_total != Some(0)))
    }

    async fn decide<C: ConnectionTrait>(&mut self, connection: &C) -> Found<()> {
        if self.asks_only_what_is_counted() {
            let total = counts::of(connection, self.scope, self.filter).await?;
            self.known_total = Some(total);
        }
        if self.filter.device.is_some() {
            self.way = Way::From(Asked::Device);
            return Ok(());
        }
        let mut fewest = self.fewest_by_counts(connection).await?;
        if self.known_total == Some(0) {
            return Ok(());
        }
        let asked = self.asked();
        let is_alone = asked.len() == 1 && self.asks_nothing_else();
        for asked in asked {
            let found = match asked {
                Asked::Words => self.find_words(connection).await?,
                _ => self.count_of(connection, asked, Ord::max(fewest, TOTAL_CAP + 1)).await?,
            };
            // Words that are in many were not counted.
            if is_alone && !(asked == Asked::Words && self.asks_each_for_words()) {
                self.known_total = Some(found);
            }
            let few = if asked == Asked::Words { FEW_WITH_WORDS + 1 } else { self.few };
            if found < Ord::min(fewest, few) {
                (fewest, self.way) = (found, Way::From(asked));
            }
        }
        Ok(())
    }

    /// The way that the counts kept beside the alerts suggest, and how many alerts lie on it.
    async fn fewest_by_counts<C: ConnectionTrait>(&mut self, connection: &C) -> Found<u64> {
        // Where nothing needs to be counted, a page is soon full even where one in a hundred fits.
        let few = if self.known_total.is_some() { FEW_WHEN_COUNTED } else { FEW };
        let mut fewest = Ord::min(self.few, few);
        if self.is_of_organisations() {
            let found = counts::of_organisations(connection, self.scope, self.filter).await?;
            self.nothing_if(found == 0);
            let found = found.div_ceil(NARROW);
            if found < fewest {
                (fewest, self.way) = (found, Way::From(Asked::Organisation));
            }
        }
        if !self.filter.states.is_empty() || !self.filter.levels.is_empty() {
            let found = counts::of_standing(connection, self.filter).await?;
            self.nothing_if(found == 0);
            if found < fewest {
                (fewest, self.way) = (found, Way::From(Asked::Standing));
            }
        }
        Ok(fewest)
    }

    fn nothing_if(&mut self, is_empty: bool) {
        if is_empty {
            self.known_total = Some(0);
        }
    }

    /// Whether many headlines have the words, by a sample: to find them all in the index would
    /// take the longer the more there are, and in the end be of no use.
    async fn are_words_in_many<C: ConnectionTrait>(&self, connection: &C) -> Found<bool> {
        let last = Query::select().column("number").from("alert_head").take();
        let last = row(connection, "alert_head", &last, |row| row.int("number")).await?;
        let last = last.unwrap_or(0);
        if last.unsigned_abs() <= self.few {
            return Ok(false);
        }
        let sample = (1..=SAMPLE).map(|at| last / SAMPLE * at);
        let sample = Query::select()
            .column("number")
            .from("alert")
            .and_where(Expr::col("number").is_in(sample))
            .take();
        let mut some = Query::select();
        some.expr(Expr::cust("1")).from_subquery(sample, "a").and_where(self.has_words());
        Ok(count_rows(connection, some).await? >= MANY_OF_SAMPLE)
    }

    /// Finds the alerts with the words, and keeps them where they are few; how many, or one more
    /// than few.
    async fn find_words<C: ConnectionTrait>(&mut self, connection: &C) -> Found<u64> {
        if self.are_words_in_many(connection).await? {
            return Ok(FEW_WITH_WORDS + 1);
        }
        let found = match self.engine {
            Engine::Sqlite => {
                let select = Query::select()
                    .column("rowid")
                    .from("alert_words")
                    .and_where(Expr::cust_with_values("alert_words MATCH ?", [self.match_sqlite()]))
                    .limit(FEW_WITH_WORDS + 1)
                    .take();
                rows(connection, "alert_words", &select, |row| row.int("rowid")).await?
            }
            Engine::Postgres => {
                // Asked apart from the limit, or the planner would hope to meet some soon and
                // read every headline.
                let statement = Statement::from_sql_and_values(
                    DatabaseBackend::Postgres,
                    "WITH found AS MATERIALIZED (SELECT number FROM alert_story WHERE \
                     array_to_tsvector(string_to_array(words, ' ')) @@ CAST($1 AS tsquery)) \
                     SELECT number FROM found LIMIT $2",
                    [self.match_postgres().into(), (FEW_WITH_WORDS as i64 + 1).into()],
                );
                let found = connection.query_all_raw(statement).await?;
                let number = |row: &QueryResult| Ok(row.try_get("", "number")?);
                found.iter().map(number).collect::<Found<Vec<i64>>>()?
            }
        };
        let count = found.len() as u64;
        self.with_words = Some(found).filter(|_| count <= Ord::min(FEW_WITH_WORDS, self.few));
        Ok(count)
    }

    /// Whether the scope is everything and the filter asks nothing but one question.
    fn asks_nothing_else(&self) -> bool {
        let filter = self.filter;
        self.scope.is_sector()
            && filter.parts.is_empty()
            && filter.states.is_empty()
            && filter.levels.is_empty()
            && filter.owner != Some(Owner::Nobody)
            && filter.is_flood != Some(false)
    }

    fn asks_only_what_is_counted(&self) -> bool {
        let rest = Filter {
            states: Vec::new(),
            levels: Vec::new(),
            parts: Vec::new(),
            text: None,
            ..self.filter.clone()
        };
        rest == Filter::default() && self.words.is_empty()
    }

    /// The questions that an index of their own answers.
    fn asked(&self) -> Vec<Asked> {
        let filter = self.filter;
        let mut asked = Vec::new();
        let mut add = |is_asked: bool, one: Asked| asked.extend(is_asked.then_some(one));
        add(self.rules.is_some(), Asked::Rule);
        add(matches!(filter.owner, Some(Owner::Person(_))), Asked::Owner);
        add(!filter.verdicts.is_empty(), Asked::Verdict);
        add(filter.is_flood == Some(true), Asked::Flood);
        add(filter.from.is_some() || filter.to.is_some(), Asked::Opened);
        add(!self.words.is_empty(), Asked::Words);
        asked
    }

    /// Alerts that answer one question; counting stops at `most`.
    async fn count_of<C: ConnectionTrait>(
        &self,
        connection: &C,
        asked: Asked,
        most: u64,
    ) -> Found<u64> {
        let view = self.view(Way::From(asked), None);
        let mut select = Query::select();
        select.expr(Expr::cust("1")).from_subquery(view, "a");
        let some = select.cond_where(self.condition(asked)).limit(most).take();
        count_rows(connection, some).await
    }

    /// One page's rows from the cursor on, as numbers, in the order of reading.
    pub(super) fn page(&self, sort: Sort, cursor: Option<&Cursor>, rows: u64) -> SelectStatement {
        let is_forward = cursor.is_none_or(|cursor| cursor.is_forward);
        let order = if is_descending(sort) == is_forward { Order::Desc } else { Order::Asc };
        let keys = parts_of_key(sort);
        let mut select = placed(keys, self.view(self.way, Some(sort)), &order);
        select.cond_where(self.conditions(self.way));
        if let Some(cursor) = cursor {
            select.cond_where(beyond(keys, cursor, &order));
        }
        if !self.asks_each_for_words() {
            return select.limit(rows).take();
        }
        if self.way == Way::Walk {
            return select.and_where(self.has_words()).limit(rows).take();
        }
        // A bound that bounds nothing keeps both engines from asking before they have sorted.
        let sorted = select.limit(i64::MAX as u64).take();
        let mut select = placed(keys, sorted, &order);
        if self.engine == Engine::Sqlite {
            // It reads the sorted rows one by one, but told an order once more it would ask all.
            select.clear_order_by();
        }
        select.and_where(self.has_words()).limit(rows).take()
    }

    /// How many rows there are; counting stops at `most`. SQLite is told an order, so that it
    /// reads an index and not the table; PostgreSQL would sort for it.
    pub(super) async fn count<C: ConnectionTrait>(&self, connection: &C, most: u64) -> Found<u64> {
        let way = match self.way {
            // Where no order is asked for, the alerts of these organisations lie side by side.
            Way::Walk if self.is_of_organisations() => Way::From(Asked::Organisation),
            way => way,
        };
        if way == Way::Walk && self.engine == Engine::Sqlite {
            return count_rows(connection, self.page(Sort::Rank, None, most)).await;
        }
        let mut select = Query::select();
        select.expr(Expr::cust("1")).from_subquery(self.view(way, None), "a");
        let mut some = select.cond_where(self.conditions(way)).limit(most).take();
        if self.asks_each_for_words() {
            some.and_where(self.has_words());
        }
        count_rows(connection, some).await
    }

    /// Counting stops here.
    pub(super) fn cap(&self) -> u64 {
        if self.asks_each_for_words() { TOTAL_CAP_OF_WORDS } else { TOTAL_CAP }
    }

    fn is_of_organisations(&self) -> bool {
        !self.scope.is_sector() || !self.filter.parts.is_empty()
    }

    /// Whether each alert on the way is to be asked for its words.
    fn asks_each_for_words(&self) -> bool {
        !self.words.is_empty() && self.with_words.is_none()
    }

    /// Rows after a number, in the order of numbers: for reading all of them once.
    pub(super) fn after(&self, number: i64, rows: u64) -> SelectStatement {
        let mut select = Query::select();
        select
            .column(("a", "number"))
            .from_subquery(self.view(Way::Walk, None), "a")
            .cond_where(self.conditions(Way::Walk))
            .and_where(Expr::col(("a", "number")).gt(number))
            .order_by(("a", "number"), Order::Asc);
        if self.asks_each_for_words() {
            select.and_where(self.has_words());
        }
        select.limit(rows).take()
    }

    /// The table with every column wrapped that must not be used as an index.
    fn view(&self, way: Way, sort: Option<Sort>) -> SelectStatement {
        let open = |asked: Asked| way == Way::From(asked);
        let mut view = Query::select();
        view.from("alert").column("number");
        for (column, name, is_open) in [
            ("state", "f_state", open(Asked::Standing)),
            ("level", "f_level", open(Asked::Standing)),
            ("verdict", "f_verdict", open(Asked::Verdict)),
            ("flood", "f_flood", open(Asked::Flood)),
            ("rule", "f_rule", open(Asked::Rule)),
            ("opened_at", "f_opened", open(Asked::Opened)),
        ] {
            view.expr_as(if is_open { Expr::col(column) } else { wrapped(column) }, name);
        }
        let organisation = if open(Asked::Organisation) {
            Expr::col("organisation")
        } else {
            Expr::col("organisation").binary(BinOper::Custom("||"), Expr::cust("''"))
        };
        view.expr_as(organisation, "f_organisation");
        view.expr_as(Expr::col("device_key"), "f_device");
        view.expr_as(Expr::col("owner"), "f_owner");
        for (at, column) in sort.map(sort_keys).unwrap_or_default().iter().enumerate() {
            let is_open = way == Way::Walk;
            view.expr_as(
                if is_open { Expr::col(*column) } else { wrapped(column) },
                sort_column(at),
            );
        }
        view.take()
    }

    /// Everything the filter asks, and the caller's scope, but words that each alert is asked for.
    fn conditions(&self, way: Way) -> Condition {
        let filter = self.filter;
        let mut all = self.condition(Asked::Standing);
        if filter.owner == Some(Owner::Nobody) {
            all = all.add(Expr::col(("a", "f_owner")).is_null());
        }
        if filter.is_flood == Some(false) {
            all = all.add(Expr::col(("a", "f_flood")).eq(bit(false)));
        }
        if filter.device.is_some() {
            all = all.add(self.condition(Asked::Device));
        }
        if self.is_of_organisations() {
            let condition = self.condition(Asked::Organisation);
            all = match way {
                Way::From(Asked::Organisation) => all.add(condition),
                // Or PostgreSQL would join the organisations, and lose the order of the walk.
                _ => all.add(Expr::expr(condition).eq(Expr::cust("TRUE"))),
            };
        }
        let asked = self.asked().into_iter();
        let asked = asked.filter(|asked| *asked != Asked::Words || !self.asks_each_for_words());
        asked.fold(all, |all, asked| all.add(self.condition(asked)))
    }

    fn condition(&self, asked: Asked) -> Condition {
        let filter = self.filter;
        let all = Condition::all();
        let col = |name: &'static str| Expr::col(("a", name));
        match asked {
            Asked::Organisation => {
                let all = all.add(db::within(("a", "f_organisation"), self.scope));
                if filter.parts.is_empty() {
                    return all;
                }
                let parts = Scope::of(filter.parts.iter().cloned());
                all.add(db::within(("a", "f_organisation"), &parts))
            }
            Asked::Standing => {
                let mut all = all;
                if !filter.states.is_empty() {
                    let states = filter.states.iter().map(|one| one.number());
                    all = all.add(col("f_state").is_in(states));
                }
                if !filter.levels.is_empty() {
                    let levels = filter.levels.iter().map(|one| *one as i16);
                    all = all.add(col("f_level").is_in(levels));
                }
                all
            }
            Asked::Rule => {
                let rules = self.rules.iter().flatten().copied();
                all.add(col("f_rule").is_in(rules))
            }
            Asked::Device => {
                let device = filter.device.as_deref().map(device_key).unwrap_or_default();
                all.add(col("f_device").eq(device))
            }
            Asked::Owner => match filter.owner {
                Some(Owner::Person(person)) => all.add(col("f_owner").eq(person.0)),
                _ => all,
            },
            Asked::Verdict => {
                all.add(col("f_verdict").is_in(filter.verdicts.iter().map(|one| one.number())))
            }
            // Written out, so that the index of floods is seen to hold the answer.
            Asked::Flood => all.add(Expr::cust("a.f_flood = 1")),
            Asked::Opened => {
                let at = |at: Timestamp| Expr::val(db::micros(at));
                let all = match filter.from {
                    Some(from) => all.add(col("f_opened").gte(at(from))),
                    None => all,
                };
                match filter.to {
                    Some(to) => all.add(col("f_opened").lt(at(to))),
                    None => all,
                }
            }
            Asked::Words => all.add(self.has_words()),
        }
    }

    /// Where many headlines have the words, that of each alert on the way is asked: the page is
    /// soon full.
    fn has_words(&self) -> Expr {
        if let Some(few) = &self.with_words {
            return Expr::col(("a", "number")).is_in(few.iter().copied());
        }
        let holds = |word: &String| match self.engine {
            Engine::Sqlite => Expr::cust_with_values(
                "INSTR((SELECT ' ' || s.words FROM alert_story s WHERE s.number = a.number), ?) > 0",
                [format!(" {word}")],
            ),
            Engine::Postgres => Expr::cust_with_values(
                "STRPOS((SELECT ' ' || s.words FROM alert_story s WHERE s.number = a.number), $1) > 0",
                [format!(" {word}")],
            ),
        };
        let all = self.words.iter().map(holds).reduce(|all, one| all.and(one));
        all.unwrap_or_else(|| Expr::val(1).eq(1))
    }

    /// Words hold letters and digits only, so they need no escaping in either language.
    fn match_sqlite(&self) -> String {
        self.words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" ")
    }

    fn match_postgres(&self) -> String {
        self.words.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ")
    }
}

/// Rows with their places in the list, in this order.
fn placed(keys: usize, from: SelectStatement, order: &Order) -> SelectStatement {
    let mut select = Query::select();
    select.column(("a", "number")).from_subquery(from, "a");
    for at in 0..keys {
        select.expr_as(Expr::col(("a", sort_column(at))), sort_column(at));
        select.order_by(("a", sort_column(at)), order.clone());
    }
    select.order_by(("a", "number"), order.clone()).take()
}

fn wrapped(column: &'static str) -> Expr {
    Expr::col(column).add(Expr::cust("0"))
}

fn sort_keys(sort: Sort) -> &'static [&'static str] {
    match sort {
        Sort::Rank => &["rank"],
        Sort::Newest | Sort::Oldest => &["opened_at"],
        Sort::Level => &["level", "rank"],
        Sort::Count => &["count"],
    }
}

fn is_descending(sort: Sort) -> bool {
    sort != Sort::Oldest
}

/// The name of the column that holds a part of what the list is sorted by.
pub(super) fn sort_column(at: usize) -> &'static str {
    if at == 0 { "s_first" } else { "s_second" }
}

/// What a list is sorted by.
pub(super) fn parts_of_key(sort: Sort) -> usize {
    sort_keys(sort).len()
}

fn beyond(parts: usize, cursor: &Cursor, order: &Order) -> Condition {
    let columns = (0..parts).map(sort_column).chain(["number"]);
    let columns = Expr::tuple(columns.map(|name| Expr::col(("a", name))));
    let key = cursor.key.iter().take(parts).copied().chain([cursor.number]);
    let place = Expr::tuple(key.map(Expr::val));
    let beyond = match order {
        Order::Desc => columns.lt(place),
        _ => columns.gt(place),
    };
    Condition::all().add(beyond)
}

async fn count_rows<C: ConnectionTrait>(connection: &C, some: SelectStatement) -> Found<u64> {
    let select =
        Query::select().expr_as(Expr::cust("COUNT(*)"), "rows").from_subquery(some, "some").take();
    Ok(row(connection, "alert", &select, |row| row.count("rows")).await?.unwrap_or(0))
}
