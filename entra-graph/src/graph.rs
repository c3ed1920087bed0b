use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use transport::{Call, Page, Repeat, Timer, TokenCache, Transport, pages};
use uuid::Uuid;

use crate::cloud::Cloud;
use crate::credentials::{Credentials, SignIn};
use crate::deleted_users::DeletedUsers;
use crate::delta::{self, Delta, DeltaLink, DeltaRow};
use crate::error::{CallName, GraphError};
use crate::groups::Groups;
use crate::request::Base;
use crate::retry::PassingConflicts;
use crate::users::Users;

/// A client of one directory. Clones are cheap and share the token and the server's pauses.
#[derive(Clone)]
pub struct Graph {
    shared: Arc<Inner>,
    until: Option<SystemTime>,
}

struct Inner {
    transport: Transport,
    base: Base,
    tokens: TokenCache<SignIn>,
}

impl Graph {
    /// A client of the directory that the credentials name, in a cloud.
    ///
    /// Nothing is sent yet. The sign-in goes over the same exchange and has pauses of its own.
    #[must_use]
    pub fn new(transport: Transport, cloud: Cloud, credentials: Credentials) -> Self {
        let base = Base::of(cloud.graph());
        let sign_in = SignIn { transport: transport.beside("the sign-in of Microsoft Entra"), cloud, credentials };
        let tokens = TokenCache::new(sign_in, transport.timer().clone());
        let transport = transport.retry_through(|inner| Arc::new(PassingConflicts(inner)));
        Self { shared: Arc::new(Inner { transport, base, tokens }), until: None }
    }

    /// The same, bound to an instant: no request is sent that could last beyond it.
    #[must_use]
    pub fn until(&self, until: SystemTime) -> Self {
        Self { shared: self.shared.clone(), until: Some(until) }
    }

    /// What this client tells the time by, and waits.
    #[must_use]
    pub fn timer(&self) -> &Arc<dyn Timer> {
        self.shared.transport.timer()
    }

    /// Users that are not deleted.
    #[must_use]
    pub fn users(&self) -> Users {
        Users(self.clone())
    }

    /// Users in the recycle bin.
    #[must_use]
    pub fn deleted_users(&self) -> DeletedUsers {
        DeletedUsers(self.clone())
    }

    /// Groups.
    #[must_use]
    pub fn groups(&self) -> Groups {
        Groups(self.clone())
    }

    pub(crate) fn base(&self) -> &Base {
        &self.shared.base
    }

    /// Sends a request and gives the answer if it is a success.
    ///
    /// A token that is not taken is replaced once: it may have been revoked, and a 401 says that nothing was executed.
    pub(crate) async fn send(&self, request: Request<Bytes>, repeat: Repeat) -> Result<Response<Bytes>, GraphError> {
        let name = CallName::of(&request);
        let token = self.token().await?;
        let mut answer = self.send_with(request.clone(), repeat, &token).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            self.shared.tokens.forget(&token);
            let token = self.token().await?;
            answer = self.send_with(request, repeat, &token).await?;
        }
        if answer.status().is_success() { Ok(answer) } else { Err(GraphError::refused(name, &answer)) }
    }

    async fn token(&self) -> Result<SecretString, GraphError> {
        self.shared.tokens.token().await.map_err(|error| GraphError::clone(&error))
    }

    async fn send_with(
        &self,
        mut request: Request<Bytes>,
        repeat: Repeat,
        token: &SecretString,
    ) -> Result<Response<Bytes>, GraphError> {
        let no_header = |_| GraphError::rejected("the token is no text for a header");
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).map_err(no_header)?;
        bearer.set_sensitive(true);
        let number = HeaderValue::try_from(Uuid::new_v4().to_string()).map_err(no_header)?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
        request.headers_mut().insert("client-request-id", number);
        Ok(self.shared.transport.send(Call { request, repeat, until: self.until }).await?)
    }

    /// Sends a read and understands its answer.
    pub(crate) async fn read<T: DeserializeOwned>(&self, request: Request<Bytes>) -> Result<T, GraphError> {
        let name = CallName::of(&request);
        let answer = self.send(request, Repeat::Always).await?;
        understood(name, &answer)
    }

    /// Sends a write of whose answer nothing is needed.
    pub(crate) async fn write(&self, request: Request<Bytes>, repeat: Repeat) -> Result<(), GraphError> {
        self.send(request, repeat).await.map(drop)
    }

    /// A listing, item by item, until no page names a next one.
    pub(crate) fn list<T: Listed>(
        &self,
        first: Result<Request<Bytes>, GraphError>,
    ) -> BoxStream<'static, Result<T, GraphError>> {
        self.items(first, |page: Raw<T>| Ok((page.value, page.next)))
    }

    /// A delta, item by item, and at its end where the next one goes on.
    pub(crate) fn delta<T: DeltaRow + Send + 'static>(
        &self,
        first: Result<Request<Bytes>, GraphError>,
    ) -> BoxStream<'static, Result<Delta<T>, GraphError>>
    where
        T::Row: Listed,
    {
        self.items(first, |page: Raw<T::Row>| {
            let mut items = page.value.into_iter().map(delta::read).collect::<Result<Vec<_>, _>>()?;
            match (&page.next, page.end) {
                (Some(_), _) => {}
                (None, Some(end)) => items.push(Delta::End(DeltaLink::new(end))),
                (None, None) => return Err("neither a next page nor an end of the delta stands in it"),
            }
            Ok((items, page.next))
        })
    }

    fn items<R: Listed, T: Send + 'static>(
        &self,
        first: Result<Request<Bytes>, GraphError>,
        take: fn(Raw<R>) -> Result<Taken<T>, &'static str>,
    ) -> BoxStream<'static, Result<T, GraphError>> {
        let graph = self.clone();
        let listing = pages(first, move |request| {
            let graph = graph.clone();
            async move {
                let request = request?;
                let name = CallName::of(&request);
                let malformed = |what| GraphError::malformed(name.clone(), what);
                let (items, link) = take(graph.read(request.clone()).await?).map_err(malformed)?;
                let next = link.map(|link| graph.base().follow(&link, &request)).transpose().map_err(malformed)?;
                Ok::<_, GraphError>(Page { items, next: next.map(Ok) })
            }
        });
        listing.map_ok(|items| stream::iter(items.into_iter().map(Ok::<_, GraphError>))).try_flatten().boxed()
    }
}

/// What can stand in a listing.
pub(crate) trait Listed: DeserializeOwned + Send + 'static {}
impl<T: DeserializeOwned + Send + 'static> Listed for T {}

/// The items of a page, and the link to the next one.
type Taken<T> = (Vec<T>, Option<String>);

/// A page as the Graph sends it.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub(crate) struct Raw<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    end: Option<String>,
}

/// The answer as what it should be. What is wrong with it is not told: it may name people.
pub(crate) fn understood<T: DeserializeOwned>(name: CallName, answer: &Response<Bytes>) -> Result<T, GraphError> {
    serde_json::from_slice(answer.body())
        .map_err(|_| GraphError::malformed(name, "something unexpected stands in the answer"))
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("base", &self.shared.base)
            .field("tokens", &self.shared.tokens)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
