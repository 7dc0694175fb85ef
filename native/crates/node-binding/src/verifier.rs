use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{
    AsyncTask, Buffer, BufferSlice, ClassInstance, FromNapiValue, JsValue, Object, ObjectRef,
};
use napi::{Env, Task};
use napi_derive::napi;
use otedama_contexts::Key;
use otedama_hash_api::{Algorithm, Family, Progress};
use otedama_primitives::U256;
use otedama_verify::layout::{copy_judgements, records_mut};
use otedama_verify::{
    BlobDescription, CoinbaseDescription, JobKind, JobTable, JobsSnapshot, SealDescription, Summary, Verifier,
};

use crate::context::{BuildProgress, ContextName};
use crate::convert;
use crate::failure::{CodedError, Failure, guard, guard_throwing};
use crate::template::TemplateParts;

/// What the algorithm needs of it has to be there.
#[napi(object)]
pub struct JobDescription {
    pub network_target: Buffer,
    pub coinbase_prefix: Option<Buffer>,
    pub coinbase_suffix: Option<Buffer>,
    pub merkle_branch: Option<Buffer>,
    pub prev_hash: Option<Buffer>,
    pub bits: Option<f64>,
    pub header_hash: Option<Buffer>,
    pub block_number: Option<f64>,
    pub header: Option<Buffer>,
    pub nonce_offset: Option<f64>,
    pub miner_tx_version: Option<f64>,
    pub miner_tx_prefix: Option<Buffer>,
    pub miner_tx_suffix: Option<Buffer>,
    pub extra_nonce_bytes: Option<f64>,
    pub tx_count: Option<f64>,
    pub seed: Option<Buffer>,
}

#[napi(object)]
pub struct BatchSummary {
    pub accepted: u32,
    pub candidates: u32,
    pub rejected: u32,
}

#[napi]
pub struct ShareVerifier {
    verifier: Arc<Verifier>,
    /// Behind a lock because a batch under way borrows the object until its promise is settled, and jobs come
    /// and go meanwhile. Only the JavaScript thread ever takes it.
    jobs: Mutex<JobTable>,
}

impl ShareVerifier {
    fn jobs(&self) -> MutexGuard<'_, JobTable> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[napi]
impl ShareVerifier {
    #[napi(constructor)]
    pub fn new(algorithm: String, threads: Option<f64>) -> Result<Self, CodedError> {
        guard_throwing(|| {
            let selection = convert::selection(&algorithm, None)?;
            let threads = match threads {
                None => std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
                Some(threads) => NonZeroUsize::new(convert::u32_of("threads", threads)? as usize)
                    .ok_or_else(|| Failure::argument("threads must be at least 1"))?,
            };
            let verifier = Arc::new(Verifier::new(selection, threads)?);
            Ok(Self { verifier, jobs: Mutex::new(JobTable::default()) })
        })
    }

    #[napi]
    pub fn add_job(&self, job_key: f64, job: JobDescription) -> Result<(), CodedError> {
        guard_throwing(|| {
            let job = self.verifier.job(parse_job(self.verifier.algorithm(), job)?)?;
            Ok(self.jobs().add(convert::u32_of("jobKey", job_key)?, job)?)
        })
    }

    /// Builds the light cache that shares of the block, or of the seed, will be judged with.
    #[napi]
    pub fn prepare(
        &self,
        context: ContextName,
        progress: Option<ClassInstance<'_, BuildProgress>>,
    ) -> AsyncTask<PrepareTask> {
        let key = context.key(self.verifier.algorithm()).map_err(Some);
        let verifier = Arc::clone(&self.verifier);
        AsyncTask::new(PrepareTask { verifier, key, progress: BuildProgress::shared(progress) })
    }

    #[napi]
    pub fn remove_job(&self, job_key: f64) -> Result<(), CodedError> {
        guard_throwing(|| {
            self.jobs().remove(convert::u32_of("jobKey", job_key)?);
            Ok(())
        })
    }

    /// Shares of the job with this extra nonce are judged by a template that their miner brought.
    #[napi]
    pub fn adopt_template(
        &self,
        job_key: f64,
        extra_nonce: BufferSlice<'_>,
        template: TemplateParts,
    ) -> Result<(), CodedError> {
        guard_throwing(|| {
            let job_key = convert::u32_of("jobKey", job_key)?;
            Ok(self.jobs().adopt(job_key, &extra_nonce, template.parse()?)?)
        })
    }

