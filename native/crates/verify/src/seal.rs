//! Judges shares of the Ethash family from the light cache. A share whose claimed mix misses both targets costs
//! two permutations and no more; what is accepted is always the true mix's.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use otedama_contexts::{Contexts, Key};
use otedama_hash_api::{HashError, MixProof};
use otedama_hash_registry::{self as registry, SealShare, Selection};
use otedama_primitives::U256;

use crate::job::{Body, Job, JobsSnapshot, SealJob};
use crate::layout::{Claim, Judgement, Record, Verdict};
use crate::parallel::in_chunks;
use crate::verifier::{Summary, judge};

/// Shares that one call of the kernel works on side by side.
const CHUNK: usize = 48;

pub struct SealJudge {
    selection: Selection,
    threads: usize,
}

/// A share that is worth the full hash.
struct Candidate<'a> {
    index: usize,
    job: &'a Job,
    share_target: U256,
    share: SealShare,
}

impl SealJudge {
    pub const fn new(selection: Selection, threads: NonZeroUsize) -> Self {
        Self { selection, threads: threads.get() }
    }

    pub fn verify(
        &self,
        jobs: &JobsSnapshot,
        records: &mut [Record],
        summary: &mut Summary,
    ) -> Result<(), HashError> {
        let mut by_key: HashMap<Key, Vec<Candidate<'_>>> = HashMap::new();
        for (index, record) in records.iter_mut().enumerate() {
            match self.read_share(jobs, index, &Claim::read(record)) {
                Ok((key, candidate)) => by_key.entry(key).or_default().push(candidate),
                Err(judgement) => summary.write(judgement, record),
            }
        }
        for (key, candidates) in by_key {
            let light = Contexts::shared().light(key)?;
            registry::prove_light(self.selection, &light)?;
            let shares: Vec<SealShare> = candidates.iter().map(|candidate| candidate.share).collect();
            let mut proofs = vec![MixProof::default(); shares.len()];
            let work = |(): &mut (), shares: &[SealShare], proofs: &mut [MixProof]| {
                registry::seal_proofs(&light, shares, proofs);
            };
            in_chunks(&shares, &mut proofs, CHUNK, self.threads, || Ok(()), work, |()| {})?;
            for (candidate, proof) in candidates.iter().zip(proofs) {
                let number = U256::from_be_bytes(proof.hash);
                let verdict = judge(&number, &candidate.job.network_target, &candidate.share_target);
                let judgement = Judgement { verdict, pow_hash: proof.hash, block_hash: proof.mix };
                summary.write(judgement, &mut records[candidate.index]);
            }
        }
        Ok(())
    }

    fn read_share<'a>(
        &self,
        jobs: &'a JobsSnapshot,
        index: usize,
        claim: &Claim<'_>,
    ) -> Result<(Key, Candidate<'a>), Judgement> {
        let job = jobs.get(&claim.job_key).ok_or(Judgement::without_hashes(Verdict::UnknownJob))?;
        let Body::Seal(SealJob { header_hash, block_number, key }) = &job.body else {
            return Err(Judgement::without_hashes(Verdict::UnknownJob));
        };
        let share =
            SealShare { header_hash: *header_hash, block_number: *block_number, nonce: claim.nonce_64() };
        if let Some(mix) = claim.mix {
            let hash = registry::seal_final_hash(self.selection.algorithm, &share, &mix);
            let number = U256::from_be_bytes(hash);
            if judge(&number, &job.network_target, &claim.share_target) == Verdict::LowDifficulty {
                return Err(Judgement { verdict: Verdict::LowDifficulty, pow_hash: hash, block_hash: mix });
            }
        }
        Ok((*key, Candidate { index, job, share_target: claim.share_target, share }))
    }
}
