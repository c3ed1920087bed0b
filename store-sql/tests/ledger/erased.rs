//! What is left in files of people who were erased.

use std::path::Path;

use provisioning_core::audit::PersonDirective;
use provisioning_core::ledger::ErasureRequest;
use provisioning_core::target::Observations;
use provisioning_core::{Clock, Store};

use crate::bench::Ledger;
use crate::desk::{
    account, commit, create, delete, hr, id, lease, nine_o_clock, people, records, said, settings, settle, whole,
};

const NAME: &str = "Xanthippe-Ouwerkerk";

/// The names of the files in which a text is.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[tokio::test]
async fn no_file_holds_the_name_of_somebody_who_was_erased() {
    let (place, clock) = (Ledger::file(), nine_o_clock());
    let store = place.open(&settings(), clock.clone()).await.unwrap();
    let fence = store.acquire(&id("engine"), lease()).await.unwrap();
    // Long values lie on pages of their own.
    let long = format!("{NAME}-{}", "x".repeat(9000));
    for last in ["", "2026-03-01"] {
        let text = format!(
            "department d1 Board\nperson 1 given_name={NAME} notes={long}\ncontract 1 a 2026-03-01..{last} d1\n\
             person 2 given_name=Bo\ncontract 2 b 2026-03-01.. d1"
        );
        let acceptance = people(&store, &text, clock.now()).unwrap();
        let head = store.ledger().read().head();
        store.accept(&fence, head, acceptance, Vec::new()).await.unwrap();
    }
    let said = [said(1, PersonDirective::Block), said(2, PersonDirective::Block)];
    let facts = create(1, 1, NAME).into_iter().chain(create(2, 2, "bo")).chain(create(3, 1, &long)).chain(said);
    commit(&store, &fence, records(facts)).await.unwrap();
    for accounts in [vec![account(1, NAME), account(2, "bo")], vec![account(2, "bo")]] {
        let head = store.ledger().read().head();
        store.accept(&fence, head, whole(accounts), Vec::new()).await.unwrap();
    }
    commit(&store, &fence, records(delete(4, 1))).await.unwrap();
    settle(&store, &fence, &clock).await;
    let folder = place.path();
    let folder = folder.parent().unwrap();
    assert!(!files_with(folder, NAME).is_empty(), "the name was never written");
    let erasing = {
        let request = ErasureRequest { person: hr(1), actor: id("officer"), at: clock.now() };
        let (ledger, roster) = (store.ledger(), store.roster());
        ledger.read().erasing(&request, (&roster.read(), &Observations::new()), &settings()).unwrap()
    };
    let head = store.ledger().read().head();
    store.erase(&fence, head, &erasing).await.unwrap();
    assert_eq!(files_with(folder, NAME), [""; 0]);
    // While the store goes on, and after it ended.
    commit(&store, &fence, records(create(5, 2, "bo"))).await.unwrap();
    assert_eq!(files_with(folder, NAME), [""; 0]);
    store.close().await.unwrap();
    assert_eq!(files_with(folder, NAME), [""; 0]);
    assert!(!files_with(folder, "given_name").is_empty(), "the other person's record is gone as well");
}
