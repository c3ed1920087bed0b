//! Paths of requests in all the spellings that `OData` allows, read into what they mean.

use std::borrow::Cow;

/// What a path under `/v1.0` names. Ids stand as sent, decoded: an object id, or a user's UPN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Users(Part),
    User(String, OfUser),
    Groups(Part),
    Group(GroupName, OfGroup),
    Deleted(Option<&'static str>, Part),
    DeletedItem(String, OfDeleted),
    Object(String),
    Organization,
    Domains,
    Batch,
    Unknown,
}

/// What of a collection is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Items,
    Count,
    Delta,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfUser {
    Itself,
    MemberOf,
    TransitiveMemberOf,
    RevokeSessions,
}

/// How a group is addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GroupName {
    Id(String),
    Unique(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OfGroup {
    Itself,
    MemberOf,
    Members(Part),
    TransitiveMembers,
    Owners,
    MemberRefs,
    /// A member with `/$ref`: the link.
    MemberRef(String),
    /// A member without: the object itself.
    Member(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfDeleted {
    Itself,
    Restore,
}

impl Route {
    /// Reads what follows `/v1.0`.
    pub(super) fn parse(path: &str) -> Self {
        let mut segments: Vec<Cow<'_, str>> = Vec::new();
        for raw in path.split('/').filter(|segment| !segment.is_empty()) {
            split_key(&decode(raw, Plus::Kept), &mut segments);
        }
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        match segments.as_slice() {
            ["users", rest @ ..] => Self::user(rest),
            ["groups", id, rest @ ..] if !is_part(id) => Self::group(GroupName::Id((*id).to_owned()), rest),
            ["groups(uniqueName)", name, rest @ ..] => Self::group(GroupName::Unique((*name).to_owned()), rest),
            ["groups", rest @ ..] => part(rest).map_or(Self::Unknown, Self::Groups),
            ["directory", "deletedItems", rest @ ..] => Self::deleted(rest),
            ["directoryObjects", id] => Self::Object((*id).to_owned()),
            ["organization"] => Self::Organization,
            ["domains"] => Self::Domains,
            ["$batch"] => Self::Batch,
            _ => Self::Unknown,
        }
    }

    fn user(rest: &[&str]) -> Self {
        if let Some(part) = part(rest) {
            return Self::Users(part);
        }
        let (id, of) = match rest {
            [id] => (id, OfUser::Itself),
            [id, "memberOf"] => (id, OfUser::MemberOf),
            [id, "transitiveMemberOf"] => (id, OfUser::TransitiveMemberOf),
            [id, "revokeSignInSessions"] => (id, OfUser::RevokeSessions),
            _ => return Self::Unknown,
        };
        Self::User((*id).to_owned(), of)
    }

    fn group(name: GroupName, rest: &[&str]) -> Self {
        let of = match rest {
            [] => OfGroup::Itself,
            ["memberOf"] => OfGroup::MemberOf,
            ["transitiveMembers"] => OfGroup::TransitiveMembers,
            ["owners"] => OfGroup::Owners,
            ["members", "$ref"] => OfGroup::MemberRefs,
            ["members", id, "$ref"] => OfGroup::MemberRef((*id).to_owned()),
            ["members"] => OfGroup::Members(Part::Items),
            ["members", "$count"] => OfGroup::Members(Part::Count),
            ["members", id] => OfGroup::Member((*id).to_owned()),
            _ => return Self::Unknown,
        };
        Self::Group(name, of)
    }

    fn deleted(rest: &[&str]) -> Self {
        match rest {
            [] => Self::Deleted(None, Part::Items),
            ["user", rest @ ..] => part(rest).map_or(Self::Unknown, |part| Self::Deleted(Some("user"), part)),
            ["group", rest @ ..] => part(rest).map_or(Self::Unknown, |part| Self::Deleted(Some("group"), part)),
            [id] => Self::DeletedItem((*id).to_owned(), OfDeleted::Itself),
            [id, "restore"] => Self::DeletedItem((*id).to_owned(), OfDeleted::Restore),
            _ => Self::Unknown,
        }
    }

    /// The path without what differs from object to object, for the log.
    pub(super) fn template(&self) -> &'static str {
        match self {
            Self::Users(Part::Items) => "/users",
            Self::Users(Part::Count) => "/users/$count",
            Self::Users(Part::Delta) => "/users/delta",
            Self::User(_, OfUser::Itself) => "/users/{id}",
            Self::User(_, OfUser::MemberOf) => "/users/{id}/memberOf",
            Self::User(_, OfUser::TransitiveMemberOf) => "/users/{id}/transitiveMemberOf",
            Self::User(_, OfUser::RevokeSessions) => "/users/{id}/revokeSignInSessions",
            Self::Groups(Part::Items) => "/groups",
            Self::Groups(Part::Count) => "/groups/$count",
            Self::Groups(Part::Delta) => "/groups/delta",
            Self::Group(GroupName::Unique(_), OfGroup::Itself) => "/groups(uniqueName)",
            Self::Group(_, of) => of.template(),
            Self::Deleted(None, _) => "/directory/deletedItems",
            Self::Deleted(Some("user"), _) => "/directory/deletedItems/graph.user",
            Self::Deleted(Some(_), _) => "/directory/deletedItems/graph.group",
            Self::DeletedItem(_, OfDeleted::Itself) => "/directory/deletedItems/{id}",
            Self::DeletedItem(_, OfDeleted::Restore) => "/directory/deletedItems/{id}/restore",
            Self::Object(_) => "/directoryObjects/{id}",
            Self::Organization => "/organization",
            Self::Domains => "/domains",
            Self::Batch => "/$batch",
            Self::Unknown => "(unknown)",
        }
    }
}

impl OfGroup {
    fn template(&self) -> &'static str {
        match self {
            Self::Itself => "/groups/{id}",
            Self::MemberOf => "/groups/{id}/memberOf",
            Self::Members(Part::Count) => "/groups/{id}/members/$count",
            Self::Members(_) => "/groups/{id}/members",
            Self::TransitiveMembers => "/groups/{id}/transitiveMembers",
            Self::Owners => "/groups/{id}/owners",
            Self::MemberRefs => "/groups/{id}/members/$ref",
            Self::MemberRef(_) => "/groups/{id}/members/{id}/$ref",
            Self::Member(_) => "/groups/{id}/members/{id}",
        }
    }
}

fn part(rest: &[&str]) -> Option<Part> {
    match rest {
        [] => Some(Part::Items),
        ["$count"] => Some(Part::Count),
        ["delta"] => Some(Part::Delta),
        _ => None,
    }
}

fn is_part(segment: &str) -> bool {
    matches!(segment, "$count" | "delta")
}

/// One decoded segment: `users('x')` is two, `groups(uniqueName='x')` names its key, `delta()` is a word, and names of
/// types and functions may have their namespace in front.
fn split_key(segment: &str, into: &mut Vec<Cow<'_, str>>) {
    let Some((name, key)) = segment.strip_suffix(')').and_then(|open| open.split_once('(')) else {
        into.push(Cow::Owned(local(segment).to_owned()));
        return;
    };
    let key = key.trim();
    if key.is_empty() {
        into.push(Cow::Owned(local(name).to_owned()));
        return;
    }
    let named = key.split_once('=').filter(|(name, _)| name.trim().chars().all(char::is_alphanumeric));
    let (name, value) = match named {
        Some((key, value)) if key.trim() != "id" => (format!("{name}({})", key.trim()), value),
        Some((_, value)) => (name.to_owned(), value),
        None => (name.to_owned(), key),
    };
    into.push(Cow::Owned(name));
    into.push(Cow::Owned(unquoted(value.trim())));
}

/// Without the namespace, where the rest is a word that paths know.
fn local(segment: &str) -> &str {
    let bare = segment.strip_prefix("microsoft.").unwrap_or(segment).strip_prefix("graph.");
    bare.filter(|name| matches!(*name, "user" | "group" | "delta" | "restore" | "revokeSignInSessions"))
        .unwrap_or(segment)
}

/// `'o''neil'` is `o'neil`.
pub(super) fn unquoted(literal: &str) -> String {
    match literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => literal.to_owned(),
    }
}

