//! The one runtime of the process: what waits runs on it, whoever asks for it.
//!
//! In: work that waits. Out: what it comes to. Asked from inside the runtime the thread says that it
//! blocks, and others go on; from outside, which is where main begins, the runtime is started. It fails
//! where the machine gives no threads.

use std::future::Future;
use std::io;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task;

static RUNTIME: LazyLock<io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_multi_thread().enable_all().build());

/// Runs work to its end.
pub fn block_on<T>(work: impl Future<Output = T>) -> io::Result<T> {
    if let Ok(inside) = Handle::try_current() {
        return Ok(task::block_in_place(|| inside.block_on(work)));
    }
    match &*RUNTIME {
        Ok(runtime) => Ok(runtime.block_on(work)),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    }
}
