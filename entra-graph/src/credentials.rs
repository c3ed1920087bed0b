use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use transport::{AccessToken, Call, TokenSource, Transport};

use crate::address::encoded;
use crate::cloud::Cloud;
use crate::error::{CallName, GraphError, SignInRefusal};

/// Who the client is: an app registration with a client secret.
#[derive(Clone)]
pub struct Credentials {
    /// The directory's id, or one of its domains.
    pub tenant: String,
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: SecretString,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The request for a token by client credentials.
pub(crate) fn token_request(cloud: &Cloud, credentials: &Credentials) -> Result<Request<Bytes>, http::Error> {
    let Credentials { tenant, client_id, client_secret } = credentials;
    let form = format!(
        "client_id={}&client_secret={}&scope={}&grant_type=client_credentials",
        encoded(client_id),
        encoded(client_secret.expose_secret()),
        encoded(cloud.scope()),
    );
    Request::builder()
        .method(Method::POST)
        .uri(format!("{}/{}/oauth2/v2.0/token", cloud.login(), encoded(tenant)))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.into())
}

/// The sign-in service as a source of tokens.
pub(crate) struct SignIn {
    pub(crate) transport: Transport,
    pub(crate) cloud: Cloud,
    pub(crate) credentials: Credentials,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

#[async_trait]
impl TokenSource for SignIn {
    type Error = GraphError;

    async fn fetch(&self) -> Result<AccessToken, GraphError> {
        let request = token_request(&self.cloud, &self.credentials)
            .map_err(|_| GraphError::rejected("the tenant makes no address"))?;
        let call = CallName::of(&request);
        let answer = self.transport.send(Call::repeatable(request)).await.map_err(GraphError::no_sign_in)?;
        if !answer.status().is_success() {
            return Err(GraphError::sign_in(call, SignInRefusal::read(&answer)));
        }
        // What is wrong with the body is not told: it holds the token.
        let granted: Granted =
            serde_json::from_slice(answer.body()).map_err(|_| GraphError::unreadable_sign_in(call))?;
        Ok(AccessToken { secret: granted.access_token.into(), life: Duration::from_secs(granted.expires_in) })
    }
}
