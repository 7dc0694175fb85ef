//! The cache of a key: 256 MiB from Argon2d and eight superscalar programs. Alone it is enough to verify; the
//! dataset is computed from it.

use std::sync::Arc;

use otedama_hash_api::{HashError, Progress};
use otedama_memory::{NodeId, PageReport, Pages, Region};

use crate::Key;
use crate::argon::{self, Compressor};
#[cfg(target_arch = "x86_64")]
use crate::jit::ItemCode;
use crate::memory::Line;
use crate::parameters::{CACHE_ACCESSES, CACHE_BYTES, CACHE_LINES};
use crate::superscalar::SuperscalarProgram;

#[derive(Debug)]
pub struct Cache {
    key: Key,
    region: Region,
    programs: [SuperscalarProgram; CACHE_ACCESSES],
    /// Or why generated code cannot be had.
    #[cfg(target_arch = "x86_64")]
    item_code: Result<ItemCode, HashError>,
}

impl Cache {
    /// Takes about a second. `progress` counts blocks of 1 KiB.
    pub fn build(key: Key, node: Option<NodeId>, progress: &Progress) -> Result<Arc<Self>, HashError> {
        Self::build_with(key, node, Compressor::fastest(), progress)
    }

    pub(crate) fn build_with(
        key: Key,
        node: Option<NodeId>,
        compressor: Compressor,
        progress: &Progress,
    ) -> Result<Arc<Self>, HashError> {
        progress.begin(argon::TOTAL_BLOCKS);
        let mut region = Region::allocate(CACHE_BYTES, Pages::Largest, node)?;
        let blocks = region.words_u64_mut().as_chunks_mut().0;
        argon::fill(blocks, key.as_bytes(), compressor, progress)?;
        let programs = SuperscalarProgram::of_key(key.as_bytes());
        Ok(Arc::new(Self {
            #[cfg(target_arch = "x86_64")]
            item_code: ItemCode::compile(&programs),
            key,
            region,
            programs,
        }))
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

    #[cfg(target_arch = "x86_64")]
    pub(crate) const fn item_code(&self) -> Result<&ItemCode, &HashError> {
        self.item_code.as_ref()
    }

    /// Dataset items (specification chapter 7.3) of `N` numbers, computed step by step.
    pub(crate) fn items_of<const N: usize>(&self, numbers: [u64; N]) -> [Line; N] {
        const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
        const ADDENDS: Line = [
            0,
            9_298_411_001_130_361_340,
            12_065_312_585_734_608_966,
            9_306_329_213_124_626_780,
            5_281_919_268_842_080_866,
            10_536_153_434_571_861_004,
            3_398_623_926_847_679_864,
            9_549_104_520_008_361_294,
        ];
        let bases = numbers.map(|number| (number + 1).wrapping_mul(MULTIPLIER));
        let mut registers = ADDENDS.map(|addend| bases.map(|base| base ^ addend));
        let lines = self.lines();
        let mut addresses = numbers;
        for program in &self.programs {
            let mixed = addresses.map(|address| &lines[(address % CACHE_LINES) as usize]);
            program.run(&mut registers);
            for (i, register) in registers.iter_mut().enumerate() {
                for (word, line) in register.iter_mut().zip(mixed) {
                    *word ^= line[i];
                }
            }
            addresses = registers[program.address_register()];
        }
        core::array::from_fn(|lane| registers.map(|register| register[lane]))
    }

    /// Items numbered from `first`, by the fastest way there is.
    pub(crate) fn items(&self, first: u64, items: &mut [Line]) {
        #[cfg(target_arch = "x86_64")]
        if let Ok(code) = &self.item_code {
            code.items(self.lines(), first, items);
            return;
        }
        const LANES: usize = 8;
        for (numbers, items) in (first..).step_by(LANES).zip(items.chunks_mut(LANES)) {
            let computed = self.items_of(core::array::from_fn::<_, LANES, _>(|lane| numbers + lane as u64));
            items.copy_from_slice(&computed[..items.len()]);
        }
    }
}
