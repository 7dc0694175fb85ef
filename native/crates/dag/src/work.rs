//! Sharing a long build among threads.

use std::sync::{Mutex, PoisonError};

use otedama_hash_api::{HashError, Progress};

/// Hands `tasks` one by one to up to `threads` threads, one of them the caller's; fewer where the system
/// refuses them. The first error ends the work, and so does the caller's wish to cancel.
pub fn share<T: Send>(
    threads: usize,
    progress: &Progress,
    tasks: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> Result<(), HashError> + Sync,
) -> Result<(), HashError> {
    let tasks = Mutex::new(tasks.fuse());
    let failure = Mutex::new(None);
    let lock_failure = || failure.lock().unwrap_or_else(PoisonError::into_inner);
    let run = || {
        while !progress.is_cancelled() && lock_failure().is_none() {
            let task = tasks.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(task) = task else { return };
            if let Err(error) = work(task) {
                lock_failure().get_or_insert(error);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            if std::thread::Builder::new().name("dataset".to_owned()).spawn_scoped(scope, run).is_err() {
                break;
            }
        }
        run();
    });
    if progress.is_cancelled() {
        return Err(HashError::Cancelled);
    }
    lock_failure().take().map_or(Ok(()), Err)
}
