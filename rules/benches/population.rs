//! What a population costs beside what one would write instead: a closure for each rule, over structs of interned texts.
//!
//! ```text
//! cargo bench -p rules                         300,000 people, 100 to 10,000 rules
//! cargo bench -p rules -- 30000 1000           as many people, and as many rules
//! ```
//!
//! All of it on one thread. Both say the same of everybody, or the bench stops.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "population/closures.rs"]
mod closures;
#[path = "population/made.rs"]
mod made;
#[path = "population/shape.rs"]
mod shape;

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use provisioning_core::source::Person;
use provisioning_core::{PersonId, Policy};
use rules::{Indexed, Population, RuleSet};

use made::{Made, TODAY};
use shape::Shape;

const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let count = numbers.next().unwrap_or(300_000);
    let rules: Vec<u32> = numbers.filter_map(|number| u32::try_from(number).ok()).collect();
    let rules = if rules.is_empty() { vec![100, 1_000, 10_000] } else { rules };
    let made = Made::of(count);
    println!("{count} people with {} contracts, milliseconds, fastest of {ROUNDS} (slowest)", made.contracts());
    println!(
        "{:>7}{:>10}{:>20}{:>20}{:>8}{:>12}{:>12}",
        "rules", "causes", "population", "closures", "ratio", "built", "MiB"
    );
    let mut times = Vec::new();
    for rules in &rules {
        times.push((*rules, compared(&made, *rules)?));
    }
    if let [(few, short), .., (many, long)] = times.as_slice() {
        let grown = |from: f64, to: f64| (to / from).ln();
        let exponent = grown(short.as_secs_f64(), long.as_secs_f64()) / grown(f64::from(*few), f64::from(*many));
        println!("exponent in the number of rules, {few} to {many}: {exponent:.2}");
    }
    changed(&made)
}

/// Evaluates everybody by both.
fn compared(made: &Made, count: u32) -> Result<Duration, Box<dyn std::error::Error>> {
    let shapes = shape::shapes(count as usize);
    let rules: Arc<RuleSet> = Arc::new(shape::text(&shapes).parse()?);
    let before = resident();
    let begun = Instant::now();
    let population = Population::new(Arc::clone(&rules), made.people(), made::now());
    let built = begun.elapsed();
    let memory = before.zip(resident()).map_or(0, |(before, after)| after.saturating_sub(before));
    let rows = made.rows();
    let closures: Vec<closures::Rule> = shapes.iter().map(closures::rule).collect();
    let (mut ours, mut theirs, mut causes) = (Vec::new(), Vec::new(), 0);
    let rounds = if count > 1_000 { 2 } else { ROUNDS };
    for _ in 0..rounds {
        let begun = Instant::now();
        let all = black_box(population.all());
        ours.push(begun.elapsed());
        let begun = Instant::now();
        let other = black_box(closures::all(&closures, &rows, TODAY));
        theirs.push(begun.elapsed());
        causes = all.len();
        if causes != other.len() {
            return Err(format!("{causes} causes here, {} there", other.len()).into());
        }
    }
    let ratio = fastest(&theirs).as_secs_f64() / fastest(&ours).as_secs_f64();
    let built = built.as_millis();
    println!("{count:>7}{causes:>10}{:>20}{:>20}{ratio:>8.1}{built:>12}{memory:>12}", spread(&ours), spread(&theirs));
    Ok(fastest(&ours))
}

/// One changed person, the next day, and other rules.
fn changed(made: &Made) -> Result<(), Box<dyn std::error::Error>> {
    let rules: Arc<RuleSet> = Arc::new(shape::text(&shape::shapes(1_000)).parse()?);
    let mut population = Population::new(Arc::clone(&rules), made.people(), made::now());
    let begun = Instant::now();
    let some = made.people().step_by(97).take(3_000).map(|person| population.put(&person, made::now())).count();
    let each = begun.elapsed() / u32::try_from(some).unwrap_or(1).max(1);
    let people: HashMap<PersonId, Person<'_>> = made.people().map(|person| (person.id.clone(), person)).collect();
    let begun = Instant::now();
    let changed = population.advance(made::now() + TimeDelta::days(1), |id| people.get(id).cloned()).len();
    println!("one person changed: {each:?}; the next day: {:?}, {changed} people changed", begun.elapsed());
    for rules in [1, 16] {
        let mut shapes = shape::shapes(1_000);
        let others: Vec<Shape> = shape::shapes(1_000 + rules).split_off(1_000);
        shapes.iter_mut().skip(40).step_by(60).zip(others).for_each(|(shape, other)| *shape = other);
        let mut population = population.clone();
        let after: Arc<RuleSet> = Arc::new(shape::text(&shapes).parse()?);
        let (begun, now) = (Instant::now(), made::now() + TimeDelta::days(1));
        let changed = population.put_rules(after, now, |id| people.get(id).cloned()).len();
        println!("{rules} of 1,000 rules changed: {:?}, {changed} people changed", begun.elapsed());
    }
    few(made, &rules);
    Ok(())
}

/// Some people, one at a time, as an engine asks.
fn few(made: &Made, rules: &Arc<RuleSet>) {
    let indexed = Indexed::new(Arc::clone(rules));
    let each = |policy: &dyn Policy| {
        let some: Vec<_> = made.people().step_by(97).take(2_000).collect();
        let begun = Instant::now();
        for person in &some {
            black_box(policy.grants(person, made::now()));
        }
        begun.elapsed() / u32::try_from(some.len()).unwrap_or(1).max(1)
    };
    each(&indexed);
    println!(
        "one person asked: {:?}, or {:?} of those rules alone that may hold",
        each(rules.as_ref()),
        each(&indexed)
    );
}

/// The memory of this process in MiB, where the system tells.
fn resident() -> Option<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    pages.split_whitespace().nth(1)?.parse().ok().map(|pages: usize| pages / 256)
}

fn fastest(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}

fn spread(times: &[Duration]) -> String {
    let slowest = times.iter().max().copied().unwrap_or_default();
    format!("{:.1} ({:.1})", fastest(times).as_secs_f64() * 1e3, slowest.as_secs_f64() * 1e3)
}
