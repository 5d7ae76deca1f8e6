//! Devices seen in telemetry and expected by people, on every engine.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashSet;

use sector::{
    Change, DeviceFilter, DeviceKey, DeviceSaid, DeviceSort, DeviceState, Map, PageRequest,
    SectorError, Sighting, Total,
};
use support::{filled, import, ods, of, only};
use terms::{Scope, Timestamp, TokenId};
use testkit::{later, now, on_every_engine};

const DAY: i64 = 24 * 3600;

fn sighting(organisation: &str, name: &str, at: Timestamp) -> Sighting {
    Sighting { organisation: ods(organisation), name: name.to_owned(), at, source: None }
}

async fn names(map: &Map, filter: &DeviceFilter, scope: &Scope, at: Timestamp) -> Vec<String> {
    let page = PageRequest::default();
    let page = map.list_devices(filter, DeviceSort::Name, &page, scope, at).await.unwrap();
    assert_eq!(page.total, Total::Exactly(page.rows.len() as u64));
    page.rows.into_iter().map(|device| device.name).collect()
}

fn in_state(state: DeviceState) -> DeviceFilter {
    DeviceFilter { state: Some(state), ..DeviceFilter::default() }
}

#[tokio::test]
async fn a_name_with_a_nul_is_sought_and_not_found() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let search = Some("\0".to_owned());
        let filter = DeviceFilter { search, ..DeviceFilter::default() };
        assert!(names(&map, &filter, &Scope::sector(), now()).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_device_makes_itself_known_and_its_times_only_move_apart() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let version = map.graph().version();
        let (early, late) = (TokenId::new(now()), TokenId::new(now()));
        let with = |one: Sighting, source| Sighting { source: Some(source), ..one };
        let batch = [
            with(sighting("RX1", "New-PC", later(50)), early),
            with(sighting("RX1", " new-pc ", later(90)), late),
            sighting("RX1", "\t", later(90)),
        ];
        let seen = map.seen(&batch, later(100)).await.unwrap();
        assert_eq!((seen.made, seen.devices, seen.nameless), (1, 1, 1));
        let key = DeviceKey::new(ods("RX1"), "NEW-PC").unwrap();
        let sector = Scope::sector();
        let get = async || map.device_called(&key, &sector).await.unwrap().unwrap();
        let device = get().await;
        assert_eq!((device.name.as_str(), device.expected), ("New-PC", false));
        assert_eq!((device.first_seen, device.last_seen), (Some(later(50)), Some(later(90))));
        assert_eq!((device.source, device.class.clone()), (Some(late), None));
        // Late and early news, out of order.
        let older = with(sighting("RX1", "NEW-PC", later(10)), early);
        assert_eq!(map.seen(&[older], later(100)).await.unwrap().made, 0);
        let again = get().await;
        assert_eq!((again.first_seen, again.last_seen), (Some(later(10)), Some(later(90))));
        assert_eq!((again.source, again.id), (Some(late), device.id));
        // A clock that runs ahead does not hide a silence to come.
        map.seen(&[sighting("RX1", "new-pc", later(DAY * 400))], later(200)).await.unwrap();
        assert_eq!(get().await.last_seen, Some(later(200)));
        assert!(!map.refresh().await.unwrap(), "the graph holds nothing of it");
        assert_eq!(map.graph().version(), version);
    })
    .await;
}

