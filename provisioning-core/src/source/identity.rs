//! Whether a row describes somebody else, or somebody who is known under another key.

use std::collections::BTreeMap;

use crate::digest::{Digest, digest_of};
use crate::id::{FieldName, RecordId, SourceId};
use crate::source::intake::Intake;
use crate::source::{Conflict, PersonRecord, SourcePerson};
use crate::value::Fields;

/// The hash of what a row says of the person's identity; `None` when one of the fields says nothing.
pub(super) fn evidence(fields: &Fields, identity: &[FieldName]) -> Option<Digest> {
    if identity.is_empty() {
        return None;
    }
    let mut said = Vec::with_capacity(identity.len());
    for name in identity {
        said.push(folded(fields, name)?);
    }
    Some(digest_of(&said))
}

fn folded(fields: &Fields, name: &FieldName) -> Option<String> {
    let value = fields.value(name.as_str()).filter(|value| !value.is_blank())?;
    Some(value.to_string().to_lowercase())
}

/// Whose record counts, by what a reading newly says of people: where several say the same, that of somebody known before
/// those of newcomers, and of these the one with the lowest key.
#[derive(Debug, Default)]
pub(super) struct Bearers(BTreeMap<Digest, (Acquaintance, RecordId)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Acquaintance {
    Known,
    New,
}

impl Intake<'_> {
    /// Who bears what the rows of a reading newly say; those who say the same as before are in the roster.
    pub(super) fn bearers<'p>(&self, source: &SourceId, people: impl Iterator<Item = &'p SourcePerson>) -> Bearers {
        let mut found = BTreeMap::new();
        for person in people.filter(|person| person.defects.is_empty()) {
            let id = RecordId { source: source.clone(), key: person.row.key.clone() };
            let (earlier, fields) = (self.before.roster.record(&id), &person.row.fields);
            if earlier.is_some_and(|earlier| earlier.fields == *fields) || self.is_of_another(earlier, &id, fields) {
                continue;
            }
            let Some(said) = evidence(fields, &self.settings.identity) else { continue };
            let is_known = earlier.is_some_and(|earlier| !(earlier.fields.is_empty() && earlier.contracts.is_empty()));
            let bearer = (if is_known { Acquaintance::Known } else { Acquaintance::New }, id);
            let first = found.entry(said).or_insert_with(|| bearer.clone());
            if bearer < *first {
                *first = bearer;
            }
        }
        Bearers(found)
    }

    /// Why a row may be another person's, until somebody settles it: the key was given to somebody else, or somebody who
    /// is known, or stands in the same reading, says the same; or somebody of this key was erased.
    pub(super) fn conflict(
        &self,
        earlier: Option<&PersonRecord>,
        id: &RecordId,
        fields: &Fields,
        bearers: &Bearers,
    ) -> Option<Conflict> {
        let is_doubted = |found: &Conflict| !self.before.is_settled(id, found);
        // A record that was never accepted has no fields yet, so there is nothing that it could contradict.
        if let Some(accepted) = earlier.filter(|earlier| !earlier.fields.is_empty()) {
            return self.other_evidence(accepted, fields).filter(is_doubted);
        }
        let erased = self.before.tombstones.of(id).map(|evidence| Conflict::Erased { evidence });
        erased.filter(is_doubted).or_else(|| self.likeness(id, fields, bearers).filter(is_doubted))
    }

    /// Whether the row cannot be used because the key was given to somebody else.
    pub(super) fn is_of_another(&self, earlier: Option<&PersonRecord>, id: &RecordId, fields: &Fields) -> bool {
        let found = earlier.and_then(|earlier| self.other_evidence(earlier, fields));
        found.is_some_and(|found| !self.before.is_settled(id, &found))
    }

    /// Two of the identifying fields saying something else make it another person.
    fn other_evidence(&self, accepted: &PersonRecord, fields: &Fields) -> Option<Conflict> {
        let identity = &self.settings.identity;
        let differs = |name: &&FieldName| match (folded(&accepted.fields, name), folded(fields, name)) {
            (Some(before), Some(now)) => before != now,
            _ => false,
        };
        let differing = identity.iter().filter(differs).count();
        let is_another = !identity.is_empty() && differing >= identity.len().min(2);
        is_another.then(|| Conflict::OtherEvidence { evidence: self.said(fields) })
    }

    /// A new record in which all of them say the same as somebody else makes it the same person under another key.
    fn likeness(&self, id: &RecordId, fields: &Fields, bearers: &Bearers) -> Option<Conflict> {
        let evidence = evidence(fields, &self.settings.identity)?;
        let known = self.before.roster.evidence.get(&evidence).into_iter().flatten();
        let in_reading = bearers.0.get(&evidence).map(|(_, id)| id);
        let other = known.chain(in_reading).find(|other| *other != id)?;
        Some(Conflict::LooksLike { other: other.clone(), evidence: self.said(fields) })
    }

    /// The hash that a release names.
    fn said(&self, fields: &Fields) -> Digest {
        digest_of(&self.settings.identity.iter().map(|name| folded(fields, name)).collect::<Vec<_>>())
    }
}
