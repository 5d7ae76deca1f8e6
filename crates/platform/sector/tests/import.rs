//! Files onto the map, on every engine: what a plan says is what its application does.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::Write;

use proptest::prelude::*;
use sector::{
    DependencyFilter, FileKind, Limits, Map, OrganisationFilter, OrganisationSort, PageRequest,
    SectorError, Total,
};
use support::{FILES, filled, import, ods, of, only, problems};
use terms::{PersonId, Scope};
use testkit::{later, now, on_every_engine};

#[tokio::test]
async fn a_dry_run_writes_nothing_and_its_application_does_what_it_said() {
    on_every_engine(async |t| {
        let map = Map::open(t.db.clone()).await.unwrap();
        let text = support::ORGANISATIONS;
        let plan = map.plan("o.csv", text.as_bytes(), &Scope::sector(), now()).await.unwrap();
        assert_eq!((plan.kind, plan.added.len()), (FileKind::Organisations, 7));
        assert_eq!(plan.added[4].what, "organisation:RX1");
        assert_eq!(plan.added[4].name, "Example Acute Trust");
        assert!(map.organisation(&ods("RX1"), &Scope::sector()).await.is_err());
        let person = PersonId::new(now());
        let record = map.apply(&plan, Some(person), now()).await.unwrap();
        assert_eq!((record.added, record.changed, record.problems), (7, 0, 0));
        let trust = map.organisation(&ods("RX1"), &Scope::sector()).await.unwrap();
        assert_eq!(trust.region, Some(ods("Y56")));
        assert_eq!(map.graph().organisation(&ods("RX1")), Some(&trust));
        let page = PageRequest::default();
        let kept = map.imports(person, &page, &Scope::nothing()).await.unwrap();
        assert_eq!(kept.rows, [record]);
        let stranger = PersonId::new(now());
        assert!(map.imports(stranger, &page, &only("RX1")).await.unwrap().rows.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_file_imported_twice_changes_nothing_the_second_time() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let version = map.graph().version();
        for (name, text) in FILES {
            let plan = import(&map, name, text, &Scope::sector()).await;
            assert!(plan.is_empty(), "{name}: {:?} {:?}", plan.added, plan.changed);
            assert_eq!(plan.unchanged, text.lines().count() as u64 - 1, "{name}");
            assert_eq!(plan.absent_here.count, 0, "{name}");
        }
        assert_eq!(map.graph().version(), version, "nothing changed, so nothing is read again");
    })
    .await;
}

#[tokio::test]
async fn a_difference_is_told_by_field_and_what_a_file_leaves_out_stays() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let text = "organisation,code,kind,criticality,name\nRX1,rx1-epr,epr,3,Patient record 2\n";
        let plan = import(&map, "s.csv", text, &Scope::sector()).await;
        let told: Vec<_> = plan
            .changed
            .iter()
            .map(|c| (c.what.as_str(), c.field, c.before.as_deref(), c.after.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("system:RX1-EPR", "name", Some("Patient record"), Some("Patient record 2")),
                ("system:RX1-EPR", "criticality", Some("4"), Some("3")),
            ]
        );
        assert_eq!(plan.changed_things, 1);
        assert_eq!(plan.absent_here.first, ["system:RX1-LIMS", "system:RX1-NET", "system:RY2-EPR"]);
        let graph = map.graph();
        let system = graph.system(&of("RX1-EPR")).unwrap();
        assert_eq!(system.supplier, Some(of("ACME")), "a column that is not there says nothing");
        assert_eq!(graph.systems().len(), 4, "nothing is taken away");
    })
    .await;
}

