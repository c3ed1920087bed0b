//! What it costs to get from people to causes once, beside a tree of expressions (a-tree) and an interpreter (CEL).
//!
//! ```text
//! cd rules/rivals && cargo run --release                20,000 people, 1,000 rules
//! cd rules/rivals && cargo run --release -- 5000 100    as many people, and as many rules
//! ```
//!
//! All of it on one thread. Rules are read beforehand, fields of records are read meanwhile; the closures alone find
//! rows of numbers. The population is made of everybody, as its first thousands of people decide once how the data are
//! laid out; the rivals take the first few of them. All say the same of whom they take, or the bench stops.

#[path = "../../benches/population/closures.rs"]
mod closures;
#[path = "../../benches/population/made.rs"]
mod made;
mod rivals;
#[path = "../../benches/population/shape.rs"]
mod shape;

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rules::{Population, RuleSet};

use made::{Made, TODAY};
use rivals::{Programs, Tree};

const ROUNDS: usize = 3;
/// How many people the tree takes at most.
const OF_TREE: usize = 5_000;
/// How many people the interpreter takes at most.
const OF_CEL: usize = 500;

/// Who is measured, on how many people.
struct Entrant {
    name: &'static str,
    people: usize,
    causes: usize,
    /// For each person.
    times: Vec<Duration>,
}

impl Entrant {
    fn new(name: &'static str, people: usize) -> Self {
        Self { name, people, causes: 0, times: Vec::new() }
    }

    /// Takes how long everybody took, and how many causes were found meanwhile.
    fn took(&mut self, time: Duration, causes: usize) {
        self.times.push(time / u32::try_from(self.people).unwrap_or(u32::MAX).max(1));
        self.causes = causes;
    }

    fn fastest(&self) -> f64 {
        micros(self.times.iter().min())
    }

    fn spread(&self) -> String {
        format!("{:.2} ({:.2})", self.fastest(), micros(self.times.iter().max()))
    }
}

fn micros(time: Option<&Duration>) -> f64 {
    time.copied().unwrap_or_default().as_secs_f64() * 1e6
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let count = numbers.next().unwrap_or(20_000);
    let shapes = shape::shapes(numbers.next().unwrap_or(1_000));
    let made = Made::of(count);
    let rules: Arc<RuleSet> = Arc::new(shape::text(&shapes).parse()?);
    let today = made::now().date_naive();
    let (tree, programs) = (Tree::of(&shapes, today)?, Programs::of(&shapes, today)?);
    let closures: Vec<closures::Rule> = shapes.iter().map(closures::rule).collect();
    let rows = made.rows();

    let mut entrants = [
        Entrant::new("population", count),
        Entrant::new("  its new", count),
        Entrant::new("closures", count),
        Entrant::new("a-tree", count.min(OF_TREE)),
        Entrant::new("cel", count.min(OF_CEL)),
    ];
    for _ in 0..ROUNDS {
        let [population, building, typed, of_tree, of_cel] = &mut entrants;
        let begun = Instant::now();
        let people = Population::new(Arc::clone(&rules), made.people(), made::now());
        let built = begun.elapsed();
        let all = black_box(people.all());
        population.took(begun.elapsed(), all.len());
        building.took(built, all.len());
        let begun = Instant::now();
        let found = black_box(closures::all(&closures, &rows, TODAY));
        typed.took(begun.elapsed(), found.len());
        let begun = Instant::now();
        let found = black_box(tree.all(made.people().take(of_tree.people))?);
        of_tree.took(begun.elapsed(), found.len());
        agreed(found, of_tree, &made, (&rules, &closures))?;
        let begun = Instant::now();
        let found = black_box(programs.all(made.people().take(of_cel.people))?);
        of_cel.took(begun.elapsed(), found.len());
        agreed(found, of_cel, &made, (&rules, &closures))?;
    }
    let [population, _, typed, ..] = &entrants;
    if population.causes != typed.causes {
        return Err(format!("population: {} causes, closures: {}", population.causes, typed.causes).into());
    }
    println!("{count} people with {} contracts, {} rules, one thread, {ROUNDS} rounds", made.contracts(), shapes.len());
    printed(&entrants);
    Ok(())
}

/// The closures find the same rules as a rival did, and the population as many.
fn agreed(
    mut found: Vec<u32>,
    rival: &Entrant,
    made: &Made,
    (rules, closures): (&Arc<RuleSet>, &[closures::Rule]),
) -> Result<(), Box<dyn Error>> {
    let ours = Population::new(Arc::clone(rules), made.people().take(rival.people), made::now()).all().len();
    let mut typed = closures::all(closures, made.rows().get(..rival.people).unwrap_or_default(), TODAY);
    found.sort_unstable();
    typed.sort_unstable();
    if found == typed && found.len() == ours {
        return Ok(());
    }
    let Entrant { name, causes, .. } = rival;
    Err(format!("{name}: {causes} causes, population: {ours}, closures: {}, or of other rules", typed.len()).into())
}

fn printed(entrants: &[Entrant]) {
    println!("{:<12}{:>8}{:>10}{:>26}{:>16}", "", "people", "causes", "µs per person (slowest)", "of population");
    let ours = entrants.first().map_or(f64::NAN, Entrant::fastest);
    for entrant in entrants {
        let (spread, ratio) = (entrant.spread(), entrant.fastest() / ours);
        println!("{:<12}{:>8}{:>10}{spread:>26}{ratio:>16.2}", entrant.name, entrant.people, entrant.causes);
    }
}
