use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::{AsyncTask, BigInt, Buffer, ClassInstance};
use napi::{Env, Task};
use napi_derive::napi;
use otedama_hash_api as hash_api;
use otedama_hash_api::{Algorithm, Family, Interrupt, NONCE_END, NonceRange, Puzzle};
use otedama_hash_registry::{self as registry, Selection, Source};
use otedama_primitives::{BlockHeader, HEADER_BYTES, U256};

use crate::context::Dataset;
use crate::convert;
use crate::failure::{CodedError, Failure, guard, guard_throwing};

/// What the algorithm needs of it has to be there.
#[napi(object)]
pub struct SearchJob {
    pub target: Buffer,
    pub header: Option<Buffer>,
    pub header_hash: Option<Buffer>,
    pub block_number: Option<f64>,
    pub blob: Option<Buffer>,
    pub nonce_offset: Option<f64>,
}

#[napi(object)]
pub struct Solution {
    pub nonce: BigInt,
    pub hash: Buffer,
    pub mix: Option<Buffer>,
}

#[napi(object)]
pub struct SearchResult {
    pub tried: BigInt,
    pub solutions: Vec<Solution>,
}

/// One thread's search at a time, on Node's thread pool.
#[napi]
pub struct Searcher {
    selection: Selection,
    /// Taken while a search runs.
    idle: Arc<Mutex<Option<Box<dyn hash_api::Searcher>>>>,
    /// Raised by one to end a search under way.
    generation: Arc<AtomicU64>,
}

#[napi]
impl Searcher {
    #[napi(constructor)]
    pub fn new(
        algorithm: String,
        dataset: Option<ClassInstance<'_, Dataset>>,
        backend: Option<String>,
    ) -> Result<Self, CodedError> {
        guard_throwing(|| {
            let selection = convert::selection(&algorithm, backend.as_deref())?;
            let source = match (selection.algorithm.family(), dataset) {
                (Family::Header, _) => Source::Nothing,
                (_, None) => return Err(Failure::argument("dataset is missing")),
                (_, Some(dataset)) => {
                    let (light, full) = dataset.get()?;
                    Source::Full(light, full)
                }
            };
            let searcher = registry::searcher(selection, &source, None)?;
            Ok(Self { selection, idle: Arc::new(Mutex::new(Some(searcher))), generation: Arc::default() })
        })
    }

    /// Tries the nonces from `start` to before `end`.
    #[napi]
    pub fn search(&self, job: SearchJob, start: BigInt, end: BigInt) -> AsyncTask<SearchTask> {
        let generation = self.generation.load(Ordering::Relaxed);
        AsyncTask::new(SearchTask {
            request: parse(self.selection.algorithm, job, &start, &end).map_err(Some),
            idle: Arc::clone(&self.idle),
            generation: (Arc::clone(&self.generation), generation),
        })
    }

    /// Ends the search under way; it resolves with what it has tried.
    #[napi]
    pub fn cancel(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
    }

    #[napi(getter)]
    pub fn backend(&self) -> &'static str {
        self.selection.backend
    }
}

pub struct SearchTask {
    request: Result<(Puzzle, U256, NonceRange), Option<Failure>>,
    idle: Arc<Mutex<Option<Box<dyn hash_api::Searcher>>>>,
    generation: (Arc<AtomicU64>, u64),
}

impl Task for SearchTask {
    type Output = Result<(u64, Vec<hash_api::Solution>), Failure>;
    type JsValue = SearchResult;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let (puzzle, target, nonces) = match &mut self.request {
            Ok((puzzle, target, nonces)) => (&*puzzle, &*target, nonces.clone()),
            Err(failure) => return Ok(Err(failure.take().expect("a task runs once"))),
        };
        let interrupt = Interrupt::new(&self.generation.0, self.generation.1);
        Ok(guard(|| {
            let taken = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
            let busy = || Failure::new("SEARCHER_BUSY", "a searcher searches one range at a time");
            let mut searcher = taken.ok_or_else(busy)?;
            let mut solutions = Vec::new();
            let mut next = nonces.start;
            while next < nonces.end && !interrupt.is_raised() {
                next += searcher.search(puzzle, target, next..nonces.end, &interrupt, &mut solutions);
            }
            *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(searcher);
            Ok((next - nonces.start, solutions))
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<SearchResult> {
        let (tried, solutions) = output.map_err(|failure| failure.into_rejection(env))?;
        let solution = |solution: hash_api::Solution| Solution {
            nonce: solution.nonce.into(),
            hash: solution.hash.to_vec().into(),
            mix: (solution.mix != [0; 32]).then(|| solution.mix.to_vec().into()),
        };
        Ok(SearchResult { tried: tried.into(), solutions: solutions.into_iter().map(solution).collect() })
    }
}

/// With a target that more than one nonce in 65,536 meets, longer ranges would fill memory with solutions.
const MAX_EASY_RANGE: u64 = 1 << 20;

fn parse(
    algorithm: Algorithm,
    job: SearchJob,
    start: &BigInt,
    end: &BigInt,
) -> Result<(Puzzle, U256, NonceRange), Failure> {
    let target = U256::from_le_bytes(&convert::bytes32("target", &job.target)?);
    let nonces = convert::u64_of("start", start)?..convert::u64_of("end", end)?;
    if nonces.end < nonces.start || algorithm.family() != Family::Seal && nonces.end > NONCE_END {
        return Err(Failure::argument("the range of nonces is beyond the nonce's size or runs backwards"));
    }
    if target.bit_length() > 240 && nonces.end - nonces.start > MAX_EASY_RANGE {
        return Err(Failure::argument("the range is too long for a target that so many nonces meet"));
    }
    let puzzle = match algorithm.family() {
        Family::Header => {
            let header = convert::needed("header", job.header)?;
            let header: &[u8; HEADER_BYTES] = header.as_ref().try_into().map_err(|_| {
                Failure::argument(format!("header must have {HEADER_BYTES} bytes, not {}", header.len()))
            })?;
            Puzzle::Header(BlockHeader::from_bytes(*header))
        }
        Family::Seal => Puzzle::Seal {
            header_hash: convert::needed_bytes32("headerHash", job.header_hash.as_ref())?,
            block_number: convert::needed_u32("blockNumber", job.block_number)?,
        },
        Family::Blob => {
            let bytes = convert::needed_bytes("blob", job.blob)?;
            let nonce_offset = convert::needed_u32("nonceOffset", job.nonce_offset)? as usize;
            if nonce_offset.saturating_add(4) > bytes.len() {
                return Err(Failure::argument("nonceOffset leaves no room for four bytes in the blob"));
            }
            Puzzle::Blob { bytes, nonce_offset }
        }
    };
    Ok((puzzle, target, nonces))
}
