//! An organisation that does not exist, made from a seed, the same one each time.

use chrono::{Days, NaiveDate};

/// A department with its manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its stable code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The key of its manager.
    pub manager: Option<String>,
}

/// One line of a person's contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The code of the department.
    pub department: String,
    /// What the person does there.
    pub title: String,
    /// The first day.
    pub first: NaiveDate,
    /// The last day, inclusive; `None` is open.
    pub last: Option<NaiveDate>,
}

impl Line {
    /// A line without an end.
    #[must_use]
    pub fn open(department: &str, title: &str, first: NaiveDate) -> Self {
        Self { department: department.to_owned(), title: title.to_owned(), first, last: None }
    }

    /// The same line through a last day.
    #[must_use]
    pub fn through(self, last: NaiveDate) -> Self {
        Self { last: Some(last), ..self }
    }
}

/// A person as HR knows one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employee {
    /// The number that HR gave.
    pub key: String,
    /// The given name.
    pub given: String,
    /// The surname, with what stands before it.
    pub family: String,
    /// The lines of the contract, in the order in which HR wrote them.
    pub lines: Vec<Line>,
}

/// Everybody and everything that HR knows.
#[derive(Debug, Clone, Default)]
pub struct Organisation {
    /// The departments.
    pub departments: Vec<Department>,
    /// The people.
    pub employees: Vec<Employee>,
    made: usize,
}

impl Organisation {
    /// Makes an organisation of about 200 people as it is on the eve of a year.
    #[must_use]
    pub fn generated(dice: &mut Dice, new_year: NaiveDate) -> Self {
        Self::of_size(dice, new_year, usual_size())
    }

    /// Makes an organisation of so many people as it is on the eve of a day: the same departments, larger or smaller, each
    /// with its manager at least.
    #[must_use]
    pub fn of_size(dice: &mut Dice, eve_of: NaiveDate, people: usize) -> Self {
        let mut made = Self::default();
        let mut usual = 0;
        for (code, name, size) in DEPARTMENTS {
            let title = format!("Manager {name}");
            let line = Line::open(code, &title, years_before(dice, eve_of));
            let manager = made.hire_somebody(dice, line);
            made.departments.push(Department {
                code: (*code).to_owned(),
                name: (*name).to_owned(),
                manager: Some(manager),
            });
            usual += size;
            while made.employees.len() < people * usual / usual_size() {
                let title = dice.pick(TITLES);
                let line = Line::open(code, title, years_before(dice, eve_of));
                made.hire_somebody(dice, line);
            }
        }
        made
    }

    /// Makes somebody whom HR does not know yet.
    pub fn somebody(&mut self, dice: &mut Dice, line: Line) -> Employee {
        let name = |names: &'static str, dice: &mut Dice| dice.pick(&names.split(", ").collect::<Vec<_>>());
        let (given, family) = (name(GIVEN, dice), name(FAMILY, dice));
        self.named(given, family, line)
    }

    /// The same with a name.
    pub fn named(&mut self, given: &str, family: &str, line: Line) -> Employee {
        self.made += 1;
        let key = format!("{}", 1000 + self.made);
        Employee { key, given: given.to_owned(), family: family.to_owned(), lines: vec![line] }
    }

    fn hire_somebody(&mut self, dice: &mut Dice, line: Line) -> String {
        let employee = self.somebody(dice, line);
        let key = employee.key.clone();
        self.employees.push(employee);
        key
    }

    /// Somebody whom HR knows.
    pub fn employee(&mut self, key: &str) -> Option<&mut Employee> {
        self.employees.iter_mut().find(|employee| employee.key == key)
    }

    /// The keys of the people who work in a department and have done so from the start, its manager first.
    #[must_use]
    pub fn team(&self, code: &str) -> Vec<String> {
        let works_there = |employee: &&Employee| employee.lines.first().is_some_and(|line| line.department == code);
        self.employees.iter().filter(works_there).map(|employee| employee.key.clone()).collect()
    }

    /// The codes of the departments.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        self.departments.iter().map(|department| department.code.clone()).collect()
    }
}

