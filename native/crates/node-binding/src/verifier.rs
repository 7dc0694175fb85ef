use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{AsyncTask, Buffer, BufferSlice, FromNapiValue, JsValue, Object, ObjectRef};
use napi::{Env, Task};
use napi_derive::napi;
use otedama_hash_registry as registry;
use otedama_primitives::U256;
use otedama_verify::layout::{copy_judgements, records_mut};
use otedama_verify::{Job, JobTable, JobsSnapshot, Summary, Verifier};

use crate::convert;
use crate::failure::{CodedError, Failure, guard, guard_throwing};

#[napi(object)]
pub struct JobDescription {
    pub coinbase_prefix: Buffer,
    pub coinbase_suffix: Buffer,
    pub merkle_branch: Buffer,
    pub prev_hash: Buffer,
    pub bits: f64,
    pub network_target: Buffer,
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
    pub fn new(algorithm: String) -> Result<Self, CodedError> {
        guard_throwing(|| {
            let algorithm = convert::algorithm(&algorithm)?;
            let verifier = Verifier::new(algorithm, registry::preferred(algorithm))?;
            Ok(Self { verifier: Arc::new(verifier), jobs: Mutex::new(JobTable::default()) })
        })
    }

    #[napi]
    pub fn add_job(&self, job_key: f64, job: JobDescription) -> Result<(), CodedError> {
        guard_throwing(|| {
            let description = otedama_verify::JobDescription {
                coinbase_prefix: job.coinbase_prefix.to_vec(),
                coinbase_suffix: job.coinbase_suffix.to_vec(),
                merkle_branch: convert::hashes("merkleBranch", &job.merkle_branch)?,
                prev_hash: convert::bytes32("prevHash", &job.prev_hash)?,
                bits: convert::u32_of("bits", job.bits)?,
                network_target: U256::from_le_bytes(&convert::bytes32("networkTarget", &job.network_target)?),
            };
            let job = Job::new(description, self.verifier.engine())?;
            Ok(self.jobs().add(convert::u32_of("jobKey", job_key)?, job)?)
        })
    }

    #[napi]
    pub fn remove_job(&self, job_key: f64) -> Result<(), CodedError> {
        guard_throwing(|| {
            self.jobs().remove(convert::u32_of("jobKey", job_key)?);
            Ok(())
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
