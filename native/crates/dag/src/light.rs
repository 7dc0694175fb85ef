//! The light cache: a chain of hashes, then three passes in which every item is hashed again with another one.
//! From it any item of the dataset can be computed.

use otedama_hash_api::{HashError, Progress};
use otedama_memory::{Pages, Region};

use crate::engine::{Engine, Parents};
use crate::epoch::{Epoch, Seed};
use crate::items::{Item512, Modulus, prefetch, to_u32_words, to_u64_words};

const ROUNDS: u64 = 3;

/// Items between two looks at the caller's wish to cancel: well under a millisecond.
const ITEMS_PER_CHECK: usize = 2048;

/// How many items ahead the building asks for the second input of an item, which its old content names.
const LOOKAHEAD: usize = 8;

/// What a verifier keeps of an epoch: 16 MiB and 128 KiB more with each epoch.
#[derive(Debug)]
pub struct LightCache {
    epoch: Epoch,
    region: Region,
    modulus: Modulus,
    /// Of the dataset, in items of 128 bytes.
    dataset_items: Modulus,
}

impl LightCache {
    /// One long chain of hashes: no second thread could help. Progress counts hashes.
    pub fn build(epoch: Epoch, progress: &Progress) -> Result<Self, HashError> {
        let count = epoch.light_items();
        progress.begin((ROUNDS + 1) * u64::from(count));
        let bytes =
            usize::try_from(epoch.light_bytes()).map_err(|_| HashError::OutOfMemory { bytes: usize::MAX })?;
        let mut region = Region::allocate(bytes, Pages::Largest, None)?;
        let modulus = Modulus::new(count);
        let builder = Builder { engine: Engine::fastest(), modulus, progress };
        let items = region.words_u32_mut().as_chunks_mut().0;
        builder.fill(items, &epoch.seed())?;
        for _ in 0..ROUNDS {
            builder.mix(items)?;
        }
        Ok(Self { epoch, region, modulus, dataset_items: Modulus::new(epoch.dataset_items()) })
    }

    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// What pages the memory was had on, for reports.
    pub const fn region(&self) -> &Region {
        &self.region
    }

    pub const fn items(&self) -> &[Item512] {
        self.region.words_u32().as_chunks().0
    }

    /// Items of 128 bytes in the dataset, as the divisor that turns a word of a mix into an item's number.
    pub const fn dataset_items(&self) -> Modulus {
        self.dataset_items
    }

    /// Items of 64 bytes of the dataset: `items[i]` becomes number `indexes[i]`, counted in 64 bytes. Many at
    /// once take little longer than one.
    pub fn dataset_items_512(&self, engine: &Engine, indexes: &[u32], items: &mut [Item512]) {
        let parents = Parents::new(self.items(), self.modulus, self.epoch.rules().parents);
        engine.compute(parents, indexes, items);
    }
}

struct Builder<'a> {
    engine: Engine,
    modulus: Modulus,
    progress: &'a Progress,
}

impl Builder<'_> {
    fn keccak512(&self, item: &Item512) -> Item512 {
        let mut digest = [[0u64; 8]];
        self.engine.keccak().hash_words(&[to_u64_words(item)], &mut digest);
        to_u32_words(&digest[0])
    }

    /// Reports `items` more hashes; an error if they should be the last.
    fn advance(&self, items: usize) -> Result<(), HashError> {
        self.progress.add(items as u64);
        if self.progress.is_cancelled() { Err(HashError::Cancelled) } else { Ok(()) }
    }

    /// Each item the hash of the one before it.
    fn fill(&self, items: &mut [Item512], seed: &Seed) -> Result<(), HashError> {
        let mut digest = [[0u64; 8]];
        let words = core::array::from_fn(|i| u64::from_le_bytes(seed.as_chunks().0[i]));
        self.engine.keccak().hash_words::<4, 8>(&[words], &mut digest);
        let mut item = to_u32_words(&digest[0]);
        for chunk in items.chunks_mut(ITEMS_PER_CHECK) {
            for slot in &mut *chunk {
                *slot = item;
                item = self.keccak512(&item);
            }
            self.advance(chunk.len())?;
        }
        Ok(())
    }

    /// Each item in turn the hash of the one before it and one chosen by its old content.
    fn mix(&self, items: &mut [Item512]) -> Result<(), HashError> {
        let count = items.len();
        let mut previous = items[count - 1];
        for start in (0..count).step_by(ITEMS_PER_CHECK) {
            let end = count.min(start + ITEMS_PER_CHECK);
            for index in start..end {
                if let Some(later) = items.get(index + LOOKAHEAD) {
                    prefetch(&raw const items[self.modulus.of(later[0]) as usize]);
                }
                let chosen = &items[self.modulus.of(items[index][0]) as usize];
                let mixed = core::array::from_fn(|word| previous[word] ^ chosen[word]);
                previous = self.keccak512(&mixed);
                items[index] = previous;
            }
            self.advance(end - start)?;
        }
        Ok(())
    }
}
