//! The program, started as anybody would start it.

// Cargo builds this for tests only; the line tells clippy that its helpers are test code too.
#![cfg(test)]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulators"));
    command.args(args);
    command
}

/// Starts it and gives what it says before it serves.
fn started(args: &[&str]) -> (Running, Vec<String>) {
    let mut child = program(args).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let running = Running(child);
    let said = lines.take_while(|line| !line.starts_with("Serving")).collect();
    (running, said)
}

/// What follows a word at the beginning of a line.
fn after<'s>(said: &'s [String], word: &str) -> &'s str {
    said.iter().find_map(|line| line.strip_prefix(word)).unwrap().trim()
}

fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn says(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn an_afas_environment_is_served_as_it_says() {
    let (_running, said) = started(&["afas", "--users", "30", "--today", "2026-02-01"]);
    assert_eq!(said[0], "AFAS environment T12345AA with 30 people, on 2026-02-01");
    let base = after(&said, "base URL");
    let address = base.strip_prefix("http://").unwrap().strip_suffix("/ProfitRestServices").unwrap();
    let header = after(&said, "Authorization:");
    let path = "/ProfitRestServices/connectors/T4E_HelloID_Users_v2?skip=29&take=5&orderbyfieldids=Medewerker";
    let answer = ask(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: h\r\nAuthorization: {header}\r\nConnection: close\r\n\r\n"),
    );
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains(r#""rows":[{"Medewerker":"1030","#), "{answer}");
}

#[test]
fn an_entra_tenant_is_served_as_it_says() {
    let (_running, said) = started(&["entra", "--users", "12", "--domain", "example.com"]);
    assert_eq!(said[0], "Entra tenant of example.com with 12 users");
    let address = after(&said, "Graph").strip_prefix("http://").unwrap().strip_suffix("/v1.0").unwrap();
    let body = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope={}",
        after(&said, "client id"),
        after(&said, "client secret"),
        after(&said, "scope"),
    );
    let request = format!(
        "POST /{}/oauth2/v2.0/token HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        after(&said, "tenant "),
        body.len()
    );
    let answer = ask(address, &request);
    let token = answer.split("\"access_token\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let request = format!(
        "GET /v1.0/users/1001@example.com HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    let answer = ask(address, &request);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[test]
fn help_says_what_there_is() {
    let help = says(&program(&["--help"]).output().unwrap());
    for word in ["entra", "afas", "127.0.0.1", "Ctrl-C"] {
        assert!(help.contains(word), "{help}");
    }
    let help = says(&program(&["afas", "--help"]).output().unwrap());
    for word in ["--port", "--people", "--users", "--seed", "--today", "--drop-every"] {
        assert!(help.contains(word), "{help}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let output = program(&["afas", "--people", "nowhere"]).output().unwrap();
    assert!(!output.status.success());
    let said = says(&output);
    assert!(said.starts_with("error: cannot read `nowhere") && said.contains("persons.jsonl"), "{said}");
}

#[test]
fn an_output_that_takes_nothing_is_an_error_in_one_line() {
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    for system in ["afas", "entra"] {
        let output = program(&[system]).stdout(full.try_clone().unwrap()).output().unwrap();
        let said = says(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("error: cannot write to standard output: ") && said.lines().count() == 1, "{said}");
    }
}
