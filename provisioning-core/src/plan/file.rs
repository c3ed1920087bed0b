//! A plan on disk: written today, looked at and approved by people, applied if everything that it was made of is still so.

use std::fmt;
use std::io;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::decide::Appointment;
use crate::digest::{Digest, digest_of};
use crate::id::Actor;
use crate::plan::Plan;

/// The form that this version writes and reads.
const FORMAT: u32 = 1;

/// Somebody looked at a plan and said that it may be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanApproval {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// The content hash of the file that was looked at.
    pub hash: Digest,
}

/// Why a text is not a plan that can be used. Nothing of what the text says is in here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanFileError {
    /// It could not be read at all.
    #[error("the plan could not be read: {0}; try again, or plan again")]
    Io(#[source] io::Error),
    /// It is no plan, or cut off.
    #[error("this is no plan file, or it is cut off, in line {line}, column {column}; plan again")]
    Unreadable {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// Another version wrote it.
    #[error("the plan file has format {format}, and this version reads format {FORMAT}; plan again with this version")]
    UnknownFormat {
        /// What it says.
        format: u32,
    },
    /// It is not what was written.
    #[error("the plan file was altered since it was written, or damaged; take the original, or plan again")]
    Altered,
    /// An approval was given to another plan, or to this one with another expiry.
    #[error("the approval of `{actor}` is for another plan than the one in the file; let this one be approved")]
    ApprovalOfAnother {
        /// Who gave it.
        actor: Actor,
    },
}

/// A plan that can be kept in a file until people have looked at it, with their approvals.
///
/// It holds everything that [`Engine::apply_file`](crate::Engine::apply_file) needs, **personal data included**: the
/// attributes of accounts are in it, so keep it where the people who may see those are. Whatever is altered in it is found
/// when it is read. The hashes are no signatures, though: who may write the file can make another plan, or approve in
/// somebody's name, so let only those write it who may approve.
///
/// What was learnt before the plan was made is not in it; look at [`Planned::findings`](crate::Planned) when planning.
#[derive(Clone, PartialEq, Eq)]
pub struct PlanFile {
    content: Content,
    hash: Digest,
    approvals: Vec<PlanApproval>,
}

/// What approvals are bound to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    expires: DateTime<Utc>,
    plan: Plan,
    appointments: Vec<Appointment>,
}

/// The file as it is written; `checksum` covers the approvals, which the hash does not.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: u32,
    hash: Digest,
    content: Content,
    approvals: Vec<PlanApproval>,
    checksum: Digest,
}

#[derive(Deserialize)]
struct Preface {
    format: u32,
}

/// Ids and counts only.
impl fmt::Debug for PlanFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (actions, people) = (self.content.plan.actions().count(), self.content.appointments.len());
        let (expires, approvals) = (self.content.expires, self.approvals.len());
        write!(f, "PlanFile({:?}, {actions} actions, {people} people, {approvals} approvals, {expires})", self.hash)
    }
}

impl PlanFile {
    pub(crate) fn new(plan: Plan, appointments: Vec<Appointment>, expires: DateTime<Utc>) -> Self {
        let content = Content { expires, plan, appointments };
        Self { hash: digest_of(&content), content, approvals: Vec::new() }
    }

    /// The plan, whole.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.content.plan
    }

    /// The content hash: over the plan with its revision, whom it decided, and the expiry; not over the approvals.
    #[must_use]
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// The instant from which on it is not applied any more.
    #[must_use]
    pub fn expires(&self) -> DateTime<Utc> {
        self.content.expires
    }

    /// Who said that it may be done, in the order in which they did.
    #[must_use]
    pub fn approvals(&self) -> &[PlanApproval] {
        &self.approvals
    }

    /// Somebody looked at the plan and says that all of it may be done, also what caps hold back.
    ///
    /// The approval is bound to the content hash. Who somebody is, and who may approve, is for the program around this to
    /// find out: nothing here can tell one actor from another.
    pub fn approve(&mut self, actor: Actor, at: DateTime<Utc>) {
        self.approvals.push(PlanApproval { actor, at, hash: self.hash });
    }

    /// Writes it as JSON text.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, to: impl io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(to, &self.written()).map_err(io::Error::from)
    }

    /// Reads what [`write`](Self::write) wrote, and checks all of it.
    ///
    /// # Errors
    /// When the reader fails, or the text is not a plan as it was written; see [`PlanFileError`].
    pub fn read(mut from: impl io::Read) -> Result<Self, PlanFileError> {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).map_err(PlanFileError::Io)?;
        // What serde says may quote the text, so only the place is told.
        let unreadable =
            |error: serde_json::Error| PlanFileError::Unreadable { line: error.line(), column: error.column() };
        let Preface { format } = serde_json::from_slice(&bytes).map_err(unreadable)?;
        if format != FORMAT {
            return Err(PlanFileError::UnknownFormat { format });
        }
        let written: Written = serde_json::from_slice(&bytes).map_err(unreadable)?;
        if digest_of(&written.content) != written.hash {
            return Err(PlanFileError::Altered);
        }
        if let Some(other) = written.approvals.iter().find(|approval| approval.hash != written.hash) {
            return Err(PlanFileError::ApprovalOfAnother { actor: other.actor.clone() });
        }
        if checksum(written.hash, &written.approvals) != written.checksum {
            return Err(PlanFileError::Altered);
        }
        Ok(Self { content: written.content, hash: written.hash, approvals: written.approvals })
    }

    pub(crate) fn into_parts(self) -> (Plan, Vec<Appointment>, Vec<PlanApproval>) {
        (self.content.plan, self.content.appointments, self.approvals)
    }

    fn written(&self) -> Written {
        Written {
            format: FORMAT,
            hash: self.hash,
            content: self.content.clone(),
            approvals: self.approvals.clone(),
            checksum: checksum(self.hash, &self.approvals),
        }
    }
}

