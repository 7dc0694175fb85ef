//! Hash rates of the code that mines and judges, with the results of the timed run checked against the
//! reference: a fast wrong kernel must not look good.
#![forbid(unsafe_code)]

mod reference;
mod search;
mod switch;
mod verify;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use otedama_contexts::{BuildOptions, Contexts, Key};
use otedama_cpu_miner::StartError;
use otedama_hash_api::{Family, HashError, Progress};
use otedama_hash_registry::{Selection, Source};
use otedama_primitives::Hash;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One header, many nonces, as a miner hashes.
    Search,
    /// Batches of unrelated shares, as a pool hashes; each thread judges its own.
    Verify,
    /// One batch at a time, spread over the threads where its hashes are slow: how soon it is judged.
    Batch { shares: u16 },
    /// New work on threads that are mining: how soon it is hashed.
    Switch,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub selection: Selection,
    pub mode: Mode,
    /// 1 to [`MAX_THREADS`].
    pub threads: u32,
    pub duration: Duration,
    /// Epochs follow from it; KawPow's program too.
    pub block_number: u32,
}

pub const MAX_THREADS: u32 = 1024;

/// RandomX's key in measurements.
const SEED: Hash = [0x5a; 32];

#[derive(Clone, Debug)]
pub struct Measurement {
    pub hashes: u64,
    pub elapsed: Duration,
    /// Whether results of the timed run equal the reference.
    pub checked: bool,
    /// Of [`Mode::Switch`], whose hashes are first nonces, and of [`Mode::Batch`].
    pub latency: Option<Latency>,
}

/// From the call that sets new work to a thread's first nonce of it, or that judges a batch to its verdicts.
#[derive(Clone, Copy, Debug)]
pub struct Latency {
    pub median: Duration,
    pub p99: Duration,
    pub worst: Duration,
}

impl Latency {
    /// `None` of no measurements.
    fn of(mut all: Vec<Duration>) -> Option<Self> {
        all.sort_unstable();
        let at = |part: usize| all.get(all.len() * part / 100).copied();
        Some(Self { median: at(50)?, p99: at(99)?, worst: *all.last()? })
    }
}

/// What one thread did.
struct ThreadRun {
    hashes: u64,
    elapsed: Duration,
    checked: bool,
}

/// Blocks for the duration and some milliseconds of checking. `source` is what a search hashes over, and what
/// verification is checked with: [`light_source`] or a dataset.
pub fn run(options: &Options, source: &Source) -> Result<Measurement, BenchError> {
    if !(1..=MAX_THREADS).contains(&options.threads) {
        return Err(BenchError::ThreadCount);
    }
    let work: fn(&Options, &Source, u32, &Clock) -> Result<ThreadRun, HashError> = match options.mode {
        Mode::Switch => return switch::run(options, source),
        Mode::Batch { shares } => return Ok(verify::run_batches(options, source, shares)?),
        Mode::Verify => verify::run_thread,
        Mode::Search => search::run_thread,
    };
    let clock = Clock { start: Barrier::new(options.threads as usize), duration: options.duration };
    let runs: Vec<_> = std::thread::scope(|scope| {
        let clock = &clock;
        let start = |index| scope.spawn(move || work(options, source, index, clock));
        let handles: Vec<_> = (0..options.threads).map(start).collect();
        handles.into_iter().map(|handle| handle.join().map_err(|_| BenchError::Panicked)).collect()
    });
    let mut total = Measurement { hashes: 0, elapsed: Duration::ZERO, checked: true, latency: None };
    for run in runs {
        let run = run??;
        total.hashes += run.hashes;
        total.elapsed = total.elapsed.max(run.elapsed);
        total.checked &= run.checked;
    }
    Ok(total)
}

/// What verification needs: the light cache of the block's epoch, or of this module's seed.
pub fn light_source(options: &Options) -> Result<Source, HashError> {
    Ok(match key(options)? {
        Some(key) => Source::Light(Contexts::shared().light(key)?),
        None => Source::Nothing,
    })
}

