//! Gives mining threads their searchers, and builds what those need meanwhile, on a thread of its own: the
//! light cache, then the dataset, then the same for what the chain will need next.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use otedama_contexts::{BuildOptions, Contexts, Full, Key};
use otedama_hash_api::{Algorithm, Family, HashError, Progress, Searcher};
use otedama_hash_registry::{self as registry, Selection, Source};
use otedama_memory::NodeId;
use otedama_worker_api::{Task, Work};

/// Names what searchers are made from. Searchers of one stamp are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(u64);

/// Called when a better searcher can be had.
pub type OnReady = Box<dyn Fn() + Send + Sync>;

/// How long a dataset that is no longer needed may be in the way of the next one: threads let go of it within
/// milliseconds.
const LET_GO: Duration = Duration::from_secs(2);

/// What a miner is ready for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// There is no work, or nothing for it yet.
    Waiting,
    /// Searches, at a fraction of its speed until the dataset is there.
    Light,
    Full,
    Failed(HashError),
}

/// What is being built, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Building {
    /// For work to come, while the present work is searched at full speed.
    pub ahead: bool,
    pub done: u64,
    pub total: u64,
}

pub struct Supply {
    selection: Selection,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    closed: AtomicBool,
}

#[derive(Default)]
struct State {
    wanted: Option<Wanted>,
    ready: Vec<Ready>,
    /// The latest failure, with what it was for.
    failure: Option<(Key, HashError)>,
    building: Option<(Key, Arc<Progress>)>,
    last_stamp: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Wanted {
    key: Key,
    next: Option<Key>,
}

impl Wanted {
    fn includes(&self, key: Key) -> bool {
        self.key == key || self.next == Some(key)
    }
}

struct Ready {
    stamp: Stamp,
    key: Key,
    source: Source,
}

/// What needs nothing built has this one.
const NOTHING: Stamp = Stamp(0);

impl Supply {
    /// `on_ready` is called from the building thread.
    pub fn start(selection: Selection, options: BuildOptions, on_ready: OnReady) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State::default()),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
        });
        let supply = Self { selection, shared: Arc::clone(&shared) };
        if selection.algorithm.family() != Family::Header {
            let blob = selection.algorithm.family() == Family::Blob;
            let builder = Builder { shared, options, on_ready, light_is_useful: blob };
            // Ends by itself soon after the supply is closed.
            std::thread::Builder::new().name("datasets".to_owned()).spawn(move || builder.run())?;
        }
        Ok(supply)
    }

    /// What needs no work to be made; `None` when searchers depend on it.
    pub fn without_work(&self) -> Option<Stamp> {
        (self.selection.algorithm.family() == Family::Header).then_some(NOTHING)
    }

    /// There is new work: what it needs is built if it is not there. Returns at once.
    pub fn announce(&self, work: &Work) {
        let Some(wanted) = wanted(self.selection.algorithm, work) else { return };
        let mut state = self.shared.lock();
        if state.wanted == Some(wanted) {
            return;
        }
        state.wanted = Some(wanted);
        state.ready.retain(|ready| wanted.includes(ready.key));
        state.failure = None;
        if let Some((key, progress)) = &state.building
            && !wanted.includes(*key)
        {
            progress.cancel();
        }
        self.shared.changed.notify_all();
    }

    /// The best that can be had for the work now; `None` while nothing is ready.
    pub fn best_for(&self, work: &Work) -> Option<Stamp> {
        let Some(wanted) = wanted(self.selection.algorithm, work) else { return self.without_work() };
        let state = self.shared.lock();
        let ready = state.ready.iter().rev().find(|ready| ready.key == wanted.key);
        ready.map(|ready| ready.stamp)
    }

    /// A searcher that has passed its self test, for the calling thread.
    pub fn searcher(&self, stamp: Stamp, node: Option<NodeId>) -> Result<Box<dyn Searcher>, HashError> {
        if stamp == NOTHING {
            return registry::searcher(self.selection, &Source::Nothing, node);
        }
        let source = {
            let state = self.shared.lock();
            let ready = state.ready.iter().find(|ready| ready.stamp == stamp);
            ready.map(|ready| ready.source.clone()).ok_or(HashError::Cancelled)?
        };
        registry::searcher(self.selection, &source, node)
    }

    /// A searcher of this stamp does not work: it is not offered again.
    pub fn failed(&self, stamp: Stamp, error: HashError) {
        let mut state = self.shared.lock();
        if let Some(at) = state.ready.iter().position(|ready| ready.stamp == stamp) {
            let ready = state.ready.remove(at);
            state.failure = Some((ready.key, error));
        }
    }

    pub fn readiness(&self) -> Readiness {
        if self.without_work().is_some() {
            return Readiness::Full;
        }
        let state = self.shared.lock();
        let Some(wanted) = state.wanted else { return Readiness::Waiting };
        let best = state.ready.iter().rev().find(|ready| ready.key == wanted.key);
        match (best.map(|ready| &ready.source), &state.failure) {
            (Some(Source::Full(..)), _) => Readiness::Full,
            (Some(_), _) => Readiness::Light,
            (None, Some((key, error))) if *key == wanted.key => Readiness::Failed(error.clone()),
            (None, _) => Readiness::Waiting,
        }
    }

    /// Why there is only the light cache, or nothing, where more was wanted.
    pub fn failure(&self) -> Option<HashError> {
        let state = self.shared.lock();
        let present = |(key, _): &&(Key, HashError)| state.wanted.is_some_and(|wanted| wanted.key == *key);
        state.failure.as_ref().filter(present).map(|(_, error)| error.clone())
    }

    /// What went wrong with the present dataset without being in the way.
    pub fn notes(&self) -> Vec<String> {
        let state = self.shared.lock();
        let present = |ready: &&Ready| state.wanted.is_some_and(|wanted| wanted.key == ready.key);
        let of = |ready: &Ready| match &ready.source {
            Source::Full(_, full) => full.notes.clone(),
            Source::Nothing | Source::Light(_) => Vec::new(),
        };
        state.ready.iter().filter(present).flat_map(of).collect()
    }

    pub fn building(&self) -> Option<Building> {
        let state = self.shared.lock();
        let (key, progress) = state.building.as_ref()?;
        let (done, total) = progress.get();
        Some(Building { ahead: state.wanted.is_some_and(|wanted| wanted.key != *key), done, total })
    }

    /// Ends a build under way, within milliseconds but for a light cache, which others may be waiting for.
    pub fn close(&self) {
        self.shared.close();
    }
}

