//! Ledgers that are none of ours, or not as they were written: refused, with what to do.

use std::os::unix::fs::FileExt;
use std::path::Path;

use provisioning_core::audit::PersonDirective;
use provisioning_core::{Settings, Store};
use store_sql::SqlStore;

use crate::bench::Ledger;
use crate::desk::{commit, id, nine_o_clock, records, said, settings, settled};

/// Why a ledger is not opened.
async fn refusal(ledger: &Ledger) -> String {
    ledger.open(&settings(), nine_o_clock()).await.unwrap_err().to_string()
}

/// A ledger in which there is something, and which nobody has open.
async fn written(ledger: Ledger) -> Ledger {
    let clock = nine_o_clock();
    let store = ledger.open(&settings(), clock.clone()).await.unwrap();
    let fence = settled(&store, &clock).await;
    commit(&store, &fence, records([said(2, PersonDirective::Block), said(2, PersonDirective::Unblock)]))
        .await
        .unwrap();
    store.release(fence).await.unwrap();
    store.close().await.unwrap();
    ledger
}

#[tokio::test]
async fn an_audit_that_was_altered_is_refused_with_its_first_broken_record() {
    let zeros = "00".repeat(32);
    let cases = [
        ("UPDATE audit SET payload = replace(payload, 'anna', 'hanna') WHERE place = 0", 0, "its payload was altered"),
        ("UPDATE audit SET salt = {00000000000000000000000000000000} WHERE place = 3", 3, "its payload was altered"),
        ("UPDATE audit SET digest = {zeros} WHERE place = 2", 2, "its payload was altered"),
        ("UPDATE audit SET hash = {zeros} WHERE place = 1", 1, "its hash does not follow"),
        (
            "UPDATE audit SET salt = NULL, payload = NULL, digest = {zeros} WHERE place = 4",
            4,
            "its hash does not follow",
        ),
        ("UPDATE audit SET payload = NULL WHERE place = 5", 5, "half of it was erased"),
        (
            "UPDATE audit SET salt = NULL, payload = NULL WHERE place = 5",
            5,
            "its payload is gone, and no record says so",
        ),
        ("DELETE FROM audit WHERE place = 2", 2, "it is not in its place"),
        ("UPDATE audit SET place = 9 WHERE place = 5", 5, "it is not in its place"),
        ("UPDATE audit SET payload = '' WHERE place > 2 AND place < 5", 3, "its payload was altered"),
    ];
    for (statement, place, what) in cases {
        for ledger in Ledger::each() {
            let ledger = written(ledger).await;
            let sql = statement.replace("{zeros}", &ledger.bytes(&zeros));
            let sql = sql.replace("{00000000000000000000000000000000}", &ledger.bytes(&"00".repeat(16)));
            ledger.sql(&sql).await;
            let told = refusal(&ledger).await;
            let wanted = format!("record {place} of the audit is not as it was written: {what}");
            assert!(told.contains(&wanted) && told.contains("restore the ledger from a backup"), "{sql}: {told}");
        }
    }
}

#[tokio::test]
async fn a_ledger_that_was_replaced_under_a_running_store_is_not_gone_on_with() {
    for ledger in Ledger::each() {
        let ledger = written(ledger).await;
        let clock = nine_o_clock();
        let store = ledger.open(&settings(), clock.clone()).await.unwrap();
        let fence = store.acquire(&id("engine"), crate::desk::lease()).await.unwrap();
        ledger.sql("DELETE FROM audit WHERE place = 5; UPDATE ledger SET change = change - 1").await;
        let before = crate::desk::ledger(&store);
        let told = commit(&store, &fence, records([said(1, PersonDirective::Block)])).await.unwrap_err().to_string();
        assert!(told.contains("it was restored or replaced; end this process and start it again"), "{told}");
        // It went on afterwards, so that its steps are as many as ours.
        ledger.sql("UPDATE ledger SET change = change + 5").await;
        let told = store.acquire(&id("other"), crate::desk::lease()).await.unwrap_err().to_string();
        assert!(told.contains("it was restored or replaced; end this process and start it again"), "{told}");
        assert!(crate::desk::ledger(&store) == before, "something of it is shown");
    }
}

