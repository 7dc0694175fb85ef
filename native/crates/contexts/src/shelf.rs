use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use otedama_hash_api::HashError;

/// Keeps the few most recently used values; each is built once, however many threads ask for it at a time.
#[derive(Debug)]
pub struct Shelf<K, V> {
    capacity: usize,
    state: Mutex<State<K, V>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<K, V> {
    /// The most recently used last.
    held: Vec<(K, V)>,
    building: Vec<K>,
}

impl<K: Copy + PartialEq, V: Clone> Shelf<K, V> {
    pub const fn new(capacity: usize) -> Self {
        let state = State { held: Vec::new(), building: Vec::new() };
        Self { capacity, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// What is there, at once.
    pub fn get(&self, key: K) -> Option<V> {
        self.lock().touch(key)
    }

    /// Builds the value on the calling thread or waits for the thread that does. A failure is the asker's: the
    /// next one tries again.
    pub fn get_or_build(&self, key: K, build: impl FnOnce() -> Result<V, HashError>) -> Result<V, HashError> {
        let mut state = self.lock();
        loop {
            if let Some(value) = state.touch(key) {
                return Ok(value);
            }
            if !state.building.contains(&key) {
                break;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.building.push(key);
        drop(state);
        // Dropped on unwinding too: nobody must wait for a build that has panicked.
        let mut entry = Entry { shelf: self, key, value: None };
        let value = build()?;
        entry.value = Some(value.clone());
        Ok(value)
    }

    fn lock(&self) -> MutexGuard<'_, State<K, V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + PartialEq, V: Clone> State<K, V> {
    fn touch(&mut self, key: K) -> Option<V> {
        let at = self.held.iter().position(|(other, _)| *other == key)?;
        let entry = self.held.remove(at);
        let value = entry.1.clone();
        self.held.push(entry);
        Some(value)
    }
}

/// A build under way.
struct Entry<'a, K: Copy + PartialEq, V: Clone> {
    shelf: &'a Shelf<K, V>,
    key: K,
    value: Option<V>,
}

impl<K: Copy + PartialEq, V: Clone> Drop for Entry<'_, K, V> {
    fn drop(&mut self) {
        let mut state = self.shelf.lock();
        state.building.retain(|other| *other != self.key);
        if let Some(value) = self.value.take() {
            if state.held.len() == self.shelf.capacity {
                state.held.remove(0);
            }
            state.held.push((self.key, value));
        }
        self.shelf.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn builds_once_for_many_askers() {
        let shelf = Shelf::new(2);
        let builds = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let value = shelf.get_or_build(7, || {
                        std::thread::yield_now();
                        Ok(builds.fetch_add(1, Ordering::Relaxed) + 100)
                    });
                    assert_eq!(value, Ok(100));
                });
            }
        });
        assert_eq!(builds.into_inner(), 1);
    }

    #[test]
    fn drops_the_one_not_used_for_longest() {
        let shelf = Shelf::new(2);
        for key in [1, 2] {
            shelf.get_or_build(key, || Ok(key)).unwrap();
        }
        assert_eq!(shelf.get(1), Some(1));
        shelf.get_or_build(3, || Ok(3)).unwrap();
        assert_eq!((shelf.get(1), shelf.get(2), shelf.get(3)), (Some(1), None, Some(3)));
    }

    #[test]
    fn tries_again_after_a_failure_and_a_panic() {
        let shelf: Shelf<u32, u32> = Shelf::new(1);
        assert_eq!(shelf.get_or_build(1, || Err(HashError::Cancelled)), Err(HashError::Cancelled));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = shelf.get_or_build(1, || panic!("on purpose"));
        }));
        assert!(panicked.is_err());
        assert_eq!(shelf.get_or_build(1, || Ok(5)), Ok(5));
    }
}
