//! The seam for signing the head of a chain: what is signed, who signs, who checks. Which algorithm, the caller says.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::audit::Head;
use crate::id::TenantId;

/// What a signature over a head says: at this instant the chain of this tenant ended there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Whose chain it is.
    pub tenant: TenantId,
    /// Where it ended.
    pub head: Head,
    /// When.
    pub at: DateTime<Utc>,
}

impl Statement {
    /// The bytes that are signed: `provisioning audit head 1` and a zero byte; the length of the tenant's id in bytes
    /// and the id in UTF-8; the number of records; the 32 bytes of the hash; the instant as seconds since 1970 in UTC
    /// and nanoseconds within the second. Numbers are unsigned and big-endian, of 8 bytes, but the seconds, which are
    /// signed, and the nanoseconds, of 4 bytes.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let tenant = self.tenant.as_str().as_bytes();
        let mut message = b"provisioning audit head 1\0".to_vec();
        message.extend(u64::try_from(tenant.len()).unwrap_or(u64::MAX).to_be_bytes());
        message.extend(tenant);
        message.extend(self.head.records.to_be_bytes());
        message.extend(self.head.hash.0);
        message.extend(self.at.timestamp().to_be_bytes());
        message.extend(self.at.timestamp_subsec_nanos().to_be_bytes());
        message
    }
}

/// A signature with the public key that it can be checked with.
#[derive(Clone, PartialEq, Eq)]
pub struct HeadSignature {
    /// The public key.
    pub key: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// The length of the parts only.
impl fmt::Debug for HeadSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeadSignature({} and {} bytes)", self.key.len(), self.signature.len())
    }
}

/// Who can sign heads.
pub trait HeadSigner {
    /// Signs a [message](Statement::message).
    fn sign(&self, message: &[u8]) -> HeadSignature;
}

/// Who can tell whether a signature is right.
///
/// # Contract
/// The key that comes with a signature was written by whoever wrote the signature: a check says yes only for keys
/// that it knows from elsewhere.
pub trait SignatureCheck {
    /// Whether a known key made this signature over this [message](Statement::message).
    fn is_right(&self, message: &[u8], signature: &HeadSignature) -> bool;
}

impl<F: Fn(&[u8], &HeadSignature) -> bool> SignatureCheck for F {
    fn is_right(&self, message: &[u8], signature: &HeadSignature) -> bool {
        self(message, signature)
    }
}