#[tokio::test]
async fn the_ledger_of_another_tenant_is_refused_with_whose_it_is() {
    for ledger in Ledger::each() {
        let ledger = written(ledger).await;
        let others = Settings { tenant: id("other"), ..settings() };
        let told = ledger.open(&others, nine_o_clock()).await.unwrap_err().to_string();
        let wanted = "this is the ledger of tenant `t`, not of `other`; open the ledger of `other`";
        assert!(told.ends_with(wanted), "{told}");
        assert!(ledger.open(&settings(), nine_o_clock()).await.is_ok());
    }
}

#[tokio::test]
async fn the_ledger_of_a_newer_program_is_refused_and_left_as_it_is() {
    for ledger in Ledger::each() {
        let ledger = written(ledger).await;
        ledger.sql("INSERT INTO ledger_version (version) VALUES (1000)").await;
        let told = refusal(&ledger).await;
        assert!(told.contains("the ledger has version 1000 and this program knows"), "{told}");
        assert!(told.contains("use the program that wrote it, or a newer one"), "{told}");
        ledger.sql("DELETE FROM ledger_version WHERE version = 1000").await;
        assert!(ledger.open(&settings(), nine_o_clock()).await.is_ok());
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let ledger = Ledger::file();
    let text = "name,department\nAnna,Sales\n".repeat(100);
    std::fs::write(ledger.path(), &text).unwrap();
    let told = refusal(&ledger).await;
    assert!(told.contains("damaged or none of ours") && told.contains("restore it from a backup"), "{told}");
    assert_eq!(std::fs::read_to_string(ledger.path()).unwrap(), text);
}

#[tokio::test]
async fn a_folder_that_is_not_there_or_may_not_be_written_to_is_told() {
    let folder = tempfile::tempdir().unwrap();
    // Where a file is, no folder is; that goes for root, too.
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for path in [folder.path().join("nowhere/ledger.db"), file.join("ledger.db"), Path::new("/proc/ledger.db").into()] {
        let told = SqlStore::sqlite(&path, &settings(), nine_o_clock()).await.unwrap_err().to_string();
        assert!(
            told.contains("cannot be opened or written") && told.contains("check its path and its rights"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn whatever_page_of_the_file_is_damaged_it_is_told_or_does_not_matter() {
    let ledger = written(Ledger::file()).await;
    let (path, clock) = (ledger.path(), nine_o_clock());
    let sound = std::fs::read(&path).unwrap();
    let before = crate::desk::look(&ledger.open(&settings(), clock.clone()).await.unwrap());
    let mut refused = 0;
    for page in 0..sound.len() / 4096 {
        let damaged = tempfile::tempdir().unwrap();
        let path = damaged.path().join("ledger.db");
        std::fs::write(&path, &sound).unwrap();
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&[0xa5; 4096], u64::try_from(page * 4096).unwrap()).unwrap();
        match SqlStore::sqlite(&path, &settings(), clock.clone()).await {
            // A page of an index that opening does not need.
            Ok(store) => assert_eq!(crate::desk::look(&store), before, "page {page}"),
            Err(error) => {
                let told = error.to_string();
                assert!(told.contains("restore"), "page {page}: {told}");
                refused += 1;
            }
        }
    }
    assert!(refused > 5, "{refused} pages were found to be damaged");
}

#[tokio::test]
async fn what_a_ledger_is_kept_in_is_for_its_owners_eyes_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let clock = nine_o_clock();
    let store = SqlStore::sqlite(&path, &settings(), clock.clone()).await.unwrap();
    settled(&store, &clock).await;
    let mut files = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().unwrap());
        assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", file.file_name());
        files += 1;
    }
    assert!(files > 1, "the log beside it counts too");
}
