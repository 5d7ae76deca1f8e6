//! Signing in as people do, and as attackers do, on both databases.

mod support;

use access::{
    Access, AccessError, Caller, Method, Secret, ServerKey, Settings, Stage, Visitor,
    password::PasswordCost, sign_in::Factor, totp::code_for,
};
use support::{ADMIN, PASSWORD, caller, from, origin, password, settings, sign_in, ward};
use testkit::{later, now, on_every_engine};

fn factor(totp: &Secret, seconds: i64) -> Factor {
    Factor::Totp(code_for(totp, later(seconds)).expect("a code"))
}

fn wait(result: Result<impl std::fmt::Debug, AccessError>) -> u64 {
    match result {
        Err(AccessError::TooMany { retry_after_seconds }) => retry_after_seconds,
        other => panic!("not slowed: {other:?}"),
    }
}

fn is_refused(result: Result<impl std::fmt::Debug, AccessError>) {
    assert!(matches!(result, Err(AccessError::Refused)), "{result:?}");
}

#[tokio::test]
async fn a_password_and_a_code_sign_in_and_each_step_changes_the_cookie() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let pending = password(&ward.access, " Admin@WARD.example", PASSWORD, later(60)).await;
        let pending = pending.expect("right");
        assert_eq!(pending.stage, Stage::SecondFactor);
        let visitor = ward.access.visitor(&pending.cookie, later(60)).await.expect("a session");
        assert!(matches!(visitor, Visitor::Pending { stage: Stage::SecondFactor, .. }));
        let full = ward
            .access
            .give_second_factor(&pending.cookie, factor(&ward.admin_totp, 60), &origin(), later(60))
            .await
            .expect("right");
        assert_eq!(full.stage, Stage::Full);
        assert_ne!(full.cookie, pending.cookie);
        let over = ward.access.visitor(&pending.cookie, later(60)).await;
        assert!(matches!(over, Err(AccessError::NotSignedIn)), "{over:?}");
        assert_eq!(caller(&ward.access, &full.cookie, later(61)).await.person, ward.admin.person);
        let own = ward.access.own(&ward.admin).await.expect("read");
        assert_eq!(own.last_sign_in_at, Some(later(60)));
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_sign_in_is_not_told() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let messages = [
            password(&ward.access, ADMIN, "not the password", later(1)).await,
            password(&ward.access, "nobody@ward.example", PASSWORD, later(1)).await,
            password(&ward.access, "no address", PASSWORD, later(1)).await,
            password(&ward.access, "", "", later(1)).await,
        ]
        .map(|result| result.expect_err("refused").to_string());
        assert!(messages.iter().all(|message| *message == messages[0]), "{messages:?}");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_never_accepted_twice_even_at_the_same_moment() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let first = password(&ward.access, ADMIN, PASSWORD, later(60)).await.expect("right");
        let second = password(&ward.access, ADMIN, PASSWORD, later(60)).await.expect("right");
        let give = |cookie: Secret| {
            let (access, factor) = (ward.access.clone(), factor(&ward.admin_totp, 60));
            async move { access.give_second_factor(&cookie, factor, &origin(), later(60)).await }
        };
        let (one, other) = tokio::join!(give(first.cookie), give(second.cookie));
        let accepted = [&one, &other].into_iter().filter(|result| result.is_ok()).count();
        assert_eq!(accepted, 1, "{one:?} {other:?}");
    })
    .await;
}