fn checksum(hash: Digest, approvals: &[PlanApproval]) -> Digest {
    digest_of(&(FORMAT, hash, approvals))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{at, id, plan};

    fn file() -> PlanFile {
        let appointments = vec![Appointment::none(&id("hr:1"))];
        let mut file = PlanFile::new(plan("2026-03-01", "create 1 phone=5551"), appointments, at("2026-03-01 12:00"));
        file.approve(id("jan"), at("2026-03-01 09:00"));
        file
    }

    fn text(file: &PlanFile) -> String {
        let mut bytes = Vec::new();
        file.write(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(PlanFile::read(text.as_bytes()).unwrap_err().to_string(), expected);
    }

    #[test]
    fn it_is_read_back_as_it_was_written() {
        let file = file();
        let read = PlanFile::read(text(&file).as_bytes()).unwrap();
        assert_eq!(read, file);
        assert_eq!((read.hash(), read.plan().hash(), read.expires()), (file.hash, file.plan().hash(), file.expires()));
        assert_eq!(read.approvals(), [PlanApproval { actor: id("jan"), at: at("2026-03-01 09:00"), hash: file.hash }]);
        assert_eq!(read.into_parts().1, [Appointment::none(&id("hr:1"))]);
    }

    #[test]
    fn whatever_byte_is_altered_it_is_refused_or_says_the_same() {
        let file = file();
        let text = text(&file).into_bytes();
        for place in 0..text.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut altered = text.clone();
                altered[place] ^= flip;
                if let Ok(read) = PlanFile::read(altered.as_slice()) {
                    assert_eq!(read, file, "byte {place} ^ {flip}");
                }
            }
            assert!(PlanFile::read(text.get(..place).unwrap()).is_err(), "cut off after {place}");
        }
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        let (file, written) = (file(), text(&file()));
        check("", "this is no plan file, or it is cut off, in line 1, column 0; plan again");
        check("[]", "this is no plan file, or it is cut off, in line 1, column 2; plan again");
        check(
            &written.replacen("\"format\": 1", "\"format\": 2", 1),
            "the plan file has format 2, and this version reads format 1; plan again with this version",
        );
        let altered = "the plan file was altered since it was written, or damaged; take the original, or plan again";
        check(&written.replace("5551", "5552"), altered);
        check(&written.replace("T12:00:00Z", "T13:00:00Z"), altered);
        check(&written.replace("\"jan\"", "\"piet\""), altered);
        let later = PlanFile::new(file.plan().clone(), Vec::new(), at("2026-03-02"));
        let moved = Written { approvals: file.approvals.clone(), ..later.written() };
        check(
            &serde_json::to_string(&moved).unwrap(),
            "the approval of `jan` is for another plan than the one in the file; let this one be approved",
        );
    }

    #[test]
    fn a_reader_that_fails_is_told_apart_from_a_text_that_is_wrong() {
        struct Broken;
        impl io::Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let error = PlanFile::read(Broken).unwrap_err();
        assert_eq!(error.to_string(), "the plan could not be read: the disk is gone; try again, or plan again");
    }

    #[test]
    fn i_55_neither_debug_nor_an_error_shows_what_is_in_it() {
        let shown = format!("{:?}", file());
        assert!(shown.contains("1 actions, 1 people, 1 approvals") && !shown.contains("5551"), "{shown}");
        for wrong in [text(&file()).replace("\"surprising\"", "\"5551\""), text(&file()).replace("5551", "5552")] {
            let error = PlanFile::read(wrong.as_bytes()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("555"), "{error:?}");
        }
    }
}
