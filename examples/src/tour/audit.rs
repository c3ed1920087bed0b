//! What whoever checks the exported audit is told, and what is told of two forgeries.

use std::fs;
use std::path::Path;

use provisioning_core::audit::{Expected, ExportReader, ExportVerdict, Head, export, verify_export};

use crate::tour::world::Outcome;

/// Checks an exported audit against a head that was kept elsewhere, and then two forgeries of it: what is said of each.
///
/// # Errors
/// When it is not whole, or a forged one passes for it.
pub fn checked(file: &Path, known: Head) -> Outcome<[(&'static str, String); 3]> {
    let text = fs::read_to_string(file)?;
    let expected = Expected { head: Some(known), signature: None };
    let whole = verify_export(text.as_bytes(), expected)?;
    let cut = verify_export(cut(&text)?.as_slice(), expected)?;
    let altered = verify_export(altered(&text).as_bytes(), expected)?;
    match (&whole, &cut, &altered) {
        (ExportVerdict::Whole(_), ExportVerdict::OtherHead { .. }, ExportVerdict::BrokenAt { .. }) => {
            let of = |verdict: &ExportVerdict| verdict.to_string();
            Ok([("as it is", of(&whole)), ("one cut off", of(&cut)), ("one altered", of(&altered))])
        }
        _ => {
            Err(format!("the exported audit is not whole, or a forged one passes for it: {whole}; {cut}; {altered}")
                .into())
        }
    }
}

/// Without its last record, and else as well made as the real one.
fn cut(text: &str) -> Outcome<Vec<u8>> {
    let mut reader = ExportReader::open(text.as_bytes())?;
    let tenant = reader.tenant().clone();
    let mut records = reader.by_ref().collect::<Result<Vec<_>, _>>()?;
    records.pop();
    let mut forged = Vec::new();
    export(&mut forged, &tenant, records, None)?;
    Ok(forged)
}

/// With a space in a record of the middle.
fn altered(text: &str) -> String {
    let middle = text.lines().count() / 2;
    let line = |(number, line): (usize, &str)| {
        let line = if number == middle { line.replace("\"payload\":\"", "\"payload\":\" ") } else { line.to_owned() };
        line + "\n"
    };
    text.lines().enumerate().map(line).collect()
}
