//! Judges RandomX shares: the hashing blob from template, extra nonce and nonce, its hash from the dataset if
//! somebody in the process mines with it, else from the cache.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use otedama_contexts::{Contexts, Key};
use otedama_cryptonote::block_id_of;
use otedama_hash_api::HashError;
use otedama_hash_registry::{self as registry, BlobHasher, Selection};
use otedama_primitives::{Hash, U256};

use crate::job::{Body, Job, JobsSnapshot};
use crate::layout::{Claim, Judgement, Record, Verdict};
use crate::parallel::in_chunks;
use crate::verifier::{Summary, judge};

/// A hash takes milliseconds, but two in a row overlap.
const CHUNK: usize = 4;

pub struct BlobJudge {
    selection: Selection,
    threads: usize,
    /// Hashers at rest with what they were made from, those used last at the end. Each has 2 MiB of its own.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    key: Key,
    fast: bool,
    hasher: BlobHasher,
}

struct Candidate<'a> {
    index: usize,
    job: &'a Job,
    share_target: U256,
    blob: Vec<u8>,
}

impl BlobJudge {
    pub const fn new(selection: Selection, threads: NonZeroUsize) -> Self {
        Self { selection, threads: threads.get(), idle: Mutex::new(Vec::new()) }
    }

    /// Leaves a hasher of the key ready.
    pub fn prove(&self, key: Key) -> Result<(), HashError> {
        self.take(key).map(|idle| self.put_back(idle))
    }

    pub fn verify(
        &self,
        jobs: &JobsSnapshot,
        records: &mut [Record],
        summary: &mut Summary,
    ) -> Result<(), HashError> {
        let mut by_key: HashMap<Key, Vec<Candidate<'_>>> = HashMap::new();
        for (index, record) in records.iter_mut().enumerate() {
            match read_share(jobs, index, &Claim::read(record)) {
                Ok((key, candidate)) => by_key.entry(key).or_default().push(candidate),
                Err(verdict) => summary.write(Judgement::without_hashes(verdict), record),
            }
        }
        for (key, candidates) in by_key {
            let blobs: Vec<&[u8]> = candidates.iter().map(|candidate| &candidate.blob[..]).collect();
            let mut hashes: Vec<Hash> = vec![[0; 32]; blobs.len()];
            let work = |idle: &mut Idle, blobs: &[&[u8]], hashes: &mut [Hash]| {
                idle.hasher.hash_many(blobs, hashes);
            };
            let finish = |idle| self.put_back(idle);
            in_chunks(&blobs, &mut hashes, CHUNK, self.threads, || self.take(key), work, finish)?;
            for (candidate, pow_hash) in candidates.iter().zip(hashes) {
                let number = U256::from_le_bytes(&pow_hash);
                let verdict = judge(&number, &candidate.job.network_target, &candidate.share_target);
                let block_hash = if verdict.is_candidate() { block_id_of(&candidate.blob) } else { [0; 32] };
                let judgement = Judgement { verdict, pow_hash, block_hash };
                summary.write(judgement, &mut records[candidate.index]);
            }
        }
        Ok(())
    }

    /// A hasher that has proved itself.
    fn take(&self, key: Key) -> Result<Idle, HashError> {
        let light = Contexts::shared().light(key)?;
        let full = Contexts::shared().ready_full(key);
        let fast = full.is_some();
        {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            // Those on a dataset that nobody mines with any more would keep its gigabytes.
            idle.retain(|idle| idle.key != key || idle.fast == fast);
            if let Some(at) = idle.iter().position(|idle| idle.key == key) {
                return Ok(idle.remove(at));
            }
        }
        let hasher = registry::blob_hasher(self.selection, &light, full.as_deref())?;
        Ok(Idle { key, fast, hasher })
    }

    fn put_back(&self, hasher: Idle) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() == self.threads {
            idle.remove(0);
        }
        idle.push(hasher);
    }
}

/// Builds the blob that the miner claims to have hashed.
fn read_share<'a>(
    jobs: &'a JobsSnapshot,
    index: usize,
    claim: &Claim<'_>,
) -> Result<(Key, Candidate<'a>), Verdict> {
    let job = jobs.get(&claim.job_key).ok_or(Verdict::UnknownJob)?;
    let Body::Blob(blob_job) = &job.body else {
        return Err(Verdict::UnknownJob);
    };
    let extra_nonce = claim.extranonce.ok_or(Verdict::Malformed)?;
    let blob = blob_job.mined_blob(extra_nonce, claim.nonce)?;
    Ok((blob_job.key, Candidate { index, job, share_target: claim.share_target, blob }))
}
