//! Sentences of the page, each with the days it is about. Days count from the first run.

use std::ops::Range;

use chrono::{NaiveDate, TimeDelta};

use crate::oracle::Status::{Deleted, Disabled, Enabled, NotYet, PreCreated};
use crate::oracle::{Foreign, History, Policy, Reading, Row, RunDay, Status, expect};

fn date(day: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default() + TimeDelta::days(day)
}

fn row(contract: u32, start: i64, last: i64) -> Row {
    let (start, last) = (date(start), Some(date(last)));
    Row { contract, start, last, department: u8::try_from(contract).unwrap_or(0) }
}

fn open(contract: u32, start: i64) -> Row {
    Row { last: None, ..row(contract, start, start) }
}

struct Story(History);

/// Daily runs over `days`, in which the source always gives `rows`.
fn story(days: i64, rows: &[Row]) -> Story {
    let policy = Policy {
        lead_days: 7,
        access_lead_days: 0,
        grace_days: 10,
        staged_grace_days: 5,
        return_horizon_days: None,
        retain_grants_days: 3,
        missing_readings: 3,
        bin_days: 30,
        bridge_days: 2,
        settle_minutes: 30,
    };
    let run = |day| RunDay {
        day: date(day),
        reading: Reading::Rows(rows.to_vec()),
        foreign: None,
        release: false,
        acknowledge_clock: false,
    };
    Story(History { policy, runs: (0..days).map(run).collect() })
}

impl Story {
    fn policy(mut self, change: impl Fn(&mut Policy)) -> Self {
        change(&mut self.0.policy);
        self
    }

    fn on(mut self, days: Range<i64>, change: impl Fn(&mut RunDay)) -> Self {
        let within = |run: &&mut RunDay| date(days.start) <= run.day && run.day < date(days.end);
        self.0.runs.iter_mut().filter(within).for_each(change);
        self
    }

    fn reads(self, days: Range<i64>, reading: &Reading) -> Self {
        self.on(days, |run| run.reading = reading.clone())
    }

    fn rows(self, days: Range<i64>, rows: &[Row]) -> Self {
        self.reads(days, &Reading::Rows(rows.to_vec()))
    }

    fn others(self, day: i64, what: Foreign) -> Self {
        self.on(day..day + 1, |run| run.foreign = Some(what))
    }

    fn released(self, day: i64) -> Self {
        self.on(day..day + 1, |run| run.release = true)
    }

    fn acknowledged(self, day: i64) -> Self {
        self.on(day..day + 1, |run| run.acknowledge_clock = true)
    }

    fn without_runs(mut self, days: Range<i64>) -> Self {
        self.0.runs.retain(|run| run.day < date(days.start) || date(days.end) <= run.day);
        self
    }

    /// Checks the status from each day given until the next one given.
    fn shows(&self, changes: &[(i64, Status)]) -> &Self {
        let first = changes.first().map_or(0, |(day, _)| *day);
        let mut seen = Vec::new();
        for shown in expect(&self.0) {
            let day = (shown.day - date(0)).num_days();
            let before = seen.last().map(|(_, status)| *status);
            if day < first || before == Some(shown.status) {
                continue;
            }
            seen.push((day, shown.status));
        }
        assert_eq!(seen, changes);
        self
    }

    fn groups(&self, day: i64, groups: &[u8]) -> &Self {
        let shown = expect(&self.0).into_iter().find(|shown| shown.day == date(day));
        let seen: Vec<u8> = shown.into_iter().flat_map(|shown| shown.groups).collect();
        assert_eq!(seen, groups, "on day {day}");
        self
    }
}

#[test]
fn a_hire_is_created_in_the_lead_and_enabled_on_the_first_day() {
    story(40, &[open(1, 20)]).shows(&[(0, NotYet), (13, PreCreated), (20, Enabled)]).groups(19, &[]).groups(20, &[1]);
}

#[test]
fn a_hire_entered_late_is_created_and_enabled_in_one_run() {
    story(40, &[open(1, 5)]).rows(0..9, &[]).shows(&[(0, NotYet), (9, Enabled)]).groups(9, &[1]);
}

#[test]
fn a_leaver_is_disabled_after_the_last_day_and_deleted_at_grace() {
    story(60, &[row(1, 0, 20)]).shows(&[(0, Enabled), (21, Disabled), (31, Deleted)]);
}

#[test]
fn a_group_of_a_leaver_is_kept_for_the_retention_and_then_goes() {
    story(60, &[row(1, 0, 20)]).groups(21, &[1]).groups(23, &[1]).groups(24, &[]);
}

#[test]
fn a_backdated_end_does_not_shorten_the_grace() {
    story(60, &[open(1, 0)]).rows(30..60, &[row(1, 0, 10)]).shows(&[(0, Enabled), (30, Disabled), (40, Deleted)]);
}

#[test]
fn a_later_end_that_is_over_lengthens_the_grace() {
    // Disabled by others on day 10 and left so; the contract ends on day 30.
    story(60, &[row(1, 0, 30)]).others(10, Foreign::Disable).shows(&[(0, Enabled), (10, Disabled), (41, Deleted)]);
}

