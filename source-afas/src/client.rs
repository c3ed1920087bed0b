//! The calls: what stands in a request, and how the pages of a connector become one reading of it.

use std::collections::BTreeSet;
use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION};
use http::{HeaderName, Request, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use transport::{Call, Transport, shown};

use crate::answer::{Metainfo, Page, Structure, read};
use crate::connectors::{Need, Wanted};
use crate::row::Row;
use crate::site::Site;
use crate::token::AfasToken;
use crate::trouble::{LONGEST_QUERY, Trouble, quoted};

/// Identifies a partner of AFAS.
const INTEGRATION_ID: HeaderName = HeaderName::from_static("integrationid");

/// What a path or a query does not hold as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// How often a connector is read from the start when rows moved while it was read.
const READINGS: u32 = 3;

/// Who calls which AFAS.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) site: Site,
    pub(crate) token: AfasToken,
    pub(crate) integration: Option<String>,
    pub(crate) transport: Transport,
    /// Rows of a page, at least 2.
    pub(crate) take: usize,
}

/// What was made of the rows of a connector, and how many there were.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    pub(crate) read: Vec<T>,
    pub(crate) skipped: usize,
}

/// The rows of a connector were read, or they moved meanwhile.
enum Pass<T> {
    Whole(Rows<T>),
    Moved,
}

impl Client {
    /// The environment that the token leads to; all connectors must be there.
    pub(crate) async fn environment(&self, connectors: &[&String]) -> Result<String, Trouble> {
        let metainfo: Metainfo = self.get("metainfo", "").await?;
        if let Some(there) = metainfo.get_connectors {
            let is_there = |name: &String| there.iter().any(|named| named.id.eq_ignore_ascii_case(name));
            let lacking: Vec<&String> = connectors.iter().copied().filter(|name| !is_there(name)).collect();
            if !lacking.is_empty() {
                return Err(Trouble::permanent(format!(
                    "the app connector does not have the GetConnector {}; it has {}; add it in AFAS, or change the \
                     configuration",
                    quoted(lacking),
                    quoted(there.iter().map(|named| &named.id))
                )));
            }
        }
        Ok(metainfo.info.envid)
    }

