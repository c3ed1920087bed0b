//! Words that all messages share.

/// The names in backticks, the last two joined by `word`.
pub(crate) fn listed(names: &[&str], word: &str) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} {word} `{last}`", first.join(", "))
        }
    }
}

/// Whether one was probably meant by the other: the same but for case, or but for one letter lost, added or replaced, or two
/// neighbours changed about.
pub(crate) fn is_close(known: &str, written: &str) -> bool {
    let (a, b) = (known.to_lowercase(), written.to_lowercase());
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().skip(same).collect(), b.chars().skip(same).collect());
    match (a.as_slice(), b.as_slice()) {
        ([], rest) | (rest, []) => rest.len() <= 1,
        (a @ [first_a, rest_a @ ..], b @ [first_b, rest_b @ ..]) => {
            let turned = rest_a.split_first() == rest_b.split_first().map(|(_, rest)| (first_b, rest))
                && rest_b.first() == Some(first_a);
            rest_a == rest_b || rest_a == b || rest_b == a || turned
        }
    }
}
