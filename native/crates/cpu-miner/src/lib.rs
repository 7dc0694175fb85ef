//! Mines on processor threads. Work is one shared slot with a number that grows: threads look at the number
//! between small pieces of search, so new work reaches them within a millisecond or one group of hashes.

// Thread priority is a call into the operating system.
#![allow(unsafe_code)]

mod priority;
mod slot;
mod supply;
mod thread;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use otedama_contexts::{BuildOptions, Key};
use otedama_hash_api::HashError;
use otedama_hash_registry::Selection;
use otedama_memory::{CpuId, NodeId, Topology, place_threads};
use otedama_worker_api::{Assignment, Share, Task, Work, WorkError, Worker, WorkerPanicked};

use slot::Slot;
use thread::MiningThread;

pub use priority::Priority;
use supply::Supply;
pub use supply::{Building, Readiness};

/// More threads than any machine has processors; a wrong number must not exhaust memory.
pub const MAX_THREADS: u32 = 1024;

/// What became of a share that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Taken,
    /// The receiver is behind: try again while the work is current.
    Full,
    /// Nobody will ever take it.
    Closed,
}

/// Receives shares on the mining threads; must not block.
pub type OnShare = Arc<dyn Fn(&Share) -> Delivery + Send + Sync>;

#[derive(Clone, Debug)]
pub struct Options {
    pub selection: Selection,
    /// 1 to [`MAX_THREADS`].
    pub threads: u32,
    pub priority: Option<Priority>,
    /// Where datasets of the Ethash family are kept from start to start.
    pub dataset_directory: Option<PathBuf>,
}

pub struct CpuMiner {
    selection: Selection,
    slot: Arc<Slot>,
    supply: Arc<Supply>,
    figures: Arc<[Figures]>,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

/// One thread's, on its own cache line: neighbours are written by other threads all the time.
#[derive(Default)]
#[repr(align(128))]
struct Figures {
    hashes: AtomicU64,
    /// Works begun.
    switches: AtomicU64,
    /// From the call that set the latest of them to its first nonce.
    switch_nanos: AtomicU64,
}

/// How a thread takes up new work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// Works begun.
    pub count: u64,
    /// From the call that set the latest of them to its first nonce.
    pub latest: Duration,
}

impl CpuMiner {
    /// Returns when every thread has passed its self test; then no thread is left behind on failure.
    /// What depends on work is tested when there is work.
    pub fn start(options: &Options, on_share: &OnShare) -> Result<Self, StartError> {
        if !(1..=MAX_THREADS).contains(&options.threads) {
            return Err(StartError::ThreadCount);
        }
        let slot = Arc::new(Slot::default());
        let supply = {
            let slot = Arc::clone(&slot);
            let threads = NonZeroUsize::new(options.threads as usize).ok_or(StartError::ThreadCount)?;
            let build = BuildOptions { threads, directory: options.dataset_directory.clone() };
            Supply::start(options.selection, build, Box::new(move || slot.nudge()))
                .map_err(|_| StartError::NoThread)?
        };
        let miner = Self {
            selection: options.selection,
            slot,
            supply: Arc::new(supply),
            figures: (0..options.threads).map(|_| Figures::default()).collect(),
            handles: Mutex::new(Vec::new()),
        };
        let started = miner.spawn_all(options, on_share);
        if started.is_err() {
            // The threads that did start have not hashed anything: a panic among them adds nothing.
            let _ = miner.close();
        }
        started.map(|()| miner)
    }

    fn spawn_all(&self, options: &Options, on_share: &OnShare) -> Result<(), StartError> {
        let offset = RandomState::new().hash_one(options.threads);
        let (ready, results) = mpsc::channel();
        let mut places = places(options.threads as usize).into_iter();
        for worker in 0..options.threads {
            let thread = MiningThread {
                priority: options.priority,
                assignment: Assignment { worker, workers: options.threads, offset },
                slot: Arc::clone(&self.slot),
                supply: Arc::clone(&self.supply),
                figures: Arc::clone(&self.figures),
                on_share: Arc::clone(on_share),
                place: places.next(),
            };
            let ready = ready.clone();
            let name = format!("{}-{worker}", options.selection.algorithm.name());
            let handle = std::thread::Builder::new()
                .name(name)
                .spawn(move || thread.run(&ready))
                .map_err(|_| StartError::NoThread)?;
            self.handles.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        }
        drop(ready);
        for _ in 0..options.threads {
            // A closed channel means that a thread ended without a word: it panicked in its self test.
            results.recv().map_err(|_| StartError::NoThread)??;
        }
        Ok(())
    }

