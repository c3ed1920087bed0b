//! Addresses as plain text, without IO.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What stands for itself in a query as well, so that a log of requests can be read.
const QUERY: &AsciiSet = &RESERVED.remove(b',').remove(b'/').remove(b'\'').remove(b'(').remove(b')').remove(b'@');

/// A text as one segment of a path or one value of a form.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A text as the value of a query option.
pub(crate) fn encoded_option(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string()
}

/// A text between quotes as in a filter: a quote within is doubled.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The path of one object of a set: by its id, or by a name.
///
/// A name that begins with `$` would be taken for a word of the query language, so it goes between quotes (older
/// documentation, known issues of users).
pub(crate) fn object(set: &str, id: &str) -> String {
    if id.starts_with('$') {
        return format!("/{set}({})", encoded_quoted(id));
    }
    format!("/{set}/{}", encoded(id))
}

/// The path of the group with a unique name.
pub(crate) fn group_named(unique_name: &str) -> String {
    format!("/groups(uniqueName={})", encoded_quoted(unique_name))
}

/// A quoted text in a path; the outer quotes stand for themselves.
fn encoded_quoted(text: &str) -> String {
    format!("'{}'", encoded(&text.replace('\'', "''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_place_in_an_address() {
        // (id, path)
        let cases = [
            ("87d349ed", "/users/87d349ed"),
            ("anna@example.org", "/users/anna%40example.org"),
            ("guest_x.org#EXT#@example.org", "/users/guest_x.org%23EXT%23%40example.org"),
            ("a/b?c", "/users/a%2Fb%3Fc"),
            ("$a'b@example.org", "/users('%24a%27%27b%40example.org')"),
            ("José", "/users/Jos%C3%A9"),
        ];
        for (id, path) in cases {
            assert_eq!(object("users", id), path);
        }
        assert_eq!(group_named("department:sales"), "/groups(uniqueName='department%3Asales')");
        assert_eq!(group_named("o'b/c"), "/groups(uniqueName='o%27%27b%2Fc')");
        assert_eq!(quoted("O'Brien"), "'O''Brien'");
        assert_eq!(encoded_option("a eq 'x&y#z+1'"), "a%20eq%20'x%26y%23z%2B1'");
        assert_eq!(encoded("s3cr&t=+ %"), "s3cr%26t%3D%2B%20%25");
    }
}
