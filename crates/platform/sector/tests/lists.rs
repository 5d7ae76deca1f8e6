//! Lists and single things within a scope, on every engine. A stranger finds nothing.
#![allow(clippy::unwrap_used)]

mod support;

use sector::{
    DependencyFilter, DeviceFilter, DeviceSort, Map, OrganisationFilter, OrganisationSort,
    OrganisationType, PageRequest, ServiceFilter, ServiceSort, SiteFilter, SystemFilter,
    SystemSort, Total,
};
use support::{filled, import, ods, of, only};
use terms::{Part, Scope};
use testkit::{now, on_every_engine};

/// Codes of all that each list tells somebody of a scope.
async fn everything(map: &Map, scope: &Scope) -> Vec<String> {
    let page = PageRequest::default();
    let filter = OrganisationFilter::default();
    let organisations = map.organisations(&filter, OrganisationSort::Code, &page, scope, now());
    let services =
        map.services(&ServiceFilter::default(), ServiceSort::Name, &page, scope).await.unwrap();
    let systems =
        map.systems(&SystemFilter::default(), SystemSort::Name, &page, scope).await.unwrap();
    let sites = map.list_sites(&SiteFilter::default(), &page, scope).await.unwrap();
    let dependencies = map.dependencies(&DependencyFilter::default(), &page, scope).await.unwrap();
    let filter = DeviceFilter::default();
    let devices = map.list_devices(&filter, DeviceSort::Name, &page, scope, now()).await.unwrap();
    let mut told: Vec<String> = Vec::new();
    told.extend(organisations.await.unwrap().rows.iter().map(|one| one.code.to_string()));
    told.extend(services.rows.iter().map(|one| one.code.to_string()));
    told.extend(systems.rows.iter().map(|one| one.code.to_string()));
    told.extend(sites.rows.iter().map(|one| one.code.to_string()));
    told.extend(dependencies.rows.iter().map(|one| format!("{}>{}", one.from, one.to)));
    told.extend(devices.rows.iter().map(|one| one.name.clone()));
    told.sort();
    told
}

#[tokio::test]
async fn everybody_is_told_their_own_part_and_a_stranger_nothing() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let sites =
            "ods_code,name,organisation,town,postcode\nRX101,Site,RX1,,\nRY201,Site,RY2,,\n";
        import(&map, "sites.csv", sites, &Scope::sector()).await;
        let derby = ["CRISIS-1", "RY2", "RY2-CRISIS", "RY2-EPR", "RY201"];
        let derby: Vec<String> = derby.iter().map(|&code| code.to_owned()).collect();
        let mut derby = derby;
        derby.push("service:RY2-CRISIS>system:RY2-EPR".to_owned());
        assert_eq!(everything(&map, &only("RY2")).await, derby);
        let region = Scope::of([Part::Region(ods("Y60"))]);
        let in_region = everything(&map, &region).await;
        assert!(derby.iter().all(|one| in_region.contains(one)));
        assert_eq!(in_region.len(), derby.len() + 2, "and the region and board themselves");
        assert_eq!(everything(&map, &Scope::sector()).await.len(), 7 + 3 + 4 + 2 + 6 + 4);
        for stranger in [only("ZZ1"), Scope::nothing(), Scope::of([Part::Icb(ods("QZZ"))])] {
            assert!(everything(&map, &stranger).await.is_empty(), "{stranger:?}");
            assert!(map.organisation(&ods("RX1"), &stranger).await.is_err());
            assert!(map.graph().organisations_in(&stranger).is_empty());
            assert!(map.overview(&stranger, now()).await.unwrap().is_empty());
        }
        let page = PageRequest::default();
        let suppliers = async |scope: Scope| map.suppliers(None, &page, &scope).await.unwrap();
        assert_eq!(suppliers(only("RY2")).await.rows.len(), 1, "suppliers are known to all");
        assert_eq!(suppliers(Scope::nothing()).await.rows.len(), 0);
        assert_eq!(suppliers(Scope::nothing()).await.total, Total::Exactly(0));
    })
    .await;
}

