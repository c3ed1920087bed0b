//! What an account is called: a display name, and a user name that mail systems can bear.

use chrono::{DateTime, Utc};
use provisioning_core::policy::{
    Answer, Desired, EarlierAccounts, PolicyVersion, Profile, Renaming, UniqueName, Upkeep,
};
use provisioning_core::source::Person;
use provisioning_core::{Edit, FieldName, Policy, Slot, Value};

/// Another policy, with names: `display_name` follows the person's name, `user_name` is made once and stays.
#[derive(Debug)]
pub struct Named<P>(pub P);

impl<P: Policy> Policy for Named<P> {
    fn version(&self) -> PolicyVersion {
        self.0.version()
    }

    fn grants(&self, person: &Person<'_>, now: DateTime<Utc>) -> Answer {
        self.0.grants(person, now)
    }

    fn profile(&self, person: &Person<'_>, slot: &Slot, earlier: &EarlierAccounts, now: DateTime<Utc>) -> Profile {
        let mut profile = self.0.profile(person, slot, earlier, now);
        let part = |name: &str| person.text(name).unwrap_or_default();
        let (given, family) = (part("given_name"), part("family_name"));
        if let (Ok(display), Ok(user)) = (FieldName::new("display_name"), FieldName::new("user_name")) {
            let name = Desired::Value(Edit::Set(Value::text(&format!("{given} {family}"))));
            profile.attributes.insert(display, (name, Upkeep::Equal));
            let stem = format!("{}.{}", plain(given), plain(family));
            profile.names = vec![UniqueName {
                attribute: user,
                candidates: vec![stem.clone()],
                numbered: Some((stem, String::new())),
                renaming: Renaming::Frozen,
            }];
        }
        profile
    }

    fn next_change(&self, person: &Person<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.next_change(person, now)
    }
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
}
