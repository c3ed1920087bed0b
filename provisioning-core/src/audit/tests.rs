//! The chain: whatever is done to a record is found, and erasing one leaves it whole.

use crate::audit::{
    AccountFact, Chain, Check, Directive, Erasure, Fact, Head, OthersDid, PersonDirective, Record, RunDirective, Salt,
    Sealed, Unreadable, Verdict, verify,
};
use crate::digest::{Digest, digest};
use crate::samples::{Book, at, day, id, key};

fn record(person: u32) -> Record {
    Record {
        at: at("2026-03-01"),
        actor: id("engine"),
        fact: Fact::Account(key(&person.to_string()), AccountFact::Wanted),
    }
}

/// A chain of five records.
fn chain() -> (Vec<Sealed>, Head) {
    let mut chain = Chain::from(Head::EMPTY);
    let records = (0..5_u8).map(|number| chain.seal(&record(number.into()), Salt([number; 16]))).collect();
    (records, chain.head())
}

/// What the verifier says after somebody did something to the chain.
fn check(tamper: impl FnOnce(&mut Vec<Sealed>), expected: &Verdict) {
    let (mut records, head) = chain();
    tamper(&mut records);
    assert_eq!(verify(&records, Some(head)), *expected);
}

const ALTERED: &str = "its payload was altered";
const UNLINKED: &str = "its hash does not follow from the one before";
const MISPLACED: &str = "it is not in its place";

fn broken(place: u64, what: &'static str) -> Verdict {
    Verdict::BrokenAt { place, what }
}

#[test]
fn a_chain_as_it_was_written_is_whole() {
    check(|_| {}, &Verdict::Whole);
    let (records, _) = chain();
    assert_eq!(verify(&records, None), Verdict::WholeSoFar);
    assert_eq!(verify(&[], Some(Head::EMPTY)), Verdict::Whole);
    assert_eq!(verify(&[], None), Verdict::WholeSoFar);
}

#[test]
fn i_54_every_byte_of_every_part_counts() {
    for place in 0..5 {
        let at = u64::try_from(place).unwrap();
        let length = chain().0[place].content.as_ref().unwrap().1.len();
        for byte in 0..length {
            let flip = |records: &mut Vec<Sealed>| {
                let (_, payload) = records[place].content.as_mut().unwrap();
                let mut bytes = payload.clone().into_bytes();
                bytes[byte] ^= 1;
                *payload = String::from_utf8(bytes).unwrap();
            };
            check(flip, &broken(at, ALTERED));
        }
        for byte in 0..16 {
            check(|records| records[place].content.as_mut().unwrap().0.0[byte] ^= 0x80, &broken(at, ALTERED));
        }
        for byte in 0..32 {
            check(|records| records[place].digest.0[byte] ^= 1, &broken(at, ALTERED));
            check(|records| records[place].hash.0[byte] ^= 1, &broken(at, UNLINKED));
        }
        check(|records| records[place].place += 1, &broken(at, MISPLACED));
    }
}

#[test]
fn a_payload_that_is_exchanged_with_its_digest_breaks_the_link() {
    let (salt, payload) = (Salt([9; 16]), "another record".to_owned());
    let forge = |records: &mut Vec<Sealed>| {
        records[2].digest = digest(&[&salt.0, payload.as_bytes()]);
        records[2].content = Some((salt, payload.clone()));
    };
    check(forge, &broken(2, UNLINKED));
    // Whoever links it anew as well breaks the link of the next one.
    let forge_link = |records: &mut Vec<Sealed>| {
        forge(records);
        records[2].hash = digest(&[&records[1].hash.0, &2_u64.to_be_bytes(), &records[2].digest.0]);
    };
    check(forge_link, &broken(3, UNLINKED));
}

#[test]
fn a_rewritten_end_is_found_by_a_head_that_is_known() {
    let (mut records, head) = chain();
    let mut forged = Chain::from(Head { records: 4, hash: records[3].hash });
    records[4] = forged.seal(&record(9), Salt([9; 16]));
    assert_eq!(verify(&records, Some(head)), Verdict::OtherHead { found: forged.head() });
    assert_eq!(verify(&records, None), Verdict::WholeSoFar);
}

