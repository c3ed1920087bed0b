//! A story: an engine with a source, a target and a store in memory, and everything worth telling of its runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use futures::executor::block_on;
use provisioning_core::audit::{Directive, Fact, PersonDirective, Record, RunDirective, Sealed, Verdict, verify};
use provisioning_core::lifecycle::Grace;
use provisioning_core::memory::{Kept, MemoryStore, MemoryTarget};
use provisioning_core::plan::Action;
use provisioning_core::source::ContractRecord;
use provisioning_core::target::{ObservedAccount, Presence, Resource, Shown};
use provisioning_core::testing::ScriptedSource;
use provisioning_core::{
    AccountId, Actor, Digest, Engine, FieldName, Fields, LifecycleSettings, ManualClock, PersonId, Report, Settings,
    Silent, Slot, SourceConnector, TargetConnector, TargetId, TenantId, Value,
};

use crate::bylaws::{Bylaws, Law};

pub(crate) const ZONE: Tz = Tz::Europe__Amsterdam;

/// An engine that runs once a day, with a source `hr` and a target `entra` that has the groups d1, d2 and d3.
pub(crate) struct Story {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<ManualClock>,
    hr: Arc<ScriptedSource>,
    target: Arc<MemoryTarget>,
    audit: Kept,
    tomorrow: Option<NaiveDate>,
    last: String,
    told: Vec<String>,
}

impl Story {
    /// With the plain policy and the default settings.
    pub(crate) fn new() -> Self {
        Self::under(&[], |_| {})
    }

