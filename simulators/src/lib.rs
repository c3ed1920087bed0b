//! The systems at both ends of provisioning, simulated: a server that programs talk to over real HTTP, or a function that
//! tests call without a socket. It never leaves this machine, keeps nothing when it stops, and shares no code with the
//! clients that are tried against it.
//!
//! Time is a closure ([`clock`]), so that years pass in seconds; every request is counted ([`log`]); and what goes wrong,
//! goes wrong on purpose ([`faults`]). Who is in them can be made from a seed ([`organisation`]). A simulator is a
//! [`Simulator`]: [`router`] makes an axum router of it, [`Server`] puts that on a port, [`call`] calls it without one.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use simulators::{Dropped, Simulator};
//!
//! #[derive(Clone)]
//! struct Echo;
//!
//! impl Simulator for Echo {
//!     fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped> {
//!         Ok(Response::new(request.into_body()))
//!     }
//! }
//!
//! let said = Request::new(Bytes::from("hello"));
//! let heard = futures::executor::block_on(simulators::call(&simulators::router(Echo), said))?;
//! assert_eq!(heard.body(), "hello");
//! # Ok::<(), Dropped>(())
//! ```

pub mod afas;
pub mod clock;
pub mod entra;
pub mod faults;
pub mod log;
pub mod organisation;
mod random;
mod server;
mod service;

pub use server::Server;
pub use service::{Dropped, Simulator, call, router};
