//! The audit, out of the database: for others to check, and for people to read.

use std::io::{self, Write};

use provisioning_core::audit::{AuditCsv, ExportWriter, Head, HeadSigner, Sealed};
use provisioning_core::{Store, StoreError};

use crate::SqlStore;
use crate::connection::Row;
use crate::read;

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
    /// When the database cannot be read, its audit is not the one that was opened, or the output takes nothing.
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

    /// What the books say, and nothing else: up to their head, and as it was when that was read.
    async fn each(&self, take: &mut (dyn FnMut(&Sealed) -> io::Result<()> + Send)) -> Result<(), ExportFailed> {
        let (mut connection, head) = self.look().await?;
        let (mut found, mut refused) = (Head::EMPTY, None);
        let each = &mut |row: &dyn Row| {
            let sealed = read::sealed(row)?;
            found = Head { records: sealed.place + 1, hash: sealed.hash };
            take(&sealed).map_err(|error| {
                refused = Some(error);
                StoreError::Failed { message: "the export was not written".to_owned() }
            })
        };
        let sql = "SELECT place, salt, payload, digest, hash FROM audit ORDER BY place";
        let read = connection.rows(sql, Vec::new(), each).await;
        if let Some(error) = refused {
            return Err(error.into());
        }
        read?;
        connection.close().await?;
        if found == head { Ok(()) } else { Err(read::replaced().into()) }
    }
}
