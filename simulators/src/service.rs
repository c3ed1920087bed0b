//! A simulator as a function, as an axum router, and called without a socket.

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tower::ServiceExt;

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 32 << 20;

/// The call was done, perhaps, but its answer did not come back: the connection was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection was closed before an answer came")]
pub struct Dropped;

/// A system that is simulated: a function from a request to its answer. It is cheap to clone; clones are the same system.
pub trait Simulator: Clone + Send + Sync + 'static {
    /// Does what the request asks for.
    ///
    /// # Errors
    ///
    /// [`Dropped`] when the request was done and the answer is to be lost.
    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped>;
}

/// A simulator as an axum router. An answer that is to be lost has [`Dropped`] among its extensions and a body that breaks.
pub fn router(simulator: impl Simulator) -> Router {
    Router::new().fallback(move |request: Request<Body>| async move {
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
            let mut refused = Response::new(Body::empty());
            *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return refused;
        };
        simulator.answer(Request::from_parts(parts, body)).map_or_else(|_| lost(), |answer| answer.map(Body::from))
    })
}

/// Calls a router without a socket, under any executor.
///
/// # Errors
///
/// [`Dropped`] where the answer is to be lost, or breaks off.
pub async fn call(router: &Router, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped> {
    let answer = router.clone().oneshot(request.map(Body::from)).await.map_err(|never| match never {})?;
    let (parts, body) = kept(answer)?.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Dropped)?;
    Ok(Response::from_parts(parts, body))
}

/// The answer, unless it is to be lost.
pub(crate) fn kept(answer: Response<Body>) -> Result<Response<Body>, Dropped> {
    if answer.extensions().get::<Dropped>().is_some() { Err(Dropped) } else { Ok(answer) }
}

fn lost() -> Response<Body> {
    let mut answer = Response::new(Body::new(Breaking));
    answer.extensions_mut().insert(Dropped);
    answer
}

/// A body that breaks off at once, for servers that do not know [`Dropped`].
struct Breaking;

impl hyper::body::Body for Breaking {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Dropped>>> {
        std::task::Poll::Ready(Some(Err(Dropped)))
    }
}
