//! What programs read once in an iteration: items of the dataset, looked up or computed.

use std::sync::Arc;

use crate::Key;
use crate::cache::Cache;
use crate::dataset::Dataset;

/// 64 bytes as eight words.
pub type Line = [u64; 8];

/// What a hasher holds of a key.
#[derive(Clone, Debug)]
pub enum SeedMemory {
    /// Computes dataset items as it goes: several times slower, with an eighth of the memory.
    Light(Arc<Cache>),
    Fast(Arc<Dataset>),
}

impl SeedMemory {
    pub fn key(&self) -> &Key {
        match self {
            Self::Light(cache) => cache.key(),
            Self::Fast(dataset) => dataset.key(),
        }
    }

    pub const fn is_fast(&self) -> bool {
        matches!(self, Self::Fast(_))
    }

    pub(crate) fn lines(&self) -> Memory<'_> {
        match self {
            Self::Light(cache) => Memory::Cache(cache),
            Self::Fast(dataset) => Memory::Dataset(dataset.lines()),
        }
    }
}

impl From<Arc<Cache>> for SeedMemory {
    fn from(cache: Arc<Cache>) -> Self {
        Self::Light(cache)
    }
}

impl From<Arc<Dataset>> for SeedMemory {
    fn from(dataset: Arc<Dataset>) -> Self {
        Self::Fast(dataset)
    }
}

/// The same, borrowed for a program.
#[derive(Clone, Copy, Debug)]
pub enum Memory<'a> {
    Dataset(&'a [Line]),
    Cache(&'a Cache),
}

impl Memory<'_> {
    /// The dataset items of these numbers.
    pub fn pair(&self, numbers: [u64; 2]) -> [Line; 2] {
        match self {
            Self::Dataset(lines) => numbers.map(|number| lines[number as usize]),
            Self::Cache(cache) => cache.items_of(numbers),
        }
    }
}
