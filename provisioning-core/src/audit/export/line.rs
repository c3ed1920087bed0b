//! The lines of an export, each of which has one form only.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::audit::{Head, HeadSignature, Salt, Sealed};
use crate::digest::{Digest, digest};
use crate::id::TenantId;

const FORMAT: &str = "provisioning-audit";
const VERSION: u32 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
struct HeaderLine {
    format: String,
    version: u32,
    tenant: TenantId,
}

/// A record.
#[derive(Serialize, Deserialize)]
struct RecordLine {
    place: u64,
    salt: Option<Hex>,
    payload: Option<String>,
    digest: Digest,
    hash: Digest,
}

/// The last line.
#[derive(Serialize, Deserialize)]
struct EndLine {
    records: u64,
    hash: Digest,
    signed: Option<SignedLine>,
}

#[derive(Serialize, Deserialize)]
struct SignedLine {
    at: DateTime<Utc>,
    key: Hex,
    signature: Hex,
}

/// What the last line says.
pub(super) struct End {
    pub(super) head: Head,
    pub(super) signed: Option<(DateTime<Utc>, HeadSignature)>,
}

/// Bytes in hexadecimal digits.
struct Hex(Vec<u8>);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(from)?;
        let byte = |pair: &[u8]| {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2);
            pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())
        };
        let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
        bytes.map(Self).ok_or_else(|| D::Error::custom("no hexadecimal digits"))
    }
}

/// Our lines have text keys only, so they always have a JSON form.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A line that no hash of the chain covers bears its own checksum, which finds damage, not forgery.
fn with_checksum<T: Serialize>(value: &T) -> String {
    let json = json(value);
    let sum = digest(&[json.as_bytes()]);
    let open = json.strip_suffix('}').unwrap_or_default();
    format!("{open},\"checksum\":\"{sum}\"}}\n")
}

pub(super) fn header(tenant: &TenantId) -> String {
    with_checksum(&HeaderLine { format: FORMAT.to_owned(), version: VERSION, tenant: tenant.clone() })
}

pub(super) fn record(sealed: &Sealed) -> String {
    let (salt, payload) = sealed.content.clone().unzip();
    let salt = salt.map(|salt| Hex(salt.0.to_vec()));
    let mut line = json(&RecordLine { place: sealed.place, salt, payload, digest: sealed.digest, hash: sealed.hash });
    line.push('\n');
    line
}

pub(super) fn end(end: &End) -> String {
    let signed = end.signed.as_ref().map(|(at, by)| SignedLine {
        at: *at,
        key: Hex(by.key.clone()),
        signature: Hex(by.signature.clone()),
    });
    with_checksum(&EndLine { records: end.head.records, hash: end.head.hash, signed })
}

/// What a line says; none where it is not, byte for byte, what would be written to say so.
fn exactly<T: DeserializeOwned, V>(
    line: &[u8],
    value: impl FnOnce(T) -> Option<V>,
    write: fn(&V) -> String,
) -> Option<V> {
    let value = value(serde_json::from_slice(line).ok()?)?;
    (write(&value).as_bytes() == line).then_some(value)
}

pub(super) fn read_header(line: &[u8]) -> Option<TenantId> {
    exactly(line, |read: HeaderLine| Some(read.tenant), header)
}

pub(super) fn read_record(line: &[u8]) -> Option<Sealed> {
    let sealed = |read: RecordLine| {
        let salt = read.salt.map(|salt| salt.0.try_into().map(Salt)).transpose().ok()?;
        Some(Sealed { place: read.place, content: salt.zip(read.payload), digest: read.digest, hash: read.hash })
    };
    exactly(line, sealed, record)
}

pub(super) fn read_end(line: &[u8]) -> Option<End> {
    let found = |read: EndLine| {
        let signed =
            read.signed.map(|signed| (signed.at, HeadSignature { key: signed.key.0, signature: signed.signature.0 }));
        Some(End { head: Head { records: read.records, hash: read.hash }, signed })
    };
    exactly(line, found, end)
}
