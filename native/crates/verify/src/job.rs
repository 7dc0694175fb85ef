use core::fmt;
use std::collections::HashMap;
use std::sync::Arc;

use otedama_primitives::{Hash, U256};
use otedama_sha256::{Engine, INITIAL_STATE, State};

/// Jobs a verifier keeps at once. A pool has a few live jobs per protocol and connection family; more means
/// that the caller forgets to remove them.
pub const MAX_JOBS: usize = 4096;

/// A block may have 2^32 transactions at most, far beyond what fits.
const MAX_BRANCH: usize = 32;

/// A coinbase cannot be larger than a block.
const MAX_COINBASE: usize = 4_000_000;

/// A job as the caller gives it.
#[derive(Clone, Debug)]
pub struct JobDescription {
    pub coinbase_prefix: Vec<u8>,
    pub coinbase_suffix: Vec<u8>,
    pub merkle_branch: Vec<Hash>,
    pub prev_hash: Hash,
    pub bits: u32,
    pub network_target: U256,
}

/// A job ready for judging: the part of the coinbase before the extranonce is hashed as far as it goes.
#[derive(Debug)]
pub struct Job {
    prefix_state: State,
    prefix_absorbed: u64,
    prefix_rest: Vec<u8>,
    suffix: Vec<u8>,
    pub(crate) merkle_branch: Vec<Hash>,
    pub(crate) prev_hash: Hash,
    pub(crate) bits: u32,
    pub(crate) network_target: U256,
}

impl Job {
    pub fn new(description: JobDescription, engine: &Engine) -> Result<Self, JobError> {
        if description.merkle_branch.len() > MAX_BRANCH {
            return Err(JobError::BranchTooLong);
        }
        if description.coinbase_prefix.len() + description.coinbase_suffix.len() > MAX_COINBASE {
            return Err(JobError::CoinbaseTooLong);
        }
        let mut prefix_state = INITIAL_STATE;
        let (blocks, rest) = description.coinbase_prefix.as_chunks::<64>();
        for block in blocks {
            engine.compress(&mut prefix_state, block);
        }
        Ok(Self {
            prefix_state,
            prefix_absorbed: 64 * blocks.len() as u64,
            prefix_rest: rest.to_vec(),
            suffix: description.coinbase_suffix,
            merkle_branch: description.merkle_branch,
            prev_hash: description.prev_hash,
            bits: description.bits,
            network_target: description.network_target,
        })
    }

    /// Hash of the coinbase: leaf 0 of the merkle tree. `buffer` is working memory.
    pub(crate) fn coinbase_hash(&self, engine: &Engine, extranonce: &[u8], buffer: &mut Vec<u8>) -> Hash {
        buffer.clear();
        buffer.extend_from_slice(&self.prefix_rest);
        buffer.extend_from_slice(extranonce);
        buffer.extend_from_slice(&self.suffix);
        engine.sha256d_after(self.prefix_state, self.prefix_absorbed, buffer)
    }
}

/// The jobs at one moment; judging a batch is not disturbed by later changes.
pub type JobsSnapshot = Arc<HashMap<u32, Arc<Job>>>;

/// Live jobs by key, bounded.
#[derive(Debug, Default)]
pub struct JobTable(JobsSnapshot);

impl JobTable {
    /// Adds or replaces a job.
    pub fn add(&mut self, key: u32, job: Job) -> Result<(), JobError> {
        if self.0.len() >= MAX_JOBS && !self.0.contains_key(&key) {
            return Err(JobError::TooManyJobs);
        }
        Arc::make_mut(&mut self.0).insert(key, Arc::new(job));
        Ok(())
    }

    /// Removing what is not there is not an error: jobs expire in several places.
    pub fn remove(&mut self, key: u32) {
        if self.0.contains_key(&key) {
            Arc::make_mut(&mut self.0).remove(&key);
        }
    }

    pub fn snapshot(&self) -> JobsSnapshot {
        Arc::clone(&self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobError {
    TooManyJobs,
    BranchTooLong,
    CoinbaseTooLong,
}

impl JobError {
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooManyJobs => "TOO_MANY_JOBS",
            Self::BranchTooLong => "BRANCH_TOO_LONG",
            Self::CoinbaseTooLong => "COINBASE_TOO_LONG",
        }
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyJobs => write!(formatter, "{MAX_JOBS} jobs are live, remove one first"),
            Self::BranchTooLong => write!(formatter, "a merkle branch has at most {MAX_BRANCH} hashes"),
            Self::CoinbaseTooLong => write!(formatter, "a coinbase has at most {MAX_COINBASE} bytes"),
        }
    }
}

impl std::error::Error for JobError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        let description = JobDescription {
            coinbase_prefix: vec![],
            coinbase_suffix: vec![],
            merkle_branch: vec![],
            prev_hash: [0; 32],
            bits: 0,
            network_target: U256::ZERO,
        };
        Job::new(description, &Engine::fastest()).unwrap()
    }

    #[test]
    fn refuses_a_job_beyond_the_cap_until_one_is_removed() {
        let mut table = JobTable::default();
        for key in 0..MAX_JOBS as u32 {
            table.add(key, job()).unwrap();
        }
        assert_eq!(table.add(u32::MAX, job()), Err(JobError::TooManyJobs));
        assert_eq!(table.add(7, job()), Ok(()));
        table.remove(7);
        table.remove(7);
        assert_eq!(table.add(u32::MAX, job()), Ok(()));
    }

    #[test]
    fn keeps_a_snapshot_as_it_was() {
        let mut table = JobTable::default();
        table.add(1, job()).unwrap();
        let snapshot = table.snapshot();
        table.remove(1);
        table.add(2, job()).unwrap();
        assert!(snapshot.contains_key(&1) && !snapshot.contains_key(&2));
    }
}
