//! What a request for rows asks, before it is held against a connector.

use std::collections::BTreeMap;

use super::refusal::Refusal;

/// The greatest length of a query in characters, with its question mark, before the address counts as one that is not there.
pub(super) const LONGEST_QUERY: usize = 2049;

/// How many rows a page has when the request does not say.
const TAKEN: i64 = 100;

/// The parameters of a request for rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) skip: i64,
    pub(super) take: i64,
    pub(super) order: String,
    pub(super) filter: FilterText,
}

/// A filter as it stands in a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FilterText {
    pub(super) fields: String,
    pub(super) values: String,
    pub(super) operators: String,
    pub(super) json: String,
}

impl Query {
    /// Reads a query. The names of parameters may have any case; parameters of other names mean nothing.
    pub(super) fn read(query: &str) -> Result<Self, Refusal> {
        let mut given: BTreeMap<String, String> = BTreeMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            given.insert(decoded(name).to_ascii_lowercase(), decoded(value));
        }
        let number = |name: &str, default: i64| match given.get(name).map(|text| text.trim()) {
            None | Some("") => Ok(default),
            Some(text) => text.parse().map_err(|_| Refusal::unexpected()),
        };
        let (skip, take) = (number("skip", 0)?, number("take", TAKEN)?);
        let mut text = |name: &str| given.remove(name).unwrap_or_default();
        let filter = FilterText {
            fields: text("filterfieldids"),
            values: text("filtervalues"),
            operators: text("operatortypes"),
            json: text("filterjson"),
        };
        Ok(Self { skip, take, order: text("orderbyfieldids"), filter })
    }

    /// Where the page begins, and how many rows it has at most. A `skip` of -1 asks for everything, whatever `take` says;
    /// a `take` of -1 with another `skip` is an error.
    pub(super) fn span(&self) -> Result<(usize, usize), Refusal> {
        if self.skip == -1 {
            return Ok((0, usize::MAX));
        }
        let span = (usize::try_from(self.skip), usize::try_from(self.take));
        if let (Ok(skip), Ok(take)) = span { Ok((skip, take)) } else { Err(Refusal::unexpected()) }
    }
}

/// A part of a query without its escapes. What is no escape stays as it is.
pub(super) fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let escape = || {
            let mut ahead = rest.clone();
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            Some(digit(ahead.next())? << 4 | digit(ahead.next())?)
        };
        match (byte, if byte == b'%' { escape() } else { None }) {
            (_, Some(meant)) => {
                bytes.push(meant);
                rest.nth(1);
            }
            (b'+', None) => bytes.push(b' '),
            (other, None) => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_its_defaults_and_its_limits() {
        // (query, where it begins and how many rows it has at most)
        let cases = [
            ("", Some((0, 100))),
            ("skip=200", Some((200, 100))),
            ("Skip=5&TAKE=7&unknown=1", Some((5, 7))),
            ("skip=0&take=0", Some((0, 0))),
            ("skip=-1&take=-1", Some((0, usize::MAX))),
            ("skip=-1&take=7", Some((0, usize::MAX))),
            ("skip=2&take=-1", None),
            ("take=-1", None),
            ("skip=-2&take=7", None),
            ("skip=0&take=-7", None),
        ];
        for (query, expected) in cases {
            assert_eq!(Query::read(query).and_then(|query| query.span()).ok(), expected, "{query}");
        }
        assert_eq!(Query::read("skip=a"), Err(Refusal::unexpected()));
    }

    #[test]
    fn escapes_are_read() {
        for (written, meant) in
            [("a%2Cb%3bc", "a,b;c"), ("a+b%20c", "a b c"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("%C3%A9", "é")]
        {
            assert_eq!(decoded(written), meant);
        }
    }
}
