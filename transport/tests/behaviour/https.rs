use std::net::TcpListener;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use transport::{Exchange, Https, LostKind};

fn https() -> Https {
    Https::new(Duration::from_secs(20)).unwrap()
}

fn get(address: &str) -> Request<Bytes> {
    Request::get(address).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn a_request_and_its_answer_arrive_whole() {
    let server = MockServer::start().await;
    let template = ResponseTemplate::new(201).insert_header("x-answer", "yes").set_body_string("made");
    Mock::given(any()).respond_with(template).mount(&server).await;
    let address = format!("{}/a%2Fb?c=%20d", server.uri());
    let request = Request::put(address).header("x-asked", "no").body(Bytes::from_static(b"body")).unwrap();

    let answer = https().exchange(request).await.unwrap();

    assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (201, &b"made"[..]));
    assert_eq!(answer.headers()["x-answer"], "yes");
    let seen = server.received_requests().await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].method.as_str(), seen[0].body.as_slice()), ("PUT", &b"body"[..]));
    assert_eq!((seen[0].url.path(), seen[0].url.query()), ("/a%2Fb", Some("c=%20d")));
    assert_eq!(seen[0].headers["x-asked"], "no");
}

#[tokio::test]
async fn no_answer_is_an_error_and_no_redirect_is_followed() {
    for status in [302, 307, 400, 500] {
        let server = MockServer::start().await;
        let template = ResponseTemplate::new(status).insert_header("location", "/elsewhere");
        Mock::given(any()).respond_with(template).mount(&server).await;
        let answer = https().exchange(get(&server.uri())).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn nothing_travels_in_the_clear() {
    let lost = https().exchange(get("http://host.example/?q=planted")).await.unwrap_err();
    assert_eq!(lost.kind, LostKind::Unsendable);
    assert!(!format!("{lost:?} {lost}").contains("planted"));
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let lost = https().exchange(get(&format!("http://{address}/?q=planted"))).await.unwrap_err();
    assert_eq!(lost.kind, LostKind::NotSent);
    assert!(!format!("{lost:?} {lost} {}", lost.source).contains("planted"));
}

#[tokio::test]
async fn after_a_broken_connection_nobody_knows() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 16];
        std::io::Read::read_exact(&mut stream, &mut asked).unwrap();
    });
    let lost = https().exchange(get(&format!("http://{address}/"))).await.unwrap_err();
    server.join().unwrap();
    assert_eq!(lost.kind, LostKind::Unanswered);
}

#[tokio::test]
async fn after_a_time_out_nobody_knows() {
    // It takes connections and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let impatient = Https::new(Duration::from_millis(50)).unwrap();
    assert_eq!(impatient.time_out(), Duration::from_millis(50));
    let lost = impatient.exchange(get(&format!("http://{address}/"))).await.unwrap_err();
    assert_eq!(lost.kind, LostKind::Unanswered);
    assert_eq!(lost.source.to_string(), "the time was over");
}
