//! Judges shares of header algorithms: coinbase, merkle root, header, hash, in lanes from end to end.

use std::sync::{Mutex, PoisonError};

use otedama_hash_api::{Algorithm, HashError, PowHasher};
use otedama_hash_registry::{self as registry, Selection};
use otedama_primitives::{BlockHeader, Hash, MerklePair, U256};
use otedama_sha256::Engine;

use crate::job::{Body, CoinbaseJob, Job, JobsSnapshot};
use crate::layout::{Claim, Judgement, Record, Verdict};
use crate::verifier::{Summary, judge};

/// Shares judged together: a multiple of every backend's lanes.
const GROUP: usize = 48;

pub struct HeaderJudge {
    selection: Selection,
    engine: Engine,
    /// Hashers at rest. They own scratch memory, so they are kept, one per thread that ever ran in parallel.
    idle: Mutex<Vec<Box<dyn PowHasher>>>,
}

/// A share whose claim can be hashed.
struct Candidate<'a> {
    index: usize,
    job: &'a Job,
    coinbase: &'a CoinbaseJob,
    share_target: U256,
}

impl HeaderJudge {
    /// Fails when the backend does not give the known answers.
    pub fn new(selection: Selection) -> Result<Self, HashError> {
        let first = registry::header_hasher(selection)?;
        Ok(Self { selection, engine: Engine::fastest(), idle: Mutex::new(vec![first]) })
    }

    pub fn verify(
        &self,
        jobs: &JobsSnapshot,
        records: &mut [Record],
        summary: &mut Summary,
    ) -> Result<(), HashError> {
        let mut hasher = self.take_hasher()?;
        let mut group = Group::default();
        for records in records.chunks_mut(GROUP) {
            self.judge_group(jobs, records, hasher.as_mut(), &mut group, summary);
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(hasher);
        Ok(())
    }

    fn take_hasher(&self) -> Result<Box<dyn PowHasher>, HashError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| registry::header_hasher(self.selection), Ok)
    }

    fn judge_group(
        &self,
        jobs: &JobsSnapshot,
        records: &mut [Record],
        hasher: &mut dyn PowHasher,
        group: &mut Group,
        summary: &mut Summary,
    ) {
        group.clear();
        let mut candidates: Vec<Candidate<'_>> = Vec::with_capacity(records.len());
        for (index, record) in records.iter_mut().enumerate() {
            match self.read_share(jobs, index, &Claim::read(record), group) {
                Ok(candidate) => candidates.push(candidate),
                Err(verdict) => summary.write(Judgement::without_hashes(verdict), record),
            }
        }
        self.fold_branches(&candidates, &mut group.nodes);
        group.headers.extend(candidates.iter().zip(&group.nodes).map(|(candidate, root)| {
            let claim = Claim::read(&records[candidate.index]);
            let CoinbaseJob { prev_hash, bits, .. } = candidate.coinbase;
            BlockHeader::new(claim.version, prev_hash, root, claim.time, *bits, claim.nonce)
        }));
        group.hashes.resize(group.headers.len(), [0; 32]);
        hasher.hash_headers(&group.headers, &mut group.hashes);
        for ((candidate, header), pow_hash) in candidates.iter().zip(&group.headers).zip(&group.hashes) {
            let number = U256::from_le_bytes(pow_hash);
            let verdict = judge(&number, &candidate.job.network_target, &candidate.share_target);
            let block_hash = self.block_hash(verdict, header, pow_hash);
            let judgement = Judgement { verdict, pow_hash: *pow_hash, block_hash };
            summary.write(judgement, &mut records[candidate.index]);
        }
    }

    /// Finds the job and hashes the coinbase into the next node of the group.
    fn read_share<'a>(
        &self,
        jobs: &'a JobsSnapshot,
        index: usize,
        claim: &Claim<'_>,
        group: &mut Group,
    ) -> Result<Candidate<'a>, Verdict> {
        let job = jobs.get(&claim.job_key).ok_or(Verdict::UnknownJob)?;
        let Body::Coinbase(coinbase) = &job.body else { return Err(Verdict::UnknownJob) };
        let extranonce = claim.extranonce.ok_or(Verdict::Malformed)?;
        group.nodes.push(coinbase.coinbase_hash(&self.engine, extranonce, &mut group.buffer));
        Ok(Candidate { index, job, coinbase, share_target: claim.share_target })
    }

    /// Turns each coinbase hash into its merkle root, level by level so that the levels share the lanes.
    fn fold_branches(&self, shares: &[Candidate<'_>], nodes: &mut [Hash]) {
        let levels = shares.iter().map(|share| share.coinbase.merkle_branch.len()).max().unwrap_or(0);
        let mut lanes = [0usize; GROUP];
        let mut pairs = [[0u8; 64]; GROUP];
        let mut parents = [[0u8; 32]; GROUP];
        for level in 0..levels {
            let mut count = 0;
            for (lane, share) in shares.iter().enumerate() {
                if let Some(sibling) = share.coinbase.merkle_branch.get(level) {
                    lanes[count] = lane;
                    pairs[count] = merkle_pair(&nodes[lane], sibling);
                    count += 1;
                }
            }
            self.engine.sha256d_pairs(&pairs[..count], &mut parents[..count]);
            for (lane, parent) in lanes.iter().zip(&parents[..count]) {
                nodes[*lane] = *parent;
            }
        }
    }

    /// The block's id; needed only for shares that go on.
    fn block_hash(&self, verdict: Verdict, header: &BlockHeader, pow_hash: &Hash) -> Hash {
        match self.selection.algorithm {
            Algorithm::Sha256d => *pow_hash,
            _ if verdict.is_accepted() => self.engine.sha256d(header.as_bytes()),
            _ => [0; 32],
        }
    }
}

fn merkle_pair(left: &Hash, right: &Hash) -> MerklePair {
    let mut pair = [0u8; 64];
    pair[..32].copy_from_slice(left);
    pair[32..].copy_from_slice(right);
    pair
}

/// Working memory of one batch.
#[derive(Default)]
struct Group {
    /// Coinbase hashes, then merkle roots.
    nodes: Vec<Hash>,
    headers: Vec<BlockHeader>,
    hashes: Vec<Hash>,
    buffer: Vec<u8>,
}

impl Group {
    fn clear(&mut self) {
        self.nodes.clear();
        self.headers.clear();
        self.hashes.clear();
    }
}
