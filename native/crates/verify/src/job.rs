use core::fmt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otedama_contexts::Key;
use otedama_cryptonote::{Template, TemplateError, TemplateParts};
use otedama_hash_api::{Algorithm, Family};
use otedama_primitives::{Hash, U256};
use otedama_sha256::{Engine, INITIAL_STATE, State};

use crate::layout::Verdict;

/// Jobs a verifier keeps at once. A pool has a few live jobs per protocol and connection family; more means
/// that the caller forgets to remove them.
pub const MAX_JOBS: usize = 4096;

/// Templates of miners that a job keeps: one for each session that brings its own, and each of its jobs.
pub const MAX_ADOPTED: usize = 4096;

/// Of a template that a miner brought, and of no template of the pool: shares are told apart by it.
pub const ADOPTED_EXTRA_NONCE_BYTES: usize = 8;

/// A block may have 2^32 transactions at most, far beyond what fits.
const MAX_BRANCH: usize = 32;

/// A coinbase cannot be larger than a block.
const MAX_COINBASE: usize = 4_000_000;

/// A job as the caller gives it.
#[derive(Clone, Debug)]
pub struct JobDescription {
    pub network_target: U256,
    pub kind: JobKind,
}

/// What shares of the job complete, by the algorithm's family.
#[derive(Clone, Debug)]
pub enum JobKind {
    Coinbase(CoinbaseDescription),
    Seal(SealDescription),
    Blob(BlobDescription),
}

#[derive(Clone, Debug)]
pub struct CoinbaseDescription {
    pub coinbase_prefix: Vec<u8>,
    pub coinbase_suffix: Vec<u8>,
    pub merkle_branch: Vec<Hash>,
    pub prev_hash: Hash,
    pub bits: u32,
}

#[derive(Clone, Debug)]
pub struct SealDescription {
    pub header_hash: Hash,
    pub block_number: u32,
}

#[derive(Clone, Debug)]
pub struct BlobDescription {
    /// What is hashed follows from it and the extra nonce of the session.
    pub template: TemplateParts,
    pub seed: Hash,
}

/// A job ready for judging.
#[derive(Debug)]
pub struct Job {
    pub(crate) network_target: U256,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub enum Body {
    Coinbase(CoinbaseJob),
    Seal(SealJob),
    Blob(BlobJob),
}

/// The part of the coinbase before the extranonce is hashed as far as it goes.
#[derive(Debug)]
pub struct CoinbaseJob {
    prefix_state: State,
    prefix_absorbed: u64,
    prefix_rest: Vec<u8>,
    suffix: Vec<u8>,
    pub merkle_branch: Vec<Hash>,
    pub prev_hash: Hash,
    pub bits: u32,
}

#[derive(Debug)]
pub struct SealJob {
    pub header_hash: Hash,
    pub block_number: u32,
    pub key: Key,
}

#[derive(Debug)]
pub struct BlobJob {
    template: Template,
    pub key: Key,
    /// Templates that miners brought for this job, by the extra nonce of their session. Batches under way see
    /// those that come: a share of one can only be later.
    adopted: Mutex<HashMap<Vec<u8>, Arc<Template>>>,
}

impl Job {
    pub fn new(description: JobDescription, algorithm: Algorithm, engine: &Engine) -> Result<Self, JobError> {
        let body = match description.kind {
            JobKind::Coinbase(kind) if algorithm.family() == Family::Header => {
                Body::Coinbase(CoinbaseJob::new(kind, engine)?)
            }
            JobKind::Seal(SealDescription { header_hash, block_number }) => {
                let key = Key::of_block(algorithm, u64::from(block_number)).ok_or(JobError::Family)?;
                let key = key.map_err(|_| JobError::UnknownEpoch)?;
                Body::Seal(SealJob { header_hash, block_number, key })
            }
            JobKind::Blob(BlobDescription { template, seed }) if algorithm.family() == Family::Blob => {
                Body::Blob(BlobJob::new(template, Key::of_seed(seed))?)
            }
            JobKind::Coinbase(_) | JobKind::Blob(_) => return Err(JobError::Family),
        };
        Ok(Self { network_target: description.network_target, body })
    }
}

impl CoinbaseJob {
    fn new(description: CoinbaseDescription, engine: &Engine) -> Result<Self, JobError> {
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
        })
    }

    /// Hash of the coinbase: leaf 0 of the merkle tree. `buffer` is working memory.
    pub fn coinbase_hash(&self, engine: &Engine, extranonce: &[u8], buffer: &mut Vec<u8>) -> Hash {
        buffer.clear();
        buffer.extend_from_slice(&self.prefix_rest);
        buffer.extend_from_slice(extranonce);
        buffer.extend_from_slice(&self.suffix);
        engine.sha256d_after(self.prefix_state, self.prefix_absorbed, buffer)
    }
}

