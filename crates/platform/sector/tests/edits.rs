//! Single changes by people, on every engine: what changed is told, and nobody changes what is
//! not theirs.
#![allow(clippy::unwrap_used)]

mod support;

use sector::{
    Change, Criticality, Dependency, DeviceKey, Map, Organisation, OrganisationType, SectorError,
    Service, Strength, Supplier, System,
};
use support::{filled, ods, of, only};
use terms::{Part, Scope};
use testkit::{later, now, on_every_engine};

fn change(what: &str, field: &'static str, before: Option<&str>, after: Option<&str>) -> Change {
    let text = |side: Option<&str>| side.map(str::to_owned);
    Change { what: what.to_owned(), field, before: text(before), after: text(after) }
}

#[tokio::test]
async fn an_organisation_is_made_changed_and_closed_and_each_step_told() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let london = Scope::of([Part::Region(ods("Y56"))]);
        let mut home =
            Organisation::new(ods("CH1"), " Example Home ", OrganisationType::CareLocation);
        home.region = Some(ods("Y56"));
        let made = map.create_organisation(home.clone(), &london, now()).await.unwrap();
        assert!(made.contains(&change("organisation:CH1", "name", None, Some("Example Home"))));
        assert!(made.iter().all(|change| change.before.is_none()));
        let again = map.create_organisation(home.clone(), &london, now()).await;
        assert!(matches!(again, Err(SectorError::Exists(_))), "{again:?}");
        home.name = "Example Home".into();
        home.patients = Some(40);
        let changed = map.change_organisation(home.clone(), &london, now()).await.unwrap();
        assert_eq!(changed, [change("organisation:CH1", "patients", Some(""), Some("40"))]);
        let version = map.graph().version();
        assert!(map.change_organisation(home.clone(), &london, now()).await.unwrap().is_empty());
        assert_eq!(map.graph().version(), version, "nothing changed, so nothing is written");
        let closed = map.close_organisation(&ods("CH1"), &london, now()).await.unwrap();
        assert_eq!(
            closed,
            [change("organisation:CH1", "closed_at", Some(""), Some("2026-11-24T08:30:00Z"))]
        );
        let stored = map.organisation(&ods("CH1"), &london).await.unwrap();
        assert!(stored.is_closed(now()) && stored.patients == Some(40));
        assert!(map.close_organisation(&ods("CH1"), &london, later(9)).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn nobody_makes_or_changes_what_is_beyond_them() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let version = map.graph().version();
        let own = only("RY2");
        let graph = map.graph();
        let organisation = graph.organisation(&ods("RX1")).unwrap().clone();
        let service = graph.service(&of("RX1-ED")).unwrap().clone();
        let system = graph.system(&of("RX1-EPR")).unwrap().clone();
        let theirs = graph.dependency(&of("service:RX1-ED"), &of("system:RX1-EPR")).unwrap();
        let unknown = |result: Result<Vec<Change>, SectorError>| {
            assert!(matches!(result, Err(SectorError::Unknown(_))), "{result:?}");
        };
        let organisation = Organisation { name: "Taken".into(), ..organisation };
        unknown(map.change_organisation(organisation, &own, now()).await);
        unknown(map.close_organisation(&ods("RX1"), &own, now()).await);
        unknown(map.close_service(&of("RX1-ED"), &own, now()).await);
        unknown(map.close_system(&of("RX1-EPR"), &own, now()).await);
        unknown(
            map.change_service(Service { name: "x".into(), ..service.clone() }, &own, now()).await,
        );
        unknown(
            map.change_system(System { name: "x".into(), ..system.clone() }, &own, now()).await,
        );
        unknown(map.remove_dependency(&theirs.from, &theirs.to, &own, now()).await);
        let refused = |result: Result<Vec<Change>, SectorError>| {
            assert!(matches!(result, Err(SectorError::Invalid { .. })), "{result:?}");
        };
        let weaker = Dependency { strength: Strength::LEAST, ..theirs.clone() };
        refused(map.save_dependency(weaker, &own, now()).await);
        let new = Organisation::new(ods("NEW1"), "New", OrganisationType::National);
        refused(map.create_organisation(new, &own, now()).await);
        let new = System { code: of("NEW"), ..system };
        refused(map.create_system(new, &own, now()).await);
        let acme = Supplier { code: of("ACME"), name: "Other".into(), kind: "x".into() };
        refused(map.save_supplier(acme, &own, now()).await);
        let made = map.make_group("mine", &own, now()).await;
        assert!(matches!(made, Err(SectorError::OutOfScope(_))), "{made:?}");
        map.refresh().await.unwrap();
        assert_eq!(map.graph().version(), version);
    })
    .await;
}

