//! What rules say of a person at an instant, one rule and one contract after the other.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use provisioning_core::RuleId;
use provisioning_core::Slot;
use provisioning_core::lifecycle::Want;
use provisioning_core::policy::{Bar, Barred, Because, Entitlement, Grant, Permission, PermissionClass, ResourceSpec};
use provisioning_core::source::{Contract, Person};

use super::syntax::{Document, Exclusion, Expr, Gift, Key, Kind, Making, Name, Per, Rule, Status, Window, Withheld};
use super::verdict::{Feature, FoundKey, Sight, any, as_day, as_number, said};
use crate::Cause;

/// What is said of somebody.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) grants: BTreeSet<Grant>,
    pub(super) undetermined: BTreeSet<(RuleId, Slot, Want)>,
    pub(super) doubts: BTreeSet<(Grant, RuleId)>,
    pub(super) barred: BTreeSet<Barred>,
    pub(super) notes: usize,
}

/// A rule that is asked of a contract, or of the person as a whole.
#[derive(Debug, Clone, Copy)]
struct Asked<'r> {
    per: Per,
    window: Window,
    when: Option<&'r Expr>,
}

/// A person at an instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'s, 'a> {
    person: &'s Person<'a>,
    primary: Option<&'s Contract<'a>>,
    now: DateTime<Utc>,
    turned: Option<Feature>,
}

impl Document {
    /// A person at an instant; something may be taken otherwise than it is.
    pub(super) fn at<'s, 'a>(
        &self,
        person: &'s Person<'a>,
        now: DateTime<Utc>,
        turned: Option<Feature>,
    ) -> Moment<'s, 'a> {
        let order = self.primary.as_deref().filter(|_| turned != Some(Feature::Primary));
        Moment { person, primary: primary(order, person, now), now, turned }
    }

    /// What is given, withheld, and what cannot be told.
    pub(super) fn told(&self, moment: Moment<'_, '_>) -> Told {
        let mut told = Told::default();
        let counts = |status| status == Status::Published || moment.turned == Some(Feature::Draft);
        for rule in self.rules.iter().filter(|rule| counts(rule.status)) {
            for (sight, verdict) in verdicts(moment, rule.asked()) {
                match verdict {
                    Some(true) => rule.give(&sight, &mut told),
                    None => {
                        told.undetermined.insert(rule.untold());
                    }
                    Some(false) => {}
                }
            }
        }
        for exclusion in self.exclusions.iter().filter(|one| counts(one.status)) {
            match self.excludes(moment, exclusion) {
                Some(true) => exclusion.bars().for_each(|barred| told.bar(barred)),
                Some(false) => {}
                None => exclusion.bars().for_each(|barred| told.doubt(&barred)),
            }
        }
        self.except(moment, &mut told);
        told
    }

    /// Which rule holds of which contract, and of which it cannot be told.
    pub(super) fn causes(&self, moment: Moment<'_, '_>) -> (BTreeSet<Cause>, BTreeSet<Cause>) {
        let (mut holding, mut untold) = (BTreeSet::new(), BTreeSet::new());
        for rule in self.rules.iter().filter(|rule| rule.status == Status::Published) {
            for (sight, verdict) in verdicts(moment, rule.asked()) {
                let contract = sight.contract.map(|contract| contract.id().clone());
                let cause = Cause { contract, rule: rule.id.clone() };
                match verdict {
                    Some(true) => holding.insert(cause),
                    None => untold.insert(cause),
                    Some(false) => false,
                };
            }
        }
        (holding, untold)
    }

    /// Whether an exclusion holds of any contract.
    fn excludes(&self, moment: Moment<'_, '_>, exclusion: &Exclusion) -> Option<bool> {
        if moment.turned == Some(Feature::Exclusion) {
            return Some(false);
        }
        let Exclusion { per, when, .. } = exclusion;
        let asked = Asked { per: *per, window: self.window_of(exclusion, moment.turned), when: when.as_ref() };
        any(verdicts(moment, asked).into_iter().map(|(_, verdict)| verdict))
    }

    /// The days of an exclusion: without days of its own the widest of the rules for its accounts and of those it withholds.
    fn window_of(&self, exclusion: &Exclusion, turned: Option<Feature>) -> Window {
        let Window { before, after, ends } = exclusion.window;
        if before.is_some() || after.is_some() || turned == Some(Feature::Widest) {
            return exclusion.window;
        }
        let is_withheld =
            |rule: &Rule| exclusion.withholds.iter().any(|what| matches!(what, Withheld::Rule(id) if *id == rule.id));
        let on_target = |rule: &&Rule| rule.slot == exclusion.slot || is_withheld(rule);
        let windows = || self.rules.iter().filter(on_target).map(|rule| rule.window);
        let before = windows().filter_map(|window| window.before).max();
        Window { before, after: windows().filter_map(|window| window.after).max(), ends }
    }

