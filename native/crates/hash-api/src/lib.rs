//! What the rest of the workspace knows of a proof-of-work algorithm. Backends live in `hash-*`; pools use
//! [`PowHasher::hash_headers`], miners [`PowHasher::search`].
#![forbid(unsafe_code)]

mod algorithm;
mod interrupt;
mod progress;
mod searcher;

use core::fmt;
use core::ops::Range;

use otedama_primitives::{BlockHeader, Hash, U256};

pub use algorithm::{Algorithm, Family};
pub use interrupt::Interrupt;
pub use progress::Progress;
pub use searcher::{Puzzle, Searcher, Solution};

/// Nonces to try. Of 32-bit nonces the whole space has an exclusive end; of 64-bit ones the very last nonce is
/// never tried.
pub type NonceRange = Range<u64>;

/// End of the space of 32-bit nonces.
pub const NONCE_END: u64 = 1 << 32;

/// A nonce whose hash is at or below the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub nonce: u32,
    pub hash: Hash,
}

/// What Ethash, Etchash and KawPow give for a nonce, both in the byte order of the algorithm: the hash is a
/// number with its most significant byte first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MixProof {
    pub mix: Hash,
    pub hash: Hash,
}

/// A nonce whose final hash is at or below the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MixHit {
    pub nonce: u64,
    pub proof: MixProof,
}

/// One thread's hasher: owns its scratch memory, is moved to the thread that uses it.
pub trait PowHasher: Send {
    /// Headers hashed side by side; callers do best with multiples of it.
    fn lanes(&self) -> usize;

    /// Appends every hit of `nonces` (within 0..2^32) in ascending order. Exact at the target's edge.
    fn search(&mut self, header: &BlockHeader, target: &U256, nonces: NonceRange, hits: &mut Vec<Hit>);

    /// Hashes as many headers as `hashes` has room for; both slices have the same length.
    fn hash_headers(&mut self, headers: &[BlockHeader], hashes: &mut [Hash]);
}

/// One implementation of an algorithm.
#[derive(Clone, Copy)]
pub struct Backend {
    pub name: &'static str,
    /// Whether this processor can run it.
    pub is_available: fn() -> bool,
    /// Must only be called when available; the registry sees to that.
    pub create: fn() -> Result<Box<dyn PowHasher>, HashError>,
}

impl fmt::Debug for Backend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Backend").field("name", &self.name).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HashError {
    /// No backend of this name for the algorithm, or the processor lacks its instructions.
    BackendUnavailable {
        algorithm: Algorithm,
        backend: String,
    },
    OutOfMemory {
        bytes: usize,
    },
    /// Beyond the last epoch or block that the algorithm is defined for.
    UnknownEpoch {
        epoch: u64,
        last: u64,
    },
    /// A dataset could not be read or written; what is wrong with the file, in words.
    DatasetFile {
        path: String,
        problem: String,
    },
    /// The system does not let this process run code that it generated; why and what to do, in words.
    CodeRefused {
        problem: String,
    },
    /// The build was given up because its caller asked for it.
    Cancelled,
    /// The backend gave a wrong answer to a known question: the processor or the build is broken.
    SelfTestFailed {
        algorithm: Algorithm,
        backend: &'static str,
        case: &'static str,
    },
}

impl HashError {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BackendUnavailable { .. } => "BACKEND_UNAVAILABLE",
            Self::OutOfMemory { .. } => "OUT_OF_MEMORY",
            Self::UnknownEpoch { .. } => "UNKNOWN_EPOCH",
            Self::DatasetFile { .. } => "DATASET_FILE",
            Self::CodeRefused { .. } => "CODE_REFUSED",
            Self::Cancelled => "CANCELLED",
            Self::SelfTestFailed { .. } => "SELF_TEST_FAILED",
        }
    }
}

impl fmt::Display for HashError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BackendUnavailable { algorithm, backend } => {
                write!(
                    formatter,
                    "backend {backend} of {} is not available on this processor",
                    algorithm.name()
                )
            }
            Self::OutOfMemory { bytes } => write!(formatter, "no memory for {bytes} bytes"),
            Self::UnknownEpoch { epoch, last } => {
                write!(formatter, "epoch {epoch} is beyond the last one, {last}")
            }
            Self::DatasetFile { path, problem } => write!(formatter, "dataset file {path}: {problem}"),
            Self::CodeRefused { problem } => {
                write!(formatter, "generated code cannot be run here: {problem}")
            }
            Self::Cancelled => formatter.write_str("the build was cancelled"),
            Self::SelfTestFailed { algorithm, backend, case } => {
                write!(formatter, "backend {backend} of {} fails the known answer {case}", algorithm.name())
            }
        }
    }
}

impl std::error::Error for HashError {}
