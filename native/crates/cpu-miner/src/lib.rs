//! Mines on processor threads. Work is one shared slot with a number that grows: threads look at the number
//! between small pieces of search, so new work reaches them within a millisecond or one group of hashes.

// Thread priority is a call into the operating system.
#![allow(unsafe_code)]

mod pace;
mod priority;
mod slot;
mod thread;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use otedama_hash_api::{Algorithm, Backend, HashError};
use otedama_worker_api::{Assignment, Share, Work, Worker, WorkerPanicked};

use slot::Slot;
use thread::MiningThread;

pub use priority::Priority;

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

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub algorithm: Algorithm,
    pub backend: &'static Backend,
    /// 1 to [`MAX_THREADS`].
    pub threads: u32,
    pub priority: Option<Priority>,
}

pub struct CpuMiner {
    backend: &'static str,
    slot: Arc<Slot>,
    hashes: Arc<[HashCounter]>,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

/// On its own cache line: neighbours are written by other threads several thousand times a second.
#[derive(Default)]
#[repr(align(128))]
struct HashCounter(AtomicU64);

impl CpuMiner {
    /// Returns when every thread has passed its self test; then no thread is left behind on failure.
    pub fn start(options: Options, on_share: &OnShare) -> Result<Self, StartError> {
        if !(1..=MAX_THREADS).contains(&options.threads) {
            return Err(StartError::ThreadCount);
        }
        let miner = Self {
            backend: options.backend.name,
            slot: Arc::new(Slot::default()),
            hashes: (0..options.threads).map(|_| HashCounter::default()).collect(),
            handles: Mutex::new(Vec::new()),
        };
        let started = miner.spawn_all(options, on_share);
        if started.is_err() {
            // The threads that did start have not hashed anything: a panic among them adds nothing.
            let _ = miner.close();
        }
        started.map(|()| miner)
    }

    fn spawn_all(&self, options: Options, on_share: &OnShare) -> Result<(), StartError> {
        let offset = RandomState::new().hash_one(options.threads);
        let (ready, results) = mpsc::channel();
        for worker in 0..options.threads {
            let thread = MiningThread {
                options,
                assignment: Assignment { worker, workers: options.threads, offset },
                slot: Arc::clone(&self.slot),
                hashes: Arc::clone(&self.hashes),
                on_share: Arc::clone(on_share),
            };
            let ready = ready.clone();
            let name = format!("{}-{worker}", options.algorithm.name());
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
}

impl Worker for CpuMiner {
    fn set_work(&self, work: Work) {
        self.slot.set(Some(Arc::new(work)));
    }

    fn clear_work(&self) {
        self.slot.set(None);
    }

    fn hashes(&self) -> Vec<u64> {
        self.hashes.iter().map(|counter| counter.0.load(Ordering::Relaxed)).collect()
    }

    fn backend(&self) -> &'static str {
        self.backend
    }

    fn close(&self) -> Result<(), WorkerPanicked> {
        self.slot.close();
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
        formatter.debug_struct("CpuMiner").field("backend", &self.backend).finish_non_exhaustive()
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
