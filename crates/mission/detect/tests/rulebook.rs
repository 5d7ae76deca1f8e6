//! Folders of rules: kept, looked at, put in use, taken out; by this node and by others.

use std::sync::Arc;

use db::Db;
use detect::rulebook::{
    Change, FolderState, Ground, NewFolder, RuleFile, Rulebook, RulebookError, Trial, report::trial,
};
use event::Catalogue;
use sigma::Placeholders;
use terms::{Level, PersonId, RuleFolderId, Timestamp};
use testkit::{TestDb, later, now, on_every_engine};

fn rule(id: u32, title: &str, needle: &str) -> String {
    format!(
        "title: {title}\nid: 00000000-0000-4000-8000-{id:012}\nlevel: high\nlogsource:\n  \
         product: windows\n  category: process_creation\ndetection:\n  selection:\n    \
         CommandLine|contains: {needle}\n  condition: selection\n"
    )
}

fn file(name: &str, text: &str) -> RuleFile {
    RuleFile { name: name.to_owned(), text: text.to_owned() }
}

fn ground() -> Ground {
    let catalogue = Catalogue::parse(std::iter::empty(), Default::default()).expect("a catalogue");
    Ground {
        files: vec![file("own/one.yml", &rule(1, "Own rule", "alpha"))],
        unreadable: Vec::new(),
        placeholders: Placeholders::new(),
        catalogue: Arc::new(catalogue),
    }
}

async fn book(db: &Db) -> Rulebook {
    Rulebook::open(db.clone(), ground()).await.expect("a rulebook")
}

fn titles(book: &Rulebook) -> Vec<String> {
    book.in_force().now().texts().iter().map(|text| text.title.clone()).collect()
}

/// Keeps a folder of these files.
async fn kept(book: &Rulebook, db: &Db, name: &str, files: Vec<RuleFile>) -> RuleFolderId {
    let (files, rules, refused) = book.count(files).await.expect("counted");
    let name = name.parse().expect("a name");
    let new = NewFolder { name, files, rules, refused };
    let write = db.write().await.expect("a transaction");
    let id = book.keep(&write, &new, PersonId::new(now()), now()).await.expect("kept");
    write.commit().await.expect("committed");
    id
}

/// Does one act in a transaction of its own, and brings the rules up to date.
async fn done(
    book: &Rulebook,
    db: &Db,
    act: impl AsyncFnOnce(&Rulebook, &db::Write) -> Result<Change, RulebookError>,
) -> Result<Change, RulebookError> {
    let write = db.write().await.expect("a transaction");
    let change = act(book, &write).await?;
    write.commit().await.expect("committed");
    book.refresh().await.expect("refreshed");
    Ok(change)
}

async fn used(book: &Rulebook, db: &Db, id: RuleFolderId) -> Result<Change, RulebookError> {
    done(book, db, async |book, write| book.put_in_use(write, id, later(1)).await).await
}

#[tokio::test]
async fn an_uploaded_folder_is_in_force_once_it_is_used_here_on_other_nodes_and_after_a_restart() {
    on_every_engine(async |t: &TestDb| {
        let (book, other) = (book(&t.db).await, self::book(&t.db).await);
        let id =
            kept(&book, &t.db, "ours", vec![file("a.yml", &rule(2, "New rule", "beta"))]).await;
        assert!(!book.refresh().await.expect("looked"), "what waits changes nothing");
        assert_eq!(titles(&book), ["Own rule"]);

        used(&book, &t.db, id).await.expect("used");
        assert_eq!(titles(&book), ["Own rule", "New rule"]);
        assert_eq!(titles(&other), ["Own rule"]);
        assert!(other.refresh().await.expect("looked"));
        assert_eq!(titles(&other), ["Own rule", "New rule"]);
        assert!(!other.refresh().await.expect("looked"), "once is enough");
        assert_eq!(titles(&self::book(&t.db).await), ["Own rule", "New rule"]);
    })
    .await;
}

