//! Pages and their order.

use std::collections::BTreeSet;

use super::{EMPLOYMENTS, USERS, column, day, empty, get, hire, json, noon, rows, with_people};
use simulators::afas::{Environment, EnvironmentConfig, FunctionLine, Names, PersonRow, RowsShown};

/// The employees of all pages, as a client reads that goes on until a page is short.
fn all_pages(afas: &Environment, take: usize, order: &str) -> Vec<String> {
    let mut found = Vec::new();
    for page in 0.. {
        let rows = rows(afas, USERS, &format!("skip={}&take={take}&orderbyfieldids={order}", page * take));
        let count = rows.len();
        found.extend(rows.iter().map(|row| row["Medewerker"].as_str().unwrap().to_owned()));
        if count < take {
            break;
        }
    }
    found
}

#[test]
fn a_page_says_what_it_skipped_and_took_and_ends_without_a_total() {
    let afas = with_people(120);
    let page = |query: &str| {
        let body = json(&get(&afas, &format!("/connectors/{USERS}?{query}")));
        let object = body.as_object().unwrap();
        assert_eq!(object.keys().collect::<Vec<_>>(), ["rows", "skip", "take"]);
        (body["skip"].as_i64().unwrap(), body["take"].as_i64().unwrap(), body["rows"].as_array().unwrap().len())
    };
    // (query, skip, take and number of rows of the answer)
    for (query, expected) in [
        ("", (0, 100, 100)),
        ("skip=100", (100, 100, 20)),
        ("skip=0&take=120", (0, 120, 120)),
        ("skip=120&take=120", (120, 120, 0)),
        ("skip=119&take=1", (119, 1, 1)),
        ("skip=500", (500, 100, 0)),
        ("skip=-1&take=-1", (-1, -1, 120)),
        ("skip=-1&take=10", (-1, 10, 120)),
    ] {
        assert_eq!(page(query), expected, "{query}");
    }
}

#[test]
fn a_body_is_one_line_that_begins_with_the_page() {
    let afas = with_people(0);
    assert_eq!(get(&afas, &format!("/connectors/{USERS}")).body(), r#"{"skip":0,"take":100,"rows":[]}"#);
}

#[test]
fn without_an_order_pages_overlap_and_miss_rows() {
    let afas = with_people(250);
    let found = all_pages(&afas, 100, "");
    assert_eq!(found.len(), 250);
    let different: BTreeSet<&String> = found.iter().collect();
    assert!(different.len() < 250, "rows stand in the same order each time");
    assert_ne!(found, all_pages(&afas, 100, ""));
    // From the same seed all goes the same way.
    assert_eq!(found, all_pages(&with_people(250), 100, ""));
}

#[test]
fn an_order_that_does_not_tell_rows_apart_leaves_them_in_any() {
    let afas = with_people(250);
    let found = all_pages(&afas, 100, "Geboortenaam");
    let different: BTreeSet<&String> = found.iter().collect();
    assert!(different.len() < 250);
}

#[test]
fn with_an_order_every_row_comes_once() {
    let afas = with_people(250);
    let found = all_pages(&afas, 100, "Medewerker");
    assert!(found.is_sorted());
    assert_eq!((found.len(), found.first().unwrap().as_str(), found.last().unwrap().as_str()), (250, "0001", "0250"));
    let mut turned = all_pages(&afas, 125, "-Medewerker");
    turned.reverse();
    assert_eq!(turned, found);
}

#[test]
fn several_fields_order_one_after_the_other_and_what_is_not_there_comes_first() {
    let afas = empty();
    for (employee, given, family) in
        [("3", "Bo", "Adams"), ("1", "Bo", "adams"), ("2", "Al", "ADAMS"), ("10", "Al", "Bos")]
    {
        hire(&afas, employee, given, family);
    }
    let order = |fields: &str| column(&rows(&afas, USERS, &format!("orderbyfieldids={fields}")), "Medewerker");
    assert_eq!(order("Medewerker"), "1 10 2 3", "codes are text");
    assert_eq!(order("Geboortenaam,-Medewerker"), "3 2 1 10", "case does not count");
    assert_eq!(order("-Geboortenaam,Roepnaam,Medewerker"), "10 2 1 3");
    afas.change("2", |row| row.mail = Some("al@example.org".to_owned())).unwrap();
    assert_eq!(order("Email_werk,Medewerker"), "1 10 3 2");
    assert_eq!(order("-Email_werk,Medewerker"), "2 1 10 3");
}

#[test]
fn a_row_that_comes_in_between_two_pages_shifts_the_window() {
    let afas = with_people(30);
    afas.after_pages(1, |afas| hire(afas, "0000", "Bo", "Adams"));
    let found = all_pages(&afas, 10, "Medewerker");
    assert_eq!(found.len(), 31);
    assert_eq!(found[9], found[10], "the last row of the first page stands on the second too");
    assert!(!found.contains(&"0000".to_owned()));
    assert_eq!(afas.headcount(), 31);
}

#[test]
fn a_row_that_goes_between_two_pages_hides_another() {
    let afas = with_people(30);
    afas.after_pages(2, |afas| afas.remove("0001").unwrap());
    let found = all_pages(&afas, 10, "Medewerker");
    assert_eq!((found.len(), found.contains(&"0021".to_owned())), (29, false));
}

#[test]
fn rows_are_repeated_on_demand() {
    let afas = with_people(30);
    afas.switch(|switches| switches.repeated_rows = 2);
    let found = all_pages(&afas, 10, "Medewerker");
    assert_eq!(found.len(), 32);
    assert_eq!(found[8..12], ["0009", "0010", "0009", "0010"]);
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 30);
}

#[test]
fn no_rows_are_an_answer_too() {
    let afas = with_people(30);
    afas.switch(|switches| switches.rows = RowsShown::None);
    assert_eq!(all_pages(&afas, 10, "Medewerker").len(), 0);
    afas.switch(|switches| switches.rows = RowsShown::All);
    assert_eq!(all_pages(&afas, 10, "Medewerker").len(), 30);
}

#[test]
fn an_order_by_what_depends_on_today_follows_the_day() {
    let clock = noon();
    let afas = Environment::new(EnvironmentConfig::seeded(1), clock.clock());
    for (employee, hours, later) in [("1", 10.0, 40.0), ("2", 20.0, 5.0)] {
        let line = |number, first: &str, hours| {
            let line = FunctionLine::new(employee, number, day(first));
            FunctionLine { hours: Some(hours), ..line }
        };
        let first = line(1, "2026-01-01", hours).through(Some(day("2026-06-30")));
        afas.hire(PersonRow::new(employee, Names::new("Bo", "Adams")), vec![first, line(2, "2026-07-01", later)]);
    }
    let read = || {
        let query = "orderbyfieldids=Uren_per_week,Volgnummer_contract";
        let rows = rows(&afas, EMPLOYMENTS, query);
        format!("{} / {}", column(&rows, "Medewerker"), column(&rows, "Uren_per_week"))
    };
    assert_eq!(read(), "1 1 2 2 / 10 10 20 20");
    clock.set("2026-06-30T22:00:00Z".parse().unwrap());
    assert_eq!(read(), "2 2 1 1 / 5 5 40 40", "midnight in the Netherlands");
}
