//! A quarter of all contracts ended "next Friday" by mistake: nothing destructive is written for them, however long the
//! date has been known; the message says which limit, by how much, and who; and who really leaves then, leaves.

use std::collections::BTreeSet;

use crate::ours::{approve, count, hired, is_in_order, sent};
use crate::support::{Org, Setup, d};

/// How many people there are; a quarter of them is ended by mistake. Any number from a hundred on shows the same.
const PEOPLE: usize = 1000;

/// On Friday 20 March 2026 the contracts of a quarter end by mistake, as entered ten days before.
struct Town {
    people: usize,
}

const ENTERED: &str = "2026-03-10";
const FRIDAY: &str = "2026-03-20";

/// What HR says of the contracts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// What is right, as it was foreseen.
    Foreseen,
    /// With the mistake.
    Mistake,
    /// With the mistake, and one more who really leaves.
    MistakeAndLate,
    /// What is right, with the one more.
    Right,
}

impl Town {
    fn mistaken(&self) -> usize {
        self.people / 4
    }

    /// What HR says: three people leave on the Wednesday and four on the Friday, known since they came; one more, who leaves
    /// on that Friday as well, was entered the day after the mistake.
    fn rows(&self, said: Said) -> String {
        let is_mistaken = matches!(said, Said::Mistake | Said::MistakeAndLate);
        let has_late = matches!(said, Said::MistakeAndLate | Said::Right);
        let row = |number: usize| {
            let last = match number {
                0..3 => "2026-03-18",
                3..7 => FRIDAY,
                7 if has_late => FRIDAY,
                8.. if is_mistaken && number < 8 + self.mistaken() => FRIDAY,
                _ => "",
            };
            let key = 10_000 + number;
            format!("person {key} family_name=N{key}\ncontract {key} c{key} 2026-01-01..{last} d1\n")
        };
        (0..self.people).map(row).collect()
    }

    /// The organisation on the day of the mistake, and what it says of what was foreseen.
    fn after_the_mistake(&self) -> (Org, Vec<String>) {
        let org = hired(Setup::default(), &self.rows(Said::Foreseen));
        org.on("2026-02-28").report();
        let report = org.on(ENTERED).says(&self.rows(Said::Mistake)).report();
        assert!(report.plan.is_empty(), "{report}");
        (org, report.findings.mass_leaves.iter().map(ToString::to_string).collect())
    }

    fn who(&self) -> String {
        format!("`hr:10008`, `hr:10009`, `hr:10010`, `hr:10011`, `hr:10012` and {} more", self.mistaken() - 5)
    }

    /// Every day until the Wednesday after, on each of which the disables of the mistaken are held back.
    fn pass(&self, org: &Org) -> Vec<String> {
        org.on("2026-03-11").says(&self.rows(Said::MistakeAndLate));
        let mut done = Vec::new();
        for day in d("2026-03-11").iter_days().take(15) {
            let report = org.on(&day.to_string()).report();
            done.extend(sent(org).into_iter().map(|line| format!("{day} {line}")));
            let said: Vec<String> = report.exceeded.iter().map(ToString::to_string).collect();
            let expected = if day <= d(FRIDAY) { String::new() } else { self.held() };
            assert_eq!(said.join("\n"), expected, "{day}");
        }
        done
    }

    /// Which limits, by how much, and who.
    fn held(&self) -> String {
        let mistaken = self.mistaken();
        let line = |done: &str, percent: usize| {
            let allowed = self.people * percent / 100;
            format!(
                "`entra`: {mistaken} surprising disable planned{done}, {allowed} allowed: {} too many, so none is done \
                 until somebody approves; it is about {}",
                mistaken - allowed,
                self.who()
            )
        };
        format!("{}\n{}", line("", 5), line(" and 0 done in the last 7 days", 10))
    }

    fn enabled(&self, org: &Org) -> usize {
        (0..self.people).filter(|number| org.is_enabled(&(10_000 + number).to_string())).count()
    }
}