#[tokio::test]
async fn the_code_that_set_the_app_up_does_not_sign_in_once_more() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        is_refused(sign_in(&ward.access, ADMIN, &ward.admin_totp, later(5)).await);
        assert!(sign_in(&ward.access, ADMIN, &ward.admin_totp, later(60)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_works_once_and_renewing_voids_the_rest() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let access = &ward.access;
        let codes = access.renew_recovery_codes(&ward.admin, later(1)).await.expect("renewed");
        assert_eq!(access.recovery_codes_left(&ward.admin).await.expect("read"), 10);
        let give = async |code: &Secret, at: i64| {
            let pending = password(access, ADMIN, PASSWORD, later(at)).await.expect("right");
            let factor = Factor::RecoveryCode(code.clone());
            access.give_second_factor(&pending.cookie, factor, &origin(), later(at)).await
        };
        assert_eq!(give(&codes[3], 10).await.expect("right").stage, Stage::Full);
        is_refused(give(&codes[3], 20).await);
        assert_eq!(access.recovery_codes_left(&ward.admin).await.expect("read"), 9);
        let newer = access.renew_recovery_codes(&ward.admin, later(30)).await.expect("renewed");
        is_refused(give(&codes[4], 40).await);
        assert!(give(&newer[4], 50).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_counts_only_after_a_right_code() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let access = &ward.access;
        let other = access.begin_totp(&ward.admin_cookie, later(10)).await.expect("begun");
        let wrong = Secret::new("000000");
        is_refused(access.confirm_totp(&ward.admin_cookie, &wrong, &origin(), later(10)).await);
        assert!(
            sign_in(access, ADMIN, &ward.admin_totp, later(60)).await.is_ok(),
            "the old one counts"
        );
        let code = code_for(&other.secret, later(90)).expect("a code");
        let enrolled = access.confirm_totp(&ward.admin_cookie, &code, &origin(), later(90)).await;
        assert_eq!(enrolled.expect("enrolled").recovery_codes.len(), 10);
        is_refused(sign_in(access, ADMIN, &ward.admin_totp, later(150)).await);
        assert!(sign_in(access, ADMIN, &other.secret, later(150)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn what_guards_an_account_changes_only_shortly_after_signing_in() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let late = later(700);
        let begun = ward.access.begin_totp(&ward.admin_cookie, late).await;
        assert!(matches!(begun, Err(AccessError::SignInAgain)), "{begun:?}");
        let renewed = ward.access.renew_recovery_codes(&ward.admin, late).await;
        assert!(matches!(renewed, Err(AccessError::SignInAgain)), "{renewed:?}");
    })
    .await;
}

#[tokio::test]
async fn a_session_that_waits_for_a_code_opens_nothing_else() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let pending = password(&ward.access, ADMIN, PASSWORD, later(60)).await.expect("right");
        let begun = ward.access.begin_totp(&pending.cookie, later(60)).await;
        assert!(matches!(begun, Err(AccessError::NotSignedIn)), "{begun:?}");
        let full = factor(&ward.admin_totp, 60);
        let origin = origin();
        let twice = ward.access.give_second_factor(&ward.admin_cookie, full, &origin, later(60));
        assert!(matches!(twice.await, Err(AccessError::NotSignedIn)));
        let late = later(60 + 16 * 60);
        let over = ward.access.visitor(&pending.cookie, late).await;
        assert!(matches!(over, Err(AccessError::NotSignedIn)), "{over:?}");
    })
    .await;
}

#[tokio::test]
async fn failures_slow_the_next_try_more_and_more_and_right_ones_are_not_looked_at_meanwhile() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        for second in 0..6 {
            is_refused(password(&ward.access, ADMIN, "wrong", later(second)).await);
        }
        assert_eq!(wait(password(&ward.access, ADMIN, PASSWORD, later(5)).await), 1);
        is_refused(password(&ward.access, ADMIN, "wrong", later(6)).await);
        assert_eq!(wait(password(&ward.access, ADMIN, "wrong", later(6)).await), 2);
        is_refused(password(&ward.access, ADMIN, "wrong", later(8)).await);
        assert_eq!(wait(password(&ward.access, ADMIN, "wrong", later(8)).await), 4);
        assert!(password(&ward.access, ADMIN, PASSWORD, later(12)).await.is_ok(), "never for good");
        is_refused(password(&ward.access, ADMIN, "wrong", later(12)).await);
        is_refused(password(&ward.access, ADMIN, "wrong", later(12)).await);
    })
    .await;
}

#[tokio::test]
async fn a_wait_survives_a_restart_and_counts_on_every_node() {
    on_every_engine(async |t| {
        let key = ServerKey::random();
        let open =
            async || Access::open(t.db.clone(), key.clone(), settings()).await.expect("open");
        let (one, other) = (open().await, open().await);
        for second in 0..6 {
            let node = if second % 2 == 0 { &one } else { &other };
            is_refused(password(node, "nobody@ward.example", "wrong", later(second)).await);
        }
        assert_eq!(wait(password(&open().await, "nobody@ward.example", "x", later(5)).await), 1);
    })
    .await;
}