#[test]
fn a_record_that_is_dropped_leaves_a_gap() {
    for place in 0..4 {
        let at = u64::try_from(place).unwrap();
        check(|records| drop(records.remove(place)), &broken(at, MISPLACED));
        // Giving the rest new places does not close it.
        let renumber = |records: &mut Vec<Sealed>| {
            records.remove(place);
            records[place..].iter_mut().for_each(|record| record.place -= 1);
        };
        check(renumber, &broken(at, UNLINKED));
    }
}

#[test]
fn records_in_another_order_or_twice_are_found() {
    check(|records| records.swap(1, 3), &broken(1, MISPLACED));
    check(|records| records.insert(2, records[2].clone()), &broken(3, MISPLACED));
    let exchange = |records: &mut Vec<Sealed>| {
        records.swap(1, 2);
        (records[1].place, records[2].place) = (1, 2);
    };
    check(exchange, &broken(1, UNLINKED));
}

#[test]
fn an_end_that_is_cut_off_is_found_where_the_head_is_known() {
    for left in 0..5_usize {
        let (mut records, head) = chain();
        let last = left.checked_sub(1).map_or(Digest::ZERO, |last| records[last].hash);
        records.truncate(left);
        let found = Head { records: u64::try_from(left).unwrap(), hash: last };
        assert_eq!(verify(&records, Some(head)), Verdict::OtherHead { found });
        assert_eq!(verify(&records, None), Verdict::WholeSoFar, "nobody can say");
    }
}

#[test]
fn a_chain_that_goes_on_has_another_head() {
    let (mut records, head) = chain();
    let mut chain = Chain::from(head);
    records.push(chain.seal(&record(9), Salt([0; 16])));
    assert_eq!(verify(&records, Some(head)), Verdict::OtherHead { found: chain.head() });
    assert_eq!(verify(&records, Some(chain.head())), Verdict::Whole);
}

/// A chain of six records, of which two are erased; the last one says so of the records in these places.
fn erased(places: &[u64]) -> (Vec<Sealed>, Head) {
    let (mut records, head) = chain();
    records[1].erase();
    records[3].erase();
    let mut chain = Chain::from(head);
    let erasure = Erasure { places: places.iter().copied().collect(), ..Erasure::default() };
    records.push(chain.seal(&Record { fact: Fact::Erased(erasure), ..record(0) }, Salt([5; 16])));
    (records, chain.head())
}

const SILENT: &str = "its payload is gone, and no record says so";
const NOT_ERASED: &str = "it says of another record that it was erased, which was not";

#[test]
fn i_56_erasing_keeps_the_chain_whole() {
    let (mut records, head) = erased(&[1, 3]);
    assert_eq!(verify(&records, Some(head)), Verdict::Whole);
    assert_eq!((&records[1].content, &records[3].content), (&None, &None));
    records[3].digest.0[0] ^= 1;
    assert_eq!(verify(&records, Some(head)), broken(3, UNLINKED));
}

#[test]
fn a_payload_that_is_gone_without_an_erasure_is_found() {
    for place in 0..5 {
        check(|records| records[place].erase(), &broken(u64::try_from(place).unwrap(), SILENT));
    }
    check(|records| records.iter_mut().for_each(Sealed::erase), &broken(0, SILENT));
    for (said, place, what) in
        [([].as_slice(), 1, SILENT), (&[1], 3, SILENT), (&[1, 2, 3], 5, NOT_ERASED), (&[1, 3, 5], 5, NOT_ERASED)]
    {
        let (records, head) = erased(said);
        assert_eq!(verify(&records, Some(head)), broken(place, what));
    }
    // Who hides the record of an erasure hides nothing.
    let (mut records, head) = erased(&[1, 3]);
    records[5].erase();
    assert_eq!(verify(&records, Some(head)), broken(1, SILENT));
}

