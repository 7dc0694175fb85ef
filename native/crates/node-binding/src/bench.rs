use std::time::Duration;

use napi::bindgen_prelude::{AsyncTask, BigInt, ClassInstance};
use napi::{Env, Task};
use napi_derive::napi;
use otedama_bench::{Measurement, Mode, Options, light_source, run};
use otedama_hash_api::Family;
use otedama_hash_registry::Source;

use crate::context::Dataset;
use crate::convert;
use crate::failure::{Failure, guard};

/// An hour is more than any measurement needs; the thread pool of Node has few threads.
const MAX_SECONDS: f64 = 3600.0;

#[napi(object)]
pub struct BenchOptions {
    pub algorithm: String,
    pub mode: String,
    pub threads: f64,
    pub seconds: f64,
    pub backend: Option<String>,
    pub block_number: Option<f64>,
    pub batch_shares: Option<f64>,
}

#[napi(object)]
pub struct BenchResult {
    pub algorithm: String,
    pub backend: String,
    pub mode: String,
    pub threads: f64,
    pub seconds: f64,
    pub hashes: BigInt,
    pub hashes_per_second: f64,
    pub checked: bool,
    pub latency_ms: Option<BenchLatency>,
}

#[napi(object)]
pub struct BenchLatency {
    pub median: f64,
    pub p99: f64,
    pub worst: f64,
}

const fn name_of(mode: Mode) -> &'static str {
    match mode {
        Mode::Search => "search",
        Mode::Verify => "verify",
        Mode::Batch { .. } => "batch",
        Mode::Switch => "switch",
    }
}

/// Over a dataset where the algorithm has one.
const fn searches(mode: Mode) -> bool {
    matches!(mode, Mode::Search | Mode::Switch)
}

pub struct BenchTask {
    options: Result<Options, Option<Failure>>,
    /// Of a search that needs one.
    dataset: Option<Source>,
}

impl Task for BenchTask {
    type Output = Result<(Options, Measurement), Failure>;
    type JsValue = BenchResult;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let options = match &mut self.options {
            Ok(options) => options.clone(),
            Err(failure) => return Ok(Err(failure.take().expect("a task runs once"))),
        };
        Ok(guard(|| {
            let source = match self.dataset.take() {
                Some(source) if searches(options.mode) => source,
                _ => light_source(&options)?,
            };
            let measured = run(&options, &source)?;
            Ok((options, measured))
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<BenchResult> {
        let (options, measured) = output.map_err(|failure| failure.into_rejection(env))?;
        let seconds = measured.elapsed.as_secs_f64();
        Ok(BenchResult {
            algorithm: options.selection.algorithm.name().to_owned(),
            backend: options.selection.backend.to_owned(),
            mode: name_of(options.mode).to_owned(),
            threads: f64::from(options.threads),
            seconds,
            hashes: BigInt::from(measured.hashes),
            hashes_per_second: measured.hashes as f64 / seconds,
            checked: measured.checked,
            latency_ms: measured.latency.map(|latency| BenchLatency {
                median: 1e3 * latency.median.as_secs_f64(),
                p99: 1e3 * latency.p99.as_secs_f64(),
                worst: 1e3 * latency.worst.as_secs_f64(),
            }),
        })
    }
}

/// Rejects rather than throws: a caller of a promise looks in one place.
#[napi]
pub fn benchmark(options: BenchOptions, dataset: Option<ClassInstance<'_, Dataset>>) -> AsyncTask<BenchTask> {
    let request = || {
        let options = parse(&options)?;
        let dataset = match dataset {
            Some(dataset) => {
                let (light, full) = dataset.get()?;
                Some(Source::Full(light, full))
            }
            None => None,
        };
        let seals = options.selection.algorithm.family() == Family::Seal;
        if seals && searches(options.mode) && dataset.is_none() {
            return Err(Failure::argument("dataset is missing"));
        }
        Ok((options, dataset))
    };
    AsyncTask::new(match request() {
        Ok((options, dataset)) => BenchTask { options: Ok(options), dataset },
        Err(failure) => BenchTask { options: Err(Some(failure)), dataset: None },
    })
}

fn parse(options: &BenchOptions) -> Result<Options, Failure> {
    let mode = match options.mode.as_str() {
        "search" => Mode::Search,
        "verify" => Mode::Verify,
        "batch" => Mode::Batch { shares: batch_shares(options)? },
        "switch" => Mode::Switch,
        other => return Err(Failure::argument(format!("unknown mode {other:?}"))),
    };
    if !(options.seconds > 0.0 && options.seconds <= MAX_SECONDS) {
        return Err(Failure::argument(format!("seconds must be above 0 and at most {MAX_SECONDS}")));
    }
    Ok(Options {
        selection: convert::selection(&options.algorithm, options.backend.as_deref())?,
        mode,
        threads: convert::u32_of("threads", options.threads)?,
        duration: Duration::from_secs_f64(options.seconds),
        block_number: convert::u32_of("blockNumber", options.block_number.unwrap_or(0.0))?,
    })
}

fn batch_shares(options: &BenchOptions) -> Result<u16, Failure> {
    let shares = convert::needed_u32("batchShares", options.batch_shares)?;
    let wrong = || Failure::argument("batchShares must be 1 to 65535");
    u16::try_from(shares).ok().filter(|shares| *shares > 0).ok_or_else(wrong)
}
