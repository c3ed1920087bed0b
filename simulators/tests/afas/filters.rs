//! Filters on rows.

use super::{EMPLOYMENTS, USERS, column, day, empty, get, hire, json, rows};
use simulators::afas::{Environment, FunctionLine, UserRow, UserState};

fn crowd() -> Environment {
    let afas = empty();
    for (employee, given, family) in
        [("01", "Anna", "van Dijk"), ("02", "Bram", "Bakker"), ("03", "Cato", "bakkers"), ("04", "Dirk", "De Bakker")]
    {
        hire(&afas, employee, given, family);
    }
    for (employee, state) in [("01", UserState::Open), ("02", UserState::Blocked)] {
        let user =
            UserRow { code: format!("12345.{employee}"), state, mail: Some(String::new()), ..UserRow::default() };
        afas.change(employee, |row| row.user = Some(user)).unwrap();
    }
    let line = FunctionLine { hours: Some(32.5), ..FunctionLine::new("03", 2, day("2026-03-01")) };
    afas.new_line("03", line.through(Some(day("2026-12-31")))).unwrap();
    afas
}

#[test]
fn each_operator_selects_its_rows() {
    let afas = crowd();
    // (field, operator, value, employees)
    let cases = [
        ("Geboortenaam", "1", "BAKKER", "02"),
        ("Geboortenaam", "", "Dijk", "01"),
        ("Medewerker", "1", "1", ""),
        ("Medewerker", "2", "03", "03 04"),
        ("Medewerker", "3", "02", "01 02"),
        ("Medewerker", "4", "03", "04"),
        ("Medewerker", "5", "02", "01"),
        ("Geboortenaam", "6", "akker", "02 03 04"),
        ("Geboortenaam", "6", "%25akker%25", "02 03 04"),
        ("Geboortenaam", "7", "bakker", "01 03 04"),
        ("Geboortenaam", "7", "%25akker%25", "01"),
        ("Geboortenaam", "7", "bakk%25", "01 04"),
        ("Geboortenaam", "7", "%25ers", "01 02 04"),
        ("Voorvoegsel", "7", "de", "01"),
        ("Voorvoegsel", "8", "%22%22", "02 03 04"),
        ("Email_portal", "8", "null", "01 02 03 04"),
        ("Gebruiker", "9", "%5Bis%20leeg%5D", "01 02"),
        ("Geboortenaam", "10", "bakk", "02 03"),
        ("Geboortenaam", "10", "bakk%25", "02 03"),
        ("Geboortenaam", "11", "akker", "01"),
        ("Geboortenaam", "12", "bakk", "01 04"),
        ("Geboortenaam", "13", "ers", "03"),
        ("Geboortenaam", "13", "%25ers", "03"),
        ("Geboortenaam", "14", "er", "01 03"),
        ("Geblokkeerd", "1", "true", "02"),
        ("Geblokkeerd", "1", "0", "01"),
        ("Geblokkeerd", "7", "true", "01"),
    ];
    for (field, operator, value, expected) in cases {
        let query =
            format!("orderbyfieldids=Medewerker&filterfieldids={field}&filtervalues={value}&operatortypes={operator}");
        assert_eq!(column(&rows(&afas, USERS, &query), "Medewerker"), expected, "{query}");
    }
}

#[test]
fn numbers_and_days_compare_as_what_they_are() {
    let afas = crowd();
    let cases = [
        ("Volgnummer_contract", "4", "1", "03"),
        ("Uren_per_week", "2", "32.5", "03 03"),
        ("Begindatum_functie", "2", "2026-01-02T00:00:00", "03"),
        ("Begindatum_functie", "1", "2026-03-01T00:00:00", "03"),
        ("Begindatum_functie", "4", "2026-02-28T23:59:59", "03"),
        ("Begindatum_functie", "4", "2026-03-01", ""),
        ("Einddatum_functie", "8", "", "01 02 03 04"),
        ("Einddatum_functie", "9", "", "03"),
    ];
    for (field, operator, value, expected) in cases {
        let query = format!(
            "orderbyfieldids=Medewerker,Volgnummer_contract&filterfieldids={field}&filtervalues={value}&operatortypes={operator}"
        );
        assert_eq!(column(&rows(&afas, EMPLOYMENTS, &query), "Medewerker"), expected, "{query}");
    }
}

