//! The dataset in memory, built by many threads that each take the next few items to compute.

use otedama_hash_api::{HashError, Progress};
use otedama_memory::{NodeId, Pages, Region};

use crate::engine::{Engine, ITEMS_AT_ONCE};
use crate::epoch::Epoch;
use crate::items::Item512;
use crate::light::LightCache;
use crate::work::share;

/// Items of 64 bytes that a thread takes at a time: a millisecond or so of work, after which it looks whether
/// the build was cancelled.
pub const ITEMS_PER_TASK: usize = 10 * ITEMS_AT_ONCE;

/// Everything a miner reads of an epoch: 1 GiB and 8 MiB more with each epoch.
#[derive(Debug)]
pub struct Dataset {
    epoch: Epoch,
    region: Region,
}

impl Dataset {
    /// Computes every item on `threads` threads, the caller's included. Progress counts items of 128 bytes.
    pub fn build(cache: &LightCache, threads: usize, progress: &Progress) -> Result<Self, HashError> {
        let mut dataset = Self::allocate(cache.epoch(), None)?;
        progress.begin(u64::from(cache.epoch().dataset_items()));
        let engine = Engine::fastest();
        let tasks = (0..).zip(dataset.items_512_mut().chunks_mut(ITEMS_PER_TASK));
        share(threads, progress, tasks, |(number, items)| {
            fill(cache, &engine, number * ITEMS_PER_TASK as u32, items);
            progress.add(items.len() as u64 / 2);
            Ok(())
        })?;
        Ok(dataset)
    }

    /// Memory for the dataset, all zero.
    pub(crate) fn allocate(epoch: Epoch, node: Option<NodeId>) -> Result<Self, HashError> {
        let bytes = usize::try_from(epoch.dataset_bytes());
        let bytes = bytes.map_err(|_| HashError::OutOfMemory { bytes: usize::MAX })?;
        Ok(Self { epoch, region: Region::allocate(bytes, Pages::Largest, node)? })
    }

    /// A copy on a NUMA node, for the threads there: reads from another node take longer. Progress counts items
    /// of 128 bytes.
    pub fn replicate(&self, node: NodeId, progress: &Progress) -> Result<Self, HashError> {
        let mut copy = Self::allocate(self.epoch, Some(node))?;
        progress.begin(u64::from(self.epoch.dataset_items()));
        let pairs =
            copy.items_512_mut().chunks_mut(ITEMS_PER_TASK).zip(self.items_512().chunks(ITEMS_PER_TASK));
        share(1, progress, pairs, |(to, from)| {
            to.copy_from_slice(from);
            progress.add(to.len() as u64 / 2);
            Ok(())
        })?;
        Ok(copy)
    }

    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Its memory, which knows what pages it was had on.
    pub const fn region(&self) -> &Region {
        &self.region
    }

    /// Items of 128 bytes.
    pub const fn items(&self) -> &[[Item512; 2]] {
        self.items_512().as_chunks().0
    }

    pub const fn items_512(&self) -> &[Item512] {
        self.region.words_u32().as_chunks().0
    }

    pub(crate) const fn items_512_mut(&mut self) -> &mut [Item512] {
        self.region.words_u32_mut().as_chunks_mut().0
    }
}

/// Computes consecutive items of 64 bytes, the first of them number `first`.
pub fn fill(cache: &LightCache, engine: &Engine, first: u32, items: &mut [Item512]) {
    let mut indexes = [0u32; ITEMS_AT_ONCE];
    let mut index = first;
    for items in items.chunks_mut(ITEMS_AT_ONCE) {
        for slot in &mut indexes[..items.len()] {
            *slot = index;
            index = index.wrapping_add(1);
        }
        cache.dataset_items_512(engine, &indexes[..items.len()], items);
    }
}
