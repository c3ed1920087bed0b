//! What HR keeps in an AFAS environment, in the terms of AFAS.

use std::fmt;

use chrono::NaiveDate;

/// A code and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coded {
    /// The code. It is text, and leading zeros count.
    pub code: String,
    /// What it stands for.
    pub name: String,
}

impl Coded {
    /// Something whose code is made of its name: `Senior Staff` has `SENIOR_STAFF`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        Self { code: words.collect::<Vec<_>>().join("_").to_uppercase(), name: name.to_owned() }
    }
}

/// The names of a person.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// The name by which the person is called (`Roepnaam`).
    pub calling: String,
    /// The first names (`Voornaam`).
    pub first: Option<String>,
    /// `A.B.` (`Voorletters`).
    pub initials: Option<String>,
    /// What stands before the birth name (`Voorvoegsel`), at most 10 characters.
    pub prefix: Option<String>,
    /// The birth name without its prefix (`Geboortenaam`).
    pub birth: String,
    /// What stands before the partner's name (`Voorvoegsel_partner`).
    pub partner_prefix: Option<String>,
    /// The partner's name (`Geboortenaam_partner`).
    pub partner: Option<String>,
    /// `0` birth name, `1` partner's name and birth name, `2` partner's name, `3` birth name and partner's name
    /// (`Naamgebruik_code`).
    pub use_code: String,
}

impl Names {
    /// Somebody with a calling name and a surname. Words in small letters at its head are the prefix: `van den Berg`.
    #[must_use]
    pub fn new(calling: &str, surname: &str) -> Self {
        let mut names = Self {
            calling: calling.to_owned(),
            initials: calling.chars().next().map(|letter| format!("{letter}.")),
            use_code: "0".to_owned(),
            ..Self::default()
        };
        names.set_surname(surname);
        names
    }

    /// Another birth name, split in the same way.
    pub fn set_surname(&mut self, surname: &str) {
        let is_small = |word: &str| word.chars().all(char::is_lowercase);
        let mut head = 0;
        for word in surname.split_inclusive(' ') {
            if !word.ends_with(' ') || !is_small(word.trim_end()) {
                break;
            }
            head += word.len();
        }
        let (prefix, birth) = surname.split_at(head);
        self.prefix = (!prefix.is_empty()).then(|| prefix.trim_end().to_owned());
        birth.clone_into(&mut self.birth);
    }

    /// The name that AFAS shows of an employee, by the name use; a code that it does not know is the birth name.
    #[must_use]
    pub fn shown(&self) -> String {
        let born = joined(self.prefix.as_deref(), &self.birth);
        let partner = self.partner.as_deref().map(|name| joined(self.partner_prefix.as_deref(), name));
        let surname = match (self.use_code.as_str(), partner) {
            ("1", Some(partner)) => format!("{partner} - {born}"),
            ("2", Some(partner)) => partner,
            ("3", Some(partner)) => format!("{born} - {partner}"),
            _ => born,
        };
        joined(Some(&self.calling), &surname)
    }
}

fn joined(first: Option<&str>, last: &str) -> String {
    match first.filter(|text| !text.is_empty()) {
        Some(first) => format!("{first} {last}"),
        None => last.to_owned(),
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("use_code", &self.use_code).finish_non_exhaustive()
    }
}

/// A person, who is an employee.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PersonRow {
    /// The code of the employee (`Medewerker`). It is text, and leading zeros count.
    pub employee: String,
    /// The number of the person (`Persoonsnummer`, `BcCo` in what is written), which is another one.
    pub person: String,
    /// The names.
    pub names: Names,
    /// `M` man, `V` woman, `O` unknown, `X` non-binary.
    pub gender: Option<String>,
    /// The day of birth.
    pub birth_date: Option<NaiveDate>,
    /// The day on which the person came into service.
    pub hire_date: Option<NaiveDate>,
    /// The business e-mail address.
    pub mail: Option<String>,
    /// The business mobile number.
    pub mobile: Option<String>,
    /// The business telephone number.
    pub phone: Option<String>,
    /// The AFAS user of the person, if there is one.
    pub user: Option<UserRow>,
}

impl PersonRow {
    /// Somebody of whom little is known. The person's number is made of the employee's: `1001` has `0001001`.
    #[must_use]
    pub fn new(employee: &str, names: Names) -> Self {
        Self { employee: employee.to_owned(), person: format!("{employee:0>7}"), names, ..Self::default() }
    }
}

impl fmt::Debug for PersonRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonRow").field("employee", &self.employee).finish_non_exhaustive()
    }
}

/// The AFAS user of a person.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct UserRow {
    /// The code of the user (`Gebruiker`), as in `12345.1001`.
    pub code: String,
    /// May the user sign in.
    pub state: UserState,
    /// The name for single sign-on (`UPN`).
    pub upn: Option<String>,
    /// The user's own e-mail address, which is not the person's.
    pub mail: Option<String>,
}

/// May a user sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserState {
    /// Yes.
    #[default]
    Open,
    /// No (`Geblokkeerd`).
    Blocked,
}

impl fmt::Debug for UserRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRow").field("code", &self.code).field("state", &self.state).finish_non_exhaustive()
    }
}