#[tokio::test]
async fn a_folder_of_the_same_name_replaces_the_one_in_use_and_both_come_back_by_undo() {
    on_every_engine(async |t: &TestDb| {
        let book = book(&t.db).await;
        let first = kept(&book, &t.db, "ours", vec![file("a.yml", &rule(2, "First", "b"))]).await;
        used(&book, &t.db, first).await.expect("used");
        let second = kept(&book, &t.db, "ours", vec![file("a.yml", &rule(2, "Second", "c"))]).await;
        let (_, report, _) = book.report(second).await.expect("a report");
        assert_eq!((report.usable.len(), report.known.len()), (1, 0), "its ids become free");

        let change = used(&book, &t.db, second).await.expect("used");
        assert_eq!(change, Change { put_in: Some(second), taken_out: Some(first) });
        assert_eq!(titles(&book), ["Own rule", "Second"]);

        let back =
            done(&book, &t.db, async |book, write| book.take_back(write, change, later(2)).await);
        assert_eq!(back.await.expect("taken back"), change.reversed());
        assert_eq!(titles(&book), ["Own rule", "First"]);
    })
    .await;
}

#[tokio::test]
async fn a_removed_folder_stops_at_once_and_can_be_taken_back_until_it_is_forgotten() {
    on_every_engine(async |t: &TestDb| {
        let book = book(&t.db).await;
        let id = kept(&book, &t.db, "ours", vec![file("a.yml", &rule(2, "New rule", "b"))]).await;
        used(&book, &t.db, id).await.expect("used");
        let remove =
            async |book: &Rulebook, write: &db::Write| book.remove(write, id, later(5)).await;
        let change = done(&book, &t.db, remove).await.expect("removed");
        assert_eq!(titles(&book), ["Own rule"]);
        assert!(matches!(done(&book, &t.db, remove).await, Err(RulebookError::Changed)));

        let undo = async |book: &Rulebook, write: &db::Write| {
            book.take_back(write, change, later(6)).await
        };
        done(&book, &t.db, undo).await.expect("taken back");
        assert_eq!(titles(&book), ["Own rule", "New rule"]);
        assert!(matches!(done(&book, &t.db, undo).await, Err(RulebookError::Changed)));

        done(&book, &t.db, remove).await.expect("removed");
        assert_eq!(forgotten(&book, &t.db, later(5)).await, 0);
        assert_eq!(forgotten(&book, &t.db, later(6)).await, 1);
        assert!(matches!(done(&book, &t.db, undo).await, Err(RulebookError::NotFound)));
    })
    .await;
}

async fn forgotten(book: &Rulebook, db: &Db, before: Timestamp) -> u64 {
    let write = db.write().await.expect("a transaction");
    let number = book.forget(&write, before).await.expect("forgotten");
    write.commit().await.expect("committed");
    number
}

#[tokio::test]
async fn what_is_in_use_is_never_forgotten() {
    let t = testkit::sqlite().await;
    let book = book(&t.db).await;
    let id = kept(&book, &t.db, "ours", vec![file("a.yml", &rule(2, "New rule", "b"))]).await;
    used(&book, &t.db, id).await.expect("used");
    assert_eq!(forgotten(&book, &t.db, later(9_999_999)).await, 0);
    assert_eq!(titles(&self::book(&t.db).await), ["Own rule", "New rule"]);
}

#[tokio::test]
async fn undo_does_not_put_a_second_folder_of_one_name_in_use() {
    let t = testkit::sqlite().await;
    let book = book(&t.db).await;
    let first = kept(&book, &t.db, "ours", vec![file("a.yml", &rule(2, "First", "b"))]).await;
    used(&book, &t.db, first).await.expect("used");
    let remove =
        async |book: &Rulebook, write: &db::Write| book.remove(write, first, later(5)).await;
    let change = done(&book, &t.db, remove).await.expect("removed");
    let second = kept(&book, &t.db, "ours", vec![file("a.yml", &rule(2, "Second", "c"))]).await;
    used(&book, &t.db, second).await.expect("used");
    let undo =
        async |book: &Rulebook, write: &db::Write| book.take_back(write, change, later(6)).await;
    let error = done(&book, &t.db, undo).await.expect_err("refused");
    assert!(matches!(error, RulebookError::NameInUse(_)), "{error}");
    assert_eq!(titles(&book), ["Own rule", "Second"]);
}

