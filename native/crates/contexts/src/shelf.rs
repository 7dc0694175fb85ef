use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps the few most recently used values.
#[derive(Debug)]
pub struct Shelf<K, V> {
    capacity: usize,
    /// The most recently used last.
    held: Mutex<Vec<(K, V)>>,
}

impl<K: Copy + PartialEq, V: Clone> Shelf<K, V> {
    pub const fn new(capacity: usize) -> Self {
        Self { capacity, held: Mutex::new(Vec::new()) }
    }

    pub fn get(&self, key: K) -> Option<V> {
        let mut held = self.lock();
        let at = held.iter().position(|(other, _)| *other == key)?;
        let entry = held.remove(at);
        let value = entry.1.clone();
        held.push(entry);
        Some(value)
    }

    pub fn put(&self, key: K, value: V) {
        let mut held = self.lock();
        if held.len() == self.capacity {
            held.remove(0);
        }
        held.push((key, value));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(K, V)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_the_one_not_used_for_longest() {
        let shelf = Shelf::new(2);
        shelf.put(1, "a");
        shelf.put(2, "b");
        assert_eq!(shelf.get(1), Some("a"));
        shelf.put(3, "c");
        assert_eq!((shelf.get(1), shelf.get(2), shelf.get(3)), (Some("a"), None, Some("c")));
    }
}