    /// Reads all rows of a connector, page after page; `make` gives nothing for a row that names nobody.
    ///
    /// A page is asked for from the last row of the page before on. That this row is in it shows that none was passed
    /// over because an earlier one went meanwhile; where it is not, the connector is read again from the start.
    pub(crate) async fn rows<T: Send>(
        &self,
        wanted: &Wanted,
        make: &(dyn Fn(Row) -> Option<T> + Sync),
    ) -> Result<Rows<T>, Trouble> {
        for _ in 0..READINGS {
            match self.pass(wanted, make).await {
                Ok(Pass::Whole(rows)) => return Ok(rows),
                Ok(Pass::Moved) => {
                    tracing::debug!(connector = %wanted.connector, "rows moved while they were read");
                }
                Err(trouble) if trouble.is_complaint => {
                    return Err(self.lacking(wanted).await.unwrap_or(trouble));
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Err(Trouble::transient(format!(
            "rows of GetConnector `{}` came or went each of the {READINGS} times that it was read; read again when fewer \
             people work in AFAS, and see whether its rows are unique by {}",
            wanted.connector,
            quoted(&wanted.order)
        )))
    }

    async fn pass<T: Send>(
        &self,
        wanted: &Wanted,
        make: &(dyn Fn(Row) -> Option<T> + Sync),
    ) -> Result<Pass<T>, Trouble> {
        let mut rows = Rows { read: Vec::new(), skipped: 0 };
        let mut columns = Columns::of(wanted);
        let mut last: Vec<Place> = Vec::new();
        let mut skip = 0;
        loop {
            let page = self.page(wanted, skip).await?;
            let is_full = page.rows.len() == self.take;
            let places: Vec<Place> = page.rows.iter().map(|row| place(row, wanted)).collect();
            if let Some(before) = last.last() {
                // A page like the one before leads nowhere.
                if !places.contains(before) || (is_full && places == last) {
                    return Ok(Pass::Moved);
                }
            }
            last = places;
            for row in page.rows {
                columns.see(&row);
                match make(row) {
                    Some(read) => rows.read.push(read),
                    None => rows.skipped += 1,
                }
            }
            if !is_full {
                break;
            }
            skip += self.take - 1;
        }
        let wrong = match columns.lacking(wanted) {
            // Without a row nothing shows that the names are right.
            None if last.is_empty() => self.lacking(wanted).await,
            None if rows.read.is_empty() => Some(nobody(wanted)),
            lacking => lacking,
        };
        wrong.map_or(Ok(Pass::Whole(rows)), Err)
    }

    async fn page(&self, wanted: &Wanted, skip: usize) -> Result<Page, Trouble> {
        let order: Vec<_> = wanted.order.iter().map(|column| encoded(column).to_string()).collect();
        let query = format!("?orderbyfieldids={}&skip={skip}&take={}", order.join(","), self.take);
        let path = format!("connectors/{}", encoded(&wanted.connector));
        let page: Page = self.get(&path, &query).await?;
        let asked = (i64::try_from(skip).ok(), i64::try_from(self.take).ok());
        if (Some(page.skip), Some(page.take)) != asked || page.rows.len() > self.take {
            return Err(Trouble::transient(format!(
                "GetConnector `{}` was asked for {} rows after {skip} and gave {}, as {} rows after {}: which rows these \
                 are is not known",
                wanted.connector,
                self.take,
                page.rows.len(),
                page.take,
                page.skip
            )));
        }
        Ok(page)
    }

    /// What the connector lacks, by its own description, if that can be read.
    async fn lacking(&self, wanted: &Wanted) -> Option<Trouble> {
        let path = format!("metainfo/get/{}", encoded(&wanted.connector));
        let structure: Structure = self.get(&path, "").await.ok()?;
        let there: BTreeSet<&String> = structure.fields.iter().map(|named| &named.id).collect();
        let lacking: Vec<&Need> = wanted.required.iter().filter(|need| !there.contains(&need.column)).collect();
        (!lacking.is_empty()).then(|| Trouble::lacking(wanted, &lacking, there))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &str) -> Result<T, Trouble> {
        let request = self.request(path, query)?;
        let call = format!("GET {}", shown(request.uri()));
        if query.len() > LONGEST_QUERY {
            let length = query.len();
            return Err(Trouble::permanent(format!(
                "{call} would have a query of {length} characters, and AFAS takes {LONGEST_QUERY}"
            )));
        }
        let answer = self.transport.send(Call::repeatable(request)).await.map_err(Trouble::no_answer)?;
        if answer.status() != StatusCode::OK {
            return Err(Trouble::refused(&call, query.len(), &answer));
        }
        read(answer.body()).map_err(|error| Trouble::unreadable(&call, &error))
    }

    fn request(&self, path: &str, query: &str) -> Result<Request<Bytes>, Trouble> {
        let invalid = |_| Trouble::permanent("the token or the integration id cannot be sent");
        let mut request = Request::get(format!("{}/{path}{query}", self.site))
            .header(AUTHORIZATION, self.token.header().map_err(invalid)?)
            .header(ACCEPT, "application/json")
            // Errors are for the operator, whose language is that of this program.
            .header(ACCEPT_LANGUAGE, "en-us");
        if let Some(id) = &self.integration {
            request = request.header(INTEGRATION_ID, id);
        }
        request.body(Bytes::new()).map_err(invalid)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("site", &self.site).field("take", &self.take).finish_non_exhaustive()
    }
}

/// The columns that no row had so far, and those of the first row.
struct Columns<'a> {
    lacking: Vec<&'a Need>,
    first: Option<Vec<String>>,
}

impl<'a> Columns<'a> {
    fn of(wanted: &'a Wanted) -> Self {
        Self { lacking: wanted.required.iter().collect(), first: None }
    }

    fn see(&mut self, row: &Row) {
        if !self.lacking.is_empty() {
            self.lacking.retain(|need| row.value(&need.column).is_none());
            self.first.get_or_insert_with(|| row.0.keys().cloned().collect());
        }
    }

    fn lacking(&self, wanted: &Wanted) -> Option<Trouble> {
        let there = self.first.as_ref().filter(|_| !self.lacking.is_empty())?;
        Some(Trouble::lacking(wanted, &self.lacking, there))
    }
}

/// Not one row names anybody.
fn nobody(wanted: &Wanted) -> Trouble {
    Trouble::permanent(format!(
        "no row of GetConnector `{}` has a key that can be used; see whether the configuration names the right columns",
        wanted.connector
    ))
}

/// Where a row stands in the order: the values of the columns that it is ordered by.
type Place = Vec<Option<Json>>;

fn place(row: &Row, wanted: &Wanted) -> Place {
    wanted.order.iter().map(|column| row.value(column).cloned()).collect()
}

/// Text as it may stand in a path or a query.
fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ESCAPED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded() {
        assert_eq!(encoded("T4E_HelloID_Users_v2").to_string(), "T4E_HelloID_Users_v2");
        assert_eq!(encoded("Één & meer?").to_string(), "%C3%89%C3%A9n%20%26%20meer%3F");
    }
}
