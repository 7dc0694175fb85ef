//! Sizes and counts of RandomX, in the notation of the specification's table 1.2.1, and what v2 changes.

use otedama_hash_api::Algorithm;

/// Which RandomX: both share cache, dataset and instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// `rx/0`, in use on Monero.
    V1,
    /// `rx/2`: longer programs, AES in the loop, rarer changes of the rounding mode, earlier prefetch.
    V2,
}

impl Variant {
    pub const ALL: [Self; 2] = [Self::V1, Self::V2];

    /// Instructions of one program.
    pub const fn program_size(self) -> usize {
        match self {
            Self::V1 => 256,
            Self::V2 => MAX_PROGRAM_SIZE,
        }
    }

    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::V1 => Algorithm::RandomX,
            Self::V2 => Algorithm::RandomXV2,
        }
    }
}

pub const MAX_PROGRAM_SIZE: usize = 384;
pub const PROGRAM_ITERATIONS: u32 = 2048;

/// Iterations between two looks at the interrupt where they are slow. Not of the specification.
pub const ITERATIONS_AT_ONCE: u32 = 256;
pub const PROGRAM_COUNT: usize = 8;

/// A key longer than this is not defined.
pub const MAX_KEY_BYTES: usize = 60;

pub const ARGON_SALT: &[u8; 8] = b"RandomX\x03";
pub const ARGON_ITERATIONS: u32 = 3;
pub const ARGON_BLOCKS: usize = 262_144;
pub const ARGON_BLOCK_BYTES: usize = 1024;

/// Cache, dataset and scratchpad are read in lines of this size.
pub const LINE_BYTES: usize = 64;
pub const CACHE_BYTES: usize = ARGON_BLOCKS * ARGON_BLOCK_BYTES;
pub const CACHE_LINES: u64 = (CACHE_BYTES / LINE_BYTES) as u64;

/// Cache lines mixed into a dataset item, each after its own superscalar program.
pub const CACHE_ACCESSES: usize = 8;
pub const SUPERSCALAR_LATENCY: usize = 170;
pub const SUPERSCALAR_MAX_SIZE: usize = 3 * SUPERSCALAR_LATENCY + 2;

pub const DATASET_BASE_BYTES: u64 = 1 << 31;
pub const DATASET_EXTRA_BYTES: u64 = 33_554_368;
pub const DATASET_BYTES: usize = (DATASET_BASE_BYTES + DATASET_EXTRA_BYTES) as usize;
pub const DATASET_ITEMS: u64 = (DATASET_BYTES / LINE_BYTES) as u64;
/// Keeps an address inside the part of the dataset that one program reads, at the start of a line.
pub const DATASET_MASK: u32 = (DATASET_BASE_BYTES as u32 - 1) & !(LINE_BYTES as u32 - 1);

pub const SCRATCHPAD_BYTES: usize = 2 << 20;
/// Masks for 8-byte accesses of the three scratchpad levels.
pub const L1_MASK: u32 = (16 << 10) - 8;
pub const L2_MASK: u32 = (256 << 10) - 8;
pub const L3_MASK: u32 = SCRATCHPAD_BYTES as u32 - 8;
/// Mask for whole lines of the scratchpad.
pub const L3_LINE_MASK: u32 = SCRATCHPAD_BYTES as u32 - LINE_BYTES as u32;

/// Register r5 takes a displacement in IADD_RS: an x86 `lea` into r13 cannot do without.
pub const DISPLACED_REGISTER: usize = 5;
