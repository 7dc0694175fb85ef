//! Hash rates of the code that mines and judges, with the results of the timed run checked against the
//! reference: a fast wrong kernel must not look good.
#![forbid(unsafe_code)]

mod search;
mod verify;

use std::fmt;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use otedama_hash_api::{Algorithm, Backend, HashError};
use otedama_primitives::{BlockHeader, Hash};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One header, many nonces, as a miner hashes.
    Search,
    /// Batches of unrelated shares, as a pool hashes.
    Verify,
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub algorithm: Algorithm,
    pub backend: &'static Backend,
    pub mode: Mode,
    /// 1 to [`MAX_THREADS`].
    pub threads: u32,
    pub duration: Duration,
}

pub const MAX_THREADS: u32 = 1024;

#[derive(Clone, Copy, Debug)]
pub struct Measurement {
    pub hashes: u64,
    pub elapsed: Duration,
    /// Whether results of the timed run equal the reference.
    pub checked: bool,
}

/// What one thread did.
struct ThreadRun {
    hashes: u64,
    elapsed: Duration,
    checked: bool,
}

/// Blocks for the duration and some milliseconds of checking.
pub fn run(options: Options) -> Result<Measurement, BenchError> {
    if !(1..=MAX_THREADS).contains(&options.threads) {
        return Err(BenchError::ThreadCount);
    }
    let work: fn(&Options, u32, &Clock) -> Result<ThreadRun, HashError> = match options.mode {
        Mode::Search => search::run_thread,
        Mode::Verify => verify::run_thread,
    };
    let clock = Clock { start: Barrier::new(options.threads as usize), duration: options.duration };
    let runs: Vec<_> = std::thread::scope(|scope| {
        let clock = &clock;
        let handles: Vec<_> =
            (0..options.threads).map(|index| scope.spawn(move || work(&options, index, clock))).collect();
        handles.into_iter().map(|handle| handle.join().map_err(|_| BenchError::Panicked)).collect()
    });
    let mut total = Measurement { hashes: 0, elapsed: Duration::ZERO, checked: true };
    for run in runs {
        let run = run??;
        total.hashes += run.hashes;
        total.elapsed = total.elapsed.max(run.elapsed);
        total.checked &= run.checked;
    }
    Ok(total)
}

/// Starts all threads together.
struct Clock {
    start: Barrier,
    duration: Duration,
}

impl Clock {
    /// Repeats `piece`, which returns its number of hashes, until the time is over.
    fn repeat(&self, mut piece: impl FnMut() -> u64) -> (u64, Duration) {
        self.start.wait();
        let start = Instant::now();
        let mut hashes = 0;
        loop {
            hashes += piece();
            let elapsed = start.elapsed();
            if elapsed >= self.duration {
                return (hashes, elapsed);
            }
        }
    }
}

/// The slow, plain proof-of-work hash.
fn reference_hash(algorithm: Algorithm, header: &BlockHeader) -> Hash {
    match algorithm {
        Algorithm::Sha256d => otedama_sha256::reference::sha256d(header.as_bytes()),
        Algorithm::Scrypt => otedama_hash_scrypt::reference::hash_header(header.as_bytes()),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BenchError {
    ThreadCount,
    Panicked,
    Hash(HashError),
}

impl BenchError {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ThreadCount => "THREAD_COUNT",
            Self::Panicked => "WORKER_PANICKED",
            Self::Hash(error) => error.code(),
        }
    }
}

impl fmt::Display for BenchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ThreadCount => write!(formatter, "threads must be 1 to {MAX_THREADS}"),
            Self::Panicked => formatter.write_str("a benchmark thread ended in a panic"),
            Self::Hash(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for BenchError {}

impl From<HashError> for BenchError {
    fn from(error: HashError) -> Self {
        Self::Hash(error)
    }
}

#[cfg(test)]
mod tests {
    use otedama_hash_registry as registry;

    use super::*;

    #[test]
    fn measures_and_checks_every_backend_in_both_modes() {
        for algorithm in Algorithm::ALL {
            for backend in registry::available(algorithm) {
                for mode in [Mode::Search, Mode::Verify] {
                    let duration = Duration::from_millis(5);
                    let measured = run(Options { algorithm, backend, mode, threads: 2, duration }).unwrap();
                    assert!(measured.checked, "{} {} {mode:?}", algorithm.name(), backend.name);
                    assert!(measured.hashes > 0 && measured.elapsed >= duration);
                }
            }
        }
    }
}
