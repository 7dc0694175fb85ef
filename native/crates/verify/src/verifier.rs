use std::sync::{Mutex, PoisonError};

use otedama_hash_api::{Algorithm, Backend, HashError, PowHasher};
use otedama_hash_registry as registry;
use otedama_primitives::{BlockHeader, Hash, MerklePair, U256};
use otedama_sha256::Engine;

use crate::job::{Job, JobsSnapshot};
use crate::layout::{BatchError, Claim, Judgement, Record, Verdict, records_mut};

/// Shares judged together: a multiple of every backend's lanes.
const GROUP: usize = 48;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Shares that count for their miner, candidates among them.
    pub accepted: u32,
    pub candidates: u32,
    pub rejected: u32,
}

/// Judges batches; any number of threads may do so at once.
pub struct Verifier {
    algorithm: Algorithm,
    backend: &'static Backend,
    engine: Engine,
    /// Hashers at rest. They own scratch memory, so they are kept, one per thread that ever ran in parallel.
    idle: Mutex<Vec<Box<dyn PowHasher>>>,
}

impl core::fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Verifier").field("backend", self.backend).finish_non_exhaustive()
    }
}

impl Verifier {
    /// Fails when the backend does not give the known answers.
    pub fn new(algorithm: Algorithm, backend: &'static Backend) -> Result<Self, HashError> {
        let first = registry::create(algorithm, backend)?;
        Ok(Self { algorithm, backend, engine: Engine::fastest(), idle: Mutex::new(vec![first]) })
    }

    pub fn backend(&self) -> &'static str {
        self.backend.name
    }

    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Writes verdict and hashes into every record.
    pub fn verify(&self, jobs: &JobsSnapshot, batch: &mut [u8]) -> Result<Summary, VerifyError> {
        let records = records_mut(batch)?;
        let mut hasher = self.take_hasher()?;
        let mut summary = Summary::default();
        let mut group = Group::default();
        for records in records.chunks_mut(GROUP) {
            self.judge_group(jobs, records, hasher.as_mut(), &mut group, &mut summary);
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(hasher);
        Ok(summary)
    }

    fn take_hasher(&self) -> Result<Box<dyn PowHasher>, HashError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| registry::create(self.algorithm, self.backend), Ok)
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
        let mut candidates: Vec<(usize, &Job, U256)> = Vec::with_capacity(records.len());
        for (index, record) in records.iter_mut().enumerate() {
            let claim = Claim::read(record);
            match self.read_share(jobs, &claim, group) {
                Ok(job) => candidates.push((index, job, claim.share_target)),
                Err(verdict) => {
                    summary.rejected += 1;
                    Judgement::without_hashes(verdict).write(record);
                }
            }
        }
        self.fold_branches(&candidates, &mut group.nodes);
        group.headers.extend(candidates.iter().zip(&group.nodes).map(|((index, job, _), root)| {
            let claim = Claim::read(&records[*index]);
            BlockHeader::new(claim.version, &job.prev_hash, root, claim.time, job.bits, claim.nonce)
        }));
        group.hashes.resize(group.headers.len(), [0; 32]);
        hasher.hash_headers(&group.headers, &mut group.hashes);
        for (lane, (index, job, share_target)) in candidates.into_iter().enumerate() {
            let verdict = judge(&group.hashes[lane], &job.network_target, &share_target);
            summary.accepted += u32::from(verdict.is_accepted());
            summary.candidates += u32::from(verdict.is_candidate());
            summary.rejected += u32::from(!verdict.is_accepted());
            let pow_hash = group.hashes[lane];
            let block_hash = self.block_hash(verdict, &group.headers[lane], &pow_hash);
            Judgement { verdict, pow_hash, block_hash }.write(&mut records[index]);
        }
    }

    /// Finds the job and hashes the coinbase into the next node of the group.
    fn read_share<'a>(
        &self,
        jobs: &'a JobsSnapshot,
        claim: &Claim<'_>,
        group: &mut Group,
    ) -> Result<&'a Job, Verdict> {
        let job = jobs.get(&claim.job_key).ok_or(Verdict::UnknownJob)?;
        let extranonce = claim.extranonce.ok_or(Verdict::Malformed)?;
        group.nodes.push(job.coinbase_hash(&self.engine, extranonce, &mut group.buffer));
        Ok(job)
    }

    /// Turns each coinbase hash into its merkle root, level by level so that the levels share the lanes.
    fn fold_branches(&self, shares: &[(usize, &Job, U256)], nodes: &mut [Hash]) {
        let levels = shares.iter().map(|(_, job, _)| job.merkle_branch.len()).max().unwrap_or(0);
        let mut lanes = [0usize; GROUP];
        let mut pairs = [[0u8; 64]; GROUP];
        let mut parents = [[0u8; 32]; GROUP];
        for level in 0..levels {
            let mut count = 0;
            for (lane, (_, job, _)) in shares.iter().enumerate() {
                if let Some(sibling) = job.merkle_branch.get(level) {
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
        match self.algorithm {
            Algorithm::Sha256d => *pow_hash,
            Algorithm::Scrypt if verdict.is_accepted() => self.engine.sha256d(header.as_bytes()),
            Algorithm::Scrypt => [0; 32],
        }
    }
}

/// The network target comes first and on its own: on test networks it can be the easier one, and a block must
/// never be lost to a share target.
fn judge(pow_hash: &Hash, network_target: &U256, share_target: &U256) -> Verdict {
    let number = U256::from_le_bytes(pow_hash);
    match (number <= *network_target, number <= *share_target) {
        (true, true) => Verdict::Candidate,
        (true, false) => Verdict::CandidateOnly,
        (false, true) => Verdict::Accepted,
        (false, false) => Verdict::LowDifficulty,
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyError {
    Batch(BatchError),
    Hash(HashError),
}

impl VerifyError {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Batch(error) => error.code(),
            Self::Hash(error) => error.code(),
        }
    }
}

impl core::fmt::Display for VerifyError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Batch(error) => error.fmt(formatter),
            Self::Hash(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for VerifyError {}

impl From<BatchError> for VerifyError {
    fn from(error: BatchError) -> Self {
        Self::Batch(error)
    }
}

impl From<HashError> for VerifyError {
    fn from(error: HashError) -> Self {
        Self::Hash(error)
    }
}
