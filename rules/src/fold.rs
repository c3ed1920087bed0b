//! How texts are compared: by what they say, not by how they are spelt.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;

/// A text as it is compared: composed (NFC), without white space at its ends, folded in case as Unicode has it, and never
/// by the customs of a country. Two texts mean the same if this is the same.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    folded_whole(text.trim())
}

/// The same with the white space at its ends.
pub(crate) fn folded_whole(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        let is_folded = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        return if is_folded { Cow::Borrowed(text) } else { Cow::Owned(text.to_ascii_lowercase()) };
    }
    let nfc = ComposingNormalizer::new_nfc();
    let composed = nfc.normalize(text);
    let folded = CaseMapper::new().fold_string(&composed);
    Cow::Owned(nfc.normalize(&folded).into_owned())
}

/// A text with its letters and their marks composed (NFC), as directories keep it.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { ComposingNormalizer::new_nfc().normalize(text) }
}

/// Whether two texts say the same.
pub(crate) fn same(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() { a.trim().eq_ignore_ascii_case(b.trim()) } else { folded(a) == folded(b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_text_are_the_same() {
        for (a, b) in [
            (" D007\t", "d007"),
            ("Straße", "STRASSE"),
            ("José", "Jose\u{301}"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("İ", "i\u{307}"),
            ("\u{a0}Ærø ", "ÆRØ"),
        ] {
            assert!(same(a, b) && same(b, a) && folded(a) == folded(b), "{a} {b}");
            assert_eq!(folded(&folded(a)), folded(a));
        }
        for (a, b) in [("Jose", "José"), ("I", "ı"), ("a b", "ab"), ("", "x")] {
            assert!(!same(a, b) && folded(a) != folded(b), "{a} {b}");
        }
    }
}