    /// With other settings.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::under(&[], change)
    }

    /// With bylaws beside the plain policy, and other settings.
    pub(crate) fn under(laws: &[Law], change: impl FnOnce(&mut Settings)) -> Self {
        let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH));
        let user_name = FieldName::new("user_name").unwrap();
        let target = Arc::new(MemoryTarget::new(entra(), clock.clone(), ZONE, vec![user_name]));
        for code in ["d1", "d2", "d3"] {
            let id = format!("department:{code}").parse().unwrap();
            target.put_resource(Resource { id, name: code.to_owned() });
        }
        let mut settings = Settings::new(TenantId::new("t").unwrap(), ZONE).with_target(target.describe(), Vec::new());
        settings.lifecycle =
            LifecycleSettings { grace: Grace { suspended_days: 90, staged_days: 30 }, ..LifecycleSettings::default() };
        change(&mut settings);
        let hr = Arc::new(ScriptedSource::new("hr"));
        let audit = Kept::default();
        let engine = Engine {
            sources: vec![Arc::clone(&hr) as Arc<dyn SourceConnector>],
            targets: vec![Arc::clone(&target) as Arc<dyn TargetConnector>],
            policy: Arc::new(Bylaws::new(laws)),
            store: Arc::new(MemoryStore::new(&settings, clock.clone(), Box::new(audit.clone()))),
            clock: clock.clone(),
            notifier: Arc::new(Silent),
            actor: Actor::new("engine").unwrap(),
            lease: TimeDelta::minutes(5),
            settings,
        };
        Self { engine, clock, hr, target, audit, tomorrow: None, last: String::new(), told: Vec::new() }
    }

    /// Adds a second source.
    pub(crate) fn another_source(&mut self, id: &str) -> Arc<ScriptedSource> {
        let source = Arc::new(ScriptedSource::new(id));
        self.engine.sources.push(Arc::clone(&source) as Arc<dyn SourceConnector>);
        source
    }

    /// From the run of this day on HR says this; the days before it pass.
    pub(crate) fn hr(&mut self, day: &str, text: &str) {
        let now = self.come_to(day);
        self.hr.set(text, now);
    }

    /// The same, from another environment.
    pub(crate) fn hr_of(&mut self, environment: &str, day: &str, text: &str) {
        let now = self.come_to(day);
        self.hr.set_as(environment, text, now);
    }

    /// An export of an earlier instant is read again from the run of this day on.
    pub(crate) fn hr_as_of(&mut self, taken_at: &str, day: &str, text: &str) {
        self.come_to(day);
        self.hr.set(text, taken_at.parse().unwrap());
    }

    /// Somebody does something on the target, an hour before the run of this day.
    pub(crate) fn by_hand(&mut self, day: &str, what: impl FnOnce(&MemoryTarget)) {
        self.come_to(day);
        what(&self.target);
    }

    /// An administrator says something about a person, an hour before the run of this day.
    pub(crate) fn say(&mut self, day: &str, person: &str, directive: PersonDirective) {
        self.come_to(day);
        self.direct(Directive::Person(person.parse().unwrap(), directive));
    }

    /// An administrator says something about runs, an hour before the run of this day.
    pub(crate) fn order(&mut self, day: &str, directive: RunDirective) {
        self.come_to(day);
        self.direct(Directive::Run(directive));
    }

    /// An administrator looks at what is planned, and approves what the caps hold back of it, before the run of this day.
    pub(crate) fn approve(&mut self, day: &str) {
        self.come_to(day);
        let planned = block_on(self.engine.plan()).unwrap();
        let actions = planned.approved.withheld().values().copied().collect();
        self.direct(Directive::Run(RunDirective::Approve { plan: planned.approved.hash(), actions }));
    }

    /// Somebody has a person erased, an hour before the run of this day; what the engine answers is told.
    pub(crate) fn erase(&mut self, day: &str, person: &str) {
        self.come_to(day);
        let erased = block_on(self.engine.erase(&Actor::new("officer").unwrap(), &person.parse().unwrap()));
        let answer = erased.map_or_else(|why| format!("not erased: {why}"), |()| "erased".to_owned());
        self.told.push(format!("{person} on {day}: {answer}\n"));
    }

    /// The audit, and what verifying it against the ledger says.
    pub(crate) fn audit(&self) -> (Vec<Sealed>, Verdict) {
        let (records, ledger) = (self.audit.records(), self.engine.store.ledger());
        let ledger = ledger.read();
        assert_eq!(ledger.refolded(&records).as_ref(), Ok(&*ledger));
        let verdict = verify(&records, Some(ledger.head()));
        (records, verdict)
    }

    fn direct(&self, directive: Directive) {
        block_on(self.engine.say(&Actor::new("administrator").unwrap(), directive)).unwrap();
    }

    /// Every day through this one passes.
    pub(crate) fn until(&mut self, day: &str) {
        let day = date(day);
        while let Some(today) = self.tomorrow.filter(|today| *today <= day) {
            self.run(at_four(today));
            self.tomorrow = today.succ_opt();
        }
    }

    /// One run at an instant, beside those of every day.
    pub(crate) fn at(&mut self, instant: &str) -> Report {
        self.run(instant.parse().unwrap())
    }

    /// The engine does not run before this day again.
    pub(crate) fn sleep_until(&mut self, day: &str) {
        self.tomorrow = Some(date(day));
    }

    /// The days before this one pass, and it is an hour before its run.
    fn come_to(&mut self, day: &str) -> DateTime<Utc> {
        let day = date(day);
        if let Some(before) = day.pred_opt() {
            self.until(&before.to_string());
        }
        self.tomorrow = Some(day);
        let now = at_four(day) - TimeDelta::hours(1);
        self.clock.set(now);
        now
    }

    fn run(&mut self, now: DateTime<Utc>) -> Report {
        self.clock.set(now);
        let report = block_on(self.engine.run()).unwrap();
        self.tell(&report);
        report
    }

    /// Tells a run, unless nothing happened in it that the one before did not say already.
    fn tell(&mut self, report: &Report) {
        // Of a run that did all that it planned, the plan says what was done.
        let is_news = |line: &&str| !(report.is_complete() && line.starts_with("done: "));
        let lines: Vec<String> = report.to_string().lines().filter(is_news).map(without_hashes).collect();
        let news: Vec<&str> =
            lines.iter().map(|line| line.split_once(" UTC: ").map_or(&**line, |parts| parts.1)).collect();
        let news = news.join("\n");
        let is_known = report.plan.is_empty() && news == self.last;
        if !is_known && news != "nothing to do" {
            self.told.push(lines.join("\n") + "\n");
        }
        self.last = news;
    }

    /// Notes what the target shows.
    pub(crate) fn look(&mut self) {
        let accounts = self.target.accounts();
        let lines: Vec<String> = accounts.iter().map(shown).collect();
        let today = self.tomorrow.and_then(|day| day.pred_opt()).unwrap();
        self.told.push(format!("entra on {today}\n{}", lines.concat()));
    }

    /// Whose account each live account points at as its manager's.
    pub(crate) fn managers(&self) -> Vec<String> {
        let accounts = self.target.accounts();
        let points = accounts.iter().filter(|account| account.shown == Shown::Enabled).filter_map(|account| {
            let Value::Account(manager) = account.attributes.value("manager")? else { return None };
            Some(format!("{} -> {}", account.anchor.as_ref()?, manager.anchor()))
        });
        points.collect()
    }

    /// What was told so far is known; the story is told from here.
    pub(crate) fn tell_from_here(&mut self) {
        self.told.clear();
    }

    /// Everything told so far, one block a run.
    pub(crate) fn told(&self) -> String {
        self.told.join("\n")
    }

    /// The actions that the audit trail has, with the instant at which they were sent.
    pub(crate) fn sent(&self) -> Vec<(DateTime<Utc>, Action)> {
        let records = self.audit.records();
        let payloads = records.iter().filter_map(|sealed| sealed.content.as_ref());
        let records = payloads.map(|(_, payload)| serde_json::from_str::<Record>(payload).unwrap());
        let intents = records.filter_map(|record| {
            let Fact::Intent(intent) = record.fact else { return None };
            Some((record.at, intent.action))
        });
        intents.collect()
    }

    /// A contract of HR in its accepted form.
    pub(crate) fn contract(&self, person: &str, contract: &str) -> ContractRecord {
        let roster = self.engine.store.roster();
        let roster = roster.read();
        let record = roster.record(&person.parse().unwrap()).unwrap();
        record.contracts.iter().find(|one| one.id.as_str() == contract).unwrap().clone()
    }

    /// The evidence that is in doubt about a record.
    pub(crate) fn evidence(&self, record: &str) -> Digest {
        use provisioning_core::source::Conflict::{Erased, LooksLike, OtherEvidence};
        let roster = self.engine.store.roster();
        match roster.read().record(&record.parse().unwrap()).unwrap().conflict.as_ref().unwrap() {
            OtherEvidence { evidence } | LooksLike { evidence, .. } | Erased { evidence } => *evidence,
        }
    }

    /// The ids of the accounts that the person's account took the place of.
    pub(crate) fn previous(&self, person: &str) -> Vec<String> {
        let ledger = self.engine.store.ledger();
        let ledger = ledger.read();
        let key = ledger.key(&person.parse::<PersonId>().unwrap(), &Slot::main(entra()));
        ledger.account(&key).unwrap().previous.iter().map(ToString::to_string).collect()
    }
}

