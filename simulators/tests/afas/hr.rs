//! The hands of HR, and an organisation that was made from a seed.

use super::{EMPLOYMENTS, UNITS, USERS, column, day, empty, rows};
use simulators::afas::{FunctionLine, Names, NotThere, OrgUnit, PersonRow, Rows};
use simulators::organisation::{Department, Dice, Line, Organisation};

#[test]
fn what_hr_does_shows_in_the_next_rows() {
    let afas = empty();
    afas.new_unit(OrgUnit::new("FIN", "Finance"));
    let line = FunctionLine::new("7", 1, day("2026-01-01")).in_unit("FIN").with_function("Clerk");
    afas.hire(PersonRow::new("7", Names::new("Noor", "Janssens")), vec![line]);
    let lines = || {
        let found = rows(&afas, EMPLOYMENTS, "orderbyfieldids=Medewerker,Volgnummer_contract");
        found
            .iter()
            .map(|row| {
                let part = |name: &str| row[name].as_str().unwrap_or("open").replace("T00:00:00Z", "");
                format!(
                    "{} {} {}..{} {}..{}",
                    part("Medewerker"),
                    part("Organisatorische_eenheid_code"),
                    part("Begindatum_contract"),
                    part("Einddatum_contract"),
                    part("Begindatum_functie"),
                    part("Einddatum_functie"),
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(lines(), ["7 FIN 2026-01-01..open 2026-01-01..open"]);
    afas.move_to("7", "IT", day("2026-07-01")).unwrap();
    let moved = ["7 FIN 2026-01-01..2026-06-30 2026-01-01..2026-06-30", "7 IT 2026-07-01..open 2026-07-01..open"];
    assert_eq!(lines(), moved);
    let known = afas.lines("7");
    assert_ne!(known[0].id, known[1].id);
    assert_eq!(known[1].function, known[0].function);
    afas.last_day("7", Some(day("2026-12-31"))).unwrap();
    assert_eq!(lines()[1], "7 IT 2026-07-01..2026-12-31 2026-07-01..2026-12-31");
    afas.last_day("7", None).unwrap();
    assert_eq!(lines(), moved);
    afas.new_line("7", FunctionLine::new("7", 3, day("2027-01-01")).in_unit("FIN")).unwrap();
    assert_eq!(lines()[2], "7 FIN 2027-01-01..open 2027-01-01..open");
    afas.remove_line("7", &known[1].id).unwrap();
    assert_eq!(lines().len(), 2);
    afas.rename("7", "van den Berg").unwrap();
    let found = rows(&afas, USERS, "");
    assert_eq!(
        (column(&found, "Voorvoegsel"), column(&found, "Geboortenaam")),
        ("van den".to_owned(), "Berg".to_owned())
    );
    afas.remove("7").unwrap();
    assert_eq!((lines().len(), afas.headcount()), (0, 0));
}

#[test]
fn the_rest_is_found_after_somebody_was_removed() {
    let afas = empty();
    for employee in ["1", "2", "3"] {
        super::hire(&afas, employee, "Bo", "Adams");
    }
    afas.remove("2").unwrap();
    afas.rename("3", "Bos").unwrap();
    assert_eq!(column(&rows(&afas, USERS, "orderbyfieldids=Medewerker"), "Geboortenaam"), "Adams Bos");
}

#[test]
fn nobody_and_nothing_cannot_be_changed() {
    let afas = empty();
    afas.hire(PersonRow::new("1", Names::new("Bo", "Adams")), Vec::new());
    assert_eq!(afas.last_day("2", None), Err(NotThere::Employee));
    assert_eq!(afas.last_day("1", None), Err(NotThere::Line));
    assert_eq!(afas.move_to("1", "IT", day("2026-07-01")), Err(NotThere::Line));
    assert_eq!(afas.remove("2"), Err(NotThere::Employee));
    assert_eq!(afas.remove_line("1", "none"), Err(NotThere::Line));
    assert_eq!(afas.change_leader("IT", "1", day("2026-07-01")), Err(NotThere::Unit));
    assert_eq!(afas.write_line("2", &Line::open("IT", "Clerk", day("2026-07-01"))), Err(NotThere::Employee));
}

#[test]
fn the_words_before_a_surname_are_its_prefix_when_they_are_small() {
    for (surname, prefix, birth) in [
        ("Jansen", None, "Jansen"),
        ("van den Berg", Some("van den"), "Berg"),
        ("De Clercq", None, "De Clercq"),
        ("El Idrissi", None, "El Idrissi"),
        ("de", None, "de"),
        ("", None, ""),
    ] {
        let names = Names::new("Bo", surname);
        assert_eq!((names.prefix.as_deref(), names.birth.as_str()), (prefix, birth), "{surname}");
    }
}

#[test]
fn an_organisation_and_its_events_are_rows() {
    let afas = empty();
    let mut dice = Dice::new(7);
    let mut organisation = Organisation::generated(&mut dice, day("2026-01-01"));
    afas.load(Rows::of(&organisation));
    let all = |connector| rows(&afas, connector, "skip=-1&take=-1");
    assert_eq!(
        (all(USERS).len(), all(EMPLOYMENTS).len()),
        (organisation.employees.len(), organisation.employees.len())
    );
    let board = rows(&afas, UNITS, "filterfieldids=ExternalId&filtervalues=BOARD");
    assert_eq!(column(&board, "ManagerExternalId"), organisation.departments[0].manager.clone().unwrap());

    let hired = organisation.named("Lotte", "de Vries", Line::open("BOARD", "Clerk", day("2026-07-01")));
    afas.hire_employee(&hired);
    afas.last_day(&hired.key, Some(day("2026-07-31"))).unwrap();
    afas.found(&Department { code: "DATA".to_owned(), name: "Data".to_owned(), manager: Some(hired.key.clone()) });
    afas.write_line(&hired.key, &Line::open("DATA", "Lead", day("2026-08-01")).through(day("2026-12-31"))).unwrap();
    let query = format!("orderbyfieldids=Volgnummer_contract&filterfieldids=Medewerker&filtervalues={}", hired.key);
    let lines = rows(&afas, EMPLOYMENTS, &query);
    assert_eq!(column(&lines, "Volgnummer_contract"), "1 2");
    assert_eq!(column(&lines, "Organisatorische_eenheid_omschrijving"), "Board Data");
    assert_eq!(column(&lines, "Einddatum_functie"), "2026-07-31T00:00:00Z 2026-12-31T00:00:00Z");
    assert_ne!(lines[0]["ExternalID"], lines[1]["ExternalID"]);
    assert_eq!(
        rows(&afas, UNITS, "filterfieldids=ExternalId&filtervalues=DATA")[0]["ManagerExternalId"],
        hired.key.as_str()
    );
}
