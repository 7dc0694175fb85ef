use std::path::PathBuf;
use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, BigInt, Buffer, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;
use otedama_cpu_miner::{Building, CpuMiner as Miner, Delivery, OnShare, Options, Priority, Readiness};
use otedama_hash_api::{Family, NONCE_END};
use otedama_primitives::U256;
use otedama_worker_api::{BlobTask, CoinbaseTask, SealTask, Share, Task, Work, Worker};

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
    pub nonce: BigInt,
    pub pow_hash: Buffer,
    pub mix: Option<Buffer>,
    pub rolled: Option<RolledShare>,
}

#[napi(object)]
pub struct RolledShare {
    pub extranonce2: Buffer,
    pub n_time: f64,
    pub version: f64,
}

impl From<Share> for MinerShare {
    fn from(share: Share) -> Self {
        Self {
            work_id: f64::from(share.work_id),
            nonce: share.nonce.into(),
            pow_hash: share.pow_hash.to_vec().into(),
            mix: (share.mix != [0; 32]).then(|| share.mix.to_vec().into()),
            rolled: share.rolled.map(|rolled| RolledShare {
                extranonce2: rolled.extranonce2.into(),
                n_time: f64::from(rolled.n_time),
                version: f64::from(rolled.version),
            }),
        }
    }
}

/// What the algorithm needs of it has to be there.
#[napi(object)]
pub struct MinerWork {
    pub work_id: f64,
    pub target: Buffer,
    pub coinbase_prefix: Option<Buffer>,
    pub coinbase_suffix: Option<Buffer>,
    pub extranonce1: Option<Buffer>,
    pub extranonce2_size: Option<f64>,
    pub merkle_branch: Option<Buffer>,
    pub prev_hash: Option<Buffer>,
    pub version: Option<f64>,
    pub version_mask: Option<f64>,
    pub n_time: Option<f64>,
    pub bits: Option<f64>,
    pub header_hash: Option<Buffer>,
    pub block_number: Option<f64>,
    pub blob: Option<Buffer>,
    pub nonce_offset: Option<f64>,
    pub seed: Option<Buffer>,
    pub next_seed: Option<Buffer>,
    pub first_nonce: Option<BigInt>,
    pub end_nonce: Option<BigInt>,
}

#[napi(object)]
pub struct MinerOptions {
    pub algorithm: String,
    pub threads: f64,
    pub priority: Option<f64>,
    pub dataset_directory: Option<String>,
    pub backend: Option<String>,
}

#[napi(object)]
pub struct MinerReadiness {
    pub state: String,
    pub failure: Option<String>,
    pub notes: Vec<String>,
    pub building: Option<MinerBuilding>,
}

#[napi(object)]
pub struct MinerBuilding {
    pub ahead: bool,
    pub done: f64,
    pub total: f64,
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
            let miner = Arc::new(Miner::start(&options, &deliver_to(function))?);
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
            let work = parse_work(self.miner.selection().algorithm.family(), work)?;
            Ok(self.miner.set_work(work)?)
        })
    }

    #[napi]
    pub fn clear_work(&self) {
        self.miner.clear_work();
    }

    #[napi]
    pub fn readiness(&self) -> MinerReadiness {
        let (state, failure) = match self.miner.readiness() {
            Readiness::Waiting => ("waiting", self.miner.failure()),
            Readiness::Light => ("light", self.miner.failure()),
            Readiness::Full => ("full", self.miner.failure()),
            Readiness::Failed(error) => ("failed", Some(error)),
        };
        MinerReadiness {
            state: state.to_owned(),
            failure: failure.map(|error| error.to_string()),
            notes: self.miner.notes(),
            building: self.miner.building().map(|Building { ahead, done, total }| MinerBuilding {
                ahead,
                done: done as f64,
                total: total as f64,
            }),
        }
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

impl napi::Task for CloseTask {
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
    let priority = options.priority.map(|level| {
        Priority::new(convert::u32_of("priority", level)?)
            .ok_or_else(|| Failure::argument("priority must be 0 to 5"))
    });
    Ok(Options {
        selection: convert::selection(&options.algorithm, options.backend.as_deref())?,
        threads: convert::u32_of("threads", options.threads)?,
        priority: priority.transpose()?,
        dataset_directory: options.dataset_directory.as_ref().map(PathBuf::from),
    })
}

fn parse_work(family: Family, work: MinerWork) -> Result<Work, Failure> {
    Ok(Work {
        id: convert::u32_of("workId", work.work_id)?,
        target: U256::from_le_bytes(&convert::bytes32("target", &work.target)?),
        task: parse_task(family, work)?,
    })
}

fn parse_task(family: Family, work: MinerWork) -> Result<Task, Failure> {
    let nonce = |name, value: Option<&BigInt>, default| {
        value.map_or(Ok(default), |value| convert::u64_of(name, value))
    };
    let nonces = |end| {
        let first = nonce("firstNonce", work.first_nonce.as_ref(), 0)?;
        Ok::<_, Failure>(first..nonce("endNonce", work.end_nonce.as_ref(), end)?)
    };
    Ok(match family {
        Family::Header => Task::Coinbase(Arc::new(CoinbaseTask {
            coinbase_prefix: convert::needed_bytes("coinbasePrefix", work.coinbase_prefix)?,
            coinbase_suffix: convert::needed_bytes("coinbaseSuffix", work.coinbase_suffix)?,
            extranonce1: convert::needed_bytes("extranonce1", work.extranonce1)?,
            extranonce2_size: convert::needed_u32("extranonce2Size", work.extranonce2_size)? as usize,
            merkle_branch: convert::hashes(
                "merkleBranch",
                &convert::needed("merkleBranch", work.merkle_branch)?,
            )?,
            prev_hash: convert::needed_bytes32("prevHash", work.prev_hash.as_ref())?,
            version: convert::needed_u32("version", work.version)?,
            version_mask: convert::needed_u32("versionMask", work.version_mask)?,
            n_time: convert::needed_u32("nTime", work.n_time)?,
            bits: convert::needed_u32("bits", work.bits)?,
        })),
        Family::Seal => Task::Seal(SealTask {
            header_hash: convert::needed_bytes32("headerHash", work.header_hash.as_ref())?,
            block_number: convert::needed_u32("blockNumber", work.block_number)?,
            nonces: nonces(u64::MAX)?,
        }),
        Family::Blob => Task::Blob(BlobTask {
            nonces: nonces(NONCE_END)?,
            nonce_offset: convert::needed_u32("nonceOffset", work.nonce_offset)? as usize,
            seed: convert::needed_bytes32("seed", work.seed.as_ref())?,
            next_seed: match &work.next_seed {
                Some(seed) => Some(convert::bytes32("nextSeed", seed)?),
                None => None,
            },
            bytes: convert::needed_bytes("blob", work.blob)?,
        }),
    })
}
