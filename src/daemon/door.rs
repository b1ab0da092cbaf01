//! The door of the HTTP listener: whoever comes is let in, nobody stays.
//!
//! In: connections, also of those who say nothing, or one byte a minute. Out: connections that end
//! after a while, the oldest first when there are many. Without it a few hundred idle ones would use
//! up the files the daemon may open, and it could start no run. Whoever asks and reads is served in
//! milliseconds, so nobody who means it is ever the oldest of many.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{self, Sleep};

/// A listener that bounds how many connections there are, and how long each lasts.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    places: usize,
    patience: Duration,
    /// One for each connection, oldest first; a connection ends when its sender is dropped.
    inside: VecDeque<oneshot::Sender<()>>,
}

impl Door {
    /// A door to a listener: so many connections at a time, and so long for each.
    pub fn new(listener: TcpListener, places: usize, patience: Duration) -> Self {
        Self { listener, places, patience, inside: VecDeque::new() }
    }
}

impl Listener for Door {
    type Io = Visitor;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Visitor, SocketAddr) {
        // This waits a second and tries again when the machine has no file left to open.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        self.inside.retain(|one| !one.is_closed());
        while self.places <= self.inside.len() {
            self.inside.pop_front();
        }
        let (stays, asked_out) = oneshot::channel();
        self.inside.push_back(stays);
        let over = Box::pin(time::sleep(self.patience));
        (Visitor { stream, over, asked_out, is_out: false }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends after a while.
#[derive(Debug)]
pub struct Visitor {
    stream: TcpStream,
    over: Pin<Box<Sleep>>,
    asked_out: oneshot::Receiver<()>,
    is_out: bool,
}

impl Visitor {
    /// The stream as long as it may stay.
    fn still(&mut self, context: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        self.is_out = self.is_out
            || self.over.as_mut().poll(context).is_ready()
            || Pin::new(&mut self.asked_out).poll(context).is_ready();
        if self.is_out {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(Pin::new(&mut self.stream))
    }
}

impl AsyncRead for Visitor {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.still(context)?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Visitor {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.still(context)?.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.still(context)?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
