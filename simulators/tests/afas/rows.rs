//! What rows say: their columns, and where each value comes from.

use super::{EMPLOYMENTS, UNITS, USERS, column, day, empty, get, hire, json, rows};
use simulators::afas::{
    Coded, Collection, Connector, Environment, EnvironmentConfig, FunctionLine, Leader, Managers, Names, OrgUnit,
    PersonRow, Roots, UserRow, UserState, Window,
};

fn body(afas: &Environment, connector: &str) -> String {
    let answer = get(afas, &format!("/connectors/{connector}"));
    String::from_utf8(answer.body().to_vec()).unwrap()
}

#[test]
fn columns_stand_in_the_order_of_their_definition() {
    let afas = empty();
    let line = FunctionLine::new("0017", 3, day("2012-11-22")).in_unit("FIN").with_function("Senior \"Clerk\"");
    let line = FunctionLine { hours: Some(36.0), part_time: Some(90.0), ..line };
    let mut names = Names::new("Zoë", "van der Zee");
    names.partner = Some("Adams".to_owned());
    names.use_code = "3".to_owned();
    let user = UserRow { code: "12345.0017".to_owned(), state: UserState::Blocked, upn: None, mail: None };
    afas.hire(
        PersonRow { user: Some(user), ..PersonRow::new("0017", names) },
        vec![line.through(Some(day("2026-12-31")))],
    );
    afas.new_unit(OrgUnit::new("FIN", "Finance").led_by("0018", None));
    assert_eq!(
        body(&afas, USERS),
        r#"{"skip":0,"take":100,"rows":[{"Medewerker":"0017","Gebruiker":"12345.0017","Persoonsnummer":"0000017","DisplayName":"Zoë van der Zee - Adams","Geblokkeerd":true,"UPN":null,"Email_werk_gebruiker":null,"Profit_Windows":false,"Connector":false,"Reservekopieen_via_commandline":false,"Commandline":false,"InSite":false,"OutSite":false,"Voorletters":"Z.","Roepnaam":"Zoë","Voornaam":null,"Voorvoegsel":"van der","Geboortenaam":"Zee","Geboortenaam_partner":"Adams","Voorvoegsel_partner":null,"Naamgebruik_code":"3","Mobielnr_werk":null,"Telefoonnr_werk":null,"Email_werk":null,"Email_portal":null}]}"#
    );
    let employments = body(&afas, EMPLOYMENTS);
    let id = afas.lines("0017")[0].id.clone();
    assert_eq!(
        employments.replace(&id, "ID"),
        r#"{"skip":0,"take":100,"rows":[{"Medewerker":"0017","Persoonsnummer":"0000017","Naam":"Zoë van der Zee - Adams","Organisatorische_eenheid_code":"FIN","Organisatorische_eenheid_omschrijving":"Finance","Functie_code":"SENIOR_CLERK","Functie_omschrijving":"Senior \"Clerk\"","Kostenplaats_code":null,"Kostenplaats_omschrijving":null,"Werkgever_code":null,"Werkgever_omschrijving":null,"Type_contract":null,"Dienstverband":1,"Volgnummer_contract":3,"Begindatum_contract":"2012-11-22T00:00:00Z","Einddatum_contract":"2026-12-31T00:00:00Z","Begindatum_functie":"2012-11-22T00:00:00Z","Einddatum_functie":"2026-12-31T00:00:00Z","Uren_per_week":36,"Parttime_percentage":90,"FTE":0.9,"Persoonsnummer_leidinggevende":null,"Medewerkernummer_leidinggevende":"0018","Persoonsnummer_VervangendLeidinggevende":null,"Medewerkernummer_VervangendLeidinggevende":null,"ExternalID":"ID","Soort_medewerker":null,"Soort_medewerker_code":null,"Dienstbetrekking":null}]}"#
    );
    assert!(id.len() == 32 && id.chars().all(|letter| letter.is_ascii_digit() || letter.is_ascii_uppercase()), "{id}");
    assert_eq!(
        body(&afas, UNITS),
        r#"{"skip":0,"take":100,"rows":[{"ExternalId":"FIN","DisplayName":"Finance","ParentExternalId":"","ManagerExternalId":"0018","Huidige_vervanger":null}]}"#
    );
}

