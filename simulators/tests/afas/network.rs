//! The environment on a port, asked by whoever speaks HTTP.

use futures::FutureExt;
use simulators::Server;
use simulators::faults::Faults;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{USERS, with_people};

/// What comes back for a GET, until the connection is closed.
async fn ask(port: u16, path: &str, authorization: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[test]
fn the_environment_answers_on_a_port() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let afas = with_people(3);
        let server = Server::bind(afas.router(), 0).await.unwrap();
        let port = server.address().unwrap().port();
        let asked = async {
            let path = format!("/profitrestservices/connectors/{USERS}?take=1&orderbyfieldids=Medewerker");
            let answer = ask(port, &path, &afas.authorization()).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.contains(r#"{"skip":0,"take":1,"rows":[{"Medewerker":"0001","#), "{answer}");

            let answer = ask(port, &path, "AfasToken nonsense").await;
            assert!(answer.starts_with("HTTP/1.1 401 Unauthorized\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");

            afas.faults(Faults { dropped: Some(1), ..Faults::default() });
            assert_eq!(ask(port, &path, &afas.authorization()).await, "", "closed without an answer");
            assert_eq!(afas.requests().reads(), 3);
        };
        futures::select! {
            () = asked.fuse() => {}
            ended = server.run().fuse() => panic!("the server ended: {ended:?}"),
        }
    });
}
