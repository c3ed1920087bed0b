//! How an environment behaves where real ones differ, or misbehave.

use std::collections::BTreeSet;

/// How an environment behaves. The default is a customer's environment on a good day, with connectors of the customer's
/// own that have no filter inside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Switches {
    /// Whether requests reach the environment.
    pub service: Service,
    /// Which rows there are.
    pub rows: RowsShown,
    /// The filter that is built into the connectors.
    pub window: Window,
    /// Whose manager a function line shows.
    pub managers: Managers,
    /// What a unit without another above it has as its parent.
    pub roots: Roots,
    /// How a call of a connector that the app connector does not have is refused.
    pub foreign_connector: ForeignConnector,
    /// The content type of an error that has a body in JSON.
    pub error_type: ErrorType,
    /// Connectors that AFAS has blocked, by their ids.
    pub blocked: BTreeSet<String>,
    /// Each page after the first begins with that many rows of the one before, as when rows come in while it is read.
    pub repeated_rows: usize,
    /// How many values a page may have, rows times columns, before the environment is out of memory; `None` is no limit.
    pub most_values: Option<usize>,
}

/// Whether requests reach the environment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Service {
    /// They do.
    #[default]
    Open,
    /// There is maintenance: 503, and `Retry-After` of two hours.
    Maintenance,
    /// The address of the caller is not on the list of the app connector: 403.
    AddressRefused,
}

/// Which rows there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RowsShown {
    /// All.
    #[default]
    All,
    /// None, and no error either: as after the rights of the connector's user were changed.
    None,
}

/// The filter that is built into the connectors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Window {
    /// There is none.
    #[default]
    None,
    /// Contracts and functions that begin less than three months from today, or are not over for three months yet, and
    /// no pro-forma employees: the connectors as HelloID delivers them.
    ThreeMonths,
}

/// Whose manager a function line shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Managers {
    /// The manager of today, on lines of the past and of the future too: the connectors as HelloID delivers them.
    #[default]
    OfToday,
    /// The line's own.
    OfTheLine,
}

/// What a unit without another above it has as its parent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Roots {
    /// An empty text: the connectors as HelloID delivers them.
    #[default]
    Blank,
    /// Nothing.
    Null,
}

/// How a call of a connector that the app connector does not have is refused. The documents of AFAS disagree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ForeignConnector {
    /// 500 with a message.
    #[default]
    Message,
    /// 401 without a body.
    Unauthorised,
}

/// The content type of an error that has a body in JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ErrorType {
    /// `application/xml`, which it is not: what the documents declare.
    #[default]
    Xml,
    /// `application/json`.
    Json,
}
