//! What memory-hard algorithms need before they can hash: light caches for judging, datasets for mining. Each
//! is built once in a process and shared by all who ask, pool and miner alike.
#![forbid(unsafe_code)]

mod full;
mod key;
mod light;
mod shelf;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use otedama_hash_api::{HashError, Progress};

pub use full::{Copies, Full, FullKind};
pub use key::Key;
pub use light::{
    Answer, Light, LightKind, QUESTION, QUESTION_NONCE, QUESTION_NONCE_OFFSET, blob_reference, seal_reference,
};
use shelf::Shelf;

/// Epochs and seeds that shares may belong to at a time: the current one, the one before while old jobs are
/// still valid, and the next.
const LIGHTS: usize = 3;

/// How datasets are built.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    pub threads: NonZeroUsize,
    /// Where datasets of the Ethash family are kept from start to start; nowhere if left out.
    pub directory: Option<PathBuf>,
}

/// The light caches and datasets of a process.
#[derive(Debug)]
pub struct Contexts {
    lights: Shelf<Key, Arc<Light>>,
    /// Owned by those who mine with them.
    fulls: Mutex<Vec<(Key, Weak<Full>)>>,
}

impl Contexts {
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Contexts> = OnceLock::new();
        SHARED.get_or_init(|| Self { lights: Shelf::new(LIGHTS), fulls: Mutex::new(Vec::new()) })
    }

    /// The light cache, built on the calling thread if need be: up to some seconds.
    pub fn light(&self, key: Key) -> Result<Arc<Light>, HashError> {
        self.lights.get_or_build(key, || Light::build(key).map(Arc::new))
    }

    /// The light cache if it is there.
    pub fn ready_light(&self, key: Key) -> Option<Arc<Light>> {
        self.lights.get(key)
    }

    /// The dataset if somebody has it.
    pub fn ready_full(&self, key: Key) -> Option<Arc<Full>> {
        let fulls = self.fulls();
        fulls.iter().filter(|(other, _)| *other == key).find_map(|(_, full)| full.upgrade())
    }

    /// The dataset, built on `options.threads` threads if nobody has it: seconds to minutes. It lives as long
    /// as somebody holds it.
    pub fn full(
        &self,
        key: Key,
        options: &BuildOptions,
        progress: &Progress,
    ) -> Result<Arc<Full>, HashError> {
        if let Some(full) = self.ready_full(key) {
            return Ok(full);
        }
        // Before the light cache, which in late epochs is large itself.
        full::check_room(key)?;
        let full = Arc::new(Full::build(self.light(key)?.as_ref(), options, progress)?);
        let mut fulls = self.fulls();
        fulls.retain(|(_, full)| full.strong_count() > 0);
        fulls.push((key, Arc::downgrade(&full)));
        Ok(full)
    }

    /// Puts the dataset into its directory without holding it: for the next epoch, where two datasets do not
    /// fit the memory.
    pub fn store_ahead(
        &self,
        key: Key,
        options: &BuildOptions,
        progress: &Progress,
    ) -> Result<(), HashError> {
        full::store_ahead(self.light(key)?.as_ref(), options, progress)
    }

    fn fulls(&self) -> MutexGuard<'_, Vec<(Key, Weak<Full>)>> {
        self.fulls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
