use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::executor::block_on;
use futures::future::join;
use http::{Request, Response, StatusCode};

use transport::{Backoff, Call, Repeat, Timer, Transport, TransportError};

use crate::script::{ManualTimer, Script, TIME_OUT, even};

/// A transport over a script, and what stands behind it.
struct Bench {
    script: Arc<Script>,
    timer: Arc<ManualTimer>,
    transport: Transport,
}

impl Bench {
    fn new(words: &str, policy: Backoff) -> Self {
        let (script, timer) = (Arc::new(Script::new(words)), Arc::new(ManualTimer::new()));
        let transport = Transport::new("the script", script.clone(), timer.clone()).with_retry(Arc::new(policy));
        Self { script, timer, transport }
    }

    fn now(&self) -> SystemTime {
        self.timer.now()
    }

    fn send(&self, repeat: Repeat, until: Option<SystemTime>) -> String {
        told(&block_on(self.transport.send(Call { request: request(), repeat, until })))
    }
}

fn request() -> Request<Bytes> {
    Request::post("https://host.example/path").body(Bytes::new()).unwrap()
}

fn told(result: &Result<Response<Bytes>, TransportError>) -> String {
    match result {
        Ok(answer) => answer.status().as_u16().to_string(),
        Err(error) => format!("{:?}", error.kind()),
    }
}

/// Plays a script and tells how it went: what came of it, how many requests were sent, and the waits between them.
fn check(repeat: Repeat, words: &str, expected: (&str, u32, &[f64])) {
    let bench = Bench::new(words, even());
    let came = bench.send(repeat, None);
    assert_eq!((came.as_str(), bench.script.sent(), bench.timer.slept().as_slice()), expected, "{repeat:?}: {words}");
}

#[test]
fn what_does_no_harm_is_repeated_until_an_answer_is_final() {
    for (words, came, sent, waits) in [
        ("200", "200", 1, &[][..]),
        ("302", "302", 1, &[]),
        ("400", "400", 1, &[]),
        ("404", "404", 1, &[]),
        ("500 200", "200", 2, &[0.5]),
        ("502 503 504 509 408 200", "200", 6, &[0.5, 1.0, 2.0, 4.0, 8.0]),
        ("429 200", "200", 2, &[0.5]),
        ("no 200", "200", 2, &[0.5]),
        ("lost lost 200", "200", 3, &[0.5, 1.0]),
        ("500 500 500 500 500 500", "500", 6, &[0.5, 1.0, 2.0, 4.0, 8.0]),
        ("no no no no no no", "NotSent", 6, &[0.5, 1.0, 2.0, 4.0, 8.0]),
        ("odd", "NotSent", 1, &[]),
    ] {
        check(Repeat::Always, words, (came, sent, waits));
    }
}

#[test]
fn a_server_is_given_as_long_as_it_asks_for() {
    for (words, came, sent, waits) in [
        ("429/2 200", "200", 2, &[2.0][..]),
        ("429/2.5 200", "200", 2, &[2.5]),
        ("429/Sun,_06_Nov_1994_08:49:37_GMT 200", "200", 2, &[37.0]),
        ("429/0 200", "200", 2, &[0.0]),
        ("429/soon 200", "200", 2, &[0.5]),
        ("503/7 200", "200", 2, &[7.0]),
        ("404/3 200", "200", 2, &[3.0]),
        ("500/3 500 200", "200", 3, &[3.0, 1.0]),
        ("429/9999 200", "200", 2, &[300.0]),
        ("429/Sat,_06_Nov_2094_08:49:37_GMT 200", "200", 2, &[300.0]),
        // When to look at a job that was started is no pause.
        ("202/60", "202", 1, &[]),
    ] {
        check(Repeat::Always, words, (came, sent, waits));
    }
}

#[test]
fn what_may_have_been_executed_is_not_sent_again_unless_that_does_no_harm() {
    for (words, came, sent, waits) in [
        ("lost", "Unanswered", 1, &[][..]),
        ("500", "500", 1, &[]),
        ("502", "502", 1, &[]),
        ("503", "503", 1, &[]),
        ("504/1", "504", 1, &[]),
        ("408", "408", 1, &[]),
        ("no lost", "Unanswered", 2, &[0.5]),
        ("429/1 lost", "Unanswered", 2, &[1.0]),
        ("no 429 503/1 201", "201", 4, &[0.5, 1.0, 1.0]),
    ] {
        check(Repeat::UnlessExecuted, words, (came, sent, waits));
    }
}

#[test]
fn a_last_attempt_that_says_nothing_does_not_take_back_an_earlier_doubt() {
    for (words, came) in [
        ("lost no no no no no", "Unanswered"),
        ("lost 429 429 429 429 429", "Unanswered"),
        ("500 503/1 503/1 503/1 503/1 503/1", "Unanswered"),
        ("429 429 429 429 429 429", "429"),
        ("no no no no no 429", "429"),
        ("lost lost lost lost lost 500", "500"),
    ] {
        assert_eq!(Bench::new(words, even()).send(Repeat::Always, None), came, "{words}");
    }
    // An answer to what it asks for is the truth, whatever went before.
    assert_eq!(Bench::new("lost 404", even()).send(Repeat::Always, None), "404");
}

