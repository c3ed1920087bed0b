//! The programs as somebody at a terminal meets them: what they say, where, and with which exit code.

// Cargo builds this file for tests only; the line tells clippy that its helpers are test code too.
#![cfg(test)]

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const REPLAY: &str = env!("CARGO_BIN_EXE_replay");
const DAYS: [&str; 4] = ["--from", "2000-12-01", "--to", "2001-03-01"];

/// A folder of its own for a test, with the files of people: contracts, persons beside `1` and `2`, and rules.
fn folder(test: &str, contracts: &str, persons: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    let two = "{\"id\":\"1\",\"first_name\":\"Xanthippe\"}\n{\"id\":\"2\",\"first_name\":\"Bo\"}\n";
    fs::write(folder.join("persons.jsonl"), format!("{two}{persons}")).unwrap();
    fs::write(folder.join("contracts.jsonl"), contracts).unwrap();
    fs::write(folder.join("departments.jsonl"), "").unwrap();
    folder
}

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn replay(folder: &PathBuf, more: &[&str]) -> Said {
    said(Command::new(REPLAY).arg("--people").arg(folder).args(DAYS).args(more))
}

fn contract(person: &str, seq: &str, days: &str) -> String {
    format!("{{\"person_id\":\"{person}\",\"seq\":{seq},\"dept_code\":\"d1\",{days}}}\n")
}

#[test]
fn replay_tells_whom_it_refuses_and_counts_nobody_who_is_unknown() {
    let contracts = [
        contract("1", "1", "\"start\":\"2001-13-01\""),
        contract("2", "1", "\"start\":\"2001-01-01\""),
        contract("7", "1", "\"start\":\"2001-01-01\""),
        contract("8", "null", "\"start\":\"2001-01-01\""),
        contract("9", "1", "\"start\":\"2001-01-01\",\"end\":\"\""),
    ];
    let folder = folder("refused", &contracts.concat(), "{\"id\":\"8\"}\n{\"id\":\"9\"}\n");
    let said = replay(&folder, &[]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.starts_with("{\"persons\":4,\"contracts\":1,"), "{}", said.out);
    assert!(said.out.contains("\"enabled\":1,"), "{}", said.out);
    let lines: Vec<&str> = said.err.lines().collect();
    assert_eq!(lines[0], "replay: for 4 people something was refused");
    for (line, told) in lines[1..].iter().zip(["people:1: ", "people:7: ", "people:8: ", "people:9: "]) {
        assert!(line.trim().starts_with(told) && line.ends_with(" (in 91 runs)"), "{line}");
    }
    assert_eq!(lines.len(), 5, "{}", said.err);
}

/// The samples of a history through each way, which are the same.
fn samples(folder: &PathBuf, more: &[&str]) -> String {
    let through = |through: &str| {
        let said = replay(folder, &[&["--through", through], more].concat());
        assert_eq!(said.code, Some(0), "{through}: {}", said.err);
        let (_, samples) = said.out.split_once("\"samples\":").unwrap();
        samples.split_once(",\"actions\"").unwrap().0.to_owned()
    };
    let expected = through("memory");
    for other in ["entra", "afas-entra"] {
        assert_eq!(through(other), expected, "{other}");
    }
    expected
}

#[test]
fn somebody_without_a_name_or_with_a_long_one_gets_an_account_through_every_way() {
    let contracts = ["1", "8", "9", "10"].map(|person| contract(person, "1", "\"start\":\"2001-01-01\""));
    let long = format!("{{\"id\":\"9\",\"first_name\":\"{0}\",\"last_name\":\"{0}\"}}\n", "a".repeat(300));
    let persons = format!("{{\"id\":\"8\"}}\n{long}{}", long.replace("\"9\"", "\"10\""));
    let samples = samples(&folder("names", &contracts.concat(), &persons), &[]);
    assert!(samples.contains("\"enabled\":4,"), "{samples}");
}

#[test]
fn a_row_that_cannot_be_read_loses_nobody_else_through_any_way() {
    let contracts = [
        contract("1", "1", "\"start\":\"2001-01-01\""),
        contract("2", "1", "\"start\":\"2001-13-01\""),
        contract("3", "\"a 1\"", "\"start\":\"2001-01-01\",\"manager_id\":5"),
        contract("3", "\"01\"", "\"start\":\"2001-01-01\",\"end\":\"2001-02-01\""),
        contract("3", "1", "\"start\":\"2001-01-01\""),
        contract("4", "null", "\"start\":\"2001-01-01\""),
        contract("5", "1", "\"start\":\"2001-01-01\",\"end\":\"soon\""),
        contract("0006", "1", "\"start\":\"2001-01-01\""),
        contract("7", "1", "\"start\":\"2001-01-01\""),
    ];
    let persons = ["3", "4", "5", "0006"].map(|id| format!("{{\"id\":\"{id}\",\"birth_date\":\"?\",\"gender\":1}}\n"));
    let folder = folder("odd", &contracts.concat(), &persons.concat());
    let samples = samples(&folder, &[]);
    assert!(samples.contains("\"enabled\":3,") && samples.contains("\"not-yet\":3"), "{samples}");
    fs::write(folder.join("persons.jsonl"), "{\"id\":\" 1\"}\n").unwrap();
    for through in ["memory", "afas-entra"] {
        let said = replay(&folder, &["--through", through]);
        assert!(said.code == Some(1) && said.err.contains("`id` is blank, begins or ends"), "{through}: {}", said.err);
    }
}

