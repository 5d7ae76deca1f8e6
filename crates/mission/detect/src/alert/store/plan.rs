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
    Condition, ConnectionTrait,
    sea_query::{BinOper, Expr, ExprTrait, Order, Query, SelectStatement},
};
use terms::{Scope, Timestamp};

use super::{CHUNK, Found, bit, counts, row, rows};
use crate::alert::{
    Cursor, Filter, Owner, Sort,
    key::device_key,
    queue::{MAX_SEARCH_WORDS, search_words},
};

/// Fewer answers than this are looked up one by one.
const FEW: u64 = 10_000;

/// A filter with what the database had to be asked first.
pub(super) struct Question<'f> {
    engine: Engine,
    scope: &'f Scope,
    filter: &'f Filter,
    /// Numbers of the rules that are wanted; `None` is any.
    rules: Option<Vec<i64>>,
    /// Words of the search; empty is any.
    words: Vec<String>,
    way: Way,
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
    ) -> Found<Option<Self>> {
        let engine = super::commit::engine(connection);
        let rules = wanted_rules(connection, filter).await?;
        let words = filter.text.as_deref().map(|text| search_words(text, MAX_SEARCH_WORDS));
        // Signs without a letter or a digit stand in no headline.
        let is_impossible = words.as_ref().is_some_and(|words| words.is_empty())
            && filter.text.as_ref().is_some_and(|text| !text.trim().is_empty());
        if is_impossible || rules.as_ref().is_some_and(Vec::is_empty) || scope.is_empty() {
            return Ok(None);
        }
        let words = words.unwrap_or_default();
        let way = Way::Walk;
        let mut question = Self { engine, scope, filter, rules, words, way, known_total: None };
        question.decide(connection).await?;
        Ok(Some(question))
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
        let mut fewest = FEW;
        if !self.scope.is_sector() || !self.filter.parts.is_empty() {
            let found = counts::of_organisations(connection, self.scope, self.filter).await?;
            if found < fewest {
                (fewest, self.way) = (found, Way::From(Asked::Organisation));
            }
        }
        for asked in self.asked() {
            let found = self.count_of(connection, asked, fewest).await?;
            if found < fewest {
                (fewest, self.way) = (found, Way::From(asked));
            }
        }
        Ok(())
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
        let some = if asked == Asked::Words {
            self.found_words().limit(most).take()
        } else {
            let view = self.view(Way::From(asked), None);
            let mut select = Query::select();
            select.expr(Expr::cust("1")).from_subquery(view, "a");
            select.cond_where(self.condition(asked, Way::From(asked))).limit(most).take()
        };
        count_rows(connection, some).await
    }

    /// One page's rows from the cursor on, as numbers, in the order of reading.
    pub(super) fn page(&self, sort: Sort, cursor: Option<&Cursor>, rows: u64) -> SelectStatement {
        let is_forward = cursor.is_none_or(|cursor| cursor.is_forward);
        let keys = sort_keys(sort);
        let order = if is_descending(sort) == is_forward { Order::Desc } else { Order::Asc };
        let mut select = Query::select();
        select.column(("a", "number"));
        for (at, _) in keys.iter().enumerate() {
            select.expr_as(Expr::col(("a", sort_column(at))), sort_column(at));
        }
        select.from_subquery(self.view(self.way, Some(sort)), "a").cond_where(self.conditions());
        if let Some(cursor) = cursor {
            select.cond_where(beyond(keys.len(), cursor, &order));
        }
        for (at, _) in keys.iter().enumerate() {
            select.order_by(("a", sort_column(at)), order.clone());
        }
        select.order_by(("a", "number"), order).limit(rows).take()
    }

    /// How many rows there are; counting stops at `most`.
    pub(super) async fn count<C: ConnectionTrait>(&self, connection: &C, most: u64) -> Found<u64> {
        let mut select = Query::select();
        select.expr(Expr::cust("1")).from_subquery(self.view(self.way, None), "a");
        let some = select.cond_where(self.conditions()).limit(most).take();
        count_rows(connection, some).await
    }

    /// Rows after a number, in the order of numbers: for reading all of them once.
    pub(super) fn after(&self, number: i64, rows: u64) -> SelectStatement {
        let mut select = Query::select();
        select
            .column(("a", "number"))
            .from_subquery(self.view(Way::Walk, None), "a")
            .cond_where(self.conditions_on(Way::Walk))
            .and_where(Expr::col(("a", "number")).gt(number))
            .order_by(("a", "number"), Order::Asc)
            .limit(rows)
            .take()
    }

    /// The table with every column wrapped that must not be used as an index.
    fn view(&self, way: Way, sort: Option<Sort>) -> SelectStatement {
        let open = |asked: Asked| way == Way::From(asked);
        let mut view = Query::select();
        view.from("alert").column("number");
        for (column, name, is_open) in [
            ("state", "f_state", false),
            ("level", "f_level", false),
            ("verdict", "f_verdict", open(Asked::Verdict)),
            ("flood", "f_flood", open(Asked::Flood)),
            ("rule", "f_rule", open(Asked::Rule)),
            ("opened_at", "f_opened", open(Asked::Opened)),
        ] {
            view.expr_as(if is_open { Expr::col(column) } else { wrapped(column) }, name);
        }
        view.expr_as(wrapped("number"), "f_number");
        let organisation = if open(Asked::Organisation) {
            Expr::col("organisation")
        } else {
            Expr::col("organisation").binary(BinOper::Custom("||".into()), Expr::cust("''"))
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

    fn conditions(&self) -> Condition {
        self.conditions_on(self.way)
    }

    /// Everything the filter asks, and the caller's scope.
    fn conditions_on(&self, way: Way) -> Condition {
        let filter = self.filter;
        let mut all = Condition::all();
        if !filter.states.is_empty() {
            let states = filter.states.iter().map(|one| one.number());
            all = all.add(Expr::col(("a", "f_state")).is_in(states));
        }
        if !filter.levels.is_empty() {
            let levels = filter.levels.iter().map(|one| *one as i16);
            all = all.add(Expr::col(("a", "f_level")).is_in(levels));
        }
        if filter.owner == Some(Owner::Nobody) {
            all = all.add(Expr::col(("a", "f_owner")).is_null());
        }
        if filter.is_flood == Some(false) {
            all = all.add(Expr::col(("a", "f_flood")).eq(bit(false)));
        }
        if filter.device.is_some() {
            all = all.add(self.condition(Asked::Device, way));
        }
        all = all.add(self.condition(Asked::Organisation, way));
        self.asked().into_iter().fold(all, |all, asked| all.add(self.condition(asked, way)))
    }

    fn condition(&self, asked: Asked, way: Way) -> Condition {
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
            Asked::Words => all.add(self.has_words(way == Way::From(Asked::Words))),
        }
    }

    /// Numbers of the alerts whose headlines have the words.
    fn found_words(&self) -> SelectStatement {
        let mut select = Query::select();
        match self.engine {
            Engine::Sqlite => select
                .column("rowid")
                .from("alert_words")
                .and_where(Expr::cust_with_values("alert_words MATCH ?", [self.match_sqlite()])),
            Engine::Postgres => {
                select.column("number").from("alert_story").and_where(Expr::cust_with_values(
                    "array_to_tsvector(string_to_array(words, ' ')) @@ CAST($1 AS tsquery)",
                    [self.match_postgres()],
                ))
            }
        };
        select.take()
    }

    /// Few headlines are looked up by their words. Where many have them, PostgreSQL reads the
    /// headline of each alert it walks past: it walks past few until the page is full.
    fn has_words(&self, is_open: bool) -> Expr {
        if is_open {
            return Expr::col(("a", "number")).in_subquery(self.found_words());
        }
        match self.engine {
            Engine::Sqlite => Expr::col(("a", "f_number")).in_subquery(self.found_words()),
            Engine::Postgres => Expr::cust_with_values(
                "(SELECT array_to_tsvector(string_to_array(s.words, ' ')) FROM alert_story s \
                 WHERE s.number = a.number) @@ CAST($1 AS tsquery)",
                [self.match_postgres()],
            ),
        }
    }

    /// Words hold letters and digits only, so they need no escaping in either language.
    fn match_sqlite(&self) -> String {
        self.words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" ")
    }

    fn match_postgres(&self) -> String {
        self.words.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ")
    }
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

