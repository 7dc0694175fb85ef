use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use otedama_hash_api::{HashError, Progress};

/// How often who waits looks whether it has been cancelled, and how far the build is.
const LOOK: Duration = Duration::from_millis(5);

/// One build for each key at a time, however many threads ask for it.
#[derive(Debug)]
pub struct Turns<K> {
    /// With the progress of whoever builds.
    building: Mutex<Vec<(K, Arc<Progress>)>>,
    changed: Condvar,
}

impl<K: Copy + PartialEq> Turns<K> {
    pub const fn new() -> Self {
        Self { building: Mutex::new(Vec::new()), changed: Condvar::new() }
    }

    /// What `find` finds, else what `build` builds on the calling thread and puts where `find` will find it. While
    /// another thread builds it, waits for that one and shows its progress. A failure is the builder's own: the
    /// next in line tries again, so that nobody loses a build because somebody else cancelled his.
    pub fn find_or_build<V>(
        &self,
        key: K,
        progress: &Arc<Progress>,
        find: impl Fn() -> Option<V>,
        build: impl FnOnce() -> Result<V, HashError>,
    ) -> Result<V, HashError> {
        let mut building = self.lock();
        loop {
            if let Some(value) = find() {
                return Ok(value);
            }
            let Some((_, theirs)) = building.iter().find(|(other, _)| *other == key) else { break };
            if progress.is_cancelled() {
                return Err(HashError::Cancelled);
            }
            let (done, total) = theirs.get();
            progress.begin(total);
            progress.add(done);
            building = self.changed.wait_timeout(building, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        building.push((key, Arc::clone(progress)));
        drop(building);
        // Given up on unwinding too: nobody must wait for a build that has panicked.
        let _turn = Turn { turns: self, key };
        build()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(K, Arc<Progress>)>> {
        self.building.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Turn<'a, K: Copy + PartialEq> {
    turns: &'a Turns<K>,
    key: K,
}

impl<K: Copy + PartialEq> Drop for Turn<'_, K> {
    fn drop(&mut self) {
        self.turns.lock().retain(|(other, _)| *other != self.key);
        self.turns.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::sync::mpsc;

    use super::*;

    /// A place for one value.
    #[derive(Default)]
    struct Place(Mutex<Option<u32>>);

    impl Place {
        fn find(&self) -> Option<u32> {
            *self.0.lock().unwrap()
        }

        fn put(&self, value: u32) -> Result<u32, HashError> {
            *self.0.lock().unwrap() = Some(value);
            Ok(value)
        }
    }

    #[test]
    fn builds_once_for_many_askers() {
        let (turns, place, builds) = (Turns::new(), Place::default(), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let build = || {
                        std::thread::sleep(Duration::from_millis(20));
                        place.put(100 + builds.fetch_add(1, Ordering::Relaxed))
                    };
                    let value = turns.find_or_build(7, &Arc::default(), || place.find(), build);
                    assert_eq!(value, Ok(100));
                });
            }
        });
        assert_eq!(builds.into_inner(), 1);
    }

    #[test]
    fn lets_different_keys_be_built_at_once() {
        let turns: Turns<u32> = Turns::new();
        let nested = turns.find_or_build(
            1,
            &Arc::default(),
            || None,
            || turns.find_or_build(2, &Arc::default(), || None, || Ok(5)),
        );
        assert_eq!(nested, Ok(5));
    }

    /// Runs `check` while another thread builds and has done three units of ten.
    fn beside_a_build(
        outcome: Result<u32, HashError>,
        check: impl FnOnce(&Turns<u32>, &Place, &mpsc::Sender<()>),
    ) {
        let (turns, place) = (Turns::new(), Place::default());
        let (begun, has_begun) = mpsc::channel();
        let (end, may_end) = mpsc::channel();
        std::thread::scope(|scope| {
            let (turns, place) = (&turns, &place);
            scope.spawn(move || {
                let progress = Arc::new(Progress::default());
                let build = || {
                    progress.begin(10);
                    progress.add(3);
                    begun.send(()).unwrap();
                    may_end.recv().unwrap();
                    outcome.clone().and_then(|value| place.put(value))
                };
                assert_eq!(turns.find_or_build(7, &progress, || place.find(), build), outcome);
            });
            has_begun.recv().unwrap();
            check(turns, place, &end);
        });
    }

    #[test]
    fn shows_the_progress_of_the_one_that_builds() {
        beside_a_build(Ok(5), |turns, place, end| {
            let progress = Arc::new(Progress::default());
            std::thread::scope(|scope| {
                let own = Arc::clone(&progress);
                let waiting = scope.spawn(move || {
                    turns.find_or_build(7, &own, || place.find(), || panic!("it is being built"))
                });
                while progress.get() != (3, 10) {
                    std::thread::sleep(Duration::from_millis(1));
                }
                end.send(()).unwrap();
                assert_eq!(waiting.join().unwrap(), Ok(5));
            });
        });
    }

    #[test]
    fn lets_an_asker_leave_without_ending_the_build() {
        beside_a_build(Ok(5), |turns, place, end| {
            let progress = Arc::new(Progress::default());
            progress.cancel();
            let left = turns.find_or_build(7, &progress, || place.find(), || panic!("it is being built"));
            assert_eq!(left, Err(HashError::Cancelled));
            end.send(()).unwrap();
        });
    }

    #[test]
    fn hands_a_cancelled_build_to_the_next() {
        beside_a_build(Err(HashError::Cancelled), |turns, place, end| {
            let looked = AtomicBool::new(false);
            let find = || {
                // It waits from now on.
                if !looked.swap(true, Ordering::Relaxed) {
                    end.send(()).unwrap();
                }
                place.find()
            };
            assert_eq!(turns.find_or_build(7, &Arc::default(), find, || place.put(6)), Ok(6));
        });
    }

    #[test]
    fn tries_again_after_a_panic() {
        let (turns, place) = (Turns::new(), Place::default());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = turns.find_or_build(1, &Arc::default(), || place.find(), || panic!("on purpose"));
        }));
        assert!(panicked.is_err());
        assert_eq!(turns.find_or_build(1, &Arc::default(), || place.find(), || place.put(5)), Ok(5));
    }
}
