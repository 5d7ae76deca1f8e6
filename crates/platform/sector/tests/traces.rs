//! The trace of a change, on every engine: written in the transaction of the change, or neither is.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::{Arc, Mutex};

use db::{DbError, Write};
use sector::{
    Deed, DeviceKey, DeviceSaid, Map, PageRequest, SectorError, Service, Supplier, Trace, Writing,
};
use support::{filled, ods, of};
use terms::{PersonId, Scope};
use testkit::{now, on_every_engine};

/// Notes deeds; refuses to write them where it is told so.
#[derive(Clone, Default)]
struct Notes {
    told: Arc<Mutex<Vec<String>>>,
    refuses: bool,
}

impl Notes {
    fn that_refuse() -> Self {
        Self { refuses: true, ..Self::default() }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

impl Trace for Notes {
    fn write<'a>(&'a self, _: &'a Write, deed: Deed<'a>) -> Writing<'a> {
        let told = match deed {
            Deed::Change { owner, changes } => {
                let owner = owner.map_or("nobody", |code| code.as_str());
                format!("{} of {owner}", changes[0].what)
            }
            Deed::Import(record) => format!("{} things of {}", record.added, record.file),
        };
        self.told.lock().unwrap().push(told);
        let written = match self.refuses {
            true => Err(DbError::row("trail", "a trail", "nothing")),
            false => Ok(()),
        };
        Box::pin(std::future::ready(written))
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, SectorError>) {
    assert!(matches!(result, Err(SectorError::Database(DbError::Row { .. }))), "{result:?}");
}

fn laboratory(map: &Map) -> Service {
    map.graph().service(&of("RX1-LAB")).unwrap().clone()
}

#[tokio::test]
async fn a_change_leaves_its_trace_with_whose_it_is_and_without_a_change_there_is_none() {
    on_every_engine(async |t| {
        let (map, all, notes) = (filled(t).await, Scope::sector(), Notes::default());
        let traced = map.traced(notes.clone());
        let moved = Service { organisation: ods("RY2"), ..laboratory(&map) };
        traced.change_service(moved.clone(), &all, now()).await.unwrap();
        assert_eq!(notes.take(), ["service:RX1-LAB of RY2"]);
        traced.change_service(moved, &all, now()).await.unwrap();
        assert_eq!(notes.take(), [""; 0], "nothing changed, so nothing is written down");
        let supplier =
            Supplier { code: of("NEW"), name: "Example".into(), kind: "software".into() };
        traced.save_supplier(supplier, &all, now()).await.unwrap();
        assert_eq!(notes.take(), ["supplier:NEW of nobody"]);
        let (from, to) = (of("service:RX1-ED"), of("system:RX1-EPR"));
        traced.remove_dependency(&from, &to, &all, now()).await.unwrap();
        assert!(notes.take()[0].ends_with(" of RX1"));
        let text = "code,name,kind\nOTHER,Other Example,software\n";
        let plan = traced.plan("suppliers.csv", text.as_bytes(), &all, now()).await.unwrap();
        traced.apply(&plan, None, now()).await.unwrap();
        assert_eq!(notes.take(), ["1 things of suppliers.csv"]);
        map.close_service(&of("RX1-ED"), &all, now()).await.unwrap();
        assert_eq!(notes.take(), [""; 0], "the first handle is not traced");
    })
    .await;
}

#[tokio::test]
async fn a_change_whose_trace_cannot_be_written_is_not_made() {
    on_every_engine(async |t| {
        let (map, all) = (filled(t).await, Scope::sector());
        let (before, version) = (laboratory(&map), map.graph().version());
        let traced = map.traced(Notes::that_refuse());
        let renamed = Service { name: "Renamed".into(), ..before.clone() };
        refused(traced.change_service(renamed, &all, now()).await);
        refused(traced.make_group("Example group", &all, now()).await);
        let key = DeviceKey::new(ods("RX1"), "ED-PC-07").unwrap();
        let device = map.device_called(&key, &all).await.unwrap().unwrap();
        let said = DeviceSaid { class: Some("server".to_owned()), ..DeviceSaid::default() };
        refused(traced.change_device(device.id, &said, &all, now()).await);

        assert!(!map.refresh().await.unwrap(), "the stored version is what it was");
        let anew = Map::open(t.db.clone()).await.unwrap();
        assert_eq!(anew.graph().version(), version);
        assert_eq!(laboratory(&anew), before);
        assert!(anew.groups(&all).is_empty());
        assert_eq!(map.device_called(&key, &all).await.unwrap(), Some(device));
    })
    .await;
}

#[tokio::test]
async fn an_import_whose_trace_cannot_be_written_leaves_no_row_and_no_record() {
    on_every_engine(async |t| {
        let (map, all) = (filled(t).await, Scope::sector());
        let version = map.graph().version();
        let request = PageRequest { rows: 100, after: None, descending: false };
        let imports =
            async || map.imports(PersonId::new(now()), &request, &all).await.unwrap().rows;
        let before = imports().await;
        let traced = map.traced(Notes::that_refuse());
        let text = "code,name,kind\nOTHER,Other Example,software\n";
        let plan = traced.plan("suppliers.csv", text.as_bytes(), &all, now()).await.unwrap();
        refused(traced.apply(&plan, None, now()).await);

        assert_eq!(imports().await, before);
        let anew = Map::open(t.db.clone()).await.unwrap();
        assert_eq!(anew.graph().version(), version);
        assert!(anew.graph().supplier(&of("OTHER")).is_none());
    })
    .await;
}