    /// Judges with the jobs of this moment.
    #[napi]
    pub fn verify_batch(&self, batch: Object<'_>) -> napi::Result<AsyncTask<VerifyTask>> {
        let bytes = BufferSlice::from_unknown(batch.to_unknown())?.to_vec();
        Ok(AsyncTask::new(VerifyTask {
            verifier: Arc::clone(&self.verifier),
            jobs: self.jobs().snapshot(),
            bytes,
            buffer: batch.create_ref()?,
        }))
    }

    #[napi(getter)]
    pub fn backend(&self) -> &'static str {
        self.verifier.backend()
    }
}

fn parse_job(algorithm: Algorithm, job: JobDescription) -> Result<otedama_verify::JobDescription, Failure> {
    let network_target = U256::from_le_bytes(&convert::bytes32("networkTarget", &job.network_target)?);
    let kind = match algorithm.family() {
        Family::Header => JobKind::Coinbase(CoinbaseDescription {
            coinbase_prefix: convert::needed_bytes("coinbasePrefix", job.coinbase_prefix)?,
            coinbase_suffix: convert::needed_bytes("coinbaseSuffix", job.coinbase_suffix)?,
            merkle_branch: convert::needed_hashes("merkleBranch", job.merkle_branch)?,
            prev_hash: convert::needed_bytes32("prevHash", job.prev_hash.as_ref())?,
            bits: convert::needed_u32("bits", job.bits)?,
        }),
        Family::Seal => JobKind::Seal(SealDescription {
            header_hash: convert::needed_bytes32("headerHash", job.header_hash.as_ref())?,
            block_number: convert::needed_u32("blockNumber", job.block_number)?,
        }),
        Family::Blob => JobKind::Blob(BlobDescription {
            seed: convert::needed_bytes32("seed", job.seed.as_ref())?,
            template: TemplateParts {
                header: job.header,
                nonce_offset: job.nonce_offset,
                miner_tx_version: job.miner_tx_version,
                miner_tx_prefix: job.miner_tx_prefix,
                miner_tx_suffix: job.miner_tx_suffix,
                extra_nonce_bytes: job.extra_nonce_bytes,
                merkle_branch: job.merkle_branch,
                tx_count: job.tx_count,
            }
            .parse()?,
        }),
    };
    Ok(otedama_verify::JobDescription { network_target, kind })
}

/// Off the JavaScript thread: a light cache takes up to some seconds.
pub struct PrepareTask {
    verifier: Arc<Verifier>,
    key: Result<Option<Key>, Option<Failure>>,
    progress: Arc<Progress>,
}

impl Task for PrepareTask {
    type Output = Result<(), Failure>;
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let key = match &mut self.key {
            Ok(None) => return Ok(Ok(())),
            Ok(Some(key)) => *key,
            Err(failure) => return Ok(Err(failure.take().expect("a task runs once"))),
        };
        Ok(guard(|| Ok(self.verifier.prepare(key, &self.progress)?)))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<()> {
        output.map_err(|failure| failure.into_rejection(env))
    }
}

/// Works on a copy and writes the judgements back on the JavaScript thread: JavaScript may change, detach or
/// free the buffer's memory at any time, so another thread must not hold a pointer into it. A full batch is
/// 48 KiB, copied in a few microseconds where judging it takes hundreds.
pub struct VerifyTask {
    verifier: Arc<Verifier>,
    jobs: JobsSnapshot,
    bytes: Vec<u8>,
    /// Without napi's leak check: it would print when Node ends with a batch under way.
    buffer: ObjectRef<false>,
}

impl Task for VerifyTask {
    type Output = Result<Summary, Failure>;
    type JsValue = BatchSummary;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(guard(|| Ok(self.verifier.verify(&self.jobs, &mut self.bytes)?)))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<BatchSummary> {
        let written = output.and_then(|summary| {
            guard(|| self.write_back(&env))?;
            Ok(summary)
        });
        let summary = written.map_err(|failure| failure.into_rejection(env))?;
        Ok(BatchSummary {
            accepted: summary.accepted,
            candidates: summary.candidates,
            rejected: summary.rejected,
        })
    }

    fn finally(self, env: Env) -> napi::Result<()> {
        self.buffer.unref(&env)
    }
}

impl VerifyTask {
    fn write_back(&mut self, env: &Env) -> Result<(), Failure> {
        let mut buffer = BufferSlice::from_unknown(self.buffer.get_value(env)?.to_unknown())?;
        if buffer.len() != self.bytes.len() {
            return Err(Failure::new(
                "BATCH_DETACHED",
                "the batch's memory was taken away while it was judged",
            ));
        }
        let changed = |_| Failure::new("BATCH_DETACHED", "the batch was overwritten while it was judged");
        let from = records_mut(&mut self.bytes).map_err(changed)?;
        copy_judgements(from, records_mut(&mut buffer).map_err(changed)?);
        Ok(())
    }
}
