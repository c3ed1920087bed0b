//! Pages of objects: `$filter`, `$select`, `$top`, `$orderby`, `$count`, and the link to the next page (graph.md 1.4).

use serde_json::{Map, Value, json};

use super::ask::{Answer, Ask, seal, unseal};
use super::directory::{Key, Record};
use super::errors::Refusal;
use super::filter::Filter;
use super::schema::Class;
use super::select::Selection;
use super::state::State;

/// The largest page that a client may ask for.
const LARGEST_PAGE: usize = 999;

/// How objects of a list are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Items {
    /// All of one class.
    Of(Class),
    /// Of both classes, each with its type.
    Mixed,
}

/// What a list asks for, beside its path.
struct Wanted {
    users: Selection,
    groups: Selection,
    filter: Option<Filter>,
    order: Option<Order>,
    top: usize,
}

struct Order {
    property: &'static str,
    is_descending: bool,
}

impl State {
    /// One page of the objects with these keys, which are in order. `keys` begins after the given key.
    pub(super) fn page<'a, I>(
        &'a self,
        ask: &Ask,
        items: Items,
        keys: impl Fn(Option<Key>) -> I,
    ) -> Result<Answer, Refusal>
    where
        I: Iterator<Item = Key> + 'a,
    {
        let wanted = Wanted::read(ask, items, self.config.list_page)?;
        let place = place(ask)?;
        let holds = |key: &Key| self.directory.seen(*key).is_some_and(|record| wanted.takes(record));
        let (page, next) = match &wanted.order {
            None => {
                let mut matching = keys(place).filter(holds);
                let page: Vec<Key> = matching.by_ref().take(wanted.top).collect();
                (page, matching.next().is_some())
            }
            Some(order) => {
                let mut sorted: Vec<Key> = keys(None).filter(holds).collect();
                self.sort(&mut sorted, order);
                let start = place.map_or(0, |place| sorted.iter().position(|key| *key == place).map_or(0, |at| at + 1));
                let rest = sorted.get(start..).unwrap_or_default();
                (rest.iter().copied().take(wanted.top).collect(), rest.len() > wanted.top)
            }
        };
        let mut body = Map::new();
        body.insert("@odata.context".to_owned(), json!(context(ask, items)));
        if ask.is_advanced() && place.is_none() {
            body.insert("@odata.count".to_owned(), json!(keys(None).filter(holds).count()));
        }
        if let Some(last) = page.last().filter(|_| next) {
            body.insert("@odata.nextLink".to_owned(), json!(ask.link("$skiptoken", &seal(last))));
        }
        let value: Vec<Value> = page.iter().filter_map(|key| self.item(*key, &wanted, items)).collect();
        body.insert("value".to_owned(), Value::Array(value));
        Ok(Answer::json(body))
    }

    /// How many of the objects with these keys there are; needs the header (graph.md 1.4).
    pub(super) fn count(&self, ask: &Ask, items: Items, keys: impl Iterator<Item = Key>) -> Result<Answer, Refusal> {
        if !ask.says("consistencylevel", "eventual") {
            return Err(Refusal::bad_request("$count is not currently supported."));
        }
        let wanted = Wanted::read(ask, items, self.config.list_page)?;
        let holds = |key: &Key| self.directory.seen(*key).is_some_and(|record| wanted.takes(record));
        Ok(Answer::count(keys.filter(holds).count()))
    }

    /// All live objects of a class, as readers see it.
    pub(super) fn live(&self, class: Class, after: Option<Key>) -> impl Iterator<Item = Key> {
        let keys = self.directory.of_class(class, after).iter().copied();
        keys.filter(|key| self.directory.seen(*key).is_some_and(Record::is_live))
    }

    fn sort(&self, keys: &mut [Key], order: &Order) {
        let text = |key: &Key| {
            let record = self.directory.seen(*key);
            record.and_then(|record| record.text(order.property)).map(str::to_lowercase)
        };
        keys.sort_by_cached_key(|key| (text(key), *key));
        if order.is_descending {
            keys.reverse();
        }
    }

    fn item(&self, key: Key, wanted: &Wanted, items: Items) -> Option<Value> {
        let class = self.directory.object(key)?.class;
        let record = self.directory.seen(key)?;
        let selection = match class {
            Class::User => &wanted.users,
            Class::Group => &wanted.groups,
        };
        let mut shown = selection.show(record);
        if items == Items::Mixed {
            shown.insert("@odata.type".to_owned(), json!(class.odata()));
            // Relations always say who it is.
            shown.insert("id".to_owned(), json!(record.text("id")));
        }
        Some(Value::Object(shown))
    }
}

