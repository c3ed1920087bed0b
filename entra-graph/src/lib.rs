//! A typed client of Microsoft Graph for the life of users and groups, of use without the rest of the workspace. It
//! never sends a token to another host than the Graph's, never repeats a create that may have been executed, never
//! reads the text of an error message, and never puts a secret or a person's name into an error or a `Debug`.
//!
//! [`Graph`] is the client; [`Graph::users`], [`Graph::deleted_users`] and [`Graph::groups`] hold the calls. Listings
//! and deltas are streams that follow the Graph's links until there is none. [`Patch`] tells apart what stays, what is
//! emptied and what gets a value. [`GraphError::kind`] says what to do.
//!
//! A directory that knows one user, in this process; in real life the exchange is [`transport::Https`] and the cloud is
//! [`Cloud::global`]:
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use async_trait::async_trait;
//! use bytes::Bytes;
//! use entra_graph::{Cloud, Credentials, Graph};
//! use http::{Request, Response};
//! use transport::{Exchange, Lost, SystemTimer, Transport};
//!
//! struct Directory;
//!
//! #[async_trait]
//! impl Exchange for Directory {
//!     async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
//!         let token = r#"{"access_token": "t", "expires_in": 3599}"#;
//!         let user = r#"{"id": "1", "displayName": "Anna Vos"}"#;
//!         let is_sign_in = request.uri().path().ends_with("/token");
//!         Ok(Response::new(Bytes::from(if is_sign_in { token } else { user })))
//!     }
//!
//!     fn time_out(&self) -> Duration {
//!         Duration::ZERO
//!     }
//! }
//!
//! let transport = Transport::new("Microsoft Graph", Arc::new(Directory), Arc::new(SystemTimer));
//! let credentials = Credentials {
//!     tenant: "example.onmicrosoft.com".to_owned(),
//!     client_id: "8d6e5a1c".to_owned(),
//!     client_secret: "from the vault".into(),
//! };
//! let graph = Graph::new(transport, Cloud::global(), credentials);
//! let user = futures::executor::block_on(graph.users().get("anna@example.org", &["id", "displayName"]))?;
//! assert_eq!(user.display_name.as_deref(), Some("Anna Vos"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod cloud;
mod credentials;
mod deleted_users;
mod delta;
mod error;
mod graph;
mod group;
mod groups;
mod object;
mod patch;
mod refusal;
mod request;
mod retry;
mod user;
mod users;

pub use cloud::{Cloud, InvalidCloud};
pub use credentials::Credentials;
pub use deleted_users::DeletedUsers;
pub use delta::{Delta, DeltaLink, GroupChange, MemberChange, Membership, Removal};
pub use error::{ErrorDetail, GraphError, GraphErrorKind};
pub use graph::Graph;
pub use group::{Group, GroupKind, NewGroup, Upserted};
pub use groups::Groups;
pub use object::{DirectoryObject, ObjectKind};
pub use patch::Patch;
/// The way requests go, which [`Graph::new`] takes and errors speak of.
pub use transport;
pub use user::{NewUser, User};
pub use users::Users;
