//! Pages of rows: which rows there are, in which order, and how a page of them is written.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use chrono::{Months, NaiveDate};

use super::cell::Cell;
use super::columns::{Depends, Row, actual};
use super::connector::{Collection, Connector, Field};
use super::filter::Filter;
use super::query::Query;
use super::refusal::Refusal;
use super::rows::FunctionLine;
use super::state::{Staff, State};
use super::switches::{RowsShown, Switches, Window};
use crate::organisation::Dice;

/// How many listings are remembered at most.
const REMEMBERED: usize = 64;

/// Where a row is: the person or unit, and the function line of the person.
type Place = (u32, u32);

/// Places in order. Those that the order does not tell apart are in no order.
#[derive(Debug)]
struct Listing {
    places: Vec<Place>,
    /// Runs of rows that the order does not tell apart: where each begins, and how long it is.
    ties: Vec<(usize, usize)>,
}

/// Listings that were asked for, until anything changes.
#[derive(Debug, Default)]
pub(super) struct Listings {
    kept: HashMap<String, Arc<Listing>>,
}

impl Listings {
    pub(super) fn forget(&mut self) {
        self.kept.clear();
    }
}

/// What rows are read from.
#[derive(Clone, Copy)]
pub(super) struct View<'s> {
    pub(super) state: &'s State,
    pub(super) switches: &'s Switches,
    pub(super) today: NaiveDate,
}

/// One key of an order.
struct Key<'c> {
    field: &'c Field,
    is_descending: bool,
}

impl<'s> View<'s> {
    /// The body of a page. Rows whose order is not asked for come in another order each time.
    pub(super) fn page(
        self,
        connector: &Connector,
        query: &Query,
        listings: &mut Listings,
        chance: &mut Dice,
    ) -> Result<String, Refusal> {
        let (skip, take) = query.span()?;
        let keys = keys(connector, &query.order)?;
        let filter = Filter::read(&query.filter, connector)?;
        let listing = self.listing(connector, query, (&keys, &filter), listings);
        let mixed;
        let places = if listing.ties.is_empty() {
            listing.places.as_slice()
        } else {
            mixed = mix(&listing, chance);
            mixed.as_slice()
        };
        let repeated = if skip == 0 { 0 } else { self.switches.repeated_rows };
        let page: Vec<Place> = places.iter().skip(skip.saturating_sub(repeated)).take(take).copied().collect();
        let values = page.len() * connector.fields().len();
        if self.switches.most_values.is_some_and(|most| values > most) {
            return Err(Refusal::functional(-2_147_180_999, "Out of memory"));
        }
        Ok(self.written(connector, query, &page))
    }