impl Wanted {
    fn read(ask: &Ask, items: Items, page: usize) -> Result<Self, Refusal> {
        let select = ask.query.get("$select");
        let (users, groups) = match items {
            Items::Of(Class::User) => (Selection::read(Class::User, select)?, Selection::read(Class::Group, None)?),
            Items::Of(Class::Group) => (Selection::read(Class::User, None)?, Selection::read(Class::Group, select)?),
            Items::Mixed => mixed(select)?,
        };
        let top = match ask.query.get("$top") {
            None => page,
            Some(top) => top.parse().ok().filter(|top| (1..=LARGEST_PAGE).contains(top)).ok_or_else(|| {
                Refusal::bad_request(format!(
                    "Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive."
                ))
            })?,
        };
        for option in ["$search", "$expand", "$skip"] {
            if ask.query.get(option).is_some() {
                return Err(Refusal::unsupported_query(format!("This simulator does not support {option} here.")));
            }
        }
        let filter = read_filter(ask, items)?;
        let order = ask.query.get("$orderby").map(|order| read_order(order, items)).transpose()?;
        if filter.is_some() && order.is_some() && !ask.is_advanced() {
            return Err(Refusal::unsupported_query("Sorting not supported for current query."));
        }
        Ok(Self { users, groups, filter, order, top })
    }

    fn takes(&self, record: &Record) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.holds(record))
    }
}

/// A property has to be there in one of the classes.
fn mixed(select: Option<&str>) -> Result<(Selection, Selection), Refusal> {
    let only = |class: Class| {
        let names = select.map(|select| {
            let known = |name: &&str| Selection::read(class, Some(name)).is_ok();
            select.split(',').map(str::trim).filter(known).collect::<Vec<&str>>().join(",")
        });
        Selection::read(class, names.as_deref())
    };
    for name in select.into_iter().flat_map(|select| select.split(',')) {
        Selection::read(Class::User, Some(name)).or_else(|_| Selection::read(Class::Group, Some(name)))?;
    }
    Ok((only(Class::User)?, only(Class::Group)?))
}

fn read_filter(ask: &Ask, items: Items) -> Result<Option<Filter>, Refusal> {
    let Some(text) = ask.query.get("$filter") else { return Ok(None) };
    let class = match items {
        Items::Of(class) => class,
        // What both classes have can be asked of a group.
        Items::Mixed => Class::Group,
    };
    let parsed = Filter::parse(class, text)?;
    if (parsed.is_advanced || items == Items::Mixed) && !ask.is_advanced() {
        return Err(Refusal::unsupported_query(
            "Operator or property is not supported without the header ConsistencyLevel: eventual and $count=true.",
        ));
    }
    Ok(Some(parsed.filter))
}

fn read_order(order: &str, items: Items) -> Result<Order, Refusal> {
    let (name, direction) = order.trim().split_once(' ').unwrap_or((order.trim(), "asc"));
    let class = if let Items::Of(class) = items { class } else { Class::Group };
    let property = class.property(name).filter(|p| matches!(p.name, "displayName" | "userPrincipalName"));
    let property = property.ok_or_else(|| Refusal::unsupported_query("Sorting not supported for current query."))?;
    Ok(Order { property: property.name, is_descending: direction.trim().eq_ignore_ascii_case("desc") })
}

fn place(ask: &Ask) -> Result<Option<Key>, Refusal> {
    let token = ask.query.get("$skiptoken");
    token.map(|token| unseal(token).ok_or_else(|| Refusal::bad_request("Invalid skip token."))).transpose()
}

fn context(ask: &Ask, items: Items) -> String {
    match items {
        Items::Of(class) => format!("{}/$metadata#{}", ask.base, class.plural()),
        Items::Mixed => format!("{}/$metadata#directoryObjects", ask.base),
    }
}
