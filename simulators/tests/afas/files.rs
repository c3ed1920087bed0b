//! Environments that are loaded from files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use simulators::afas::{Collection, Connector, Environment, EnvironmentConfig, Managers, Roots, Rows};
use simulators::clock::ByHand;

use super::{EMPLOYMENTS, UNITS, USERS, column, empty, get, rows};

/// The folder of 2,000 people next to the workspace, where there is one.
fn people() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.map(|folder| folder.join("shared/data/employees-2k")).find(|folder| folder.exists())
}

/// The rows of the pages whose names begin like this; in these files each stands on a line.
fn expected(folder: &Path, name: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pages = files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name));
    let text: String = pages.map(|path| fs::read_to_string(path).unwrap()).collect();
    let rows = text
        .lines()
        .map(|line| line.trim_end_matches(','))
        .filter(|line| line.ends_with('}') && !line.starts_with(']'));
    rows.filter(|line| line.starts_with("{\"M") || line.starts_with("{\"E")).map(str::to_owned).collect()
}

#[test]
fn people_from_files_are_the_rows_that_others_made_of_them() {
    let Some(folder) = people() else {
        eprintln!("not compared: the folder shared/data/employees-2k is not next to the workspace");
        return;
    };
    let users =
        ["Medewerker", "Roepnaam", "Voorletters", "Voorvoegsel", "Geboortenaam", "Naamgebruik_code", "Geslacht"];
    let users = [users.as_slice(), &["Geboortedatum", "Datum_in_dienst"]].concat();
    let employments = ["Medewerker", "Volgnummer_contract", "Organisatorische_eenheid_code", "Functie_omschrijving"];
    let employments =
        [employments.as_slice(), &["Medewerkernummer_leidinggevende", "Begindatum_functie", "Einddatum_functie"]]
            .concat();
    let units = ["ExternalId", "DisplayName", "ParentExternalId", "ManagerExternalId"];
    let config = EnvironmentConfig {
        connectors: vec![
            Connector::new(USERS, Collection::Users).only(&users),
            Connector::new(EMPLOYMENTS, Collection::Employments).only(&employments),
            Connector::new(UNITS, Collection::OrganizationalUnits).only(&units),
        ],
        ..EnvironmentConfig::seeded(1)
    };
    let afas = Environment::new(config, ByHand::at("2002-08-02T10:00:00Z".parse().unwrap()).clock());
    afas.load(Rows::from_folder(&folder).unwrap());
    afas.switch(|switches| (switches.managers, switches.roots) = (Managers::OfTheLine, Roots::Null));
    for (connector, files, count) in
        [(USERS, "afas-users", 2000), (EMPLOYMENTS, "afas-employments", 3406), (UNITS, "afas-organizational-units", 9)]
    {
        let answer = get(&afas, &format!("/connectors/{connector}?skip=-1&take=-1"));
        let body = String::from_utf8(answer.body().to_vec()).unwrap();
        let (_, listed) = body.split_once('[').unwrap();
        let listed = listed.trim_end_matches("]}").trim_matches(['{', '}']);
        let served: BTreeSet<String> = listed.split("},{").map(|row| format!("{{{row}}}")).collect();
        let expected = expected(&folder, files);
        assert_eq!((served.len(), expected.len()), (count, count), "{connector}");
        assert_eq!(served.difference(&expected).next(), None, "{connector}");
    }
}

/// A folder of this test's own that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn with(name: &str, files: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("simulators-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        for (file, text) in files {
            fs::write(path.join(file), text).unwrap();
        }
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const PERSONS: &str = r#"{"id":"0017","first_name":"Bo","last_name":"van Dijk","birth_date":"1990-02-28","gender":"F","hire_date":"2020-01-01"}
{"id":"0018","first_name":"Al","last_name":"Bos","birth_date":null,"gender":"M","hire_date":null}

"#;
const CONTRACTS: &str = r#"{"person_id":"0017","seq":1,"dept_code":"d1","dept_name":"One","title":"Clerk","manager_id":"0018","start":"2026-01-01","end":"2026-12-31"}
{"person_id":"0099","seq":1,"dept_code":"d1","dept_name":"One","title":"Clerk","manager_id":"0018","start":"2026-01-01","end":null}
"#;
const DEPARTMENTS: &str = r#"{"code":"d1","name":"One"}"#;
const MANAGERS: &str = r#"{"dept_code":"d1","manager_id":"0018","start":"2026-01-01","end":null}"#;

#[test]
fn a_folder_is_loaded() {
    let files = [
        ("persons.jsonl", PERSONS),
        ("contracts.jsonl", CONTRACTS),
        ("departments.jsonl", DEPARTMENTS),
        ("managers.jsonl", MANAGERS),
    ];
    let folder = Folder::with("whole", &files);
    let afas = empty();
    afas.load(Rows::from_folder(&folder.0).unwrap());
    let users = rows(&afas, USERS, "orderbyfieldids=Medewerker");
    assert_eq!(
        (column(&users, "Medewerker"), column(&users, "Geboortenaam")),
        ("0017 0018".to_owned(), "van Dijk Bos".to_owned())
    );
    let lines = rows(&afas, EMPLOYMENTS, "");
    assert_eq!(lines.len(), 1, "the contract of nobody is left out");
    assert_eq!(lines[0]["Einddatum_contract"], "2026-12-31T00:00:00Z");
    assert_eq!(lines[0]["Persoonsnummer_leidinggevende"], "0000018");
    assert_eq!(column(&rows(&afas, UNITS, ""), "ManagerExternalId"), "0018");
}

#[test]
fn a_folder_that_cannot_be_loaded_is_named_with_the_line_and_without_its_text() {
    let folder = Folder::with("bad", &[("persons.jsonl", "{\"id\":\"1\"}\n{\"id\":1,\"last_name\":\"Secret\"}")]);
    let said = Rows::from_folder(&folder.0).unwrap_err().to_string();
    let path = folder.0.join("persons.jsonl");
    assert_eq!(said, format!("line 2 of `{}`, column 7: not what this file should hold", path.display()));
    fs::write(&path, PERSONS).unwrap();
    let said = Rows::from_folder(&folder.0).unwrap_err().to_string();
    assert!(said.contains("contracts.jsonl`: "), "{said}");
}
