//! Signed heads and exports.

use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Tz;
use provisioning_core::audit::{
    Directive, Expected, ExportVerdict, Fact, Head, PersonDirective, Record, SignatureCheck, verify_export,
};
use provisioning_core::{Actor, Clock, Commit, ManualClock, Settings, Store, TenantId};
use secrecy::{ExposeSecret, SecretString};
use store_sql::{PublicKey, SigningKey, SqlStore};

use crate::bench::Ledger;

// The seed and the public key of the first test of RFC 8032, 7.1.
const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn settings() -> Settings {
    Settings::new(TenantId::new("example").unwrap(), Tz::UTC)
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()))
}

fn key() -> SigningKey {
    SigningKey::from_hex(&SecretString::from(SEED)).unwrap()
}

async fn blocks(store: &SqlStore, people: &[&str]) -> Head {
    let actor: Actor = "administrator".parse().unwrap();
    let fence = store.acquire(&actor, TimeDelta::minutes(5)).await.unwrap();
    let fact = |key: &&str| Fact::Said(Directive::Person(format!("hr:{key}").parse().unwrap(), PersonDirective::Block));
    let at = clock().now();
    let records = people.iter().map(|key| Record { at, actor: actor.clone(), fact: fact(key) }).collect();
    let head = store.ledger().read().head();
    let head = store.commit(&fence, head, Commit { records, ..Commit::default() }).await.unwrap();
    store.release(fence).await.unwrap();
    head
}

#[test]
fn a_key_has_the_public_key_that_the_standard_says_and_never_prints() {
    assert_eq!(key().public().to_string(), PUBLIC);
    assert_eq!(PublicKey::from_hex(PUBLIC).unwrap(), key().public());
    assert_eq!(format!("{:?}", key()), "SigningKey");
    let fresh = SigningKey::fresh_seed().unwrap();
    let [one, other] = [&fresh, &SecretString::from(SEED)].map(|seed| SigningKey::from_hex(seed).unwrap().public());
    assert_ne!(one, other);
    let wrong = &fresh.expose_secret()[1..];
    let error = SigningKey::from_hex(&SecretString::from(wrong)).unwrap_err().to_string();
    assert!(error.contains("64 hexadecimal digits") && !error.contains(wrong), "{error}");
    assert!(PublicKey::from_hex("d75a").is_err());
}

#[tokio::test]
async fn an_export_is_signed_where_the_store_has_a_key() {
    let ledger = Ledger::file();
    let store = ledger.open(&settings(), clock()).await.unwrap().signing(key()).await.unwrap();
    let head = blocks(&store, &["1", "2", "3"]).await;
    let mut text = Vec::new();
    assert_eq!(store.export(&mut text).await.unwrap(), head);
    let verified = |text: &[u8], check: &dyn SignatureCheck| {
        verify_export(text, Expected { head: Some(head), signature: Some(check) }).unwrap()
    };
    let public = PublicKey::from_hex(PUBLIC).unwrap();
    assert!(matches!(verified(&text, &public), ExportVerdict::Whole(_)));
    let other = SigningKey::from_hex(&SigningKey::fresh_seed().unwrap()).unwrap().public();
    assert!(!matches!(verified(&text, &other), ExportVerdict::Whole(_)), "signed by somebody else");
    let unsigned = ledger.open(&settings(), clock()).await.unwrap();
    let mut text = Vec::new();
    unsigned.export(&mut text).await.unwrap();
    assert!(!matches!(verified(&text, &public), ExportVerdict::Whole(_)), "not signed at all");
    let mut table = Vec::new();
    store.export_csv(&mut table).await.unwrap();
    assert_eq!(String::from_utf8(table).unwrap().lines().count(), 4);
}

#[tokio::test]
async fn a_ledger_that_was_written_to_without_the_key_is_not_signed_any_further() {
    let mut ledgers = vec![Ledger::file()];
    ledgers.extend(Ledger::server());
    for ledger in ledgers {
        let open = async || ledger.open(&settings(), clock()).await.unwrap();
        // Nothing was signed yet, so there is nothing to look at.
        blocks(&open().await, &["1"]).await;
        blocks(&open().await.signing(key()).await.unwrap(), &["2"]).await;
        open().await.signing(key()).await.unwrap();
        let other = SigningKey::from_hex(&SigningKey::fresh_seed().unwrap()).unwrap();
        assert!(open().await.signing(other).await.is_err(), "another key");
        blocks(&open().await, &["3"]).await;
        let error = open().await.signing(key()).await.unwrap_err().to_string();
        assert!(error.contains("not signed with this key"), "{error}");
    }
}

#[tokio::test]
async fn what_a_worker_without_the_key_writes_is_not_taken_in_and_not_signed_over() {
    for ledger in Ledger::each() {
        let open = async || ledger.open(&settings(), clock()).await.unwrap();
        let (signing, other) = (open().await.signing(key()).await.unwrap(), open().await);
        let head = blocks(&signing, &["1"]).await;
        blocks(&other, &["2"]).await;
        let actor: Actor = "engine".parse().unwrap();
        for _ in 0..2 {
            let told = signing.acquire(&actor, TimeDelta::minutes(5)).await.unwrap_err().to_string();
            assert!(told.contains("not signed with this key"), "{told}");
            assert_eq!(signing.ledger().read().head(), head);
            assert!(signing.export(&mut Vec::new()).await.is_err());
        }
        // Whoever could not read what the others wrote did not take the right to commit either.
        blocks(&other, &["3"]).await;
    }
}

#[tokio::test]
async fn workers_with_the_same_key_go_on_from_each_other() {
    for ledger in Ledger::each() {
        let open = async || ledger.open(&settings(), clock()).await.unwrap();
        let first = open().await.signing(key()).await.unwrap();
        let second = open().await;
        blocks(&first, &["1"]).await;
        let second = second.signing(key()).await.unwrap();
        blocks(&second, &["2"]).await;
        let head = blocks(&first, &["3"]).await;
        blocks(&second, &["4"]).await;
        let mut text = Vec::new();
        assert_ne!(first.export(&mut text).await.unwrap(), head, "what the other one wrote is in it");
        let public = PublicKey::from_hex(PUBLIC).unwrap();
        let expected = Expected { head: None, signature: Some(&public) };
        assert!(matches!(verify_export(text.as_slice(), expected).unwrap(), ExportVerdict::Whole(_)));
    }
}

#[tokio::test]
async fn an_audit_that_is_not_the_one_that_was_opened_is_not_exported() {
    for ledger in Ledger::each() {
        let store = ledger.open(&settings(), clock()).await.unwrap();
        blocks(&store, &["1", "2", "3"]).await;
        assert!(store.export(&mut Vec::new()).await.is_ok());
        ledger.sql("DELETE FROM audit WHERE place = 2").await;
        let told = store.export(&mut Vec::new()).await.unwrap_err().to_string();
        assert!(told.contains("restored or replaced"), "{told}");
        assert!(store.export_csv(&mut Vec::new()).await.is_err());
    }
}
