use std::time::Duration;

use napi::bindgen_prelude::{AsyncTask, BigInt};
use napi::{Env, Task};
use napi_derive::napi;
use otedama_bench::{Measurement, Mode, Options, run};
use otedama_hash_registry as registry;

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
}

pub struct BenchTask(Result<Options, Option<Failure>>);

impl Task for BenchTask {
    type Output = Result<(Options, Measurement), Failure>;
    type JsValue = BenchResult;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let options = match &mut self.0 {
            Ok(options) => *options,
            Err(failure) => return Ok(Err(failure.take().expect("a task runs once"))),
        };
        Ok(guard(|| Ok((options, run(options)?))))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<BenchResult> {
        let (options, measured) = output.map_err(|failure| failure.into_rejection(env))?;
        let seconds = measured.elapsed.as_secs_f64();
        Ok(BenchResult {
            algorithm: options.algorithm.name().to_owned(),
            backend: options.backend.name.to_owned(),
            mode: if options.mode == Mode::Search { "search" } else { "verify" }.to_owned(),
            threads: f64::from(options.threads),
            seconds,
            hashes: BigInt::from(measured.hashes),
            hashes_per_second: measured.hashes as f64 / seconds,
            checked: measured.checked,
        })
    }
}

/// Rejects rather than throws: a caller of a promise looks in one place.
#[napi]
pub fn benchmark(options: BenchOptions) -> AsyncTask<BenchTask> {
    AsyncTask::new(BenchTask(parse(&options).map_err(Some)))
}

fn parse(options: &BenchOptions) -> Result<Options, Failure> {
    let algorithm = convert::algorithm(&options.algorithm)?;
    let mode = match options.mode.as_str() {
        "search" => Mode::Search,
        "verify" => Mode::Verify,
        other => return Err(Failure::argument(format!("unknown mode {other:?}"))),
    };
    if !(options.seconds > 0.0 && options.seconds <= MAX_SECONDS) {
        return Err(Failure::argument(format!("seconds must be above 0 and at most {MAX_SECONDS}")));
    }
    Ok(Options {
        algorithm,
        backend: registry::find(algorithm, options.backend.as_deref())?,
        mode,
        threads: convert::u32_of("threads", options.threads)?,
        duration: Duration::from_secs_f64(options.seconds),
    })
}