#[tokio::test]
async fn the_graph_and_the_database_agree_who_lies_in_a_scope() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let sector = Scope::sector();
        let (group, _) = map.make_group("example", &sector, now()).await.unwrap();
        let members = [ods("RY2"), ods("A81001")];
        map.set_group_members(group, &members, &sector, now()).await.unwrap();
        let scopes = [
            sector,
            Scope::nothing(),
            only("RX1"),
            only("ZZ1"),
            Scope::of([Part::Region(ods("Y56"))]),
            Scope::of([Part::Icb(ods("QJ2"))]),
            Scope::of([Part::Group(group)]),
            Scope::of([Part::Group(group), Part::Organisation(ods("RX1"))]),
            Scope::of([Part::Icb(ods("QKK")), Part::Region(ods("Y60"))]),
        ];
        for scope in scopes {
            let filter = OrganisationFilter::default();
            let page = PageRequest::default();
            let stored = map
                .organisations(&filter, OrganisationSort::Code, &page, &scope, now())
                .await
                .unwrap();
            let graph = map.graph();
            let in_memory: Vec<_> = graph.organisations_in(&scope).into_iter().cloned().collect();
            assert_eq!(stored.rows, in_memory, "{scope:?}");
            for one in graph.organisations() {
                let is_in = in_memory.contains(one);
                assert_eq!(graph.contains(&scope, &one.code), is_in, "{scope:?} {}", one.code);
                assert_eq!(graph.would_contain(&scope, one), is_in, "{scope:?} {}", one.code);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn filters_hold_together_and_what_is_typed_is_no_pattern() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let sector = Scope::sector();
        let text = "ods_code,name,type,close_date\nRO1,100% Old_Trust,trust_acute,20200101\n";
        import(&map, "o.csv", text, &sector).await;
        let found = async |filter: OrganisationFilter| -> Vec<String> {
            let (sort, page) = (OrganisationSort::Name, PageRequest::default());
            let page = map.organisations(&filter, sort, &page, &sector, now()).await.unwrap();
            page.rows.iter().map(|one| one.code.to_string()).collect()
        };
        let all = OrganisationFilter::default();
        let typed = |text: &str| OrganisationFilter {
            search: Some(text.to_owned()),
            with_closed: true,
            ..OrganisationFilter::default()
        };
        assert_eq!(found(typed("TRUST")).await, ["RO1", "RX1", "RY2"]);
        assert_eq!(found(typed("%")).await, ["RO1"]);
        assert_eq!(found(typed("d_t")).await, ["RO1"]);
        assert_eq!(found(typed("a8100")).await, ["A81001"]);
        assert!(found(typed("\\")).await.is_empty());
        assert!(!found(all.clone()).await.contains(&"RO1".to_owned()), "it has ceased");
        let kinds = vec![OrganisationType::TrustAcute, OrganisationType::GpPractice];
        let london =
            OrganisationFilter { kinds, region: Some(ods("Y56")), ..OrganisationFilter::default() };
        assert_eq!(found(london.clone()).await, ["RX1", "A81001"]);
        let parent = OrganisationFilter { parent: Some(ods("QKK")), ..london };
        assert_eq!(found(parent).await, ["A81001"]);

        let page = PageRequest { descending: true, ..PageRequest::default() };
        let least = ServiceFilter { least: sector::Criticality::new(3), ..Default::default() };
        let services = map.services(&least, ServiceSort::Patients, &page, &sector).await.unwrap();
        let codes: Vec<_> = services.rows.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["RX1-LAB", "RX1-ED", "RY2-CRISIS"]);
        let of_supplier = SystemFilter { supplier: Some(of("ACME")), ..Default::default() };
        let sort = SystemSort::Criticality;
        let systems = map.systems(&of_supplier, sort, &page, &sector).await.unwrap();
        let codes: Vec<_> = systems.rows.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["RX1-EPR", "RY2-EPR"]);
        let lims = DependencyFilter { thing: Some(of("system:RX1-LIMS")), ..Default::default() };
        let page = PageRequest::default();
        let both_sides = map.dependencies(&lims, &page, &sector).await.unwrap();
        let from: Vec<_> = both_sides.rows.iter().map(|one| one.from.to_string()).collect();
        assert_eq!(from, ["service:RX1-LAB", "system:RX1-LIMS"]);
    })
    .await;
}

#[tokio::test]
async fn pages_of_equal_names_lose_none_and_long_lists_are_counted_to_a_bound() {
    on_every_engine(async |t| {
        let map = Map::open(t.db.clone()).await.unwrap();
        let mut text = String::from("ods_code,name,type,patients\n");
        for number in 0..10_050 {
            let patients = if number % 3 == 0 { String::new() } else { (number % 5).to_string() };
            let name = number % 2;
            text.push_str(&format!("P{number:05},Practice {name},gp_practice,{patients}\n"));
        }
        let sector = Scope::sector();
        import(&map, "o.csv", &text, &sector).await;
        for sort in [OrganisationSort::Name, OrganisationSort::Code, OrganisationSort::Patients] {
            let (mut told, mut after) = (Vec::new(), None);
            loop {
                let request = PageRequest { rows: 1000, after, descending: true };
                let filter = OrganisationFilter::default();
                let page = map.organisations(&filter, sort, &request, &sector, now()).await;
                let page = page.unwrap();
                assert_eq!(page.total, Total::AtLeast(10_000));
                told.extend(page.rows.into_iter().map(|one| one.code));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            told.sort();
            told.dedup();
            assert_eq!(told.len(), 10_050, "{sort:?}");
        }
    })
    .await;
}