#[test]
fn a_payload_that_was_erased_does_not_come_back() {
    let (mut records, head) = erased(&[1, 3]);
    records[3] = chain().0.remove(3);
    assert_eq!(verify(&records, Some(head)), broken(5, NOT_ERASED));
}

#[test]
fn a_check_that_goes_on_knows_nothing_of_what_was_erased_before() {
    let (records, head) = erased(&[1, 3]);
    for first in 2..6 {
        let mut check = Check::after(Head { records: u64::try_from(first).unwrap(), hash: records[first - 1].hash });
        records[first..].iter().for_each(|sealed| check.take(sealed).unwrap());
        assert_eq!((check.finish(), check.head()), (Ok(()), head));
    }
}

#[test]
fn the_same_record_under_another_salt_has_another_digest() {
    let sealed = |salt| Chain::from(Head::EMPTY).seal(&record(1), Salt([salt; 16]));
    assert_eq!(sealed(1), sealed(1));
    assert_ne!(sealed(1).digest, sealed(2).digest);
}

#[test]
fn a_record_is_read_back_as_it_was_sealed() {
    let (records, _) = chain();
    for (number, sealed) in (0..).zip(&records) {
        let (_, payload) = sealed.content.as_ref().unwrap();
        assert_eq!(serde_json::from_str::<Record>(payload).unwrap(), record(number));
        assert_eq!(sealed.record(), Ok(Some(record(number))));
        let stored = serde_json::to_string(sealed).unwrap();
        assert_eq!(serde_json::from_str::<Sealed>(&stored).unwrap(), *sealed);
    }
}

#[test]
fn a_payload_of_another_version_is_said_to_be_unreadable() {
    let mut sealed = chain().0.remove(3);
    sealed.content = Some((Salt([3; 16]), "{}".to_owned()));
    assert_eq!(sealed.record(), Err(Unreadable { place: 3 }));
    assert!(Unreadable { place: 3 }.to_string().starts_with("record 3 of the audit cannot be read by this version"));
    sealed.erase();
    assert_eq!(sealed.record(), Ok(None));
}

#[test]
fn i_55_a_sealed_record_shows_its_place_and_hash_only() {
    let (records, _) = chain();
    assert_eq!(format!("{:?}", records[3]), format!("Sealed(3, {:?})", records[3].hash));
}

#[test]
fn each_record_of_a_book_is_in_its_ledgers_head() {
    let mut book = Book::new();
    book.did("2026-03-01", "create 1\n enable 1");
    assert_eq!(book.ledger.head().records, 4);
    assert_eq!(Chain::from(book.ledger.head()).head(), book.ledger.head());
}

#[test]
fn what_nobodys_decision_foresaw_names_its_person() {
    let person = || Some(id("hr:1"));
    let of_account = |fact| Fact::Account(key("1"), fact);
    let held = AccountFact::Held { what: OthersDid::Delete, holds: None, day: day("2026-03-01") };
    let found = AccountFact::Found { in_bin: None };
    let surprising = [held, found, AccountFact::EnabledByOthers, AccountFact::Emptied];
    for fact in surprising {
        assert_eq!(of_account(fact).surprises().cloned(), person());
    }
    let foreseen = [
        AccountFact::Wanted,
        AccountFact::HoldEnded,
        AccountFact::ReleaseEnded,
        AccountFact::Justified { permission: id("sales"), rules: vec![id("r")] },
        AccountFact::Missed,
        AccountFact::Lagging,
        AccountFact::Settled,
        AccountFact::HandedOver,
    ];
    for fact in foreseen {
        assert_eq!(of_account(fact).surprises(), None);
    }
    let said = |said| Fact::Said(Directive::Person(id("hr:1"), said));
    assert_eq!(said(PersonDirective::Block).surprises().cloned(), person());
    assert_eq!(Fact::Said(Directive::Run(RunDirective::AcknowledgeBackup)).surprises(), None);
}