#[tokio::test]
async fn a_hundred_tries_at_once_count_as_a_hundred() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let tries: Vec<_> = (0..40)
            .map(|_| {
                let access = ward.access.clone();
                tokio::spawn(async move { password(&access, ADMIN, "wrong", later(1)).await })
            })
            .collect();
        let mut looked_at = 0;
        for one in tries {
            match one.await.expect("no panic") {
                Err(AccessError::Refused | AccessError::Busy) => looked_at += 1,
                Err(AccessError::TooMany { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(looked_at, 6);
    })
    .await;
}

#[tokio::test]
async fn attackers_everywhere_cannot_keep_the_owner_out() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let attack = async |n: i64, text: &str| {
            let address = format!("198.51.{}.{}", n / 200, n % 200);
            let at = later(2 * n);
            ward.access.sign_in(ADMIN, Secret::new(text), &from(&address), at).await
        };
        let mut slowed = 0;
        for n in 0..60 {
            slowed +=
                usize::from(matches!(attack(n, "wrong").await, Err(AccessError::TooMany { .. })));
        }
        assert!(slowed > 20, "strangers are slowed: {slowed}");
        let owner = sign_in(&ward.access, ADMIN, &ward.admin_totp, later(120)).await;
        assert_eq!(owner.expect("the owner's network is known").stage, Stage::Full);
        let away = attack(59, PASSWORD).await;
        assert!(away.is_ok() || wait(away) <= 60, "and elsewhere the wait is short");
    })
    .await;
}

#[tokio::test]
async fn one_address_that_tries_many_accounts_is_slowed() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let try_one = async |email: &str, address: &str| {
            ward.access.sign_in(email, Secret::new("x"), &from(address), now()).await
        };
        for n in 0..31 {
            is_refused(try_one(&format!("guess{n}@ward.example"), "203.0.113.9").await);
        }
        assert_eq!(wait(try_one("more@ward.example", "203.0.113.9").await), 1);
        is_refused(try_one("more@ward.example", "203.0.113.8").await);
    })
    .await;
}

