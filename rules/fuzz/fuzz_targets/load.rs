//! Any text is rules or a list of problems; what is rules can be reviewed, and asked about a person.

#![no_main]

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Amsterdam;
use libfuzzer_sys::fuzz_target;
use provisioning_core::period::Period;
use provisioning_core::policy::{EarlierAccounts, Policy};
use provisioning_core::source::{ContractRecord, Departments, Person, PersonRecord, Presence, Standing};
use provisioning_core::{Fields, PersonId, Value};
use rules::RuleSet;

static SOMEBODY: LazyLock<(PersonId, PersonRecord, Departments)> = LazyLock::new(|| {
    let id: PersonId = "hr:1".parse().unwrap();
    let record = PersonRecord {
        id: id.0.clone(),
        presence: Presence::Present,
        defects: Vec::new(),
        conflict: None,
        zone: None,
        facts_since: NaiveDate::MIN,
        fields: fields("given_name=Ann prefix=van family_name=Berg phone=0612345678 on_call=snow"),
        contracts: vec![ContractRecord {
            id: "c".parse().unwrap(),
            read: (NaiveDate::MIN, None),
            period: Period::inclusive(NaiveDate::default(), None).ok(),
            standing: Standing::Present,
            zone: None,
            known_since: NaiveDate::MIN,
            imported: false,
            facts_since: NaiveDate::MIN,
            fields: fields("department=tax title=Clerk kind=employee building=hall family=administration"),
        }],
    };
    (id, record, Departments::default())
});

fn fields(text: &str) -> Fields {
    let words = text.split_whitespace().filter_map(|word| word.split_once('='));
    words.map(|(name, value)| (name.parse().unwrap(), Value::text(value))).collect()
}

fuzz_target!(|text: &str| {
    match text.parse::<RuleSet>() {
        Err(problems) => assert!(!problems.to_string().is_empty()),
        Ok(rules) => {
            let _ = rules.review();
            let (id, record, departments) = &*SOMEBODY;
            let person = Person::new(id, vec![record], departments, Amsterdam);
            let now = DateTime::<Utc>::UNIX_EPOCH;
            let _ = (rules.grants(&person, now), rules.next_change(&person, now));
            for slot in rules.slots() {
                let _ = rules.profile(&person, slot, &EarlierAccounts::default(), now);
            }
        }
    }
});
