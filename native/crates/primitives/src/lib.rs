//! Numbers and shapes every crate shares: 256-bit integers, compact targets, the 80-byte block header,
//! merkle folding. No I/O, no allocation, no hashing of its own: the fold takes the hash as a parameter.
#![no_std]
#![forbid(unsafe_code)]

mod compact;
mod difficulty;
mod header;
mod merkle;
mod u256;

pub use compact::{Compact, decode_compact, encode_compact};
pub use difficulty::{difficulty_of_bits, target_for_difficulty};
pub use header::{BlockHeader, HEADER_BYTES};
pub use merkle::{MerklePair, fold_merkle_branch};
pub use u256::U256;

/// A hash as the algorithm gives it: read as a number it is little-endian.
pub type Hash = [u8; 32];
