//! What an account is called: a display name, and a user name that mail systems can bear.

use chrono::{DateTime, Utc};
use provisioning_core::policy::{
    Answer, Combination, Desired, EarlierAccounts, Looks, PolicyVersion, Profile, Renaming, UniqueName, Upkeep,
};
use provisioning_core::source::Person;
use provisioning_core::{Edit, FieldName, Policy, Slot, Value};

use crate::ends::DOMAIN;

/// Another policy, with the names that an account in Entra has: `displayName`, `givenName` and `surname` follow the person's
/// name, `userPrincipalName` is made once and stays.
#[derive(Debug)]
pub struct Named<P>(pub P);

impl<P: Policy> Policy for Named<P> {
    fn version(&self) -> PolicyVersion {
        self.0.version()
    }

    fn sees_managers(&self) -> bool {
        self.0.sees_managers()
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        self.0.grants(person, now)
    }

    fn combinations(&self) -> &[Combination] {
        self.0.combinations()
    }

    fn profile(&self, person: &Person<'_>, _: &Slot, _: &EarlierAccounts, _: DateTime<Utc>) -> Profile {
        let part = |name: &str| person.text(name).unwrap_or_default();
        let (given, family) = (part("given_name"), person.text("last_name").unwrap_or_else(|| part("family_name")));
        let mut profile = Profile::default();
        let (stem, domain) = (stem(given, family), format!("@{DOMAIN}"));
        let shown = format!("{given} {family}");
        // Every user of a directory has a display name, and a name that is longer than it takes is cut.
        let shown = if shown.trim().is_empty() { stem.as_str() } else { shown.trim() };
        for (name, text, most) in [("displayName", shown, 256), ("givenName", given, 64), ("surname", family, 64)] {
            let text = cut(text, most);
            let edit = if text.is_empty() { Edit::Clear } else { Edit::Set(Value::text(text)) };
            profile.attributes.extend(FieldName::new(name).map(|name| (name, (Desired::Value(edit), Upkeep::Equal))));
        }
        profile.names.extend(FieldName::new("userPrincipalName").map(|attribute| UniqueName {
            attribute,
            candidates: vec![format!("{stem}{domain}")],
            numbered: Some((stem, domain)),
            renaming: Renaming::Frozen,
        }));
        profile
    }

    fn looks(&self) -> Looks {
        self.0.looks()
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.next_change(person, now)
    }
}

/// How long the user name is at most before its number and the `@`; a directory takes 64 with the number.
const LONGEST_STEM: usize = 54;

/// What stands before the `@`: as much of the name as has plain letters, and fits.
fn stem(given: &str, family: &str) -> String {
    let whole = match (plain(given), plain(family)) {
        (given, family) if given.is_empty() && family.is_empty() => "user".to_owned(),
        (one, none) | (none, one) if none.is_empty() => one,
        (given, family) => format!("{given}.{family}"),
    };
    cut(&whole, LONGEST_STEM).trim_end_matches('.').to_owned()
}

/// The head of a text, at most so many characters of it.
fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| text.get(..end).unwrap_or(text)).trim_end()
}

/// Small letters from a to z only, those of the tour's names without their marks.
fn plain(name: &str) -> String {
    let unmarked = name.to_lowercase();
    let unmarked = unmarked.chars().filter_map(|letter| match letter {
        'a'..='z' => Some(letter),
        'é' | 'ë' => Some('e'),
        'ï' | 'ı' => Some('i'),
        'ş' => Some('s'),
        'ć' => Some('c'),
        _ => None,
    });
    unmarked.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_has_plain_letters_only() {
        for (name, expected) in [("De Clercq", "declercq"), ("Zoë", "zoe"), ("Yılmaz", "yilmaz"), ("Şahin", "sahin")]
        {
            assert_eq!(plain(name), expected);
        }
    }

    #[test]
    fn a_name_without_plain_letters_still_makes_a_user_name() {
        for (given, family, expected) in
            [("Zoë", "Vos", "zoe.vos"), ("Zoë", "王", "zoe"), ("小明", "Vos", "vos"), ("", "王", "user")]
        {
            assert_eq!(stem(given, family), expected);
        }
    }

    #[test]
    fn a_long_name_is_cut_to_what_a_directory_takes() {
        assert_eq!(stem(&"a".repeat(53), "bc"), "a".repeat(53));
        assert_eq!(stem("zoe", &"b".repeat(300)), format!("zoe.{}", "b".repeat(50)));
        for (text, expected) in [("Zoë", "Zoë"), ("Zoëë", "Zoë"), ("Zo Vos", "Zo")] {
            assert_eq!(cut(text, 3), expected);
        }
    }
}