impl BlobJob {
    fn new(template: TemplateParts, key: Key) -> Result<Self, JobError> {
        let template = Template::new(template).map_err(JobError::Template)?;
        Ok(Self { template, key, adopted: Mutex::default() })
    }

    fn adopt(&self, extra_nonce: &[u8], parts: TemplateParts) -> Result<(), JobError> {
        let template = Template::new(parts).map_err(JobError::Template)?;
        let lengths = [extra_nonce.len(), template.extra_nonce_bytes()];
        if lengths != [ADOPTED_EXTRA_NONCE_BYTES; 2]
            || self.template.extra_nonce_bytes() == ADOPTED_EXTRA_NONCE_BYTES
        {
            return Err(JobError::ExtraNonce);
        }
        let mut adopted = self.adopted();
        if adopted.len() >= MAX_ADOPTED && !adopted.contains_key(extra_nonce) {
            return Err(JobError::TooManyTemplates);
        }
        adopted.insert(extra_nonce.to_vec(), Arc::new(template));
        Ok(())
    }

    /// What a share with this extra nonce and nonce has hashed.
    pub fn mined_blob(&self, extra_nonce: &[u8], nonce: u32) -> Result<Vec<u8>, Verdict> {
        if extra_nonce.len() != ADOPTED_EXTRA_NONCE_BYTES {
            return self.template.mined_blob(extra_nonce, nonce).ok_or(Verdict::Malformed);
        }
        // A template that is not here (any more) is as good as a job that is gone.
        let template = self.adopted().get(extra_nonce).map(Arc::clone).ok_or(Verdict::UnknownJob)?;
        template.mined_blob(extra_nonce, nonce).ok_or(Verdict::Malformed)
    }

    fn adopted(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Arc<Template>>> {
        self.adopted.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Shares of the job that have this extra nonce are judged by a template of their miner's. It is for the
    /// job's block: its network target and its key are the job's.
    pub fn adopt(&self, key: u32, extra_nonce: &[u8], template: TemplateParts) -> Result<(), JobError> {
        let job = self.0.get(&key).ok_or(JobError::UnknownJob)?;
        match &job.body {
            Body::Blob(job) => job.adopt(extra_nonce, template),
            Body::Coinbase(_) | Body::Seal(_) => Err(JobError::Family),
        }
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
    TooManyTemplates,
    UnknownJob,
    BranchTooLong,
    CoinbaseTooLong,
    Template(TemplateError),
    /// Of a template that a miner brought.
    ExtraNonce,
    UnknownEpoch,
    /// The job is of another family than the verifier's algorithm.
    Family,
}

impl JobError {
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooManyJobs => "TOO_MANY_JOBS",
            Self::TooManyTemplates => "TOO_MANY_TEMPLATES",
            Self::UnknownJob => "UNKNOWN_JOB",
            Self::BranchTooLong => "BRANCH_TOO_LONG",
            Self::CoinbaseTooLong => "COINBASE_TOO_LONG",
            Self::Template(error) => error.code(),
            Self::ExtraNonce => "EXTRA_NONCE",
            Self::UnknownEpoch => "UNKNOWN_EPOCH",
            Self::Family => "JOB_FAMILY",
        }
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyJobs => write!(formatter, "{MAX_JOBS} jobs are live, remove one first"),
            Self::TooManyTemplates => {
                write!(formatter, "miners have brought {MAX_ADOPTED} templates for the job")
            }
            Self::UnknownJob => formatter.write_str("there is no such job"),
            Self::BranchTooLong => write!(formatter, "a merkle branch has at most {MAX_BRANCH} hashes"),
            Self::CoinbaseTooLong => write!(formatter, "a coinbase has at most {MAX_COINBASE} bytes"),
            Self::Template(error) => error.fmt(formatter),
            Self::ExtraNonce => write!(
                formatter,
                "a miner's template has an extra nonce of {ADOPTED_EXTRA_NONCE_BYTES} bytes, the job's another"
            ),
            Self::UnknownEpoch => formatter.write_str("the block is beyond the last epoch"),
            Self::Family => formatter.write_str("the job does not fit the verifier's algorithm"),
        }
    }
}

