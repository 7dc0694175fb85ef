use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use otedama_hash_api::Interrupt;
use otedama_worker_api::Work;

/// The work all threads share.
#[derive(Default)]
pub struct Slot {
    state: Mutex<State>,
    changed: Condvar,
    /// Number of the state; lets a searching thread see a change without the lock.
    generation: AtomicU64,
}

#[derive(Default)]
struct State {
    work: Option<Arc<Work>>,
    since: Option<Instant>,
    closed: bool,
}

/// Work as a thread took it.
pub struct Assigned {
    pub work: Arc<Work>,
    pub since: Instant,
    pub generation: u64,
}

impl Slot {
    /// Ignored once closed.
    pub fn set(&self, work: Option<Arc<Work>>) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        state.since = work.is_some().then(Instant::now);
        state.work = work;
        self.announce();
    }

    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.work = None;
        self.announce();
    }

    /// The work is the same, but threads are to look at what they do it with.
    pub fn nudge(&self) {
        let _state = self.lock();
        self.announce();
    }

    pub const fn interrupt(&self, generation: u64) -> Interrupt<'_> {
        Interrupt::new(&self.generation, generation)
    }

    /// Waits for work; `None` when the slot was closed.
    pub fn wait_for_work(&self) -> Option<Assigned> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let (Some(work), Some(since)) = (&state.work, state.since) {
                let generation = self.generation.load(Ordering::Relaxed);
                return Some(Assigned { work: Arc::clone(work), since, generation });
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until the state is another one, at most `timeout`.
    pub fn wait_for_change(&self, generation: u64, timeout: Duration) {
        let unchanged = |_: &mut State| !self.interrupt(generation).is_raised();
        let result = self.changed.wait_timeout_while(self.lock(), timeout, unchanged);
        drop(result.unwrap_or_else(PoisonError::into_inner));
    }

    /// With the lock held, so that a thread about to wait cannot miss it.
    fn announce(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