    pub const fn selection(&self) -> Selection {
        self.selection
    }

    /// By thread.
    pub fn switches(&self) -> Vec<Switches> {
        let of = |figures: &Figures| Switches {
            count: figures.switches.load(Ordering::Acquire),
            latest: Duration::from_nanos(figures.switch_nanos.load(Ordering::Relaxed)),
        };
        self.figures.iter().map(of).collect()
    }

    /// How well the present work can be searched.
    pub fn readiness(&self) -> Readiness {
        self.supply.readiness()
    }

    /// Why it is less than full speed, where that is not for want of time.
    pub fn failure(&self) -> Option<HashError> {
        self.supply.failure()
    }

    /// What went wrong with the present dataset without being in the way: a damaged file, say.
    pub fn notes(&self) -> Vec<String> {
        self.supply.notes()
    }

    pub fn building(&self) -> Option<Building> {
        self.supply.building()
    }
}

/// Places for threads where memory has a place too; none on a machine with one node, whose scheduler knows
/// better.
fn places(count: usize) -> Vec<(CpuId, NodeId)> {
    let topology = Topology::current();
    if topology.nodes.len() < 2 || count > topology.cpus.len() {
        return Vec::new();
    }
    let node_of = |id| topology.cpu(id).map(|cpu| (id, cpu.node));
    place_threads(&topology, count).into_iter().filter_map(node_of).collect()
}

impl Worker for CpuMiner {
    fn set_work(&self, work: Work) -> Result<(), WorkError> {
        work.check()?;
        if work.family() != self.selection.algorithm.family() {
            return Err(WorkError::Family);
        }
        if let Task::Seal(task) = &work.task
            && !matches!(Key::of_block(self.selection.algorithm, task.block_number.into()), Some(Ok(_)))
        {
            return Err(WorkError::UnknownEpoch);
        }
        // Announced first: a thread that takes the work finds its needs known.
        self.supply.announce(&work);
        self.slot.set(Some(Arc::new(work)));
        Ok(())
    }

    fn clear_work(&self) {
        self.slot.set(None);
    }

    fn hashes(&self) -> Vec<u64> {
        self.figures.iter().map(|figures| figures.hashes.load(Ordering::Relaxed)).collect()
    }

    fn backend(&self) -> &'static str {
        self.selection.backend
    }

    fn close(&self) -> Result<(), WorkerPanicked> {
        self.slot.close();
        self.supply.close();
        let handles = std::mem::take(&mut *self.handles.lock().unwrap_or_else(PoisonError::into_inner));
        let mut result = Ok(());
        for handle in handles {
            result = handle.join().map_err(|_| WorkerPanicked).and(result);
        }
        result
    }
}

impl Drop for CpuMiner {
    /// Threads end on their own soon after; waiting here could block whoever drops.
    fn drop(&mut self) {
        self.slot.close();
    }
}

impl fmt::Debug for CpuMiner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CpuMiner").field("selection", &self.selection).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    ThreadCount,
    /// The system gave no thread, or the thread died before its self test ended.
    NoThread,
    Hash(HashError),
}

impl StartError {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ThreadCount => "THREAD_COUNT",
            Self::NoThread => "NO_THREAD",
            Self::Hash(error) => error.code(),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ThreadCount => write!(formatter, "threads must be 1 to {MAX_THREADS}"),
            Self::NoThread => formatter.write_str("a mining thread could not be started"),
            Self::Hash(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for StartError {}

impl From<HashError> for StartError {
    fn from(error: HashError) -> Self {
        Self::Hash(error)
    }
}