#[test]
fn a_comma_is_and_and_a_semicolon_is_or() {
    let afas = crowd();
    let cases = [
        ("filterfieldids=Roepnaam,Geboortenaam&filtervalues=b,bakker&operatortypes=10,1", "02"),
        ("filterfieldids=Roepnaam,Geboortenaam&filtervalues=a,bakker&operatortypes=10,1", ""),
        ("filterfieldids=Roepnaam;Geboortenaam&filtervalues=a;bakker&operatortypes=10;1", "01 02"),
        (
            "filterfieldids=Medewerker%2CRoepnaam%3BMedewerker&filtervalues=02%2CBram%3B04&operatortypes=1%2C1%3B1",
            "02 04",
        ),
        ("filterfieldids=Medewerker;Medewerker&filtervalues=01;02", "01 02"),
    ];
    for (filter, expected) in cases {
        let found = rows(&afas, USERS, &format!("orderbyfieldids=Medewerker&{filter}"));
        assert_eq!(column(&found, "Medewerker"), expected, "{filter}");
    }
}

#[test]
fn a_filter_in_json_may_hold_separators_and_stands_for_the_same() {
    let afas = crowd();
    afas.change("04", |row| row.mail = Some("a,b;c".to_owned())).unwrap();
    let filter = |fields: &str| {
        let json = format!(r#"{{"Filters":{{"Filter":{fields}}}}}"#);
        let escaped = json.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        column(&rows(&afas, USERS, &format!("orderbyfieldids=Medewerker&filterjson={escaped}")), "Medewerker")
    };
    let field = |id: &str, operator: &str, text: &str| {
        format!(r##"{{"@FieldId":"{id}","@OperatorType":{operator},"#text":"{text}"}}"##)
    };
    let (mail, first) = (field("Email_werk", "\"1\"", "a,b;c"), field("Medewerker", "1", "01"));
    assert_eq!(filter(&format!(r#"[{{"@FilterId":"Filter 1","Field":[{mail}]}}]"#)), "04");
    assert_eq!(filter(&format!(r#"{{"Field":{mail}}}"#)), "04", "a list of one without its brackets");
    assert_eq!(filter(&format!(r#"[{{"Field":[{mail},{first}]}}]"#)), "");
    assert_eq!(filter(&format!(r#"[{{"Field":[{mail}]}},{{"Field":[{first}]}}]"#)), "01 04");
}

#[test]
fn a_filter_that_cannot_be_meant_is_an_error() {
    let afas = crowd();
    for (query, message) in [
        ("filterfieldids=Naam&filtervalues=1&operatortypes=1", "Connector field 'Naam' not found"),
        ("filterfieldids=medewerker&filtervalues=1&operatortypes=1", "Connector field 'medewerker' not found"),
        ("filterfieldids=Medewerker&filtervalues=1&operatortypes=15", "An unexpected error has occurred."),
        ("filterfieldids=Medewerker&filtervalues=1,2&operatortypes=1", "An unexpected error has occurred."),
        ("filterfieldids=Medewerker,Roepnaam&filtervalues=1;2", "An unexpected error has occurred."),
        ("filterfieldids=Geblokkeerd&filtervalues=perhaps", "An unexpected error has occurred."),
        ("filterjson=%7B", "An unexpected error has occurred."),
        ("filterjson=%7B%7D", "An unexpected error has occurred."),
    ] {
        let answer = get(&afas, &format!("/connectors/{USERS}?{query}"));
        assert_eq!(
            (answer.status().as_u16(), json(&answer)["externalMessage"].as_str()),
            (500, Some(message)),
            "{query}"
        );
    }
    let query = "filterfieldids=Begindatum_functie&filtervalues=2026-03-01T00:00:00Z";
    let answer = get(&afas, &format!("/connectors/{EMPLOYMENTS}?{query}"));
    assert_eq!(answer.status(), 500, "rows have a Z after a moment, filters must not");
}
