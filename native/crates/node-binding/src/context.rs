use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::{AsyncTask, BigInt, Buffer, ClassInstance};
use napi::{Env, Task};
use napi_derive::napi;
use otedama_contexts::{BuildOptions, Contexts, Full, Key, Light};
use otedama_hash_api::{Algorithm, Family, Progress};

use crate::convert;
use crate::failure::{Failure, guard};

/// The epoch of a block, or a seed.
#[napi(object)]
pub struct ContextName {
    pub block_number: Option<f64>,
    pub seed: Option<Buffer>,
}

impl ContextName {
    /// `None` for algorithms that need nothing.
    pub fn key(&self, algorithm: Algorithm) -> Result<Option<Key>, Failure> {
        Ok(match algorithm.family() {
            Family::Header => None,
            Family::Seal => {
                let block = convert::needed_u32("blockNumber", self.block_number)?;
                Key::of_block(algorithm, block.into()).transpose()?
            }
            Family::Blob => {
                let seed = convert::needed("seed", self.seed.as_ref())?;
                let key = Key::of_seed_bytes(seed);
                Some(key.ok_or_else(|| Failure::argument("seed has at most 60 bytes"))?)
            }
        })
    }
}

/// How far a build is.
#[napi]
#[derive(Default)]
pub struct BuildProgress {
    progress: Arc<Progress>,
}

impl BuildProgress {
    /// The caller's, or one that nobody looks at.
    pub fn shared(progress: Option<ClassInstance<'_, Self>>) -> Arc<Progress> {
        progress.map_or_else(Arc::default, |progress| Arc::clone(&progress.progress))
    }
}

#[napi]
impl BuildProgress {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    #[napi(getter)]
    pub fn done(&self) -> f64 {
        self.progress.get().0 as f64
    }

    #[napi(getter)]
    pub fn total(&self) -> f64 {
        self.progress.get().1 as f64
    }

    #[napi]
    pub fn cancel(&self) {
        self.progress.cancel();
    }
}

/// A dataset and its light cache, held until closed.
#[napi]
pub struct Dataset {
    held: Mutex<Option<(Arc<Light>, Arc<Full>)>>,
    bytes: u64,
    pages: String,
    notes: Vec<String>,
}

impl Dataset {
    pub fn get(&self) -> Result<(Arc<Light>, Arc<Full>), Failure> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        held.ok_or_else(|| Failure::new("DATASET_CLOSED", "the dataset was closed"))
    }
}

#[napi]
impl Dataset {
    #[napi(getter)]
    pub fn bytes(&self) -> BigInt {
        self.bytes.into()
    }

    #[napi(getter)]
    pub fn pages(&self) -> String {
        self.pages.clone()
    }

    #[napi(getter)]
    pub fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    #[napi]
    pub fn close(&self) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

#[napi(object)]
pub struct DatasetOptions {
    pub block_number: Option<f64>,
    pub seed: Option<Buffer>,
    pub threads: Option<f64>,
    pub directory: Option<String>,
}

pub struct DatasetTask {
    request: Result<(Key, BuildOptions), Option<Failure>>,
    progress: Arc<Progress>,
}

impl Task for DatasetTask {
    type Output = Result<(Arc<Light>, Arc<Full>), Failure>;
    type JsValue = Dataset;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let (key, options) = match &mut self.request {
            Ok((key, options)) => (*key, &*options),
            Err(failure) => return Ok(Err(failure.take().expect("a task runs once"))),
        };
        Ok(guard(|| {
            let full = Contexts::shared().full(key, options, &self.progress)?;
            Ok((Contexts::shared().light(key)?, full))
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<Dataset> {
        let (light, full) = output.map_err(|failure| failure.into_rejection(env))?;
        let (bytes, pages, notes) = (full.bytes(), full.pages().to_string(), full.notes.clone());
        Ok(Dataset { held: Mutex::new(Some((light, full))), bytes, pages, notes })
    }
}

/// Rejects rather than throws: a caller of a promise looks in one place.
#[napi]
pub fn build_dataset(
    algorithm: String,
    options: DatasetOptions,
    progress: Option<ClassInstance<'_, BuildProgress>>,
) -> AsyncTask<DatasetTask> {
    let request = parse(&algorithm, options).map_err(Some);
    AsyncTask::new(DatasetTask { request, progress: BuildProgress::shared(progress) })
}

fn parse(algorithm: &str, options: DatasetOptions) -> Result<(Key, BuildOptions), Failure> {
    let algorithm = convert::algorithm(algorithm)?;
    let name = ContextName { block_number: options.block_number, seed: options.seed };
    let key = name.key(algorithm)?;
    let key = key.ok_or_else(|| Failure::argument(format!("{} has no dataset", algorithm.name())))?;
    let threads = options.threads.map(|threads| convert::u32_of("threads", threads)).transpose()?;
    let threads = match threads {
        None => std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        Some(threads) => NonZeroUsize::new(threads as usize)
            .ok_or_else(|| Failure::argument("threads must be at least 1"))?,
    };
    Ok((key, BuildOptions { threads, directory: options.directory.map(PathBuf::from) }))
}