#[test]
fn nothing_is_deleted_while_a_return_is_known() {
    story(99, &[row(1, 0, 20), open(2, 80)]).shows(&[(0, Enabled), (21, Disabled), (80, Enabled)]).groups(80, &[2]);
}

#[test]
fn the_horizon_is_inclusive() {
    let rows = [row(1, 0, 20), open(2, 41)];
    let horizon = |days| story(50, &rows).policy(|policy| policy.return_horizon_days = Some(days));
    horizon(10).shows(&[(0, Enabled), (21, Disabled), (41, Enabled)]);
    // Beyond the horizon on day 31; back in the bin until the lead begins.
    horizon(9).shows(&[(0, Enabled), (21, Disabled), (31, Deleted), (34, Disabled), (41, Enabled)]);
}

#[test]
fn a_withdrawn_hire_is_deleted_after_its_own_grace() {
    // Missing from day 15, taken as withdrawn at the third reading, unwanted since then.
    story(40, &[open(1, 20)]).rows(15..40, &[]).shows(&[(0, NotYet), (13, PreCreated), (22, Deleted)]);
}

#[test]
fn a_vanished_contract_ends_at_the_third_reading() {
    story(40, &[open(1, 0)]).rows(20..40, &[]).shows(&[(0, Enabled), (22, Disabled), (32, Deleted)]).groups(21, &[1]);
}

#[test]
fn a_vanished_contract_still_ends_on_its_accepted_last_day() {
    story(30, &[row(1, 0, 20)]).rows(20..30, &[]).shows(&[(0, Enabled), (21, Disabled)]);
}

#[test]
fn a_missing_contract_enables_nobody_but_comes_back_as_read() {
    story(30, &[open(1, 20)]).rows(19..21, &[]).shows(&[(0, NotYet), (13, PreCreated), (21, Enabled)]);
}

#[test]
fn a_missing_contract_does_not_stop_another() {
    story(30, &[open(1, 0), open(2, 10)]).rows(9..11, &[open(2, 10)]).shows(&[(0, Enabled)]).groups(10, &[1, 2]);
}

#[test]
fn no_delete_while_a_contract_or_the_person_is_missing() {
    let leaver = [(0, Enabled), (21, Disabled), (32, Deleted)];
    story(60, &[row(1, 0, 20)]).rows(30..32, &[]).shows(&leaver);
    story(60, &[row(1, 0, 20)]).reads(30..60, &Reading::PersonAbsent).shows(&leaver);
}

#[test]
fn an_outage_or_an_invalid_record_neither_counts_nor_resets() {
    story(40, &[open(1, 0)])
        .rows(20..40, &[])
        .reads(21..23, &Reading::Outage)
        .reads(23..25, &Reading::PersonInvalid)
        .shows(&[(0, Enabled), (26, Disabled), (36, Deleted)]);
}

#[test]
fn an_invalid_record_only_lowers() {
    story(60, &[row(1, 10, 20)])
        .reads(9..12, &Reading::PersonInvalid)
        .reads(19..35, &Reading::PersonInvalid)
        .shows(&[(0, NotYet), (3, PreCreated), (12, Enabled), (21, Disabled), (35, Deleted)])
        .groups(24, &[]);
}

#[test]
fn an_inverted_contract_that_had_not_started_is_a_withdrawal() {
    story(40, &[open(1, 20)]).rows(15..40, &[row(1, 20, 10)]).shows(&[(0, NotYet), (13, PreCreated), (20, Deleted)]);
}

#[test]
fn an_inverted_contract_that_had_started_ended_the_day_before() {
    story(40, &[open(1, 10)]).rows(15..40, &[row(1, 10, 9)]).shows(&[
        (0, NotYet),
        (3, PreCreated),
        (10, Enabled),
        (15, Disabled),
        (25, Deleted),
    ]);
}

#[test]
fn an_outage_raises_for_seven_days_and_lowers_for_ever() {
    let outage = |from| story(60, &[row(1, 10, 20)]).reads(from..60, &Reading::Outage);
    let enabled = [(0, NotYet), (3, PreCreated), (10, Enabled), (21, Disabled)];
    outage(4).shows(&enabled);
    outage(3).shows(&[(0, NotYet), (3, PreCreated)]);
    outage(4).groups(23, &[1]).groups(24, &[]);
}

#[test]
fn a_foreign_disable_is_held_until_released() {
    story(40, &[open(1, 0)])
        .others(10, Foreign::Disable)
        .released(20)
        .shows(&[(0, Enabled), (10, Disabled), (20, Enabled)])
        .groups(19, &[1]);
}

#[test]
fn a_hold_outlives_the_delete_at_grace() {
    story(60, &[row(1, 0, 20), open(2, 40)])
        .rows(0..38, &[row(1, 0, 20)])
        .others(10, Foreign::Disable)
        .released(45)
        .shows(&[(0, Enabled), (10, Disabled), (31, Deleted), (45, Enabled)]);
}

