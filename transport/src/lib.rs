//! One HTTP request in, one answer out: retries, a server's pauses, tokens, paging, and nothing secret in a log. It
//! never repeats what may have been executed unless the caller says that this does no harm, never takes an answer for
//! an error, whatever its status, and never shows a header, a body or the query of an address.
//!
//! A [`Call`] is a request together with what may be done with it. [`Transport::send`] sends it over an [`Exchange`]
//! (the network is [`Https`]; a test puts a service in this process in its place), asks its [`RetryPolicy`] after each
//! attempt, and sleeps by its [`Timer`]. [`TokenCache`] and [`pages`] stand beside it.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use async_trait::async_trait;
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use transport::{Call, Exchange, Lost, SystemTimer, Transport};
//!
//! struct Echo;
//!
//! #[async_trait]
//! impl Exchange for Echo {
//!     async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
//!         Ok(Response::new(request.into_body()))
//!     }
//!
//!     fn time_out(&self) -> Duration {
//!         Duration::ZERO
//!     }
//! }
//!
//! let transport = Transport::new("echo", Arc::new(Echo), Arc::new(SystemTimer));
//! let request = Request::put("https://echo.example/").body(Bytes::from_static(b"hello"))?;
//! let answer = futures::executor::block_on(transport.send(Call::repeatable(request)))?;
//! assert_eq!(answer.body(), "hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod call;
mod error;
mod exchange;
mod https;
mod pages;
mod retry;
mod retry_after;
mod shown;
mod timer;
mod token;
mod transport;

pub use call::{Call, Repeat};
pub use error::{TransportError, TransportErrorKind};
pub use exchange::{Exchange, Lost, LostKind};
pub use https::{Https, InvalidClient, is_private};
pub use pages::{Page, pages};
pub use retry::{Attempt, Backoff, Next, RetryPolicy};
pub use retry_after::retry_after;
pub use shown::shown;
pub use timer::{SystemTimer, Timer};
pub use token::{AccessToken, TokenCache, TokenSource};
pub use transport::Transport;