#[test]
fn it_is_foreseen_when_it_is_entered() {
    let town = Town { people: PEOPLE };
    let (mistaken, allowed) = (town.mistaken(), PEOPLE / 20);
    let (_, foreseen) = town.after_the_mistake();
    let expected = format!(
        "from 2026-03-21 on {} people more have no contract; {mistaken} were entered on 2026-03-10 and the others on 1 day \
         more, and the caps let {allowed} go at once, so {mistaken} wait for an approval then; check the end dates of {}",
        mistaken + 4,
        town.who()
    );
    assert_eq!(foreseen, [expected]);
}

#[test]
fn nothing_is_written_for_those_who_are_ended_by_mistake_and_real_leavers_leave() {
    let town = Town { people: PEOPLE };
    let (org, _) = town.after_the_mistake();
    let done = town.pass(&org);
    let disables: Vec<String> = [("2026-03-19", 0..3), ("2026-03-21", 3..8)]
        .into_iter()
        .flat_map(|(day, those)| those.map(move |number| format!("{day} disable hr:{}", 10_000 + number)))
        .collect();
    assert_eq!(done, disables);
    assert_eq!(town.enabled(&org), PEOPLE - 8);
    // HR puts it right: nobody noticed anything, and who really left is gone.
    org.on("2026-03-26").says(&town.rows(Said::Right));
    let done = org.run();
    assert_eq!((done.len(), count(&done, "revoke")), (3, 3), "what is kept for a week after leaving: {done:?}");
    is_in_order(&org);
    assert_eq!(town.enabled(&org), PEOPLE - 8);
}

#[test]
fn law_10_who_is_due_is_decided_as_everybody_would_be() {
    let town = Town { people: 100 };
    let (org, _) = town.after_the_mistake();
    org.on("2026-03-11").says(&town.rows(Said::MistakeAndLate)).report();
    for day in ["2026-03-19", "2026-03-21", "2026-03-22"] {
        let planned = org.on(day).plan();
        assert!(planned.findings.decided < 100, "only some are due");
        assert_eq!(planned.approved.plan().waves, org.decided().waves, "{day}");
        org.apply(planned);
    }
}

#[test]
fn what_is_put_right_in_part_goes_on_for_the_rest() {
    let town = Town { people: 100 };
    let (org, _) = town.after_the_mistake();
    town.pass(&org);
    // Five were no mistake: that many may go at once.
    let right: String = town.rows(Said::Right).lines().map(|line| kept(line) + "\n").collect();
    let report = org.on("2026-03-26").says(&right).report();
    assert_eq!((report.withheld, count(&sent(&org), "disable")), (0, 5), "{report}");
    assert_eq!(town.enabled(&org), 100 - 8 - 5);
}

/// The first five of the mistaken keep the end that was entered.
fn kept(line: &str) -> String {
    let is_kept = (10_008..10_013).any(|key| line.starts_with(&format!("contract {key} ")));
    if is_kept { line.replace("2026-01-01..", &format!("2026-01-01..{FRIDAY}")) } else { line.to_owned() }
}

#[test]
fn what_is_approved_is_done_and_what_follows_from_it_is_asked_again() {
    let town = Town { people: 200 };
    let (org, _) = town.after_the_mistake();
    town.pass(&org);
    org.on("2026-03-26");
    approve(&org);
    let report = org.report();
    assert_eq!((report.withheld, count(&sent(&org), "disable")), (0, 50), "{report}");
    assert_eq!(town.enabled(&org), 200 - 8 - 50);
    // After a week their groups would go, and after the grace their accounts: as many at once, and as little foreseen.
    let mut asked = BTreeSet::new();
    for day in d("2026-03-27").iter_days().take(40) {
        let report = org.on(&day.to_string()).report();
        let of_mistaken: Vec<String> = sent(&org).into_iter().filter(|line| !is_real(line)).collect();
        assert_eq!(of_mistaken, Vec::<String>::new(), "{day}");
        asked.extend(report.exceeded.iter().map(|limit| limit.cap.kind.to_string()));
    }
    assert_eq!(asked, ["delete", "revoke"].map(str::to_owned).into());
    approve(&org);
    let report = org.report();
    assert_eq!((report.withheld, count(&sent(&org), "delete")), (0, 50), "{report}");
}

fn is_real(line: &str) -> bool {
    (10_000..10_008).any(|key| line.contains(&format!("hr:{key}")))
}
