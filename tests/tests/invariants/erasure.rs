//! Erasing a person: I-56.

use std::cell::Cell;

use futures::executor::block_on;
use proptest::prelude::any;
use provisioning_core::Actor;
use provisioning_core::audit::{Verdict, verify};

use crate::support::{Org, check, line, person, town};

/// How many days are looked at: long enough for a grace and a recycle bin.
const DAYS: u64 = 240;

#[test]
fn i_56_an_erasure_keeps_the_audit_provable_and_changes_nothing_for_anybody_else() {
    let erasures = Cell::new(0);
    check(60, (town(2..7, 6), any::<usize>(), 0..DAYS), |(town, who, from)| {
        let key = (who % town.lives.len() + 1).to_string();
        let of_person = format!("hr:{key}");
        let officer = Actor::new("officer").unwrap();
        let mut is_erased = false;
        let histories = [false, true].map(|erases| {
            let (org, mut log) = (Org::new(), Vec::new());
            for day in (0..DAYS).step_by(2) {
                town.dawn(&org, day);
                if erases && !is_erased && day >= from {
                    is_erased = block_on(org.engine.erase(&officer, &person(&key))).is_ok();
                }
                org.report();
                let sent = org.sent();
                // A group is made for whoever is first to be in it.
                let lines = sent.iter().map(line).filter(|line| line.contains("hr:"));
                log.extend(lines.filter(|line| !line.split(' ').any(|word| word == of_person)).map(|line| (day, line)));
            }
            (org, log)
        });
        let [(_, undisturbed), (org, log)] = &histories;
        assert_eq!(log, undisturbed);
        let (ledger, audit) = (org.engine.store.ledger(), org.kept.records());
        let ledger = ledger.read();
        assert_eq!(ledger.refolded(&audit).as_ref(), Ok(&*ledger));
        assert_eq!(verify(&audit, Some(ledger.head())), Verdict::Whole);
        if is_erased {
            erasures.set(erasures.get() + 1);
            let quoted = format!("\"{of_person}\"");
            let mut left = audit.iter().filter_map(|sealed| sealed.content.as_ref());
            assert!(!left.any(|(_, payload)| payload.contains(&quoted)));
        }
    });
    assert!(erasures.get() > 0, "nobody was erased");
}
