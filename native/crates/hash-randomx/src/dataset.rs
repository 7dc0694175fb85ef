//! The dataset: every item there is, computed once and then only looked up. A little over 2 GiB, shared by all
//! threads.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use otedama_hash_api::{HashError, Progress};
use otedama_memory::{NodeId, PageReport, Pages, Region};

use crate::Key;
use crate::cache::Cache;
use crate::memory::Line;
use crate::parameters::{DATASET_BYTES, DATASET_ITEMS};

/// Items between two looks at the caller's wish to stop: about a millisecond of generated code.
const STRIDE: usize = 512;

#[derive(Debug)]
pub struct Dataset {
    key: Key,
    region: Region,
}

impl Dataset {
    /// A little over 2 GiB.
    pub const BYTES: u64 = DATASET_BYTES as u64;

    /// Computes all items on `threads` threads. `progress` counts items.
    pub fn build(
        cache: &Cache,
        threads: NonZeroUsize,
        node: Option<NodeId>,
        progress: &Progress,
    ) -> Result<Arc<Self>, HashError> {
        progress.begin(DATASET_ITEMS);
        let mut region = Region::allocate(DATASET_BYTES, Pages::Largest, node)?;
        let lines = region.words_u64_mut().as_chunks_mut().0;
        compute(cache, lines, threads, progress)?;
        Ok(Arc::new(Self { key: *cache.key(), region }))
    }

    /// A copy on another NUMA node, much cheaper than a build.
    pub fn replicate(&self, node: NodeId, progress: &Progress) -> Result<Arc<Self>, HashError> {
        progress.begin(DATASET_ITEMS);
        let mut region = Region::allocate(DATASET_BYTES, Pages::Largest, Some(node))?;
        let copies = region.words_u64_mut().as_chunks_mut().0.chunks_mut(STRIDE);
        for (copy, original) in copies.zip(self.lines().chunks(STRIDE)) {
            if progress.is_cancelled() {
                return Err(HashError::Cancelled);
            }
            copy.copy_from_slice(original);
            progress.add(copy.len() as u64);
        }
        Ok(Arc::new(Self { key: self.key, region }))
    }

    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// The pages it lies on, and how to get larger ones.
    pub const fn pages(&self) -> &PageReport {
        self.region.had()
    }

    pub(crate) fn lines(&self) -> &[Line] {
        self.region.words_u64().as_chunks().0
    }
}

/// Fills `lines` with the items from 0 on.
pub fn compute(
    cache: &Cache,
    lines: &mut [Line],
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<(), HashError> {
    let strides = Mutex::new(lines.chunks_mut(STRIDE).enumerate());
    let next = || strides.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while !progress.is_cancelled()
            && let Some((number, items)) = next()
        {
            cache.items((number * STRIDE) as u64, items);
            progress.add(items.len() as u64);
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.get() {
            let builder = thread::Builder::new().name("randomx-dataset".to_owned());
            // A thread that the system refuses only makes the build slower.
            if builder.spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    if progress.is_cancelled() { Err(HashError::Cancelled) } else { Ok(()) }
}

#[cfg(test)]
#[path = "dataset_tests.rs"]
mod tests;
