//! What memory-hard algorithms need before they can hash: light caches for judging, datasets for mining. Each
//! is built once in a process and shared by all who ask, pool and miner alike.
#![forbid(unsafe_code)]

mod full;
mod key;
mod light;
mod shelf;
mod turns;

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
use turns::Turns;

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
    light_turns: Turns<Key>,
    /// Owned by those who mine with them.
    fulls: Mutex<Vec<(Key, Weak<Full>)>>,
    /// In memory and on disk.
    full_turns: Turns<Key>,
}

impl Contexts {
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Contexts> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    const fn new() -> Self {
        Self {
            lights: Shelf::new(LIGHTS),
            light_turns: Turns::new(),
            fulls: Mutex::new(Vec::new()),
            full_turns: Turns::new(),
        }
    }

    /// The light cache, built on the calling thread if need be: up to some seconds.
    pub fn light(&self, key: Key) -> Result<Arc<Light>, HashError> {
        self.light_unless_cancelled(key, &Arc::default())
    }

    /// [`Self::light`] for those who may stop needing it.
    pub fn light_unless_cancelled(
        &self,
        key: Key,
        progress: &Arc<Progress>,
    ) -> Result<Arc<Light>, HashError> {
        let build = || {
            let light = Arc::new(Light::build(key, progress)?);
            self.lights.put(key, Arc::clone(&light));
            Ok(light)
        };
        self.light_turns.find_or_build(key, progress, || self.lights.get(key), build)
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
        progress: &Arc<Progress>,
    ) -> Result<Arc<Full>, HashError> {
        let build = || {
            // Before the light cache, which in late epochs is large itself.
            full::check_room(key)?;
            let light = self.light_unless_cancelled(key, progress)?;
            let full = Arc::new(Full::build(&light, options, progress)?);
            let mut fulls = self.fulls();
            fulls.retain(|(_, full)| full.strong_count() > 0);
            fulls.push((key, Arc::downgrade(&full)));
            Ok(full)
        };
        self.full_turns.find_or_build(key, progress, || self.ready_full(key), build)
    }

    /// Puts the dataset into its directory without holding it: for the next epoch, where two datasets do not
    /// fit the memory. Who comes second finds the file.
    pub fn store_ahead(
        &self,
        key: Key,
        options: &BuildOptions,
        progress: &Arc<Progress>,
    ) -> Result<(), HashError> {
        let build =
            || full::store_ahead(self.light_unless_cancelled(key, progress)?.as_ref(), options, progress);
        self.full_turns.find_or_build(key, progress, || None, build)
    }

    fn fulls(&self) -> MutexGuard<'_, Vec<(Key, Weak<Full>)>> {
        self.fulls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use otedama_dag::{ETHASH, Epoch, Rules};

    use super::*;

    /// A dataset of 2 MiB that takes some tens of milliseconds.
    const RULES: Rules =
        Rules { name: "small", light_bytes_at_start: 1 << 16, dataset_bytes_at_start: 1 << 21, ..ETHASH };

    fn key() -> Key {
        Key::Epoch(Epoch::new(RULES, 0).unwrap())
    }

    fn options() -> BuildOptions {
        BuildOptions { threads: NonZeroUsize::MIN, directory: None }
    }

    #[test]
    fn builds_one_dataset_for_all_who_ask_at_once() {
        let contexts = Contexts::new();
        let start = Barrier::new(4);
        let ask = || {
            start.wait();
            contexts.full(key(), &options(), &Arc::default()).unwrap()
        };
        let fulls: Vec<Arc<Full>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(fulls.iter().all(|full| Arc::ptr_eq(full, &fulls[0])));
        drop(fulls);
        assert!(contexts.ready_full(key()).is_none());
    }

    #[test]
    fn ends_the_build_of_a_light_cache_that_is_cancelled() {
        let contexts = Contexts::new();
        let progress = Arc::new(Progress::default());
        progress.cancel();
        for key in [key(), Key::of_seed([1; 32])] {
            let ended = contexts.light_unless_cancelled(key, &progress).map(drop);
            assert_eq!(ended, Err(HashError::Cancelled));
            assert!(contexts.ready_light(key).is_none());
        }
        assert!(contexts.light(key()).is_ok());
        assert_eq!(contexts.full(key(), &options(), &progress).map(drop), Err(HashError::Cancelled));
    }
}