    /// What people are given beside the rules and above exclusions.
    fn except(&self, Moment { person, now, turned, .. }: Moment<'_, '_>, told: &mut Told) {
        if turned == Some(Feature::Exception) {
            return;
        }
        let today = now.with_timezone(&person.zone).date_naive();
        let of_person = self.exceptions.iter().filter(|one| one.person == *person.id);
        for one in of_person.filter(|one| one.from.is_none_or(|from| from <= today) && today <= one.until) {
            for gift in &one.gives {
                let because = Because { rule: one.id.clone(), contract: None };
                if let Some(entitlement) = plain(gift) {
                    told.grants.insert(Grant { slot: one.slot.clone(), entitlement, because });
                }
            }
        }
    }
}

/// What a condition comes to, for each contract on whose days it is asked.
fn verdicts<'s, 'a>(moment: Moment<'s, 'a>, asked: Asked<'_>) -> Vec<(Sight<'s, 'a>, Option<bool>)> {
    let Moment { person, primary, now, turned } = moment;
    let zone = |zone| if turned == Some(Feature::Zone) { chrono_tz::UTC } else { zone };
    let whole = Sight { person, contract: None, primary, each: None, now, zone: zone(person.zone), turned };
    let of = |contract: &'s Contract<'a>| Sight { contract: Some(contract), zone: zone(contract.zone), ..whole };
    let sights: Vec<Sight<'s, 'a>> = match asked.per {
        Per::Person => vec![whole],
        Per::Primary => primary.into_iter().map(of).collect(),
        Per::Contract => person.contracts.iter().map(of).collect(),
    };
    let on_its_days = |sight: &Sight<'_, '_>| sight.contract.is_none_or(|one| asked.window.is_on(one, sight));
    let verdict = |sight: Sight<'s, 'a>| (sight, asked.when.map_or(Some(true), |when| sight.holds(when)));
    sights.into_iter().filter(on_its_days).map(verdict).collect()
}

/// The contract that speaks for the person.
fn primary<'s, 'a>(order: Option<&[Key]>, person: &'s Person<'a>, now: DateTime<Utc>) -> Option<&'s Contract<'a>> {
    let keys = order.unwrap_or(&[Key::InForce, Key::EarliestStart, Key::LatestEnd]);
    person.contracts.iter().min_by(|a, b| {
        let by_keys = keys.iter().map(|key| compare(*key, a, b, now)).find(|order| order.is_ne());
        by_keys.unwrap_or_else(|| (a.source, a.id()).cmp(&(b.source, b.id())))
    })
}

fn compare(key: Key, a: &Contract<'_>, b: &Contract<'_>, now: DateTime<Utc>) -> Ordering {
    let phase = |contract: &Contract<'_>| {
        let today = now.with_timezone(&contract.zone).date_naive();
        let is_over = contract.period.last_day().is_some_and(|last| last < today);
        if is_over { 2 } else { u8::from(today < contract.period.start()) }
    };
    let value = |contract: &Contract<'_>, field: &str| contract.field(field).and_then(as_number);
    let last = |contract: &Contract<'_>| contract.period.last_day().unwrap_or(NaiveDate::MAX);
    match key {
        Key::InForce => phase(a).cmp(&phase(b)),
        Key::Highest(field) => match (value(a, field), value(b, field)) {
            (Some(a), Some(b)) => b.cmp(&a),
            (a, b) => a.is_none().cmp(&b.is_none()),
        },
        Key::Lowest(field) => match (value(a, field), value(b, field)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        },
        Key::EarliestStart => a.period.start().cmp(&b.period.start()),
        Key::LatestStart => b.period.start().cmp(&a.period.start()),
        Key::LatestEnd => last(b).cmp(&last(a)),
    }
}

impl Window {
    /// Whether it is one of the days of a contract, in the contract's zone.
    fn is_on(&self, contract: &Contract<'_>, sight: &Sight<'_, '_>) -> bool {
        if sight.turned == Some(Feature::Window) {
            return true;
        }
        let today = sight.today();
        let ends = self.ends.filter(|_| sight.turned != Some(Feature::Ends));
        let ends = ends.and_then(|field| contract.field(field)).and_then(as_day);
        let last = ends.into_iter().chain(contract.period.last_day()).min();
        // A contract that ends before it starts has no days.
        if last.is_some_and(|last| last < contract.period.start()) {
            return false;
        }
        let is_begun = contract.period.start() <= today + Days::new(u64::from(self.before.unwrap_or(0)));
        is_begun && last.is_none_or(|last| today <= last + Days::new(u64::from(self.after.unwrap_or(0))))
    }
}

