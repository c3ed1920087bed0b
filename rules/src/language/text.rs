//! What can be made of a text.

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;

/// One text made of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// In lower case.
    Lower,
    /// Each word with a capital, and small letters behind it.
    Title,
    /// Its first letter.
    Initial,
    /// The first letter of each word, with a dot behind it.
    Initials,
    /// Without white space.
    Compact,
    /// In the letters of a passport's machine-readable lines.
    Latinize,
    /// In small letters and digits, and single hyphens for all else but apostrophes.
    Slug,
    /// Not longer than this.
    Truncate(usize),
}

impl Change {
    /// What it makes of a text.
    pub(crate) fn of(self, text: &str) -> String {
        match self {
            Self::Lower => text.to_lowercase(),
            Self::Title => title(text),
            Self::Initial => composed(text.trim()).chars().take(1).collect(),
            Self::Initials => initials(text),
            Self::Compact => text.split_whitespace().collect(),
            Self::Latinize => latinize(text),
            Self::Slug => slug(text),
            Self::Truncate(most) => truncate(&composed(text), most).trim_end_matches('-').to_owned(),
        }
    }
}

/// A text as it is shown: one character for each letter with its marks.
fn composed(text: &str) -> String {
    ComposingNormalizer::new_nfc().normalize(text.trim()).into_owned()
}

/// How long a text is, as Microsoft's directories count: a character beyond the first 65,536 counts twice.
pub(crate) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The start of a text that is not longer than `most`.
pub(crate) fn truncate(text: &str, most: usize) -> &str {
    let mut long = 0;
    let end = text.char_indices().find_map(|(at, letter)| {
        long += letter.len_utf16();
        (long > most).then_some(at)
    });
    text[..end.unwrap_or(text.len())].trim_end()
}

fn title(text: &str) -> String {
    let lower = composed(&composed(text).to_lowercase());
    let letters: Vec<char> = lower.chars().collect();
    let is = |at: usize, what: fn(char) -> bool| letters.get(at).is_some_and(|letter| what(*letter));
    let is_letter = |at| is(at, |letter| letter.is_alphanumeric() || is_mark(letter));
    let opens = |at: usize| at == 0 || !is_letter(at - 1) && !is(at - 1, is_apostrophe);
    // `o'brien` has a capital behind the apostrophe, `van 't hof` and `it's` have none.
    let follows_one =
        |at: usize| at >= 2 && is(at - 1, is_apostrophe) && is_letter(at - 2) && opens(at - 2) && is_letter(at + 1);
    let case = CaseMapper::new();
    let cased = |(at, letter): (usize, &char)| {
        if opens(at) || follows_one(at) { case.simple_titlecase(*letter) } else { *letter }
    };
    composed(&letters.iter().enumerate().map(cased).collect::<String>())
}

/// Whether it stands above or below the letter before it.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '\u{2019}' | '\u{2018}' | '`' | '\u{b4}')
}

fn initials(text: &str) -> String {
    let text = composed(text);
    let words = text.split(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '.'));
    let firsts = words.filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    firsts.flat_map(|letter| [CaseMapper::new().simple_titlecase(letter), '.']).collect()
}

/// As passports write them in their machine-readable lines (ICAO Doc 9303, part 3, section 6).
const PASSPORT: [(char, &str); 7] =
    [('ä', "ae"), ('æ', "ae"), ('ö', "oe"), ('ø', "oe"), ('ü', "ue"), ('å', "aa"), ('ß', "ss")];

fn latinize(text: &str) -> String {
    let letters: Vec<char> = composed(text).chars().collect();
    let mut latin = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let small = letter.to_lowercase().next().unwrap_or(*letter);
        let known = PASSPORT.iter().find(|(known, _)| *known == small).map(|(_, written)| *written);
        let written = known.unwrap_or_else(|| any_ascii::any_ascii_char(*letter));
        let next = letters.get(at + 1).filter(|next| next.is_alphabetic());
        let beside = next.or_else(|| letters.get(at.checked_sub(1)?));
        match (letter.is_uppercase(), beside.is_some_and(|beside| beside.is_uppercase())) {
            (true, true) if written.len() > 1 => latin.push_str(&written.to_uppercase()),
            (true, false) if known.is_some() => latin.push_str(&title(written)),
            (true | false, _) => latin.push_str(written),
        }
    }
    latin
}

fn slug(text: &str) -> String {
    let latin = latinize(text).to_lowercase();
    let kept: String = latin.chars().filter(|letter| !is_apostrophe(*letter)).collect();
    let words = kept.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::Change;

    #[test]
    fn a_text_is_changed_as_its_table_says() {
        let table = [
            (Change::Lower, "ÉCOLE", "école"),
            (Change::Title, "VAN 'T HOF", "Van 't Hof"),
            (Change::Title, "o'brien-SMITH", "O'Brien-Smith"),
            (Change::Title, "it's  a dužd", "It's  A Dužd"),
            (Change::Title, "d\u{2019}artagnan", "D\u{2019}Artagnan"),
            (Change::Title, "ǆemal", "ǅemal"),
            (Change::Initial, " e\u{301}va", "é"),
            (Change::Initials, "anna-maria  Zoë", "A.M.Z."),
            (Change::Initials, "N.Z.A.C.", "N.Z.A.C."),
            (Change::Initials, " ", ""),
            (Change::Compact, " van der\tBerg ", "vanderBerg"),
            (Change::Latinize, "Müller", "Mueller"),
            (Change::Latinize, "MU\u{308}LLER Ä", "MUELLER Ae"),
            (Change::Latinize, "Ærø Åse ÅSE Großß STRAẞE", "Aeroe Aase AASE Grossss STRASSE"),
            (Change::Latinize, "LEBŒUF ÞÓRA Þóra", "LEBOEUF THORA Thora"),
            (Change::Title, "İBRAHİM ADÉWỌ\u{301}LÉ", "İbrahi\u{307}m Adéwọ\u{301}lé"),
            (Change::Truncate(5), "anna-maria", "anna"),
            (Change::Truncate(4), "Jose\u{301}", "José"),
            (Change::Latinize, "Zoë Łódź İnönü Ελένη", "Zoe Lodz Inoenue Eleni"),
            (Change::Slug, "  O'Brien & Zoë--van 't Hof ", "obrien-zoe-van-t-hof"),
            (Change::Slug, "…", ""),
            (Change::Truncate(4), "Anna Maria", "Anna"),
            (Change::Truncate(5), "Anna Maria", "Anna"),
            (Change::Truncate(3), "a😀b", "a😀"),
            (Change::Truncate(2), "a😀b", "a"),
            (Change::Truncate(9), "é", "é"),
        ];
        for (change, text, expected) in table {
            assert_eq!(change.of(text), expected, "{change:?} of {text:?}");
        }
    }
}
