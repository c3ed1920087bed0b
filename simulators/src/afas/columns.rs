//! What each column of the three collections holds, and how it is found.

use std::borrow::Cow;
use std::cell::OnceCell;

use chrono::NaiveDate;

use super::cell::Cell;
use super::cell::Kind::{self, Day, Decimal, Flag, Number, Text};
use super::rows::{Coded, ContractLine, FunctionLine, OrgUnit, PersonRow, UserRow, UserState};
use super::state::{Staff, State};
use super::switches::{Managers, Roots, Switches};

/// How many levels a chart has at most.
const LEVELS: usize = 20;

/// A row before it is written: what it is about, and what it is seen from.
pub(super) struct Row<'s> {
    pub(super) state: &'s State,
    pub(super) switches: &'s Switches,
    pub(super) today: NaiveDate,
    pub(super) staff: Option<&'s Staff>,
    pub(super) line: Option<&'s FunctionLine>,
    pub(super) unit: Option<&'s OrgUnit>,
    /// Found once, for the many columns that ask for it.
    pub(super) actual: OnceCell<Option<&'s FunctionLine>>,
}

impl<'s> Row<'s> {
    fn person(&self) -> Option<&'s PersonRow> {
        self.staff.map(|staff| &staff.row)
    }

    fn user(&self) -> Option<&'s UserRow> {
        self.person()?.user.as_ref()
    }

    fn contract(&self) -> Option<&'s ContractLine> {
        self.line.map(|line| &line.contract)
    }

    /// The line of the same employment that counts today. It is where the manager and the hours of every line of the
    /// employment come from, of those in the past and in the future too.
    fn actual(&self) -> Option<&'s FunctionLine> {
        *self.actual.get_or_init(|| {
            let employment = self.line?.employment;
            let lines = self.staff?.lines.iter().filter(|line| line.employment == employment);
            actual(lines, self.today)
        })
    }

    fn manager(&self) -> Option<&'s str> {
        match self.switches.managers {
            Managers::OfToday => {
                let line = self.actual()?;
                self.leader(line, self.today).or(line.manager.as_deref())
            }
            Managers::OfTheLine => {
                let line = self.line?;
                line.manager.as_deref().or_else(|| self.leader(line, line.starts()))
            }
        }
    }

    /// Who leads the unit of a line on a day. Whoever leads it is led by the one above; charts may go round in a circle.
    fn leader(&self, line: &'s FunctionLine, day: NaiveDate) -> Option<&'s str> {
        let own = self.person()?.employee.as_str();
        let unit = |code: &str| self.state.unit(code);
        let units = std::iter::successors(unit(line.unit.as_deref()?), |below| unit(below.parent.as_deref()?));
        units.take(LEVELS).filter_map(|unit| unit.leader(day)).find(|leader| *leader != own)
    }

    fn deputy(&self) -> Option<&'s str> {
        self.state.unit(self.actual()?.unit.as_deref()?)?.deputy.as_deref()
    }

    fn number_of(&self, employee: &str) -> Option<Cell<'s>> {
        text(&self.state.staff(employee)?.row.person)
    }
}

/// Of some lines the one that counts on a day: one that is under way, else the last that was, else the next to come.
pub(super) fn actual<'s>(lines: impl Iterator<Item = &'s FunctionLine>, today: NaiveDate) -> Option<&'s FunctionLine> {
    lines.max_by_key(|line| {
        let days = (line.starts() - today).num_days();
        let is_over = line.ends().is_some_and(|last| last < today);
        if days > 0 { (0, -days) } else { (if is_over { 1 } else { 2 }, days) }
    })
}

/// Does a column depend on the day on which it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depends {
    OnRows,
    OnToday,
}

/// A column: its name in the connectors as they are delivered, and what it holds.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The greatest length of a text; 0 for all else.
    pub(super) length: u16,
    pub(super) depends: Depends,
    pub(super) cell: for<'s> fn(&Row<'s>) -> Option<Cell<'s>>,
}

