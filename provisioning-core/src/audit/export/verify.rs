//! Whether an export is as it was written, and what nobody can say of it.

use std::fmt;
use std::io::{self, BufRead};

use chrono::{DateTime, Utc};

use crate::audit::{Check, ExportError, ExportReader, Head, SignatureCheck, Statement};
use crate::id::TenantId;

/// How many lines come before the first record.
const LINES_BEFORE: u64 = 1;

/// What is known of an export from elsewhere.
#[derive(Clone, Copy, Default)]
pub struct Expected<'a> {
    /// Where the chain ends.
    pub head: Option<Head>,
    /// Who can tell whether the head is rightly signed; with it, an export without a signature is not accepted.
    pub signature: Option<&'a dyn SignatureCheck>,
}

impl fmt::Debug for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected").field("head", &self.head).field("signature", &self.signature.is_some()).finish()
    }
}

/// An export whose records follow from each other, and how sure that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Whose audit it is: nothing vouches for it but a signature.
    pub tenant: TenantId,
    /// Where it ends.
    pub head: Head,
    /// How many of the records are erased.
    pub erased: u64,
    /// Whether that is where it was expected to end.
    pub is_expected: bool,
    /// When the head was signed, if that was checked.
    pub signed: Option<DateTime<Utc>>,
}

/// What verifying an export says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportVerdict {
    /// Every record is as it was written.
    Whole(Whole),
    /// The first line that is not what would be written.
    BrokenLine {
        /// Which one, counted from 1.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The first record that is not as it was written.
    BrokenAt {
        /// Its place, counted from 0.
        place: u64,
        /// The line where it should be, counted from 1.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// It ends before the expected head, or elsewhere: it was cut, or written anew, or went on.
    OtherHead {
        /// Where it ends.
        found: Head,
    },
    /// Nobody signed it, or none of the keys that are known did, or something else was signed.
    NotSigned,
}

impl fmt::Display for ExportVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(whole) => whole.fmt(f),
            Self::BrokenLine { line, what } => write!(f, "line {line} was altered: {what}"),
            Self::BrokenAt { place, line, what } => write!(f, "record {place}, on line {line}, was altered: {what}"),
            Self::OtherHead { found } => {
                let Head { records, hash } = found;
                write!(
                    f,
                    "its head (records: {records}, hash: {hash}) is not the expected one: it was cut, rewritten or continued"
                )
            }
            Self::NotSigned => {
                f.write_str("its head bears no signature of a known key: it may be rewritten as a whole")
            }
        }
    }
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = self.head.records;
        let (noun, verb) = if records == 1 { ("record", "is as it was") } else { ("records", "are as they were") };
        write!(f, "{records} {noun} of tenant `{}` {verb} written", self.tenant)?;
        if self.erased > 0 {
            write!(f, " or erased ({} of them)", self.erased)?;
        }
        match (self.is_expected, self.signed) {
            (true, None) => f.write_str(", up to the head that was expected"),
            (true, Some(at)) => write!(f, ", up to the head that was expected and signed at {at}"),
            (false, Some(at)) => write!(f, ", up to the head that was signed at {at}; what came later cannot be told"),
            (false, None) => f.write_str(
                " if nobody rewrote all of it; that, and records missing at the end, cannot be excluded without an expected \
                 head or a key",
            ),
        }
    }
}

/// Checks an export from its first line to its last, one line in memory at a time.
///
/// With an expected head, which somebody kept elsewhere, neither an end that was cut off nor a chain that was
/// rewritten from its first record passes. With a check of signatures, nobody without the key can have made it; an
/// older export that was signed then still passes. With neither, both are possible, and the verdict says so. The
/// first thing that is wrong is named.
///
/// # Errors
/// When the file cannot be read.
pub fn verify_export(from: impl BufRead, expected: Expected<'_>) -> io::Result<ExportVerdict> {
    match verified(from, expected) {
        Ok(verdict) => Ok(verdict),
        Err(ExportError::Io(error)) => Err(error),
        Err(ExportError::Line { line, what }) => Ok(ExportVerdict::BrokenLine { line, what }),
    }
}

fn verified(from: impl BufRead, expected: Expected<'_>) -> Result<ExportVerdict, ExportError> {
    let mut reader = ExportReader::open(from)?;
    let (mut check, mut erased) = (Check::default(), 0);
    while let Some(sealed) = reader.next().transpose()? {
        if let Err(what) = check.take(&sealed) {
            return Ok(ExportVerdict::BrokenAt { place: check.head().records, line: reader.line(), what });
        }
        erased += u64::from(sealed.content.is_none());
    }
    let (head, tenant) = (check.head(), reader.tenant().clone());
    if reader.head() != Some(head) {
        let what = "it names another head than that of the records before it";
        return Ok(ExportVerdict::BrokenLine { line: reader.line(), what });
    }
    if expected.head.is_some_and(|expected| expected != head) {
        return Ok(ExportVerdict::OtherHead { found: head });
    }
    // A tail that was cut off may have had the records of erasures.
    if let Err((place, what)) = check.finish() {
        return Ok(ExportVerdict::BrokenAt { place, line: LINES_BEFORE + place + 1, what });
    }
    let mut signed = None;
    if let Some(check) = expected.signature {
        let right = reader.signed().filter(|(at, signature)| {
            let statement = Statement { tenant: tenant.clone(), head, at: *at };
            check.is_right(&statement.message(), signature)
        });
        let Some((at, _)) = right else { return Ok(ExportVerdict::NotSigned) };
        signed = Some(*at);
    }
    Ok(ExportVerdict::Whole(Whole { tenant, head, erased, is_expected: expected.head.is_some(), signed }))
}
