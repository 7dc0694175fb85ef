use core::fmt;

use otedama_primitives::{Hash, U256};

/// Bytes of extranonce1 and extranonce2 together; the share batch has no room for more.
pub const MAX_EXTRANONCE: usize = 32;

/// A job with everything needed to search it.
#[derive(Clone, Debug)]
pub struct Work {
    /// The caller's name for it, returned with each share.
    pub id: u32,
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
    /// Share target.
    pub target: U256,
}

impl Work {
    pub fn check(&self) -> Result<(), WorkError> {
        if self.extranonce1.len() + self.extranonce2_size > MAX_EXTRANONCE {
            return Err(WorkError::ExtranonceTooLong);
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkError {
    ExtranonceTooLong,
}

impl WorkError {
    pub const fn code(self) -> &'static str {
        match self {
            Self::ExtranonceTooLong => "EXTRANONCE_TOO_LONG",
        }
    }
}

impl fmt::Display for WorkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "extranonce1 and extranonce2 have at most {MAX_EXTRANONCE} bytes together")
    }
}

impl std::error::Error for WorkError {}

/// A header at or below the share target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub work_id: u32,
    pub extranonce2: Vec<u8>,
    pub n_time: u32,
    pub nonce: u32,
    pub version: u32,
    pub pow_hash: Hash,
}