#[tokio::test]
async fn guessing_codes_is_slowed() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let pending = password(&ward.access, ADMIN, PASSWORD, later(60)).await.expect("right");
        let give = async |text: &str| {
            let factor = Factor::Totp(Secret::new(text));
            ward.access.give_second_factor(&pending.cookie, factor, &origin(), later(60)).await
        };
        for _ in 0..6 {
            is_refused(give("000000").await);
        }
        assert_eq!(wait(give("000000").await), 1);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_after_a_shift() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let is_over = async |second: i64| {
            let visitor = ward.access.visitor(&ward.admin_cookie, later(second)).await;
            matches!(visitor, Err(AccessError::NotSignedIn))
        };
        let mut second = 0;
        while second < 13 * 3600 - 3000 {
            second += 3000;
            assert!(!is_over(second).await, "busy at {second}");
        }
        assert!(is_over(13 * 3600).await);
        let idle = sign_in(&ward.access, ADMIN, &ward.admin_totp, later(50_000)).await;
        let idle = idle.expect("signed in").cookie;
        assert!(ward.access.visitor(&idle, later(50_000 + 3599)).await.is_ok());
        let over = ward.access.visitor(&idle, later(50_000 + 3599 + 3600)).await;
        assert!(matches!(over, Err(AccessError::NotSignedIn)), "{over:?}");
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_for_their_owner_and_ended_one_by_one_or_all() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let other = sign_in(&ward.access, ADMIN, &ward.admin_totp, later(60)).await.expect("in");
        let sessions = ward.access.sessions(&ward.admin, later(61)).await.expect("read");
        assert_eq!(sessions.len(), 2);
        assert_eq!((sessions[0].id, sessions[0].method), (other.id, Method::Totp));
        assert_eq!(
            (sessions[0].address.as_str(), sessions[0].agent.as_str()),
            ("192.0.2.10", "Example/1.0")
        );
        ward.access.end_session(&ward.admin, other.id, later(62)).await.expect("ended");
        let again = ward.access.end_session(&ward.admin, other.id, later(63)).await;
        assert!(matches!(again, Err(AccessError::Unknown("session"))), "{again:?}");
        assert!(ward.access.visitor(&other.cookie, later(63)).await.is_err());
        ward.access.sign_out(&ward.admin_cookie, later(64)).await.expect("out");
        ward.access.sign_out(&ward.admin_cookie, later(64)).await.expect("out already");
        assert!(ward.access.visitor(&ward.admin_cookie, later(65)).await.is_err());
        let third = sign_in(&ward.access, ADMIN, &ward.admin_totp, later(120)).await.expect("in");
        let admin = caller(&ward.access, &third.cookie, later(121)).await;
        assert_eq!(ward.access.sign_out_everywhere(&admin, later(122)).await.expect("out"), 1);
        assert!(ward.access.visitor(&third.cookie, later(123)).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn another_password_needs_the_present_one_and_ends_other_sessions() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let other = sign_in(&ward.access, ADMIN, &ward.admin_totp, later(60)).await.expect("in");
        let change = async |present: &str, new: &str| {
            let (present, new) = (Secret::new(present), Secret::new(new));
            ward.access.change_password(&ward.admin, present, new, &origin(), later(70)).await
        };
        is_refused(change("wrong", "another long secret 7").await);
        let weak = change(PASSWORD, "password2026!").await;
        assert!(matches!(weak, Err(AccessError::Password(_))), "{weak:?}");
        change(PASSWORD, "another long secret 7").await.expect("changed");
        assert!(ward.access.visitor(&other.cookie, later(71)).await.is_err());
        assert!(ward.access.visitor(&ward.admin_cookie, later(71)).await.is_ok());
        is_refused(password(&ward.access, ADMIN, PASSWORD, later(72)).await);
        assert!(password(&ward.access, ADMIN, "another long secret 7", later(73)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_password_kept_at_too_low_a_cost_is_kept_at_todays_after_a_sign_in() {
    on_every_engine(async |t| {
        let key = ServerKey::random();
        let cheap = Access::open(t.db.clone(), key.clone(), settings()).await.expect("opened");
        support::claim(&cheap).await;
        let dear = Settings { password_cost: PasswordCost::OWASP, ..settings() };
        let dear = Access::open(t.db.clone(), key, dear).await.expect("opened");
        let cost = async || support::texts(&t.db, "sign_in_method", "secret").await;
        assert!(cost().await.contains("m=64,"));
        is_refused(password(&dear, ADMIN, "wrong", later(1)).await);
        assert!(cost().await.contains("m=64,"), "only who knows it has it hashed again");
        assert!(password(&dear, ADMIN, PASSWORD, later(2)).await.is_ok());
        assert!(cost().await.contains("m=19456,"));
        assert!(password(&dear, ADMIN, PASSWORD, later(3)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_form_of_one_session_is_not_taken_from_another() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let id = |caller: &Caller| caller.session().expect("a session");
        let other = sign_in(&ward.access, ADMIN, &ward.admin_totp, later(60)).await.expect("in");
        let mark = ward.access.csrf_token(id(&ward.admin));
        assert!(ward.access.is_csrf_token(id(&ward.admin), &mark));
        assert!(!ward.access.is_csrf_token(other.id, &mark));
    })
    .await;
}

#[tokio::test]
async fn another_servers_key_is_told_at_the_start() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let opened = Access::open(ward.db.clone(), ServerKey::random(), settings()).await;
        assert!(matches!(opened, Err(AccessError::Key)), "{opened:?}");
    })
    .await;
}

#[tokio::test]
async fn what_counts_no_more_is_deleted_and_nothing_else() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        is_refused(password(&ward.access, ADMIN, "wrong", later(1)).await);
        assert_eq!(ward.access.prune(later(3600)).await.expect("pruned"), 0);
        assert!(ward.access.visitor(&ward.admin_cookie, later(3000)).await.is_ok());
        let day = 24 * 3600;
        assert!(ward.access.prune(later(2 * day)).await.expect("pruned") > 0);
        assert!(ward.access.prune(later(92 * day)).await.expect("pruned") > 0);
        let read = t.db.read();
        for table in ["session", "one_time_link", "sign_in_throttle"] {
            let sql = format!("SELECT COUNT(*) AS count FROM {table}");
            let row = sea_orm::ConnectionTrait::query_one_raw(
                read,
                sea_orm::Statement::from_string(
                    sea_orm::ConnectionTrait::get_database_backend(read),
                    sql,
                ),
            );
            let count: i64 =
                row.await.expect("read").expect("a row").try_get("", "count").expect("count");
            assert_eq!(count, 0, "{table}");
        }
    })
    .await;
}