#[tokio::test]
async fn a_bad_row_is_named_with_its_line_and_the_rest_goes_on() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let text = "\
code,name,organisation,kind,patients_per_day,criticality,colour
S1,One,RX1,clinic,10,2,red
S2,Two,RX9,clinic,10,2,red
S3,Three,RX1,clinic,some,2,red
S4,Four,RX1,clinic,10,5,red
S 5,Five,RX1,clinic,10,1,red
S6,,RX1,clinic,10,1,red
S1,One again,RX1,clinic,10,2,red
S7,Seven,RX1,clinic,10
S8,Eight,RX1,clinic,0,1,red
";
        let plan = import(&map, "services.csv", text, &Scope::sector()).await;
        let added: Vec<_> = plan.added.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(added, ["service:S1", "service:S8"]);
        let expected = [
            "3 organisation: RX9 is not on the map, or not for you to see",
            "4 patients_per_day: \"some\" is no whole number from 0 to 4294967295",
            "5 criticality: \"5\" cannot be read: a criticality from 1 (convenient) to 4 (life \
             depends on it) is expected",
            "6 code: \"S 5\" cannot be read: a code of 1 to 64 letters, digits, -, _, . or / is \
             expected",
            "7 name: must not be blank",
            "8 code: service:S1 stands on line 2 already",
            "9 : 5 cells where the header has 7",
        ];
        assert_eq!(problems(&plan), expected);
        assert_eq!(plan.notes, ["columns that Ward does not know, left out: colour"]);
        assert_eq!(map.graph().service(&of("S1")).unwrap().name, "One");
    })
    .await;
}

#[tokio::test]
async fn an_outdated_plan_is_refused_and_nothing_of_it_written() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let scope = Scope::sector();
        let text = "code,name,kind\nNEW,New Example Ltd,software\n";
        let plan = map.plan("s.csv", text.as_bytes(), &scope, now()).await.unwrap();
        let other = Map::open(t.db.clone()).await.unwrap();
        import(&other, "t.csv", "code,name,kind\nACME,Other Name,software\n", &scope).await;
        let refused = map.apply(&plan, None, now()).await;
        assert!(matches!(refused, Err(SectorError::Stale)), "{refused:?}");
        map.refresh().await.unwrap();
        assert!(map.graph().supplier(&of("NEW")).is_none());
        assert_eq!(map.graph().supplier(&of("ACME")).unwrap().name, "Other Name");
    })
    .await;
}

#[tokio::test]
async fn nobody_imports_what_is_not_theirs() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let before = map.graph().version();
        for (name, text) in FILES {
            let changed = text.replace("Example", "Stolen").replace(",RX1,", ",RX1,x");
            for text in [text, changed.as_str()] {
                let plan = import(&map, name, text, &only("ZZ1")).await;
                assert!(plan.is_empty(), "{name}: {:?} {:?}", plan.added, plan.changed);
                assert_eq!(plan.absent_here.count, 0, "{name}: not even counted");
            }
        }
        assert_eq!(map.graph().version(), before);
        // The other trust may name its own things, and neither take nor point at another's.
        let text = "\
code,name,organisation,kind,supplier,criticality
RX1-EPR,Taken,RY2,epr,,1
RY2-NEW,Mine,RY2,epr,,1
RY2-NEW2,Theirs,RX1,epr,,1
";
        let plan = import(&map, "s.csv", text, &only("RY2")).await;
        assert_eq!(plan.added.len(), 1);
        assert_eq!(
            problems(&plan),
            [
                "2 code: RX1-EPR is outside of what you may change",
                "4 organisation: RX1 is not on the map, or not for you to see",
            ]
        );
        let text = "\
from,to,kind,reason,strength
system:RY2-NEW,system:RX1-NET,runs on,,1
system:RX1-NET,system:RY2-NEW,runs on,,1
supplier:ACME,system:RY2-NEW,runs on,,1
system:RY2-NEW,supplier:ACME,bought from,,1
";
        let plan = import(&map, "d.csv", text, &only("RY2")).await;
        assert_eq!(plan.added.len(), 1, "{:?}", plan.added);
        assert_eq!(plan.problems.iter().map(|p| p.line).collect::<Vec<_>>(), [2, 3, 4]);
    })
    .await;
}