const fn column(name: &'static str, kind: Kind, length: u16, cell: for<'s> fn(&Row<'s>) -> Option<Cell<'s>>) -> Column {
    Column { name, kind, length, depends: Depends::OnRows, cell }
}

/// The same, from the day on which it is read.
const fn of_today(
    name: &'static str,
    kind: Kind,
    length: u16,
    cell: for<'s> fn(&Row<'s>) -> Option<Cell<'s>>,
) -> Column {
    Column { name, kind, length, depends: Depends::OnToday, cell }
}

#[expect(clippy::unnecessary_wraps, reason = "a column that is always there ends in this as others do")]
fn text(text: &str) -> Option<Cell<'_>> {
    Some(Cell::Text(Cow::Borrowed(text)))
}

fn code(coded: Option<&Coded>) -> Option<Cell<'_>> {
    text(&coded?.code)
}

fn name(coded: Option<&Coded>) -> Option<Cell<'_>> {
    text(&coded?.name)
}

fn shown<'s>(row: &Row<'s>) -> Option<Cell<'s>> {
    Some(Cell::Text(Cow::Owned(row.person()?.names.shown())))
}

/// A flag of the user; of somebody without a user there is none.
fn off<'s>(row: &Row<'s>) -> Option<Cell<'s>> {
    row.user().map(|_| Cell::Flag(false))
}

fn users_mail<'s>(row: &Row<'s>) -> Option<Cell<'s>> {
    text(row.user()?.mail.as_deref()?)
}

/// People, one row each, with or without an AFAS user.
pub(super) const USERS: &[Column] = &[
    column("Medewerker", Text, 15, |row| text(&row.person()?.employee)),
    column("Gebruiker", Text, 80, |row| text(&row.user()?.code)),
    column("Persoonsnummer", Text, 15, |row| text(&row.person()?.person)),
    column("DisplayName", Text, 255, shown),
    column("Geblokkeerd", Flag, 0, |row| Some(Cell::Flag(row.user()?.state == UserState::Blocked))),
    column("UPN", Text, 255, |row| text(row.user()?.upn.as_deref()?)),
    column("Email_werk_gebruiker", Text, 255, users_mail),
    column("Profit_Windows", Flag, 0, off),
    column("Connector", Flag, 0, off),
    column("Reservekopieen_via_commandline", Flag, 0, off),
    column("Commandline", Flag, 0, off),
    column("InSite", Flag, 0, |row| Some(Cell::Flag(row.user()?.state == UserState::Open))),
    column("OutSite", Flag, 0, off),
    column("Voorletters", Text, 15, |row| text(row.person()?.names.initials.as_deref()?)),
    column("Roepnaam", Text, 80, |row| text(&row.person()?.names.calling)),
    column("Voornaam", Text, 50, |row| text(row.person()?.names.first.as_deref()?)),
    column("Voorvoegsel", Text, 10, |row| text(row.person()?.names.prefix.as_deref()?)),
    column("Geboortenaam", Text, 80, |row| text(&row.person()?.names.birth)),
    column("Geboortenaam_partner", Text, 80, |row| text(row.person()?.names.partner.as_deref()?)),
    column("Voorvoegsel_partner", Text, 15, |row| text(row.person()?.names.partner_prefix.as_deref()?)),
    column("Naamgebruik_code", Text, 1, |row| text(&row.person()?.names.use_code)),
    column("Mobielnr_werk", Text, 255, |row| text(row.person()?.mobile.as_deref()?)),
    column("Telefoonnr_werk", Text, 255, |row| text(row.person()?.phone.as_deref()?)),
    column("Email_werk", Text, 255, |row| text(row.person()?.mail.as_deref()?)),
    column("Email_portal", Text, 255, users_mail),
    // From here on: not in the connector as it is delivered; a customer adds them.
    column("Geslacht", Text, 1, |row| text(row.person()?.gender.as_deref()?)),
    column("Geboortedatum", Day, 0, |row| Some(Cell::Day(row.person()?.birth_date?))),
    column("Datum_in_dienst", Day, 0, |row| Some(Cell::Day(row.person()?.hire_date?))),
];