#[test]
fn nothing_is_sent_that_could_last_beyond_the_right_to_send() {
    let second = Duration::from_secs(1);
    // (script, right to send beyond the time-out in seconds, what comes of it, sent, slept)
    let cases = [
        ("200", Some(0), "200", 1, vec![]),
        ("", None, "TooLate", 0, vec![]),
        ("503", Some(0), "503", 1, vec![]),
        ("503 503", Some(1), "503", 2, vec![0.5]),
        ("503 503 200", Some(2), "200", 3, vec![0.5, 1.0]),
        ("429/5", Some(4), "429", 1, vec![]),
        ("429/5 200", Some(5), "200", 2, vec![5.0]),
        ("no", Some(0), "NotSent", 1, vec![]),
        ("lost", Some(0), "Unanswered", 1, vec![]),
        ("lost no", Some(1), "Unanswered", 2, vec![0.5]),
    ];
    for (words, beyond, came, sent, slept) in cases {
        let bench = Bench::new(words, even());
        let until = match beyond {
            Some(seconds) => bench.now() + TIME_OUT + second * seconds,
            None => bench.now() + TIME_OUT - Duration::from_millis(1),
        };
        assert_eq!(bench.send(Repeat::Always, Some(until)), came, "{words} with {beyond:?}");
        assert_eq!((bench.script.sent(), bench.timer.slept()), (sent, slept), "{words} with {beyond:?}");
    }
}

#[test]
fn a_pause_holds_every_later_call_of_the_transport() {
    let bench = Bench::new("504/10 200", even());
    assert_eq!(bench.send(Repeat::UnlessExecuted, None), "504");
    assert!(bench.timer.slept().is_empty());
    let other = Bench { transport: bench.transport.clone(), ..bench };
    assert_eq!(other.send(Repeat::Always, None), "200");
    assert_eq!(other.timer.slept(), [10.0]);
}

#[test]
fn a_pause_that_outlasts_the_right_to_send_is_not_waited_out() {
    let bench = Bench::new("504/10 200", even());
    bench.send(Repeat::UnlessExecuted, None);
    let until = bench.now() + TIME_OUT + Duration::from_secs(9);
    assert_eq!(bench.send(Repeat::Always, Some(until)), "TooLate");
    assert_eq!((bench.script.sent(), bench.timer.slept()), (1, vec![]));
}

#[test]
fn a_shorter_pause_does_not_end_a_longer_one() {
    let bench = Bench::new("504/10 504/1 200", even());
    let send = || bench.transport.send(Call::once(request()));
    let (first, second) = block_on(join(send(), send()));
    assert_eq!((told(&first), told(&second)), ("504".to_owned(), "504".to_owned()));
    assert!(bench.timer.slept().is_empty());
    bench.send(Repeat::Always, None);
    assert_eq!(bench.timer.slept(), [10.0]);
}

#[test]
fn a_pause_of_one_system_does_not_hold_another() {
    let bench = Bench::new("504/10 200", even());
    bench.send(Repeat::UnlessExecuted, None);
    let beside = bench.transport.beside("another system");
    assert_eq!(told(&block_on(beside.send(Call::repeatable(request())))), "200");
    assert!(bench.timer.slept().is_empty());
}

#[test]
fn a_clock_that_is_set_back_does_not_make_a_pause_longer() {
    let bench = Bench::new("504/10 200", even());
    bench.send(Repeat::UnlessExecuted, None);
    bench.timer.set(bench.now() - Duration::from_hours(1));
    assert_eq!(bench.send(Repeat::Always, None), "200");
    assert!(bench.timer.slept().is_empty());
}

#[test]
fn a_status_that_does_not_pass_on_a_system_is_final_there() {
    let policy = || even().with_final(StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(Bench::new("500", policy()).send(Repeat::Always, None), "500");
    assert_eq!(Bench::new("500/1 200", policy()).send(Repeat::Always, None), "200");
    assert_eq!(Bench::new("503 200", policy()).send(Repeat::Always, None), "200");
}

#[test]
fn waits_double_up_to_the_longest_and_are_spread() {
    let mut policy = even();
    (policy.attempts, policy.longest) = (5, Duration::from_secs(3));
    let bench = Bench::new("500 500 500 500 500", policy);
    bench.send(Repeat::Always, None);
    assert_eq!(bench.timer.slept(), [0.5, 1.0, 2.0, 3.0]);

    let bench = Bench::new("500 200", Backoff::standard().spread_by(|wait| wait / 4));
    bench.send(Repeat::Always, None);
    assert_eq!(bench.timer.slept(), [0.125]);

    for _ in 0..100 {
        let bench = Bench::new("500 200", Backoff::standard());
        bench.send(Repeat::Always, None);
        let wait = bench.timer.slept()[0];
        assert!((0.25..=0.5).contains(&wait), "{wait}");
    }
}
