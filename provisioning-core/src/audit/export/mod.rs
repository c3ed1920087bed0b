//! An audit in a file: JSON Lines that can be checked without a store, far from where they were written.
//!
//! ```text
//! {"format":"provisioning-audit","version":1,"tenant":"t","checksum":"…"}
//! {"place":0,"salt":"…","payload":"{\"at\":…}","digest":"…","hash":"…"}
//! {"place":1,"salt":null,"payload":null,"digest":"…","hash":"…"}
//! {"records":2,"hash":"…","signed":{"at":"…","key":"…","signature":"…"},"checksum":"…"}
//! ```
//!
//! First a header, then a line for each record in its order (without salt and payload once erased), last the head of
//! the chain, signed or with `null`. Each line has one form only, so that whatever is done to a file is found.
//! Payloads hold personal data.

mod line;
mod read;
#[cfg(test)]
mod tests;
mod verify;

use std::io::{self, Write};

use chrono::{DateTime, Utc};

use crate::audit::export::line::End;
use crate::audit::{Head, HeadSigner, Sealed, Statement};
use crate::id::TenantId;

pub use read::{ExportError, ExportReader};
pub use verify::{Expected, ExportVerdict, Whole, verify_export};

/// An export being written, record after record; nothing is kept of a record that was written.
///
/// It checks nothing: whoever reads the export does.
#[derive(Debug)]
pub struct ExportWriter<W> {
    to: W,
    tenant: TenantId,
    head: Head,
}

impl<W: Write> ExportWriter<W> {
    /// Begins an export.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(mut to: W, tenant: &TenantId) -> io::Result<Self> {
        to.write_all(line::header(tenant).as_bytes())?;
        Ok(Self { to, tenant: tenant.clone(), head: Head::EMPTY })
    }

    /// Writes the next record.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&mut self, sealed: &Sealed) -> io::Result<()> {
        self.to.write_all(line::record(sealed).as_bytes())?;
        self.head = Head { records: self.head.records + 1, hash: sealed.hash };
        Ok(())
    }

    /// Writes the head, signed at an instant where somebody can sign; it comes back, to be kept elsewhere.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, sign: Option<(&dyn HeadSigner, DateTime<Utc>)>) -> io::Result<Head> {
        let head = self.head;
        let signed = sign.map(|(signer, at)| {
            let statement = Statement { tenant: self.tenant.clone(), head, at };
            (at, signer.sign(&statement.message()))
        });
        self.to.write_all(line::end(&End { head, signed }).as_bytes())?;
        self.to.flush()?;
        Ok(head)
    }
}

/// Writes an export of these records, which begin with the first one of the chain.
///
/// ```
/// use provisioning_core::audit::{Chain, Expected, Fact, Head, Record, RunFact, Salt, export, verify_export};
///
/// let now = "2026-03-01T04:00:00Z".parse()?;
/// let record = Record { at: now, actor: "engine".parse()?, fact: Fact::Run(RunFact::HeldByClock { now }) };
/// let sealed = Chain::from(Head::EMPTY).seal(&record, Salt([7; 16]));
///
/// let mut file = Vec::new();
/// let head = export(&mut file, &"t".parse()?, [sealed], None)?;
/// let verdict = verify_export(file.as_slice(), Expected { head: Some(head), signature: None })?;
/// assert_eq!(verdict.to_string(), "1 record of tenant `t` is as it was written, up to the head that was expected");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When it cannot be written.
pub fn export(
    to: impl Write,
    tenant: &TenantId,
    records: impl IntoIterator<Item = Sealed>,
    sign: Option<(&dyn HeadSigner, DateTime<Utc>)>,
) -> io::Result<Head> {
    let mut writer = ExportWriter::begin(to, tenant)?;
    for sealed in records {
        writer.append(&sealed)?;
    }
    writer.finish(sign)
}
