use otedama_primitives::{BlockHeader, Hash, U256};

use crate::{Interrupt, NonceRange};

/// Everything that is hashed but for the nonce.
#[derive(Clone, Debug)]
pub enum Puzzle {
    Header(BlockHeader),
    Seal {
        header_hash: Hash,
        /// KawPow's program follows from it.
        block_number: u32,
    },
    Blob {
        bytes: Vec<u8>,
        /// Where the four little-endian bytes of the nonce lie; they are inside `bytes`.
        nonce_offset: usize,
    },
}

/// A nonce that meets the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Solution {
    pub nonce: u64,
    /// As the algorithm gives it; the family says which end is the significant one.
    pub hash: Hash,
    /// Zero but for the Seal family.
    pub mix: Hash,
}

/// One thread's miner of any algorithm, ready to hash: owns its scratch memory, shares the dataset.
pub trait Searcher: Send {
    /// Nonces worked on side by side.
    fn lanes(&self) -> usize;

    /// Tries `nonces` in ascending order and appends every solution; exact at the target's edge. Returns how
    /// many it tried: fewer than asked when interrupted, or to hand over what it has found.
    ///
    /// A puzzle of another family is a defect of the caller and panics.
    fn search(
        &mut self,
        puzzle: &Puzzle,
        target: &U256,
        nonces: NonceRange,
        interrupt: &Interrupt<'_>,
        solutions: &mut Vec<Solution>,
    ) -> u64;
}
