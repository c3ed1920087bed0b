//! The first half of a run: what sources and targets say, taken in.

use std::collections::BTreeSet;

use crate::audit::{AccountFact, Fact, ReadingFact};
use crate::caps::{MassLeave, mass_leaves};
use crate::engine::Run;
use crate::engine::backup::Observed;
use crate::id::{AccountId, AccountKey, PersonId, TargetId};
use crate::period::civil_day;
use crate::port::{Acceptance, PortError, PortErrorKind, SourceConnector};
use crate::report::{EngineError, Findings, Rejected};
use crate::source::{Accepted, Cursor, Examination, Reading, examine};
use crate::target::{Deletion, DriftSettings, TargetReading, compare, disbelieve, resolve};

impl Run<'_> {
    pub(super) async fn read_sources(&mut self, findings: &mut Findings) -> Result<(), EngineError> {
        let engine = self.engine;
        for source in &engine.sources {
            let read = self.read_source(source.as_ref()).await;
            self.hold_on().await?;
            match read {
                Err(error) => {
                    let error = error.to_string();
                    findings.unread.push(error.clone());
                    let failed = ReadingFact::Failed { system: source.id().to_string(), error };
                    self.facts(vec![Fact::Reading(failed)]).await?;
                }
                Ok(Examination::Rejected { hash, why }) => {
                    let id = source.id().clone();
                    findings.rejected.push(Rejected { source: id.clone(), hash, why: why.clone() });
                    self.facts(vec![Fact::Reading(ReadingFact::Rejected { source: id, hash, why })]).await?;
                }
                Ok(Examination::Accepted(change)) => {
                    let fact = ReadingFact::Accepted {
                        source: change.source.clone(),
                        hash: change.reading.hash,
                        records: change.records.len(),
                    };
                    self.accept(Acceptance::Roster(change), fact).await?;
                }
            }
        }
        Ok(())
    }

    /// Goes on from where the last reading ended. A cursor that is refused, and changes that cannot be taken, lead to a
    /// whole reading, through all guards.
    async fn read_source(&self, source: &dyn SourceConnector) -> Result<Examination, PortError> {
        let since = self.engine.store.roster().read().accepted(source.id()).and_then(|last| last.cursor.clone());
        match source.read(since.as_ref()).await {
            Err(error) if error.kind() == PortErrorKind::CursorRefused && since.is_some() => {}
            Err(error) => return Err(error),
            Ok(reading) => {
                let examined = self.examine(&reading);
                let is_rejected = matches!(examined, Examination::Rejected { .. });
                if since.is_none() || !is_rejected || matches!(reading, Reading::Whole(_)) {
                    return Ok(examined);
                }
            }
        }
        Ok(self.examine(&source.read(None).await?))
    }

    fn examine(&self, reading: &Reading) -> Examination {
        let (ledger, roster) = (self.engine.store.ledger(), self.engine.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let (allowed, released, linked) = (ledger.allowed(), ledger.released(), ledger.links());
        let before = Accepted { roster: &roster, allowed, released, linked, tombstones: ledger.tombstones() };
        examine(reading, &before, &self.engine.settings.intake(), self.now)
    }

    pub(super) fn mass_leaves(&self) -> Vec<MassLeave> {
        let (ledger, roster) = (self.engine.store.ledger(), self.engine.store.roster());
        let (ledger, roster) = (ledger.read(), roster.read());
        let settings = &self.engine.settings;
        mass_leaves(&roster, &ledger, settings, civil_day(self.now, settings.zone))
    }

    pub(super) async fn observe_targets(&mut self, findings: &mut Findings) -> Result<(), EngineError> {
        let engine = self.engine;
        let mut observed = Vec::new();
        for settings in &engine.settings.targets {
            let id = &settings.capabilities.target;
            let connector = engine.target(id)?;
            let since = self.observed_until(id);
            let mut reading = connector.observe(since.as_ref()).await;
            if reading.as_ref().is_err_and(|error| error.kind() == PortErrorKind::CursorRefused) {
                reading = connector.observe(None).await;
            }
            self.hold_on().await?;
            let taken = match reading {
                Err(error) => Err(error.to_string()),
                Ok(reading) => self.take_observation(id, reading).await?,
            };
            match taken {
                Ok(one) => observed.push(one),
                Err(error) => {
                    findings.unread.push(error.clone());
                    let failed = ReadingFact::Failed { system: id.to_string(), error };
                    self.facts(vec![Fact::Reading(failed)]).await?;
                }
            }
        }
        self.look_for_backup(&observed, findings).await?;
        if self.engine.store.ledger().read().suspicion().is_none() {
            for one in observed {
                self.catch_up(&one, findings).await?;
                self.note_drift(one, findings).await?;
            }
        }
        Ok(())
    }

    /// Why a reading is not believed.
    fn disbelieve(&self, target: &TargetId, reading: &TargetReading) -> Option<String> {
        let settings = &self.engine.settings;
        let (ledger, settled) = (self.engine.store.ledger(), self.now - settings.lifecycle.settle);
        let ledger = ledger.read();
        disbelieve(reading, target, &ledger, (settled, &settings.guards))
    }

    /// Takes a reading in and holds it against the ledger, unless it is not believed.
    async fn take_observation(
        &mut self,
        id: &TargetId,
        reading: TargetReading,
    ) -> Result<Result<Observed, String>, EngineError> {
        if let Some(why) = self.disbelieve(id, &reading) {
            let (TargetReading::Whole(all) | TargetReading::Changes(all)) = &reading;
            self.look_for_backup_in(id, all).await?;
            return Ok(Err(why));
        }
        let (TargetReading::Whole(all) | TargetReading::Changes(all)) = &reading;
        let fact = ReadingFact::Observed { target: id.clone(), accounts: all.accounts.len() };
        let is_whole = matches!(reading, TargetReading::Whole(_));
        let mut touched = self.accept(Acceptance::Observation(id.clone(), reading), fact).await?;
        if is_whole {
            touched.extend(self.not_shown(id));
        }
        let settled = self.settle_open(id).await?;
        let (facts, people) = self.compare(id, &touched, settled);
        Ok(Ok(Observed { target: id.clone(), touched, facts, people }))
    }

    /// The accounts that a target should show and does not: an earlier reading may have dropped them, or none had them.
    fn not_shown(&self, target: &TargetId) -> Vec<AccountId> {
        let (ledger, observation) = (self.engine.store.ledger(), self.engine.store.observation(target));
        let (ledger, observation) = (ledger.read(), observation.read());
        ledger.account_ids(target).filter(|id| observation.account(id).is_none()).cloned().collect()
    }

    /// Where a target can go on; nowhere when it has to be read whole.
    fn observed_until(&self, target: &TargetId) -> Option<Cursor> {
        let (ledger, observation) = (self.engine.store.ledger(), self.engine.store.observation(target));
        let may_go_on = ledger.read().may_read_changes(target);
        observation.read().cursor().filter(|_| may_go_on).cloned()
    }

    /// Answers intents without an outcome by what the target shows.
    async fn settle_open(&mut self, target: &TargetId) -> Result<Vec<AccountKey>, EngineError> {
        let settle = self.engine.settings.lifecycle.settle;
        let capabilities = self.engine.target(target)?.describe();
        let (facts, keys) = {
            let (ledger, observation) = (self.engine.store.ledger(), self.engine.store.observation(target));
            let (ledger, observation) = (ledger.read(), observation.read());
            let open = ledger.open().filter(|(_, intent)| intent.action.step.target() == target);
            let settled: Vec<_> = open
                .filter_map(|(at, intent)| {
                    let settlement = resolve(intent, (&observation, &capabilities), self.now - at, settle)?;
                    Some((Fact::Outcome(intent.id, settlement), intent.action.step.account().cloned()))
                })
                .collect();
            settled.into_iter().unzip::<_, _, Vec<_>, Vec<_>>()
        };
        self.facts(facts).await?;
        let keys: Vec<AccountKey> = keys.into_iter().flatten().collect();
        let people: BTreeSet<PersonId> = keys.iter().map(|key| key.person.clone()).collect();
        self.engine.store.make_due(&self.fence, people).await?;
        Ok(keys)
    }

    async fn note_drift(&mut self, observed: Observed, findings: &mut Findings) -> Result<(), EngineError> {
        let Observed { target, mut facts, people, .. } = observed;
        // What is found after a backup may have been us.
        let is_caught_up = !self.engine.store.ledger().read().is_catching_up(&target);
        for fact in facts.iter().filter(|_| is_caught_up) {
            if let Fact::Account(key, AccountFact::Suspected { what, .. }) = fact {
                findings.incidents.push(format!("somebody else {what} {key}"));
            }
            if let Fact::Account(key, AccountFact::EnabledByOthers) = fact {
                findings.incidents.push(format!("somebody else enabled {key}"));
            }
        }
        // Last, and together with what was found: until then the reading has to be looked at again.
        self.engine.store.make_due(&self.fence, people).await?;
        facts.push(Fact::Reading(ReadingFact::Compared { target }));
        self.facts(facts).await
    }

    fn compare(
        &self,
        target: &TargetId,
        touched: &BTreeSet<AccountId>,
        settled: Vec<AccountKey>,
    ) -> (Vec<Fact>, BTreeSet<PersonId>) {
        let settings = &self.engine.settings;
        let deletion = settings.target(target).map_or(Deletion::ForGood, |(_, target)| target.capabilities.deletion);
        let how = DriftSettings { settle: settings.lifecycle.settle, deletion };
        let (ledger, observation, roster) =
            (self.engine.store.ledger(), self.engine.store.observation(target), self.engine.store.roster());
        let (ledger, observation, roster) = (ledger.read(), observation.read(), roster.read());
        let of_touched = touched.iter().filter_map(|id| ledger.account_with_id(target, id)).cloned();
        let keys: BTreeSet<AccountKey> = of_touched.chain(ledger.unsettled(target).cloned()).chain(settled).collect();
        let at = |person: &PersonId| {
            let mut records = ledger.records_of(person).filter_map(|record| roster.record(record));
            let zone = records.find_map(|record| record.zone).unwrap_or(settings.zone);
            (self.now, civil_day(self.now, zone))
        };
        compare(keys, (&ledger, &observation), at, how)
    }
}