impl Rule {
    fn asked(&self) -> Asked<'_> {
        Asked { per: self.per, window: self.window, when: self.when.as_ref() }
    }

    /// That it cannot be told, with how much of an account it may give.
    fn untold(&self) -> (RuleId, Slot, Want) {
        (self.id.clone(), self.slot.clone(), self.gives.iter().map(want).max().unwrap_or(Want::Nothing))
    }

    fn give(&self, sight: &Sight<'_, '_>, told: &mut Told) {
        let because = Because { rule: self.id.clone(), contract: sight.contract.map(|contract| contract.id().clone()) };
        let grant = |entitlement| Grant { slot: self.slot.clone(), entitlement, because: because.clone() };
        for gift in &self.gives {
            told.grants.extend(plain(gift).map(grant));
            let Gift::Each { of, prefix, name, making, class } = gift else { continue };
            for key in sight.keys(*of) {
                let key = match key {
                    FoundKey::Spelt(key) => key,
                    FoundKey::Blank => {
                        told.notes += 1;
                        continue;
                    }
                    FoundKey::NoText => {
                        told.undetermined.insert(self.untold());
                        continue;
                    }
                };
                let resource = match making {
                    Making::Create => Some(ResourceSpec { name: called(*name, &key, sight), owner: Vec::new() }),
                    Making::Expect => None,
                };
                let key_said = match of.kind {
                    Kind::Exact | Kind::ExactTexts => key.trim().to_owned(),
                    Kind::Text | Kind::Texts | Kind::Number | Kind::Numbers | Kind::Flag | Kind::Day => said(&key),
                };
                let id = format!("{prefix}{key_said}").parse().unwrap();
                let permission = Permission { id, class: class_of(*class), resource };
                told.grants.insert(grant(Entitlement::Permission(permission)));
            }
        }
    }
}

/// What a group is called; by its key where the name is not known.
fn called(name: Name, key: &str, sight: &Sight<'_, '_>) -> String {
    let department = || sight.department_name().unwrap_or_else(|| key.to_owned()).trim().to_owned();
    match name {
        Name::Key => format!("Team {}", key.trim()),
        Name::DepartmentOrKey => format!("Team {}", department()),
        Name::Department => department(),
    }
}

fn class_of(class: Option<&str>) -> PermissionClass {
    match class {
        Some("licence") => PermissionClass::Licence,
        Some("privileged") => PermissionClass::Privileged,
        Some(_) | None => PermissionClass::Ordinary,
    }
}

/// What is given, unless it depends on a key.
fn plain(gift: &Gift) -> Option<Entitlement> {
    match gift {
        Gift::Account => Some(Entitlement::Account),
        Gift::Access => Some(Entitlement::Access),
        Gift::Permission { id, class } => {
            let permission = Permission { id: id.clone(), class: class_of(*class), resource: None };
            Some(Entitlement::Permission(permission))
        }
        Gift::Each { .. } => None,
    }
}

fn want(gift: &Gift) -> Want {
    match gift {
        Gift::Account => Want::Account,
        Gift::Access => Want::Access,
        Gift::Permission { .. } | Gift::Each { .. } => Want::Nothing,
    }
}

impl Exclusion {
    fn bars(&self) -> impl Iterator<Item = Barred> {
        self.withholds.iter().map(|what| {
            let what = match what {
                Withheld::Account => Bar::Account,
                Withheld::Access => Bar::Access,
                Withheld::Permission(id) => Bar::Permission(id.clone()),
                Withheld::Rule(rule) => Bar::Rule(rule.clone()),
            };
            Barred { slot: self.slot.clone(), what, by: self.id.clone() }
        })
    }
}

/// How something that is withheld meets a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meeting {
    Passes,
    /// The account stays, and cannot be used.
    Lowers,
    Covers,
}

fn meeting(barred: &Barred, grant: &Grant) -> Meeting {
    let is_here = barred.slot == grant.slot;
    match (&barred.what, &grant.entitlement) {
        (Bar::Rule(rule), _) if *rule == grant.because.rule => Meeting::Covers,
        (Bar::Account, _) if is_here => Meeting::Covers,
        (Bar::Access, Entitlement::Access) if is_here => Meeting::Lowers,
        (Bar::Permission(id), Entitlement::Permission(one)) if is_here && one.id == *id => Meeting::Covers,
        (Bar::Rule(_) | Bar::Account | Bar::Access | Bar::Permission(_), _) => Meeting::Passes,
    }
}

impl Told {
    fn bar(&mut self, barred: Barred) {
        for grant in std::mem::take(&mut self.grants) {
            match meeting(&barred, &grant) {
                Meeting::Passes => self.grants.insert(grant),
                Meeting::Lowers => self.grants.insert(Grant { entitlement: Entitlement::Account, ..grant }),
                Meeting::Covers => false,
            };
        }
        self.barred.insert(barred);
    }

    fn doubt(&mut self, barred: &Barred) {
        for grant in std::mem::take(&mut self.grants) {
            let kind = meeting(barred, &grant);
            if kind == Meeting::Passes {
                self.grants.insert(grant);
                continue;
            }
            if kind == Meeting::Lowers {
                self.grants.insert(Grant { entitlement: Entitlement::Account, ..grant.clone() });
            }
            self.doubts.insert((grant, barred.by.clone()));
        }
    }
}