    fn listing(
        self,
        connector: &Connector,
        query: &Query,
        (keys, filter): (&[Key<'_>], &Filter<'_>),
        listings: &mut Listings,
    ) -> Arc<Listing> {
        let depends = |key: &Key<'_>| key.field.column.depends == Depends::OnToday;
        let is_of_today = self.switches.window != Window::None || filter.depends_on_today() || keys.iter().any(depends);
        let name =
            format!("{}\n{}\n{:?}\n{:?}", connector.id, query.order, query.filter, is_of_today.then_some(self.today));
        if let Some(listing) = listings.kept.get(&name) {
            return Arc::clone(listing);
        }
        if listings.kept.len() >= REMEMBERED {
            listings.kept.clear();
        }
        let listing = Arc::new(self.made(connector.collection, keys, filter));
        listings.kept.insert(name, Arc::clone(&listing));
        listing
    }

    fn made(self, collection: Collection, keys: &[Key<'_>], filter: &Filter<'_>) -> Listing {
        let mut places = self.places(collection);
        places.retain(|place| self.row(collection, *place).is_some_and(|row| filter.passes(&row)));
        let compare = |one: &Place, other: &Place| {
            let rows = self.row(collection, *one).zip(self.row(collection, *other));
            rows.map_or(Ordering::Equal, |(one, other)| order(keys, &one, &other))
        };
        places.sort_by(compare);
        let mut ties = Vec::new();
        let mut begin = 0;
        for run in places.chunk_by(|one, other| compare(one, other).is_eq()) {
            if run.len() > 1 {
                ties.push((begin, run.len()));
            }
            begin += run.len();
        }
        Listing { places, ties }
    }

    fn places(self, collection: Collection) -> Vec<Place> {
        if self.switches.rows == RowsShown::None {
            return Vec::new();
        }
        let people = (0..).zip(self.state.people());
        match collection {
            Collection::Users => people.filter(|(_, staff)| self.shows(staff)).map(|(place, _)| (place, 0)).collect(),
            Collection::Employments => people
                .flat_map(|(place, staff)| {
                    let lines = (0..).zip(&staff.lines).filter(|(_, line)| self.shows_line(line));
                    lines.map(move |(line, _)| (place, line))
                })
                .collect(),
            Collection::OrganizationalUnits => (0..).zip(self.state.units()).map(|(place, _)| (place, 0)).collect(),
        }
    }

    fn row(self, collection: Collection, (first, second): Place) -> Option<Row<'s>> {
        let Self { state, switches, today } = self;
        let row = Row { state, switches, today, staff: None, line: None, unit: None, actual: OnceCell::new() };
        let (first, second) = (usize::try_from(first).ok()?, usize::try_from(second).ok()?);
        Some(match collection {
            Collection::Users => Row { staff: Some(state.people().get(first)?), ..row },
            Collection::Employments => {
                let staff = state.people().get(first)?;
                Row { staff: Some(staff), line: Some(staff.lines.get(second)?), ..row }
            }
            Collection::OrganizationalUnits => Row { unit: Some(state.units().get(first)?), ..row },
        })
    }

    /// Is an employee within the window: by the actual contract, so that nobody without one is.
    fn shows(self, staff: &Staff) -> bool {
        let Window::ThreeMonths = self.switches.window else {
            return true;
        };
        let actual = actual(staff.lines.iter(), self.today);
        actual.is_some_and(|line| !is_pro_forma(line) && self.is_near(Some(line.contract.first), line.contract.last))
    }

    fn shows_line(self, line: &FunctionLine) -> bool {
        let Window::ThreeMonths = self.switches.window else {
            return true;
        };
        let contract = self.is_near(Some(line.contract.first), line.contract.last);
        contract && self.is_near(line.first, line.last) && !is_pro_forma(line)
    }

    fn is_near(self, first: Option<NaiveDate>, last: Option<NaiveDate>) -> bool {
        let three = Months::new(3);
        let begins = first.is_none_or(|first| self.today.checked_add_months(three).is_none_or(|end| first < end));
        begins && last.is_none_or(|last| self.today.checked_sub_months(three).is_none_or(|begin| last > begin))
    }

    fn written(self, connector: &Connector, query: &Query, page: &[Place]) -> String {
        let mut out = String::with_capacity(64 + page.len() * connector.fields().len() * 40);
        // Writing to a `String` cannot fail.
        let _ = write!(out, "{{\"skip\":{},\"take\":{},\"rows\":[", query.skip, query.take);
        for (number, row) in page.iter().filter_map(|place| self.row(connector.collection, *place)).enumerate() {
            out.push_str(if number == 0 { "{" } else { ",{" });
            for (number, field) in connector.fields().iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                out.push_str(&field.opening);
                Cell::write((field.column.cell)(&row).as_ref(), &mut out);
            }
            out.push('}');
        }
        out.push_str("]}");
        out
    }
}

fn is_pro_forma(line: &FunctionLine) -> bool {
    line.sort.as_ref().is_some_and(|sort| sort.code == "N")
}

/// The keys of an order: a list with commas, where `-` before a field turns it round.
fn keys<'c>(connector: &'c Connector, order: &str) -> Result<Vec<Key<'c>>, Refusal> {
    let key = |text: &str| {
        let text = text.trim();
        let bare = text.strip_prefix('-');
        let name = bare.unwrap_or(text);
        let field = connector.field(name).ok_or_else(|| Refusal::unknown_field(name))?;
        Ok(Key { field, is_descending: bare.is_some() })
    };
    order.split(',').filter(|text| !text.trim().is_empty()).map(key).collect()
}

fn order(keys: &[Key<'_>], one: &Row<'_>, other: &Row<'_>) -> Ordering {
    let by = |key: &Key<'_>| {
        let cell = key.field.column.cell;
        let order = Cell::order(cell(one).as_ref(), cell(other).as_ref());
        if key.is_descending { order.reverse() } else { order }
    };
    keys.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The places with each run that has no order of its own shuffled.
fn mix(listing: &Listing, chance: &mut Dice) -> Vec<Place> {
    let mut places = listing.places.clone();
    for (begin, length) in &listing.ties {
        for end in (2..=*length).rev() {
            let chosen = usize::try_from(chance.below(end as u64)).unwrap_or_default();
            places.swap(begin + end - 1, begin + chosen);
        }
    }
    places
}
