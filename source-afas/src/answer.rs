//! What AFAS answers: pages, what an app connector may read, what a connector has.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::row::Row;

/// A page of rows, with the part of the connector that it says to be.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) skip: i64,
    pub(crate) take: i64,
    pub(crate) rows: Vec<Row>,
}

/// What an app connector may do, and in which environment.
#[derive(Debug, Deserialize)]
pub(crate) struct Metainfo {
    #[serde(rename = "getConnectors")]
    pub(crate) get_connectors: Option<Vec<Named>>,
    pub(crate) info: Environment,
}

/// The environment that a token leads to.
#[derive(Debug, Deserialize)]
pub(crate) struct Environment {
    pub(crate) envid: String,
}

/// What a `GetConnector` has.
#[derive(Debug, Deserialize)]
pub(crate) struct Structure {
    pub(crate) fields: Vec<Named>,
}

/// A connector or a column by its name.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) id: String,
}

/// What AFAS says when it cannot do what it was asked.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Complaint {
    #[serde(rename = "externalMessage", alias = "message")]
    pub(crate) message: Option<String>,
    #[serde(rename = "errorNumber")]
    pub(crate) number: Option<i64>,
    #[serde(rename = "profitLogReference")]
    pub(crate) reference: Option<String>,
    /// Seconds.
    pub(crate) retry_after: Option<u64>,
    pub(crate) error: Option<Inner>,
}

/// The complaint of a gateway has its text one level deeper.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Inner {
    pub(crate) message: Option<String>,
}

/// Reads JSON by its content, whatever its content type.
///
/// Before version 7 Profit wrote `.5` and `-.5`, which is no JSON: where the body cannot be read, it is read once more
/// with a zero put before each such point.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(body)
        .or_else(|error| if error.is_syntax() { serde_json::from_slice(&with_zeros(body)) } else { Err(error) })
}

fn with_zeros(body: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(body.len() + 64);
    let (mut in_text, mut escaped, mut before) = (false, false, b' ');
    for &byte in body {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else {
            in_text = byte == b'"';
            if byte == b'.' && !before.is_ascii_digit() {
                mended.push(b'0');
            }
        }
        mended.push(byte);
        before = byte;
    }
    mended
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_old_spelling_of_numbers_is_read_and_text_is_left_alone() {
        for (body, expected) in [
            (r#"{"a":.5,"b":-.5}"#, json!({"a": 0.5, "b": -0.5})),
            (r#"{"a":[.25, .75],"b":1.5}"#, json!({"a": [0.25, 0.75], "b": 1.5})),
            (r#"{"a":"a .5 \" .5 \\","b": .5}"#, json!({"a": "a .5 \" .5 \\", "b": 0.5})),
            ("\u{feff}{\"a\":1}", json!({"a": 1})),
        ] {
            assert_eq!(read::<Value>(body.as_bytes()).unwrap(), expected, "{body}");
        }
        for body in ["", "<html>.5</html>", r#"{"a":..5}"#, r#"{"rows":[{"a":1},"#] {
            assert!(read::<Value>(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_page_is_read_in_the_layouts_of_all_versions() {
        for body in [
            r#"{"skip":0,"take":100,"rows":[{"Medewerker":"0042"}]}"#,
            "{\n  \"skip\": 0,\n  \"take\": 100,\n  \"rows\": [{\"Medewerker\":\"0042\"}]\n}",
            r#"{"rows":[{"Medewerker":"0042"}],"take":100,"skip":0}"#,
        ] {
            let page: Page = read(body.as_bytes()).unwrap();
            assert_eq!((page.skip, page.take), (0, 100));
            assert_eq!(page.rows[0].code("Medewerker").as_deref(), Some("0042"));
        }
        assert!(read::<Page>(br#"{"skip":0,"take":100}"#).is_err());
    }

    #[test]
    fn a_complaint_is_read_in_all_its_forms() {
        let read = |body: &str| read::<Complaint>(body.as_bytes()).unwrap();
        let functional = read(r#"{"externalMessage":"no","errorNumber":-2147180999,"profitLogReference":"AB"}"#);
        assert_eq!((functional.message.as_deref(), functional.number), (Some("no"), Some(-2_147_180_999)));
        assert_eq!(functional.reference.as_deref(), Some("AB"));
        assert_eq!(read(r#"{"message":"Invalid json"}"#).message.as_deref(), Some("Invalid json"));
        let pause = read(r#"{"error":{"code":"503","message":"maintenance"},"retry_after":7200}"#);
        assert_eq!(pause.retry_after, Some(7200));
        assert_eq!(pause.error.unwrap().message.as_deref(), Some("maintenance"));
    }
}
