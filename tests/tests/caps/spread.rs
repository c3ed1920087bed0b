//! Wrong end dates that were entered at once and lie on many days: each day has fewer than one plan may take, and after a
//! week's worth nobody loses anything by them; who really leaves then, leaves.

use crate::ours::{approve, count, hired, is_in_order, sent};
use crate::support::{Org, Setup, d};

const PEOPLE: usize = 300;
/// Ten on each of 25 days.
const MISTAKEN: usize = 250;
const ENTERED: &str = "2026-03-10";
const FIRST: &str = "2026-03-20";
/// How many the standard caps let go by surprise in a week.
const A_WEEK: usize = 30;

/// What HR says; one who leaves in the middle of it was known to.
fn rows(has_mistake: fn(usize) -> bool) -> String {
    let row = |number: usize| {
        let last = match number {
            _ if number == PEOPLE - 1 => "2026-03-30".to_owned(),
            ..MISTAKEN if has_mistake(number) => d(FIRST).iter_days().nth(number / 10).unwrap().to_string(),
            _ => String::new(),
        };
        let key = 10_000 + number;
        format!("person {key} family_name=N{key}\ncontract {key} c{key} 2026-01-01..{last} d1\n")
    };
    (0..PEOPLE).map(row).collect()
}

/// The organisation where HR says this first.
fn town(rows: &str) -> Org {
    let org = hired(Setup::default(), rows);
    org.on("2026-02-28").report();
    org
}

/// The days of the mistake, on each of which those who are due are decided as everybody would be, and what was sent on them.
fn pass(org: &Org) -> Vec<String> {
    let mut done = Vec::new();
    for day in d("2026-03-11").iter_days().take(40) {
        let planned = org.on(&day.to_string()).plan();
        assert_eq!(planned.approved.plan().waves, org.decided().waves, "{day}");
        org.apply(planned);
        done.extend(sent(org).into_iter().map(|line| format!("{day} {line}")));
    }
    done
}

#[test]
fn wrong_ends_on_many_days_are_foreseen_as_one_and_held() {
    let org = town(&rows(|_| false));
    let report = org.on(ENTERED).says(&rows(|_| true)).report();
    let told: Vec<String> = report.findings.mass_leaves.iter().map(ToString::to_string).collect();
    let expected = "between 2026-03-21 and 2026-04-14 251 people more come to have no contract; 250 were entered on 2026-03-10 \
                    and the others on 1 day more, and the caps let 30 go within 7 days, so what is over that waits for an \
                    approval then; check the end dates of `hr:10000`, `hr:10001`, `hr:10002`, `hr:10003`, `hr:10004` and 245 more";
    assert_eq!(told, [expected]);
    let done = pass(&org);
    let disables = done.iter().filter(|line| line.contains(" disable "));
    let (real, mistaken): (Vec<&String>, Vec<&String>) = disables.partition(|line| line.contains("hr:10299"));
    assert_eq!(real, ["2026-03-31 disable hr:10299"]);
    assert_eq!(mistaken.len(), A_WEEK);
    // Somebody approves what was right of it.
    org.on("2026-04-20").says(&rows(|number| number < 60));
    approve(&org);
    org.report();
    assert_eq!(count(&sent(&org), "disable"), 60 - A_WEEK);
    is_in_order(&org);
}

#[test]
fn the_same_ends_in_the_first_reading_are_nobodys_mistake() {
    let org = town(&rows(|_| true));
    let report = org.on(ENTERED).report();
    assert_eq!(report.findings.mass_leaves, []);
    let done = pass(&org);
    assert_eq!(done.iter().filter(|line| line.contains(" disable ")).count(), MISTAKEN + 1);
}
