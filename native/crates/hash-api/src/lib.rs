//! What the rest of the workspace knows of a proof-of-work algorithm. Backends live in `hash-*`; pools use
//! [`PowHasher::hash_headers`], miners [`PowHasher::search`].
#![forbid(unsafe_code)]

use core::fmt;
use core::ops::Range;

use otedama_primitives::{BlockHeader, Hash, U256};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    Sha256d,
    /// scrypt with N=1024, r=1, p=1, the header as password and salt.
    Scrypt,
}

impl Algorithm {
    pub const ALL: [Self; 2] = [Self::Sha256d, Self::Scrypt];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256d => "sha256d",
            Self::Scrypt => "scrypt",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// Nonces to try, as 64-bit numbers so that the whole 32-bit space has an exclusive end.
pub type NonceRange = Range<u64>;

/// End of the nonce space.
pub const NONCE_END: u64 = 1 << 32;

/// A nonce whose hash is at or below the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub nonce: u32,
    pub hash: Hash,
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
            Self::OutOfMemory { bytes } => write!(formatter, "no memory for {bytes} bytes of scratch"),
            Self::SelfTestFailed { algorithm, backend, case } => {
                write!(formatter, "backend {backend} of {} fails the known answer {case}", algorithm.name())
            }
        }
    }
}

impl std::error::Error for HashError {}