#[tokio::test]
async fn a_report_tells_what_can_be_used_what_not_where_and_what_is_there_already() {
    let t = testkit::sqlite().await;
    let book = book(&t.db).await;
    let broken = "title: Broken\nlogsource:\n  product: windows\ndetection:\n  selection:\n    \
                  A|re: '('\n  condition: selection\n";
    let files = vec![
        file("broken.yml", broken),
        file("changed.yml", &rule(1, "Own rule, changed", "gamma")),
        file("new.yml", &rule(3, "New rule", "delta")),
        file("same.yml", &rule(1, "Own rule", "alpha")),
    ];
    let id = kept(&book, &t.db, "ours", files).await;
    let (folder, report, rules) = book.report(id).await.expect("a report");
    assert_eq!((folder.state, folder.rules, folder.refused), (FolderState::Waiting, 3, 1));
    let usable: Vec<_> =
        report.usable.iter().map(|one| (one.title.as_str(), one.level, one.line)).collect();
    assert_eq!(usable, [("New rule", Level::High, 1)]);
    let refused = &report.refused[0];
    assert_eq!((&*refused.file, refused.line), ("uploaded/ours/broken.yml", 6));
    let known = &report.known[0];
    assert_eq!((known.rule.title.as_str(), known.is_same), ("Own rule, changed", false));
    assert_eq!(known.used_by, "own/one.yml");
    // The second of the same id within the folder is an oddity of the folder.
    assert_eq!(report.notes.len(), 1, "{:?}", report.notes);
    assert_eq!(rules.texts().len(), 1, "only what would be new is tried");
}

#[tokio::test]
async fn a_trial_without_events_says_so() {
    let t = testkit::sqlite().await;
    let book = book(&t.db).await;
    let id = kept(&book, &t.db, "ours", vec![file("a.yml", &rule(2, "New", "b"))]).await;
    let (_, _, rules) = book.report(id).await.expect("a report");
    assert_eq!(trial(rules, &[]), Trial::default());
}

#[tokio::test]
async fn a_folder_that_was_damaged_in_the_database_is_told_and_the_others_are_used() {
    let t = testkit::sqlite().await;
    let book = book(&t.db).await;
    let bad = kept(&book, &t.db, "bad", vec![file("a.yml", &rule(2, "Lost", "b"))]).await;
    let good = kept(&book, &t.db, "good", vec![file("a.yml", &rule(3, "Kept", "c"))]).await;
    used(&book, &t.db, bad).await.expect("used");
    used(&book, &t.db, good).await.expect("used");
    testkit::execute(&t.place, "UPDATE rule_folder SET packed = x'00' WHERE name = 'bad'").await;
    let again = self::book(&t.db).await;
    assert_eq!(titles(&again), ["Own rule", "Kept"]);
    let rules = again.in_force().now();
    let refused = &rules.set().refused[0];
    assert!(refused.reason.contains("cannot be unpacked"), "{}", refused.reason);
}

#[tokio::test]
async fn an_act_that_is_not_committed_leaves_everything_as_it_was() {
    let t = testkit::sqlite().await;
    let book = book(&t.db).await;
    let id = kept(&book, &t.db, "ours", vec![file("a.yml", &rule(2, "New rule", "b"))]).await;
    let write = t.db.write().await.expect("a transaction");
    book.put_in_use(&write, id, later(1)).await.expect("used");
    drop(write);
    assert!(!book.refresh().await.expect("looked"));
    assert_eq!(titles(&book), ["Own rule"]);
    assert_eq!(book.folder(id).await.expect("a folder").state, FolderState::Waiting);
}
