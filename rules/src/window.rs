//! The days on which a rule holds for a contract.

use chrono::NaiveDate;
use provisioning_core::period::{Period, plus_days};
use provisioning_core::source::Contract;
use provisioning_core::{FieldName, Value};

use crate::language::datum::day as written_day;

/// How the days of a contract are widened for a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Window {
    /// Days before the first day.
    pub(crate) before: u32,
    /// Days after the last day.
    pub(crate) after: u32,
    /// A field of the contract: when it holds a date, that is the last day.
    pub(crate) ends: Option<FieldName>,
}

impl Window {
    /// The days of a contract on which the rule holds; a contract without days has none.
    pub(crate) fn days(&self, contract: &Contract<'_>) -> Option<Period> {
        let own = contract.period;
        let days = match self.last_day(contract) {
            Some(last) => own.until(plus_days(last, 1)),
            None => own,
        };
        (!days.is_empty()).then(|| days.widen(self.before, self.after))
    }

    /// The first day, and the first one after the last.
    pub(crate) fn edges(&self, contract: &Contract<'_>) -> impl Iterator<Item = NaiveDate> {
        self.days(contract).into_iter().flat_map(|days| [Some(days.start()), days.end()]).flatten()
    }

    /// The field that should hold a last day and holds something else.
    pub(crate) fn misread(&self, contract: &Contract<'_>) -> Option<&FieldName> {
        let name = self.ends.as_ref()?;
        let value = contract.field(name.as_str())?;
        (!value.is_blank() && day(value).is_none()).then_some(name)
    }

    fn last_day(&self, contract: &Contract<'_>) -> Option<NaiveDate> {
        contract.field(self.ends.as_ref()?.as_str()).and_then(day)
    }
}

/// The day that a value holds. Sources that know no types give it as text, `2026-01-31`.
fn day(value: &Value) -> Option<NaiveDate> {
    value.as_date().or_else(|| written_day(value.as_text()?.trim()))
}