/// How many columns of [`USERS`] the connector has as it is delivered.
pub(super) const USERS_DELIVERED: usize = 25;

/// Function lines, one row each.
pub(super) const EMPLOYMENTS: &[Column] = &[
    column("Medewerker", Text, 15, |row| text(&row.person()?.employee)),
    column("Persoonsnummer", Text, 15, |row| text(&row.person()?.person)),
    column("Naam", Text, 255, shown),
    column("Organisatorische_eenheid_code", Text, 10, |row| text(row.line?.unit.as_deref()?)),
    column("Organisatorische_eenheid_omschrijving", Text, 50, |row| {
        text(&row.state.unit(row.line?.unit.as_deref()?)?.name)
    }),
    column("Functie_code", Text, 10, |row| code(row.line?.function.as_ref())),
    column("Functie_omschrijving", Text, 50, |row| name(row.line?.function.as_ref())),
    column("Kostenplaats_code", Text, 10, |row| code(row.line?.cost_centre.as_ref())),
    column("Kostenplaats_omschrijving", Text, 50, |row| name(row.line?.cost_centre.as_ref())),
    column("Werkgever_code", Text, 15, |row| code(row.line?.employer.as_ref())),
    column("Werkgever_omschrijving", Text, 80, |row| name(row.line?.employer.as_ref())),
    of_today("Type_contract", Text, 50, |row| text(row.actual()?.contract.kind.as_deref()?)),
    column("Dienstverband", Number, 0, |row| Some(Cell::Number(row.line?.employment))),
    column("Volgnummer_contract", Number, 0, |row| Some(Cell::Number(row.contract()?.number))),
    column("Begindatum_contract", Day, 0, |row| Some(Cell::Day(row.contract()?.first))),
    column("Einddatum_contract", Day, 0, |row| Some(Cell::Day(row.contract()?.last?))),
    column("Begindatum_functie", Day, 0, |row| Some(Cell::Day(row.line?.first?))),
    column("Einddatum_functie", Day, 0, |row| Some(Cell::Day(row.line?.last?))),
    of_today("Uren_per_week", Decimal, 0, |row| Some(Cell::Decimal(row.actual()?.hours?))),
    of_today("Parttime_percentage", Decimal, 0, |row| Some(Cell::Decimal(row.actual()?.part_time?))),
    of_today("FTE", Decimal, 0, |row| Some(Cell::Decimal(row.actual()?.part_time? / 100.0))),
    of_today("Persoonsnummer_leidinggevende", Text, 15, |row| row.number_of(row.manager()?)),
    of_today("Medewerkernummer_leidinggevende", Text, 15, |row| text(row.manager()?)),
    of_today("Persoonsnummer_VervangendLeidinggevende", Text, 15, |row| row.number_of(row.deputy()?)),
    of_today("Medewerkernummer_VervangendLeidinggevende", Text, 15, |row| text(row.deputy()?)),
    column("ExternalID", Text, 32, |row| text(&row.line?.id)),
    column("Soort_medewerker", Text, 50, |row| name(row.line?.sort.as_ref())),
    column("Soort_medewerker_code", Text, 1, |row| code(row.line?.sort.as_ref())),
    column("Dienstbetrekking", Text, 50, |row| text(row.line?.relation.as_deref()?)),
];

/// The organisation chart, one row a unit.
pub(super) const UNITS: &[Column] = &[
    column("ExternalId", Text, 10, |row| text(&row.unit?.code)),
    column("DisplayName", Text, 50, |row| text(&row.unit?.name)),
    column("ParentExternalId", Text, 10, |row| match (row.unit?.parent.as_deref(), row.switches.roots) {
        (Some(parent), _) => text(parent),
        (None, Roots::Blank) => text(""),
        (None, Roots::Null) => None,
    }),
    of_today("ManagerExternalId", Text, 15, |row| text(row.unit?.leader(row.today)?)),
    column("Huidige_vervanger", Text, 15, |row| text(row.unit?.deputy.as_deref()?)),
];