pub(crate) fn entra() -> TargetId {
    TargetId::new("entra").unwrap()
}

/// The fields by which people are told apart, where a story needs them.
pub(crate) fn tells_people_apart(settings: &mut Settings) {
    let names = ["given_name", "family_name", "birth_date"];
    settings.identity = names.into_iter().map(|name| FieldName::new(name).unwrap()).collect();
}

/// An account that somebody made by hand: `id presence user_name=.. mail=..`.
pub(crate) fn account(id: &str, shown: Shown, attributes: &[(&str, &str)]) -> ObservedAccount {
    let mut fields = Fields::default();
    for (name, value) in attributes {
        fields.put(FieldName::new(name).unwrap(), Value::text(value));
    }
    ObservedAccount {
        id: AccountId::new(id).unwrap(),
        anchor: None,
        presence: Presence::Live,
        shown,
        attributes: fields,
        permissions: Some(BTreeSet::new()),
    }
}

fn shown(account: &ObservedAccount) -> String {
    let state = match (account.presence, account.shown) {
        (Presence::InBin(on), _) => format!("in the bin since {on}"),
        (Presence::Live, Shown::Enabled) => "enabled".to_owned(),
        (Presence::Live, Shown::Disabled) => "disabled".to_owned(),
    };
    let held = account.permissions.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let name = account.attributes.text("user_name").unwrap_or_default().to_owned();
    let anchor = account.anchor.clone().unwrap_or_else(|| "nobody's".to_owned());
    let words = [account.id.to_string(), anchor, state, name, held];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    format!("  {}\n", words.join("  "))
}

/// A line with its hashes blotted out: they tell a machine which reading or record is meant.
fn without_hashes(line: &str) -> String {
    let blot = |word: &str| {
        let bare = word.trim_end_matches([';', ',']);
        let is_hash = [8, 64].contains(&bare.len()) && bare.chars().all(|c| c.is_ascii_hexdigit());
        if is_hash { word.replace(bare, "#") } else { word.to_owned() }
    };
    line.split(' ').map(blot).collect::<Vec<_>>().join(" ")
}

pub(crate) fn date(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

fn at_four(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(4, 0, 0).unwrap().and_utc()
}