#[test]
fn somebody_without_an_afas_user_has_a_row_with_nothing_in_it_about_users() {
    let afas = empty();
    hire(&afas, "1", "Bo", "Adams");
    let row = rows(&afas, USERS, "").remove(0);
    for name in ["Gebruiker", "Geblokkeerd", "UPN", "InSite", "OutSite", "Email_portal", "Email_werk_gebruiker"] {
        assert!(row[name].is_null(), "{name}");
    }
}

#[test]
fn the_root_of_the_chart_has_a_blank_parent_or_none() {
    let afas = empty();
    afas.new_unit(OrgUnit::new("TOP", "Top"));
    let below =
        OrgUnit { parent: Some("TOP".to_owned()), deputy: Some("7".to_owned()), ..OrgUnit::new("FIN", "Finance") };
    afas.new_unit(below.clone());
    let read = || rows(&afas, UNITS, "orderbyfieldids=ExternalId");
    assert_eq!(
        (column(&read(), "ParentExternalId"), column(&read(), "Huidige_vervanger")),
        ("TOP ".to_owned(), "7 null".to_owned())
    );
    afas.switch(|switches| switches.roots = Roots::Null);
    assert_eq!(column(&read(), "ParentExternalId"), "TOP null");
    afas.new_unit(OrgUnit { parent: Some("FIN".to_owned()), ..below });
    assert_eq!(column(&read(), "ExternalId"), "FIN FIN TOP", "a code may stand in two places");
}

/// Somebody who was in `A` until May, is in `B` and goes to `C` in September, with three managers and other hours each time.
fn mover() -> Environment {
    let afas = empty();
    for (unit, leader) in [("A", "91"), ("B", "92"), ("C", "93")] {
        afas.new_unit(OrgUnit::new(unit, unit).led_by(leader, None));
    }
    let line = |number, unit: &str, first: &str, last: Option<&str>, hours| FunctionLine {
        hours: Some(hours),
        ..FunctionLine::new("1", number, day(first)).in_unit(unit).through(last.map(day))
    };
    let lines = vec![
        line(1, "A", "2025-01-01", Some("2026-05-31"), 10.0),
        line(2, "B", "2026-06-01", Some("2026-08-31"), 20.0),
        line(3, "C", "2026-09-01", None, 30.0),
    ];
    afas.hire(PersonRow::new("1", Names::new("Bo", "Adams")), lines);
    hire(&afas, "92", "Al", "Bos");
    afas
}

#[test]
fn every_line_shows_the_manager_and_the_hours_of_today() {
    let afas = mover();
    let read = |name| {
        let query = "orderbyfieldids=Volgnummer_contract&filterfieldids=Medewerker&filtervalues=1";
        column(&rows(&afas, EMPLOYMENTS, query), name)
    };
    assert_eq!(read("Organisatorische_eenheid_code"), "A B C");
    assert_eq!(read("Medewerkernummer_leidinggevende"), "92 92 92");
    assert_eq!(read("Persoonsnummer_leidinggevende"), "0000092 0000092 0000092");
    assert_eq!(read("Uren_per_week"), "20 20 20");
    afas.switch(|switches| switches.managers = Managers::OfTheLine);
    assert_eq!(read("Medewerkernummer_leidinggevende"), "91 92 93");
    assert_eq!(read("Persoonsnummer_leidinggevende"), "null 0000092 null", "nobody else is in the environment");
    afas.change_leader("B", "94", day("2026-06-10")).unwrap();
    assert_eq!(read("Medewerkernummer_leidinggevende"), "91 92 93", "as it was when the line began");
    afas.switch(|switches| switches.managers = Managers::OfToday);
    assert_eq!(read("Medewerkernummer_leidinggevende"), "94 94 94");
}

