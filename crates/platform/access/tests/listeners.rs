//! Listeners as senders, on both databases.

mod support;

use std::collections::HashSet;

use access::AccessError;
use support::{code, ward};
use testkit::{later, on_every_engine};

#[tokio::test]
async fn a_listener_is_the_same_sender_after_a_restart_until_it_is_revoked() {
    on_every_engine(async |t| {
        let ward = ward(t).await;
        let access = &ward.access;
        let first = access.listener(code("RA1"), "site", later(2)).await.expect("made");
        let again = access.listener(code("RA1"), "site", later(3)).await.expect("known");
        let other = access.listener(code("RA2"), "site", later(3)).await.expect("made");
        assert_eq!(first, again);
        assert_ne!(first, other);
        assert_eq!(access.revoked(&[first, other]).await.expect("read"), HashSet::new());
        access.revoke_token(&ward.admin, first, later(4)).await.expect("revoked");
        assert_eq!(access.revoked(&[first, other]).await.expect("read"), HashSet::from([first]));
        let told = access.listener(code("RA1"), "site", later(5)).await;
        assert!(matches!(told, Err(AccessError::State(_))), "{told:?}");
    })
    .await;
}
