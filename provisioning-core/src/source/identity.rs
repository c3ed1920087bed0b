//! Whether a row describes somebody else, or somebody who is known under another key.

use crate::digest::{Digest, digest_of};
use crate::id::{FieldName, RecordId};
use crate::source::intake::Intake;
use crate::source::{Conflict, PersonRecord};
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

impl Intake<'_> {
    /// Two of the identifying fields saying something else make it another person; a new record in which all of them
    /// say the same as somebody known makes it the same person under another key.
    pub(super) fn conflict(&self, earlier: Option<&PersonRecord>, id: &RecordId, fields: &Fields) -> Option<Conflict> {
        let identity = &self.settings.identity;
        let said = digest_of(&identity.iter().map(|name| folded(fields, name)).collect::<Vec<_>>());
        if identity.is_empty() {
            return None;
        }
        let found = self.doubt(earlier, id, fields, said)?;
        (!self.before.is_settled(id, &found)).then_some(found)
    }

    fn doubt(&self, earlier: Option<&PersonRecord>, id: &RecordId, fields: &Fields, said: Digest) -> Option<Conflict> {
        let identity = &self.settings.identity;
        // A record that was never accepted has no fields yet, so there is nothing that it could contradict.
        let accepted = earlier.filter(|earlier| !earlier.fields.is_empty());
        if let Some(accepted) = accepted {
            let differs = |name: &&FieldName| match (folded(&accepted.fields, name), folded(fields, name)) {
                (Some(before), Some(now)) => before != now,
                _ => false,
            };
            let differing = identity.iter().filter(differs).count();
            return (differing >= identity.len().min(2)).then_some(Conflict::OtherEvidence { evidence: said });
        }
        let evidence = evidence(fields, identity)?;
        let bearers = self.before.roster.evidence.get(&evidence)?;
        let other = bearers.iter().find(|other| *other != id)?;
        Some(Conflict::LooksLike { other: other.clone(), evidence: said })
    }
}