/// The contract line to which a function line belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractLine {
    /// Its number among the contracts of the employee (`Volgnummer_contract`).
    pub number: i64,
    /// The first day (`Begindatum_contract`).
    pub first: NaiveDate,
    /// The last day, inclusive (`Einddatum_contract`); `None` is open.
    pub last: Option<NaiveDate>,
    /// Of what type it is (`Type_contract`).
    pub kind: Option<String>,
}

/// One function line of an employee: where, what and when.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionLine {
    /// The stable key of the line (`ExternalID`): a GUID, 32 upper-case hexadecimal digits.
    pub id: String,
    /// The number of the employment (`Dienstverband`): 2 after somebody left and came back.
    pub employment: i64,
    /// The contract line.
    pub contract: ContractLine,
    /// The first day (`Begindatum_functie`); without one the contract's.
    pub first: Option<NaiveDate>,
    /// The last day, inclusive (`Einddatum_functie`); `None` is open, or the contract's.
    pub last: Option<NaiveDate>,
    /// The code of the organisational unit.
    pub unit: Option<String>,
    /// The function.
    pub function: Option<Coded>,
    /// The cost centre.
    pub cost_centre: Option<Coded>,
    /// The employer.
    pub employer: Option<Coded>,
    /// Hours a week.
    pub hours: Option<f64>,
    /// The part-time percentage.
    pub part_time: Option<f64>,
    /// The code of the line's own manager. Shown where the unit has no leader, or [`Managers::OfTheLine`] is on.
    ///
    /// [`Managers::OfTheLine`]: super::Managers::OfTheLine
    pub manager: Option<String>,
    /// What sort of employee (`Soort_medewerker`); code `N` is a pro-forma employee.
    pub sort: Option<Coded>,
    /// Of what sort the employment is (`Dienstbetrekking`).
    pub relation: Option<String>,
}

impl FunctionLine {
    /// An open line in a contract of its own, the `number`th of the employee. Its key is made of both, so that the same
    /// line has the same key each time.
    #[must_use]
    pub fn new(employee: &str, number: i64, first: NaiveDate) -> Self {
        Self {
            id: guid(employee, number),
            employment: 1,
            contract: ContractLine { number, first, last: None, kind: None },
            first: Some(first),
            last: None,
            unit: None,
            function: None,
            cost_centre: None,
            employer: None,
            hours: None,
            part_time: None,
            manager: None,
            sort: None,
            relation: None,
        }
    }

    /// The same line in a unit.
    #[must_use]
    pub fn in_unit(self, code: &str) -> Self {
        Self { unit: Some(code.to_owned()), ..self }
    }

    /// The same line with a function.
    #[must_use]
    pub fn with_function(self, name: &str) -> Self {
        Self { function: Some(Coded::named(name)), ..self }
    }

    /// The same line through a last day, which ends its contract too.
    #[must_use]
    pub fn through(self, last: Option<NaiveDate>) -> Self {
        Self { last, contract: ContractLine { last, ..self.contract }, ..self }
    }

    /// The first day.
    pub(super) fn starts(&self) -> NaiveDate {
        self.first.unwrap_or(self.contract.first)
    }

    /// The last day, inclusive.
    pub(super) fn ends(&self) -> Option<NaiveDate> {
        self.last.or(self.contract.last)
    }
}

/// Two runs of FNV-1a, from two ends: always the same, and different for different lines.
fn guid(employee: &str, number: i64) -> String {
    let text = format!("{employee}/{number}");
    let fnv = |bytes: &mut dyn Iterator<Item = u8>| {
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    format!("{:016X}{:016X}", fnv(&mut text.bytes()), fnv(&mut text.bytes().rev()))
}

/// Who leads a unit, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// The code of the employee.
    pub employee: String,
    /// The first day; `None` is since ever.
    pub first: Option<NaiveDate>,
    /// The last day, inclusive; `None` is open.
    pub last: Option<NaiveDate>,
}

/// A unit of the organisation chart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrgUnit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The code of the unit above it; the root has none.
    pub parent: Option<String>,
    /// Who leads it, one after the other.
    pub leaders: Vec<Leader>,
    /// The code of the employee who stands in for its leader (`Huidige_vervanger`).
    pub deputy: Option<String>,
}

impl OrgUnit {
    /// A unit without anybody.
    #[must_use]
    pub fn new(code: &str, name: &str) -> Self {
        Self { code: code.to_owned(), name: name.to_owned(), ..Self::default() }
    }

    /// The same unit with a leader from a day on, the last of its leaders.
    #[must_use]
    pub fn led_by(mut self, employee: &str, first: Option<NaiveDate>) -> Self {
        self.leaders.push(Leader { employee: employee.to_owned(), first, last: None });
        self
    }

    /// Who leads it on a day: of those who do, the one who was named last.
    pub(super) fn leader(&self, day: NaiveDate) -> Option<&str> {
        let leads = |leader: &&Leader| {
            leader.first.is_none_or(|first| first <= day) && leader.last.is_none_or(|last| day <= last)
        };
        self.leaders.iter().rev().find(leads).map(|leader| leader.employee.as_str())
    }
}

/// Everybody and everything that an environment is filled with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// The people, each with the function lines in the order in which HR wrote them.
    pub people: Vec<(PersonRow, Vec<FunctionLine>)>,
    /// The organisation chart.
    pub units: Vec<OrgUnit>,
}
