use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// How long a server asks to wait, from its `Retry-After`: whole seconds, seconds with a fraction (Microsoft Graph
/// sends such), or a date. A date counts from the answer's own `Date`, so that a wrong clock on this side does no harm,
/// else from `now`. `None` where there is no such header or where it says nothing that is known.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if value.starts_with(|c: char| c.is_ascii_digit()) && value.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Duration::try_from_secs_f64(value.parse().ok()?).ok();
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    let from = date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
    Some(until.duration_since(from).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// What a server asks for at 1994-11-06 08:49:00.
    fn read(value: &str, date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_str(date).unwrap());
        }
        retry_after(&headers, httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:00 GMT").unwrap())
    }

    #[test]
    fn all_three_forms_are_read() {
        let seconds = Duration::from_secs_f64;
        // (header, wait)
        let cases = [
            ("0", Some(seconds(0.0))),
            ("1", Some(seconds(1.0))),
            (" 120 ", Some(seconds(120.0))),
            ("2.128", Some(seconds(2.128))),
            ("0.249", Some(seconds(0.249))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(seconds(37.0))),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(seconds(37.0))),
            ("Sun Nov  6 08:49:37 1994", Some(seconds(37.0))),
            ("Sun, 06 Nov 1994 08:48:00 GMT", Some(seconds(0.0))),
            ("", None),
            ("-1", None),
            ("soon", None),
            ("1e9", None),
            ("1.2.3", None),
            ("inf", None),
            ("NaN", None),
            ("99999999999999999999999999", None),
        ];
        for (header, expected) in cases {
            assert_eq!(read(header, None), expected, "`{header}`");
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::UNIX_EPOCH), None);
    }

    #[test]
    fn a_date_counts_from_the_servers_own() {
        let wait = read("Sun, 06 Nov 1994 08:49:37 GMT", Some("Sun, 06 Nov 1994 08:49:30 GMT"));
        assert_eq!(wait, Some(Duration::from_secs(7)));
    }
}
