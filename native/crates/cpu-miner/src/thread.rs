use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use otedama_hash_api::{HashError, Interrupt, Searcher, Solution};
use otedama_memory::{CpuId, NodeId, pin_current_thread};
use otedama_sha256::Engine;
use otedama_worker_api::{Assignment, Cursor, Share, Step};

use crate::slot::{Assigned, Slot};
use crate::supply::{Stamp, Supply};
use crate::{Delivery, Figures, OnShare, Priority};

/// Pause before a share is offered again to a receiver that is behind.
const RETRY: Duration = Duration::from_millis(1);

/// Time between two looks for a searcher that is being made; the supply calls earlier when there is one.
const LONG: Duration = Duration::from_secs(60);

/// Nonces asked for at once; searchers return earlier when they find something or their work is over, so
/// this only bounds how late the counters are.
const STRETCH_SECONDS: f64 = 0.02;

/// One thread of a miner.
pub struct MiningThread {
    pub priority: Option<Priority>,
    pub assignment: Assignment,
    pub slot: Arc<Slot>,
    pub supply: Arc<Supply>,
    pub figures: Arc<[Figures]>,
    pub on_share: OnShare,
    /// Where to run, on machines whose memory is not the same distance from everywhere.
    pub place: Option<(CpuId, NodeId)>,
}

/// A searcher and what it was made for.
struct Equipped {
    stamp: Stamp,
    searcher: Box<dyn Searcher>,
}

impl MiningThread {
    /// Mines until the slot is closed. Says once on `ready` whether the hasher works.
    pub fn run(self, ready: &Sender<Result<(), HashError>>) {
        if let Some((cpu, _)) = self.place {
            // A refusal costs speed only.
            pin_current_thread(cpu);
        }
        let equipped = self.equip_first();
        // The receiver is gone when another thread has failed; then the slot is closed too.
        let _ = ready.send(equipped.as_ref().map(|_| ()).map_err(Clone::clone));
        let Ok(mut equipped) = equipped else { return };
        // Only now: whoever starts the miner waits for the self test.
        if let Some(priority) = self.priority {
            priority.apply_to_current_thread();
        }
        let mut cursor = None;
        while let Some(assigned) = self.slot.wait_for_work() {
            if self.equip(&assigned, &mut equipped) {
                if let Some(equipped) = &mut equipped {
                    self.mine(&assigned, equipped.searcher.as_mut(), &mut cursor);
                }
            } else {
                self.slot.wait_for_change(assigned.generation, LONG);
            }
        }
    }

    fn node(&self) -> Option<NodeId> {
        self.place.map(|(_, node)| node)
    }

    /// What needs no dataset is made, and thereby tested, at the start.
    fn equip_first(&self) -> Result<Option<Equipped>, HashError> {
        let Some(stamp) = self.supply.without_work() else { return Ok(None) };
        Ok(Some(Equipped { stamp, searcher: self.supply.searcher(stamp, self.node())? }))
    }

    /// Has the best searcher for the work; false when there is none yet.
    fn equip(&self, assigned: &Assigned, equipped: &mut Option<Equipped>) -> bool {
        let Some(stamp) = self.supply.best_for(&assigned.work) else {
            *equipped = None;
            return false;
        };
        if equipped.as_ref().is_some_and(|equipped| equipped.stamp == stamp) {
            return true;
        }
        // The old one goes first: it may hold the last reference to a dataset of gigabytes.
        *equipped = None;
        match self.supply.searcher(stamp, self.node()) {
            Ok(searcher) => *equipped = Some(Equipped { stamp, searcher }),
            Err(error) => self.supply.failed(stamp, error),
        }
        equipped.is_some()
    }

    /// Searches one work until another takes its place or a better searcher is to be had.
    fn mine(&self, assigned: &Assigned, searcher: &mut dyn Searcher, cursor: &mut Option<Cursor>) {
        let figures = &self.figures[self.assignment.worker as usize];
        let interrupt = self.slot.interrupt(assigned.generation);
        let target = assigned.work.target;
        // The same work with another searcher goes on where it was: nothing is searched twice.
        let same = cursor.take().filter(|cursor| Arc::ptr_eq(cursor.work(), &assigned.work));
        let mut is_new = same.is_none();
        let cursor =
            cursor.insert(same.unwrap_or_else(|| {
                Cursor::new(Arc::clone(&assigned.work), self.assignment, Engine::fastest())
            }));
        let mut stretch = Stretch::new(searcher.lanes());
        let mut solutions: Vec<Solution> = Vec::new();
        while !interrupt.is_raised() {
            let age = assigned.since.elapsed();
            let seconds = u32::try_from(age.as_secs()).unwrap_or(u32::MAX);
            let Step::Search(nonces) = cursor.next(stretch.nonces, seconds) else {
                let next_second = Duration::from_secs(u64::from(seconds) + 1).saturating_sub(age);
                self.slot.wait_for_change(assigned.generation, next_second);
                continue;
            };
            let start = Instant::now();
            if std::mem::take(&mut is_new) {
                figures.switched(assigned.since.elapsed());
            }
            let tried = searcher.search(cursor.puzzle(), &target, nonces, &interrupt, &mut solutions);
            stretch.measured(tried, start.elapsed());
            figures.hashes.fetch_add(tried, Ordering::Relaxed);
            for solution in solutions.drain(..) {
                self.deliver(&cursor.share(&solution), interrupt, assigned.generation);
            }
            cursor.advance(tried);
        }
    }

    /// Waits for a receiver that is behind, but not beyond the work that the share belongs to.
    fn deliver(&self, share: &Share, interrupt: Interrupt<'_>, generation: u64) {
        while (self.on_share)(share) == Delivery::Full && !interrupt.is_raised() {
            self.slot.wait_for_change(generation, RETRY);
        }
    }
}

impl Figures {
    fn switched(&self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.switch_nanos.store(nanos, Ordering::Relaxed);
        self.switches.fetch_add(1, Ordering::Release);
    }
}

/// How many nonces fill [`STRETCH_SECONDS`].
struct Stretch {
    lanes: u64,
    nonces: u64,
}

impl Stretch {
    const fn new(lanes: usize) -> Self {
        let lanes = lanes as u64;
        Self { lanes, nonces: lanes }
    }

    /// At most four times as many as were just tried: the first pieces say little.
    fn measured(&mut self, tried: u64, took: Duration) {
        if tried == 0 {
            return;
        }
        let rate = tried as f64 / took.as_secs_f64().max(1e-9);
        let wanted = (rate * STRETCH_SECONDS) as u64;
        self.nonces = wanted.clamp(self.lanes, self.nonces.max(tried) * 4).next_multiple_of(self.lanes);
    }
}
