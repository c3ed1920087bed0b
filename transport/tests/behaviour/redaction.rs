use std::sync::Arc;

use bytes::Bytes;
use futures::executor::block_on;
use http::Request;

use transport::{Call, Transport};

use crate::log::Log;
use crate::script::{ManualTimer, Script, even};

#[test]
fn no_header_body_or_query_gets_into_an_error_or_a_log() {
    let timer = Arc::new(ManualTimer::new());
    let script = Arc::new(Script::new("503 429/1 lost no no no"));
    let transport = Transport::new("the script", script, timer).with_retry(Arc::new(even()));
    let request = Request::post("https://planted:planted@host.example/path?q=planted")
        .header("authorization", "Bearer planted")
        .body(Bytes::from_static(b"planted"))
        .unwrap();
    Log::keep();
    let error = block_on(transport.send(Call::repeatable(request))).unwrap_err();
    let seen = format!("{error} {error:?} {transport:?}\n{}", Log::text());
    assert!(!seen.contains("planted"), "{seen}");
    assert_eq!(
        error.to_string(),
        "the script gave no usable answer to POST https://host.example/path, which may have been executed (6 attempts): refused"
    );
    assert_eq!(Log::text().lines().count(), 6, "{seen}");
    assert!(seen.contains("status=503") && seen.contains("wait=1.0"), "{seen}");
}
