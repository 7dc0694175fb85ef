use std::sync::{Mutex, PoisonError};
use std::thread;

use otedama_hash_api::HashError;

/// Has `work` done for chunks of `size` inputs and outputs on up to `threads` threads, the caller's included.
/// Each thread has a state of its own, made by `start`; where that fails the thread does nothing, and if no
/// thread could start the first failure is returned.
pub fn in_chunks<T: Sync, R: Send, S>(
    inputs: &[T],
    outputs: &mut [R],
    size: usize,
    threads: usize,
    start: impl Fn() -> Result<S, HashError> + Sync,
    work: impl Fn(&mut S, &[T], &mut [R]) + Sync,
    finish: impl Fn(S) + Sync,
) -> Result<(), HashError> {
    let count = inputs.len().div_ceil(size);
    let chunks = Mutex::new(inputs.chunks(size).zip(outputs.chunks_mut(size)));
    let next = || chunks.lock().unwrap_or_else(PoisonError::into_inner).next();
    let run = || {
        let mut state = start()?;
        while let Some((inputs, outputs)) = next() {
            work(&mut state, inputs, outputs);
        }
        finish(state);
        Ok(())
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(count) {
            // A thread that the system refuses only makes the batch slower; so does one that cannot start.
            if thread::Builder::new().spawn_scoped(scope, run).is_err() {
                break;
            }
        }
        run()
    })
}
