use std::num::NonZeroUsize;
use std::sync::Arc;

use otedama_contexts::{Contexts, Key};
use otedama_hash_api::{Algorithm, Family, HashError, Progress};
use otedama_hash_registry::{self as registry, Selection};
use otedama_primitives::U256;
use otedama_sha256::Engine;

use crate::blob::BlobJudge;
use crate::header::HeaderJudge;
use crate::job::{Job, JobDescription, JobError, JobsSnapshot};
use crate::layout::{BatchError, Judgement, Record, Verdict, records_mut};
use crate::seal::SealJudge;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Shares that count for their miner, candidates among them.
    pub accepted: u32,
    pub candidates: u32,
    pub rejected: u32,
}

impl Summary {
    /// Writes what was found out about a share and counts it.
    pub(crate) fn write(&mut self, judgement: Judgement, record: &mut Record) {
        let verdict = judgement.verdict;
        self.accepted += u32::from(verdict.is_accepted());
        self.candidates += u32::from(verdict.is_candidate());
        self.rejected += u32::from(!verdict.is_accepted());
        judgement.write(record);
    }
}

/// Judges batches; any number of threads may do so at once.
pub struct Verifier {
    selection: Selection,
    engine: Engine,
    judge: Judge,
}

enum Judge {
    Header(HeaderJudge),
    Seal(SealJudge),
    Blob(BlobJudge),
}

impl core::fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Verifier").field("selection", &self.selection).finish_non_exhaustive()
    }
}

impl Verifier {
    /// Fails when the backend does not give the known answers. Algorithms with light caches are tested on each
    /// of those, before it judges its first share.
    ///
    /// Hashes of milliseconds are spread over `threads` threads; faster ones stay on the calling thread.
    pub fn new(selection: Selection, threads: NonZeroUsize) -> Result<Self, HashError> {
        let judge = match selection.algorithm.family() {
            Family::Header => Judge::Header(HeaderJudge::new(selection)?),
            Family::Seal => Judge::Seal(SealJudge::new(selection, threads)),
            Family::Blob => Judge::Blob(BlobJudge::new(selection, threads)),
        };
        Ok(Self { selection, engine: Engine::fastest(), judge })
    }

    pub const fn backend(&self) -> &'static str {
        self.selection.backend
    }

    pub const fn algorithm(&self) -> Algorithm {
        self.selection.algorithm
    }

    /// Prepares a job for judging.
    pub fn job(&self, description: JobDescription) -> Result<Job, JobError> {
        Job::new(description, self.selection.algorithm, &self.engine)
    }

    /// Builds the light cache that shares will be judged with and proves the kernels on it, so that the first
    /// share has to wait for neither.
    pub fn prepare(&self, key: Key, progress: &Arc<Progress>) -> Result<(), HashError> {
        let light = Contexts::shared().light_unless_cancelled(key, progress)?;
        match &self.judge {
            Judge::Header(_) => Ok(()),
            Judge::Seal(_) => registry::prove_light(self.selection, &light),
            Judge::Blob(judge) => judge.prove(key),
        }
    }

    /// Writes verdict and hashes into every record. Builds the light cache that a job needs if nobody has
    /// asked for it ahead, which takes up to some seconds.
    pub fn verify(&self, jobs: &JobsSnapshot, batch: &mut [u8]) -> Result<Summary, VerifyError> {
        let records = records_mut(batch)?;
        let mut summary = Summary::default();
        match &self.judge {
            Judge::Header(judge) => judge.verify(jobs, records, &mut summary)?,
            Judge::Seal(judge) => judge.verify(jobs, records, &mut summary)?,
            Judge::Blob(judge) => judge.verify(jobs, records, &mut summary)?,
        }
        Ok(summary)
    }
}

/// The network target comes first and on its own: on test networks it can be the easier one, and a block must
/// never be lost to a share target.
pub fn judge(number: &U256, network_target: &U256, share_target: &U256) -> Verdict {
    match (number <= network_target, number <= share_target) {
        (true, true) => Verdict::Candidate,
        (true, false) => Verdict::CandidateOnly,
        (false, true) => Verdict::Accepted,
        (false, false) => Verdict::LowDifficulty,
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
