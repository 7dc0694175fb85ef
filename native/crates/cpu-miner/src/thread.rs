use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use otedama_hash_api::{HashError, Hit, PowHasher};
use otedama_hash_registry as registry;
use otedama_sha256::Engine;
use otedama_worker_api::{Assignment, Cursor, Share, Step};

use crate::pace::Pace;
use crate::slot::{Assigned, Slot};
use crate::{Delivery, HashCounter, OnShare, Options};

/// Pause before a share is offered again to a receiver that is behind.
const RETRY: Duration = Duration::from_millis(1);

/// One thread of a miner.
pub struct MiningThread {
    pub options: Options,
    pub assignment: Assignment,
    pub slot: Arc<Slot>,
    pub hashes: Arc<[HashCounter]>,
    pub on_share: OnShare,
}

impl MiningThread {
    /// Mines until the slot is closed. Says once on `ready` whether the hasher works.
    pub fn run(self, ready: &Sender<Result<(), HashError>>) {
        let hasher = registry::create(self.options.algorithm, self.options.backend);
        // The receiver is gone when another thread has failed; then the slot is closed too.
        let _ = ready.send(hasher.as_ref().map(|_| ()).map_err(Clone::clone));
        let Ok(mut hasher) = hasher else { return };
        // Only now: whoever starts the miner waits for the self test.
        if let Some(priority) = self.options.priority {
            priority.apply_to_current_thread();
        }
        while let Some(assigned) = self.slot.wait_for_work() {
            self.mine(&assigned, hasher.as_mut());
        }
    }

    /// Searches one work until another takes its place.
    fn mine(&self, assigned: &Assigned, hasher: &mut dyn PowHasher) {
        let counter = &self.hashes[self.assignment.worker as usize].0;
        let target = assigned.work.target;
        // Measured anew: with an easier target every piece takes longer, since hits are hashed twice.
        let mut pace = Pace::new(hasher.lanes());
        let mut cursor = Cursor::new(Arc::clone(&assigned.work), self.assignment, Engine::fastest());
        let mut hits: Vec<Hit> = Vec::new();
        while self.slot.is_current(assigned.generation) {
            let age = assigned.since.elapsed();
            let seconds = u32::try_from(age.as_secs()).unwrap_or(u32::MAX);
            let Step::Search(nonces) = cursor.next(pace.nonces(), seconds) else {
                let next_second = Duration::from_secs(u64::from(seconds) + 1).saturating_sub(age);
                self.slot.wait_for_change(assigned.generation, next_second);
                continue;
            };
            let count = nonces.end - nonces.start;
            let start = Instant::now();
            hasher.search(cursor.header(), &target, nonces, &mut hits);
            pace.measured(start.elapsed());
            counter.fetch_add(count, Ordering::Relaxed);
            for hit in hits.drain(..) {
                self.deliver(&cursor.share(&hit), assigned.generation);
            }
        }
    }

    /// Waits for a receiver that is behind, but not beyond the work that the share belongs to.
    fn deliver(&self, share: &Share, generation: u64) {
        while (self.on_share)(share) == Delivery::Full && self.slot.is_current(generation) {
            self.slot.wait_for_change(generation, RETRY);
        }
    }
}
