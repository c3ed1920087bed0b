//! The audit, out of the database: for others to check, and for people to read.

use std::io::{self, Write};

use provisioning_core::audit::{AuditCsv, ExportWriter, Head, HeadSigner, Sealed};
use provisioning_core::{Store, StoreError};

use crate::SqlStore;

/// How many records are held at once.
const PAGE: usize = 4096;

/// Why an audit was not written out to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportFailed {
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it is written to takes nothing.
    #[error("the export cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl SqlStore {
    /// Writes the audit as JSON Lines, for [`verify_export`](provisioning_core::audit::verify_export); its head is signed
    /// where the store [signs](Self::signing). It holds personal data.
    ///
    /// # Errors
    /// When the database cannot be read or the output takes nothing.
    pub async fn export(&self, to: &mut (dyn Write + Send)) -> Result<Head, ExportFailed> {
        let tenant = self.ledger().read().tenant().clone();
        let mut writer = ExportWriter::begin(to, &tenant)?;
        self.each(&mut |sealed| writer.append(sealed)).await?;
        let signed = self.signer.as_ref().map(|key| (key as &dyn HeadSigner, self.clock.now()));
        Ok(writer.finish(signed)?)
    }

    /// Writes the audit as a table, CSV for people. It holds personal data.
    ///
    /// # Errors
    /// When the database cannot be read or the output takes nothing.
    pub async fn export_csv(&self, to: &mut (dyn Write + Send)) -> Result<(), ExportFailed> {
        let mut table = AuditCsv::begin(to)?;
        self.each(&mut |sealed| table.append(sealed)).await?;
        table.finish()?;
        Ok(())
    }

    async fn each(&self, take: &mut (dyn FnMut(&Sealed) -> io::Result<()> + Send)) -> Result<(), ExportFailed> {
        let mut next = 0;
        loop {
            let page = self.audit(next, PAGE).await?;
            page.iter().try_for_each(&mut *take)?;
            next += page.len() as u64;
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }
}
