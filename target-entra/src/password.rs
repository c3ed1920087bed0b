//! First passwords: long, random, and known to nobody unless they are handed over.

use rand::RngExt;
use secrecy::SecretString;

/// 64 signs, so that six random bits choose one without a bias; none that is easily taken for another.
const SIGNS: &[u8; 64] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#%+-_=";
/// More than anybody guesses: 144 bits. The directory asks for 8 to 256.
const LENGTH: usize = 24;

/// A random password with capital and small letters, digits and other signs; the directory asks for three of these
/// four.
pub(crate) fn random_password() -> SecretString {
    let mut random = rand::rng();
    loop {
        let drawn: String = (0..LENGTH).map(|_| sign(random.random::<u8>())).collect();
        if is_complex(&drawn) {
            return drawn.into();
        }
    }
}

fn sign(random: u8) -> char {
    SIGNS.get(usize::from(random & 63)).copied().map_or('A', char::from)
}

fn is_complex(text: &str) -> bool {
    let kinds: [fn(&u8) -> bool; 4] =
        [u8::is_ascii_uppercase, u8::is_ascii_lowercase, u8::is_ascii_digit, u8::is_ascii_punctuation];
    kinds.iter().all(|kind| text.as_bytes().iter().any(kind))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_password_satisfies_the_directory_and_is_never_the_same() {
        let mut seen = BTreeSet::new();
        for _ in 0..200 {
            let password = random_password();
            let text = password.expose_secret();
            assert_eq!(text.len(), LENGTH);
            assert!(is_complex(text) && text.bytes().all(|sign| SIGNS.contains(&sign)));
            assert!(!format!("{password:?}").contains(text));
            assert!(seen.insert(text.to_owned()));
        }
    }

    #[test]
    fn every_sign_is_drawn_equally_often() {
        let signs: BTreeSet<u8> = SIGNS.iter().copied().collect();
        assert_eq!(signs.len(), SIGNS.len());
        for wanted in SIGNS {
            let drawn = (0..=u8::MAX).filter(|random| sign(*random) == char::from(*wanted)).count();
            assert_eq!(drawn, 4);
        }
    }

    #[test]
    fn what_lacks_a_kind_of_sign_is_drawn_again() {
        // (text, complex)
        for (text, expected) in [("aB3!", true), ("aB3", false), ("aB!", false), ("a3!", false), ("B3!", false)] {
            assert_eq!(is_complex(text), expected, "{text}");
        }
    }
}