impl std::error::Error for JobError {}

#[cfg(test)]
mod tests {
    use otedama_cryptonote::MinerTxVersion;

    use super::*;

    fn job() -> Job {
        let kind = SealDescription { header_hash: [0; 32], block_number: 0 };
        let description = JobDescription { network_target: U256::ZERO, kind: JobKind::Seal(kind) };
        Job::new(description, Algorithm::Ethash, &Engine::fastest()).unwrap()
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

    fn template(nonce_offset: usize, extra_nonce_bytes: usize) -> TemplateParts {
        TemplateParts {
            header: vec![0; 43],
            nonce_offset,
            miner_tx_version: MinerTxVersion::V2,
            miner_tx_prefix: vec![],
            miner_tx_suffix: vec![],
            extra_nonce_bytes,
            merkle_branch: vec![],
            tx_count: 1,
        }
    }

    fn blob_job() -> Job {
        let kind = BlobDescription { template: template(39, 16), seed: [0; 32] };
        let description = JobDescription { network_target: U256::ZERO, kind: JobKind::Blob(kind) };
        Job::new(description, Algorithm::RandomX, &Engine::fastest()).unwrap()
    }

    #[test]
    fn refuses_templates_that_no_share_can_name() {
        let mut table = JobTable::default();
        table.add(1, job()).unwrap();
        table.add(2, blob_job()).unwrap();
        let cases = [
            (1, &[0; 8][..], template(39, 8), JobError::Family),
            (2, &[0; 8], template(40, 8), JobError::Template(TemplateError::NonceOffset)),
            (2, &[0; 7], template(39, 8), JobError::ExtraNonce),
            (2, &[0; 8], template(39, 7), JobError::ExtraNonce),
            (2, &[0; 16], template(39, 16), JobError::ExtraNonce),
            (3, &[0; 8], template(39, 8), JobError::UnknownJob),
        ];
        for (key, extra_nonce, parts, error) in cases {
            assert_eq!(table.adopt(key, extra_nonce, parts), Err(error));
        }
    }

    #[test]
    fn keeps_templates_up_to_a_cap_and_loses_them_with_their_job() {
        let mut table = JobTable::default();
        table.add(2, blob_job()).unwrap();
        let adopt =
            |table: &JobTable, index: usize| table.adopt(2, &(index as u64).to_le_bytes(), template(39, 8));
        for index in 0..MAX_ADOPTED {
            adopt(&table, index).unwrap();
        }
        assert_eq!(adopt(&table, MAX_ADOPTED), Err(JobError::TooManyTemplates));
        assert_eq!(adopt(&table, 7), Ok(()));
        table.remove(2);
        assert_eq!(adopt(&table, 7), Err(JobError::UnknownJob));
    }

    #[test]
    fn refuses_jobs_that_cannot_be_judged() {
        let blob = |nonce_offset| {
            JobKind::Blob(BlobDescription { template: template(nonce_offset, 16), seed: [0; 32] })
        };
        let seal = |block_number| JobKind::Seal(SealDescription { header_hash: [0; 32], block_number });
        let cases = [
            (Algorithm::RandomX, blob(40), JobError::Template(TemplateError::NonceOffset)),
            (Algorithm::RandomX, seal(1), JobError::Family),
            (Algorithm::Sha256d, blob(39), JobError::Family),
            (Algorithm::KawPow, blob(39), JobError::Family),
            (Algorithm::Ethash, seal(u32::MAX), JobError::UnknownEpoch),
        ];
        for (algorithm, kind, error) in cases {
            let description = JobDescription { network_target: U256::ZERO, kind };
            assert_eq!(Job::new(description, algorithm, &Engine::fastest()).unwrap_err(), error);
        }
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