impl Drop for Supply {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        let mut state = self.lock();
        self.closed.store(true, Ordering::Relaxed);
        state.ready.clear();
        if let Some((_, progress)) = &state.building {
            progress.cancel();
        }
        self.changed.notify_all();
    }
}

/// What the work needs; `None` if nothing.
fn wanted(algorithm: Algorithm, work: &Work) -> Option<Wanted> {
    match &work.task {
        Task::Coinbase(_) => None,
        Task::Seal(task) => {
            let block = u64::from(task.block_number);
            // Work of an unknown epoch was refused when it was set.
            let key = Key::of_block(algorithm, block)?.ok()?;
            Some(Wanted { key, next: key.next_if_near(block) })
        }
        Task::Blob(task) => {
            Some(Wanted { key: Key::of_seed(task.seed), next: task.next_seed.map(Key::of_seed) })
        }
    }
}

/// The building thread.
struct Builder {
    shared: Arc<Shared>,
    options: BuildOptions,
    on_ready: OnReady,
    light_is_useful: bool,
}

impl Builder {
    fn run(self) {
        let mut built: Vec<(Key, Weak<Full>)> = Vec::new();
        while let Some(key) = self.wait_for_need() {
            self.wait_for_room(&mut built);
            match self.build(key) {
                Ok(full) => built.push((key, Arc::downgrade(&full))),
                Err(HashError::Cancelled) => {}
                Err(error) => self.fail(key, error),
            }
            self.shared.lock().building = None;
            (self.on_ready)();
        }
    }

    /// The first of what is wanted that has no dataset and has not failed; `None` when closed.
    fn wait_for_need(&self) -> Option<Key> {
        let mut state = self.shared.lock();
        loop {
            if self.shared.closed.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(key) = state.need() {
                state.building = Some((key, Arc::new(Progress::default())));
                return Some(key);
            }
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Gives threads the time to let go of datasets that nobody wants any more.
    fn wait_for_room(&self, built: &mut Vec<(Key, Weak<Full>)>) {
        let wanted = self.shared.lock().wanted;
        let start = Instant::now();
        let in_the_way = |(key, full): &(Key, Weak<Full>)| {
            full.strong_count() > 0 && !wanted.is_some_and(|wanted| wanted.includes(*key))
        };
        while built.iter().any(in_the_way) && start.elapsed() < LET_GO {
            std::thread::sleep(Duration::from_millis(5));
        }
        built.retain(|(_, full)| full.strong_count() > 0);
    }

    fn build(&self, key: Key) -> Result<Arc<Full>, HashError> {
        let light = Contexts::shared().light(key)?;
        if self.light_is_useful {
            self.publish(key, Source::Light(Arc::clone(&light)));
        }
        let progress = self.progress()?;
        let full = Contexts::shared().full(key, &self.options, &progress)?;
        self.publish(key, Source::Full(light, Arc::clone(&full)));
        Ok(full)
    }

    /// What is for work to come is put on the disk if the memory has no room for it beside the present.
    fn fail(&self, key: Key, error: HashError) {
        let ahead = self.shared.lock().wanted.is_some_and(|wanted| wanted.key != key);
        if ahead && matches!(error, HashError::OutOfMemory { .. }) {
            let stored = self
                .progress()
                .and_then(|progress| Contexts::shared().store_ahead(key, &self.options, &progress));
            if stored == Err(HashError::Cancelled) {
                return;
            }
        }
        self.shared.lock().failure = Some((key, error));
    }

    fn progress(&self) -> Result<Arc<Progress>, HashError> {
        let state = self.shared.lock();
        state.building.as_ref().map(|(_, progress)| Arc::clone(progress)).ok_or(HashError::Cancelled)
    }

    /// Offers a source unless the wish for it is gone.
    fn publish(&self, key: Key, source: Source) {
        let mut state = self.shared.lock();
        let wanted = state.wanted.is_some_and(|wanted| wanted.includes(key));
        if !wanted || self.shared.closed.load(Ordering::Relaxed) {
            return;
        }
        state.last_stamp += 1;
        let stamp = Stamp(state.last_stamp);
        state.ready.push(Ready { stamp, key, source });
        drop(state);
        (self.on_ready)();
    }
}

impl State {
    fn need(&self) -> Option<Key> {
        let wanted = self.wanted?;
        let is_full = |ready: &&Ready| matches!(ready.source, Source::Full(..));
        let has = |key| self.ready.iter().filter(is_full).any(|ready| ready.key == key);
        let failed = |key| self.failure.as_ref().is_some_and(|(failed, _)| *failed == key);
        // What failed for want of memory would fail again; new work with another key tries anew.
        let missing = |key: &Key| !has(*key) && !failed(*key);
        Some(wanted.key).filter(missing).or_else(|| {
            // Ahead only when the present is served.
            wanted.next.filter(|_| has(wanted.key)).filter(missing)
        })
    }
}