/// Numbers of the rules the filter asks for, every version of each.
async fn wanted_rules<C: ConnectionTrait>(
    connection: &C,
    filter: &Filter,
) -> Found<Option<Vec<i64>>> {
    if filter.rules.is_empty() && filter.technique.is_none() {
        return Ok(None);
    }
    let mut select = Query::select();
    select.columns(["number", "tags"]).from("alert_rule");
    if !filter.rules.is_empty() {
        let rules = filter.rules.iter().take(CHUNK).map(String::as_str);
        select.and_where(Expr::col("rule").is_in(rules));
    }
    let found =
        rows(connection, "alert_rule", &select, |row| Ok((row.int("number")?, row.text("tags")?)))
            .await?;
    let technique = filter.technique.as_deref().map(|text| text.trim().to_lowercase());
    let has = |tags: &str| {
        technique.as_deref().is_none_or(|wanted| tags.split(' ').any(|tag| is_of(tag, wanted)))
    };
    Ok(Some(found.into_iter().filter(|(_, tags)| has(tags)).map(|(number, _)| number).collect()))
}

/// Whether a rule's tag is the technique or one of its sub-techniques.
fn is_of(tag: &str, technique: &str) -> bool {
    let tag = tag.to_lowercase();
    let Some(rest) = tag.strip_prefix("attack.").and_then(|name| name.strip_prefix(technique))
    else {
        return false;
    };
    !technique.is_empty() && (rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_technique_stands_for_its_sub_techniques_but_not_for_longer_numbers() {
        assert!(is_of("attack.t1003.001", "t1003"));
        assert!(is_of("attack.T1003", "t1003"));
        assert!(!is_of("attack.t1003", "t10"));
        assert!(!is_of("attack.t1003", ""));
        assert!(!is_of("cve.t1003", "t1003"));
    }
}