#[test]
fn whoever_leads_a_unit_is_led_by_the_one_above_it() {
    let afas = empty();
    let below = |code: &str, parent: &str| OrgUnit { parent: Some(parent.to_owned()), ..OrgUnit::new(code, code) };
    afas.new_unit(below("TOP", "TEAM").led_by("1", None));
    afas.new_unit(below("MID", "TOP"));
    afas.new_unit(below("TEAM", "MID").led_by("2", None));
    for (employee, unit) in [("1", "TOP"), ("2", "TEAM"), ("3", "TEAM"), ("4", "MID"), ("5", "GONE")] {
        let line = FunctionLine::new(employee, 1, day("2026-01-01")).in_unit(unit);
        afas.hire(PersonRow::new(employee, Names::new("Bo", "Adams")), vec![line]);
    }
    let read = || column(&rows(&afas, EMPLOYMENTS, "orderbyfieldids=Medewerker"), "Medewerkernummer_leidinggevende");
    assert_eq!(read(), "2 1 2 1 null", "this chart goes round in a circle");
}

#[test]
fn another_employment_has_a_today_of_its_own() {
    let afas = mover();
    let earlier = FunctionLine { employment: 2, ..FunctionLine::new("1", 4, day("2020-01-01")) };
    afas.new_line("1", earlier.in_unit("C").through(Some(day("2020-12-31")))).unwrap();
    let query = "orderbyfieldids=Volgnummer_contract&filterfieldids=Dienstverband&filtervalues=2";
    let found = rows(&afas, EMPLOYMENTS, query);
    assert_eq!(column(&found, "Medewerkernummer_leidinggevende"), "93");
    assert_eq!(column(&found, "Uren_per_week"), "null");
}

#[test]
fn the_window_leaves_out_what_is_more_than_three_months_away() {
    let afas = empty();
    // It is the 15th of June 2026. (employee, first day, last day, is within)
    let cases = [
        ("1", "2026-01-01", None, true),
        ("2", "2020-01-01", Some("2026-03-15"), false),
        ("3", "2020-01-01", Some("2026-03-16"), true),
        ("4", "2026-09-14", None, true),
        ("5", "2026-09-15", None, false),
    ];
    for (employee, first, last, _) in cases {
        let line = FunctionLine::new(employee, 1, day(first)).through(last.map(day));
        afas.hire(PersonRow::new(employee, Names::new("Bo", "Adams")), vec![line]);
    }
    let pro_forma = FunctionLine {
        sort: Some(Coded { code: "N".to_owned(), name: "Pro forma".to_owned() }),
        ..FunctionLine::new("6", 1, day("2026-01-01"))
    };
    afas.hire(PersonRow::new("6", Names::new("Bo", "Adams")), vec![pro_forma]);
    afas.hire(PersonRow::new("7", Names::new("Bo", "Adams")), Vec::new());
    let read = |connector| column(&rows(&afas, connector, "orderbyfieldids=Medewerker"), "Medewerker");
    assert_eq!((read(USERS), read(EMPLOYMENTS)), ("1 2 3 4 5 6 7".to_owned(), "1 2 3 4 5 6".to_owned()));
    afas.switch(|switches| switches.window = Window::ThreeMonths);
    let within: Vec<&str> = cases.iter().filter(|case| case.3).map(|case| case.0).collect();
    assert_eq!((read(USERS), read(EMPLOYMENTS)), (within.join(" "), within.join(" ")));
}