#[tokio::test]
async fn what_rests_on_a_device_follows_each_change_at_once() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let own = only("RX1");
        let key = DeviceKey::new(ods("RX1"), "sw-core-1").unwrap();
        let services = |map: &Map| -> Vec<String> {
            let graph = map.graph();
            let paths = graph.supports(&key).paths.iter();
            paths.map(|path| format!("{} {}", path.service, path.strength)).collect()
        };
        assert_eq!(services(&map), ["RX1-ED 3", "RX1-LAB 3"]);
        let clinic = Service {
            code: of("RX1-CLINIC"),
            organisation: ods("RX1"),
            name: "Clinic".into(),
            kind: "outpatients".into(),
            patients_per_day: 90,
            criticality: Criticality::new(2).unwrap(),
            hours: String::new(),
            closed_at: None,
        };
        map.create_service(clinic, &own, now()).await.unwrap();
        let needs = Dependency {
            from: of("service:RX1-CLINIC"),
            to: of("system:RX1-NET"),
            kind: "runs on".into(),
            reason: String::new(),
            strength: Strength::MOST,
        };
        map.save_dependency(needs.clone(), &own, now()).await.unwrap();
        assert_eq!(services(&map), ["RX1-CLINIC 4", "RX1-ED 3", "RX1-LAB 3"]);
        let weaker = Dependency { strength: Strength::LEAST, ..needs.clone() };
        let told = map.save_dependency(weaker, &own, now()).await.unwrap();
        let what = "dependency:service:RX1-CLINIC on system:RX1-NET";
        assert_eq!(told, [change(what, "strength", Some("4"), Some("1"))]);
        assert_eq!(services(&map), ["RX1-ED 3", "RX1-LAB 3", "RX1-CLINIC 1"]);
        map.remove_dependency(&needs.from, &needs.to, &own, now()).await.unwrap();
        map.close_service(&of("RX1-LAB"), &own, now()).await.unwrap();
        assert_eq!(services(&map), ["RX1-ED 3"]);
        map.close_system(&of("RX1-EPR"), &own, now()).await.unwrap();
        assert!(services(&map).is_empty());
        let other = Map::open(t.db.clone()).await.unwrap();
        assert!(services(&other).is_empty(), "and it is stored");
    })
    .await;
}

#[tokio::test]
async fn what_a_person_types_is_checked() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let sector = Scope::sector();
        let graph = map.graph();
        let trust = graph.organisation(&ods("RX1")).unwrap();
        let long = "x".repeat(501);
        for name in ["", "  ", "a\nb", "a\u{0}b", long.as_str()] {
            let trust = Organisation { name: name.to_owned(), ..trust.clone() };
            let refused = map.change_organisation(trust, &sector, now()).await;
            assert!(matches!(refused, Err(SectorError::Invalid { field: "name", .. })), "{name:?}");
        }
        for seconds in [0, 599, 366 * 24 * 3600] {
            let silent_after = std::time::Duration::from_secs(seconds);
            let trust = Organisation { silent_after, ..trust.clone() };
            assert!(map.change_organisation(trust, &sector, now()).await.is_err(), "{seconds}");
        }
        let ring = Dependency {
            from: of("system:RX1-NET"),
            to: of("system:RX1-NET"),
            kind: "x".into(),
            reason: String::new(),
            strength: Strength::MOST,
        };
        assert!(map.save_dependency(ring, &sector, now()).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn groups_are_made_renamed_filled_and_removed() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let sector = Scope::sector();
        let (id, _) = map.make_group(" Cancer network ", &sector, now()).await.unwrap();
        let twice = map.make_group("Cancer network", &sector, now()).await;
        assert!(matches!(twice, Err(SectorError::Exists(_))), "{twice:?}");
        let members = [ods("RX1"), ods("RY2"), ods("RX1")];
        let told = map.set_group_members(id, &members, &sector, now()).await.unwrap();
        assert_eq!(told.len(), 2);
        let named = Scope::of([Part::Group(id)]);
        assert!(map.graph().contains(&named, &ods("RY2")));
        let what = format!("group:{id}");
        let told = map.set_group_members(id, &[ods("RX1"), ods("A81001")], &sector, now()).await;
        let expected = [
            change(&what, "member", None, Some("A81001")),
            change(&what, "member", Some("RY2"), None),
        ];
        assert_eq!(told.unwrap(), expected);
        let told = map.rename_group(id, "Example network", &sector, now()).await.unwrap();
        let expected = change(&what, "name", Some("Cancer network"), Some("Example network"));
        assert_eq!(told, [expected]);
        let strange = map.set_group_members(id, &[ods("ZZ9")], &sector, now()).await;
        assert!(matches!(strange, Err(SectorError::Unknown(_))), "{strange:?}");
        let groups = map.groups(&named);
        assert_eq!((groups.len(), groups[0].members.len()), (1, 2));
        assert!(map.groups(&only("RX1")).is_empty());
        let theirs = map.rename_group(id, "Mine", &named, now()).await;
        assert!(matches!(theirs, Err(SectorError::OutOfScope(_))), "{theirs:?}");
        let hidden = map.rename_group(id, "Mine", &only("RX1"), now()).await;
        assert!(matches!(hidden, Err(SectorError::Unknown(_))), "{hidden:?}");
        assert_eq!(map.remove_group(id, &sector, now()).await.unwrap().len(), 3);
        assert!(map.groups(&sector).is_empty());
        assert!(map.graph().organisations_in(&named).is_empty());
    })
    .await;
}

#[tokio::test]
async fn changes_at_once_all_come_true_or_say_that_they_did_not() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let before = map.graph().version();
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..8 {
            // Each with a map of its own, as several processes have.
            let map = Map::open(t.db.clone()).await.unwrap();
            tasks.spawn(async move {
                let code = of(&format!("S{number}"));
                let one = Supplier { code, name: "Example".into(), kind: "x".into() };
                map.save_supplier(one, &Scope::sector(), now()).await.is_ok()
            });
        }
        let mut done = 0;
        while let Some(saved) = tasks.join_next().await {
            done += u64::from(saved.unwrap());
        }
        map.refresh().await.unwrap();
        let graph = map.graph();
        assert!(done > 0);
        assert_eq!(graph.suppliers().len() as u64, 1 + done);
        assert_eq!(graph.version(), before + done);
    })
    .await;
}