/// What `+` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plus {
    /// Itself, in a path.
    Kept,
    /// A blank, in a query or a form.
    Blank,
}

/// Undoes percent-encoding; what is no encoding stays.
pub(super) fn decode(encoded: &str, plus: Plus) -> String {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, beyond @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = beyond;
                }
                _ => decoded.push(byte),
            },
            (b'+', _) if plus == Plus::Blank => decoded.push(b' '),
            _ => decoded.push(byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Encodes what may not stand in the value of a query.
pub(super) fn encode(plain: &str) -> String {
    let mut encoded = String::with_capacity(plain.len());
    for byte in plain.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' | b'$' | b'(' | b')' | b'\'' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0'));
                encoded.push('%');
                encoded.extend(digits.map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_path_is_understood() {
        let user = |id: &str, of| Route::User(id.to_owned(), of);
        let unique = |name: &str| Route::Group(GroupName::Unique(name.to_owned()), OfGroup::Itself);
        let group = |of| Route::Group(GroupName::Id("g".to_owned()), of);
        let cases = [
            ("/users", Route::Users(Part::Items)),
            ("/users/", Route::Users(Part::Items)),
            ("/users/$count", Route::Users(Part::Count)),
            ("/users/%24count", Route::Users(Part::Count)),
            ("/users/delta", Route::Users(Part::Delta)),
            ("/users/delta()", Route::Users(Part::Delta)),
            ("/users/microsoft.graph.delta", Route::Users(Part::Delta)),
            ("/users/microsoft.graph.delta()", Route::Users(Part::Delta)),
            ("/users/u", user("u", OfUser::Itself)),
            ("/users('u')", user("u", OfUser::Itself)),
            ("/users('$x@y')", user("$x@y", OfUser::Itself)),
            ("/users(%27o%27%27neil@y%27)/memberOf", user("o'neil@y", OfUser::MemberOf)),
            ("/users/o'neil@y", user("o'neil@y", OfUser::Itself)),
            ("/users/a%23EXT%23@y", user("a#EXT#@y", OfUser::Itself)),
            ("/users/graph.user@y", user("graph.user@y", OfUser::Itself)),
            ("/users/u/microsoft.graph.revokeSignInSessions", user("u", OfUser::RevokeSessions)),
            ("/groups/g", group(OfGroup::Itself)),
            ("/groups(uniqueName='a b')", unique("a b")),
            ("/groups(uniqueName='a%2Fb''s')", unique("a/b's")),
            ("/groups(uniqueName='x=y')", unique("x=y")),
            ("/groups/g/members/$ref", group(OfGroup::MemberRefs)),
            ("/groups/g/members/m/$ref", group(OfGroup::MemberRef("m".to_owned()))),
            ("/groups/g/members('m')/$ref", group(OfGroup::MemberRef("m".to_owned()))),
            ("/groups/g/members/m", group(OfGroup::Member("m".to_owned()))),
            ("/directory/deletedItems/graph.user", Route::Deleted(Some("user"), Part::Items)),
            ("/directory/deletedItems/microsoft.graph.group", Route::Deleted(Some("group"), Part::Items)),
            ("/directory/deletedItems/d", Route::DeletedItem("d".to_owned(), OfDeleted::Itself)),
            ("/directory/deletedItems/d/restore", Route::DeletedItem("d".to_owned(), OfDeleted::Restore)),
            ("/$batch", Route::Batch),
            ("/me", Route::Unknown),
        ];
        for (path, expected) in cases {
            assert_eq!(Route::parse(path), expected, "{path}");
        }
    }

    #[test]
    fn encoding_and_decoding_undo_each_other() {
        for text in ["a b+c", "é/ø", "100%", "%zz", "o'neil", "a=b&c"] {
            assert_eq!(decode(&encode(text), Plus::Blank), text);
        }
        assert_eq!(decode("a+b%2", Plus::Blank), "a b%2");
        assert_eq!(decode("a+b", Plus::Kept), "a+b");
    }
}
