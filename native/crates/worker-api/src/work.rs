use core::fmt;
use std::sync::Arc;

use otedama_hash_api::{Family, NONCE_END, NonceRange};
use otedama_primitives::{Hash, U256};

/// Bytes of extranonce1 and extranonce2 together; the share batch has no room for more.
pub const MAX_EXTRANONCE: usize = 32;

/// Longer than any coin's hashing blob.
pub const MAX_BLOB: usize = 512;

/// A job with everything needed to search it.
#[derive(Clone, Debug)]
pub struct Work {
    /// The caller's name for it, returned with each share.
    pub id: u32,
    /// Share target.
    pub target: U256,
    pub task: Task,
}

/// What there is to search, by the algorithm's family.
#[derive(Clone, Debug)]
pub enum Task {
    Coinbase(Arc<CoinbaseTask>),
    Seal(SealTask),
    Blob(BlobTask),
}

/// Headers made of a coinbase, as Stratum V1 gives them.
#[derive(Clone, Debug)]
pub struct CoinbaseTask {
    pub coinbase_prefix: Vec<u8>,
    pub coinbase_suffix: Vec<u8>,
    pub extranonce1: Vec<u8>,
    pub extranonce2_size: usize,
    pub merkle_branch: Vec<Hash>,
    pub prev_hash: Hash,
    pub version: u32,
    /// Version bits that may be rolled; zero when none was granted.
    pub version_mask: u32,
    pub n_time: u32,
    pub bits: u32,
}

/// A header hash of Ethash, Etchash or KawPow.
#[derive(Clone, Debug)]
pub struct SealTask {
    pub header_hash: Hash,
    pub block_number: u32,
    /// The part of the nonce space that the pool has given.
    pub nonces: NonceRange,
}

/// A RandomX hashing blob.
#[derive(Clone, Debug)]
pub struct BlobTask {
    pub bytes: Vec<u8>,
    /// Where the four little-endian bytes of the nonce lie.
    pub nonce_offset: usize,
    /// The part of the nonce space that the pool has given, within 0..2^32.
    pub nonces: NonceRange,
    pub seed: Hash,
    /// The seed after this one, as soon as the chain has it: it is prepared ahead.
    pub next_seed: Option<Hash>,
}

impl Work {
    pub fn check(&self) -> Result<(), WorkError> {
        match &self.task {
            Task::Coinbase(task) if task.extranonce1.len() + task.extranonce2_size > MAX_EXTRANONCE => {
                Err(WorkError::ExtranonceTooLong)
            }
            Task::Seal(task) if task.nonces.is_empty() => Err(WorkError::NoNonces),
            Task::Blob(task) if task.nonces.is_empty() || task.nonces.end > NONCE_END => {
                Err(WorkError::NoNonces)
            }
            Task::Blob(task)
                if task.bytes.len() > MAX_BLOB
                    || task.nonce_offset.checked_add(4).is_none_or(|end| end > task.bytes.len()) =>
            {
                Err(WorkError::Blob)
            }
            _ => Ok(()),
        }
    }

    pub const fn family(&self) -> Family {
        match &self.task {
            Task::Coinbase(_) => Family::Header,
            Task::Seal(_) => Family::Seal,
            Task::Blob(_) => Family::Blob,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkError {
    ExtranonceTooLong,
    NoNonces,
    Blob,
    /// The work is of another family than the worker's algorithm.
    Family,
    UnknownEpoch,
}

impl WorkError {
    pub const fn code(self) -> &'static str {
        match self {
            Self::ExtranonceTooLong => "EXTRANONCE_TOO_LONG",
            Self::NoNonces => "NO_NONCES",
            Self::Blob => "BLOB_SHAPE",
            Self::Family => "WORK_FAMILY",
            Self::UnknownEpoch => "UNKNOWN_EPOCH",
        }
    }
}

impl fmt::Display for WorkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExtranonceTooLong => {
                write!(formatter, "extranonce1 and extranonce2 have at most {MAX_EXTRANONCE} bytes together")
            }
            Self::NoNonces => formatter.write_str("the range of nonces is empty or beyond the nonce's size"),
            Self::Blob => write!(
                formatter,
                "a blob has at most {MAX_BLOB} bytes and its nonce offset leaves room for four of them"
            ),
            Self::Family => formatter.write_str("the work does not fit the algorithm"),
            Self::UnknownEpoch => formatter.write_str("the block is beyond the last epoch"),
        }
    }
}

impl std::error::Error for WorkError {}

/// A solution in the terms of its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub work_id: u32,
    pub nonce: u64,
    pub pow_hash: Hash,
    /// Zero but for the Seal family.
    pub mix: Hash,
    /// What was rolled besides the nonce: only coinbase tasks have it.
    pub rolled: Option<Rolled>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rolled {
    pub extranonce2: Vec<u8>,
    pub n_time: u32,
    pub version: u32,
}
