//! Reading an export, line after line.

use std::io::{self, BufRead};

use chrono::{DateTime, Utc};

use crate::audit::export::line::{self, End};
use crate::audit::{Head, HeadSignature, Sealed};
use crate::id::TenantId;

/// Why an export cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The file itself could not be read.
    #[error("the export cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A line is not what is written to an export.
    #[error("line {line} of the export was altered: {what}")]
    Line {
        /// Which one, counted from 1.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// An export being read: an iterator over its records, one line in memory at a time.
///
/// # Guarantees
/// A line that differs in any byte from what is written for what it says is an error, after which nothing comes any
/// more. Whether the records follow from each other is not looked at: [`verify_export`](crate::audit::verify_export)
/// does.
pub struct ExportReader<R> {
    from: R,
    tenant: TenantId,
    line: u64,
    bytes: Vec<u8>,
    end: Option<End>,
    failed: bool,
}

/// Where it stands; records hold personal data.
impl<R> std::fmt::Debug for ExportReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExportReader({}, line {})", self.tenant, self.line)
    }
}

impl<R: BufRead> ExportReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When it cannot be read or is not one of this version.
    pub fn open(mut from: R) -> Result<Self, ExportError> {
        let mut bytes = Vec::new();
        from.read_until(b'\n', &mut bytes)?;
        let what = "it is not the first line of an export of version 1";
        let tenant = line::read_header(&bytes).ok_or(ExportError::Line { line: 1, what })?;
        Ok(Self { from, tenant, line: 1, bytes, end: None, failed: false })
    }

    /// Whose audit it is.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The line that was read last, counted from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The head that the last line names; none before all was read.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.end.as_ref().map(|end| end.head)
    }

    /// When the head was signed, and how; none before all was read, and where nobody signed.
    #[must_use]
    pub fn signed(&self) -> Option<&(DateTime<Utc>, HeadSignature)> {
        self.end.as_ref()?.signed.as_ref()
    }

    fn broken(&self, what: &'static str) -> ExportError {
        ExportError::Line { line: self.line, what }
    }

    fn read_line(&mut self) -> io::Result<usize> {
        self.bytes.clear();
        self.line += 1;
        self.from.read_until(b'\n', &mut self.bytes)
    }

    fn read(&mut self) -> Result<Option<Sealed>, ExportError> {
        if self.read_line()? == 0 {
            return Err(self.broken("the file ends before its last line"));
        }
        if let Some(sealed) = line::read_record(&self.bytes) {
            return Ok(Some(sealed));
        }
        let end = line::read_end(&self.bytes);
        let end = end.ok_or_else(|| self.broken("it is neither a record nor the head, as they are written"))?;
        // The lines before it are the header and the records.
        if end.head.records.checked_add(2) != Some(self.line) {
            return Err(self.broken("it names another number of records than come before it"));
        }
        if self.read_line()? > 0 {
            return Err(self.broken("something comes after the head"));
        }
        self.line -= 1;
        self.end = Some(end);
        Ok(None)
    }
}

impl<R: BufRead> Iterator for ExportReader<R> {
    type Item = Result<Sealed, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.end.is_some() {
            return None;
        }
        let read = self.read();
        self.failed = read.is_err();
        read.transpose()
    }
}