#[test]
fn who_leads_a_unit_is_who_does_so_today() {
    let afas = empty();
    let period = |employee: &str, first: Option<&str>, last: Option<&str>| Leader {
        employee: employee.to_owned(),
        first: first.map(day),
        last: last.map(day),
    };
    for (code, leaders, expected) in [
        ("A", vec![], "null"),
        ("B", vec![period("1", None, Some("2026-06-14")), period("2", Some("2026-06-15"), None)], "2"),
        ("C", vec![period("1", None, Some("2026-06-15")), period("2", Some("2026-06-16"), None)], "1"),
        ("D", vec![period("1", None, None), period("2", Some("2026-01-01"), None)], "2"),
        ("E", vec![period("1", None, Some("2026-06-14"))], "null"),
    ] {
        afas.new_unit(OrgUnit { leaders, ..OrgUnit::new(code, code) });
        let query = format!("filterfieldids=ExternalId&filtervalues={code}");
        assert_eq!(column(&rows(&afas, UNITS, &query), "ManagerExternalId"), expected, "{code}");
    }
}

#[test]
fn a_customer_names_connectors_and_columns() {
    let connector = Connector::new("My_Staff", Collection::Users)
        .only(&["Medewerker", "Geboortenaam", "Nonsense"])
        .with("Geslacht")
        .renamed("Medewerker", "Emplyee");
    let config = EnvironmentConfig { connectors: vec![connector], ..EnvironmentConfig::seeded(1) };
    let afas = Environment::new(config, simulators::clock::system());
    hire(&afas, "1", "Bo", "Adams");
    assert_eq!(
        body(&afas, "My_Staff?orderbyfieldids=Emplyee"),
        r#"{"skip":0,"take":100,"rows":[{"Emplyee":"1","Geboortenaam":"Adams","Geslacht":null}]}"#
    );
    assert_eq!(get(&afas, &format!("/connectors/{USERS}")).status(), 500);
    assert_eq!(get(&afas, "/connectors/My_Staff?orderbyfieldids=Medewerker").status(), 500);
}

#[test]
fn metainfo_tells_of_connectors_and_their_fields() {
    let afas = empty();
    let all = json(&get(&afas, "/metainfo"));
    let ids: Vec<&str> =
        all["getConnectors"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [USERS, EMPLOYMENTS, UNITS]);
    assert_eq!((all["info"]["envid"].as_str(), all["info"]["tokenExpiry"].as_str()), (Some("T12345AA"), Some("0")));
    for (connector, count) in [(USERS, 25), (EMPLOYMENTS, 29), (UNITS, 5)] {
        let about = json(&get(&afas, &format!("/metainfo/get/{connector}")));
        assert_eq!((about["name"].as_str(), about["fields"].as_array().unwrap().len()), (Some(connector), count));
    }
    let fields = json(&get(&afas, &format!("/metainfo/get/{EMPLOYMENTS}")))["fields"].clone();
    let kind =
        |id: &str| fields.as_array().unwrap().iter().find(|field| field["id"] == id).unwrap()["dataType"].clone();
    assert_eq!(
        (kind("Begindatum_functie"), kind("FTE"), kind("Dienstverband")),
        ("date".into(), "decimal".into(), "int".into())
    );
    assert_eq!(fields[0]["fieldId"], "U001");
    assert_eq!(json(&get(&afas, "/ProfitVersion")).to_string(), r#"{"version":"7.7.10"}"#);
}

#[test]
fn names_are_shown_by_their_use() {
    let mut names = Names::new("Bo", "de Boer");
    let mut shown = |code: &str, partner: Option<&str>| {
        code.clone_into(&mut names.use_code);
        names.partner = partner.map(str::to_owned);
        names.partner_prefix = Some("van".to_owned());
        names.shown()
    };
    assert_eq!(shown("0", Some("Dijk")), "Bo de Boer");
    assert_eq!(shown("1", Some("Dijk")), "Bo van Dijk - de Boer");
    assert_eq!(shown("2", Some("Dijk")), "Bo van Dijk");
    assert_eq!(shown("3", Some("Dijk")), "Bo de Boer - van Dijk");
    assert_eq!(shown("2", None), "Bo de Boer");
    assert_eq!(shown("9", Some("Dijk")), "Bo de Boer");
}