fn years_before(dice: &mut Dice, day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(20 + dice.below(4000))).unwrap_or(day)
}

/// Chance from a seed: the generator `SplitMix64`, small, and the same on every machine.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to `end`, which is not among them; 0 where `end` is.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(end).unwrap_or(0)
    }

    /// One of some texts.
    pub fn pick<'t>(&mut self, among: &[&'t str]) -> &'t str {
        let place = self.below(among.len() as u64);
        usize::try_from(place).ok().and_then(|place| among.get(place)).copied().unwrap_or_default()
    }

    /// Takes one out of a list.
    pub fn take<T>(&mut self, among: &mut Vec<T>) -> Option<T> {
        let place = usize::try_from(self.below(among.len() as u64)).ok()?;
        (place < among.len()).then(|| among.swap_remove(place))
    }
}

fn usual_size() -> usize {
    DEPARTMENTS.iter().map(|(_, _, size)| size).sum()
}

/// Code, name and usual number of people.
const DEPARTMENTS: &[(&str, &str, usize)] = &[
    ("BOARD", "Board", 5),
    ("CARE", "Customer Care", 30),
    ("CATER", "Catering", 14),
    ("FIN", "Finance", 14),
    ("HR", "People", 9),
    ("IT", "IT", 22),
    ("LOG", "Logistics", 30),
    ("MKT", "Marketing", 12),
    ("PROD", "Production", 36),
    ("SALES", "Sales", 24),
];

const TITLES: &[&str] = &["Assistant", "Employee", "Specialist", "Senior", "Coordinator", "Team lead"];

const GIVEN: &str = "Aïcha, Amber, Anouk, Arjen, Bart, Bilal, Bram, Britt, Charlotte, Dilara, Dirk, Elif, Eline, Elke, Farid, \
    Femke, Femi, Floor, Geert, Hanna, Hugo, Iris, Ivana, Jasper, Jeroen, Joke, Joris, Kemal, Kobe, Koen, Laila, \
    Lars, Lien, Lieve, Luuk, Maaike, Maarten, Marek, Mehmet, Merel, Mila, Mohamed, Nadia, Niels, Nina, Olivier, \
    Omar, Piet, Priya, Rania, Renée, Rik, Roel, Samira, Sander, Sanne, Sien, Stijn, Tess, Tine, Tom, Veerle, Wim, \
    Yara, Youssef, Zoë";

const FAMILY: &str = "van den Berg, Aydın, Bakker, Benali, de Boer, Bos, Bouazza, Claessens, De Clercq, Cools, Demir, Desmet, \
    van Dijk, Dubois, El Idrissi, Goossens, de Graaf, de Groot, Hendriks, Hermans, Jansen, Kaya, Kowalski, \
    Kuipers, Lambert, Leclercq, van Leeuwen, Lemmens, Martens, Meijer, Mertens, Michiels, Mulder, Nguyen, Nowak, \
    Okafor, Pauwels, Petrović, Pinas, Postma, Ramdin, Santos, Schouten, Segers, Sharma, Silva, Smeets, Smit, \
    De Smedt, Şahin, Thijs, Vandenberghe, Verbeke, Verhoeven, Vermeulen, Visser, Vos, de Wit, Wouters, Yılmaz, \
    van der Zee, Zijlstra";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_organisation() {
        let made = |seed| {
            let new_year = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            Organisation::generated(&mut Dice::new(seed), new_year).employees
        };
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
        assert_eq!(made(7).len(), usual_size());
    }

    #[test]
    fn an_organisation_has_the_size_that_was_asked_for() {
        let eve_of = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        for people in [10, 25, 196, 1000] {
            let made = Organisation::of_size(&mut Dice::new(7), eve_of, people);
            assert_eq!((made.employees.len(), made.departments.len()), (people, DEPARTMENTS.len()));
            let keys: std::collections::BTreeSet<_> = made.employees.iter().map(|employee| &employee.key).collect();
            assert_eq!(keys.len(), people);
        }
        assert_eq!(Organisation::of_size(&mut Dice::new(7), eve_of, 0).employees.len(), DEPARTMENTS.len());
    }
}