#[tokio::test]
async fn official_files_are_read_in_their_own_columns() {
    on_every_engine(async |t| {
        let map = Map::open(t.db.clone()).await.unwrap();
        let scope = Scope::sector();
        import(&map, "icbs.csv", "icb,name\nQKK,NHS EXAMPLE ICB\n", &scope).await;
        import(&map, "sub.csv", "icb,sub_icb,name\nQKK,72Q,NHS EXAMPLE ICB - 72Q\n", &scope).await;
        let trusts = "\
ods_code,name,region,icb,town,postcode,open_date,close_date
RA1,EXAMPLE AMBULANCE NHS TRUST,Y56,QKK,LONDON,SE1,20010401,
RA2,\"EXAMPLE, CITY AND MENTAL HEALTH NHS TRUST\",Y56,QKK,LONDON,SE1,20010401,20260331
";
        let plan = import(&map, "trusts.csv", trusts, &scope).await;
        assert_eq!(plan.notes, ["columns that the map does not keep: open_date"]);
        let practices = "\
ods_code,name,region,icb,town,postcode,open_date,sub_icb,list_size_2021,pcn_2022,icb_2026
A1001,EXAMPLE SURGERY,Y56,QQQ,LONDON,SE2,19740401,72Q,4100.0,U1,QKK
A1002,EXAMPLE PRACTICE,Y56,QQQ,LONDON,SE2,19740401,72Q,,,
";
        import(&map, "gp.csv", practices, &scope).await;
        let sites = "\
ods_code,name,parent,region,town,postcode,open_date
RA101,EXAMPLE STATION,RA1,Y56,LONDON,SE1 1AA,20010401
RA901,EXAMPLE LOST,RA9,Y56,LONDON,SE1 1AA,20010401
";
        let plan = import(&map, "sites.csv", sites, &scope).await;
        assert_eq!((plan.added.len(), plan.problems.len()), (1, 1));
        let hospitals = "\
OrganisationCode,SubType,Sector,OrganisationName,City,Postcode,Latitude,Longitude,ParentODSCode,ParentName
RA102,Hospital,NHS Sector,Example Hospital,London,SE1 1AB,51.5,-0.1,RA1,Example
RA103,Hospital,NHS Sector,Example Nowhere,London,SE1 1AB,91.5,-0.1,RA1,Example
";
        let plan = import(&map, "hospitals.csv", hospitals, &scope).await;
        assert_eq!(problems(&plan), ["3 latitude: there is no such place on Earth"]);
        assert_eq!(plan.absent_here.count, 1, "the station");

        let graph = map.graph();
        let kind = |code: &str| graph.organisation(&ods(code)).unwrap().kind.as_str();
        assert_eq!([kind("RA1"), kind("RA2")], ["trust_ambulance", "trust_mental_health"]);
        let closed = graph.organisation(&ods("RA2")).unwrap().closed_at;
        assert_eq!(closed, Some("2026-04-01T00:00:00Z".parse().unwrap()));
        let practice = graph.organisation(&ods("A1001")).unwrap();
        assert_eq!((practice.patients, practice.icb.clone()), (Some(4100), Some(ods("QKK"))));
        assert_eq!(practice.parent, Some(ods("72Q")));
        let older = graph.organisation(&ods("A1002")).unwrap();
        assert_eq!((older.patients, older.icb.clone()), (None, Some(ods("QQQ"))));

        // A more exact type that somebody gave stays when the official list comes again.
        let text = "ods_code,name,type\nRA1,EXAMPLE AMBULANCE NHS TRUST,trust_community\n";
        import(&map, "o.csv", text, &scope).await;
        let plan = import(&map, "trusts.csv", trusts, &scope).await;
        assert!(plan.is_empty(), "{:?}", plan.changed);
    })
    .await;
}

#[tokio::test]
async fn files_as_programs_save_them_are_read() {
    on_every_engine(async |t| {
        let map = Map::open(t.db.clone()).await.unwrap();
        let scope = Scope::sector();
        let text = "\u{feff}Code , NAME,kind\r\n s1 ,\"Example, Ltd\",x\r\n\r\n";
        let plan = import(&map, "bom.csv", text, &scope).await;
        assert_eq!(plan.added[0].name, "Example, Ltd");
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"code,name,kind\nS2,Caf\xe9,x\n").unwrap();
        let packed = packer.finish().unwrap();
        let plan = map.plan("x.csv.gz", &packed, &scope, now()).await.unwrap();
        assert_eq!(plan.added[0].name, "Café");
        assert_eq!(plan.notes.len(), 1, "Windows-1252 is said");
        let wrong = map.plan("x.csv", b"color,size\nred,3\n", &scope, now()).await;
        let message = wrong.unwrap_err().to_string();
        assert!(message.contains("x.csv, line 1") && message.contains("color"), "{message}");
        let few = Limits { rows: 1, problems: 1, ..Limits::default() };
        let text = b"code,name,kind\nS3,,x\nS4,,x\nS5,y,x\n";
        let plan = map.plan_within("x.csv", text, &few, &scope, now()).await.unwrap();
        assert_eq!(plan.problem_count, 2);
        assert_eq!(plan.problems.last().unwrap().message, "1 more problems are not listed");
    })
    .await;
}