#[test]
fn an_unwanted_foreign_enable_is_undone_and_the_grace_begins_again() {
    story(60, &[row(1, 0, 20)])
        .others(28, Foreign::Enable)
        .shows(&[(0, Enabled), (21, Disabled), (38, Deleted)])
        .groups(28, &[]);
}

#[test]
fn a_foreign_enable_of_a_precreated_account_makes_it_suspended() {
    story(30, &[open(1, 20)]).others(15, Foreign::Enable).shows(&[
        (0, NotYet),
        (13, PreCreated),
        (15, Disabled),
        (20, Enabled),
    ]);
}

#[test]
fn a_wanted_foreign_enable_ends_a_foreign_disable() {
    let story = story(60, &[open(1, 0)]).others(10, Foreign::Disable).others(15, Foreign::Enable);
    story.shows(&[(0, Enabled), (10, Disabled), (15, Enabled)]);
}

#[test]
fn a_foreign_delete_waits_for_a_release_and_is_then_restored_or_made_anew() {
    let story = |released| story(60, &[open(1, 0)]).others(10, Foreign::Delete).released(released);
    story(39).shows(&[(0, Enabled), (10, Deleted), (39, Enabled)]).groups(39, &[1]);
    story(40).shows(&[(0, Enabled), (10, Deleted), (40, Enabled)]);
}

#[test]
fn an_account_restored_by_others_is_not_deleted_until_released() {
    story(99, &[row(1, 0, 20)]).others(35, Foreign::Restore).released(70).shows(&[
        (0, Enabled),
        (21, Disabled),
        (31, Deleted),
        (35, Disabled),
        (70, Deleted),
    ]);
}

#[test]
fn a_foreign_restore_after_the_bin_ran_out_does_nothing() {
    let restored = |day| story(99, &[row(1, 0, 20)]).others(day, Foreign::Restore);
    restored(60).shows(&[(0, Enabled), (21, Disabled), (31, Deleted), (60, Disabled)]);
    restored(61).shows(&[(0, Enabled), (21, Disabled), (31, Deleted)]);
}

#[test]
fn a_returner_is_restored_from_the_bin_and_created_after_it() {
    // Entered on the day; the lead shows which of the two it is: a restored account is disabled.
    let back = |day: i64| {
        let rows = [row(1, 0, 20), open(2, day + 5)];
        story(99, &rows).rows(0..day, &rows[..1])
    };
    let left = [(0, Enabled), (21, Disabled), (31, Deleted)];
    back(60).shows(&[&left[..], &[(60, Disabled), (65, Enabled)]].concat());
    back(61).shows(&[&left[..], &[(61, PreCreated), (66, Enabled)]].concat());
}

#[test]
fn a_known_return_restores_only_when_the_bin_would_run_out_before_it() {
    // Deleted on day 31, restorable through day 60.
    let back = |start: i64| {
        let rows = [row(1, 0, 20), open(2, start)];
        story(99, &rows).rows(0..40, &rows[..1])
    };
    let left = [(0, Enabled), (21, Disabled), (31, Deleted)];
    back(60).shows(&[&left[..], &[(53, Disabled), (60, Enabled)]].concat());
    back(61).shows(&[&left[..], &[(40, Disabled), (61, Enabled)]].concat());
}

#[test]
fn a_bridge_extends_the_earlier_contract() {
    story(40, &[row(1, 0, 20), open(2, 23)]).shows(&[(0, Enabled)]).groups(22, &[1]).groups(23, &[2]);
    story(40, &[row(1, 0, 20), open(2, 24)]).shows(&[(0, Enabled), (21, Disabled), (24, Enabled)]);
}

#[test]
fn the_clock_holds_everything_until_acknowledged() {
    story(99, &[row(1, 0, 20)])
        .without_runs(19..49)
        .acknowledged(52)
        .others(50, Foreign::Disable)
        .shows(&[(0, Enabled), (50, Disabled), (62, Deleted)])
        .groups(51, &[1])
        .groups(54, &[1])
        .groups(55, &[]);
}

#[test]
fn thirty_days_of_downtime_hold_nothing_but_lengthen_the_grace() {
    story(99, &[row(1, 0, 20)]).without_runs(19..48).shows(&[(0, Enabled), (48, Disabled), (58, Deleted)]);
}

#[test]
fn a_concluded_contract_raises_nothing() {
    // The row is gone since the day before its start: the account that was made for it is never enabled.
    story(70, &[row(1, 20, 60)]).reads(19..70, &Reading::PersonAbsent).shows(&[
        (0, NotYet),
        (13, PreCreated),
        (66, Deleted),
    ]);
}

#[test]
fn a_concluded_contract_keeps_to_its_accepted_last_day() {
    story(70, &[row(1, 20, 60)]).reads(30..70, &Reading::PersonAbsent).shows(&[
        (0, NotYet),
        (13, PreCreated),
        (20, Enabled),
        (61, Disabled),
    ]);
}