fn key(options: &Options) -> Result<Option<Key>, HashError> {
    let algorithm = options.selection.algorithm;
    match algorithm.family() {
        Family::Header => Ok(None),
        Family::Blob => Ok(Some(Key::of_seed(SEED))),
        Family::Seal => Key::of_block(algorithm, options.block_number.into()).transpose(),
    }
}

/// The dataset too, built on the threads of the measurement.
pub fn full_source(options: &Options, progress: &Arc<Progress>) -> Result<Source, HashError> {
    let Some(key) = key(options)? else { return Ok(Source::Nothing) };
    let threads = NonZeroUsize::new(options.threads as usize).unwrap_or(NonZeroUsize::MIN);
    let light = Contexts::shared().light(key)?;
    let full = Contexts::shared().full(key, &BuildOptions { threads, directory: None }, progress)?;
    Ok(Source::Full(light, full))
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BenchError {
    ThreadCount,
    Panicked,
    Miner(StartError),
    Hash(HashError),
}

impl BenchError {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ThreadCount => "THREAD_COUNT",
            Self::Panicked => "WORKER_PANICKED",
            Self::Miner(error) => error.code(),
            Self::Hash(error) => error.code(),
        }
    }
}

impl fmt::Display for BenchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ThreadCount => write!(formatter, "threads must be 1 to {MAX_THREADS}"),
            Self::Panicked => formatter.write_str("a benchmark thread ended in a panic"),
            Self::Miner(error) => error.fmt(formatter),
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
    use otedama_hash_api::Algorithm;
    use otedama_hash_registry as registry;

    use super::*;

    fn measure(selection: Selection, mode: Mode) {
        let duration = Duration::from_millis(5);
        let options = Options { selection, mode, threads: 2, duration, block_number: 0 };
        let measured = run(&options, &light_source(&options).unwrap()).unwrap();
        assert!(measured.checked, "{selection:?} {mode:?}");
        assert!(measured.hashes > 0 && measured.elapsed >= duration);
    }

    #[test]
    fn measures_and_checks_every_backend_of_headers_in_both_modes() {
        for algorithm in [Algorithm::Sha256d, Algorithm::Scrypt] {
            for selection in registry::available(algorithm) {
                for mode in [Mode::Search, Mode::Verify] {
                    measure(selection, mode);
                }
            }
        }
    }

    #[test]
    fn measures_and_checks_verification_from_light_caches() {
        for algorithm in [Algorithm::Ethash, Algorithm::KawPow] {
            measure(registry::preferred(algorithm), Mode::Verify);
        }
    }

    #[test]
    fn measures_how_soon_a_batch_is_judged() {
        for (algorithm, shares) in [(Algorithm::Sha256d, 1), (Algorithm::Scrypt, 64), (Algorithm::RandomX, 8)]
        {
            let mode = Mode::Batch { shares };
            let duration = Duration::from_millis(5);
            let selection = registry::preferred(algorithm);
            let options = Options { selection, mode, threads: 2, duration, block_number: 0 };
            let measured = run(&options, &light_source(&options).unwrap()).unwrap();
            let latency = measured.latency.unwrap();
            assert!(measured.checked && measured.elapsed >= duration, "{algorithm:?}");
            assert!(measured.hashes > 0 && measured.hashes.is_multiple_of(shares.into()));
            assert!(Duration::ZERO < latency.median && latency.median <= latency.p99);
            assert!(latency.p99 <= latency.worst && latency.worst <= measured.elapsed);
        }
    }

    #[test]
    fn measures_how_soon_new_work_is_hashed() {
        let selection = registry::preferred(Algorithm::Scrypt);
        let duration = Duration::from_millis(100);
        let options = Options { selection, mode: Mode::Switch, threads: 2, duration, block_number: 0 };
        let measured = run(&options, &Source::Nothing).unwrap();
        let latency = measured.latency.unwrap();
        assert!(measured.checked && measured.hashes > 0);
        assert!(Duration::ZERO < latency.median && latency.median <= latency.p99);
        assert!(latency.p99 <= latency.worst);
    }

    #[test]
    fn measures_and_checks_search_from_a_light_cache() {
        measure(registry::preferred(Algorithm::RandomX), Mode::Search);
    }
}