#[tokio::test]
async fn dependencies_follow_a_system_that_changes_hands() {
    on_every_engine(async |t| {
        let map = filled(t).await;
        let text = "code,name,organisation,kind,criticality\nRX1-EPR,Patient record,RY2,epr,4\n";
        import(&map, "s.csv", text, &Scope::sector()).await;
        let filter = DependencyFilter { thing: Some(of("system:RX1-NET")), ..Default::default() };
        let page = PageRequest::default();
        let seen = async |scope: Scope| map.dependencies(&filter, &page, &scope).await.unwrap();
        let theirs = seen(only("RY2")).await;
        assert_eq!(theirs.rows.len(), 1);
        assert_eq!(theirs.rows[0].from, of("system:RX1-EPR"));
        assert_eq!(seen(only("RX1")).await.rows[0].from, of("system:RX1-LIMS"));
    })
    .await;
}

/// A name that a file may hold: anything that a quoted cell can carry on one line.
fn names() -> impl Strategy<Value = Vec<(u8, String, u8)>> {
    prop::collection::vec((0..20_u8, "[^\\p{C}\\p{Z}][^\\p{C}]{0,30}", 1..5_u8), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever two files say: what was planned comes true, and saying it again changes nothing.
    #[test]
    fn what_is_planned_comes_true(first in names(), second in names()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let t = testkit::sqlite().await;
            let map = Map::open(t.db.clone()).await.unwrap();
            let scope = Scope::sector();
            let text = "ods_code,name,type\nRX1,Example,trust_acute\n";
            import(&map, "o.csv", text, &scope).await;
            for rows in [first, second] {
                let text = file(&rows);
                let before = map.graph().services().len();
                let plan = import(&map, "s.csv", &text, &scope).await;
                let graph = map.graph();
                assert_eq!(graph.services().len(), before + plan.added.len());
                for added in &plan.added {
                    let code = added.what.strip_prefix("service:").unwrap();
                    assert_eq!(graph.service(&of(code)).unwrap().name, added.name);
                }
                for change in plan.changed.iter().filter(|change| change.field == "name") {
                    let code = change.what.strip_prefix("service:").unwrap();
                    assert_eq!(Some(&graph.service(&of(code)).unwrap().name), change.after.as_ref());
                }
                let read = plan.added.len() as u64 + plan.changed_things + plan.unchanged;
                assert_eq!(read + plan.problem_count, rows.len() as u64);
                let again = map.plan("s.csv", text.as_bytes(), &scope, later(1)).await.unwrap();
                assert!(again.is_empty(), "{:?} {:?}", again.added, again.changed);
            }
            let (filter, page) = (OrganisationFilter::default(), PageRequest::default());
            let sort = OrganisationSort::Name;
            let all = map.organisations(&filter, sort, &page, &scope, now());
            assert_eq!(all.await.unwrap().total, Total::Exactly(1));
        });
    }

    /// Whatever bytes come: an answer or an error, never a panic.
    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = sector::import::read("x.csv", &bytes, &Limits::default());
        let mut with_header = b"code,name,kind\n".to_vec();
        with_header.extend(bytes);
        let _ = sector::import::read("x.csv", &with_header, &Limits::default());
    }
}

fn file(rows: &[(u8, String, u8)]) -> String {
    let mut text = String::from("code,name,organisation,kind,patients_per_day,criticality\n");
    for (code, name, criticality) in rows {
        let name = name.replace('"', "\"\"");
        text.push_str(&format!("S{code},\"{name}\",RX1,clinic,{code},{criticality}\n"));
    }
    text
}
