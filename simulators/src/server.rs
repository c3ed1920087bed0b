//! A router on a port of this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::service::{Dropped, kept};

/// A router that listens on 127.0.0.1. Nothing is answered before [`Server::run`] is polled.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    router: Router,
}

impl Server {
    /// Listens on a port; 0 lets the system choose one.
    ///
    /// # Errors
    ///
    /// When the port is taken or may not be used.
    pub async fn bind(router: Router, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        Ok(Self { listener, router })
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the future is dropped; open connections end with it.
    ///
    /// # Errors
    ///
    /// When the system lets no more connections in.
    pub async fn run(self) -> io::Result<()> {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = self.listener.accept().await?;
            // Small answers would otherwise wait for the acknowledgement of the ones before.
            stream.set_nodelay(true)?;
            connections.spawn(serve(stream, self.router.clone()));
            while connections.try_join_next().is_some() {}
        }
    }
}

/// One connection. An answer that is to be lost closes it, which axum's own server has no way to do.
async fn serve(stream: TcpStream, router: Router) {
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let answer = router.oneshot(request.map(Body::new)).await.map_err(|never| match never {})?;
            kept(answer).map_err(|Dropped| Dropped)
        }
    });
    // How a connection ends is its client's affair.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
