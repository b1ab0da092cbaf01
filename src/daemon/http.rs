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
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use super::board::Board;
use super::door::Door;
use super::metrics;
use crate::pipeline::output::Output;
use crate::stages::publish::editions;

/// Connections at a time: a few scrapers and probes, far below the files a process may open.
const PLACES: usize = 64;

/// How long a connection may last, from its first byte to its last.
const PATIENCE: Duration = Duration::from_secs(10);

/// What requests are answered from.
#[derive(Debug)]
struct Desk {
    board: Board,
    output: Output,
}

/// Answers requests until the process ends.
pub async fn serve(listener: TcpListener, board: Board, output: Output) {
    let desk = Arc::new(Desk { board, output });
    let router = Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(figures))
        .layer(map_response(last))
        .with_state(desk);
    let door = Door::new(listener, PLACES, PATIENCE);
    if let Err(error) = axum::serve(door, router).await {
        tracing::error!(%error, "the HTTP listener ended");
    }
}

/// Makes an answer the last of its connection: one that lasted could be cut off in the middle of the
/// next answer.
async fn last(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
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

async fn health(State(desk): State<Arc<Desk>>) -> Response {
    if desk.board.read().is_alive() {
        (StatusCode::OK, "ok\n").into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the loop hangs\n").into_response()
    }
}

async fn readiness(State(desk): State<Arc<Desk>>) -> Response {
    let obstacles = desk.board.read().obstacles();
    let is_ready = obstacles.is_empty();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let said = serde_json::json!({ "ready": is_ready, "obstacles": obstacles });
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{said}\n")).into_response()
}

async fn figures(State(desk): State<Arc<Desk>>) -> Response {
    let facts = desk.board.read();
    let root = desk.output.root().to_owned();
    let newest = tokio::task::spawn_blocking(move || editions::numbers(&root));
    let edition = newest.await.ok().and_then(Result::ok).and_then(|all| all.last().copied());
    match metrics::text(&facts, edition) {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
