//! Signed heads: whoever rewrites a ledger without the key cannot sign where it ends then.

use std::fmt;

use chrono::{DateTime, Utc};
use provisioning_core::audit::{HeadSignature, HeadSigner, SignatureCheck, Statement};
use provisioning_core::{Digest, StoreError};
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use secrecy::{ExposeSecret, SecretString};

use crate::connection::{Arg, Connection, Row};
use crate::error::odd;
use crate::write::as_i64;

/// A secret key of Ed25519 (RFC 8032), with which heads are signed.
pub struct SigningKey(Ed25519KeyPair);

/// The key itself never prints.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// Why a text is no key; the text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key of Ed25519 is written as 64 hexadecimal digits")]
pub struct InvalidKey;

impl SigningKey {
    /// The key whose seed of 32 bytes is written as 64 hexadecimal digits.
    ///
    /// # Errors
    /// When it is written otherwise.
    pub fn from_hex(seed: &SecretString) -> Result<Self, InvalidKey> {
        // A digest is written in the same way.
        let Digest(seed) = seed.expose_secret().parse().map_err(|_| InvalidKey)?;
        Ed25519KeyPair::from_seed_unchecked(&seed).map(Self).map_err(|_| InvalidKey)
    }

    /// A new seed, written as [`from_hex`](Self::from_hex) reads it.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn fresh_seed() -> Result<SecretString, StoreError> {
        let random = ring::rand::generate::<[u8; 32]>(&SystemRandom::new());
        let random = random.map_err(|_| odd("random numbers", "the system gives none"))?;
        Ok(Digest(random.expose()).to_string().into())
    }

    /// The public key, to check signatures with.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().to_vec())
    }
}

impl HeadSigner for SigningKey {
    fn sign(&self, message: &[u8]) -> HeadSignature {
        HeadSignature { key: self.public().0, signature: self.0.sign(message).as_ref().to_vec() }
    }
}

/// A public key of Ed25519: it says yes to what its own secret key signed, and to nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// The key that is written as 64 hexadecimal digits.
    ///
    /// # Errors
    /// When it is written otherwise.
    pub fn from_hex(key: &str) -> Result<Self, InvalidKey> {
        let Digest(key) = key.parse().map_err(|_| InvalidKey)?;
        Ok(Self(key.to_vec()))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl SignatureCheck for PublicKey {
    fn is_right(&self, message: &[u8], signature: &HeadSignature) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        signature.key == self.0 && key.verify(message, &signature.signature).is_ok()
    }
}

/// Keeps a signed head, in the place of the one before.
pub(crate) async fn keep(
    connection: &mut Connection,
    key: &SigningKey,
    statement: &Statement,
) -> Result<(), StoreError> {
    let signed = key.sign(&statement.message());
    let sql = "INSERT INTO heads (id, records, at, key, signature) VALUES (1, $1, $2, $3, $4) ON CONFLICT (id) DO UPDATE \
               SET records = excluded.records, at = excluded.at, key = excluded.key, signature = excluded.signature";
    let args = vec![
        Arg::int(as_i64(statement.head.records)),
        Arg::int(statement.at.timestamp_micros()),
        Arg::bytes(&signed.key),
        Arg::bytes(&signed.signature),
    ];
    connection.execute(sql, args).await.map(|_| ())
}

/// Somebody wrote to the ledger without the key.
pub(crate) fn unsigned() -> StoreError {
    let message = "the last head of the ledger was not signed with this key: hold the ledger against an exported audit, and \
                   find out who wrote to it";
    StoreError::Failed { message: message.to_owned() }
}

/// Whether the last head that was kept is the one that the ledger has, and rightly signed; `None` where none was kept.
pub(crate) async fn is_right(
    connection: &mut Connection,
    key: &SigningKey,
    mut statement: Statement,
) -> Result<Option<bool>, StoreError> {
    let mut kept = None;
    let each = &mut |row: &dyn Row| {
        kept = Some((row.int(0)?, row.int(1)?, row.bytes(2)?.unwrap_or_default(), row.bytes(3)?.unwrap_or_default()));
        Ok(())
    };
    connection.rows("SELECT records, at, key, signature FROM heads", Vec::new(), each).await?;
    let Some((records, at, signer, signature)) = kept else { return Ok(None) };
    let at: Option<DateTime<Utc>> = at.and_then(DateTime::from_timestamp_micros);
    statement.at = at.ok_or_else(|| odd("the instant of a signature", "there is no such instant"))?;
    let signature = HeadSignature { key: signer, signature };
    let is_same = records == Some(as_i64(statement.head.records));
    Ok(Some(is_same && key.public().is_right(&statement.message(), &signature)))
}
