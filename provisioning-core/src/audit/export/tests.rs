//! Whatever is done to an export is found, and the first thing that is wrong is named.

use std::collections::BTreeSet;
use std::io::{self, BufReader, Read};

use chrono::{DateTime, Utc};
use expect_test::expect;

use crate::audit::{
    AccountFact, Chain, Erasure, Expected, ExportError, ExportReader, ExportVerdict, Fact, Head, HeadSignature,
    HeadSigner, Record, Salt, Sealed, Statement, export, verify_export,
};
use crate::digest::digest;
use crate::samples::{at, id, key};

/// Signs by hashing a secret and the message: good enough to tell who knows the secret.
struct Toy(&'static [u8]);

impl HeadSigner for Toy {
    fn sign(&self, message: &[u8]) -> HeadSignature {
        let signature = digest(&[self.0, message]).0.to_vec();
        HeadSignature { key: digest(&[self.0]).0[..4].to_vec(), signature }
    }
}

const OURS: Toy = Toy(b"ours");

fn is_ours(message: &[u8], signature: &HeadSignature) -> bool {
    *signature == OURS.sign(message)
}

/// So many records, of a person each, but for the fourth, which says that the third was erased.
fn chain(length: u8) -> Vec<Sealed> {
    let mut chain = Chain::from(Head::EMPTY);
    let erasure = || Fact::Erased(Erasure { places: BTreeSet::from([2]), ..Erasure::default() });
    let record = |place: u8| Record {
        at: at("2026-03-01"),
        actor: id("engine"),
        fact: if place == 3 { erasure() } else { Fact::Account(key(&place.to_string()), AccountFact::Wanted) },
    };
    let mut records: Vec<_> = (0..length).map(|place| chain.seal(&record(place), Salt([place; 16]))).collect();
    if length > 3 {
        records[2].erase();
    }
    records
}

fn written(records: &[Sealed], sign: Option<(&dyn HeadSigner, DateTime<Utc>)>) -> (Vec<u8>, Head) {
    let mut file = Vec::new();
    let head = export(&mut file, &id("t"), records.iter().cloned(), sign).unwrap();
    (file, head)
}

/// Five records, signed.
fn sample() -> (Vec<u8>, Head) {
    written(&chain(5), Some((&OURS, at("2026-03-02 10:30"))))
}

fn verdict(file: &[u8], head: Option<Head>) -> ExportVerdict {
    verify_export(file, Expected { head, signature: None }).unwrap()
}

fn signed_verdict(file: &[u8]) -> ExportVerdict {
    verify_export(file, Expected { head: None, signature: Some(&is_ours) }).unwrap()
}

/// The line that a verdict names, which is also that of the record, if it names one.
fn named(verdict: &ExportVerdict) -> Option<u64> {
    match verdict {
        ExportVerdict::BrokenLine { line, .. } => Some(*line),
        ExportVerdict::BrokenAt { place, line, .. } => {
            assert_eq!(*line, place + 2);
            Some(*line)
        }
        ExportVerdict::Whole(_) | ExportVerdict::OtherHead { .. } | ExportVerdict::NotSigned => None,
    }
}

fn lines(file: &[u8]) -> Vec<Vec<u8>> {
    file.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn number(place: usize) -> u64 {
    u64::try_from(place).unwrap()
}

#[test]
fn an_export_has_a_header_a_line_for_each_record_and_a_head() {
    let (file, head) = sample();
    let read = lines(&file);
    assert_eq!((read.len(), head.records), (7, 5));
    let shown = [&read[0], &read[1], &read[3], &read[6]].map(|line| String::from_utf8(line.clone()).unwrap());
    expect![[r#"
        {"format":"provisioning-audit","version":1,"tenant":"t","checksum":"95d130aea670f066887da4a37a0e2306836e255b809bb972c564278220cca325"}
        {"place":0,"salt":"00000000000000000000000000000000","payload":"{\"at\":\"2026-03-01T04:00:00Z\",\"actor\":\"engine\",\"fact\":{\"account\":[{\"tenant\":\"t\",\"target\":\"entra\",\"person\":\"hr:0\",\"kind\":\"main\"},\"wanted\"]}}","digest":"459398298645e7001a340a67095c98f6f9fc74165d5cae648392900044e72027","hash":"beb45bd23605a24a30c540d5856639a47330a44df4ac53f3a2e600dc5135dba0"}
        {"place":2,"salt":null,"payload":null,"digest":"99ae534ce37ca59b9c3e53badc121e19e7f9af1e4efb1eb1292511e820d46441","hash":"8db9620c2d78f291c6bff3bf0b8f1f205e3c51ec60284a70091cfeefe0817630"}
        {"records":5,"hash":"4b474550390c53763d8e066e0c914ff59970d82d81e68236417d6c5cf106a309","signed":{"at":"2026-03-02T10:30:00Z","key":"ae0bec9e","signature":"48999b7b23c99f568e354fc84bc04ed80bc35953a8a3c8559b4bdae4d79aee93"},"checksum":"01cb9b6bf5a326a3db8730c345b1f779f9432b7e5ca6c61b252564fd3200a0d8"}
    "#]]
    .assert_eq(&shown.concat());
}

#[test]
fn records_are_read_back_as_they_were_written() {
    for people in 0..5 {
        let records = chain(people);
        let (file, head) = written(&records, None);
        let mut reader = ExportReader::open(file.as_slice()).unwrap();
        assert_eq!((reader.tenant().as_str(), reader.head()), ("t", None));
        let read: Vec<Sealed> = reader.by_ref().map(Result::unwrap).collect();
        assert_eq!((read, reader.head(), reader.signed()), (records, Some(head), None));
        assert_eq!((reader.line(), reader.next().is_none()), (u64::from(people) + 2, true));
        let again = written(&chain(people), None).0;
        assert_eq!(again, file, "the same records make the same file");
    }
}

#[test]
fn what_a_verdict_says_is_no_more_than_is_known() {
    let (file, head) = sample();
    let one = written(&chain(1), None);
    let (mut cut, mut altered) = (file.clone(), file.clone());
    cut.truncate(500);
    let digit = altered.iter().rposition(|byte| *byte == b'}').unwrap() - 300;
    altered[digit] ^= 1;
    let both = Expected { head: Some(head), signature: Some(&is_ours) };
    let said = [
        verdict(&file, None),
        verdict(&file, Some(head)),
        signed_verdict(&file),
        verify_export(file.as_slice(), both).unwrap(),
        verdict(&one.0, Some(one.1)),
        verdict(&one.0, Some(head)),
        signed_verdict(&one.0),
        verdict(&cut, None),
        verdict(&altered, None),
    ];
    let said: Vec<String> = said.iter().map(|verdict| format!("{verdict}\n")).collect();
    expect![[r"
        5 records of tenant `t` are as they were written or erased (1 of them) if nobody rewrote all of it; that, and records missing at the end, cannot be excluded without an expected head or a key
        5 records of tenant `t` are as they were written or erased (1 of them), up to the head that was expected
        5 records of tenant `t` are as they were written or erased (1 of them), up to the head that was signed at 2026-03-02 10:30:00 UTC; what came later cannot be told
        5 records of tenant `t` are as they were written or erased (1 of them), up to the head that was expected and signed at 2026-03-02 10:30:00 UTC
        1 record of tenant `t` is as it was written, up to the head that was expected
        its head (records: 1, hash: beb45bd23605a24a30c540d5856639a47330a44df4ac53f3a2e600dc5135dba0) is not the expected one: it was cut, rewritten or continued
        its head bears no signature of a known key: it may be rewritten as a whole
        line 2 was altered: it is neither a record nor the head, as they are written
        line 6 was altered: it is neither a record nor the head, as they are written
    "]].assert_eq(&said.concat());
}

#[test]
fn i_54_every_bit_of_an_export_counts() {
    let (file, head) = sample();
    let mut line = 1;
    for place in 0..file.len() {
        for bit in 0..8 {
            let mut flipped = file.clone();
            flipped[place] ^= 1 << bit;
            for expected in [None, Some(head)] {
                let verdict = verdict(&flipped, expected);
                assert_eq!(named(&verdict), Some(line), "bit {bit} of byte {place}: {verdict}");
            }
        }
        line += u64::from(file[place] == b'\n');
    }
}

#[test]
fn a_line_that_is_dropped_doubled_or_put_elsewhere_is_found() {
    let (file, head) = sample();
    let whole = lines(&file);
    for first in 0..whole.len() {
        let check = |changed: Vec<Vec<u8>>, line: usize, what: &str| {
            for expected in [None, Some(head)] {
                let verdict = verdict(&changed.concat(), expected);
                assert_eq!(named(&verdict), Some(number(line)), "line {} {what}: {verdict}", first + 1);
            }
        };
        let mut dropped = whole.clone();
        dropped.remove(first);
        check(dropped, first + 1, "dropped");
        let mut doubled = whole.clone();
        doubled.insert(first, whole[first].clone());
        check(doubled, first + 2, "doubled");
        for second in first + 1..whole.len() {
            let mut swapped = whole.clone();
            swapped.swap(first, second);
            check(swapped, first + 1, "swapped");
        }
    }
}

#[test]
fn a_file_that_ends_too_early_or_too_late_is_found() {
    let (file, head) = sample();
    let whole = lines(&file);
    for left in 0..whole.len() {
        assert_eq!(named(&verdict(&whole[..left].concat(), Some(head))), Some(number(left) + 1));
    }
    for more in [&b"\n"[..], b"{}\n", &whole[1], &whole[6], b" "] {
        assert_eq!(named(&verdict(&[&file, more].concat(), Some(head))), Some(8));
    }
    assert_eq!(named(&verdict(&file[..file.len() - 1], Some(head))), Some(7), "no line feed at the end");
}

#[test]
fn a_line_in_another_form_is_not_taken_for_the_same() {
    let (file, _) = sample();
    let text = String::from_utf8(file).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from));
        named(&verdict(text.replacen(from, to, 1).as_bytes(), None))
    };
    assert_eq!(changed("{\"place\":0", "{ \"place\":0"), Some(2));
    assert_eq!(changed("\"place\":1", "\"more\":1,\"place\":1"), Some(3));
    assert_eq!(changed("\"place\":3", "\"place\":3,\"place\":3"), Some(5));
    assert_eq!(changed("\\\"engine", "\\\"\\u0065ngine"), Some(2));
    assert_eq!(changed("\"salt\":null,\"payload\":null", "\"payload\":null,\"salt\":null"), Some(4));
    assert_eq!(changed("\"salt\":null", "\"salt\":\"00\""), Some(4));
    assert_eq!(changed("\"payload\":null", "\"payload\":\"{}\""), Some(4));
    assert_eq!(changed("}\n", "}\r\n"), Some(1));
    assert_eq!(changed("\"version\":1", "\"version\":2"), Some(1));
    assert_eq!(changed("10:30:00Z", "10:30:00+00:00"), Some(7));
    let upper = text.to_uppercase();
    let digits = |text: &str| text.split('"').find(|part| part.len() == 64).unwrap().to_owned();
    assert_eq!(named(&verdict(text.replacen(&digits(&text), &digits(&upper), 1).as_bytes(), None)), Some(1));
}

#[test]
fn an_end_that_is_cut_off_by_a_careful_hand_is_found_where_the_head_is_known() {
    let (_, head) = sample();
    for left in 0..5 {
        let (shorter, found) = written(&chain(5)[..left], None);
        assert_eq!(verdict(&shorter, Some(head)), ExportVerdict::OtherHead { found });
        if left == 3 {
            // What said that the third was erased went with the rest.
            let what = "its payload is gone, and no record says so";
            assert_eq!(verdict(&shorter, None), ExportVerdict::BrokenAt { place: 2, line: 4, what });
            continue;
        }
        let ExportVerdict::Whole(whole) = verdict(&shorter, None) else { panic!("nobody can say") };
        assert_eq!((whole.is_expected, whole.signed, whole.head), (false, None, found));
        assert_eq!(signed_verdict(&shorter), ExportVerdict::NotSigned);
    }
}

#[test]
fn i_54_a_chain_that_is_rewritten_from_its_first_record_is_found_by_a_key_or_a_known_head() {
    let (file, head) = sample();
    let now = at("2026-03-02 10:30");
    let mut forged = Chain::from(Head::EMPTY);
    let forged: Vec<Sealed> = (0..5_u8)
        .map(|place| {
            let fact = Fact::Account(key("9"), AccountFact::Wanted);
            forged.seal(&Record { at: now, actor: id("nobody"), fact }, Salt([place; 16]))
        })
        .collect();
    let (unsigned, found) = written(&forged, None);
    let (by_others, _) = written(&forged, Some((&Toy(b"theirs"), now)));
    for forgery in [&unsigned, &by_others] {
        assert!(matches!(verdict(forgery, None), ExportVerdict::Whole(_)), "without a key nobody can tell");
        assert_eq!(verdict(forgery, Some(head)), ExportVerdict::OtherHead { found });
        assert_eq!(signed_verdict(forgery), ExportVerdict::NotSigned);
    }
    // Neither does the right signature of another statement pass: another chain, tenant or instant.
    let reader = |file| {
        let mut reader = ExportReader::open(file).unwrap();
        assert!(reader.by_ref().all(|record| record.is_ok()));
        reader
    };
    let (at_once, signature) = reader(file.as_slice()).signed().unwrap().clone();
    let replayed = Replayed(signature);
    assert_eq!(signed_verdict(&written(&forged, Some((&replayed, at_once))).0), ExportVerdict::NotSigned);
    let same = written(&chain(5), Some((&replayed, at_once))).0;
    assert!(matches!(signed_verdict(&same), ExportVerdict::Whole(_)));
    let later = written(&chain(5), Some((&replayed, at("2026-03-03")))).0;
    assert_eq!(signed_verdict(&later), ExportVerdict::NotSigned);
    let mut elsewhere = Vec::new();
    export(&mut elsewhere, &id("u"), chain(5), Some((&replayed, at_once))).unwrap();
    assert_eq!(signed_verdict(&elsewhere), ExportVerdict::NotSigned);
}

#[test]
fn what_is_signed_is_told_apart_from_everything_else_that_is_signed() {
    let statement = Statement { tenant: id("t"), head: sample().1, at: at("2026-03-02 10:30") };
    let message = statement.message();
    assert!(message.starts_with(b"provisioning audit head 1\0\0\0\0\0\0\0\0\x01t\0\0\0\0\0\0\0\x05"));
    assert_eq!(message.len(), 26 + 8 + 1 + 8 + 32 + 8 + 4);
    let mut other = Statement { tenant: id("tt"), ..statement.clone() };
    assert_ne!(other.message(), message);
    other = Statement { at: statement.at + chrono::TimeDelta::nanoseconds(1), ..statement };
    assert_ne!(other.message(), message);
    assert_eq!(format!("{:?}", OURS.sign(&message)), "HeadSignature(4 and 32 bytes)");
}

/// Puts a signature on whatever it is asked to sign.
struct Replayed(HeadSignature);

impl HeadSigner for Replayed {
    fn sign(&self, _: &[u8]) -> HeadSignature {
        self.0.clone()
    }
}

/// Gives some bytes, then fails.
struct Torn<'a>(&'a [u8]);

impl Read for Torn<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() { Err(io::Error::other("torn")) } else { self.0.read(into) }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_no_verdict() {
    let (file, _) = sample();
    for length in [0, 40, 300, file.len()] {
        let torn = BufReader::new(Torn(&file[..length]));
        assert_eq!(verify_export(torn, Expected::default()).unwrap_err().to_string(), "torn");
    }
}

#[test]
fn i_55_an_export_that_is_read_shows_where_it_stands_only() {
    let (file, head) = sample();
    let mut reader = ExportReader::open(file.as_slice()).unwrap();
    reader.next().unwrap().unwrap();
    assert_eq!(format!("{reader:?}"), "ExportReader(t, line 2)");
    let expected = format!("{:?}", Expected { head: Some(head), signature: Some(&is_ours) });
    assert!(expected.ends_with("signature: true }"), "{expected}");
    let mut cut = ExportReader::open(&file[..200]).unwrap();
    let error = cut.next().unwrap().unwrap_err();
    assert!(matches!(error, ExportError::Line { line: 2, .. }));
    expect!["line 2 of the export was altered: it is neither a record nor the head, as they are written"]
        .assert_eq(&error.to_string());
    assert!(cut.next().is_none(), "after an error nothing comes");
}
