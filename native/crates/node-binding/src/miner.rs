use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, BigInt, Buffer, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status, Task};
use napi_derive::napi;
use otedama_cpu_miner::{CpuMiner as Miner, Delivery, OnShare, Options, Priority};
use otedama_hash_registry as registry;
use otedama_primitives::U256;
use otedama_worker_api::{Share, Work, Worker};

use crate::convert;
use crate::failure::{CodedError, Failure, guard, guard_throwing};

/// Shares waiting for the JavaScript thread. With an easy target threads find them faster than it takes them;
/// then they wait instead of filling memory.
const QUEUE: usize = 1024;

/// Never keeps the process alive: whether to go on is the application's decision.
type ShareFunction = ThreadsafeFunction<Share, (), MinerShare, Status, false, true, QUEUE>;

#[napi(object)]
pub struct MinerShare {
    pub work_id: f64,
    pub extranonce2: Buffer,
    pub n_time: f64,
    pub nonce: f64,
    pub version: f64,
    pub pow_hash: Buffer,
}

impl From<Share> for MinerShare {
    fn from(share: Share) -> Self {
        Self {
            work_id: f64::from(share.work_id),
            extranonce2: share.extranonce2.into(),
            n_time: f64::from(share.n_time),
            nonce: f64::from(share.nonce),
            version: f64::from(share.version),
            pow_hash: share.pow_hash.to_vec().into(),
        }
    }
}

#[napi(object)]
pub struct MinerWork {
    pub work_id: f64,
    pub coinbase_prefix: Buffer,
    pub coinbase_suffix: Buffer,
    pub extranonce1: Buffer,
    pub extranonce2_size: f64,
    pub merkle_branch: Buffer,
    pub prev_hash: Buffer,
    pub version: f64,
    pub version_mask: f64,
    pub n_time: f64,
    pub bits: f64,
    pub target: Buffer,
}

#[napi(object)]
pub struct MinerOptions {
    pub algorithm: String,
    pub threads: f64,
    pub priority: Option<f64>,
}

#[napi]
pub struct CpuMiner {
    miner: Arc<Miner>,
}

#[napi]
impl CpuMiner {
    #[napi(constructor)]
    pub fn new(
        env: Env,
        options: MinerOptions,
        on_share: Function<'_, MinerShare, ()>,
    ) -> Result<Self, CodedError> {
        guard_throwing(|| {
            let options = parse_options(&options)?;
            let function: ShareFunction = on_share
                .build_threadsafe_function::<Share>()
                .weak::<true>()
                .max_queue_size::<QUEUE>()
                .build_callback(|context| Ok(MinerShare::from(context.value)))?;
            let miner = Arc::new(Miner::start(options, &deliver_to(function))?);
            // When Node ends or a worker thread is terminated, mining threads must be gone before the memory
            // of the environment is.
            let weak = Arc::downgrade(&miner);
            let close = move |()| {
                // A panic of a mining thread was already printed; nobody is left to be told.
                let _ = weak.upgrade().map(|miner| miner.close());
            };
            env.add_env_cleanup_hook((), close)?;
            Ok(Self { miner })
        })
    }

    #[napi]
    pub fn set_work(&self, work: MinerWork) -> Result<(), CodedError> {
        guard_throwing(|| {
            let work = parse_work(&work)?;
            work.check()?;
            self.miner.set_work(work);
            Ok(())
        })
    }

    #[napi]
    pub fn clear_work(&self) {
        self.miner.clear_work();
    }

    #[napi]
    pub fn hashes(&self) -> Vec<BigInt> {
        self.miner.hashes().into_iter().map(BigInt::from).collect()
    }

    #[napi(getter)]
    pub fn backend(&self) -> &'static str {
        self.miner.backend()
    }

    #[napi]
    pub fn close(&self) -> AsyncTask<CloseTask> {
        AsyncTask::new(CloseTask(Arc::clone(&self.miner)))
    }
}

/// Joins the threads off the JavaScript thread, which they may be waiting for.
pub struct CloseTask(Arc<Miner>);

impl Task for CloseTask {
    type Output = Result<(), Failure>;
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(guard(|| Ok(self.0.close()?)))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<()> {
        output.map_err(|failure| failure.into_rejection(env))
    }
}

fn deliver_to(function: ShareFunction) -> OnShare {
    Arc::new(move |share| match function.call(share.clone(), ThreadsafeFunctionCallMode::NonBlocking) {
        Status::Ok => Delivery::Taken,
        Status::QueueFull => Delivery::Full,
        _ => Delivery::Closed,
    })
}

fn parse_options(options: &MinerOptions) -> Result<Options, Failure> {
    let algorithm = convert::algorithm(&options.algorithm)?;
    let priority = options.priority.map(|level| {
        Priority::new(convert::u32_of("priority", level)?)
            .ok_or_else(|| Failure::argument("priority must be 0 to 5"))
    });
    Ok(Options {
        algorithm,
        backend: registry::preferred(algorithm),
        threads: convert::u32_of("threads", options.threads)?,
        priority: priority.transpose()?,
    })
}

fn parse_work(work: &MinerWork) -> Result<Work, Failure> {
    Ok(Work {
        id: convert::u32_of("workId", work.work_id)?,
        coinbase_prefix: work.coinbase_prefix.to_vec(),
        coinbase_suffix: work.coinbase_suffix.to_vec(),
        extranonce1: work.extranonce1.to_vec(),
        extranonce2_size: convert::u32_of("extranonce2Size", work.extranonce2_size)? as usize,
        merkle_branch: convert::hashes("merkleBranch", &work.merkle_branch)?,
        prev_hash: convert::bytes32("prevHash", &work.prev_hash)?,
        version: convert::u32_of("version", work.version)?,
        version_mask: convert::u32_of("versionMask", work.version_mask)?,
        n_time: convert::u32_of("nTime", work.n_time)?,
        bits: convert::u32_of("bits", work.bits)?,
        target: U256::from_le_bytes(&convert::bytes32("target", &work.target)?),
    })
}
