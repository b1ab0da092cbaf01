//! What the daemon says of itself over HTTP: `/healthz`, `/readyz`, `/metrics`.
//!
//! In: the board. Out: 200 or 503, for readiness with what stands in the way as JSON, and metrics.
//! Nothing can be changed here and no figure is shown; still it listens on loopback unless told
//! otherwise, and no visitor can hold up the daemon or the next one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::board::Board;
use super::metrics;
use crate::pipeline::output::Output;
use crate::stages::publish::editions;

/// Connections at a time: a few scrapers and probes, far below the files a process may open.
const CONNECTIONS_MAX: usize = 64;

/// Whoever asks says so within this time: the next one waits no longer than that for a place.
const HEADER_MAX: Duration = Duration::from_secs(1);

/// How long a connection may last, from its first byte to its last.
const CONNECTION_MAX: Duration = Duration::from_secs(10);

/// What requests are answered from.
#[derive(Debug)]
struct Answers {
    board: Board,
    output: Output,
}

/// Answers requests until the process ends: one a connection, each for a bounded time.
pub async fn serve(listener: TcpListener, board: Board, output: Output) {
    let router = Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(figures))
        .with_state(Arc::new(Answers { board, output }));
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // The machine may have no file left to open for the moment.
                tracing::warn!(%error, "could not take a connection");
                tokio::time::sleep(HEADER_MAX).await;
                continue;
            }
        };
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_MAX)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            let _place = place;
            let _ = tokio::time::timeout(CONNECTION_MAX, served).await;
        });
    }
}

/// Takes the address, and warns when others than this machine can reach it.
pub async fn bind(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    if !bound.ip().is_loopback() {
        tracing::warn!(%bound, "listens beyond loopback: whoever reaches it can read the metrics");
    }
    Ok((listener, bound))
}

async fn health(State(answers): State<Arc<Answers>>) -> Response {
    if answers.board.read().is_alive() {
        (StatusCode::OK, "ok\n").into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the loop hangs\n").into_response()
    }
}

async fn readiness(State(answers): State<Arc<Answers>>) -> Response {
    let obstacles = answers.board.read().obstacles();
    let is_ready = obstacles.is_empty();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let said = serde_json::json!({ "ready": is_ready, "obstacles": obstacles });
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{said}\n")).into_response()
}

async fn figures(State(answers): State<Arc<Answers>>) -> Response {
    let facts = answers.board.read();
    let root = answers.output.root().to_owned();
    let newest = tokio::task::spawn_blocking(move || editions::numbers(&root));
    let edition = newest.await.ok().and_then(Result::ok).and_then(|all| all.last().copied());
    match metrics::text(&facts, edition) {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