#[tokio::test]
async fn silent_and_never_seen_devices_are_told_apart() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let sector = Scope::sector();
        let batch = [
            sighting("RX1", "ed-pc-07", now()),
            sighting("RX1", "sw-core-1", later(DAY)),
            sighting("A81001", "desk-1", now()),
            sighting("ZZZ9", "unmapped", now()),
        ];
        map.seen(&batch, later(DAY)).await.unwrap();
        let silent = in_state(DeviceState::Silent);
        let at = later(DAY + 60);
        assert_eq!(names(&map, &silent, &sector, at).await, ["ED-PC-07", "unmapped"]);
        assert_eq!(names(&map, &silent, &sector, later(DAY)).await, [""; 0], "not a day yet");
        let weekend = later(4 * DAY + 60);
        let all = ["desk-1", "ED-PC-07", "SW-CORE-1", "unmapped"];
        assert_eq!(names(&map, &silent, &sector, weekend).await, all, "a practice gets four days");
        let own = DeviceFilter { organisation: Some(ods("RX1")), ..silent.clone() };
        assert_eq!(names(&map, &own, &only("RX1"), at).await, ["ED-PC-07"]);
        assert!(names(&map, &silent, &only("RY2"), weekend).await.is_empty());

        let never = in_state(DeviceState::NeverSeen);
        assert_eq!(names(&map, &never, &sector, at).await, ["CRISIS-1", "LAB-AN-3"]);
        assert_eq!(names(&map, &never, &only("RX1"), at).await, ["LAB-AN-3"]);
        let unmapped = in_state(DeviceState::Unmapped);
        assert_eq!(names(&map, &unmapped, &sector, at).await, ["desk-1", "unmapped"]);
        let system = DeviceFilter { system: Some(of("RX1-LIMS")), ..DeviceFilter::default() };
        assert_eq!(names(&map, &system, &sector, at).await, ["LAB-AN-3"]);

        let page = PageRequest { rows: 3, ..PageRequest::default() };
        let longest =
            map.list_devices(&silent, DeviceSort::LastSeen, &page, &sector, weekend).await;
        let longest: Vec<_> = longest.unwrap().rows.into_iter().map(|one| one.name).collect();
        assert_eq!(longest[2], "SW-CORE-1", "a day later than the others, which came at once");

        // An organisation may choose its own silence, and one that ceased is silent for good.
        let mut trust = map.organisation(&ods("RX1"), &sector).await.unwrap();
        trust.silent_after = std::time::Duration::from_secs(3 * 24 * 3600);
        map.change_organisation(trust, &sector, now()).await.unwrap();
        assert_eq!(names(&map, &silent, &sector, at).await, ["unmapped"]);
        map.close_organisation(&ods("A81001"), &sector, later(DAY)).await.unwrap();
        let left = ["ED-PC-07", "SW-CORE-1", "unmapped"];
        assert_eq!(names(&map, &silent, &sector, later(5 * DAY)).await, left);
        // What nobody had put on the map is judged by its type from then on.
        let text = "ods_code,name,type\nZZZ9,Example Home,care_location\n";
        import(&map, "o.csv", text, &sector).await;
        assert!(names(&map, &silent, &sector, at).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_name_is_found_by_its_beginning_and_nothing_in_it_is_a_pattern() {
    on_every_engine(async |t| {
        let map = Map::open(t.db.clone()).await.unwrap();
        let all = ["PC%1", "PC-1", "pc_1", "Pç-1", "ZPC-1", "p'c", "PC\u{10FFFF}"];
        let batch = all.map(|name| sighting("RX1", name, now()));
        map.seen(&batch, now()).await.unwrap();
        let found = async |text: &str| {
            let filter = DeviceFilter { search: Some(text.to_owned()), ..Default::default() };
            names(&map, &filter, &Scope::sector(), now()).await
        };
        assert_eq!(found("pc%").await, ["PC%1"]);
        assert_eq!(found("PC_").await, ["pc_1"]);
        assert_eq!(found("PC-").await, ["PC-1"]);
        assert_eq!(found("p'").await, ["p'c"]);
        assert_eq!(found("PÇ").await, ["Pç-1"]);
        assert_eq!(found("zp").await, ["ZPC-1"]);
        assert!(found("c").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn pages_tell_every_device_once_in_either_order() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let batch: Vec<Sighting> = (0..60)
            .map(|n| sighting(["RX1", "RY2"][n % 2], &format!("h{}", n / 2), later(n as i64 / 7)))
            .collect();
        map.seen(&batch, later(100)).await.unwrap();
        for sort in [DeviceSort::Name, DeviceSort::LastSeen] {
            for descending in [false, true] {
                let (mut told, mut keys, mut after) = (HashSet::new(), Vec::new(), None);
                loop {
                    let request = PageRequest { rows: 7, after, descending };
                    let filter = DeviceFilter::default();
                    let page = map
                        .list_devices(&filter, sort, &request, &Scope::sector(), now())
                        .await
                        .unwrap();
                    assert_eq!(page.total, Total::Exactly(64));
                    for device in page.rows {
                        assert!(told.insert(device.id), "{} twice", device.name);
                        keys.push(match sort {
                            DeviceSort::Name => (None, device.name.to_lowercase()),
                            DeviceSort::LastSeen => (device.last_seen, String::new()),
                        });
                    }
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                if descending {
                    keys.reverse();
                }
                assert_eq!(told.len(), 64, "{sort:?}");
                assert!(keys.is_sorted(), "{sort:?} {keys:?}");
            }
        }
        for text in ["", "x", "AAAA", "____", "MTIz"] {
            let after = Some(sector::Cursor(text.to_owned()));
            let request = PageRequest { after, ..PageRequest::default() };
            let filter = DeviceFilter::default();
            let scope = Scope::sector();
            let page = map.list_devices(&filter, DeviceSort::LastSeen, &request, &scope, now());
            assert!(matches!(page.await, Err(SectorError::Cursor)), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_people_say_of_a_device_and_what_telemetry_says_do_not_disturb_each_other() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let sector = Scope::sector();
        map.seen(&[sighting("RX1", "lab-pc", later(5))], later(5)).await.unwrap();
        let text = "name,organisation,class,system,site\nLAB-PC,RX1,workstation,RX1-LIMS,\n";
        let plan = import(&map, "d.csv", text, &only("RX1")).await;
        assert_eq!((plan.added.len(), plan.changed_things), (0, 1));
        assert_eq!(plan.absent_here.count, 3, "the other expected ones of that organisation");
        let key = DeviceKey::new(ods("RX1"), "lab-pc").unwrap();
        let device = map.device_called(&key, &sector).await.unwrap().unwrap();
        assert_eq!((device.name.as_str(), device.last_seen), ("lab-pc", Some(later(5))));
        assert!(device.expected);
        assert_eq!(map.graph().supports(&key).system, Some(of("RX1-LIMS")));

        map.seen(&[sighting("RX1", "lab-pc", later(9))], later(9)).await.unwrap();
        let said =
            DeviceSaid { class: Some("analyser".into()), expected: true, ..Default::default() };
        let changes = map.change_device(device.id, &said, &only("RX1"), later(9)).await.unwrap();
        let change = |field, before: &str, after: &str| Change {
            what: "device:lab-pc of RX1".into(),
            field,
            before: Some(before.into()),
            after: Some(after.into()),
        };
        let expected =
            [change("class", "workstation", "analyser"), change("system", "RX1-LIMS", "")];
        assert_eq!(changes, expected);
        let device = map.device(device.id, &sector).await.unwrap();
        assert_eq!((device.last_seen, device.system), (Some(later(9)), None));
        assert_eq!(map.graph().supports(&key).system, None);
        let strange = map.change_device(device.id, &said, &only("RY2"), later(9)).await;
        assert!(matches!(strange, Err(SectorError::Unknown(_))), "{strange:?}");
        let beyond = DeviceSaid { system: Some(of("RY2-EPR")), ..said };
        let refused = map.change_device(device.id, &beyond, &only("RX1"), later(9)).await;
        assert!(matches!(refused, Err(SectorError::Invalid { field: "system", .. })));
    })
    .await;
}

#[tokio::test]
async fn the_picture_counts_what_came_however_it_came() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let tile = async |code: &str, scope: &Scope| {
            let tiles = map.overview(scope, later(100)).await.unwrap();
            let tile = tiles.into_iter().find(|tile| tile.organisation == ods(code));
            tile.map(|tile| (tile.devices_seen, tile.devices_expected, tile.last_seen))
        };
        let sector = Scope::sector();
        assert_eq!(tile("RX1", &sector).await, Some((0, 3, None)));
        assert_eq!(tile("A81001", &sector).await, Some((0, 0, None)));
        let batch = [
            sighting("RX1", "ed-pc-07", later(3)),
            sighting("RX1", "other", later(9)),
            sighting("RX1", "other", later(2)),
        ];
        map.seen(&batch, later(10)).await.unwrap();
        map.seen(&batch, later(10)).await.unwrap();
        assert_eq!(tile("RX1", &sector).await, Some((2, 3, Some(later(9)))));
        map.seen(&[sighting("RX1", "other", later(4))], later(10)).await.unwrap();
        assert_eq!(tile("RX1", &only("RX1")).await, Some((2, 3, Some(later(9)))));
        assert_eq!(tile("RX1", &only("RY2")).await, None);
        assert_eq!(tile("RX1", &Scope::nothing()).await, None);
    })
    .await;
}

#[tokio::test]
async fn writers_at_once_lose_nothing_and_count_right() {
    on_every_engine(async |t| {
        let map = Map::open(t.db.clone()).await.unwrap();
        let text = "ods_code,name,type\nRX1,Example A,trust_acute\nRY2,Example B,trust_acute\n";
        import(&map, "o.csv", text, &Scope::sector()).await;
        let mut tasks = tokio::task::JoinSet::new();
        for writer in 0..6_i64 {
            let map = map.clone();
            tasks.spawn(async move {
                let mut made = 0;
                for round in 0..5 {
                    // The same forty devices for all, and ten of each writer's own.
                    let mut batch: Vec<Sighting> = (0..40)
                        .map(|n| sighting(["RY2", "RX1"][n % 2], &format!("h{n}"), later(round)))
                        .collect();
                    batch.extend((0..10).map(|n| {
                        sighting("RX1", &format!("own-{writer}-{round}-{n}"), later(writer))
                    }));
                    if writer % 2 == 0 {
                        batch.reverse();
                    }
                    made += map.seen(&batch, later(50)).await.unwrap().made;
                }
                made
            });
        }
        let mut made = 0;
        while let Some(one) = tasks.join_next().await {
            made += one.unwrap();
        }
        assert_eq!(made, 40 + 6 * 5 * 10);
        let tiles = map.overview(&Scope::sector(), later(100)).await.unwrap();
        let counted: Vec<_> = tiles.iter().map(|tile| tile.devices_seen).collect();
        assert_eq!(counted, [20 + 300, 20]);
    })
    .await;
}