#[test]
fn rules_from_a_file_hold_through_every_way() {
    let days = contract("1", "1", "\"start\":\"2001-01-01\"");
    let folder = folder("rules", &days, "");
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/standard.toml");
    let expected = samples(&folder, &[]);
    assert!(expected.contains("\"enabled\":1,"), "{expected}");
    assert_eq!(samples(&folder, &["--rules", rules]), expected);
}

#[test]
fn replay_refuses_rules_that_give_nothing_on_its_target() {
    let folder = folder("elsewhere", "", "");
    let rules = folder.join("rules.toml");
    fs::write(&rules, "target = \"ad\"\n[[rule]]\nid = \"a\"\ngives = \"access\"\n").unwrap();
    let said = replay(&folder, &["--rules", rules.to_str().unwrap()]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    assert!(said.err.ends_with("rules.toml`: no published rule gives anything on `entra`\n"), "{}", said.err);
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_place_and_kind_alone() {
    let all_is_well = contract("1", "1", "\"start\":\"2001-01-01\"");
    for (test, persons, told) in [
        ("syntax", "{\"id\":\"Xanthippe\n", "line 3, column 16: not JSON"),
        ("type", "{\"id\":\"3\",\"first_name\":[\"Xanthippe\"]}\n", "a field is given twice or has another type"),
        ("missing", "{\"first_name\":\"Xanthippe\"}\n", "column 26: the field `id` is missing"),
        ("key", "{\"id\":\" Xanthippe\"}\n", "line 3: `id` is blank, begins or ends with white space"),
        ("mark", "\u{feff}{\"id\":\"3\"}\n", "line 3 begins with a byte-order mark; save the file without it"),
    ] {
        let said = replay(&folder(test, &all_is_well, persons), &[]);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{test}");
        assert!(said.err.contains(told), "{test}: {}", said.err);
        assert!(!said.err.contains("Xanthippe") && !said.err.contains("plan of"), "{test}: {}", said.err);
        assert!(!said.err.ends_with("\n\n"), "{test}: {}", said.err);
    }
    let folder = folder("latin", &all_is_well, "");
    fs::write(folder.join("persons.jsonl"), b"{\"id\":\"1\"}\n{\"id\":\"2\",\"first_name\":\"Zo\xeb\"}\n").unwrap();
    assert!(replay(&folder, &[]).err.contains("line 2 is not UTF-8"));
}

#[test]
fn replay_refuses_what_it_could_only_fail_at_in_the_end() {
    let folder = folder("arguments", "", "");
    let said = replay(&folder, &["--timeline", "/nowhere/at/all"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    assert!(said.err.starts_with("replay: `/nowhere/at/all`: "), "{}", said.err);
    for beyond in [["--lead", "3651"], ["--grace", "4000000000"]] {
        assert_eq!(replay(&folder, &beyond).code, Some(2));
    }
    for no_day in ["2001-02-29", "2001-2-x", "", "2001-01-01,"] {
        let said = replay(&folder, &["--on", no_day]);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{no_day}");
        assert!(said.err.contains("write a day of the calendar as YYYY-MM-DD"), "{}", said.err);
    }
}

#[test]
fn an_output_that_is_closed_is_no_error_and_one_that_is_full_is_one() {
    let folder = folder("output", &contract("1", "1", "\"start\":\"2001-01-01\""), "");
    let programs: [(&str, Vec<&str>); 3] = [
        (REPLAY, [&["--people", folder.to_str().unwrap()], &DAYS[..]].concat()),
        (env!("CARGO_BIN_EXE_own_source"), Vec::new()),
        (env!("CARGO_BIN_EXE_tour"), Vec::new()),
    ];
    for (program, arguments) in programs {
        let mut child = Command::new(program).args(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{program}");
        let Ok(full) = File::options().write(true).open("/dev/full") else { continue };
        let said = said(Command::new(program).args(&arguments).stdout(full).stderr(Stdio::piped()));
        assert_eq!(said.code, Some(1), "{program}");
        assert_eq!(said.err.lines().count(), 1, "{program}: {}", said.err);
    }
}

#[test]
fn the_tour_goes_on_after_it_was_stopped_shows_its_audit_whole_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let said = said(Command::new(env!("CARGO_BIN_EXE_tour")).env("TMPDIR", folder.path()));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let words: Vec<&str> = said.out.split_whitespace().collect();
    let out = words.join(" ");
    for told in [
        "Of 7 steps the ledger in the file says that 2 are done; 2 were begun,",
        "all 7 steps of the plan are done, and none was done twice",
        "the group Sales, since 1 January 2026: rule department, as Account manager",
        "records of tenant `tour` are as they were written, up to the head that was expected",
        "is not the expected one: it was cut",
        "its payload was altered",
        "Everything went as it should.",
    ] {
        assert!(out.contains(told), "`{told}` is missing:\n{}", said.out);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_program_without_arguments_refuses_them() {
    for program in [env!("CARGO_BIN_EXE_own_source"), env!("CARGO_BIN_EXE_tour")] {
        assert_eq!(said(Command::new(program).arg("--colour")).code, Some(2), "{program}");
        let help = said(Command::new(program).arg("--help"));
        assert_eq!((help.code, help.out.contains("Usage:")), (Some(0), true), "{program}: {}", help.out);
    }
}
